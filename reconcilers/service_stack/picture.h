// One round's view of a stack: where every target stands, what we did to it, and what that adds up to.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/frame.h"
#include "controller/plan/plan.h"
#include "reconcilers/service_stack/ladder.h"
#include "reconcilers/service_stack/layers.h"
#include "reconcilers/service_stack/state.h"

namespace holdfast::stack {

// What the journal says that we did to one target. Refused attempts are left out: nothing happened.
struct Deeds {
  const Attempt* stop = nullptr;  // the last one that ends it: stop, restart-stop, zombie-stop, kill
  const Attempt* start = nullptr;
  const Lease* lease = nullptr;  // it is put aside by us
  int starts_in_budget = 0;
  absl::Time oldest_start_in_budget = absl::InfiniteFuture();
};

// Why a target that is not running is not running.
enum class Cause : uint8_t {
  kRuns,  // it does, or nobody knows
  kNeverRan,
  kByUs,
  kByHand,  // someone else asked for it
  kByItself,
};

struct Tally {
  int settled = 0, up = 0, unknown = 0, lost = 0, unavailable = 0,
      busy = 0;  // of its members; up includes settled
};

enum class LossClass : uint8_t { kNone, kNeedsHuman, kPossibleLoss };

struct Loss {
  LossClass is = LossClass::kNone;
  std::string detail;
  uint32_t service = 0;
};

struct Picture {
  const Spec& want;
  const Layout& layout;
  const State& seen;
  const Trail& trail;
  const Frame& frame;
  absl::Time at;  // when the reads were sent
  Wanted wanted = Wanted::kUp;
  std::vector<Standing> standing;  // by target, as are the next two
  std::vector<Cause> cause;
  std::vector<Deeds> deeds;
  std::vector<Tally> tally;      // by service
  std::vector<Verdict> ready;    // by service: ready by its rule, and settled
  std::vector<Verdict> below;    // by layer: everything below it is ready
  std::vector<Verdict> stopped;  // by layer: everything in it and above is proven stopped
  Loss loss;                     // the worst one known
  Loss possible_loss;            // the same if everything unknown were lost

  const Target& target(uint32_t t) const { return layout.targets[t]; }
  const Resolved& service(uint32_t t) const { return layout.ServiceOf(t); }
  bool Counts(uint32_t t) const { return layout.targets[t].member == Target::Member::kCounts; }
  const Finding* finding(uint32_t t) const;
};

Picture Look(const Spec& want, const Known<State>& seen, const Trail& trail, const Frame& frame);

// The spec's value with its downtime taken into account.
Wanted WantedNow(const Spec& spec, absl::Time now);
// Of a stack that is wanted down: the reason that its spec gives, and until when.
std::string WhyDown(const Spec& spec);

// The part of a step's key between verb and incarnation, and after it.
std::string_view TargetOfKey(std::string_view key);
std::string_view IncarnationOfKey(std::string_view key);
std::string_view VerbOfKey(std::string_view key);
// Whether both name the same run of a process. A supervisord that has stopped a program no longer tells its
// pid.
bool SameRun(std::string_view one, std::string_view other);

// What the supervisor says; a default one when unknown. For words and for matching, never for a proof.
const Process& ProcessOf(const Seen& seen);
const Answer& AnswerOf(const Seen& seen);
// When that was asked, or InfinitePast.
absl::Time ProcessAt(const Seen& seen);
// Why it is not known, or "".
std::string UnknownReason(const Seen& seen);

// "pid 4711 since 2026-11-21T09:35:58Z, outside of its supervisor".
std::string OrphansText(const Finding& finding);

// It was told to end, and is given time to.
bool ToldToStop(const Picture& picture, uint32_t t);
bool StopIsOverdue(const Picture& picture, uint32_t t);
absl::Time StopDeadline(const Picture& picture, uint32_t t);
bool IsSettled(const Picture& picture, uint32_t t);
absl::Time StoppedAt(const Picture& picture, uint32_t t);
// A person's stop that is still to be left alone.
bool IsHeldByHand(const Picture& picture, uint32_t t);
inline constexpr std::string_view kStopVerb = "stop";
inline constexpr std::string_view kRestartStopVerb = "restart-stop";
inline constexpr std::string_view kZombieStopVerb = "zombie-stop";
inline constexpr std::string_view kKillVerb = "kill";
inline constexpr std::string_view kStartVerb = "start";

}  // namespace holdfast::stack
