// Up from the bottom, down from the top, and what may happen in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Is = ModelProcess::Is;
using Health = ModelProcess::Health;
using Reach = ModelProcess::Reach;

TEST(Order, NothingDiffersSoThePlanIsEmptyAndMakesNoWaits) {
  Scene scene(Site());
  scene.AllUp();
  const Plan plan = scene.See();
  EXPECT_THAT(Steps(plan), IsEmpty());
  EXPECT_TRUE(plan.waits.empty());
  EXPECT_EQ(plan.readiness.reason, "AllUp");
  EXPECT_EQ(plan.look_again, absl::InfiniteFuture());
}

TEST(Order, TotalStartBeginsOnlyTheBottomLayerAndForecastsTheRest) {
  Scene scene(Site());
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), ElementsAre("start redis"));
  EXPECT_THAT(Steps(plan), ElementsAre("start redis", "start web@127.0.0.1", "start web@127.0.0.2",
                                       "start web@127.0.0.3", "start nginx"));
  EXPECT_THAT(Held(plan, "nginx"), ElementsAre("everything below is ready: redis: 0 of 1 serve"));
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kNo);
}

// A large stack is not read as a whole in every look.
TEST(Order, NothingIsStoppedOnWhatWasSeenLongAgoAndAllOfItIsAskedFor) {
  Scene scene(Site());
  scene.AllUp();
  scene.DeclareDown();
  scene.believed = absl::Seconds(4);
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "nginx"),
              ElementsAre("all of the stack was seen just now: the oldest was seen 4s before the rest"));
  EXPECT_THAT(plan.ask, ElementsAre("all"));
  scene.believed = absl::Seconds(3);
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("stop nginx"));
}

TEST(Order, StartsRestOnWhatIsBelieved) {
  Scene scene(Site());
  scene.believed = absl::Seconds(12);
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), ElementsAre("start redis"));
  EXPECT_THAT(plan.ask, IsEmpty());
}

TEST(Order, ALayerWithAnOrphanIsNotStopped) {
  Scene scene(Site());
  scene.AllUp();
  scene.StopByHand("nginx");
  scene.DeclareDown();
  scene.findings = {{.target = *scene.layout().FindTarget("nginx"), .orphans = {{.pid = 4711}}}};
  EXPECT_THAT(MayGo(scene.See()), IsEmpty());
  scene.findings = {{.target = *scene.layout().FindTarget("nginx"), .orphans_unknown = "ssh: refused"}};
  EXPECT_THAT(MayGo(scene.See()), IsEmpty());
  scene.findings.clear();
  EXPECT_THAT(MayGo(scene.See()), testing::SizeIs(3));
}

TEST(Order, ALayerStartsTogether) {
  Scene scene(Site());
  scene.at("redis").is = Is::kRunning;
  scene.at("redis").started = scene.now;
  EXPECT_THAT(MayGo(scene.See()),
              UnorderedElementsAre("start web@127.0.0.1", "start web@127.0.0.2", "start web@127.0.0.3"));
}

TEST(Order, ALayerThatStartsDoesNotCarryYet) {
  Scene scene(Site());
  scene.at("redis").is = Is::kRunning;
  scene.at("redis").health = Health::kSaysStarting;
  EXPECT_THAT(MayGo(scene.See()), IsEmpty());
}

TEST(Order, WaitsUntilTheLayerBelowHasSettled) {
  Spec spec = Site();
  spec.layers[0].services[0].settle = absl::Seconds(10);
  Scene scene(spec);
  scene.at("redis").is = Is::kRunning;
  EXPECT_THAT(MayGo(scene.See(3)), IsEmpty());
  EXPECT_THAT(MayGo(scene.See(10)), testing::SizeIs(3));
}

TEST(Order, AllButMaxUnavailableMakesALayerReady) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx") = {};
  scene.Crash("web@127.0.0.3");
  EXPECT_THAT(MayGo(scene.See()), UnorderedElementsAre("start web@127.0.0.3", "start nginx"));
  scene.Crash("web@127.0.0.2");
  EXPECT_THAT(MayGo(scene.See()), UnorderedElementsAre("start web@127.0.0.2", "start web@127.0.0.3"));
}

TEST(Order, AnUnknownHostBelowIsNotReady_ST3) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx") = {};
  scene.at("redis").reach = Reach::kUnknown;
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "nginx"), ElementsAre(testing::HasSubstr("1 unknown")));
  ASSERT_NE(FindWait(plan, "redis"), nullptr);
  EXPECT_EQ(FindWait(plan, "redis")->on, Wait::On::kObservation);
}

TEST(Order, NeedsOrdersWithinALayerBothWays) {
  Scene scene(StackOf({{ServiceNamed("app", 0, {.needs = {"db"}}), ServiceNamed("db")}}));
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start db"));
  scene.AllUp();
  scene.DeclareDown();
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("stop app"));
}

TEST(Order, WhatNeedsItOnAnUnknownHostIsNotProvenStopped) {
  Scene scene(StackOf({{ServiceNamed("app", 0, {.needs = {"db"}}), ServiceNamed("db")}}));
  scene.AllUp();
  scene.at("app").reach = Reach::kUnknown;
  scene.DeclareDown();
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "db"), ElementsAre("what needs it is proven stopped: app is not known"));
}

TEST(Order, WaitsForDoesNotInsistOnSuccess) {
  Scene scene(StackOf({{ServiceNamed("app", 0, {.waits_for = {"mail"}}), ServiceNamed("mail")}}));
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start mail"));
  scene.at("mail").temper = ModelProcess::Temper::kDiesAtOnce;
  scene.Act(scene.See());
  scene.Pass(absl::Seconds(1));
  EXPECT_THAT(MayGo(scene.See()), testing::Contains("start app"));
}

TEST(Order, TotalStartAndTotalStopGoThroughInOrder) {
  Scene scene(Koverse());
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.broken, IsEmpty());
  EXPECT_EQ(scene.effects.size(), scene.world.size());
  EXPECT_EQ(scene.See().readiness.reason, "AllUp");
  scene.effects.clear();
  scene.DeclareDown();
  for (int i = 0; i < 600 && scene.effects.size() < scene.world.size(); ++i)
    scene.Act(scene.See()), scene.Pass(absl::Milliseconds(500));
  EXPECT_THAT(scene.broken, IsEmpty());
  EXPECT_EQ(scene.effects.size(), scene.world.size());
  const auto place = [&](std::string_view effect) {
    return std::find(scene.effects.begin(), scene.effects.end(), effect);
  };
  EXPECT_LT(place("stop webapp"), place("stop server")) << "the server is needed by it";
  EXPECT_LT(place("stop tserver@127.0.0.3"), place("stop master"))
      << "tablets are handed over through the master";
}

TEST(Order, DownStopsALayerOnlyWhenTheOneAboveIsProvenStopped_NotStopSent) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx").stop_takes = absl::Seconds(20);
  scene.DeclareDown();
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), ElementsAre("stop nginx"));
  EXPECT_EQ(plan.stages[0].pace, Stage::Pace::kDeclaredOutage);
  scene.Act(plan);
  scene.Pass(absl::Seconds(5));
  const Plan stopping = scene.See();
  EXPECT_THAT(MayGo(stopping), IsEmpty());
  EXPECT_THAT(Held(stopping, "redis"), testing::Contains(testing::HasSubstr("nginx still run")));
  scene.Pass(absl::Seconds(20));
  EXPECT_THAT(MayGo(scene.See()), testing::SizeIs(3));
}

TEST(Order, DownWaitsForAnUnknownHostAbove) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx").reach = Reach::kUnknown;
  scene.DeclareDown();
  EXPECT_THAT(MayGo(scene.See()), IsEmpty());
}

TEST(Order, AfterItsEndADowntimeIsExpiredAndTheStackIsUp) {
  Scene scene(Site());
  scene.AllUp();
  scene.DeclareDown(absl::Minutes(1));
  scene.Act(scene.See());
  EXPECT_EQ(scene.See().readiness.reason, "Stopping");
  scene.Pass(absl::Seconds(2));
  scene.Act(scene.See());
  scene.Pass(absl::Seconds(2));
  scene.Act(scene.See());
  scene.Pass(absl::Seconds(2));
  Plan plan = scene.See();
  EXPECT_EQ(plan.readiness.reason, "DeclaredDown");
  EXPECT_THAT(Steps(plan), IsEmpty());
  EXPECT_EQ(plan.look_again, *scene.spec.downtime->until);
  scene.Pass(absl::Minutes(1));
  plan = scene.See();
  EXPECT_THAT(MayGo(plan), ElementsAre("start redis"));
  ASSERT_NE(FindWait(plan, "downtime"), nullptr);
  EXPECT_EQ(FindWait(plan, "downtime")->on, Wait::On::kSpec);
}

TEST(Order, ReversedMidwayItGoesUpFromWhereItStands_ST2) {
  Scene scene(Site());
  scene.AllUp();
  scene.DeclareDown();
  scene.Act(scene.See());
  scene.Pass(absl::Seconds(2));
  scene.Act(scene.See());  // the web layer is stopping now
  scene.DeclareUp();
  EXPECT_THAT(Steps(scene.See()), testing::Each(testing::StartsWith("start")))
      << "nothing that stops is started before it has stopped";
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.broken, IsEmpty());
  EXPECT_EQ(std::count(scene.effects.begin(), scene.effects.end(), "stop redis"), 0);
  EXPECT_EQ(scene.See().readiness.reason, "AllUp");
}

TEST(Order, ADeclaredDownIsNoPersonsStopAfterwards) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.DeclareDown();
  for (int i = 0; i < 60; ++i) scene.Act(scene.See()), scene.Pass(absl::Seconds(2));
  scene.DeclareUp();
  EXPECT_TRUE(scene.Settle());
  EXPECT_EQ(scene.See().readiness.reason, "AllUp");
}

TEST(Order, EverythingStartingAtOnceAfterARebootCostsNoAction) {
  Scene scene(Site());
  for (auto& [name, process] : scene.world) {
    process.is = Is::kStarting;
    process.started = scene.now;
    process.run = 1;
    process.changes_at = scene.now + absl::Seconds(name == "redis" ? 20 : 3);
  }
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, IsEmpty());
}

TEST(Order, ADegradedStackIsHealedBeforeItGoesDown) {
  Scene scene(Koverse());
  scene.AllUp();
  // Nothing above the data services runs, and so much of HDFS is gone that nothing could be written.
  for (const char* name : {"monitor", "gc", "server", "webapp"}) scene.StopByHand(name);
  scene.at("datanode@127.0.0.1").is = scene.at("datanode@127.0.0.2").is = Is::kExited;
  scene.DeclareDown();
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), UnorderedElementsAre("start datanode@127.0.0.1", "start datanode@127.0.0.2"));
  EXPECT_THAT(Held(plan, "tserver@127.0.0.1"),
              testing::Contains(testing::HasSubstr("what it writes to is ready")));
}

TEST(Order, TabletsAreHandedOverThroughTheMasterBesideThem) {
  Scene scene(StackOf({{ServiceNamed("master", 0, {.component = ComponentName::kAccumuloMaster}),
                        ServiceNamed("tserver", 2, {.component = ComponentName::kAccumuloTserver})}}));
  scene.AllUp();
  scene.Crash("master");
  scene.DeclareDown();
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), ElementsAre("start master"));
  EXPECT_THAT(Held(plan, "tserver@127.0.0.1"),
              ElementsAre("what it writes to is ready: master: 0 of 1 serve"));
}

TEST(Order, ARetiredHostIsLeftOutWhenTheOthersSuffice) {
  Scene scene(StackOf({{ServiceNamed("web", 3, {.retired = {"127.0.0.2"}})}}));
  EXPECT_THAT(MayGo(scene.See()), UnorderedElementsAre("start web@127.0.0.1", "start web@127.0.0.3"));
}

TEST(Order, TwoOfThreeZookeepersCannotBeRetired) {
  Scene scene(StackOf({{ServiceNamed(
      "zk", 3, {.component = ComponentName::kZookeeper, .retired = {"127.0.0.2", "127.0.0.3"}})}}));
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), testing::SizeIs(3));
  ASSERT_NE(FindWait(plan, "zk retired"), nullptr);
}

TEST(Order, AStartStormIsBounded_ST7) {
  std::vector<Service> many;
  for (size_t i = 0; i < kMaxStartsAtOnce + 44; ++i) many.push_back(ServiceNamed("w" + std::to_string(i)));
  Scene scene(StackOf({many}));
  EXPECT_EQ(MayGo(scene.See()).size(), kMaxStartsAtOnce);
  ASSERT_TRUE(scene.Settle());
  EXPECT_EQ(scene.effects.size(), many.size());
}

}  // namespace
}  // namespace holdfast::stack
