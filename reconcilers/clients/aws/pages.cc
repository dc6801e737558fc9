#include "reconcilers/clients/aws/pages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::aws {

namespace {

constexpr std::string_view kNext = "NextToken", kNextEc2 = "nextToken";

constexpr std::array kPagings = {
    Paging{"application-autoscaling", "DescribeScalableTargets", "ScalableTargets", kNext, kNext},
    Paging{"application-autoscaling", "DescribeScalingPolicies", "ScalingPolicies", kNext, kNext},
    Paging{"autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", kNext, kNext},
    Paging{"autoscaling", "DescribeInstanceRefreshes", "InstanceRefreshes", kNext, kNext},
    Paging{"autoscaling", "DescribeLaunchConfigurations", "LaunchConfigurations", kNext, kNext},
    Paging{"autoscaling", "DescribePolicies", "ScalingPolicies", kNext, kNext},
    Paging{"autoscaling", "DescribeScalingActivities", "Activities", kNext, kNext},
    Paging{"autoscaling", "DescribeScheduledActions", "ScheduledUpdateGroupActions", kNext, kNext},
    Paging{"autoscaling", "DescribeTags", "Tags", kNext, kNext},
    Paging{"cloudwatch", "DescribeAlarms", "MetricAlarms", kNext, kNext},
    Paging{"cloudwatch", "GetMetricData", "MetricDataResults", kNext, kNext},
    Paging{"cloudwatch", "ListMetrics", "Metrics", kNext, kNext},
    Paging{"cloudwatch", "ListTagsForResource", "Tags", kNext, kNext},
    Paging{"dynamodb", "ListTables", "TableNames", "LastEvaluatedTableName", "ExclusiveStartTableName"},
    Paging{"dynamodb", "ListTagsOfResource", "Tags", kNext, kNext},
    Paging{"ec2", "DescribeImages", "imagesSet", kNextEc2, kNext},
    Paging{"ec2", "DescribeInstanceStatus", "instanceStatusSet", kNextEc2, kNext},
    Paging{"ec2", "DescribeInstances", "reservationSet", kNextEc2, kNext},
    Paging{"ec2", "DescribeLaunchTemplateVersions", "launchTemplateVersionSet", kNextEc2, kNext},
    Paging{"ec2", "DescribeLaunchTemplates", "launchTemplates", kNextEc2, kNext},
    Paging{"ec2", "DescribeSecurityGroups", "securityGroupInfo", kNextEc2, kNext},
    Paging{"elb", "DescribeLoadBalancers", "LoadBalancerDescriptions", "NextMarker", "Marker"},
    Paging{"elbv2", "DescribeLoadBalancers", "LoadBalancers", "NextMarker", "Marker"},
    Paging{"elbv2", "DescribeTargetGroups", "TargetGroups", "NextMarker", "Marker"},
    Paging{"resourcegroupstaggingapi", "GetResources", "ResourceTagMappingList", "PaginationToken",
           "PaginationToken"},
    Paging{"sns", "ListSubscriptions", "Subscriptions", kNext, kNext},
    Paging{"sns", "ListSubscriptionsByTopic", "Subscriptions", kNext, kNext},
    Paging{"sns", "ListTagsForResource", "Tags", kNext, kNext},
    Paging{"sns", "ListTopics", "Topics", kNext, kNext},
};

}  // namespace

const Paging* FindPaging(std::string_view service, std::string_view operation) {
  const auto found = std::ranges::find_if(
      kPagings, [&](const Paging& row) { return row.service == service && row.operation == operation; });
  return found == kPagings.end() ? nullptr : &*found;
}

Result<std::string> TakePage(const Paging& paging, json::value page, const TakeItem& take) {
  const std::string next = TextAt(page, paging.token).value_or("");
  json::value* member = page.is_object() ? page.get_object().if_contains(JsonView(paging.items)) : nullptr;
  if (member == nullptr) return Unavailable(Cat("the page has no ", paging.items));
  if (json::array* list = member->if_array())
    for (json::value& item : *list) take(std::move(item));
  else if (!member->is_null() && !(member->is_string() && member->get_string().empty()))
    take(std::move(*member));
  return next;
}

}  // namespace holdfast::aws
