// What a decision may know besides the spec and the world: the past, the purpose and the time.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/plan/doors.h"
#include "controller/plan/plan.h"

namespace holdfast {

struct Attempt {
  std::string key;    // the step's
  std::string meter;  // the meter's key, or "" when the step had none
  absl::Time sent;
  Outcome outcome;     // kUnknown until it came back
  std::string target;  // the step's
};

// An Operation's life as the engine keeps it. Expired, Withdrawn, Succeeded and Failed are for good.
enum class OperationPhase { kPending, kRunning, kSucceeded, kFailed, kExpired, kWithdrawn };
std::string_view PhaseText(OperationPhase phase);
inline bool IsSpent(OperationPhase phase) {
  return phase != OperationPhase::kPending && phase != OperationPhase::kRunning;
}

// Engine-owned and durable: attempts may delay, escalate or suppress a step, never prove one.
struct Past {
  std::vector<Attempt> attempts;  // of the last 24 h, oldest first
  std::vector<Lease> open;        // what is put aside now
  absl::btree_map<std::string, std::string> pins;
  struct Operation {
    OperationPhase phase = OperationPhase::kPending;
    std::string digest;  // of the Operation's spec: another digest under the same name is a new one
    absl::Time since;
    std::string message;
  };
  absl::btree_map<std::string, Operation> operations;
};

// kRelease: the spec is gone, suspended or reverted to nothing; put back what is ours, begin nothing.
// kPrune: the spec is gone and said `prune: true` while it existed.
enum class Purpose { kConverge, kRelease, kPrune };

struct Frame {
  absl::Time now;
  Purpose purpose = Purpose::kConverge;
  const Past& past;
  const std::map<std::string, std::string>& refs;  // "KIND/NAME.output" → value
};

}  // namespace holdfast
