// A group as AWS tells it, with the lists that belong to it.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/plan/observed.h"
#include "reconcilers/autoscaling_group/activity.h"
#include "reconcilers/aws/inventory.h"

namespace holdfast::autoscaling_group {

struct Instance {
  std::string id, lifecycle, health, zone;
  std::string launch_configuration;                          // either this …
  std::string template_name, template_id, template_version;  // … or these
  enum class Protection : uint8_t { kNone, kFromScaleIn } protection = Protection::kNone;

  bool IsInService() const { return lifecycle == "InService"; }
  bool IsHealthy() const { return health == "Healthy"; }
  // Set aside by somebody; it belongs to the group and is none of its capacity.
  bool IsStandby() const { return lifecycle == "Standby" || lifecycle == "EnteringStandby"; }
  bool IsLeaving() const { return lifecycle.starts_with("Terminat") || lifecycle.starts_with("Detach"); }
  bool operator==(const Instance&) const = default;
};

struct Group {
  std::string name, arn, status;  // a status is there only while it is being deleted
  int64_t min = 0, max = 0, desired = 0;
  std::vector<Instance> instances;
  std::map<std::string, std::string> suspended;  // process → why, in AWS' words
  aws::Item item;                                // the whole of it
};
// Unavailable when something is not there that every group has.
Result<Group> ReadGroup(aws::Item item);

// Policies, hooks or scheduled actions of one group, by name.
using Parts = std::map<std::string, aws::Item>;
// `list` is an array.
Result<Parts> ReadParts(const json::value& list, std::string_view name_member);

struct State {
  Group group;
  // Steps rest on a read of just this group; what a sweep told is good enough for showing.
  enum class Read : uint8_t { kSwept, kTargeted } read = Read::kSwept;
  Observed<Parts> policies{Unknown{"not asked for"}};
  Observed<Parts> scheduled_actions{Unknown{"not asked for"}};
  Observed<Parts> hooks{Unknown{"not asked for"}};
  Goings goings;
};

}  // namespace holdfast::autoscaling_group
