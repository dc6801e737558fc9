#include "reconcilers/dynamodb_table/draft.h"

#include <utility>

#include "reconcilers/aws/inventory.h"

namespace holdfast::dynamodb {
namespace {

constexpr size_t kMostForecast = 64;

}  // namespace

Draft::Draft(Facts facts) : PlanDraft(kMostForecast, Goes::kOneAtATime), facts_(facts) {}

void Draft::Add(Step step, std::string stage) {
  const bool goes = AllPass(step.guards);
  if (goes) Ask(aws::Inventory::kFresh);
  if (goes && facts_ == Facts::kOld) return;
  PlanDraft::Add(std::move(step), std::move(stage));
}

}  // namespace holdfast::dynamodb
