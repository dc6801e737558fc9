#include "reconcilers/autoscaling_group/needs.h"

#include <array>

namespace holdfast::autoscaling_group {
namespace {

// Behind the account in the name of a group: between stands an id that is not known beforehand.
constexpr std::string_view kGroup = "autoScalingGroup:*:autoScalingGroupName/{name}";

constexpr std::array kNeeds = {
    aws::Need{"autoscaling", "AttachLoadBalancerTargetGroups", kGroup},
    aws::Need{"autoscaling", "AttachLoadBalancers", kGroup},
    aws::Need{"autoscaling", "CreateAutoScalingGroup", kGroup},
    aws::Need{"autoscaling", "CreateOrUpdateTags", kGroup},
    aws::Need{"autoscaling", "DescribeAutoScalingGroups", ""},
    aws::Need{"autoscaling", "DescribeInstanceRefreshes", ""},
    aws::Need{"autoscaling", "DescribeLifecycleHooks", ""},
    aws::Need{"autoscaling", "DescribePolicies", ""},
    aws::Need{"autoscaling", "DescribeScalingActivities", ""},
    aws::Need{"autoscaling", "DescribeScheduledActions", ""},
    aws::Need{"autoscaling", "PutLifecycleHook", kGroup},
    aws::Need{"autoscaling", "PutScalingPolicy", kGroup},
    aws::Need{"autoscaling", "PutScheduledUpdateGroupAction", kGroup},
    aws::Need{"autoscaling", "ResumeProcesses", kGroup},
    aws::Need{"autoscaling", "SetDesiredCapacity", kGroup},
    aws::Need{"autoscaling", "StartInstanceRefresh", kGroup},
    aws::Need{"autoscaling", "SuspendProcesses", kGroup},
    aws::Need{"autoscaling", "TerminateInstanceInAutoScalingGroup", kGroup},
    aws::Need{"autoscaling", "UpdateAutoScalingGroup", kGroup},
    aws::Need{"elb", "DescribeInstanceHealth", ""},
    aws::Need{"elbv2", "DescribeTargetHealth", ""},
};

}  // namespace

std::span<const aws::Need> Needs() { return kNeeds; }

}  // namespace holdfast::autoscaling_group
