#include "controller/kind/frame.h"

namespace holdfast {

std::string_view PhaseText(OperationPhase phase) {
  switch (phase) {
    case OperationPhase::kPending:
      return "Pending";
    case OperationPhase::kRunning:
      return "Running";
    case OperationPhase::kSucceeded:
      return "Succeeded";
    case OperationPhase::kFailed:
      return "Failed";
    case OperationPhase::kExpired:
      return "Expired";
    case OperationPhase::kWithdrawn:
      return "Withdrawn";
  }
  return "Pending";
}

}  // namespace holdfast
