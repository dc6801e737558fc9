// What the journal holds: every durable fact of the controller, as values.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/kind/frame.h"
#include "controller/kind/systems.h"
#include "controller/plan/action.h"
#include "controller/plan/plan.h"

namespace holdfast {

// Written before the effect. The lease, when there is one, is opened in the same transaction.
struct Intent {
  ResourceKey resource;
  std::string step_key, verb, target;
  Action action;
  Danger danger = Danger::kDestructive;
  std::string why, revision, by, plan_digest, meter;
  std::optional<Lease> puts_aside;
  std::string puts_back;
  absl::Time at;
};

// Written after the effect; `intent` is the id that the commit of the intent gave.
struct IntentOutcome {
  int64_t intent = 0;
  Outcome outcome;
  absl::Time at;
};

struct LeaseClosed {
  ResourceKey resource;
  std::string object;
  std::string how;  // "restored", "found restored", "someone set another value"
  absl::Time at;
};

// The last good text of a resource: what release and a restart with a broken file go by.
struct SpecInForce {
  ResourceKey resource;
  std::string text;    // the document as JSON, normalised: decodes to the same spec
  std::string digest;  // of the normalised spec
  std::string head;    // of name, labels, policy and dependsOn
  std::string file, revision;
  int line = 0;
  int64_t generation = 0;  // raised when the digest changes
  absl::Time at;
};
struct SpecForgotten {  // the spec is gone and nothing of ours is left in the world
  ResourceKey resource;
};

struct SuspensionSet {
  ResourceKey resource;
  std::string owner, reason;
  absl::Time since, until;  // until may be infinite
};
struct SuspensionCleared {
  ResourceKey resource;
  std::string by;
  absl::Time at;
};

// The red switch. kFreeze also holds obligations.
struct StopAllSet {
  enum class Reach { kNone, kNewSteps, kFreeze } reach = Reach::kNone;
  std::string owner, reason;
  absl::Time since;
};

struct PinSet {
  ResourceKey resource;
  std::string name, value;
};

struct OperationMoved {
  ResourceKey target;
  std::string name;
  Past::Operation to;
};

// What a person let go with `apply`: these steps with these effects, once each.
struct ApprovalGiven {
  ResourceKey resource;
  std::string plan_digest, by;
  std::vector<std::pair<std::string, std::string>> steps;  // step key, action digest
  absl::Time at, until;
};
struct ApprovalSpent {
  ResourceKey resource;
};

// A line of history that is no action on the world: suspended, resumed, apply, a spec's change.
struct Noted {
  ResourceKey resource;
  std::string verb, line, why, revision, by;
  absl::Time at;
};

using Record =
    std::variant<Intent, IntentOutcome, LeaseClosed, SpecInForce, SpecForgotten, SuspensionSet,
                 SuspensionCleared, StopAllSet, PinSet, OperationMoved, ApprovalGiven, ApprovalSpent, Noted>;

// What is known of one resource after a restart.
struct Remembered {
  std::optional<SpecInForce> spec;
  Past past;  // attempts of the last 24 h, open leases, pins, operations
  std::optional<SuspensionSet> suspension;
  std::optional<ApprovalGiven> approval;
};
struct OpenIntent {
  int64_t id = 0;
  Intent intent;
};
struct Memory {
  std::map<ResourceKey, Remembered> resources;
  std::vector<OpenIntent> open_intents;  // without an outcome: it may or may not have happened
  StopAllSet stop_all;
  std::string epoch;  // changes with every start of a writer
};

struct HistoryEntry {
  int64_t id = 0;
  ResourceKey resource;
  std::string action, target, line;
  absl::Time intent_at = absl::InfinitePast(),
             outcome_at = absl::InfiniteFuture();  // no outcome: InfiniteFuture
  Outcome::Kind outcome = Outcome::Kind::kUnknown;
  std::string detail, why, revision, by, plan_digest;
};
struct HistoryQuery {
  std::string kind, name;  // "" = all
  absl::Time since = absl::InfinitePast();
  int64_t before_id = 0;  // 0 = from the newest; else entries with a smaller id (for paging)
  int limit = 100;        // at most 10,000
};

}  // namespace holdfast
