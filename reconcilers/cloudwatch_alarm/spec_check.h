// What is wrong with an alarm's spec beyond its single fields.
#pragma once

#include "reconcilers/cloudwatch_alarm/spec.h"
#include "specs/problem.h"

namespace holdfast::alarm {

// Errors for what the service refuses; warnings for alarms that never can get data.
void CheckSpec(const Spec& spec, const specs::Node& node, specs::Problems& problems);

}  // namespace holdfast::alarm
