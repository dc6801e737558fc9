// Instances are replaced one by one, and nobody is missed meanwhile.
#include <gtest/gtest.h>

#include "tests/unit/autoscaling_group/scene.h"

namespace holdfast::autoscaling_group {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kDisturbing[] = {"AlarmNotification", "AZRebalance", "ScheduledActions"};

// The group launches v2 already; i-1 … i-3 run v1.
Scene Rolling() {
  Scene scene;
  scene.want.launch_configuration = LaunchConfigurationChoice{.name = "v2"};
  scene.want.rollout = Rollout{.strategy = Rollout::Strategy::kSerial, .compatible = true};
  scene.item["LaunchConfigurationName"] = "v2";
  scene.Told();
  return scene;
}
// What would disturb rests by our doing.
Scene Frozen() {
  Scene scene = Rolling();
  for (const char* process : kDisturbing) {
    scene.Suspended(process);
    scene.past.open.push_back({.object = ProcessObject(process),
                               .before = "running",
                               .wrote = "until it is through",
                               .why = "the rollout of v2"});
  }
  return scene;
}
const Step* Victim(const Plan& plan) {
  for (const Step* step : StepsOf(plan))
    if (step->verb == "terminate") return step;
  return nullptr;
}
std::string Held(Scene& scene) {
  const Plan plan = scene.Decide();
  return HeldBy(Victim(plan));
}

TEST(Serial, A3_AemStackBuilder295_WhatWouldDisturbRestsBeforeAnybodyGoes) {
  Scene scene = Rolling();
  const Plan plan = scene.Decide();
  ASSERT_FALSE(plan.stages.empty());
  EXPECT_EQ(plan.stages[0].steps.size(), 3U);
  for (const char* process : kDisturbing)
    EXPECT_NE(StepTo(plan, Cat("suspend process ", process)), nullptr) << process;
  EXPECT_THAT(HeldBy(Victim(plan)), HasSubstr("A3: what would disturb rests"));
}

TEST(Serial, AS3_EksRollingUpdate12_OneVictimByItsExactIdAndTheSizeStays) {
  Scene scene = Frozen();
  const Plan plan = scene.Decide();
  const Step* step = Victim(plan);
  EXPECT_EQ(HeldBy(step), "");
  EXPECT_EQ(
      Sent(step),
      R"(TerminateInstanceInAutoScalingGroup {"InstanceId":"i-1","ShouldDecrementDesiredCapacity":false})");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->danger, Danger::kDisruptive);
  EXPECT_EQ(StepsOf(plan).size(), 1U);
  EXPECT_EQ(DiffOf(plan, "instances"), "3 do not → all run v2");
}

TEST(Serial, NothingGoesBeforeTheGroupLaunchesWhatIsWanted) {
  Scene scene = Frozen();
  scene.item["LaunchConfigurationName"] = "v1";
  const Plan plan = scene.Decide();
  EXPECT_THAT(HeldBy(Victim(plan)), HasSubstr("new instances run what is wanted"));
  EXPECT_NE(StepTo(plan, "set LaunchConfigurationName"), nullptr);
}

TEST(Serial, ActivitiesAndBalancersAreAskedForBeforeAnythingIsDecided) {
  Scene scene = Rolling();
  scene.goings = Goings();
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.ask, testing::Contains("goings"));
  EXPECT_EQ(StepTo(plan, "suspend process AZRebalance"), nullptr);
  EXPECT_THAT(HeldBy(Victim(plan)), HasSubstr("not asked for"));
}

TEST(Serial, A5_TheReplacementCountsWhenEveryBalancerFindsItWellForLongEnough) {
  Scene scene = Frozen();
  scene.Gone("i-1");
  scene.Add("i-4", "v2")["LifecycleState"] = "Pending";
  EXPECT_THAT(Held(scene), HasSubstr("i-4 is Pending"));
  scene.Instance(2)["LifecycleState"] = "InService";
  scene.Finds("i-4", "OutOfService");
  EXPECT_THAT(Held(scene), HasSubstr("i-4: front finds it OutOfService"));
  scene.Finds("i-4", "InService");
  EXPECT_THAT(Held(scene), HasSubstr("i-4 serves for 0ms of 2m"));
  scene.now += absl::Minutes(1);
  EXPECT_THAT(Held(scene), HasSubstr("i-4 serves for 1m of 2m"));
  // A break begins the count anew.
  scene.Finds("i-4", "OutOfService");
  (void)scene.Decide();
  scene.Finds("i-4", "InService");
  scene.now += absl::Minutes(1);
  EXPECT_THAT(Held(scene), HasSubstr("i-4 serves for 0ms"));
  scene.now += absl::Minutes(2);
  EXPECT_EQ(Held(scene), "");
}

TEST(Serial, AS1_NobodyGoesWhileAnotherDoesNotServeOrCannotBeTold) {
  Scene scene = Frozen();
  scene.Finds("i-2", "OutOfService").Finds("i-3", "OutOfService");
  EXPECT_THAT(Held(scene), HasSubstr("AS1: all others serve"));
  scene.Told().goings.balancers["front"] = Unknown{"DescribeInstanceHealth: 500"};
  EXPECT_THAT(Held(scene), HasSubstr("DescribeInstanceHealth: 500"));
}

TEST(Serial, WhoDoesNotServeGoesFirst) {
  Scene scene = Frozen();
  scene.Finds("i-3", "OutOfService");
  const Plan plan = scene.Decide();
  EXPECT_EQ(Victim(plan)->target, "i-3");
  EXPECT_EQ(HeldBy(Victim(plan)), "");
}

TEST(Serial, AS7_ThenFromTheZoneThatHasMost) {
  Scene scene = Frozen();
  scene.Instance(0)["AvailabilityZone"] = "us-east-1b";
  EXPECT_EQ(Victim(scene.Decide())->target, "i-2");
}

TEST(Serial, TwoMustBeInService) {
  Scene scene = Rolling();
  scene.Gone("i-2"), scene.Gone("i-3");
  scene.item["DesiredCapacity"] = "1";
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "the rollout may begin"), HasSubstr("one by one takes two"));
}

TEST(Serial, WhileOneOfTwoIsReplacedWhatRestsStaysAtRest) {
  Scene scene = Frozen();
  scene.Gone("i-2"), scene.Gone("i-3");
  scene.item["DesiredCapacity"] = "2";
  const Plan plan = scene.Decide();
  EXPECT_EQ(StepTo(plan, "resume process AZRebalance"), nullptr);
  EXPECT_THAT(HeldBy(Victim(plan)), HasSubstr("1 there, 2 desired"));
}

TEST(Serial, HavingProcessesSuspendedByOthersBreaksDeploysSoItIsRefused) {
  for (const char* process : {"Launch", "Terminate", "HealthCheck", "AddToLoadBalancer"}) {
    Scene scene = Rolling();
    scene.Suspended(process);
    const Plan plan = scene.Decide();
    EXPECT_THAT(plan.stages, IsEmpty()) << process;
    EXPECT_THAT(WaitCalled(plan, "the rollout may begin"), HasSubstr(process));
  }
}

TEST(Serial, StandbyAndProtectedAreNeverTerminatedAndAreNamed) {
  Scene scene = Frozen();
  scene.Instance(0)["ProtectedFromScaleIn"] = "true";
  scene.Instance(1)["LifecycleState"] = "Standby";
  scene.item["DesiredCapacity"] = "2";
  const Plan plan = scene.Decide();
  EXPECT_EQ(Victim(plan)->target, "i-3");
  EXPECT_THAT(WaitCalled(plan, "i-1 is left alone"), HasSubstr("protected"));
  EXPECT_THAT(WaitCalled(plan, "i-2 is left alone"), HasSubstr("Standby"));
}

TEST(Serial, AS2_WhatSomeoneElseDoesIsWaitedOut) {
  Scene scene = Frozen();
  scene.Happened({.description = "Launching a new EC2 instance", .status = "InProgress", .start = scene.now});
  EXPECT_THAT(Held(scene), HasSubstr("AS2: nobody else is at work"));
  scene.Happened({.cause = "a monitor alarm x in state ALARM triggered policy y",
                  .status = "Successful",
                  .start = scene.now - absl::Minutes(1)});
  EXPECT_THAT(Held(scene), HasSubstr("monitor alarm"));
  scene.now += absl::Minutes(5);
  EXPECT_EQ(Held(scene), "");
}

TEST(Serial, A7_AForeignRefreshIsWaitedForAndNeverCancelled) {
  Scene scene = Frozen();
  const std::vector<Refresh> running = {{.id = "r-1", .status = "InProgress", .start = scene.now}};
  scene.goings.refreshes = Known<std::vector<Refresh>>{running, scene.now};
  const Plan plan = scene.Decide();
  EXPECT_THAT(HeldBy(Victim(plan)), HasSubstr("the instance refresh r-1 is InProgress"));
  for (const Step* step : StepsOf(plan)) EXPECT_THAT(Sent(step), Not(HasSubstr("Cancel")));
  Scene before = Rolling();
  before.goings.refreshes = Known<std::vector<Refresh>>{running, before.now};
  EXPECT_EQ(StepTo(before.Decide(), "suspend process AZRebalance"), nullptr);
}

TEST(Serial, A6_TheFirstSurpriseStopsItUntilAPersonLetsItGo) {
  Scene scene = Frozen();
  scene.Performed(*Victim(scene.Decide()));
  scene.Gone("i-1");
  scene.Add("i-4", "v2");
  scene.Finds("i-4", "InService");
  (void)scene.Decide();
  scene.now += absl::Minutes(10);
  EXPECT_EQ(Victim(scene.Decide())->consent, Step::Consent::kMode);
  scene.Happened({.description = "Launching a new EC2 instance",
                  .status = "Failed",
                  .message = "no capacity",
                  .start = scene.now - absl::Minutes(6)});
  const Plan plan = scene.Decide();
  EXPECT_THAT(WaitCalled(plan, "the rollout has stopped"), HasSubstr("no capacity"));
  EXPECT_EQ(Victim(plan)->consent, Step::Consent::kPerson);
  // What was put to rest for it does not wait for that person.
  EXPECT_NE(StepTo(plan, "resume process AlarmNotification"), nullptr);
  // AWS itself tries again until a profile is there.
  scene.Happened({.status = "Failed",
                  .message = "Invalid IAM Instance Profile name",
                  .start = scene.now - absl::Minutes(6)});
  EXPECT_EQ(Victim(scene.Decide())->consent, Step::Consent::kMode);
}

TEST(Serial, A6_ANewOneThatIsTakenAwayForItsHealthIsASurprise) {
  Scene scene = Frozen();
  scene.Performed(*Victim(scene.Decide()));
  scene.now += absl::Minutes(10);
  scene.Happened({.description = "Terminating EC2 instance: i-4",
                  .cause = "taken out of service in response to an ELB system health check failure",
                  .status = "Successful",
                  .start = scene.now - absl::Minutes(6)});
  EXPECT_THAT(WaitCalled(scene.Decide(), "the rollout has stopped"), HasSubstr("health check failure"));
  // Another launch begins anew.
  scene.want.launch_configuration->name = "v3";
  EXPECT_EQ(WaitCalled(scene.Decide(), "the rollout has stopped"), "none");
}

TEST(Serial, ANewOneThatDoesNotServeInTimeIsASurprise) {
  Scene scene = Frozen();
  scene.Performed(*Victim(scene.Decide()));
  scene.Gone("i-1");
  scene.Add("i-4", "v2");
  scene.Finds("i-4", "OutOfService");
  EXPECT_EQ(WaitCalled(scene.Decide(), "the rollout has stopped"), "none");
  scene.now += absl::Minutes(16);
  EXPECT_THAT(WaitCalled(scene.Decide(), "the rollout has stopped"), HasSubstr("for more than 15m"));
}

TEST(Serial, AS9_ARevertSparesThoseThatStillRunTheOldOne) {
  Scene scene = Frozen();
  scene.Gone("i-1");
  scene.Add("i-4", "v2");
  scene.Finds("i-4", "InService");
  scene.want.launch_configuration->name = "v1";
  scene.item["LaunchConfigurationName"] = "v1";
  (void)scene.Decide();
  scene.now += absl::Minutes(3);
  const Plan plan = scene.Decide();
  EXPECT_EQ(Victim(plan)->target, "i-4");
  EXPECT_EQ(DiffOf(plan, "instances"), "1 do not → all run v1");
}

TEST(Serial, A4_WhatRestedForItRunsAgainWhenAllAreReplacedAndHaveSettled) {
  Scene scene = Frozen();
  for (size_t i = 0; i < 3; ++i) scene.Instance(i)["LaunchConfigurationName"] = "v2";
  EXPECT_EQ(StepTo(scene.Decide(), "resume process AZRebalance"), nullptr);
  scene.now += absl::Minutes(3);
  for (const char* process : kDisturbing)
    EXPECT_NE(StepTo(scene.Decide(), Cat("resume process ", process)), nullptr) << process;
  scene.now -= absl::Minutes(3);
  scene.purpose = Purpose::kRelease;
  EXPECT_NE(StepTo(scene.Decide(), "resume process AZRebalance"), nullptr);
}

TEST(Serial, WhileTheLaunchIsNotKnownNothingGoesOnAndWhatRestsStays) {
  Scene scene = Frozen();
  scene.want.launch_configuration =
      LaunchConfigurationChoice{.ref = specs::Ref{"LaunchConfiguration", "web"}};
  const Plan plan = scene.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, RestoreName("process:AZRebalance")), HasSubstr("not known yet"));
}

TEST(Serial, DesiredThatIsChangedByHandMeanwhileIsHonoured) {
  Scene scene = Frozen();
  scene.item["DesiredCapacity"] = "4";
  EXPECT_THAT(Held(scene), HasSubstr("3 there, 4 desired"));
  scene.Add("i-4", "v2");
  scene.Finds("i-4", "InService");
  (void)scene.Decide();
  scene.now += absl::Minutes(3);
  const Plan plan = scene.Decide();
  EXPECT_EQ(HeldBy(Victim(plan)), "");
  EXPECT_THAT(Sent(Victim(plan)), HasSubstr(R"("ShouldDecrementDesiredCapacity":false)"));
}

}  // namespace
}  // namespace holdfast::autoscaling_group
