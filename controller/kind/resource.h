// One spec in force, as the engine holds it without knowing its kind.
#pragma once

#include <absl/time/time.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/task.h"
#include "controller/kind/frame.h"
#include "controller/kind/systems.h"
#include "controller/plan/plan.h"

namespace holdfast {

// How fresh the engine wants a look to be.
struct Look {
  ResourceKey self;                   // whom a shared client wakes
  absl::Time not_older_than;          // everything that is relied upon was asked for at or after this
  absl::Time touched_not_older_than;  // the same for `touched`: at or after the last write
  // Somebody waits for facts as young as this: a step that was held for their age, a person, an event. A
  // routine look demands nothing, and a shared listing that is not older than its own interval will do.
  absl::Time demanded = absl::InfinitePast();
  std::vector<std::string> touched;  // Step::target of what was acted upon since the last look
  std::vector<std::string> ask;      // Plan::ask of the last decision: costs reads, so only what is named

  bool Asks(std::string_view what) const { return std::find(ask.begin(), ask.end(), what) != ask.end(); }
};

// An Operation whose want is still erased.
struct ErasedOperation {
  std::string name, digest, reason;
  std::shared_ptr<const void> want;  // K::Operation of the target's kind
  absl::Time not_after = absl::InfiniteFuture();
  OperationPhase phase = OperationPhase::kPending;
};

enum class Sight { kKnown, kAbsent, kUnknown };

// What one look gave. Lives no longer than its Resource.
class Sighting {
 public:
  virtual ~Sighting() = default;
  virtual Sight sight() const = 0;
  virtual absl::Time at() const = 0;               // when the reads were sent; InfinitePast when unknown
  virtual std::string unknown_reason() const = 0;  // "" unless unknown
  // Pure, total, deterministic. An unknown sighting gives a plan with no steps and one wait.
  virtual Plan Decide(const Frame& frame) const = 0;
};

class Resource {
 public:
  virtual ~Resource() = default;
  // Reads and decides nothing. The streaks have counted this sighting when it returns.
  virtual Task<std::unique_ptr<Sighting>> Observe(Look look) = 0;
  // The streaks are lost: what was proven by repetition is not proven any more.
  virtual void Forget() = 0;
  // Replaces the operations that Decide is given; spent ones are left out by the engine.
  virtual void SetOperations(std::vector<ErasedOperation> operations) = 0;
};

}  // namespace holdfast
