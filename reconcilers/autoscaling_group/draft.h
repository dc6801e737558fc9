// A plan about one group in the making.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "controller/plan/draft.h"

namespace holdfast::autoscaling_group {

inline constexpr size_t kMostForecast = 128;

// Steps of an earlier turn go first; those of one turn are independent of one another.
enum class Turn : uint8_t {
  kPutBack,   // what we put aside comes back
  kSuspend,   // what is to rest does so before anything else changes
  kSettings,  // what takes no instance away
  kShrink,    // what does
  kRoll,      // what replaces instances
};
inline constexpr size_t kTurns = 5;

class Draft : public PlanDraft {
 public:
  Draft() : PlanDraft(kMostForecast) {}

  void Add(Turn turn, Step step, std::string stage) {
    steps_[static_cast<size_t>(turn)].emplace_back(std::move(step), std::move(stage));
  }
  // What replaces instances does so with all of them together.
  void DeclareOutage() { roll_pace_ = Stage::Pace::kDeclaredOutage; }
  bool empty() const;
  // Those of the first turn that has one whose guards all pass.
  Plan Finish();
  // Nothing may go on facts that are not fresh: they are asked for, and what is to come back is waited for.
  Plan FinishForShow(std::string why);

 private:
  Stage::Pace roll_pace_ = Stage::Pace::kOneDisruptive;
  std::array<std::vector<std::pair<Step, std::string>>, kTurns> steps_;
};

}  // namespace holdfast::autoscaling_group
