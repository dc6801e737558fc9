// Policies, schedules and hooks: put whole, by name; none is taken away.
#include <gtest/gtest.h>

#include "tests/unit/autoscaling_group/scene.h"

namespace holdfast::autoscaling_group {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

Policy Grow() {
  return {.name = "Increase Group Size",
          .simple = SimplePolicy{.adjustment = 2, .cooldown = absl::Minutes(5)}};
}

json::object Told(std::string_view adjustment = "2") {
  return {{"AutoScalingGroupName", "web"},
          {"PolicyName", "Increase Group Size"},
          {"PolicyARN", "arn:aws:autoscaling:us-east-1:1:scalingPolicy:u:Increase"},
          {"PolicyType", "SimpleScaling"},
          {"AdjustmentType", "ChangeInCapacity"},
          {"ScalingAdjustment", JsonView(adjustment)},
          {"Cooldown", "300"},
          {"Enabled", "true"},
          {"Alarms", ""}};
}

TEST(WantPolicies, A9_AMissingOneIsPutAndOneThatIsAsDeclaredIsNot) {
  Scene scene;
  scene.want.policies = {Grow()};
  EXPECT_EQ(Sent(StepTo(scene.Decide(), "put policy Increase Group Size")),
            R"(PutScalingPolicy {"PolicyName":"Increase Group Size","PolicyType":"SimpleScaling",)"
            R"("AdjustmentType":"ChangeInCapacity","ScalingAdjustment":2,"Cooldown":300,)"
            R"("AutoScalingGroupName":"web"})");
  scene.policies.push_back(Told());
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(plan.outputs, Contains(Pair("policy:Increase Group Size",
                                          "arn:aws:autoscaling:us-east-1:1:scalingPolicy:u:Increase")));
}

TEST(WantPolicies, A9_PutReplacesTheWholeSoWhatTheSpecLeavesOutTravelsAlong) {
  Scene scene;
  scene.want.policies = {Grow()};
  scene.want.policies[0].simple->cooldown.reset();
  json::object told = Told("1");
  told["MinAdjustmentMagnitude"] = "3";
  scene.policies.push_back(told);
  const Plan plan = scene.Decide();
  const std::string sent = Sent(StepTo(plan, "put policy Increase Group Size"));
  EXPECT_THAT(sent, HasSubstr(R"("ScalingAdjustment":2)"));
  EXPECT_THAT(sent, HasSubstr(R"("Cooldown":300)"));
  EXPECT_THAT(sent, HasSubstr(R"("MinAdjustmentMagnitude":3)"));
  EXPECT_EQ(DiffOf(plan, "policies.Increase Group Size.ScalingAdjustment"), "1 → 2");
}

TEST(WantPolicies, A9_OneThatIsNotDeclaredIsNeverTouched) {
  Scene scene;
  scene.want.policies = {Grow()};
  scene.policies = {Told()};
  json::object other = Told();
  other["PolicyName"] = "by hand";
  scene.policies.push_back(other);
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
}

TEST(WantPolicies, A9_TargetTrackingIsComparedThroughAndItsAlarmsAreNotNamed) {
  Scene scene;
  scene.want.policies = {{.name = "cpu-50", .tracking = TrackingPolicy{.target = 50}}};
  const std::string sent = Sent(StepTo(scene.Decide(), "put policy cpu-50"));
  EXPECT_THAT(sent, HasSubstr(R"("PredefinedMetricType":"ASGAverageCPUUtilization"},"TargetValue":5E1)"));
  EXPECT_THAT(sent, Not(HasSubstr("Alarm")));
  json::object told{{"PolicyName", "cpu-50"},
                    {"PolicyType", "TargetTrackingScaling"},
                    {"TargetTrackingConfiguration",
                     json::object{{"PredefinedMetricSpecification",
                                   json::object{{"PredefinedMetricType", "ASGAverageCPUUtilization"}}},
                                  {"TargetValue", "50.0"},
                                  {"DisableScaleIn", "false"}}},
                    {"Alarms", json::array{json::object{{"AlarmName", "TargetTracking-web-AlarmHigh-1"}}}}};
  scene.policies.push_back(told);
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
  scene.policies[0].as_object()["TargetTrackingConfiguration"].as_object()["TargetValue"] = "60.0";
  EXPECT_THAT(StepTo(scene.Decide(), "put policy cpu-50")->why, HasSubstr("TargetValue is 60.0"));
}

TEST(WantPolicies, StepsAreComparedInTheirOrder) {
  Scene scene;
  StepPolicy steps{.steps = {{.from = 0, .to = 20, .adjustment = 1}, {.from = 20, .adjustment = 3}}};
  scene.want.policies = {{.name = "steps", .step = steps}};
  EXPECT_THAT(Sent(StepTo(scene.Decide(), "put policy steps")), HasSubstr(R"("ScalingAdjustment":3})"));
  scene.policies.push_back(json::object{
      {"PolicyName", "steps"},
      {"PolicyType", "StepScaling"},
      {"AdjustmentType", "ChangeInCapacity"},
      {"StepAdjustments",
       json::array{json::object{{"MetricIntervalLowerBound", "0.0"},
                                {"MetricIntervalUpperBound", "20.0"},
                                {"ScalingAdjustment", "1"}},
                   json::object{{"MetricIntervalLowerBound", "20.0"}, {"ScalingAdjustment", "3"}}}}});
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
}

TEST(WantPolicies, C4_AListThatIsNotKnownChangesNothing) {
  Scene scene;
  scene.want.policies = {Grow()};
  scene.policies_unknown = "DescribePolicies: page 2: throttled";
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "policies"), HasSubstr("page 2"));
}

TEST(WantSchedule, IsPutOnceAndLeftAloneWhenItsOnlyMomentHasPassed) {
  Scene scene;
  ScheduledAction evening{.name = "evening", .start = scene.now + absl::Hours(3), .size = {{}, {}, 6}};
  scene.want.scheduled_actions = {evening};
  EXPECT_EQ(Sent(StepTo(scene.Decide(), "put schedule evening")),
            Cat(R"(PutScheduledUpdateGroupAction {"ScheduledActionName":"evening","StartTime":")",
                Rfc3339(*evening.start), R"(","DesiredCapacity":6,"AutoScalingGroupName":"web"})"));
  scene.now += absl::Hours(4);
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "scheduled action evening expired"), HasSubstr("its time was"));
}

TEST(WantSchedule, ARecurringOneIsNotComparedByAStartThatLiesBehind) {
  Scene scene;
  scene.want.scheduled_actions = {{.name = "nightly",
                                   .recurrence = "0 2 * * *",
                                   .start = scene.now - absl::Hours(1),
                                   .size = {1, {}, {}}}};
  scene.schedule.push_back(json::object{{"ScheduledActionName", "nightly"},
                                        {"Recurrence", "0 2 * * *"},
                                        {"StartTime", "2026-11-19T02:00:00Z"},
                                        {"MinSize", "1"}});
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
  scene.want.scheduled_actions[0].recurrence = "0 3 * * *";
  EXPECT_THAT(Sent(StepTo(scene.Decide(), "put schedule nightly")), Not(HasSubstr("StartTime")));
}

TEST(WantHooks, ArePut) {
  Scene scene;
  scene.want.lifecycle_hooks = {{.transition = Hook::Transition::kTerminating,
                                 .name = "drain",
                                 .heartbeat = absl::Minutes(5),
                                 .otherwise = Hook::Result::kContinue}};
  EXPECT_EQ(Sent(StepTo(scene.Decide(), "put hook drain")),
            R"(PutLifecycleHook {"LifecycleHookName":"drain",)"
            R"("LifecycleTransition":"autoscaling:EC2_INSTANCE_TERMINATING","HeartbeatTimeout":300,)"
            R"("DefaultResult":"CONTINUE","AutoScalingGroupName":"web"})");
  scene.hooks.push_back(json::object{{"LifecycleHookName", "drain"},
                                     {"LifecycleTransition", "autoscaling:EC2_INSTANCE_TERMINATING"},
                                     {"HeartbeatTimeout", "300"},
                                     {"DefaultResult", "CONTINUE"},
                                     {"GlobalTimeout", "172800"}});
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
}

}  // namespace
}  // namespace holdfast::autoscaling_group
