// How far up the ladder from "no process" to "serves" a target stands.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "reconcilers/service_stack/state.h"

namespace holdfast::stack {

// What repeated sightings of one target have shown. Times are those of the sightings, not of the counting.
struct Streak {
  uint64_t incarnation = 0;                      // of the living one; 0 while there is none
  absl::Time process_at = absl::InfinitePast();  // the newest sightings counted
  absl::Time answer_at = absl::InfinitePast();
  absl::Time up_since = absl::InfiniteFuture();      // has served without a break since
  absl::Time silent_since = absl::InfiniteFuture();  // has been alive without serving since
  absl::Time dead_since = absl::InfiniteFuture();
  absl::Time alive_since =
      absl::InfinitePast();  // when it was seen to come to life; InfinitePast = before we looked
  uint32_t silent = 0;       // consecutive sightings: alive, asked, not served
  enum class Served : uint8_t { kNever, kInThisLife } served = Served::kNever;
  enum class Ran : uint8_t { kNotSeen, kSeen } ran = Ran::kNotSeen;  // seen alive in any life
  bool operator==(const Streak&) const = default;
};

struct Trail {
  uint64_t shape = 0;
  std::vector<Streak> streaks;  // as State::targets
  bool operator==(const Trail&) const = default;
};

// Counts each sighting once. Streaks begin anew when the targets are not the same ones any more.
Trail Fold(Trail trail, const std::variant<Known<State>, Absent>& seen);

// Fewer than this many failed answers in a row prove nothing.
inline constexpr uint32_t kSilentSightings = 3;

enum class Standing : uint8_t {
  kUnknown,  // not observed, or the only witness is far away
  kMissing,  // its supervisor has proven not to know it
  kNever,    // not running, and has not run yet
  kDown,     // not running
  kForeign,  // its supervisor says "not running", and yet something answers in its place
  kStopping,
  kStarting,
  kSilent,  // alive and not serving, not yet proven by repetition
  kZombie,  // alive and not serving, proven on its host
  kWrong,   // answers, but not as demanded
  kUp,
};
std::string_view StandingText(Standing standing);

// Pure. `start_timeout` is how long a process that has not served yet may take.
Standing Judge(const Seen& seen, const Streak& streak, absl::Duration start_timeout, absl::Time now);

inline bool IsAlive(Standing s) { return s >= Standing::kStopping; }
inline bool IsProvenDead(Standing s) { return s == Standing::kNever || s == Standing::kDown; }

}  // namespace holdfast::stack
