#include <algorithm>

#include "examples/sandbox/aws/account.h"
#include "examples/sandbox/aws/answers.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr Row::Effect kWrites = Row::Effect::kWrites;
constexpr Output kNothing = Output::kNothing;

constexpr Row kRows[] = {
    {"application-autoscaling", "DeregisterScalableTarget", DeregisterScalableTarget, kWrites},
    {"application-autoscaling", "DescribeScalableTargets", DescribeScalableTargets},
    {"application-autoscaling", "DescribeScalingPolicies", DescribeTargetPolicies},
    {"application-autoscaling", "RegisterScalableTarget", RegisterScalableTarget, kWrites},

    {"autoscaling", "AttachLoadBalancerTargetGroups", AttachTargetGroups, kWrites},
    {"autoscaling", "AttachLoadBalancers", AttachBalancers, kWrites},
    {"autoscaling", "CancelInstanceRefresh", CancelInstanceRefresh, kWrites},
    {"autoscaling", "CompleteLifecycleAction", CompleteLifecycleAction, kWrites},
    {"autoscaling", "CreateAutoScalingGroup", CreateGroup, kWrites, kNothing},
    {"autoscaling", "CreateLaunchConfiguration", CreateLaunchConfiguration, kWrites, kNothing},
    {"autoscaling", "CreateOrUpdateTags", CreateOrUpdateTags, kWrites, kNothing},
    {"autoscaling", "DeleteAutoScalingGroup", DeleteGroup, kWrites, kNothing},
    {"autoscaling", "DeleteLaunchConfiguration", DeleteLaunchConfiguration, kWrites, kNothing},
    {"autoscaling", "DeleteLifecycleHook", DeleteLifecycleHook, kWrites},
    {"autoscaling", "DeletePolicy", DeletePolicy, kWrites, kNothing},
    {"autoscaling", "DeleteScheduledAction", DeleteScheduledAction, kWrites, kNothing},
    {"autoscaling", "DeleteTags", DeleteTags, kWrites, kNothing},
    {"autoscaling", "DescribeAccountLimits", DescribeAccountLimits},
    {"autoscaling", "DescribeAutoScalingGroups", DescribeGroups},
    {"autoscaling", "DescribeInstanceRefreshes", DescribeInstanceRefreshes},
    {"autoscaling", "DescribeLaunchConfigurations", DescribeLaunchConfigurations},
    {"autoscaling", "DescribeLifecycleHooks", DescribeLifecycleHooks},
    {"autoscaling", "DescribePolicies", DescribePolicies},
    {"autoscaling", "DescribeScalingActivities", DescribeActivities},
    {"autoscaling", "DescribeScheduledActions", DescribeScheduledActions},
    {"autoscaling", "DescribeTags", DescribeGroupTags},
    {"autoscaling", "DetachLoadBalancerTargetGroups", DetachTargetGroups, kWrites},
    {"autoscaling", "DetachLoadBalancers", DetachBalancers, kWrites},
    {"autoscaling", "EnterStandby", EnterStandby, kWrites},
    {"autoscaling", "ExitStandby", ExitStandby, kWrites},
    {"autoscaling", "PutLifecycleHook", PutLifecycleHook, kWrites},
    {"autoscaling", "PutScalingPolicy", PutScalingPolicy, kWrites},
    {"autoscaling", "PutScheduledUpdateGroupAction", PutScheduledAction, kWrites, kNothing},
    {"autoscaling", "ResumeProcesses", ResumeProcesses, kWrites, kNothing},
    {"autoscaling", "SetDesiredCapacity", SetDesiredCapacity, kWrites, kNothing},
    {"autoscaling", "SetInstanceHealth", SetInstanceHealth, kWrites, kNothing},
    {"autoscaling", "SetInstanceProtection", SetInstanceProtection, kWrites},
    {"autoscaling", "StartInstanceRefresh", StartInstanceRefresh, kWrites},
    {"autoscaling", "SuspendProcesses", SuspendProcesses, kWrites, kNothing},
    {"autoscaling", "TerminateInstanceInAutoScalingGroup", TerminateInstance, kWrites},
    {"autoscaling", "UpdateAutoScalingGroup", UpdateGroup, kWrites, kNothing},

    {"cloudwatch", "DeleteAlarms", DeleteAlarms, kWrites, kNothing},
    {"cloudwatch", "DescribeAlarms", DescribeAlarms},
    {"cloudwatch", "DisableAlarmActions", DisableAlarmActions, kWrites, kNothing},
    {"cloudwatch", "EnableAlarmActions", EnableAlarmActions, kWrites, kNothing},
    {"cloudwatch", "GetMetricData", GetMetricData},
    {"cloudwatch", "ListMetrics", ListMetrics},
    {"cloudwatch", "ListTagsForResource", ListAlarmTags},
    {"cloudwatch", "PutMetricAlarm", PutMetricAlarm, kWrites, kNothing},
    {"cloudwatch", "TagResource", TagAlarm, kWrites},
    {"cloudwatch", "UntagResource", UntagAlarm, kWrites},

    {"dynamodb", "CreateTable", CreateTable, kWrites},
    {"dynamodb", "DeleteTable", DeleteTable, kWrites},
    {"dynamodb", "DescribeContinuousBackups", DescribeContinuousBackups},
    {"dynamodb", "DescribeLimits", DescribeLimits},
    {"dynamodb", "DescribeTable", DescribeTable},
    {"dynamodb", "DescribeTimeToLive", DescribeTimeToLive},
    {"dynamodb", "ListTables", ListTables},
    {"dynamodb", "ListTagsOfResource", ListTagsOfResource},
    {"dynamodb", "TagResource", TagTable, kWrites, kNothing},
    {"dynamodb", "UntagResource", UntagTable, kWrites, kNothing},
    {"dynamodb", "UpdateTable", UpdateTable, kWrites},

    {"ec2", "CreateImage", CreateImage, kWrites},
    {"ec2", "CreateTags", CreateEc2Tags, kWrites},
    {"ec2", "DeregisterImage", DeregisterImage, kWrites},
    {"ec2", "DescribeImages", DescribeImages},
    {"ec2", "DescribeInstanceStatus", DescribeInstanceStatus},
    {"ec2", "DescribeInstances", DescribeInstances},
    {"ec2", "DescribeLaunchTemplateVersions", DescribeLaunchTemplateVersions},
    {"ec2", "DescribeLaunchTemplates", DescribeLaunchTemplates},
    {"ec2", "DescribeSecurityGroups", DescribeSecurityGroups},

    {"elb", "DeregisterInstancesFromLoadBalancer", DeregisterInstances, kWrites},
    {"elb", "DescribeInstanceHealth", DescribeInstanceHealth},
    {"elb", "DescribeLoadBalancers", DescribeBalancers},
    {"elb", "RegisterInstancesWithLoadBalancer", RegisterInstances, kWrites},

    {"elbv2", "DeregisterTargets", DeregisterTargets, kWrites},
    {"elbv2", "DescribeLoadBalancers", DescribeNewBalancers},
    {"elbv2", "DescribeTargetGroups", DescribeTargetGroups},
    {"elbv2", "DescribeTargetHealth", DescribeTargetHealth},
    {"elbv2", "RegisterTargets", RegisterTargets, kWrites},

    {"sns", "CreateTopic", CreateTopic, kWrites},
    {"sns", "DeleteTopic", DeleteTopic, kWrites, kNothing},
    {"sns", "GetSubscriptionAttributes", GetSubscriptionAttributes},
    {"sns", "GetTopicAttributes", GetTopicAttributes},
    {"sns", "ListSubscriptions", ListSubscriptions},
    {"sns", "ListSubscriptionsByTopic", ListSubscriptionsByTopic},
    {"sns", "ListTagsForResource", ListTopicTags},
    {"sns", "ListTopics", ListTopics},
    {"sns", "SetSubscriptionAttributes", SetSubscriptionAttributes, kWrites, kNothing},
    {"sns", "SetTopicAttributes", SetTopicAttributes, kWrites, kNothing},
    {"sns", "Subscribe", Subscribe, kWrites},
    {"sns", "TagResource", TagTopic, kWrites},
    {"sns", "Unsubscribe", Unsubscribe, kWrites, kNothing},
    {"sns", "UntagResource", UntagTopic, kWrites},

    {"sts", "GetCallerIdentity", GetCallerIdentity},
};

}  // namespace

std::span<const Row> Rows() { return kRows; }

const Row* FindRow(std::string_view service, std::string_view operation) {
  const auto found = std::ranges::find_if(
      kRows, [&](const Row& row) { return row.service == service && row.operation == operation; });
  return found == std::end(kRows) ? nullptr : found;
}

}  // namespace holdfast::sandbox::aws
