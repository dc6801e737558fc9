#include "reconcilers/autoscaling_group/activity.h"

#include <algorithm>
#include <array>
#include <functional>

#include "reconcilers/clients/aws/document.h"

namespace holdfast::autoscaling_group {

using aws::ListAt;
using aws::TextAt;

Result<std::vector<Activity>> ReadActivities(const json::value& answer) {
  const auto list = ListAt(answer, "Activities");
  if (!list) return Unavailable("the answer has no Activities");
  std::vector<Activity> activities;
  for (const json::value* one : *list) {
    const auto status = TextAt(*one, "StatusCode");
    const auto start = aws::TimeAt(*one, "StartTime");
    if (!status || !start) return Unavailable("an activity is told without its status or start");
    activities.push_back({.id = TextAt(*one, "ActivityId").value_or(""),
                          .description = TextAt(*one, "Description").value_or(""),
                          .cause = TextAt(*one, "Cause").value_or(""),
                          .status = *status,
                          .message = TextAt(*one, "StatusMessage").value_or(""),
                          .start = *start});
  }
  return activities;
}

bool Refresh::IsUnderWay() const {
  constexpr std::array<std::string_view, 5> kUnderWay = {"Pending", "InProgress", "Cancelling",
                                                         "RollbackInProgress", "Baking"};
  return std::ranges::count(kUnderWay, status) > 0;
}

Result<std::vector<Refresh>> ReadRefreshes(const json::value& answer) {
  const auto list = ListAt(answer, "InstanceRefreshes");
  if (!list) return Unavailable("the answer has no InstanceRefreshes");
  const auto object_at = [](const json::value& one, std::string_view member) {
    const json::value* found = aws::At(one, member);
    return found != nullptr && found->is_object() ? found->get_object() : json::object();
  };
  std::vector<Refresh> refreshes;
  for (const json::value* one : *list) {
    const auto id = TextAt(*one, "InstanceRefreshId"), status = TextAt(*one, "Status");
    if (!id || !status) return Unavailable("an instance refresh is told without its id or status");
    refreshes.push_back({.id = *id,
                         .status = *status,
                         .reason = TextAt(*one, "StatusReason").value_or(""),
                         .start = aws::TimeAt(*one, "StartTime").value_or(absl::InfiniteFuture()),
                         .percent = aws::WholeAt(*one, "PercentageComplete").value_or(0),
                         .left = aws::WholeAt(*one, "InstancesToUpdate").value_or(0),
                         .preferences = object_at(*one, "Preferences"),
                         .desired = object_at(*one, "DesiredConfiguration")});
  }
  std::ranges::sort(refreshes, std::ranges::greater(), &Refresh::start);
  return refreshes;
}

Result<Health> ReadInstanceHealth(const json::value& answer) {
  const auto list = ListAt(answer, "InstanceStates");
  if (!list) return Unavailable("the answer has no InstanceStates");
  Health health;
  for (const json::value* one : *list) {
    const auto id = TextAt(*one, "InstanceId"), state = TextAt(*one, "State");
    if (!id || !state) return Unavailable("an instance is told without its id or state");
    health.states[*id] = *state;
  }
  return health;
}

Result<Health> ReadTargetHealth(const json::value& answer) {
  const auto list = ListAt(answer, "TargetHealthDescriptions");
  if (!list) return Unavailable("the answer has no TargetHealthDescriptions");
  Health health;
  for (const json::value* one : *list) {
    const auto id = TextAt(*one, "Target.Id"), state = TextAt(*one, "TargetHealth.State");
    if (!id || !state) return Unavailable("a target is told without its id or state");
    // One instance may be a target on several ports: all must be well.
    std::string& known = health.states[*id];
    if (known.empty() || known == "healthy") known = *state;
  }
  return health;
}

}  // namespace holdfast::autoscaling_group
