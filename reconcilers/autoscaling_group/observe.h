// One look at a group, by reads alone.
#pragma once

#include <memory>

#include "controller/base/task.h"
#include "controller/kind/resource.h"
#include "controller/kind/systems.h"
#include "reconcilers/autoscaling_group/spec.h"
#include "reconcilers/autoscaling_group/state.h"

namespace holdfast::autoscaling_group {

inline constexpr absl::Duration kLookDeadline = absl::Seconds(30);

// Unknown when the group itself cannot be told; each of its lists is known or not by itself.
Task<Observed<State>> LookAtGroup(Systems& systems, std::shared_ptr<const Spec> want, Look look);

}  // namespace holdfast::autoscaling_group
