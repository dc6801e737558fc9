// Processes that rest for a while, and come back exactly once.
#include <gtest/gtest.h>

#include "tests/unit/autoscaling_group/scene.h"

namespace holdfast::autoscaling_group {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kObject = "process:AZRebalance";

TEST(WantSuspended, WhatIsDeclaredRestsWithALeaseThatBringsItBack) {
  Scene scene;
  scene.Rest(Process::kAzRebalance);
  const Plan plan = scene.Decide();
  const Step* step = StepTo(plan, "suspend process AZRebalance");
  EXPECT_EQ(Sent(step),
            R"(SuspendProcesses {"ScalingProcesses":["AZRebalance"],"AutoScalingGroupName":"web"})");
  ASSERT_NE(step, nullptr);
  ASSERT_TRUE(step->puts_aside);
  EXPECT_EQ(step->puts_aside->object, kObject);
  EXPECT_THAT(Line(step->puts_aside->restore), HasSubstr("resume-processes"));
  EXPECT_EQ(plan.look_again, scene.want.suspended[0].until);
}

// Nobody resumes, for want of a word about it, what a stale look does not show yet.
TEST(WantSuspended, WhatIsInTheLedgerAndNotShownYetIsNotForgotten) {
  Scene scene;
  scene.Rest(Process::kAzRebalance);
  scene.Performed(*StepTo(scene.Decide(), "suspend process AZRebalance"));
  EXPECT_THAT(WaitCalled(scene.Decide(), RestoreName(kObject)), HasSubstr("debate night"));
}

TEST(WantSuspended, ES9_WhatRestsByOurDoingStaysUntilItsTimeAndIsResumedOnce) {
  Scene scene;
  const absl::Time until = scene.Rest(Process::kAzRebalance).until;
  scene.Performed(*StepTo(scene.Decide(), "suspend process AZRebalance"));
  scene.Suspended("AZRebalance");
  Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, RestoreName(kObject)), HasSubstr("debate night"));

  scene.now = until;
  plan = scene.Decide();
  const Step* step = StepTo(plan, "resume process AZRebalance");
  EXPECT_EQ(Sent(step),
            R"(ResumeProcesses {"ScalingProcesses":["AZRebalance"],"AutoScalingGroupName":"web"})");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->duty, Step::Duty::kMustFinish);
  EXPECT_EQ(step->puts_back, kObject);
  EXPECT_THAT(WaitCalled(plan, "suspension of AZRebalance expired"), HasSubstr("it ended"));

  scene.item["SuspendedProcesses"] = "";
  plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_EQ(Restored(plan, kObject), "AZRebalance runs");
  scene.past.open.clear();
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
}

TEST(WantSuspended, ItIsResumedWhenTheEntryOrTheSpecIsGone) {
  Scene scene;
  scene.Lease(std::string(kObject)).Suspended("AZRebalance");
  EXPECT_NE(StepTo(scene.Decide(), "resume process AZRebalance"), nullptr);
  scene.Rest(Process::kAzRebalance);
  EXPECT_EQ(StepTo(scene.Decide(), "resume process AZRebalance"), nullptr);
  scene.purpose = Purpose::kRelease;
  EXPECT_NE(StepTo(scene.Decide(), "resume process AZRebalance"), nullptr);
}

TEST(WantSuspended, A3_CodedeploySamples43_WhatOthersSuspendedIsNeverResumedAndIsNamed) {
  Scene scene;
  scene.Suspended("Launch", "User suspended at 2026-11-01T00:00:00Z");
  Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "Launch is suspended"), HasSubstr("User suspended at 2026-11-01"));
  // Neither when the spec says the same for a while.
  scene.Rest(Process::kLaunch, absl::Hours(1));
  plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  scene.now += absl::Hours(2);
  plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  scene.purpose = Purpose::kRelease;
  EXPECT_THAT(scene.Decide().stages, IsEmpty());
}

TEST(WantSuspended, WhatWasRefusedToUsIsSomeoneElsesWhenItRestsAllTheSame) {
  Scene scene;
  scene.Rest(Process::kAzRebalance);
  scene.Performed(*StepTo(scene.Decide(), "suspend process AZRebalance"), Outcome::Kind::kRefused);
  scene.Suspended("AZRebalance");
  scene.want.suspended.clear();
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(Restored(plan, kObject), HasSubstr("refused"));
  EXPECT_THAT(WaitCalled(plan, "AZRebalance is suspended"), HasSubstr("by someone else"));
}

TEST(WantSuspended, WhatWasCutOffBeforeItWasSentIsSimplySentOrLetGo) {
  Scene scene;
  scene.Lease(std::string(kObject));
  EXPECT_EQ(Restored(scene.Decide(), kObject), "AZRebalance runs");
  scene.Rest(Process::kAzRebalance);
  const Plan plan = scene.Decide();
  EXPECT_NE(StepTo(plan, "suspend process AZRebalance"), nullptr);
  EXPECT_EQ(Restored(plan, kObject), "no");
}

TEST(WantSuspended, ItRestsBeforeAnythingElseChanges) {
  Scene scene;
  scene.Rest(Process::kLaunch);
  scene.want.size = Size{4, 8, std::nullopt};
  const Plan plan = scene.Decide();
  ASSERT_EQ(plan.stages.size(), 2U);
  EXPECT_EQ(plan.stages[0].steps[0].target, "process Launch");
  EXPECT_EQ(plan.stages[1].steps[0].target, "size");
}

TEST(WantSuspended, WhatASweepToldBringsNothingBackYetAndForgetsNothing) {
  Scene scene;
  scene.Lease(std::string(kObject)).Suspended("AZRebalance");
  scene.read = State::Read::kSwept;
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, RestoreName(kObject)), HasSubstr("looked at anew"));
  EXPECT_THAT(plan.ask, testing::ElementsAre("fresh"));
}

TEST(WantSuspended, AGroupThatIsGoneLeavesNothingToResume) {
  Scene scene;
  scene.Lease(std::string(kObject));
  scene.purpose = Purpose::kRelease;
  EXPECT_EQ(Restored(scene.DecideAbsent(), kObject), "the group is gone");
}

}  // namespace
}  // namespace holdfast::autoscaling_group
