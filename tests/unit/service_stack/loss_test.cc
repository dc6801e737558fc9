// Failure classes, while what depends on the lost services runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Is = ModelProcess::Is;
using Health = ModelProcess::Health;

TEST(Classes, A_OneOfSeveralRecoversAloneAndIsStartedOnceTheOthersHaveTakenOver) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.Crash("tserver@127.0.0.2");
  Plan plan = scene.See();
  EXPECT_THAT(Steps(plan), IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);
  EXPECT_EQ(plan.readiness.reason, "Degraded");
  EXPECT_EQ(FindWait(plan, "tserver@127.0.0.2")->on, Wait::On::kProgress);
  scene.Pass(absl::Seconds(95));
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start tserver@127.0.0.2"));
}

TEST(Classes, A_WhenTooFewAreLeftToTakeOverNobodyIsWaitedFor) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.at("zookeeper@127.0.0.1").reach = ModelProcess::Reach::kUnknown;
  scene.Crash("zookeeper@127.0.0.2");
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start zookeeper@127.0.0.2"));
}

TEST(Classes, A_TheMonitorsLossLeavesTheStackReady) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.Crash("monitor");
  EXPECT_EQ(scene.See().readiness.is, Readiness::Is::kYes);
}

TEST(Classes, C_ThreeDatanodesDownFreezeStopsButStartsGo) {
  Scene scene(Koverse());
  scene.AllUp();
  for (const char* name : {"datanode@127.0.0.1", "datanode@127.0.0.2", "datanode@127.0.0.3"})
    scene.Crash(name);
  scene.at("tserver@127.0.0.1").health = Health::kFrozen;
  scene.Pass(absl::Minutes(6));
  const Plan plan = scene.See(5);
  EXPECT_THAT(MayGo(plan), testing::SizeIs(3));
  EXPECT_THAT(MayGo(plan), testing::Each(testing::StartsWith("start datanode")));
  EXPECT_EQ(plan.readiness.reason, "NeedsHuman");
  EXPECT_THAT(Held(plan, "tserver@127.0.0.1"),
              testing::Contains("no loss needs a person: 3 of 5 datanode lost, 3 need a person"))
      << "what is proven is not told as what may be";
}

TEST(Classes, C_MissingBlocksFreezeStops) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.missing_blocks = 4;
  scene.at("tserver@127.0.0.1").health = Health::kFrozen;
  scene.Pass(absl::Minutes(6));
  EXPECT_THAT(MayGo(scene.See(330)), IsEmpty());
}

TEST(Classes, C_ATabletServerDownWithoutAMasterNeedsAPerson) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.Crash("master");
  scene.Crash("tserver@127.0.0.1");
  const Plan plan = scene.See();
  EXPECT_EQ(plan.readiness.reason, "NeedsHuman");
  EXPECT_THAT(MayGo(plan), testing::Contains("start master"));
}

TEST(Classes, C_MoreThanOneZookeeperDownNeedsAPerson) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.Crash("zookeeper@127.0.0.1");
  scene.Crash("zookeeper@127.0.0.2");
  const Plan plan = scene.See();
  EXPECT_EQ(plan.readiness.reason, "NeedsHuman");
  EXPECT_THAT(MayGo(plan), testing::SizeIs(2));
}

struct LossOfAllCase {
  const char* what;
  std::vector<const char*> lost;
};
class PossibleLoss : public testing::TestWithParam<LossOfAllCase> {};

TEST_P(PossibleLoss, D_NothingIsStoppedAndStartsAreOnlyProposed) {
  Scene scene(Koverse());
  scene.AllUp();
  for (const char* name : GetParam().lost) scene.Crash(name);
  scene.at("server").health = Health::kFrozen;
  scene.Pass(absl::Minutes(10));
  const Plan plan = scene.See(5);
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Proposed(plan), testing::Contains(Cat("start ", GetParam().lost[0])));
  EXPECT_EQ(plan.readiness.reason, "PossibleLoss");
  scene.Settle();
  EXPECT_THAT(scene.effects, IsEmpty());
}

TEST_P(PossibleLoss, D_WhoLookedLetsTheStartsGo) {
  Scene scene(Koverse());
  scene.AllUp();
  for (const char* name : GetParam().lost) scene.Crash(name);
  const Plan plan = scene.See(5);
  ASSERT_FALSE(plan.stages.empty());
  EXPECT_THAT(plan.stages[0].steps[0].why, HasSubstr("data may be lost"));
  scene.LetGo(plan);
  ASSERT_TRUE(scene.Settle());
  EXPECT_EQ(scene.See().readiness.reason, "AllUp");
  EXPECT_THAT(scene.effects, testing::Each(testing::StartsWith("start ")));
}

TEST_P(PossibleLoss, TheSameWithNothingRunningAboveIsAnOrdinaryStart) {
  Scene scene(Koverse());
  scene.AllUp();
  for (auto& [name, process] : scene.world) scene.Crash(name);
  for (const Target& target : scene.layout().targets)
    if (scene.layout().services[target.service].layer == 0) scene.at(target.name).is = Is::kRunning;
  for (const char* name : GetParam().lost) scene.Crash(name);
  scene.See(2);
  EXPECT_TRUE(scene.Settle());
  EXPECT_EQ(scene.See().readiness.reason, "AllUp");
}

INSTANTIATE_TEST_SUITE_P(
    Runbook, PossibleLoss,
    testing::Values(
        LossOfAllCase{"zookeepers", {"zookeeper@127.0.0.1", "zookeeper@127.0.0.2", "zookeeper@127.0.0.3"}},
        LossOfAllCase{"tservers", {"tserver@127.0.0.1", "tserver@127.0.0.2", "tserver@127.0.0.3"}},
        LossOfAllCase{"namenode", {"namenode"}}, LossOfAllCase{"postgresql", {"postgresql"}}),
    [](const auto& info) { return info.param.what; });

TEST(Classes, D_AFrozenNamenodeIsNeverEndedEvenWhenTheSpecSaysAct) {
  Spec spec = Koverse();
  spec.layers[0].services[1].zombie = ZombiePolicy::kAct;
  Scene scene(spec);
  scene.AllUp();
  scene.at("namenode").health = Health::kFrozen;
  scene.Pass(absl::Minutes(20));
  EXPECT_THAT(MayGo(scene.See(400)), IsEmpty());
}

TEST(Classes, D_MoreThanTwoDrivesFreezeEverythingAndTwoDoNot) {
  for (const bool by_the_namenode : {true, false}) {
    Scene scene(Koverse());
    scene.AllUp();
    scene.at("tserver@127.0.0.1").health = Health::kFrozen;
    scene.Crash("datanode@127.0.0.3");
    if (by_the_namenode)
      scene.failed_drives["namenode"] = 2;
    else
      scene.failed_drives = {{"datanode@127.0.0.1", 1}, {"datanode@127.0.0.2", 1}};
    Plan plan = scene.See(2);
    EXPECT_EQ(plan.readiness.reason, "Degraded") << PlanText(plan);
    scene.failed_drives[by_the_namenode ? "namenode" : "datanode@127.0.0.1"] += 1;
    scene.Pass(absl::Minutes(6));
    plan = scene.See(5);
    EXPECT_EQ(plan.readiness.reason, "PossibleLoss") << PlanText(plan);
    EXPECT_THAT(plan.readiness.message, HasSubstr("3 lost drives"));
    EXPECT_THAT(MayGo(plan), IsEmpty()) << "nothing is stopped or restarted";
    EXPECT_THAT(Proposed(plan), testing::Contains("start datanode@127.0.0.3"));
  }
}

TEST(Classes, LostDrivesWithNothingRunningAboveAreAnOrdinaryStart) {
  Scene scene(Koverse());
  scene.AllUp();
  for (auto& [name, process] : scene.world) scene.Crash(name);
  scene.failed_drives["namenode"] = 3;
  EXPECT_NE(scene.See().readiness.reason, "PossibleLoss");
}

TEST(Classes, D_WhatIsNeededBesideItCountsAsDependingOnItOnlyWhileItRuns) {
  Scene scene(StackOf({{ServiceNamed("db", 0, {.component = ComponentName::kPostgresql}),
                        ServiceNamed("app", 0, {.needs = {"db"}})}}));
  scene.AllUp();
  scene.Crash("db");
  EXPECT_EQ(scene.See().readiness.reason, "PossibleLoss");
  scene.Crash("app");
  const Plan plan = scene.See();
  EXPECT_EQ(plan.readiness.reason, "NotServing");
  EXPECT_THAT(MayGo(plan), ElementsAre("start db"));
}

TEST(Classes, TotalStartUpFromAllDownIsNotD) {
  Scene scene(Koverse());
  scene.AllUp();
  for (auto& [name, process] : scene.world) scene.Crash(name);
  EXPECT_TRUE(scene.Settle());
  EXPECT_THAT(scene.broken, IsEmpty());
}

TEST(Classes, UnknownHostsThatCouldMakeItWorseHoldStops) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.at("zookeeper@127.0.0.1").reach = scene.at("zookeeper@127.0.0.2").reach =
      ModelProcess::Reach::kUnknown;
  scene.at("tserver@127.0.0.1").health = Health::kFrozen;
  EXPECT_THAT(MayGo(scene.See(500)), IsEmpty());
}

TEST(Classes, UnknownHostsAboveThatMayBeALossHoldARestartBelowThem) {
  Scene scene(Koverse());
  scene.AllUp();
  for (const char* name : {"tserver@127.0.0.1", "tserver@127.0.0.2", "tserver@127.0.0.3"})
    scene.at(name).reach = ModelProcess::Reach::kUnknown;
  OperationIn<Restart> operation;
  operation.name = "bounce";
  operation.want = {{"zookeeper"}, scene.now, Restart::Order::kBottomUp};
  scene.operations.push_back(std::move(operation));
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "zookeeper@127.0.0.1"),
              ElementsAre("no loss needs a person: 3 of 3 tserver lost or unknown while what depends on it "
                          "runs: data may be lost"));
}

}  // namespace
}  // namespace holdfast::stack
