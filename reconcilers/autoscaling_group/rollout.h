// How instances come to run what is declared, and whether it may begin or go on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/autoscaling_group/draft.h"
#include "reconcilers/autoscaling_group/picture.h"

namespace holdfast::autoscaling_group {

// What a decision writes into Plan::ask when it needs activities, refreshes and balancers.
inline constexpr std::string_view kAskGoings = "goings";
// The ledger's name for a downtime page that is up by our doing.
inline constexpr std::string_view kPageObject = "page";
// The key of the step that begins an instance refresh, before what it is begun for.
inline constexpr std::string_view kRefreshKey = "refresh instances#";
// An activity of somebody else is waited out for so long.
inline constexpr absl::Duration kForeignFor = absl::Minutes(5);

// Where a rollout stands, read from the group alone: nothing is remembered but what is put aside.
struct RolloutNow {
  std::string wanted;                   // "v2", or "web version 7"
  std::vector<const Instance*> old;     // run something else, and can be replaced
  std::vector<const Instance*> fresh;   // run what is wanted
  std::vector<const Instance*> spared;  // run something else, and are never terminated: Standby, protected
  size_t leaving = 0;                   // run something else, and are about to be gone

  std::string refused;      // why it does not begin; "" when it may
  std::string surprise;     // what went wrong since its first victim; "" when nothing did
  bool unresolved = false;  // what is wanted is not known yet: what rests stays at rest, and nothing goes on
  bool frozen = false;      // what would disturb it is to rest
  bool holds_launch = false;  // of `full`: nothing new may be launched while an old one is there
};
// Nothing when no rollout is declared.
std::optional<RolloutNow> LookAtRollout(const Picture& p);

// Why a process rests for the rollout; "" when it need not.
std::string RestsForRollout(const Picture& p, const std::optional<RolloutNow>& now, Process process);

// ── rules, each a sentence ──
// The group makes new instances from what is wanted.
Guard LaunchesWhatIsWanted(const Picture& p);
Guard ProcessesRest(const Picture& p, const RolloutNow& now);
Guard NobodyElseIsAtWork(const Picture& p);
Guard OthersServe(const Picture& p, const Instance& victim);
Guard FreshHaveSettled(const Picture& p, const RolloutNow& now);

// Nobody replaces instances at the moment: AWS runs one refresh of a group at a time, and none is ever
// cancelled or altered here.
Guard NoRefreshIsUnderWay(const Picture& p);
// What the refresh was begun for by us, or taken over for; "" when it is somebody else's.
std::string RefreshFor(const Picture& p, const Refresh& refresh);
// Null when none is, or it cannot be told.
const Refresh* RefreshUnderWay(const Picture& p);
// How our last one ended, when that was for what is wanted and not as it should; else "".
std::string RefreshEndedBadly(const Picture& p, const std::string& wanted);

// Begins an instance refresh, or goes along with one that wants the same.
void WantRefresh(const Picture& p, const RolloutNow& now, Draft& draft);
// The next victim and what is waited for.
void WantSerial(const Picture& p, const RolloutNow& now, Draft& draft);
// Page up, all old ones away, new ones in service, page down.
void WantFull(const Picture& p, const RolloutNow& now, Draft& draft);
// The guard of the switch to another launch: with `full` only once nobody can be launched or served, with
// `instanceRefresh` not under the hands of one that is under way.
std::optional<Guard> MaySwitch(const Picture& p, const std::optional<RolloutNow>& now);
// Of `full`, also when the spec is gone: the page comes down when everybody serves.
void BringPageDown(const Picture& p, Draft& draft);

Step TerminateStep(const Picture& p, const RolloutNow& now, const Instance& victim);
void ExplainRollout(const Picture& p, const RolloutNow& now, Draft& draft);

}  // namespace holdfast::autoscaling_group
