// How each operation of an account is answered.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "examples/sandbox/aws/call.h"

namespace holdfast::sandbox::aws {

// DynamoDB.
Said CreateTable(Call& call);
Said DeleteTable(Call& call);
Said DescribeContinuousBackups(Call& call);
Said DescribeLimits(Call& call);
Said DescribeTable(Call& call);
Said DescribeTimeToLive(Call& call);
Said ListTables(Call& call);
Said ListTagsOfResource(Call& call);
Said TagTable(Call& call);
Said UntagTable(Call& call);
Said UpdateTable(Call& call);

// Application Auto Scaling.
Said DeregisterScalableTarget(Call& call);
Said DescribeScalableTargets(Call& call);
Said DescribeTargetPolicies(Call& call);
Said RegisterScalableTarget(Call& call);
// Every minute it brings capacity within the bounds of those targets that have a policy.
void KeepScalableTargets(Ground& ground);

// CloudWatch.
Said DeleteAlarms(Call& call);
Said DescribeAlarms(Call& call);
Said DisableAlarmActions(Call& call);
Said EnableAlarmActions(Call& call);
Said GetMetricData(Call& call);
Said ListMetrics(Call& call);
Said ListAlarmTags(Call& call);
Said PutMetricAlarm(Call& call);
Said TagAlarm(Call& call);
Said UntagAlarm(Call& call);

// SNS.
Said CreateTopic(Call& call);
Said DeleteTopic(Call& call);
Said GetSubscriptionAttributes(Call& call);
Said GetTopicAttributes(Call& call);
Said ListSubscriptions(Call& call);
Said ListSubscriptionsByTopic(Call& call);
Said ListTopicTags(Call& call);
Said ListTopics(Call& call);
Said SetSubscriptionAttributes(Call& call);
Said SetTopicAttributes(Call& call);
Said Subscribe(Call& call);
Said TagTopic(Call& call);
Said Unsubscribe(Call& call);
Said UntagTopic(Call& call);

// Auto Scaling: groups.
Said AttachBalancers(Call& call);
Said AttachTargetGroups(Call& call);
Said CompleteLifecycleAction(Call& call);
Said CreateGroup(Call& call);
Said CreateOrUpdateTags(Call& call);
Said DeleteGroup(Call& call);
Said DeleteTags(Call& call);
Said DescribeActivities(Call& call);
Said DescribeGroups(Call& call);
Said DescribeGroupTags(Call& call);
Said DetachBalancers(Call& call);
Said DetachTargetGroups(Call& call);
Said EnterStandby(Call& call);
Said ExitStandby(Call& call);
Said ResumeProcesses(Call& call);
Said SetDesiredCapacity(Call& call);
Said SetInstanceHealth(Call& call);
Said SetInstanceProtection(Call& call);
Said SuspendProcesses(Call& call);
Said TerminateInstance(Call& call);
Said UpdateGroup(Call& call);
// Every minute a group whose health check is ELB looks at its balancers.
void CheckHealth(Ground& ground);

// Auto Scaling: what belongs to groups.
Said CancelInstanceRefresh(Call& call);
Said CreateLaunchConfiguration(Call& call);
Said DeleteLaunchConfiguration(Call& call);
Said DeleteLifecycleHook(Call& call);
Said DeletePolicy(Call& call);
Said DeleteScheduledAction(Call& call);
Said DescribeAccountLimits(Call& call);
Said DescribeInstanceRefreshes(Call& call);
Said DescribeLaunchConfigurations(Call& call);
Said DescribeLifecycleHooks(Call& call);
Said DescribePolicies(Call& call);
Said DescribeScheduledActions(Call& call);
Said PutLifecycleHook(Call& call);
Said PutScalingPolicy(Call& call);
Said PutScheduledAction(Call& call);
Said StartInstanceRefresh(Call& call);
// Every minute: those whose time has come, once.
void RunSchedules(Ground& ground);

// EC2.
Said CreateEc2Tags(Call& call);
Said CreateImage(Call& call);
Said DeregisterImage(Call& call);
Said DescribeImages(Call& call);
Said DescribeInstances(Call& call);
Said DescribeInstanceStatus(Call& call);
Said DescribeLaunchTemplates(Call& call);
Said DescribeLaunchTemplateVersions(Call& call);
Said DescribeSecurityGroups(Call& call);

// Elastic Load Balancing, both versions.
Said DeregisterInstances(Call& call);
Said DeregisterTargets(Call& call);
Said DescribeBalancers(Call& call);
Said DescribeInstanceHealth(Call& call);
Said DescribeNewBalancers(Call& call);
Said DescribeTargetGroups(Call& call);
Said DescribeTargetHealth(Call& call);
Said RegisterInstances(Call& call);
Said RegisterTargets(Call& call);

// STS.
Said GetCallerIdentity(Call& call);

// Of parameters, and for answers: [{"Key": …, "Value": …}].
std::map<std::string, std::string> TagsIn(const json::value& parameters, std::string_view member);
json::array TagList(const std::map<std::string, std::string>& tags);

}  // namespace holdfast::sandbox::aws
