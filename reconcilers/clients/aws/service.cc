#include "reconcilers/clients/aws/service.h"

#include <algorithm>
#include <array>

#include "controller/base/text.h"

namespace holdfast::aws {

namespace {

// CloudWatch also speaks CBOR and Query; JSON needs neither.
constexpr std::array kServices = {
    Service{"application-autoscaling", Protocol::kJson11, "application-autoscaling",
            "application-autoscaling", "2016-02-06", "AnyScaleFrontendService", "APPLICATION_AUTO_SCALING",
            "application-autoscaling"},
    Service{"autoscaling", Protocol::kQuery, "autoscaling", "autoscaling", "2011-01-01", "", "AUTO_SCALING",
            "autoscaling"},
    Service{"cloudwatch", Protocol::kJson10, "monitoring", "monitoring", "2010-08-01",
            "GraniteServiceVersion20100801", "CLOUDWATCH", "cloudwatch"},
    Service{"dynamodb", Protocol::kJson10, "dynamodb", "dynamodb", "2012-08-10", "DynamoDB_20120810",
            "DYNAMODB", "dynamodb"},
    Service{"ec2", Protocol::kEc2, "ec2", "ec2", "2016-11-15", "", "EC2", "ec2"},
    Service{"elb", Protocol::kQuery, "elasticloadbalancing", "elasticloadbalancing", "2012-06-01", "",
            "ELASTIC_LOAD_BALANCING", "elasticloadbalancing"},
    Service{"elbv2", Protocol::kQuery, "elasticloadbalancing", "elasticloadbalancing", "2015-12-01", "",
            "ELASTIC_LOAD_BALANCING_V2", "elasticloadbalancing"},
    Service{"resourcegroupstaggingapi", Protocol::kJson11, "tagging", "tagging", "2017-01-26",
            "ResourceGroupsTaggingAPI_20170126", "RESOURCE_GROUPS_TAGGING_API", "tag"},
    Service{"s3", Protocol::kRestXml, "s3", "s3", "2006-03-01", "", "S3", "s3"},
    Service{"sns", Protocol::kQuery, "sns", "sns", "2010-03-31", "", "SNS", "sns"},
    Service{"sts", Protocol::kQuery, "sts", "sts", "2011-06-15", "", "STS", "sts"},
};

constexpr Effect kRead = Effect::kRead, kWrite = Effect::kWrite;
constexpr Output kDocument = Output::kDocument, kNothing = Output::kNothing;

// Sorted by service and name.
constexpr std::array kOperations = {
    Operation{"application-autoscaling", "DeregisterScalableTarget", kWrite},
    Operation{"application-autoscaling", "DescribeScalableTargets", kRead},
    Operation{"application-autoscaling", "DescribeScalingPolicies", kRead},
    Operation{"application-autoscaling", "RegisterScalableTarget", kWrite},

    Operation{"autoscaling", "AttachLoadBalancerTargetGroups", kWrite},
    Operation{"autoscaling", "AttachLoadBalancers", kWrite},
    Operation{"autoscaling", "CancelInstanceRefresh", kWrite},
    Operation{"autoscaling", "CompleteLifecycleAction", kWrite},
    Operation{"autoscaling", "CreateAutoScalingGroup", kWrite, kNothing},
    Operation{"autoscaling", "CreateLaunchConfiguration", kWrite, kNothing},
    Operation{"autoscaling", "CreateOrUpdateTags", kWrite, kNothing},
    Operation{"autoscaling", "DeleteAutoScalingGroup", kWrite, kNothing},
    Operation{"autoscaling", "DeleteLaunchConfiguration", kWrite, kNothing},
    Operation{"autoscaling", "DeleteLifecycleHook", kWrite},
    Operation{"autoscaling", "DeletePolicy", kWrite, kNothing},
    Operation{"autoscaling", "DeleteScheduledAction", kWrite, kNothing},
    Operation{"autoscaling", "DeleteTags", kWrite, kNothing},
    Operation{"autoscaling", "DescribeAccountLimits", kRead},
    Operation{"autoscaling", "DescribeAutoScalingGroups", kRead},
    Operation{"autoscaling", "DescribeInstanceRefreshes", kRead},
    Operation{"autoscaling", "DescribeLaunchConfigurations", kRead},
    Operation{"autoscaling", "DescribeLifecycleHooks", kRead},
    Operation{"autoscaling", "DescribePolicies", kRead},
    Operation{"autoscaling", "DescribeScalingActivities", kRead},
    Operation{"autoscaling", "DescribeScheduledActions", kRead},
    Operation{"autoscaling", "DescribeTags", kRead},
    Operation{"autoscaling", "DetachLoadBalancerTargetGroups", kWrite},
    Operation{"autoscaling", "DetachLoadBalancers", kWrite},
    Operation{"autoscaling", "EnterStandby", kWrite},
    Operation{"autoscaling", "ExitStandby", kWrite},
    Operation{"autoscaling", "PutLifecycleHook", kWrite},
    Operation{"autoscaling", "PutScalingPolicy", kWrite},
    Operation{"autoscaling", "PutScheduledUpdateGroupAction", kWrite, kNothing},
    Operation{"autoscaling", "ResumeProcesses", kWrite, kNothing},
    Operation{"autoscaling", "SetDesiredCapacity", kWrite, kNothing},
    Operation{"autoscaling", "SetInstanceHealth", kWrite, kNothing},
    Operation{"autoscaling", "SetInstanceProtection", kWrite},
    Operation{"autoscaling", "StartInstanceRefresh", kWrite},
    Operation{"autoscaling", "SuspendProcesses", kWrite, kNothing},
    Operation{"autoscaling", "TerminateInstanceInAutoScalingGroup", kWrite},
    Operation{"autoscaling", "UpdateAutoScalingGroup", kWrite, kNothing},

    Operation{"cloudwatch", "DeleteAlarms", kWrite, kNothing, "", "DeleteAlarms"},
    Operation{"cloudwatch", "DescribeAlarms", kRead, kDocument, "", "DescribeAlarms"},
    Operation{"cloudwatch", "DisableAlarmActions", kWrite, kNothing, "", "DisableAlarmActions"},
    Operation{"cloudwatch", "EnableAlarmActions", kWrite, kNothing, "", "EnableAlarmActions"},
    Operation{"cloudwatch", "GetMetricData", kRead, kDocument, "", "GetMetricData"},
    Operation{"cloudwatch", "ListMetrics", kRead, kDocument, "", "ListMetrics"},
    Operation{"cloudwatch", "ListTagsForResource", kRead},
    Operation{"cloudwatch", "PutMetricAlarm", kWrite, kNothing, "", "PutMetricAlarm"},
    Operation{"cloudwatch", "TagResource", kWrite},
    Operation{"cloudwatch", "UntagResource", kWrite},

    Operation{"dynamodb", "CreateTable", kWrite},
    Operation{"dynamodb", "DeleteTable", kWrite},
    Operation{"dynamodb", "DescribeContinuousBackups", kRead},
    Operation{"dynamodb", "DescribeLimits", kRead, kDocument, "", "DescribeLimits"},
    Operation{"dynamodb", "DescribeTable", kRead, kDocument, "", "DescribeTable"},
    Operation{"dynamodb", "DescribeTimeToLive", kRead},
    Operation{"dynamodb", "ListTables", kRead},
    Operation{"dynamodb", "ListTagsOfResource", kRead},
    Operation{"dynamodb", "TagResource", kWrite, kNothing},
    Operation{"dynamodb", "UntagResource", kWrite, kNothing},
    Operation{"dynamodb", "UpdateTable", kWrite},

    Operation{"ec2", "CreateImage", kWrite},
    Operation{"ec2", "CreateTags", kWrite, kDocument, "", "CreateTags"},
    Operation{"ec2", "DeregisterImage", kWrite},
    Operation{"ec2", "DescribeImages", kRead},
    Operation{"ec2", "DescribeInstanceStatus", kRead},
    Operation{"ec2", "DescribeInstances", kRead},
    Operation{"ec2", "DescribeLaunchTemplateVersions", kRead},
    Operation{"ec2", "DescribeLaunchTemplates", kRead},
    Operation{"ec2", "DescribeSecurityGroups", kRead},

    Operation{"elb", "DeregisterInstancesFromLoadBalancer", kWrite},
    Operation{"elb", "DescribeInstanceHealth", kRead},
    Operation{"elb", "DescribeLoadBalancers", kRead},
    Operation{"elb", "RegisterInstancesWithLoadBalancer", kWrite},

    Operation{"elbv2", "DeregisterTargets", kWrite},
    Operation{"elbv2", "DescribeLoadBalancers", kRead},
    Operation{"elbv2", "DescribeTargetGroups", kRead},
    Operation{"elbv2", "DescribeTargetHealth", kRead},
    Operation{"elbv2", "RegisterTargets", kWrite},

    Operation{"resourcegroupstaggingapi", "GetResources", kRead},

    Operation{"s3", "GetBucketLifecycleConfiguration", kRead, kDocument, "s3:GetLifecycleConfiguration"},
    Operation{"s3", "GetBucketTagging", kRead},
    Operation{"s3", "GetBucketVersioning", kRead},
    Operation{"s3", "ListBuckets", kRead, kDocument, "s3:ListAllMyBuckets"},
    Operation{"s3", "PutBucketTagging", kWrite, kNothing},
    Operation{"s3", "PutBucketVersioning", kWrite, kNothing},

    Operation{"sns", "CreateTopic", kWrite},
    Operation{"sns", "DeleteTopic", kWrite, kNothing},
    Operation{"sns", "GetSubscriptionAttributes", kRead},
    Operation{"sns", "GetTopicAttributes", kRead},
    Operation{"sns", "ListSubscriptions", kRead, kDocument, "", "ListSubscriptions"},
    Operation{"sns", "ListSubscriptionsByTopic", kRead},
    Operation{"sns", "ListTagsForResource", kRead},
    Operation{"sns", "ListTopics", kRead, kDocument, "", "ListTopics"},
    Operation{"sns", "SetSubscriptionAttributes", kWrite, kNothing},
    Operation{"sns", "SetTopicAttributes", kWrite, kNothing},
    Operation{"sns", "Subscribe", kWrite, kDocument, "", "Subscribe"},
    Operation{"sns", "TagResource", kWrite},
    Operation{"sns", "Unsubscribe", kWrite, kNothing, "", "Unsubscribe"},
    Operation{"sns", "UntagResource", kWrite},

    Operation{"sts", "AssumeRole", kRead},
    Operation{"sts", "AssumeRoleWithWebIdentity", kRead},
    Operation{"sts", "GetCallerIdentity", kRead},
};

}  // namespace

std::span<const Service> Services() { return kServices; }

const Service* FindService(std::string_view name) {
  const auto found = std::ranges::find(kServices, name, &Service::name);
  return found == kServices.end() ? nullptr : &*found;
}

std::span<const Operation> Operations() { return kOperations; }

const Operation* FindOperation(std::string_view service, std::string_view name) {
  const auto key = [](const Operation& row) { return std::pair(row.service, row.name); };
  const auto found = std::ranges::lower_bound(kOperations, std::pair(service, name), {}, key);
  if (found == kOperations.end() || key(*found) != std::pair(service, name)) return nullptr;
  return &*found;
}

std::string IamAction(const Operation& operation) {
  if (!operation.iam.empty()) return std::string(operation.iam);
  const Service* service = FindService(operation.service);
  return Cat(service == nullptr ? operation.service : service->iam, ":", operation.name);
}

}  // namespace holdfast::aws
