#include "reconcilers/launch_configuration/kind.h"

#include <array>

#include "controller/base/text.h"
#include "reconcilers/aws/location.h"

namespace holdfast {

std::vector<std::string> LaunchConfiguration::Claims(const Spec& spec) {
  return {aws::ClaimOf(spec.location, "autoscaling", "launch-configuration", spec.name)};
}

std::span<const aws::Need> LaunchConfiguration::Needs() {
  static constexpr std::string_view kThing = "launchConfiguration:*:launchConfigurationName/{name}";
  static constexpr std::array kNeeds = {
      aws::Need{"autoscaling", "CreateLaunchConfiguration", kThing},
      aws::Need{"autoscaling", "DeleteLaunchConfiguration", kThing},
      aws::Need{"autoscaling", "DescribeAccountLimits", ""},
      aws::Need{"autoscaling", "DescribeAutoScalingGroups", ""},
      aws::Need{"autoscaling", "DescribeLaunchConfigurations", ""},
  };
  return kNeeds;
}

std::span<const aws::Need> LaunchConfiguration::NeedsForImage() {
  static constexpr std::array kNeeds = {
      aws::Need{"ec2", "CreateImage", "instance/{name}"},
      aws::Need{"ec2", "DescribeImages", ""},
  };
  return kNeeds;
}

std::vector<Permission> LaunchConfiguration::Permissions(const Spec& spec) {
  std::vector<Permission> all = aws::PermissionsOf(Needs(), spec.location, spec.name);
  const std::string& region = spec.location.region;
  if (const launch::FromInstance* instance = launch::InstanceOf(spec)) {
    for (Permission& one : aws::PermissionsOf(NeedsForImage(), spec.location, instance->id))
      all.push_back(std::move(one));
    // What comes of it, and its tags: these belong to no account by their names.
    for (const std::string_view thing : {"image/*", "snapshot/*"})
      all.push_back({"ec2:CreateImage", aws::ArnOf(region, "", "ec2", thing)});
    all.push_back({"ec2:CreateTags", aws::ArnOf(region, "", "ec2", "image/*")});
  }
  if (spec.instance_profile)
    all.push_back({"iam:PassRole", Cat("arn:", aws::PartitionOf(region),
                                       ":iam::", spec.location.account.value_or("*"), ":role/*")});
  return all;
}

}  // namespace holdfast
