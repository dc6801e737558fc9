#include "tests/unit/dynamodb_table/scene.h"

namespace holdfast::dynamodb {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr Dimension kRead = Dimension::kRead, kWrite = Dimension::kWrite;

Scene Unused() {
  Scene scene;
  scene.Has(400, 50).Read(Scene::Lowering(20, 1000)).UsedFor(kRead, 60, absl::Hours(2));
  return scene;
}

TEST(Lower, WhatWasLittleUsedAllTheTimeIsLoweredToHalfAsMuchAgain) {
  const Plan plan = Unused().Decide();
  const Step* step = FirstStep(plan);
  EXPECT_THAT(Does(step), HasSubstr(ToCapacity(90, 50)));
  EXPECT_EQ(step->danger, Danger::kDisruptive);
  EXPECT_EQ(step->why, "at most 60 of 400 units were used for 2h");
}

TEST(D2, NeverBelowTheLeastNorBelowWhatWasUsed) {
  EXPECT_THAT(Does(FirstStep(Unused().Read(Scene::Lowering(120, 1000)).Decide())),
              HasSubstr(ToCapacity(120, 50)));
  // A single period at the threshold is enough to leave it.
  Scene scene = Unused();
  scene.UsedFor(kRead, 120, absl::Minutes(5));
  EXPECT_TRUE(scene.Decide().stages.empty());
}

TEST(D2, IncreasesGoFirstInACallOfTheirOwn) {
  Scene scene = Unused();
  scene.Write(int64_t{70});
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)), HasSubstr(ToCapacity(400, 70)));
  EXPECT_EQ(plan.stages[0].steps.size(), 1U);
  EXPECT_THAT(Does(StepCalled(plan, "lower")), HasSubstr("held: increases go first"));
}

TEST(D2, BothDimensionsGoInOneDecrease) {
  Scene scene = Unused();
  scene.Has(400, 100).Write(Scene::Lowering(10, 200)).UsedFor(kWrite, 10, absl::Hours(2));
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)), HasSubstr(ToCapacity(90, 15)));
  EXPECT_EQ(plan.stages.size(), 1U);
  EXPECT_EQ(plan.stages[0].steps.size(), 1U);
}

TEST(D3, AMixOfBothWithoutBudgetStillRaises) {
  Scene scene = Unused();
  scene.Write(int64_t{70});
  scene.state.table.unit.provisioned.decreases_today = 4;
  scene.state.table.unit.provisioned.last_decrease = scene.now - absl::Minutes(10);
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(400, 70)));
}

TEST(D4, AMissingDatapointIsNotZero) {
  Scene scene = Unused();
  Metrics data = scene.Data();
  Series& series = data[{"", kRead, Metric::kConsumedLong}];
  series.points.erase(series.points.begin() + 10);
  scene.state.metrics = Known<Metrics>{data, scene.now};
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(
      WaitCalled(plan, "read: consumption"),
      AllOf(StartsWith("observation: "), HasSubstr("nothing was told of 10:50Z"), HasSubstr("not zero")));
}

TEST(D4, NoDatapointAtAllIsNotZeroEither) {
  Scene scene;
  scene.Has(400, 50).Read(Scene::Lowering(20, 1000));
  EXPECT_TRUE(scene.Decide().stages.empty());
  EXPECT_THAT(WaitCalled(scene.Decide(), "read: consumption"), HasSubstr("there are no data"));
}

TEST(D4, DatapointsThatCannotBeThereYetAreNotMissed) {
  Scene scene = Unused();
  Metrics data = scene.Data();
  Series& series = data[{"", kRead, Metric::kConsumedLong}];
  series.points.pop_back();
  scene.state.metrics = Known<Metrics>{data, scene.now};
  EXPECT_FALSE(scene.Decide().stages.empty());
  series.points.pop_back();
  series.points.pop_back();
  scene.state.metrics = Known<Metrics>{data, scene.now};
  EXPECT_TRUE(scene.Decide().stages.empty());
}

TEST(D4, DatapointsThatCannotBeReadDecideNothing) {
  Scene scene = Unused();
  scene.state.metrics = Unknown{"cloudwatch GetMetricData: AccessDenied"};
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_EQ(WaitCalled(plan, "datapoints"), "observation: cloudwatch GetMetricData: AccessDenied");
  // What needs none goes on.
  EXPECT_FALSE(scene.Has(10, 50).Decide().stages.empty());
}

TEST(Lower, ATableYoungerThanTheRuleIsLeft) {
  Scene scene = Unused();
  scene.state.table.created = scene.now - absl::Hours(1);
  EXPECT_TRUE(scene.Decide().stages.empty());
}

TEST(D5, NotWithinTheCooldownOfARaise) {
  Scene scene = Unused();
  scene.Raised("raise users: read 300 to 400#id-1", absl::Minutes(4));
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_EQ(UntilOf(plan, "read: cooldown"), scene.now + absl::Minutes(6));
}

TEST(D5, TheLastFreeDecreaseOfTheDayIsKeptUntilEight) {
  Scene scene = Unused();
  scene.state.table.unit.provisioned.decreases_today = 3;
  scene.state.table.unit.provisioned.last_decrease = scene.now - absl::Hours(3);
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(StepCalled(plan, "lower")), HasSubstr("held: a decrease is left: 3 of 4"));
  EXPECT_EQ(UntilOf(plan, "decrease budget"), scene.now + absl::Hours(8));
  scene.state.table.unit.provisioned.decreases_today = 2;
  EXPECT_TRUE(Goes(FirstStep(scene.Decide())));
}

TEST(D5, MoreThanTheAccountAllowsATableIsHeld) {
  Scene scene;
  scene.Read(int64_t{50'000});
  EXPECT_THAT(Does(StepCalled(scene.Decide(), "raise")),
              HasSubstr("held: within the account's limits: 50000 read units are wanted"));
  // A raise does not wait for the answer to another question.
  scene.state.limits = Unknown{"denied"};
  EXPECT_TRUE(Goes(FirstStep(scene.Decide())));
}

TEST(D5, MoreThanTheAccountAllowsAllTablesIsHeld) {
  Scene scene;
  scene.Read(int64_t{200});
  scene.state.together = {.read = 79'950, .write = 80'000, .tables = 7};
  EXPECT_THAT(
      Does(StepCalled(scene.Decide(), "raise")),
      HasSubstr("held: within the account's limits: 100 more read units are wanted; the account allows "
                "80000, and 7 tables known here have 79950"));
  scene.state.together.read = 79'900;
  EXPECT_TRUE(Goes(FirstStep(scene.Decide())));
}

TEST(DD2, AnExactNumberBelowWhatIsUsedIsHeld) {
  Scene scene;
  scene.Has(400, 50).Read(int64_t{200}).Used(kRead, {150, 230, 180});
  EXPECT_THAT(
      Does(StepCalled(scene.Decide(), "lower")),
      HasSubstr("held: use fits into less: read: 230 units a second were used lately, 200 are wanted"));
  scene.Used(kRead, {150});
  scene.state.metrics = Known<Metrics>{{}, scene.now};
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(200, 50)));
}

TEST(DD3, TheNextDecreaseIsComputedInsteadOfTried) {
  Scene scene = Unused();
  Provisioned& units = scene.state.table.unit.provisioned;
  units.decreases_today = 4;
  units.last_decrease = scene.now - absl::Minutes(10);
  const Plan plan = scene.Decide();
  EXPECT_FALSE(Goes(StepCalled(plan, "lower")));
  EXPECT_EQ(UntilOf(plan, "decrease budget"), scene.now + absl::Minutes(50));
  EXPECT_EQ(plan.look_again, scene.now + absl::Minutes(50));
  EXPECT_TRUE(plan.ask.empty());
  units.last_decrease = scene.now - absl::Hours(1);
  EXPECT_TRUE(Goes(FirstStep(scene.Decide())));
}

struct BudgetCase {
  int64_t count;
  int last_hour, last_minute, hour, minute;
  int next_hour, next_minute;  // 24:00 is midnight
};

TEST(DD3, TheBudgetIsCountedAsTheServiceCountsIt) {
  const absl::Time day = absl::FromCivil(absl::CivilDay(2026, 11, 21), absl::UTCTimeZone());
  const auto at = [&](int hour, int minute) { return day + absl::Hours(hour) + absl::Minutes(minute); };
  for (const BudgetCase& c :
       {BudgetCase{0, 1, 0, 2, 0, 2, 0}, BudgetCase{2, 1, 0, 1, 1, 1, 1}, BudgetCase{3, 1, 0, 2, 0, 20, 0},
        BudgetCase{3, 1, 0, 20, 0, 20, 0}, BudgetCase{4, 1, 0, 1, 30, 2, 0}, BudgetCase{4, 1, 0, 2, 0, 2, 0},
        BudgetCase{9, 23, 30, 23, 40, 24, 0}}) {
    const DecreaseBudget budget = NextDecrease(
        {.decreases_today = c.count, .last_decrease = at(c.last_hour, c.last_minute)}, at(c.hour, c.minute));
    EXPECT_EQ(std::max(budget.next, at(c.hour, c.minute)), at(c.next_hour, c.next_minute))
        << c.count << " at " << c.hour << ":" << c.minute;
  }
  // Another day's count says nothing of today.
  EXPECT_EQ(NextDecrease({.decreases_today = 9, .last_decrease = day - absl::Minutes(1)}, at(0, 1)).next,
            at(0, 1));
}

TEST(DD3, AnIndexHasABudgetOfItsOwnAndIsNotRefusedWithItsTable) {
  Scene scene = Unused();
  scene.HasIndex("by-user", 400, 40);
  scene.want.indexes["by-user"].read = Units{int64_t{100}};
  scene.state.table.unit.provisioned.decreases_today = 4;
  scene.state.table.unit.provisioned.last_decrease = scene.now - absl::Minutes(10);
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)),
              AllOf(HasSubstr(R"("IndexName":"by-user")"), HasSubstr(ToCapacity(100, 40)),
                    testing::Not(HasSubstr(ToCapacity(90, 50)))));
  EXPECT_EQ(UntilOf(plan, "decrease budget"), scene.now + absl::Minutes(50));
}

TEST(AboveMax, WhatAPersonSetIsLeftAndTold) {
  const Plan plan = Scene().Has(500, 50).Read(Scene::Bounds(100, 400)).Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(WaitCalled(plan, "read: above maximum"), HasSubstr("hold: someone set 500 units"));
}

TEST(AboveMax, IsTakenBackOnlyWhenLessWasUsed) {
  Range range = Scene::Bounds(100, 400);
  range.above_max = AboveMax::kLower;
  Scene scene;
  scene.Has(500, 50).Read(range);
  EXPECT_TRUE(scene.Decide().stages.empty());
  EXPECT_THAT(WaitCalled(scene.Decide(), "read: consumption"), HasSubstr("there are no data"));
  Scene used = scene;
  used.UsedFor(kRead, 420, absl::Hours(1));
  EXPECT_TRUE(used.Decide().stages.empty());
  EXPECT_THAT(WaitCalled(used.Decide(), "read: above maximum"), HasSubstr("420 were used"));
  scene.UsedFor(kRead, 380, absl::Hours(1));
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(400, 50)));
}

}  // namespace
}  // namespace holdfast::dynamodb
