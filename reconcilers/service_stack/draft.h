// A plan in the making: what may go now, what is to come, and what is waited for.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/draft.h"
#include "reconcilers/service_stack/picture.h"
#include "reconcilers/service_stack/rules.h"

namespace holdfast::stack {

// Starts that are sent in one stage: a whole layer, but not a storm.
inline constexpr size_t kMaxStartsAtOnce = 256;
// Beyond these a forecast helps nobody.
inline constexpr size_t kMaxForecastSteps = 512;
// How soon to look again while something is on its way, and just after we did something.
inline constexpr absl::Duration kCadence = absl::Seconds(1);
inline constexpr absl::Duration kQuickCadence = absl::Milliseconds(100);
inline constexpr absl::Duration kQuickFor = absl::Seconds(10);

class Draft : public PlanDraft {
 public:
  explicit Draft(const Picture& picture) : PlanDraft(kMaxForecastSteps), picture_(picture) {}

  // A step whose guards all pass may go now; any other is a forecast under `stage`.
  void Add(Step step, std::string stage);
  void DueSoon();  // something is on its way
  // Whether something that disturbs is in the plan already, as a step that may go.
  bool HasDisruption() const { return disruptive_; }
  Plan Finish(Stage::Pace pace);

 private:
  const Picture& picture_;
  size_t starts_ = 0;
  bool disruptive_ = false;
};

// ── steps; keys and guards filled in ──
Step StartStep(const Picture& picture, uint32_t target, std::string why);
// `verb` is one of kStopVerb, kRestartStopVerb, kZombieStopVerb; the last two put aside.
Step StopStep(const Picture& picture, uint32_t target, std::string_view verb, std::vector<Guard> guards,
              std::string why);
std::optional<Step> KillStep(const Picture& picture, uint32_t target, std::string why);

}  // namespace holdfast::stack
