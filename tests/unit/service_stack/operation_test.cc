// Restarts that were asked for: every member once, one at a time, within redundancy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void Want(Scene& scene, std::vector<std::string> services, Restart::Order order = Restart::Order::kBottomUp) {
  OperationIn<Restart> operation;
  operation.name = "bounce";
  operation.want = {std::move(services), scene.now, order};
  operation.reason = "a new version";
  scene.operations.push_back(std::move(operation));
}

TEST(RestartOperation, TakesEveryMemberOnceOneAtATimeAndLeavesTheRestAlone) {
  Scene scene(Site());
  scene.AllUp();
  Want(scene, {"web"});
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop web@127.0.0.1", "start web@127.0.0.1", "stop web@127.0.0.2",
                                         "start web@127.0.0.2", "stop web@127.0.0.3", "start web@127.0.0.3"));
  const Plan plan = scene.See();
  ASSERT_EQ(plan.operations.size(), 1u);
  EXPECT_EQ(plan.operations[0].phase, OperationProgress::Phase::kSucceeded);
  EXPECT_TRUE(scene.past.open.empty());
}

TEST(RestartOperation, GoesBottomUpOrAsNamed) {
  for (const auto order : {Restart::Order::kBottomUp, Restart::Order::kAsNamed}) {
    Scene scene(Site());
    scene.AllUp();
    Want(scene, {"nginx", "redis"}, order);
    ASSERT_TRUE(scene.Settle());
    EXPECT_EQ(scene.effects.front(), order == Restart::Order::kBottomUp ? "stop redis" : "stop nginx");
    EXPECT_EQ(scene.effects.size(), 4u);
  }
}

TEST(RestartOperation, WaitsForTheMemberThatIsOutAlready) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("web@127.0.0.3").health = ModelProcess::Health::kWrong;
  Want(scene, {"web"});
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "web@127.0.0.1"), testing::Contains(HasSubstr("redundancy is left")));
}

TEST(RestartOperation, SurvivesAKillAnywhereWithEachMemberRestartedOnce) {
  for (int kill_after = 1; kill_after < 7; ++kill_after) {
    Scene scene(Site());
    scene.AllUp();
    Want(scene, {"web"});
    while (static_cast<int>(scene.effects.size()) < kill_after)
      scene.Act(scene.See()), scene.Pass(absl::Milliseconds(200));
    scene.Forget();
    for (Attempt& attempt : scene.past.attempts) attempt.outcome.kind = Outcome::Kind::kUnknown;
    ASSERT_TRUE(scene.Settle());
    EXPECT_EQ(scene.effects.size(), 6u) << "killed after " << kill_after;
  }
}

TEST(RestartOperation, AStartTimeRoundedDownIsNoReasonToRestartAgain) {
  Scene scene(Site());
  scene.AllUp();
  Want(scene, {"redis"});
  scene.Act(scene.See());
  scene.Pass(absl::Seconds(1));
  scene.Act(scene.See());
  scene.at("redis").started =
      absl::FromUnixSeconds(absl::ToUnixSeconds(scene.operations[0].want.started_before)) - absl::Seconds(1);
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop redis", "start redis"));
}

TEST(RestartOperation, AMomentInTheFutureIsNoEndlessBounce) {
  Scene scene(Site());
  scene.AllUp();
  Want(scene, {"redis"});
  scene.operations[0].want.started_before = scene.now + absl::Hours(24);
  scene.Settle(absl::Minutes(10));
  EXPECT_THAT(scene.effects, IsEmpty());
}

TEST(RestartOperation, IsHeldWhileALossNeedsAPerson) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.missing_blocks = 1;
  Want(scene, {"webapp"});
  EXPECT_THAT(MayGo(scene.See()), IsEmpty());
}

TEST(RestartOperation, AZookeeperIsNotRestartedWhenTheOthersAreNoQuorum) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.Crash("zookeeper@127.0.0.3");
  Want(scene, {"zookeeper"});
  EXPECT_THAT(MayGo(scene.See()), IsEmpty());
}

TEST(RestartOperation, AQuorumIsKeptHoweverManyTheSpecLetsBeOut) {
  Scene scene(
      StackOf({{ServiceNamed("zk", 3, {.component = ComponentName::kZookeeper, .max_unavailable = 2})}}));
  scene.AllUp();
  scene.Crash("zk@127.0.0.3");
  Want(scene, {"zk"});
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "zk@127.0.0.1"),
              ElementsAre("redundancy is left: 1 of 2 others serve, 1 unavailable, maxUnavailable is 2; "
                          "without it 2 must serve"));
}

TEST(RestartOperation, OfTwoZookeepersNeitherIsAQuorumWithoutTheOther) {
  Scene scene(StackOf({{ServiceNamed("zk", 2, {.component = ComponentName::kZookeeper})}}));
  scene.AllUp();
  Want(scene, {"zk"});
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "zk@127.0.0.1"),
              ElementsAre("redundancy is left: 1 of 1 others serve, 0 unavailable, maxUnavailable is 1; "
                          "without it 2 must serve"));
}

TEST(RestartOperation, WaitsForWhatIsPutAsideAboveItToBeBack) {
  Scene scene(Site());
  scene.AllUp();
  Want(scene, {"nginx"});
  while (scene.effects.empty()) scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  scene.findings = {
      {.target = *scene.layout().FindTarget("nginx"), .orphans_unknown = "ps: permission denied"}};
  scene.operations.clear();
  Want(scene, {"redis"});
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "redis"),
              ElementsAre("nothing else is under way: nginx is put aside and not back yet"));
}

TEST(RestartOperation, WaitsForWhatStartsBelowItAlsoWhenThatIsReadyWithout) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("web@127.0.0.1").is = ModelProcess::Is::kStarting;
  Want(scene, {"nginx"});
  const Plan plan = scene.See();
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "nginx"),
              ElementsAre("nothing else is under way: web is starting, stopping or settling"));
}

TEST(RestartOperation, TheOthersHaveTheirTimeToTakeOverBeforeTheNextOneGoes) {
  Scene scene(Koverse());
  scene.AllUp();
  Want(scene, {"tserver"});
  const auto until = [&](size_t effects) {
    for (int i = 0; i < 400 && scene.effects.size() < effects; ++i)
      scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
    return scene.now;
  };
  const absl::Time back = until(2);
  EXPECT_THAT(scene.effects, ElementsAre("stop tserver@127.0.0.1", "start tserver@127.0.0.1"));
  EXPECT_GE(until(3) - back, absl::Seconds(85));
  EXPECT_EQ(scene.effects.back(), "stop tserver@127.0.0.2");
}

TEST(RestartOperation, AnUnknownServiceFailsIt) {
  Scene scene(Site());
  scene.AllUp();
  Want(scene, {"rediss"});
  const Plan plan = scene.See();
  ASSERT_EQ(plan.operations.size(), 1u);
  EXPECT_EQ(plan.operations[0].phase, OperationProgress::Phase::kFailed);
}

TEST(RestartOperation, WithdrawnFinishesTheMemberInHandAndBeginsNoNextOne) {
  Scene scene(Site());
  scene.AllUp();
  Want(scene, {"web"});
  scene.Act(scene.See());
  scene.operations.clear();
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop web@127.0.0.1", "start web@127.0.0.1"));
}

}  // namespace
}  // namespace holdfast::stack
