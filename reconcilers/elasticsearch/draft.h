// A plan in the making: one step that may go now, what is to come, and what is waited for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/plan.h"

namespace holdfast::elasticsearch {

inline constexpr size_t kMostForecast = 256;
inline constexpr size_t kMostWaits = 64;

// Every change of settings rests on what is in force now, so one step goes at a time; the look after it
// decides anew.
class Draft {
 public:
  // The first step whose guards all pass may go now; any other is a forecast under `stage`.
  void Add(Step step, std::string stage);
  // One that cannot go before others have been seen to work.
  void Forecast(Step step, std::string stage);
  void Wait(holdfast::Wait wait);
  void Due(absl::Time at);
  void Ask(std::string_view what);
  Plan& plan() { return plan_; }
  bool HasStepNow() const { return !now_.empty(); }
  Plan Finish();

 private:
  Plan plan_;
  std::vector<Step> now_;
  std::string now_name_;
  std::vector<Stage> later_;
  size_t forecast_ = 0, more_waits_ = 0;
};

// What a wait for a lease to be restored is called; the engine keeps the lease open as long as it is there.
std::string RestoreName(std::string_view object);

}  // namespace holdfast::elasticsearch
