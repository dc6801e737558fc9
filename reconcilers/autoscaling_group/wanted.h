// What a spec wants of a group, as the requests that would set it.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "reconcilers/autoscaling_group/spec.h"

namespace holdfast::autoscaling_group {

// A policy, scheduled action or hook: put whole, by name.
struct WantedPart {
  std::string name;
  json::object parameters;  // of the request, without the group
};
WantedPart Wanted(const Policy& policy);
// Nothing when its only moment has passed. A start that lies behind is left out: AWS refuses it, and tells
// the next one in its place.
std::optional<WantedPart> Wanted(const ScheduledAction& action, absl::Time now);
WantedPart Wanted(const Hook& hook);

json::object WantedTag(const Tag& tag, const std::string& group);
json::object WantedTemplate(const LaunchTemplateChoice& choice);
// Health check and cooldown, as far as they are written.
json::object WantedSettings(const Spec& spec);

}  // namespace holdfast::autoscaling_group
