// What the controller must be allowed to do for a group.
#pragma once

#include <span>

#include "reconcilers/aws/need.h"

namespace holdfast::autoscaling_group {

std::span<const aws::Need> Needs();

}  // namespace holdfast::autoscaling_group
