// What went on in a group, and how its load balancers find its instances.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/plan/observed.h"

namespace holdfast::autoscaling_group {

struct Activity {
  std::string id, description, cause, status, message;
  absl::Time start;
  bool IsUnderWay() const { return status != "Successful" && status != "Failed" && status != "Cancelled"; }
  bool operator==(const Activity&) const = default;
};
// Newest first, as AWS tells them.
Result<std::vector<Activity>> ReadActivities(const json::value& answer);

// The instance refreshes of a group, as far back as AWS tells them.
struct Refresh {
  std::string id, status, reason;
  absl::Time start = absl::InfiniteFuture();  // not told while it is Pending
  int64_t percent = 0, left = 0;
  json::object preferences, desired;  // as AWS tells them; empty when it tells none
  bool IsUnderWay() const;
  // It came to an end, and not to the one that it was begun for.
  bool EndedBadly() const { return !IsUnderWay() && status != "Successful"; }
  bool operator==(const Refresh&) const = default;
};
// Newest first.
Result<std::vector<Refresh>> ReadRefreshes(const json::value& answer);

// How one balancer or target group finds each instance, in its own words.
struct Health {
  std::map<std::string, std::string> states;  // by instance id; what is not in it is not registered
  bool Finds(const std::string& instance) const {
    const auto found = states.find(instance);
    return found != states.end() && (found->second == "InService" || found->second == "healthy");
  }
  bool operator==(const Health&) const = default;
};
Result<Health> ReadInstanceHealth(const json::value& answer);  // elb DescribeInstanceHealth
Result<Health> ReadTargetHealth(const json::value& answer);    // elbv2 DescribeTargetHealth

// What a rollout needs to know besides. Read only when it is asked for.
struct Goings {
  Observed<std::vector<Activity>> activities{Unknown{"not asked for"}};
  Observed<std::vector<Refresh>> refreshes{Unknown{"not asked for"}};
  std::map<std::string, Observed<Health>> balancers;  // by name or ARN: all that the group is attached to
};

}  // namespace holdfast::autoscaling_group
