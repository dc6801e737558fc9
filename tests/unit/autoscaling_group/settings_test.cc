// A group that is not there, and what one is made of.
#include <gtest/gtest.h>

#include "tests/unit/autoscaling_group/scene.h"

namespace holdfast::autoscaling_group {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(WantGroup, IsMadeWhenTheSpecSaysEnough) {
  Scene scene;
  scene.want.size = Size{2, 8, std::nullopt};
  scene.want.launch_configuration = LaunchConfigurationChoice{.name = "v1"};
  scene.want.zones = {"us-east-1a"};
  scene.want.tags = {{"role", "web", true}};
  EXPECT_EQ(Sent(StepTo(scene.DecideAbsent(), "create group")),
            R"(CreateAutoScalingGroup {"MinSize":2,"MaxSize":8,"LaunchConfigurationName":"v1",)"
            R"("AvailabilityZones":["us-east-1a"],"Tags":[{"ResourceId":"web",)"
            R"("ResourceType":"auto-scaling-group","Key":"role","Value":"web","PropagateAtLaunch":true}],)"
            R"("AutoScalingGroupName":"web"})");
}

TEST(WantGroup, ElseTheFieldsThatAreMissingAreNamed) {
  Scene scene;
  scene.want.size = Size{2, {}, {}};
  const Plan plan = scene.DecideAbsent();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "missing: size.max, launchConfiguration or launchTemplate, zones or subnets"),
              HasSubstr("guard: the group web is not there"));
}

TEST(WantGroup, IsNotMadeForASpecThatIsGone) {
  Scene scene;
  scene.want.size = Size{2, 8, {}};
  scene.want.launch_configuration = LaunchConfigurationChoice{.name = "v1"};
  scene.want.zones = {"us-east-1a"};
  scene.purpose = Purpose::kRelease;
  EXPECT_THAT(scene.DecideAbsent().stages, IsEmpty());
}

TEST(WantSettings, ALaunchConfigurationThatHasNotToldItsNameIsWaitedFor) {
  Scene scene;
  scene.want.launch_configuration =
      LaunchConfigurationChoice{.ref = specs::Ref{"LaunchConfiguration", "web"}};
  Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "LaunchConfiguration/web"), HasSubstr("dependency:"));
  scene.refs["LaunchConfiguration/web.name"] = "v2";
  plan = scene.Decide();
  EXPECT_EQ(Sent(StepTo(plan, "set LaunchConfigurationName")),
            R"(UpdateAutoScalingGroup {"LaunchConfigurationName":"v2","AutoScalingGroupName":"web"})");
  scene.refs["LaunchConfiguration/web.name"] = "v1";
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
}

TEST(WantSettings, AS6_TheTemplatesVersionIsANumber) {
  Scene scene;
  scene.want.launch_template = LaunchTemplateChoice{.name = "web", .version = 7};
  EXPECT_THAT(Sent(StepTo(scene.Decide(), "set LaunchTemplate")),
              HasSubstr(R"("LaunchTemplate":{"LaunchTemplateName":"web","Version":"7"})"));
  scene.item["LaunchTemplate"] =
      json::object{{"LaunchTemplateId", "lt-1"}, {"LaunchTemplateName", "web"}, {"Version", "7"}};
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
  scene.item["LaunchTemplate"].as_object()["Version"] = "$Latest";
  EXPECT_EQ(DiffOf(scene.Decide(), "LaunchTemplate.Version"), "$Latest → 7");
}

TEST(WantSettings, AMixedInstancesPolicyIsNotTakenAwayInPassing) {
  Scene scene;
  scene.want.launch_configuration = LaunchConfigurationChoice{.name = "v2"};
  scene.item["MixedInstancesPolicy"] = json::object{{"LaunchTemplate", json::object{}}};
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "mixed instances policy"), HasSubstr("human:"));
}

TEST(WantSettings, OnlyWhatDiffersIsSent) {
  Scene scene;
  scene.want.health_check = HealthCheck{HealthCheck::Type::kElb, absl::Minutes(5)};
  scene.want.cooldown = absl::Minutes(5);
  EXPECT_EQ(Sent(StepTo(scene.Decide(), "set HealthCheckType, HealthCheckGracePeriod")),
            R"(UpdateAutoScalingGroup {"HealthCheckType":"ELB","HealthCheckGracePeriod":300,)"
            R"("AutoScalingGroupName":"web"})");
}

TEST(WantSettings, AChangeOfZonesTakesInstancesAwayAndIsDisruptive) {
  Scene scene;
  scene.want.zones = {"us-east-1b", "us-east-1a"};
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
  scene.want.zones = {"us-east-1b", "us-east-1c"};
  const Plan plan = scene.Decide();
  const Step* step = StepTo(plan, "set zones");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->danger, Danger::kDisruptive);
  EXPECT_THAT(Sent(step), HasSubstr(R"("AvailabilityZones":["us-east-1b","us-east-1c"])"));
}

TEST(WantAttached, WhatIsMissingIsAttachedAndOthersAreLeftAlone) {
  Scene scene;
  scene.want.load_balancers = {"front", "old"};
  scene.item["LoadBalancerNames"] = json::array{"old", "by hand"};
  scene.want.target_groups = {"arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/1"};
  const Plan plan = scene.Decide();
  EXPECT_THAT(Sent(StepTo(plan, "attach loadBalancers")), HasSubstr(R"("LoadBalancerNames":["front"])"));
  EXPECT_THAT(Sent(StepTo(plan, "attach targetGroups")), HasSubstr("targetgroup/a/1"));
  EXPECT_EQ(plan.stages.size(), 1U);
}

TEST(WantAttached, TagsAreAddedAndOthersLeftAlone) {
  Scene scene;
  scene.want.tags = {{"role", "web", true}, {"empty", "", false}};
  scene.item["Tags"] =
      json::array{json::object{{"Key", "role"}, {"Value", "db"}, {"PropagateAtLaunch", "true"}},
                  json::object{{"Key", "empty"}, {"Value", ""}, {"PropagateAtLaunch", "false"}},
                  json::object{{"Key", "by hand"}, {"Value", "x"}, {"PropagateAtLaunch", "true"}}};
  const Plan plan = scene.Decide();
  EXPECT_EQ(Sent(StepTo(plan, "tag tags")),
            R"(CreateOrUpdateTags {"Tags":[{"ResourceId":"web","ResourceType":"auto-scaling-group",)"
            R"("Key":"role","Value":"web","PropagateAtLaunch":true}]})");
  EXPECT_EQ(DiffOf(plan, "tags.role"), "db → web");
}

}  // namespace
}  // namespace holdfast::autoscaling_group
