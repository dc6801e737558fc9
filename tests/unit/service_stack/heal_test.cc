// What breaks, what a person did, and what is left alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/text.h"
#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Is = ModelProcess::Is;
using Health = ModelProcess::Health;
using Temper = ModelProcess::Temper;

TEST(Heal, AWorkerIsRestartedWithoutTouchingWhatStandsAboveIt) {
  Scene scene(Site());
  scene.AllUp();
  scene.Crash("web@127.0.0.2");
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("start web@127.0.0.2"));
}

TEST(Heal, TheBudgetCountsAndEndsInAPerson) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("web@127.0.0.2").temper = Temper::kDiesAtOnce;
  scene.Crash("web@127.0.0.2");
  for (int i = 0; i < 60; ++i) scene.Act(scene.See()), scene.Pass(absl::Seconds(55));
  const Plan plan = scene.See();
  EXPECT_LE(std::count(scene.effects.begin(), scene.effects.end(), "start web@127.0.0.2"), 6);
  ASSERT_NE(FindWait(plan, "web@127.0.0.2"), nullptr);
  EXPECT_EQ(FindWait(plan, "web@127.0.0.2")->on, Wait::On::kHuman);
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes) << "two of three serve";
}

TEST(Heal, NoRetryOntoAFullDisk) {
  Scene scene(Site());
  scene.AllUp();
  scene.Crash("redis");
  scene.findings = {{.target = 0, .diagnosis = "/var 100 % used", .disk = Finding::Disk::kFull}};
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "redis"), ElementsAre("its disk has room: /var 100 % used"));
}

TEST(Heal, AnOrphanOfAKilledSupervisordIsNotDoubled) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis") = {};
  scene.findings = {{.target = 0, .orphans = {{.pid = 4711, .since = scene.now - absl::Hours(1)}}}};
  const Plan plan = scene.See();
  EXPECT_THAT(Steps(plan), testing::Not(testing::Contains("start redis")));
  const Wait* wait = FindWait(plan, "redis");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->on, Wait::On::kHuman);
  EXPECT_THAT(wait->detail, HasSubstr("pid 4711 since 2026-11-21T11:00:0"));
  EXPECT_THAT(wait->remedy, HasSubstr("kill"));
  scene.findings.clear();
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start redis"));
}

TEST(Heal, NothingIsStartedByANewSupervisordWhoseOrphansCannotBeLookedFor) {
  Scene scene(Site());
  scene.findings = {{.target = 0, .orphans_unknown = "ps: permission denied"}};
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "redis"), ElementsAre("no orphan of it runs: ps: permission denied"));
}

TEST(Heal, ASecondOneBesideTheSupervisedOneIsToldAndNeitherIsTouched) {
  Scene scene(Site());
  scene.AllUp();
  scene.findings = {{.target = 0, .orphans = {{.pid = 4711, .since = scene.now - absl::Hours(1)}}}};
  scene.at("redis").health = Health::kFrozen;
  scene.Settle();
  EXPECT_THAT(scene.effects, IsEmpty()) << "ended, it could not be started again";
  EXPECT_THAT(FindWait(scene.See(), "redis")->detail, HasSubstr("a second time: pid 4711"));
}

TEST(Heal, WhatAnswersInThePlaceOfADeadProcessIsNotStartedUpon) {
  Scene scene(Site());
  scene.AllUp();
  scene.Crash("redis");
  scene.at("redis").stray = true;
  const Plan plan = scene.See();
  EXPECT_THAT(Steps(plan), IsEmpty());
  ASSERT_NE(FindWait(plan, "redis"), nullptr);
  EXPECT_EQ(FindWait(plan, "redis")->on, Wait::On::kHuman);
}

// ── the hand on the box ──
TEST(ManualStop, IsHeldWithOwnerAndAgeAndReleasedAgain) {
  Spec spec = Site();
  spec.layers[1].services[0].on_manual_stop = HoldManualStop{absl::Minutes(10)};
  Scene scene(spec);
  scene.AllUp();
  scene.StopByHand("web@127.0.0.1");
  scene.Pass(absl::Minutes(2));
  const Plan plan = scene.See();
  EXPECT_THAT(Steps(plan), IsEmpty());
  const Wait* wait = FindWait(plan, "web@127.0.0.1");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->on, Wait::On::kHold);
  EXPECT_THAT(wait->detail, HasSubstr("by hand 2m"));
  EXPECT_EQ(wait->until, scene.at("web@127.0.0.1").stopped + absl::Minutes(10));
  EXPECT_EQ(plan.readiness.reason, "Degraded");
  scene.Pass(absl::Minutes(9));
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start web@127.0.0.1"));
}

TEST(ManualStop, SurvivesTheLossOfEverythingVolatile) {
  Spec spec = Site();
  spec.layers[1].services[0].on_manual_stop = HoldManualStop{absl::Minutes(10)};
  Scene scene(spec);
  scene.AllUp();
  scene.StopByHand("web@127.0.0.1");
  scene.Pass(absl::Minutes(2));
  scene.Forget();
  EXPECT_NE(FindWait(scene.See(), "web@127.0.0.1"), nullptr);
}

TEST(ManualStop, StatelessIsHealedByDefaultAndStatefulHeld) {
  Scene scene(Site());
  scene.AllUp();
  scene.StopByHand("web@127.0.0.1");
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start web@127.0.0.1"));
  scene.StopByHand("redis");
  ASSERT_NE(FindWait(scene.See(), "redis"), nullptr);
  EXPECT_EQ(FindWait(scene.See(), "redis")->on, Wait::On::kHold);
}

TEST(ManualStop, ACrashIsNoManualStop) {
  Scene scene(Site());
  scene.AllUp();
  scene.Crash("redis");
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start redis"));
}

TEST(ManualStop, WhatNeverRanWasNotStoppedByAnyone) {
  Scene scene(Site());
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start redis"));
}

TEST(ManualStop, OurOwnStopIsNotAPersons) {
  Scene scene(Site());
  scene.AllUp();
  scene.DeclareDown();
  for (int i = 0; i < 6; ++i) scene.Act(scene.See()), scene.Pass(absl::Seconds(2));
  EXPECT_FALSE(scene.at("redis").Alive());
  scene.DeclareUp();
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("start redis"));
}

TEST(ManualStop, APersonsStopAfterOurRestartIsAPersons) {
  Scene scene(Site());
  scene.AllUp();
  scene.DeclareDown();
  for (int i = 0; i < 6; ++i) scene.Act(scene.See()), scene.Pass(absl::Seconds(2));
  scene.DeclareUp();
  ASSERT_TRUE(scene.Settle());
  scene.Pass(absl::Minutes(1));
  scene.StopByHand("redis");
  ASSERT_NE(FindWait(scene.See(), "redis"), nullptr);
  EXPECT_EQ(FindWait(scene.See(), "redis")->on, Wait::On::kHold);
}

// ── zombies ──
TEST(Zombie, NeedsThreeSightingsThenTimeThenGoesGracefullyAndComesBack) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  EXPECT_THAT(MayGo(scene.See()), IsEmpty());
  EXPECT_THAT(MayGo(scene.See(3)), IsEmpty()) << "its queue may drain";
  scene.Pass(absl::Seconds(3));
  const Plan plan = scene.See();
  EXPECT_THAT(MayGo(plan), ElementsAre("zombie-stop redis"));
  EXPECT_THAT(Steps(plan), ElementsAre("zombie-stop redis", "start redis"));
  ASSERT_TRUE(plan.stages[0].steps[0].puts_aside.has_value());
  EXPECT_EQ(plan.stages[0].steps[0].danger, Danger::kDisruptive);
  EXPECT_FALSE(std::get<XmlRpcCall>(plan.stages[0].steps[0].action).only_if_incarnation.empty());
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop redis", "start redis")) << "what stands above is left alone";
  EXPECT_TRUE(scene.past.open.empty());
  EXPECT_EQ(scene.See().readiness.reason, "AllUp");
}

TEST(Zombie, ARemoteWitnessAloneIsUnknown) {
  Scene scene(Site());
  scene.AllUp();
  scene.witness = Answer::Witness::kRemote;
  scene.at("redis").health = Health::kFrozen;
  const Plan plan = scene.See(60);
  EXPECT_THAT(Steps(plan), IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kUnknown);
}

TEST(Zombie, WhatHangsBecauseOfWhatIsBelowIsNotEnded) {
  Scene scene(Site());
  scene.AllUp();
  for (const char* name : {"redis", "web@127.0.0.1", "web@127.0.0.2", "web@127.0.0.3"})
    scene.at(name).health = Health::kFrozen;
  Plan plan = scene.See(20);
  EXPECT_THAT(MayGo(plan), ElementsAre("zombie-stop redis"));
  scene.Act(plan);
  scene.Pass(absl::Seconds(2));
  scene.Act(scene.See());
  scene.Pass(absl::Seconds(2));
  plan = scene.See(2);
  EXPECT_THAT(MayGo(plan), IsEmpty()) << "the workers get their own time once Redis serves";
  for (const char* name : {"web@127.0.0.1", "web@127.0.0.2", "web@127.0.0.3"})
    scene.at(name).health = Health::kServes;
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop redis", "start redis"));
}

TEST(Zombie, ARedundantOneNeedsItsRedundancy) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("web@127.0.0.1").health = Health::kFrozen;
  EXPECT_THAT(MayGo(scene.See(20)), ElementsAre("zombie-stop web@127.0.0.1"));
  scene.at("web@127.0.0.2").health = Health::kFrozen;
  const Plan plan = scene.See(20);
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "web@127.0.0.1"), testing::Contains(HasSubstr("redundancy is left")));
}

TEST(Zombie, ASoleOneNeedsTheSpecsWord) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx").health = Health::kFrozen;
  const Plan plan = scene.See(30);
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Proposed(plan), ElementsAre("zombie-stop nginx"));
  ASSERT_NE(FindWait(plan, "nginx"), nullptr);
  EXPECT_THAT(FindWait(plan, "nginx")->remedy, HasSubstr("`zombie: act`"));
  scene.Settle();
  EXPECT_THAT(scene.effects, IsEmpty());
}

TEST(Zombie, AProposedOneIsEndedOnceAPersonLetsItGoAndThenComesBackWithoutAsking) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx").health = Health::kFrozen;
  const Plan plan = scene.See(30);
  scene.LetGo(plan);
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop nginx", "start nginx"));
}

TEST(Zombie, LettingGoTheStopDoesNotLetGoTheKill) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx").health = Health::kFrozen;
  scene.at("nginx").temper = Temper::kIgnoresTerm;
  scene.LetGo(scene.See(30));
  scene.Settle();
  EXPECT_THAT(scene.effects, ElementsAre("stop nginx"));
  const Plan plan = scene.See();
  EXPECT_THAT(Proposed(plan), ElementsAre("kill nginx"));
  scene.LetGo(plan);
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop nginx", "kill nginx", "start nginx"));
}

TEST(Zombie, AProposedOneHoldsNoOperationUp) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx").health = Health::kFrozen;
  OperationIn<Restart> operation;
  operation.name = "bounce-web";
  operation.want = {{"web"}, scene.now, Restart::Order::kBottomUp};
  scene.operations.push_back(std::move(operation));
  const Plan plan = scene.See(30);
  EXPECT_THAT(MayGo(plan), ElementsAre("restart-stop web@127.0.0.1"));
  EXPECT_THAT(Proposed(plan), ElementsAre("zombie-stop nginx"));
}

TEST(Zombie, NeverMeansNever) {
  Spec spec = Site();
  spec.layers[0].services[0].zombie = ZombiePolicy::kNever;
  Scene scene(spec);
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  EXPECT_THAT(Steps(scene.See(60)), IsEmpty());
}

TEST(Zombie, StartingUpIsLeftAloneHoweverLongItTakes) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.at("postgresql").health = Health::kSaysStarting;
  for (int i = 0; i < 10; ++i) scene.Pass(absl::Hours(1)), scene.Act(scene.See());
  EXPECT_THAT(scene.effects, IsEmpty());
}

TEST(Zombie, ALongStartIsNoZombieBeforeItsTimeout) {
  Scene scene(Site());
  scene.at("redis").is = Is::kRunning;
  scene.at("redis").health = Health::kFrozen;
  scene.at("redis").started = scene.now;
  EXPECT_THAT(Steps(scene.See(30)), testing::Not(testing::Contains("zombie-stop redis")));
  EXPECT_THAT(Steps(scene.See(60)), testing::Contains("zombie-stop redis"));
}

TEST(Zombie, OneThatIgnoresTheStopIsKilledWithItsIncarnation) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  scene.at("redis").temper = Temper::kIgnoresTerm;
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop redis", "kill redis", "start redis"));
}

TEST(Zombie, OneThatCannotBeKilledIsAPersonsAndIsNotKilledForEver) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  scene.at("redis").temper = Temper::kCannotBeKilled;
  scene.Settle(absl::Hours(1));
  EXPECT_THAT(scene.effects, ElementsAre("stop redis", "kill redis"));
  const Plan plan = scene.See();
  ASSERT_NE(FindWait(plan, "restore redis"), nullptr);
  EXPECT_EQ(FindWait(plan, "restore redis")->on, Wait::On::kHuman);
}

TEST(Zombie, TheOthersTakeOverBeforeItComesBack) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.at("tserver@127.0.0.1").health = Health::kFrozen;
  for (int i = 0; i < 400 && scene.effects.empty(); ++i) scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  EXPECT_THAT(scene.effects, ElementsAre("stop tserver@127.0.0.1"));
  const absl::Time stopped = scene.now;
  for (int i = 0; i < 400 && scene.effects.size() < 2; ++i)
    scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  EXPECT_GE(scene.now - stopped, absl::Seconds(85));
}

// ── obligations ──
TEST(Lease, IsRestoredWhateverBecameOfItsCause) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  while (scene.effects.empty()) scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  scene.purpose = Purpose::kRelease;
  scene.Forget();
  scene.Crash("nginx");
  ASSERT_TRUE(scene.Settle());
  EXPECT_THAT(scene.effects, ElementsAre("stop redis", "start redis"))
      << "what was stopped is started, nothing is begun";
  EXPECT_TRUE(scene.past.open.empty());
}

TEST(Lease, ItsStartMustFinishAndIsNotCountedAsARepair) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  while (scene.effects.empty()) scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  const Plan plan = scene.See();
  ASSERT_FALSE(plan.stages.empty());
  const Step& step = plan.stages[0].steps[0];
  EXPECT_EQ(step.duty, Step::Duty::kMustFinish);
  EXPECT_EQ(step.puts_back, "redis");
  EXPECT_FALSE(step.meter.has_value());
}

TEST(Lease, OnAnUnknownHostStaysOpen) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  while (scene.effects.empty()) scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  scene.at("redis").reach = ModelProcess::Reach::kUnknown;
  for (Purpose purpose : {Purpose::kConverge, Purpose::kRelease}) {
    scene.purpose = purpose;
    const Plan plan = scene.See();
    EXPECT_TRUE(plan.restored.empty());
    EXPECT_NE(FindWait(plan, "restore redis"), nullptr);
  }
}

TEST(Lease, DeclaredDownMeanwhileHasNothingToRestore) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  while (scene.effects.empty()) scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  scene.DeclareDown();
  EXPECT_THAT(scene.See().restored, testing::SizeIs(1));
}

// ── failure classes, while what depends on them runs ──
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
  EXPECT_THAT(Held(plan, "tserver@127.0.0.1"), testing::Contains(HasSubstr("no loss needs a person")));
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

}  // namespace
}  // namespace holdfast::stack
