// A small world of processes under a clock that stands still, with as much of an engine as a plan needs.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/kind.h"
#include "reconcilers/service_stack/draft.h"
#include "reconcilers/service_stack/kind.h"

namespace holdfast::stack {

// ── specs in one line ──
struct ServiceOptions {
  ComponentName component = ComponentName::kGeneric;
  std::optional<ZombiePolicy> zombie;
  Boxed<OnManualStop> on_manual_stop;
  std::optional<bool> stateful;
  std::vector<std::string> needs, waits_for, retired;
  std::optional<int> max_unavailable;
  Boxed<absl::Duration> settle;
  bool probed = true;
};
// `hosts` = 0: one on this machine; else that many on 127.0.0.1 and following. Controlled by one supervisord,
// whose programs are called as the targets are.
Service ServiceNamed(std::string name, int hosts = 0, ServiceOptions options = {});
Spec StackOf(std::vector<std::vector<Service>> layers);
// Redis below three web workers below nginx.
Spec Site();
// The runbook's stack, small: every component that has rules of its own.
Spec Koverse();

struct ModelProcess {
  enum class Is { kNever, kStarting, kRunning, kStopping, kStopped, kExited } is = Is::kNever;
  int run = 0;
  absl::Time started = absl::InfinitePast(), stopped = absl::InfinitePast(),
             changes_at = absl::InfiniteFuture();
  absl::Duration start_takes = absl::Milliseconds(300), stop_takes = absl::Milliseconds(300);
  enum class Health { kServes, kFrozen, kSaysStarting, kWrong } health = Health::kServes;
  enum class Reach { kSeen, kUnknown } reach = Reach::kSeen;
  enum class Temper { kGood, kDiesAtOnce, kIgnoresTerm, kCannotBeKilled } temper = Temper::kGood;
  bool stray = false;  // something else answers in its place
  bool Alive() const { return is == Is::kStarting || is == Is::kRunning || is == Is::kStopping; }
  bool Serves() const { return is == Is::kRunning && health == Health::kServes; }
};

class Scene {
 public:
  explicit Scene(Spec spec);

  Spec spec;
  std::map<std::string, ModelProcess> world;  // by target
  absl::Duration believed;                    // looks believe an earlier one of so long ago; zero: none
  absl::Time now = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 12, 0, 0), absl::UTCTimeZone());
  Past past;
  Trail trail;
  std::vector<Finding> findings;
  Answer::Witness witness = Answer::Witness::kOnHost;
  int64_t missing_blocks = 0;
  std::map<std::string, uint32_t> failed_drives;  // by target
  Purpose purpose = Purpose::kConverge;
  std::vector<OperationIn<Restart>> operations;
  std::set<std::string> let_go;      // keys of steps to which a person said yes
  std::vector<std::string> effects;  // "start redis", in the order in which they took place
  std::vector<std::string> broken;   // rules of the ground truth that an effect broke

  const Layout& layout() const { return LayoutOf(spec); }
  ModelProcess& at(std::string_view target);
  // Everything runs and serves, since an hour.
  Scene& AllUp();
  Scene& AllDown();
  // Ends by itself, now.
  void Crash(std::string_view target);
  // Someone else's `supervisorctl stop`.
  void StopByHand(std::string_view target);

  void Pass(absl::Duration time);
  // Looks `times` times, a second apart, and decides on the last.
  Plan See(int times = 1);
  Plan Decide();
  // Performs what the engine would perform of the first stage; its outcomes are kDone unless the world
  // refuses.
  std::vector<std::string> Act(const Plan& plan);
  // What `holdfast apply` does.
  void LetGo(const Plan& plan);
  // Rounds until nothing is left to do and nothing is on its way, or `most` has passed. False when it did not
  // end.
  bool Settle(absl::Duration most = absl::Minutes(30));
  // Loses everything volatile, as a kill -9 would.
  void Forget() { trail = Trail(); }
  // A declared downtime of an hour from now, with a reason; an edit of the spec.
  void DeclareDown(absl::Duration ends_in = absl::Hours(1));
  void DeclareUp();

 private:
  void Advance();
  State Observe();
  void Perform(const Step& step);
  void CheckStart(uint32_t target);
  void CheckStop(uint32_t target, const Step& step);

  Fact<State> seen_ = Absent{};
};

// ── reading a plan ──
// Verbs and targets of the steps that the first stage lets go: "start redis".
std::vector<std::string> MayGo(const Plan& plan);
// The same of those that a person must let go.
std::vector<std::string> Proposed(const Plan& plan);
// All steps: "start redis".
std::vector<std::string> Steps(const Plan& plan);
// The guards of the first step for a target that do not pass, "name: evidence".
std::vector<std::string> Held(const Plan& plan, std::string_view target);
const Wait* FindWait(const Plan& plan, std::string_view name);
// For golden files.
std::string PlanText(const Plan& plan);

}  // namespace holdfast::stack
