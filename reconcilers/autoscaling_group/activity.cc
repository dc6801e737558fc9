#include "reconcilers/autoscaling_group/activity.h"

#include "controller/base/text.h"
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

Result<std::string> ReadActiveRefresh(const json::value& answer) {
  const auto list = ListAt(answer, "InstanceRefreshes");
  if (!list) return Unavailable("the answer has no InstanceRefreshes");
  for (const json::value* one : *list) {
    const auto status = TextAt(*one, "Status");
    if (!status) return Unavailable("an instance refresh is told without its status");
    for (const std::string_view active :
         {"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"})
      if (*status == active) return Cat(TextAt(*one, "InstanceRefreshId").value_or("one"), " is ", active);
  }
  return std::string();
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
