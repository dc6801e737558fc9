// The calls that make a launch configuration, and how one differs from a spec.
#pragma once

#include <string>
#include <vector>

#include "controller/plan/action.h"
#include "controller/plan/plan.h"
#include "reconcilers/launch_configuration/spec.h"
#include "reconcilers/launch_configuration/state.h"

namespace holdfast::launch {

AwsCall CreateCall(const Spec& spec, const std::string& image);
// An image's name is unique in its account and region: a second one of that name is refused.
AwsCall ImageCall(const Spec& spec, const FromInstance& instance);
AwsCall DeleteCall(const Spec& spec);

// What the spec says and the launch configuration does not. An image that is made of an instance is not
// compared: it was made for this name. User data is compared elsewhere.
std::vector<Diff> Differences(const Spec& spec, const Config& seen);

}  // namespace holdfast::launch
