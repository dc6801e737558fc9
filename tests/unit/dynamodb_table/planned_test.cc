#include "reconcilers/dynamodb_table/planned.h"

#include <algorithm>

#include "tests/unit/dynamodb_table/scene.h"

namespace holdfast::dynamodb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const std::string kObject(kPlannedObject);

// 800 reads and 400 writes from two to eight, of a table that has 100 and 50 at noon.
Scene Debate() {
  Scene scene;
  scene.Read(Scene::Bounds(100, 400)).Write(int64_t{50});
  scene.Wants().planned.push_back({.from = scene.now + absl::Hours(2),
                                   .until = scene.now + absl::Hours(8),
                                   .reason = "debate night",
                                   .read = 800,
                                   .write = 400});
  return scene;
}
// The same when the plan was carried out, and it is so long after noon.
Scene Lifted(absl::Duration after) {
  Scene scene = Debate();
  scene.Has(800, 400);
  scene.past.open.push_back({.object = kObject,
                             .before = "read 100, write 50",
                             .wrote = "read 800, write 400",
                             .why = "debate night"});
  scene.now += after;
  scene.state.targets = Known<std::vector<ScalableTarget>>{{}, scene.now};
  scene.state.limits = Known<Limits>{{40'000, 40'000, 80'000, 80'000}, scene.now};
  scene.state.metrics = Known<Metrics>{{}, scene.now};
  return scene;
}
bool Names(const Plan& plan) {
  for (const Wait& wait : plan.waits)
    if (wait.name == RestoreName(kPlannedObject)) return true;
  return false;
}

TEST(DD7, BeforeItsTimeNothingIsDoneAndItIsKnownWhenToLook) {
  const Scene scene = Debate();
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_EQ(plan.look_again, scene.now + absl::Hours(2) - absl::Minutes(15));
}

TEST(DD7, ItIsAskedForAheadInOneCallAndWhatWasThereIsPutAside) {
  Scene scene = Debate();
  scene.now += absl::Hours(2) - absl::Minutes(15);
  const Plan plan = scene.Decide();
  const Step* step = FirstStep(plan);
  ASSERT_TRUE(Goes(step));
  EXPECT_THAT(Does(step), HasSubstr(ToCapacity(800, 400)));
  EXPECT_THAT(step->why, HasSubstr("until 2026-11-21T20:00:00Z: debate night"));
  ASSERT_TRUE(step->puts_aside);
  EXPECT_EQ(step->puts_aside->object, kObject);
  EXPECT_EQ(step->puts_aside->before, "read 100, write 50");
  EXPECT_EQ(step->puts_aside->wrote, "read 800, write 400");
  EXPECT_THAT(Line(step->puts_aside->restore), HasSubstr(ToCapacity(100, 50)));
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes) << "there is time yet";
}

TEST(DD7, WhatIsNotThereWhenItBeginsIsNotReady) {
  Scene scene = Debate();
  scene.now += absl::Hours(2);
  scene.state.table.unit.status = "UPDATING";
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kNo);
  EXPECT_EQ(plan.readiness.reason, "PlannedCapacityMissing");
  EXPECT_THAT(plan.readiness.message, HasSubstr("read is planned to be 800 from 2026-11-21T14:00:00Z"));
  EXPECT_THAT(plan.readiness.message, HasSubstr("the table has 100"));
  EXPECT_EQ(scene.Has(800, 400).Decide().readiness.is, Readiness::Is::kYes);
}

TEST(DD7, WhileItLastsNothingGivesItBack) {
  for (const absl::Duration at : {absl::Hours(2), absl::Hours(8) - absl::Seconds(1)}) {
    const Plan plan = Lifted(at).Decide();
    EXPECT_TRUE(plan.stages.empty());
    EXPECT_TRUE(Names(plan));
    EXPECT_TRUE(plan.restored.empty());
  }
}

TEST(DD7, WhenItIsOverTheTableHasWhatItHadBefore) {
  Scene scene = Lifted(absl::Hours(8));
  Plan plan = scene.Decide();
  const Step* step = FirstStep(plan);
  ASSERT_TRUE(Goes(step));
  EXPECT_EQ(step->verb, "lower");
  EXPECT_THAT(Does(step), HasSubstr(ToCapacity(100, 50)));
  EXPECT_EQ(step->puts_back, kObject);
  EXPECT_EQ(step->danger, Danger::kDisruptive);
  plan = scene.Has(100, 50).Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(plan.restored, ElementsAre(Pair(kObject, "the table has read 100, write 50")));
}

TEST(DD7, ItIsToldThatAPlanIsOver) {
  const auto told = [](const Plan& plan) {
    return std::ranges::any_of(plan.waits, [](const Wait& wait) {
      return wait.on == Wait::On::kSpec && wait.name == "capacity planned from 2026-11-21T14:00:00Z expired";
    });
  };
  Scene scene = Debate();
  EXPECT_FALSE(told(scene.Decide()));
  scene.now += absl::Hours(8);
  EXPECT_TRUE(told(scene.Decide()));
}

TEST(DD7, WhatIsStillUsedIsNotTakenAway) {
  Scene scene = Lifted(absl::Hours(8));
  scene.Used(Dimension::kRead, std::vector<double>(10, 300));
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(StepCalled(plan, "lower")), HasSubstr("held: use fits into less: read: 300"));
  EXPECT_TRUE(Names(plan)) << "the engine leaves the lease alone";
}

TEST(DD7, WithoutADecreaseLeftItWaitsForTheNext) {
  Scene scene = Lifted(absl::Hours(8));
  scene.state.table.unit.provisioned.decreases_today = 4;
  scene.state.table.unit.provisioned.last_decrease = scene.now - absl::Minutes(10);
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(StepCalled(plan, "lower")), HasSubstr("held: a decrease is left"));
  EXPECT_EQ(UntilOf(plan, "decrease budget"), scene.now + absl::Minutes(50));
  EXPECT_TRUE(Names(plan));
}

TEST(DD7, WhatSomebodyChangedMeanwhileIsTheirs) {
  Scene scene = Lifted(absl::Hours(8));
  scene.want.capacity->write.reset();
  scene.want.capacity->planned[0].write.reset();
  const Plan plan = scene.Has(350, 390).Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(plan.restored, ElementsAre(Pair(kObject, "the table has read 350, write 390")));
}

TEST(DD7, WhatTheSpecAsksForByNowStays) {
  Scene scene = Lifted(absl::Hours(8));
  scene.Read(int64_t{800}).Write(Scene::Bounds(400, 500));
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_FALSE(Names(plan));
  EXPECT_THAT(plan.restored, ElementsAre(Pair(kObject, "the table has read 800, write 400")));
}

TEST(DD7, MoreThanIsPlannedIsGivenBackWithIt) {
  Scene scene = Lifted(absl::Hours(3));
  scene.Wants().planned[0].read = 900;
  const Plan plan = scene.Decide();
  const Step* step = FirstStep(plan);
  ASSERT_NE(step, nullptr);
  ASSERT_TRUE(step->puts_aside);
  EXPECT_EQ(step->puts_aside->wrote, "read 900, write 400");
}

TEST(DD7, APlanTakenOutOfTheSpecIsOver) {
  Scene scene = Lifted(absl::Hours(3));
  scene.Wants().planned.clear();
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(100, 50)));
}

TEST(DD7, WithoutASpecTheLedgerGivesItBackOnceTheTableTakesChanges) {
  Scene scene = Lifted(absl::Hours(3));
  scene.purpose = Purpose::kRelease;
  EXPECT_FALSE(Names(scene.Decide())) << "not named: the engine's own doing";
  EXPECT_TRUE(scene.Decide().restored.empty());
  scene.state.table.unit.status = "UPDATING";
  EXPECT_TRUE(Names(scene.Decide()));
  scene.state.table.unit.status = "ACTIVE";
  EXPECT_THAT(scene.Has(100, 50).Decide().restored, ElementsAre(Pair(kObject, testing::_)));
  scene.is_there = false;
  EXPECT_THAT(scene.Decide().restored, ElementsAre(Pair(kObject, "the table is gone")));
}

}  // namespace
}  // namespace holdfast::dynamodb
