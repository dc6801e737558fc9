#include "reconcilers/autoscaling_group/draft.h"

#include <algorithm>

#include "reconcilers/aws/inventory.h"

namespace holdfast::autoscaling_group {

bool Draft::empty() const {
  return std::ranges::all_of(steps_, [](const auto& turn) { return turn.empty(); });
}

Plan Draft::Finish() {
  if (!empty()) Ask(aws::Inventory::kFresh);
  Stage::Pace pace = Stage::Pace::kOneDisruptive;
  for (auto& turn : steps_) {
    const bool goes = !HasStepNow();
    const bool rolls = &turn == &steps_[static_cast<size_t>(Turn::kRoll)];
    std::vector<std::pair<Step, std::string>> later;
    for (auto& [step, stage] : turn) {
      const bool passes = goes && AllPass(step.guards);
      if (passes && rolls) pace = roll_pace_;
      if (passes)
        Now(std::move(step), stage);
      else
        later.emplace_back(std::move(step), std::move(stage));
    }
    for (auto& [step, stage] : later) Forecast(std::move(step), std::move(stage));
    turn.clear();
  }
  return PlanDraft::Finish(pace);
}

Plan Draft::FinishForShow(std::string why) {
  if (!empty()) Ask(aws::Inventory::kFresh);
  for (auto& turn : steps_) {
    for (const auto& [step, stage] : turn)
      if (!step.puts_back.empty())
        Wait({.on = Wait::On::kProgress, .name = RestoreName(step.puts_back), .detail = why});
    turn.clear();
  }
  return PlanDraft::Finish(Stage::Pace::kOneDisruptive);
}

}  // namespace holdfast::autoscaling_group
