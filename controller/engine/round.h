// The pure half of a round: what may go now, and what is told of the rest.
#pragma once

#include <memory>
#include <vector>

#include "controller/engine/board.h"
#include "controller/engine/gates.h"
#include "controller/plan/plan.h"

namespace holdfast {

struct Choice {
  std::vector<size_t> go;                     // indices into plan.stages[0].steps
  std::vector<Wait> waits;                    // the plan's own, the guards' and the gates'
  std::vector<std::vector<ShownGate>> gates;  // for each step of stage 0: the gates that do not pass
  absl::Time look_again = absl::InfiniteFuture();
  enum class Look { kAsPlanned, kFreshNow } look = Look::kAsPlanned;  // a step waits only for a fresher look
  enum class WaitsFor {
    kNoTurn,
    kItsTurn
  } waits_for = WaitsFor::kNoTurn;  // a step, at the other side's rate
};

// Which steps of the first stage go: all guards and gates pass, and of the disruptive ones only the first
// unless the stage is a declared outage.
Choice Choose(const Plan& plan, const GateFacts& facts);

}  // namespace holdfast
