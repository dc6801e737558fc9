// How many instances: what is sent, and what is never dragged along in silence.
#include <gtest/gtest.h>

#include "tests/unit/autoscaling_group/scene.h"

namespace holdfast::autoscaling_group {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Size Of(std::optional<int> min, std::optional<int> max, std::optional<int> desired = std::nullopt) {
  return {min, max, desired};
}

TEST(WantSize, NothingIsTouchedThatTheSpecLeavesOut) {
  Scene scene;
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
  scene.want.size = Of(2, 8);
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(plan.diffs, IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);
}

TEST(WantSize, A1_MinMaxAndDesiredTravelInOneRequest) {
  Scene scene;
  scene.want.size = Of(4, 6, 5);
  const Plan plan = scene.Decide();
  EXPECT_EQ(StepsOf(plan).size(), 1U);
  EXPECT_EQ(Sent(StepTo(plan, "set size")),
            "UpdateAutoScalingGroup "
            R"({"MinSize":4,"MaxSize":6,"DesiredCapacity":5,"AutoScalingGroupName":"web"})");
  EXPECT_EQ(StepTo(plan, "set size")->danger, Danger::kReversible);
}

TEST(WantSize, A1_TerraformAws26230_AMinAboveDesiredRaisesItAloudAndNotInSilence) {
  Scene scene;
  scene.want.size = Of(5, 8);
  const Plan plan = scene.Decide();
  EXPECT_THAT(Sent(StepTo(plan, "set size")), HasSubstr(R"("DesiredCapacity":5)"));
  EXPECT_EQ(DiffOf(plan, "size.desired"), "3 → 5");
  EXPECT_THAT(StepTo(plan, "set size")->why, HasSubstr("min 5 raises desired from 3 to 5"));
}

TEST(WantSize, A2_AMaxBelowDesiredNamesDesiredAndIsDisruptive) {
  Scene scene;
  scene.want.size = Of(1, 2);
  const Plan plan = scene.Decide();
  const Step* step = StepTo(plan, "set size");
  EXPECT_THAT(Sent(step), HasSubstr(R"("DesiredCapacity":2)"));
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->danger, Danger::kDisruptive);
  EXPECT_THAT(step->why, HasSubstr("max 2 takes 1 of 3 instances away"));
}

TEST(WantSize, A2_ALowerMaxThatLeavesDesiredAloneNamesItAllTheSame) {
  Scene scene;
  scene.want.size = Of(2, 5);
  EXPECT_THAT(Sent(StepTo(scene.Decide(), "set size")), HasSubstr(R"("DesiredCapacity":3)"));
}

TEST(WantSize, C8_WiderBoundsLeaveDesiredToWhoeverOwnsIt) {
  Scene scene;
  scene.want.size = Of(1, 10);
  EXPECT_THAT(Sent(StepTo(scene.Decide(), "set size")), Not(HasSubstr("DesiredCapacity")));
}

TEST(WantSize, A11_DesiredAloneHonoursTheCooldownOfSimplePolicies) {
  Scene scene;
  scene.want.size = Of(std::nullopt, std::nullopt, 6);
  EXPECT_EQ(Sent(StepTo(scene.Decide(), "set size")),
            R"(SetDesiredCapacity {"DesiredCapacity":6,"HonorCooldown":true,"AutoScalingGroupName":"web"})");
}

TEST(WantSize, A5_NothingIsTakenAwayWhileInstancesComeOrGo) {
  Scene scene;
  scene.want.size = Of(2, 8, 2);
  EXPECT_EQ(HeldBy(StepTo(scene.Decide(), "set size")), "");
  scene.Instance(1)["LifecycleState"] = "Pending";
  EXPECT_THAT(HeldBy(StepTo(scene.Decide(), "set size")), HasSubstr("i-2 is Pending"));
  scene.item["Instances"].as_array().pop_back();
  scene.Instance(1)["LifecycleState"] = "InService";
  EXPECT_THAT(HeldBy(StepTo(scene.Decide(), "set size")), HasSubstr("2 there, 3 desired"));
}

TEST(WantSize, BoundsThatContradictTheGroupsOwnAreTold) {
  Scene scene;
  scene.want.size = Of(9, std::nullopt);
  EXPECT_THAT(WaitCalled(scene.Decide(), "size contradicts"), HasSubstr("min 9 is above max 8"));
  scene.want.size = Of(std::nullopt, std::nullopt, 9);
  EXPECT_THAT(WaitCalled(scene.Decide(), "size contradicts"), HasSubstr("desired 9 is not between"));
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
}

TEST(WantSize, WhatASweepToldIsReadAnewBeforeAnythingIsWritten) {
  Scene scene;
  scene.want.size = Of(4, 8);
  scene.read = State::Read::kSwept;
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_EQ(DiffOf(plan, "size.min"), "2 → 4");
  EXPECT_THAT(plan.ask, testing::ElementsAre("fresh"));
  scene.read = State::Read::kTargeted;
  EXPECT_THAT(scene.Decide().ask, testing::ElementsAre("fresh"));
}

TEST(WantSize, AGroupThatIsBeingDeletedIsLeftAlone) {
  Scene scene;
  scene.want.size = Of(4, 8);
  scene.item["Status"] = "Delete in progress";
  scene.Lease("process:Launch");
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "the group is being deleted"), HasSubstr("Delete in progress"));
  EXPECT_THAT(WaitCalled(plan, RestoreName("process:Launch")), Not(HasSubstr("none")));
}

TEST(WantSize, NothingIsBegunWhenTheSpecIsGone) {
  Scene scene;
  scene.want.size = Of(4, 8);
  scene.purpose = Purpose::kRelease;
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
}

}  // namespace
}  // namespace holdfast::autoscaling_group
