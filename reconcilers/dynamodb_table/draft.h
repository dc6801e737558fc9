// A plan about one table in the making: DynamoDB takes one change at a time.
#pragma once

#include <string>
#include <utility>

#include "controller/plan/draft.h"
#include "reconcilers/aws/inventory.h"

namespace holdfast::dynamodb {

inline constexpr size_t kMostForecast = 64;

class Draft : public PlanDraft {
 public:
  // Whether what is known of the table is young enough to act on.
  enum class Facts : uint8_t { kFresh, kOld };
  explicit Draft(Facts facts) : PlanDraft(kMostForecast, Goes::kOneAtATime), facts_(facts) {}

  // On old facts no step goes: fresh ones are asked for when there is one that would.
  void Add(Step step, std::string stage) {
    const bool goes = AllPass(step.guards);
    if (goes) Ask(aws::Inventory::kFresh);
    if (goes && facts_ == Facts::kOld) return;
    PlanDraft::Add(std::move(step), std::move(stage));
  }

 private:
  const Facts facts_;
};

}  // namespace holdfast::dynamodb
