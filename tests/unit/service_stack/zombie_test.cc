// What is alive and does not serve, and what is put aside meanwhile.
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
using Temper = ModelProcess::Temper;

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

TEST(Zombie, WhatHungOnWhatIsBelowGetsItsOwnTimeOnceThatServes) {
  Scene scene(Site());
  scene.AllUp();
  for (const char* name : {"redis", "web@127.0.0.1"}) scene.at(name).health = Health::kFrozen;
  scene.See(20);
  while (scene.effects.size() < 2) scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  scene.Act(scene.See());  // it serves again: the lease is closed
  const Plan plan = scene.See(2);
  EXPECT_THAT(scene.effects, ElementsAre("stop redis", "start redis"));
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "web@127.0.0.1"), ElementsAre(testing::StartsWith("it had time to recover: ")));
  EXPECT_THAT(MayGo(scene.See(10)), ElementsAre("zombie-stop web@127.0.0.1"));
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

TEST(Zombie, NeverMeansThatItIsNotKilledEither) {
  Spec spec = Site();
  spec.layers[2].services[0].zombie = ZombiePolicy::kNever;
  Scene scene(spec);
  scene.AllUp();
  scene.at("nginx").health = Health::kFrozen;
  scene.at("nginx").temper = Temper::kIgnoresTerm;
  scene.DeclareDown();
  scene.Act(scene.See(5));
  EXPECT_THAT(scene.effects, ElementsAre("stop nginx")) << "the spec's own word ends it gracefully";
  scene.Pass(absl::Minutes(2));
  const Plan plan = scene.See(5);
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Proposed(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "nginx"), ElementsAre("the spec lets a zombie be ended: zombie: never"));
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

// Redis is frozen, was told to end, and does not.
Scene WithOneThatIgnoresTheStop() {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = Health::kFrozen;
  scene.at("redis").temper = Temper::kIgnoresTerm;
  while (scene.effects.empty()) scene.Act(scene.See()), scene.Pass(absl::Seconds(1));
  return scene;
}

TEST(Zombie, OneThatIgnoresTheStopIsNotKilledBeforeItHadItsTime) {
  Scene scene = WithOneThatIgnoresTheStop();
  const absl::Time told = scene.past.attempts.back().sent;
  const Plan plan = scene.See(50);
  EXPECT_THAT(Steps(plan), testing::Not(testing::Contains("kill redis")));
  ASSERT_NE(FindWait(plan, "restore redis"), nullptr);
  EXPECT_EQ(FindWait(plan, "restore redis")->until, told + absl::Minutes(1));
  EXPECT_THAT(MayGo(scene.See(20)), ElementsAre("kill redis"));
}

TEST(Zombie, OneThatIgnoresTheStopIsNotKilledOnTheWordOfARemoteWitness) {
  Scene scene = WithOneThatIgnoresTheStop();
  scene.witness = Answer::Witness::kRemote;
  const Plan plan = scene.See(90);
  EXPECT_THAT(MayGo(plan), IsEmpty());
  EXPECT_THAT(Held(plan, "redis"),
              ElementsAre(testing::StartsWith(
                  "two witnesses say that it is a zombie: nothing was asked on its host")));
  scene.witness = Answer::Witness::kOnHost;
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("kill redis"));
}

TEST(Zombie, AfterACrashOfOursItsSilenceIsProvenAnewBeforeAKill) {
  Scene scene = WithOneThatIgnoresTheStop();
  scene.Pass(absl::Minutes(2));
  scene.Forget();
  for (const char* times : {"1", "2"}) {
    const Plan plan = scene.See();
    EXPECT_THAT(MayGo(plan), IsEmpty());
    EXPECT_THAT(Held(plan, "redis"), ElementsAre(HasSubstr(Cat("silent ", times, " times of 3"))));
  }
  EXPECT_THAT(MayGo(scene.See()), ElementsAre("kill redis"));
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

}  // namespace
}  // namespace holdfast::stack
