// A plan in the making: what may go now, what is to come, what is waited for, and when to look again.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/plan.h"

namespace holdfast {

// Beyond so many a list of waits helps nobody.
inline constexpr size_t kMostWaits = 64;

// What every kind puts together in the same way. A kind with more to say about which steps go at once derives
// from this.
class PlanDraft {
 public:
  enum class Goes : uint8_t { kEveryOne, kOneAtATime };
  // Beyond `most_forecast` steps a forecast helps nobody.
  explicit PlanDraft(size_t most_forecast, Goes goes = Goes::kEveryOne)
      : most_forecast_(most_forecast), goes_(goes) {}

  // A step whose guards all pass may go now, of kOneAtATime the first such; any other is a forecast under
  // `stage`.
  void Add(Step step, std::string stage);
  // A step that cannot go before others have been seen to work, or one of whose guards does not pass.
  void Forecast(Step step, std::string stage);
  void Wait(holdfast::Wait wait);
  void Due(absl::Time at);
  void Ask(std::string_view what);
  Plan& plan() { return plan_; }
  bool HasStepNow() const { return !now_.empty(); }
  // What may go now is one stage, unless nothing may: then the forecast begins.
  Plan Finish(Stage::Pace pace = Stage::Pace::kOneDisruptive);

 protected:
  // `stage` names the whole stage when it is the first.
  void Now(Step step, std::string stage);

 private:
  const size_t most_forecast_;
  const Goes goes_;
  Plan plan_;
  std::vector<Step> now_;
  std::string now_name_;
  std::vector<Stage> later_;
  size_t forecast_ = 0, more_waits_ = 0;
};

}  // namespace holdfast
