// AWS replaces the instances; it is told once, and nobody else's doing is touched.
#include <gtest/gtest.h>

#include "tests/unit/autoscaling_group/scene.h"

namespace holdfast::autoscaling_group {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

constexpr const char* kDisturbing[] = {"AlarmNotification", "AZRebalance", "ScheduledActions"};
constexpr std::string_view kAsWanted =
    R"({"ScaleInProtectedInstances":"Ignore","StandbyInstances":"Ignore","MinHealthyPercentage":"90",)"
    R"("InstanceWarmup":"300"})";

// The group launches v2 already; i-1 … i-3 run v1, and nothing disturbs.
Scene Ready() {
  Scene scene;
  scene.want.launch_configuration = LaunchConfigurationChoice{.name = "v2"};
  scene.want.rollout = Rollout{.strategy = Rollout::Strategy::kInstanceRefresh,
                               .compatible = true,
                               .min_healthy = specs::Percentage{90},
                               .warmup = absl::Minutes(5)};
  scene.item["LaunchConfigurationName"] = "v2";
  scene.Told();
  for (const char* process : kDisturbing) {
    scene.Suspended(process);
    scene.past.open.push_back({.object = ProcessObject(process),
                               .before = "running",
                               .wrote = "until it is through",
                               .why = "the rollout of v2"});
  }
  return scene;
}
constexpr std::string_view kOtherwise = R"({"MinHealthyPercentage":"50"})";
Refresh Listed(const Scene& scene, std::string id, std::string status,
               std::string_view preferences = kAsWanted) {
  return {.id = std::move(id),
          .status = std::move(status),
          .start = scene.now,
          .percent = 33,
          .left = 2,
          .preferences = ParseJson(preferences)->as_object()};
}
void Tell(Scene& scene, std::vector<Refresh> refreshes) {
  scene.goings.refreshes = Known<std::vector<Refresh>>{std::move(refreshes), scene.now};
}
const Step* Start(const Plan& plan) { return StepTo(plan, "refresh instances"); }
// Begun by us, and told by AWS since.
Scene Begun(std::string status = "InProgress") {
  Scene scene = Ready();
  scene.Performed(*Start(scene.Decide()));
  Tell(scene, {Listed(scene, "r-1", std::move(status))});
  return scene;
}
void Remember(Scene& scene, const Plan& plan) {
  for (const auto& [name, value] : plan.pins) scene.past.pins.try_emplace(name, value);
}

TEST(InstanceRefresh, A7_IsBegunOnceWithItsPreferencesAndStandbyAndProtectedAreIgnored) {
  Scene scene = Ready();
  const Plan plan = scene.Decide();
  EXPECT_EQ(HeldBy(Start(plan)), "");
  EXPECT_EQ(
      Sent(Start(plan)),
      R"(StartInstanceRefresh {"Strategy":"Rolling","Preferences":{"ScaleInProtectedInstances":"Ignore",)"
      R"("StandbyInstances":"Ignore","MinHealthyPercentage":90,"InstanceWarmup":300},)"
      R"("AutoScalingGroupName":"web"})");
  EXPECT_EQ(Start(plan)->danger, Danger::kDisruptive);
  EXPECT_EQ(StepsOf(plan).size(), 1U);
  EXPECT_EQ(DiffOf(plan, "instances"), "3 do not → all run v2");
}

TEST(InstanceRefresh, WhatIsSetApartIsWaitedForWhenTheSpecSaysSoAndNeverTakenAway) {
  Scene scene = Ready();
  scene.want.rollout->protected_ones = scene.want.rollout->standby = Rollout::Apart::kWait;
  scene.Instance(0)["ProtectedFromScaleIn"] = "true";
  const Plan plan = scene.Decide();
  EXPECT_THAT(Sent(Start(plan)),
              HasSubstr(R"("ScaleInProtectedInstances":"Wait","StandbyInstances":"Wait")"));
  EXPECT_THAT(WaitCalled(plan, "i-1 is left alone"), HasSubstr("the refresh waits for it"));
}

TEST(InstanceRefresh, WhenOnlyThoseThatAreSetApartAreOldNothingIsBegun) {
  Scene scene = Ready();
  for (size_t i = 0; i < 3; ++i) scene.Instance(i)["LaunchConfigurationName"] = "v2";
  scene.Instance(0)["LaunchConfigurationName"] = "v1";
  scene.Instance(0)["ProtectedFromScaleIn"] = "true";
  scene.Instance(1)["LaunchConfigurationName"] = "v1";
  scene.Instance(1)["LifecycleState"] = "Standby";
  EXPECT_EQ(Start(scene.Decide()), nullptr);
}

TEST(InstanceRefresh, ATemplatesVersionThatRunsAlreadyIsSkipped) {
  Scene scene = Ready();
  scene.want.launch_configuration.reset();
  scene.want.launch_template = LaunchTemplateChoice{.name = "web", .version = 7};
  scene.item["LaunchTemplate"] = json::object{{"LaunchTemplateName", "web"}, {"Version", "7"}};
  EXPECT_THAT(Sent(Start(scene.Decide())), HasSubstr(R"("SkipMatching":true)"));
}

TEST(InstanceRefresh, A3_WhatWouldDisturbRestsFirst) {
  Scene scene = Ready();
  scene.past.open.clear();
  scene.item["SuspendedProcesses"] = "";
  const Plan plan = scene.Decide();
  ASSERT_FALSE(plan.stages.empty());
  EXPECT_EQ(plan.stages[0].steps.size(), 3U);
  EXPECT_THAT(HeldBy(Start(plan)), HasSubstr("A3: what would disturb rests"));
}

TEST(InstanceRefresh, A7_OneInstanceIsRefusedUnlessNobodyNeedServe) {
  Scene scene = Ready();
  scene.Gone("i-2"), scene.Gone("i-3");
  scene.item["DesiredCapacity"] = "1";
  const Plan plan = scene.Decide();
  EXPECT_EQ(Start(plan), nullptr);
  EXPECT_THAT(WaitCalled(plan, "the rollout may begin"), HasSubstr("minHealthy: 0%"));
  scene.want.rollout->min_healthy = specs::Percentage{0};
  EXPECT_EQ(HeldBy(Start(scene.Decide())), "");
}

TEST(InstanceRefresh, WhatOthersSuspendedIsNeededSoItIsRefused) {
  for (const char* process : {"Launch", "Terminate", "HealthCheck", "AddToLoadBalancer", "InstanceRefresh"}) {
    Scene scene = Ready();
    scene.Suspended(process);
    const Plan plan = scene.Decide();
    EXPECT_EQ(Start(plan), nullptr) << process;
    EXPECT_THAT(WaitCalled(plan, "the rollout may begin"), HasSubstr(process));
  }
}

TEST(InstanceRefresh, AS1_ItIsNotBegunWhileTooFewServe) {
  Scene scene = Ready();
  scene.Finds("i-2", "OutOfService");
  EXPECT_THAT(HeldBy(Start(scene.Decide())), HasSubstr("AS1: enough serve: 2 of 3 serve, i-2"));
  scene.want.rollout->min_healthy = specs::Percentage{60};
  EXPECT_EQ(HeldBy(Start(scene.Decide())), "");
  scene.goings.balancers["front"] = Unknown{"DescribeInstanceHealth: 500"};
  EXPECT_THAT(HeldBy(Start(scene.Decide())), HasSubstr("DescribeInstanceHealth: 500"));
}

TEST(InstanceRefresh, AS2_SomeoneElsesActivityIsWaitedOut) {
  Scene scene = Ready();
  scene.Happened({.description = "Launching a new EC2 instance", .status = "InProgress", .start = scene.now});
  EXPECT_THAT(HeldBy(Start(scene.Decide())), HasSubstr("AS2: nobody else is at work"));
}

TEST(InstanceRefresh, ItIsNotBegunWhileAnInstanceComes) {
  Scene scene = Ready();
  scene.Add("i-4", "v2")["LifecycleState"] = "Pending";
  EXPECT_EQ(HeldBy(Start(scene.Decide())), "nobody comes or goes: i-4 is Pending");
}

TEST(InstanceRefresh, ItIsNotBegunBeforeTheGroupLaunchesWhatIsWanted) {
  Scene scene = Ready();
  scene.item["LaunchConfigurationName"] = "v1";
  EXPECT_EQ(HeldBy(Start(scene.Decide())), "new instances run what is wanted: LaunchConfigurationName is v1");
}

TEST(InstanceRefresh, A7_ItIsNotBegunWhileNobodyKnowsWhetherOneRuns) {
  Scene scene = Ready();
  scene.goings.refreshes = Unknown{"DescribeInstanceRefreshes: 500"};
  EXPECT_THAT(HeldBy(Start(scene.Decide())), HasSubstr("DescribeInstanceRefreshes: 500"));
}

TEST(InstanceRefresh, RefreshesAreAskedForBeforeAnythingIsDecided) {
  Scene scene = Ready();
  scene.goings = Goings();
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.ask, testing::Contains("goings"));
  EXPECT_THAT(HeldBy(Start(plan)), HasSubstr("not asked for"));
}

TEST(InstanceRefresh, OursIsWatchedAndNotBegunAgain) {
  Scene scene = Begun();
  Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "instance refresh"),
              HasSubstr("r-1, for v2, is InProgress: 33% done, 2 to go"));
  EXPECT_THAT(plan.pins, ElementsAre(Pair("refresh:r-1", "v2")));
  Refresh stuck = Listed(scene, "r-1", "InProgress");
  stuck.reason = "Waiting for instances to warm up before continuing.";
  Tell(scene, {stuck});
  EXPECT_THAT(WaitCalled(scene.Decide(), "instance refresh"), HasSubstr("Waiting for instances to warm up"));
}

TEST(InstanceRefresh, OneThatIsNotToldYetIsNotBegunOnceMore) {
  Scene scene = Ready();
  const Plan plan = scene.Decide();
  // The same effect: what was sent is not sent again while AWS has not had its chance to show it.
  EXPECT_GE(Start(plan)->show_within, absl::Minutes(2));
  ASSERT_TRUE(Start(plan)->meter.has_value());
  EXPECT_GE(Start(plan)->meter->gap, absl::Minutes(1));
  scene.Performed(*Start(plan));
  EXPECT_EQ(Start(scene.Decide())->key, Start(plan)->key);
  // It is Pending at first, and has no start then.
  Refresh pending = Listed(scene, "r-1", "Pending");
  pending.start = absl::InfiniteFuture();
  scene.now += absl::Seconds(20);
  Tell(scene, {pending});
  EXPECT_EQ(Start(scene.Decide()), nullptr);
}

TEST(InstanceRefresh, OneThatBeganLongBeforeOrAfterOurRequestIsSomeoneElses) {
  struct Case {
    absl::Duration after;
    bool is_ours;
  };
  for (const auto& [after, is_ours] : {Case{absl::Seconds(-90), false}, Case{absl::Seconds(-30), true},
                                       Case{absl::Minutes(4), true}, Case{absl::Minutes(6), false}}) {
    Scene scene = Ready();
    scene.Performed(*Start(scene.Decide()));
    Refresh one = Listed(scene, "r-1", "InProgress", kOtherwise);
    one.start = scene.now + after;
    scene.now += absl::Minutes(10);
    Tell(scene, {one});
    EXPECT_EQ(scene.Decide().pins.size(), is_ours ? 1U : 0U) << after;
  }
}

TEST(InstanceRefresh, OneThatNamesWhatItWantsIsNoneThatWeBegan) {
  Scene scene = Ready();
  scene.Performed(*Start(scene.Decide()));
  Refresh named = Listed(scene, "r-9", "InProgress", kOtherwise);
  named.desired = {{"LaunchTemplate", json::object{{"LaunchTemplateName", "web"}, {"Version", "3"}}}};
  Tell(scene, {named});
  EXPECT_THAT(scene.Decide().pins, IsEmpty());
}

TEST(InstanceRefresh, TwoRequestsInARowBeganOneEach) {
  Scene scene = Begun("Cancelled");
  scene.want.launch_configuration->name = "v3";
  scene.item["LaunchConfigurationName"] = "v3";
  const Refresh first = Listed(scene, "r-1", "Cancelled");
  scene.now += absl::Seconds(30);
  scene.Performed(*Start(scene.Decide()));
  Tell(scene, {Listed(scene, "r-2", "InProgress", kOtherwise), first});
  EXPECT_THAT(scene.Decide().pins,
              testing::UnorderedElementsAre(Pair("refresh:r-1", "v2"), Pair("refresh:r-2", "v3")));
}

TEST(InstanceRefresh, A7_OneThatNamesItsTemplateIsTakenOverWhenThatAloneIsTheWantedVersion) {
  Scene scene = Ready();
  scene.want.launch_configuration.reset();
  scene.want.launch_template = LaunchTemplateChoice{.name = "web", .version = 7};
  scene.item.erase("LaunchConfigurationName");
  scene.item["LaunchTemplate"] = json::object{{"LaunchTemplateName", "web"}, {"Version", "7"}};
  const std::string preferences =
      Cat(kAsWanted.substr(0, kAsWanted.size() - 1), R"(,"SkipMatching":"true"})");
  Refresh named = Listed(scene, "r-9", "InProgress", preferences);
  const auto wants = [&](std::string_view version) -> json::object& {
    named.desired = {
        {"LaunchTemplate", json::object{{"LaunchTemplateName", "web"}, {"Version", JsonView(version)}}}};
    return named.desired;
  };
  wants("7");
  Tell(scene, {named});
  EXPECT_THAT(scene.Decide().pins, ElementsAre(Pair("refresh:r-9", "web version 7")));
  wants("6");
  Tell(scene, {named});
  EXPECT_THAT(scene.Decide().pins, IsEmpty());
  wants("7")["MixedInstancesPolicy"] = json::object{};
  Tell(scene, {named});
  EXPECT_THAT(scene.Decide().pins, IsEmpty());
}

TEST(InstanceRefresh, A7_AForeignOneThatWantsTheSameIsTakenOver) {
  Scene scene = Ready();
  Tell(scene, {Listed(scene, "r-9", "InProgress")});
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "instance refresh"), HasSubstr("progress: r-9"));
  EXPECT_THAT(plan.pins, ElementsAre(Pair("refresh:r-9", "v2")));
}

TEST(InstanceRefresh, A7_AForeignOneThatWantsSomethingElseIsNeitherCancelledNorAltered) {
  const std::string_view whole = R"({"ScaleInProtectedInstances":"Refresh","StandbyInstances":"Terminate"})";
  Scene scene = Ready();
  Tell(scene, {Listed(scene, "r-9", "InProgress", whole)});
  const Plan plan = scene.Decide();
  EXPECT_THAT(HeldBy(Start(plan)), HasSubstr("the instance refresh r-9 is InProgress"));
  EXPECT_THAT(WaitCalled(plan, "instance refresh of someone else"), HasSubstr("hold: r-9 is InProgress"));
  EXPECT_THAT(plan.pins, IsEmpty());
  for (const Step* step : StepsOf(plan)) EXPECT_THAT(Sent(step), Not(HasSubstr("CancelInstanceRefresh")));
  // One that names what it wants by itself is judged by that.
  Refresh named = Listed(scene, "r-9", "InProgress");
  named.desired = {{"LaunchTemplate", json::object{{"LaunchTemplateName", "web"}, {"Version", "3"}}}};
  Tell(scene, {named});
  EXPECT_THAT(WaitCalled(scene.Decide(), "instance refresh of someone else"), HasSubstr("r-9"));
}

TEST(InstanceRefresh, TheLaunchIsNotSwitchedUnderTheHandsOfOneThatRuns) {
  Scene scene = Begun();
  scene.want.launch_configuration->name = "v3";
  const Plan plan = scene.Decide();
  EXPECT_THAT(HeldBy(StepTo(plan, "set LaunchConfigurationName")),
              HasSubstr("A7: no instance refresh is under way"));
  EXPECT_NE(HeldBy(Start(plan)), "");
  EXPECT_THAT(WaitCalled(plan, "instance refresh"), HasSubstr("r-1, for v2, is InProgress"));
  EXPECT_THAT(WaitCalled(plan, "instance refresh"), HasSubstr("another one follows it"));
  // Then the switch, and then the next one.
  Remember(scene, plan);
  Tell(scene, {Listed(scene, "r-1", "Successful")});
  scene.now += absl::Minutes(10);
  EXPECT_EQ(HeldBy(StepTo(scene.Decide(), "set LaunchConfigurationName")), "");
  scene.item["LaunchConfigurationName"] = "v3";
  EXPECT_EQ(HeldBy(Start(scene.Decide())), "");
}

TEST(InstanceRefresh, A7_ARevertWaitsForTheEndOfOurs) {
  Scene scene = Begun();
  scene.want.launch_configuration->name = "v1";
  const Plan plan = scene.Decide();
  // All three still run v1: only the launch differs, and it stays until the refresh has ended.
  EXPECT_THAT(HeldBy(StepTo(plan, "set LaunchConfigurationName")), HasSubstr("r-1 is InProgress"));
  EXPECT_EQ(Start(plan), nullptr);
  EXPECT_THAT(WaitCalled(plan, "instance refresh"), HasSubstr("r-1, for v2,"));
  EXPECT_EQ(StepTo(plan, "resume process AZRebalance"), nullptr);
  // A person who ended it is heard, and the revert goes on.
  Tell(scene, {Listed(scene, "r-1", "Cancelled")});
  EXPECT_EQ(HeldBy(StepTo(scene.Decide(), "set LaunchConfigurationName")), "");
}

TEST(InstanceRefresh, A6_OneOfOursThatDidNotSucceedIsNotBegunAgainWithoutAPerson) {
  for (const char* status : {"Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"}) {
    Scene scene = Begun(status);
    Plan plan = scene.Decide();
    EXPECT_THAT(WaitCalled(plan, "the rollout has stopped"), HasSubstr(Cat("r-1 is ", status))) << status;
    EXPECT_EQ(Start(plan)->consent, Step::Consent::kPerson) << status;
    // Also when the request has been forgotten; and what rested does not wait for that person.
    Remember(scene, plan);
    scene.past.attempts.clear();
    scene.now += absl::Hours(30);
    plan = scene.Decide();
    EXPECT_EQ(Start(plan)->consent, Step::Consent::kPerson) << status;
    EXPECT_NE(StepTo(plan, "resume process AlarmNotification"), nullptr) << status;
    // Another launch begins anew.
    scene.want.launch_configuration->name = "v3";
    scene.item["LaunchConfigurationName"] = "v3";
    EXPECT_EQ(Start(scene.Decide())->consent, Step::Consent::kMode) << status;
  }
}

TEST(InstanceRefresh, AfterOneOfOursThatSucceededAnotherIsBegunForWhatCameBackFromStandby) {
  Scene scene = Begun("Successful");
  for (size_t i = 1; i < 3; ++i) scene.Instance(i)["LaunchConfigurationName"] = "v2";
  const Plan plan = scene.Decide();
  EXPECT_EQ(HeldBy(Start(plan)), "");
  EXPECT_EQ(Start(plan)->consent, Step::Consent::kMode);
  EXPECT_EQ(WaitCalled(plan, "the rollout has stopped"), "none");
}

TEST(InstanceRefresh, AForeignOneThatFailedStopsNobody) {
  Scene scene = Ready();
  Tell(scene, {Listed(scene, "r-9", "Failed")});
  const Plan plan = scene.Decide();
  EXPECT_EQ(Start(plan)->consent, Step::Consent::kMode);
  EXPECT_THAT(plan.pins, IsEmpty());
}

TEST(InstanceRefresh, A6_AForeignOneAfterOursDoesNotHideHowOursEnded) {
  Scene scene = Begun("Failed");
  const Refresh ours = Listed(scene, "r-1", "Failed");
  scene.now += absl::Minutes(20);
  Tell(scene, {Listed(scene, "r-9", "Successful", kOtherwise), ours});
  const Plan plan = scene.Decide();
  EXPECT_THAT(WaitCalled(plan, "the rollout has stopped"), HasSubstr("r-1 is Failed"));
  EXPECT_EQ(Start(plan)->consent, Step::Consent::kPerson);
}

TEST(InstanceRefresh, ARequestThatWasRefusedBeganNothing) {
  Scene scene = Ready();
  scene.Performed(*Start(scene.Decide()), Outcome::Kind::kRefused);
  Tell(scene, {Listed(scene, "r-9", "InProgress", kOtherwise)});
  const Plan plan = scene.Decide();
  EXPECT_THAT(WaitCalled(plan, "instance refresh of someone else"), HasSubstr("r-9"));
  EXPECT_THAT(plan.pins, IsEmpty());
}

TEST(InstanceRefresh, A4_WhatRestedForItRunsAgainWhenItIsThroughAndTheNewOnesHaveSettled) {
  Scene scene = Begun();
  for (size_t i = 0; i < 3; ++i) scene.Instance(i)["LaunchConfigurationName"] = "v2";
  scene.now += absl::Minutes(3);
  (void)scene.Decide();
  scene.now += absl::Minutes(3);
  EXPECT_EQ(StepTo(scene.Decide(), "resume process AZRebalance"), nullptr)
      << "AWS has not said that it is over";
  Tell(scene, {Listed(scene, "r-1", "Successful")});
  for (const char* process : kDisturbing)
    EXPECT_NE(StepTo(scene.Decide(), Cat("resume process ", process)), nullptr) << process;
}

}  // namespace
}  // namespace holdfast::autoscaling_group
