// A plan about one cluster in the making: one step goes at a time.
#pragma once

#include "controller/plan/draft.h"

namespace holdfast::elasticsearch {

inline constexpr size_t kMostForecast = 256;

// Every change of settings rests on what is in force now, so one step goes at a time; the look after it
// decides anew.
class Draft : public PlanDraft {
 public:
  Draft() : PlanDraft(kMostForecast, Goes::kOneAtATime) {}
};

}  // namespace holdfast::elasticsearch
