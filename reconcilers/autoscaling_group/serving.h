// Whether an instance serves: in service, healthy, and found healthy by every balancer of its group.
#pragma once

#include <string>
#include <vector>

#include "reconcilers/autoscaling_group/state.h"

namespace holdfast::autoscaling_group {

struct Serving {
  enum class Is : uint8_t { kCannotTell, kYes, kNo } is = Is::kCannotTell;
  std::string why;  // "i-1: web finds it OutOfService"
};
Serving ServingOf(const State& state, const Instance& instance);

// The names and ARNs of what the group is attached to.
std::vector<std::string> ClassicBalancers(const Group& group);
std::vector<std::string> TargetGroups(const Group& group);

}  // namespace holdfast::autoscaling_group
