#include "reconcilers/dynamodb_table/kind.h"

#include <array>
#include <span>

#include "reconcilers/aws/need.h"

namespace holdfast {
namespace {

constexpr std::string_view kTable = "table/{name}";

constexpr std::array kAlways = {aws::Need{"dynamodb", "DescribeTable", kTable},
                                aws::Need{"dynamodb", "ListTables", ""},
                                aws::Need{"dynamodb", "UpdateTable", kTable}};
constexpr std::array kForCapacity = {aws::Need{"application-autoscaling", "DescribeScalableTargets", ""},
                                     aws::Need{"cloudwatch", "GetMetricData", ""},
                                     aws::Need{"dynamodb", "DescribeLimits", ""}};
constexpr std::array kForBounds = {aws::Need{"application-autoscaling", "RegisterScalableTarget", ""}};
constexpr std::array kForTags = {aws::Need{"dynamodb", "ListTagsOfResource", kTable},
                                 aws::Need{"dynamodb", "TagResource", kTable}};
constexpr std::array kForCreation = {aws::Need{"dynamodb", "CreateTable", kTable}};

}  // namespace

std::vector<std::string> DynamoDBTable::Claims(const Spec& spec) {
  return {aws::ClaimOf(spec.location, "dynamodb", "table", dynamodb::TableName(spec))};
}

std::vector<Permission> DynamoDBTable::Permissions(const Spec& spec) {
  std::vector<Permission> permissions;
  const auto add = [&](std::span<const aws::Need> needs) {
    for (Permission& one : aws::PermissionsOf(needs, spec.location, dynamodb::TableName(spec)))
      permissions.push_back(std::move(one));
  };
  add(kAlways);
  if (dynamodb::NamesCapacity(spec)) add(kForCapacity);
  if (spec.auto_scaling == dynamodb::Scaling::kAdjust) add(kForBounds);
  if (!spec.tags.empty()) add(kForTags);
  if (spec.key) add(kForCreation);
  return permissions;
}

}  // namespace holdfast
