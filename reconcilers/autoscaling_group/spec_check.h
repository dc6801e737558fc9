// Rules between fields of an AutoScalingGroup.
#pragma once

#include "reconcilers/autoscaling_group/spec.h"

namespace holdfast::autoscaling_group {

void CheckSize(const Size& size, const specs::Node& node, specs::Problems& problems);
void CheckLaunchConfiguration(const LaunchConfigurationChoice& choice, const specs::Node& node,
                              specs::Problems& problems);
void CheckTracking(const TrackingPolicy& policy, const specs::Node& node, specs::Problems& problems);
void CheckRollout(const Rollout& rollout, const specs::Node& node, specs::Problems& problems);
void CheckSpec(const Spec& spec, const specs::Node& node, specs::Problems& problems);

}  // namespace holdfast::autoscaling_group
