// A plan about one cluster in the making: one step goes at a time.
#pragma once

#include <string>
#include <utility>

#include "controller/plan/draft.h"

namespace holdfast::elasticsearch {

inline constexpr size_t kMostForecast = 256;

// Every change of settings rests on what is in force now, so one step goes at a time; the look after it
// decides anew.
class Draft : public PlanDraft {
 public:
  Draft() : PlanDraft(kMostForecast) {}

  // The first step whose guards all pass may go now; any other is a forecast under `stage`.
  void Add(Step step, std::string stage) {
    if (HasStepNow() || !AllPass(step.guards))
      Forecast(std::move(step), std::move(stage));
    else
      Now(std::move(step), std::move(stage));
  }
  Plan Finish() { return PlanDraft::Finish(Stage::Pace::kOneDisruptive); }
};

}  // namespace holdfast::elasticsearch
