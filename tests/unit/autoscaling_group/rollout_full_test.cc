// Everybody is replaced behind a page; old and new never serve together.
#include <gtest/gtest.h>

#include "tests/unit/autoscaling_group/scene.h"

namespace holdfast::autoscaling_group {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The group still launches v1, and i-1 … i-3 run it.
Scene Outage() {
  Scene scene;
  scene.want.launch_configuration = LaunchConfigurationChoice{.name = "v2"};
  scene.want.rollout = Rollout{.strategy = Rollout::Strategy::kFull,
                               .page = DowntimePage{{{{"ctl", "page", "on"}}}, {{{"ctl", "page", "off"}}}}};
  scene.Told();
  return scene;
}
std::vector<std::string> FirstStage(const Plan& plan) {
  std::vector<std::string> done;
  if (!plan.stages.empty())
    for (const Step& step : plan.stages[0].steps)
      if (AllPass(step.guards)) done.push_back(Cat(step.verb, " ", step.target));
  return done;
}
// Decides and performs what may go, as the engine does.
std::vector<std::string> Go(Scene& scene) {
  const Plan plan = scene.Decide();
  const std::vector<std::string> done = FirstStage(plan);
  if (!done.empty()) scene.Perform(plan);
  for (const auto& [object, how] : plan.restored)
    std::erase_if(scene.past.open, [&](const Lease& lease) { return lease.object == object; });
  scene.now += absl::Seconds(1);
  return done;
}
// Until everybody old is away and Launch runs again.
void GoUntilAllLeft(Scene& scene) {
  for (int i = 0; i < 5; ++i) (void)Go(scene);
}
void NewOnesCome(Scene& scene) {
  for (const char* id : {"i-4", "i-5", "i-6"}) {
    scene.Add(id, "v2");
    scene.Finds(id, "InService");
  }
}

TEST(Full, ThePageIsUpBeforeAnybodyLeavesAndDownWhenAllNewOnesServe) {
  Scene scene = Outage();
  EXPECT_THAT(Go(scene), ElementsAre("suspend process Launch", "suspend process AlarmNotification",
                                     "suspend process AZRebalance", "suspend process ScheduledActions"));
  EXPECT_THAT(Go(scene), ElementsAre("put up page"));
  EXPECT_THAT(Go(scene), ElementsAre("set LaunchConfigurationName"));
  EXPECT_THAT(Go(scene), ElementsAre("terminate i-1", "terminate i-2", "terminate i-3"));
  EXPECT_THAT(Go(scene), ElementsAre("resume process Launch"));
  EXPECT_THAT(Go(scene), IsEmpty());
  NewOnesCome(scene);
  EXPECT_THAT(Go(scene), IsEmpty());
  scene.now += absl::Minutes(3);
  EXPECT_THAT(Go(scene), ElementsAre("take down page"));
  (void)Go(scene);
  EXPECT_THAT(Go(scene), ElementsAre("resume process AlarmNotification", "resume process AZRebalance",
                                     "resume process ScheduledActions"));
  (void)Go(scene);
  EXPECT_THAT(Go(scene), IsEmpty());
  EXPECT_THAT(scene.past.open, IsEmpty());
}

TEST(Full, TheOutageIsOneStage) {
  Scene scene = Outage();
  for (int i = 0; i < 3; ++i) (void)Go(scene);
  const Plan plan = scene.Decide();
  ASSERT_FALSE(plan.stages.empty());
  EXPECT_EQ(plan.stages[0].pace, Stage::Pace::kDeclaredOutage);
}

TEST(Full, OldAndNewNeverServeTogether) {
  Scene scene = Outage();
  for (int i = 0; i < 3; ++i) (void)Go(scene);
  // One of them is still going: nobody new is launched.
  scene.Instance(0)["LifecycleState"] = "Terminating:Wait";
  scene.Gone("i-2"), scene.Gone("i-3");
  EXPECT_EQ(StepTo(scene.Decide(), "resume process Launch"), nullptr);
  scene.Gone("i-1");
  EXPECT_NE(StepTo(scene.Decide(), "resume process Launch"), nullptr);
}

TEST(Full, TheLaunchIsNotSwitchedWhileSomethingCouldBeLaunchedBesideTheOld) {
  Scene scene = Outage();
  EXPECT_THAT(HeldBy(StepTo(scene.Decide(), "set LaunchConfigurationName")), HasSubstr("page is up"));
}

TEST(Full, NobodyLeavesWhileWhatIsLaunchedIsNotWhatIsWanted) {
  Scene scene = Outage();
  for (int i = 0; i < 3; ++i) (void)Go(scene);
  ASSERT_TRUE(AllPass(StepTo(scene.Decide(), "terminate i-1")->guards));
  scene.item["LaunchConfigurationName"] = "v1";  // by somebody else, behind the page
  EXPECT_THAT(HeldBy(StepTo(scene.Decide(), "terminate i-1")), HasSubstr("new instances run what is wanted"));
}

TEST(Full, A3_NobodyLeavesWhileAProcessThatDisturbsRuns) {
  Scene scene = Outage();
  for (int i = 0; i < 3; ++i) (void)Go(scene);
  scene.Resumed("AZRebalance");  // by somebody else
  EXPECT_THAT(HeldBy(StepTo(scene.Decide(), "terminate i-1")), HasSubstr("AZRebalance runs"));
}

TEST(Full, APageCommandWhoseOutcomeIsNotKnownIsRunAgain) {
  Scene scene = Outage();
  (void)Go(scene);
  scene.Performed(*StepTo(scene.Decide(), "put up page"), Outcome::Kind::kUnknown);
  EXPECT_THAT(FirstStage(scene.Decide()), ElementsAre("put up page"));
  EXPECT_THAT(HeldBy(StepTo(scene.Decide(), "set LaunchConfigurationName")), HasSubstr("page is up"));
}

TEST(Full, AProtectedOneThatWouldServeBesideTheNewRefusesIt) {
  Scene scene = Outage();
  scene.Instance(2)["ProtectedFromScaleIn"] = "true";
  const Plan plan = scene.Decide();
  EXPECT_EQ(StepTo(plan, "suspend process Launch"), nullptr);
  EXPECT_THAT(WaitCalled(plan, "the rollout may begin"), HasSubstr("i-3 is protected"));
}

TEST(Full, LaunchSuspendedBySomeoneElseRefusesIt) {
  Scene scene = Outage();
  scene.Suspended("Launch");
  EXPECT_THAT(WaitCalled(scene.Decide(), "the rollout may begin"),
              HasSubstr("Launch is suspended by someone else"));
}

TEST(Full, AS9_ARevertInTheMiddleSparesTheOriginalsThatAreLeft) {
  Scene scene = Outage();
  for (int i = 0; i < 3; ++i) (void)Go(scene);
  scene.Gone("i-1"), scene.Gone("i-2");
  scene.want.launch_configuration->name = "v1";
  const Plan plan = scene.Decide();
  EXPECT_EQ(StepTo(plan, "terminate i-3"), nullptr);
  // Nobody is launched from what is not wanted any more.
  EXPECT_EQ(StepTo(plan, "resume process Launch"), nullptr);
  EXPECT_THAT(Go(scene), ElementsAre("set LaunchConfigurationName"));
  EXPECT_THAT(Go(scene), ElementsAre("resume process Launch"));
}

TEST(Full, A4_AfterACrashEveryPhaseGoesOnFromWhatIsSeenAndPutAside) {
  Scene scene = Outage();
  GoUntilAllLeft(scene);
  scene.trail = Trail();
  NewOnesCome(scene);
  EXPECT_THAT(Go(scene), IsEmpty());
  scene.now += absl::Minutes(3);
  EXPECT_THAT(Go(scene), ElementsAre("take down page"));
}

TEST(Full, ANewOneThatFailsKeepsThePageUpAndIsTold) {
  Scene scene = Outage();
  GoUntilAllLeft(scene);
  NewOnesCome(scene);
  (void)Go(scene);
  scene.now += absl::Minutes(10);
  scene.Happened(
      {.description = "Launching", .status = "Failed", .message = "no capacity", .start = scene.now});
  scene.Instance(0)["LifecycleState"] = "Pending";
  const Plan plan = scene.Decide();
  EXPECT_EQ(StepTo(plan, "take down page"), nullptr);
  EXPECT_THAT(WaitCalled(plan, "the rollout has stopped"), HasSubstr("no capacity"));
}

TEST(Full, WhenTheSpecIsGoneLaunchRunsAndThePageComesDownWhenAllServe) {
  Scene scene = Outage();
  for (int i = 0; i < 2; ++i) (void)Go(scene);
  scene.purpose = Purpose::kRelease;
  scene.Finds("i-1", "OutOfService");
  Plan plan = scene.Decide();
  EXPECT_NE(StepTo(plan, "resume process Launch"), nullptr);
  EXPECT_EQ(StepTo(plan, "take down page"), nullptr);
  EXPECT_THAT(WaitCalled(plan, RestoreName(kPageObject)), HasSubstr("front finds it OutOfService"));
  scene.Finds("i-1", "InService");
  plan = scene.Decide();
  const Step* step = StepTo(plan, "take down page");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->duty, Step::Duty::kMustFinish);
  EXPECT_EQ(step->puts_back, kPageObject);
  EXPECT_EQ(Line(step->action), "ctl page off");
}

}  // namespace
}  // namespace holdfast::autoscaling_group
