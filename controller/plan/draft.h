// A plan in the making: what may go now, what is to come, what is waited for, and when to look again.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/plan.h"

namespace holdfast {

// Beyond so many a list of waits helps nobody.
inline constexpr size_t kMostWaits = 64;

// What every kind puts together in the same way. Which steps go at once is the kind's: it derives from this.
class PlanDraft {
 public:
  // Beyond `most_forecast` steps a forecast helps nobody.
  explicit PlanDraft(size_t most_forecast) : most_forecast_(most_forecast) {}

  // A step that cannot go before others have been seen to work, or one of whose guards does not pass.
  void Forecast(Step step, std::string stage);
  void Wait(holdfast::Wait wait);
  void Due(absl::Time at);
  void Ask(std::string_view what);
  Plan& plan() { return plan_; }
  bool HasStepNow() const { return !now_.empty(); }

 protected:
  // `stage` names the whole stage when it is the first.
  void Now(Step step, std::string stage);
  // What may go now is one stage, unless nothing may: then the forecast begins.
  Plan Finish(Stage::Pace pace);

 private:
  const size_t most_forecast_;
  Plan plan_;
  std::vector<Step> now_;
  std::string now_name_;
  std::vector<Stage> later_;
  size_t forecast_ = 0, more_waits_ = 0;
};

}  // namespace holdfast
