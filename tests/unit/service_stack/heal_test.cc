// What breaks and is started again, and what a person did.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
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

}  // namespace
}  // namespace holdfast::stack
