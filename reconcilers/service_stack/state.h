// What one look at a stack gave: for every target what its supervisor says and what it answers.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/observed.h"

namespace holdfast::stack {

// What the supervisor or the process table says.
enum class Life : uint8_t {
  kRunning,
  kStarting,  // the supervisor itself says that it is not up yet
  kStopping,
  kStopped,  // ended because someone asked for it
  kFailed,   // ended by itself
  kNever,    // has not run since its supervisor began
};

struct Process {
  Life life = Life::kNever;
  std::string incarnation;                    // of the living one, or of the last one; "" = cannot be told
  absl::Time started = absl::InfinitePast();  // by our clock; InfinitePast = not known
  absl::Time stopped = absl::InfinitePast();
  std::string word;     // the supervisor's own: "RUNNING", "inactive (dead)"
  std::string trouble;  // why it is not running, when the supervisor knows
  bool operator==(const Process&) const = default;
};

// What came back when it was asked for its service.
struct Answer {
  enum class Level : uint8_t {
    kNothingThere,  // refused by a host that is alive
    kConnects,      // accepts, and says nothing in time
    kStarting,      // says itself that it is not ready yet
    kServing,
    kWrong,  // answers, but not as demanded
  } level = Level::kNothingThere;
  // A probe from elsewhere cannot tell a dead process from a dead network.
  enum class Witness : uint8_t { kRemote, kOnHost } witness = Witness::kRemote;
  uint32_t failed_drives = 0;  // a DataNode's own; all of them, told by a NameNode
  std::string detail;
  int64_t missing_blocks = 0;  // a NameNode's
  bool operator==(const Answer&) const = default;
};

struct Seen {
  Observed<Process> process;
  Observed<Answer> answer;
  enum class Probing : uint8_t { kNoProbe, kProbed } probing = Probing::kNoProbe;
  bool operator==(const Seen&) const = default;
};

// What was found when a target in trouble was looked at more closely.
struct Finding {
  uint32_t target = 0;
  std::string diagnosis;  // descriptors, load, disk, last log lines: for people
  // The process that was looked at, named so that no other one can be hit by a signal; 0 = none was.
  int64_t pid = 0;
  std::string run;
  enum class Disk : uint8_t { kNotLooked, kHasRoom, kFull } disk = Disk::kNotLooked;
  // Processes of it that run outside of its supervisor.
  struct Orphan {
    int64_t pid = 0;
    std::string incarnation;  // "" = not known
    absl::Time since = absl::InfinitePast();
    bool operator==(const Orphan&) const = default;
  };
  std::vector<Orphan> orphans;
  std::string orphans_unknown;  // why they could not be looked for; "" = they were, or cannot be
  bool operator==(const Finding&) const = default;
};

struct State {
  uint64_t shape = 0;             // of the layout that was looked at
  std::vector<Seen> targets;      // as Layout::targets
  std::vector<Finding> findings;  // by target, only those in trouble
  // When the oldest was read that is believed from an earlier look; InfiniteFuture: all were read in this
  // one.
  absl::Time oldest = absl::InfiniteFuture();
  bool operator==(const State&) const = default;
};

// What a decision asks for when a step needs all of a stack to have been seen within kSeenWithin.
inline constexpr std::string_view kAskAll = "all";
inline constexpr absl::Duration kSeenWithin = absl::Seconds(3);

}  // namespace holdfast::stack
