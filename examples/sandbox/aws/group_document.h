// What Auto Scaling's operations share: finding a group, and how they refuse.
#pragma once

#include <string>

#include "examples/sandbox/aws/call.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {

// Of the truth, by AutoScalingGroupName; null when there is none.
Group* GroupOf(Call& call);
Fault NoGroup(const std::string& name);
// An activity of it is in progress.
bool IsBusy(const Ground& ground, const Group& group);
Fault Busy(const Group& group);
json::object TagDocument(const std::string& group, const std::string& key, const Group::Tag& tag);
json::object ActivityDocument(const Activity& activity);

}  // namespace holdfast::sandbox::aws
