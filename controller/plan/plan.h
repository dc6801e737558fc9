// What Decide answers: differences, stages of steps, waits, and what others may read.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/plan/action.h"

namespace holdfast {

// The answer of a rule. The default cannot tell, and only a pass lets a step go.
struct Verdict {
  enum class Is { kCannotTell, kPass, kHold } is = Is::kCannotTell;
  std::string evidence;                  // the fact, not the rule: "2 of 3 members in sync"
  absl::Time at = absl::InfinitePast();  // when that fact was read
  bool operator==(const Verdict&) const = default;
};
inline Verdict Pass(std::string evidence, absl::Time at) {
  return {Verdict::Is::kPass, std::move(evidence), at};
}
inline Verdict Hold(std::string evidence, absl::Time at) {
  return {Verdict::Is::kHold, std::move(evidence), at};
}
inline Verdict CannotTell(std::string why, absl::Time at) {
  return {Verdict::Is::kCannotTell, std::move(why), at};
}

struct Guard {
  std::string_view name;  // a row of the kind's rule table: "redundancy left"
  Verdict verdict;
  bool operator==(const Guard&) const = default;
};

enum class Danger { kReversible, kDisruptive, kDestructive };

// A row of the ledger: what is put aside for a while and how it comes back. Committed together with the
// intent.
struct Lease {
  std::string object;  // "redis@127.0.0.1": one open lease per resource and object
  std::string before;  // the value found
  std::string wrote;   // the value we wrote; a restore never overwrites a third value
  Action restore;
  std::string why;
  bool operator==(const Lease&) const = default;
};

// The same effect at most `limit` times in `per`, at least `gap` apart. The engine counts attempts by `key`.
struct Meter {
  std::string key;
  int limit = 0;
  absl::Duration per, gap;
  bool operator==(const Meter&) const = default;
};

struct Step {
  std::string
      key;  // effect + incarnation: "stop cache/redis@127.0.0.1#4711@1763…"; repeats carry a new incarnation
  std::string verb;    // "stop"
  std::string target;  // "redis@127.0.0.1"
  Action action;
  Danger danger = Danger::kDestructive;
  // Whose word lets it go. kPerson: the mode is not enough; a person lets exactly this effect go with
  // `holdfast apply`, in every mode but `observe`, in which nothing goes. Consent is no part of the effect,
  // so the digest of a plan does not tell it. A step that must finish asks nobody: it ends an exposure that
  // was let begin.
  enum class Consent { kMode, kPerson } consent = Consent::kMode;
  std::vector<Guard> guards;                      // all kPass, or it is not performed
  std::vector<std::string> touches;               // "host:10.0.0.3": what budgets and windows count
  std::string why;                                // the difference or the obligation behind it, one sentence
  absl::Duration max_age = absl::Seconds(5);      // a disruptive step goes only on facts younger than this
  absl::Duration show_within = absl::Minutes(1);  // by then an observation must show the effect
  absl::Duration takes = absl::Minutes(1);        // deadline of the action itself
  enum class Duty {
    kOrdinary,
    kMustFinish
  } duty = Duty::kOrdinary;  // kMustFinish ends an exposure: passes mode,
                             // suspend, stop-all, windows
  std::optional<Lease> puts_aside;
  std::string puts_back;  // object of the open lease that this step restores
  std::string operation;  // name of the Operation that this step is part of
  std::optional<Meter> meter;
};

struct Stage {
  std::string name;
  std::vector<Step> steps;  // independent of one another
  // How many disruptive steps may be under way at once. A declared outage stops a whole layer together; in
  // every other case one at a time.
  enum class Pace { kOneDisruptive, kDeclaredOutage } pace = Pace::kOneDisruptive;
};

struct Diff {
  std::string path, want, seen;
  bool operator==(const Diff&) const = default;
};

// Why something does not move. `since` and the next look are the board's, by (on, name).
struct Wait {
  enum class On {
    kObservation,  // we do not know enough
    kGuard,        // a rule of the kind holds a step
    kGate,         // a rule of the engine holds a step: mode, suspend, backoff, …
    kDependency,   // another resource: name is KIND/NAME
    kProgress,     // it is under way: starting, settling, recovering by itself
    kHold,         // a person's hand on the box
    kHuman,        // nothing more can be done without a person
    kSpec,         // the declaration itself: broken, contradicting, expired
  } on = On::kGuard;
  std::string name;
  std::string detail;                         // the observed fact
  std::string evidence;                       // more of it, when there is more: diagnosis, last log lines
  std::string remedy;                         // what would release it, as a sentence or a line to paste
  absl::Time until = absl::InfiniteFuture();  // when it ends by itself, if it does
  bool operator==(const Wait&) const = default;
};
std::string_view OnText(Wait::On on);  // "observation", "guard", …

// Whether the thing does its work now, apart from whether all is as declared.
struct Readiness {
  enum class Is { kUnknown, kNo, kYes } is = Is::kUnknown;
  std::string reason = "NotObserved";  // CamelCase, stable: scripts read it
  std::string message;
  bool operator==(const Readiness&) const = default;
};

// How far an Operation on this resource is, as the world shows it.
struct OperationProgress {
  std::string name;
  enum class Phase { kPending, kRunning, kSucceeded, kFailed } phase = Phase::kPending;
  std::string message;
  bool operator==(const OperationProgress&) const = default;
};

struct Sample {
  std::string_view family;                                       // declared by the kind
  std::vector<std::pair<std::string_view, std::string>> labels;  // besides kind and name
  double value = 0;
  bool operator==(const Sample&) const = default;
};

// An empty plan (no stages) means settled. stages[0] may be performed now; the rest is a forecast.
struct Plan {
  Readiness readiness;
  std::vector<Diff> diffs;
  std::vector<Stage> stages;
  std::vector<Wait> waits;
  std::vector<OperationProgress> operations;
  // Open leases whose object is as it should be again (object, how it was found): the ledger's row is closed.
  // A lease that the plan names nowhere — not here, not in a step's puts_back, not in a wait "restore OBJECT"
  // — is restored by the engine with the action that the ledger holds.
  std::vector<std::pair<std::string, std::string>> restored;
  std::vector<std::pair<std::string, std::string>> outputs;  // for refs of others
  std::vector<std::pair<std::string, std::string>> pins;     // identities kept for good
  std::vector<Sample> samples;
  absl::Time look_again = absl::InfiniteFuture();
  // What this decision would need to know and the observation did not hold, in words of the kind's own. The
  // engine hands them to every further look until a decision no longer asks; a new one is looked for at once.
  std::vector<std::string> ask;
};

// What a wait for a lease to be restored is called: the lease stays open as long as the plan has it.
std::string RestoreName(std::string_view object);

bool AllPass(const std::vector<Guard>& guards);

// SHA-256 over stages, keys, actions, dangers and guard names; no evidence and no ages, so that a plan looked
// at twice has the same digest and an approval names exactly one effect.
std::string EffectDigest(const Plan& plan);

std::string_view DangerText(Danger danger);    // "reversible", …
std::string_view VerdictText(Verdict::Is is);  // "pass", "hold", "cannotTell"

}  // namespace holdfast
