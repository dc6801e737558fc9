#include "controller/plan/draft.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {

void PlanDraft::Add(Step step, std::string stage) {
  const bool waits_its_turn = goes_ == Goes::kOneAtATime && HasStepNow();
  if (!waits_its_turn && AllPass(step.guards))
    Now(std::move(step), std::move(stage));
  else
    Forecast(std::move(step), std::move(stage));
}

void PlanDraft::Now(Step step, std::string stage) {
  if (now_.empty()) now_name_ = std::move(stage);
  now_.push_back(std::move(step));
}

void PlanDraft::Forecast(Step step, std::string stage) {
  // What ends an exposure is always there, because the engine reads from the plan whether it is still due.
  if (++forecast_ > most_forecast_ && step.puts_back.empty()) return;
  const auto found =
      std::find_if(later_.begin(), later_.end(), [&](const Stage& have) { return have.name == stage; });
  Stage& into = found != later_.end() ? *found : later_.emplace_back(Stage{.name = std::move(stage)});
  into.steps.push_back(std::move(step));
}

void PlanDraft::Wait(holdfast::Wait wait) {
  if (wait.until != absl::InfiniteFuture()) Due(wait.until);
  if (plan_.waits.size() >= kMostWaits && !wait.name.starts_with(RestoreName(""))) {
    ++more_waits_;
    return;
  }
  plan_.waits.push_back(std::move(wait));
}

void PlanDraft::Due(absl::Time at) { plan_.look_again = std::min(plan_.look_again, at); }

void PlanDraft::Ask(std::string_view what) {
  if (std::find(plan_.ask.begin(), plan_.ask.end(), what) == plan_.ask.end()) plan_.ask.emplace_back(what);
}

Plan PlanDraft::Finish(Stage::Pace pace) {
  if (!now_.empty())
    plan_.stages.push_back({.name = std::move(now_name_), .steps = std::move(now_), .pace = pace});
  for (Stage& stage : later_) {
    stage.pace = pace;
    plan_.stages.push_back(std::move(stage));
  }
  if (more_waits_ > 0)
    plan_.waits.push_back({.on = holdfast::Wait::On::kProgress,
                           .name = "more",
                           .detail = Cat(more_waits_, " more like these")});
  return std::move(plan_);
}

}  // namespace holdfast
