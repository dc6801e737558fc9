#include "tests/unit/dynamodb_table/scene.h"

namespace holdfast::dynamodb {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Dimension kRead = Dimension::kRead, kWrite = Dimension::kWrite;

TEST(Capacity, WithinItsBoundsIsLeftAlone) {
  const Plan plan = Scene().Read(Scene::Raising(100, 400)).Write(Scene::Bounds(50, 200)).Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_TRUE(plan.waits.empty());
  EXPECT_TRUE(plan.diffs.empty());
  EXPECT_TRUE(plan.ask.empty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);
}

TEST(Capacity, WhatTheSpecLeavesOutIsNotTouched) {
  Scene scene;
  scene.HasIndex("other", 1, 1);
  EXPECT_TRUE(scene.Decide().stages.empty());
  EXPECT_THAT(Does(FirstStep(scene.Read(int64_t{120}).Decide())), HasSubstr(ToCapacity(120, 50)));
}

TEST(Capacity, BelowTheLeastIsRaisedToIt) {
  const Plan plan = Scene().Has(10, 50).Read(Scene::Bounds(100, 400)).Decide();
  EXPECT_THAT(Does(FirstStep(plan)), AllOf(StartsWith("UpdateTable"), HasSubstr(ToCapacity(100, 50))));
  EXPECT_THAT(plan.diffs, ElementsAre(Diff{"capacity.read", "100", "10"}));
}

TEST(Raise, RefusedWritesRaiseThemByTheSpecsShareAndTheReasonNamesTheDatapoints) {
  const Plan plan =
      Scene().Write(Scene::Raising(50, 200)).Refused(kWrite, {12, 0, 5}).Used(kWrite, {49, 50, 48}).Decide();
  const Step* step = FirstStep(plan);
  EXPECT_THAT(Does(step), HasSubstr(ToCapacity(100, 75)));
  EXPECT_EQ(step->danger, Danger::kReversible);
  EXPECT_EQ(
      step->why,
      "writes of the table were refused: 12 at 11:57Z and 5 at 11:59Z; at most 50 of 50 units were used");
}

TEST(Raise, OneBecomesTwoThreeFiveAtHalf) {
  int64_t units = 1;
  std::vector<int64_t> seen;
  for (int i = 0; i < 4; ++i) {
    const auto full = static_cast<double>(units);
    const Plan plan =
        Scene().Has(units, 50).Read(Scene::Raising(1, 400)).Refused(kRead, {3}).Used(kRead, {full}).Decide();
    ASSERT_EQ(plan.diffs.size(), 1U);
    units = std::stoll(plan.diffs[0].want);
    seen.push_back(units);
  }
  EXPECT_THAT(seen, ElementsAre(2, 3, 5, 8));
}

TEST(Raise, NeverBeyondItsMaximum) {
  Scene scene;
  scene.Has(100, 150).Write(Scene::Raising(50, 200)).Refused(kWrite, {3}).Used(kWrite, {150});
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(100, 200)));
}

TEST(Raise, AtItsMaximumItIsStalledAndSaysSo) {
  const Plan plan =
      Scene().Has(100, 200).Write(Scene::Raising(50, 200)).Refused(kWrite, {3}).Used(kWrite, {200}).Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(WaitCalled(plan, "write: at maximum"),
              AllOf(StartsWith("human: "), HasSubstr("3 at 11:59Z"), HasSubstr("its maximum of 200")));
}

TEST(Raise, OneOfBothShortRaisesBothInOneCall) {
  Scene scene;
  scene.Read(Scene::Raising(100, 400)).Write(Scene::Raising(50, 200));
  scene.Refused(kWrite, {3}).Used(kWrite, {50});
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(100, 75)));
  scene.Wants().raise_together = true;
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)), HasSubstr(ToCapacity(150, 75)));
  EXPECT_EQ(plan.stages.size(), 1U);
  EXPECT_EQ(plan.stages[0].steps.size(), 1U);
  // The companion stops at its own maximum, and an exact number is nobody's companion.
  scene.Read(Scene::Raising(100, 120));
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(120, 75)));
  scene.Read(int64_t{100});
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(100, 75)));
}

TEST(Raise, OnlyWhatWasRefusedWithinTheWindowCounts) {
  Scene scene;
  scene.Write(Scene::Raising(50, 200)).Used(kWrite, {50, 50, 50, 50, 50, 50, 50});
  EXPECT_TRUE(scene.Refused(kWrite, {3, 0, 0, 0, 0, 0}).Decide().stages.empty());
  EXPECT_FALSE(scene.Refused(kWrite, {3, 0, 0, 0, 0}).Decide().stages.empty());
}

TEST(Raise, WithinTheCooldownItWaitsAndTellsUntilWhen) {
  Scene scene;
  scene.Write(Scene::Raising(50, 200)).Refused(kWrite, {7, 3}).Used(kWrite, {50, 50});
  scene.Raised("raise users: write 33 to 50#id-1", absl::Minutes(4));
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_EQ(UntilOf(plan, "write: cooldown"), scene.now + absl::Minutes(6));
  EXPECT_EQ(plan.look_again, scene.now + absl::Minutes(6));
  // Reads have a cooldown of their own.
  scene.Read(Scene::Raising(100, 400)).Refused(kRead, {7}).Used(kRead, {100});
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(150, 50)));
}

TEST(Raise, WhatWasRefusedBeforeTheLastRaiseSaysNothingOfThisCapacity) {
  Scene scene;
  Range range = Scene::Raising(50, 200);
  range.raise->cooldown = absl::Minutes(1);
  scene.Write(range).Used(kWrite, {50, 50, 50, 50}).Refused(kWrite, {9, 9, 0, 0});
  EXPECT_FALSE(scene.Decide().stages.empty());
  scene.Raised("raise users: write 33 to 50#id-1", absl::Seconds(130));
  EXPECT_TRUE(scene.Decide().stages.empty());
}

TEST(Raise, ARaiseBySomebodyElseHasItsCooldownToo) {
  Scene scene;
  scene.Write(Scene::Raising(50, 200)).Refused(kWrite, {3}).Used(kWrite, {50});
  scene.state.table.unit.provisioned.last_increase = scene.now - absl::Minutes(3);
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_EQ(UntilOf(plan, "write: cooldown"), scene.now + absl::Minutes(7));
  // The service has one time for both dimensions: here it is that of our raise of the reads.
  scene.Raised("raise users: read 66 to 100#id-1", absl::Minutes(3) + absl::Seconds(1));
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(100, 75)));
}

TEST(Raise, ARefusedCallWasNoRaise) {
  Scene scene;
  scene.Write(Scene::Raising(50, 200)).Refused(kWrite, {3}).Used(kWrite, {50});
  scene.Raised("raise users: write 33 to 50#id-1", absl::Minutes(4));
  scene.past.attempts[0].outcome.kind = Outcome::Kind::kRefused;
  EXPECT_FALSE(scene.Decide().stages.empty());
}

TEST(HotKey, IsRaisedForOnceAndThenHeldWithAReason) {
  Scene scene;
  scene.Write(Scene::Raising(50, 200)).Refused(kWrite, {30}).Used(kWrite, {4});
  const Step* step = FirstStep(scene.Decide());
  ASSERT_NE(step, nullptr);
  const Plan first = scene.Decide();
  ASSERT_TRUE(FirstStep(first)->meter);
  scene.Raised(FirstStep(first)->key, absl::Hours(1), FirstStep(first)->meter->key).Has(100, 75);
  const Plan second = scene.Decide();
  EXPECT_TRUE(second.stages.empty());
  EXPECT_THAT(WaitCalled(second, "write: hot key"),
              AllOf(StartsWith("human: "), HasSubstr("at most 4 of 75 units"), HasSubstr("raised once")));
  // When it is truly full, it is no hot key any more.
  EXPECT_FALSE(scene.Used(kWrite, {74}).Decide().stages.empty());
}

TEST(HotKey, UnknownUseMayBeOneToo) {
  Scene scene;
  scene.Write(Scene::Raising(50, 200)).Refused(kWrite, {30});
  const Plan plan = scene.Decide();
  ASSERT_TRUE(FirstStep(plan)->meter);
  EXPECT_EQ(FirstStep(plan)->meter->key, HotKeyMeter("", kWrite));
  scene.Raised("raise users: write 33 to 50#id-1", absl::Hours(1), HotKeyMeter("", kWrite));
  EXPECT_TRUE(scene.Decide().stages.empty());
}

TEST(HotKey, OnlyIfConsumedAboveIsKept) {
  Scene scene;
  Range range = Scene::Raising(50, 200);
  range.raise->only_if_consumed_above = specs::Percentage{80};
  scene.Write(range).Refused(kWrite, {3}).Used(kWrite, {40});
  EXPECT_TRUE(scene.Decide().stages.empty());
  EXPECT_THAT(WaitCalled(scene.Decide(), "write: hot key"), HasSubstr("only above 80%"));
  EXPECT_FALSE(scene.Used(kWrite, {41}).Decide().stages.empty());
}

TEST(HotKey, WithoutADatapointTheShareIsNotProven) {
  Scene scene;
  Range range = Scene::Raising(50, 200);
  range.raise->only_if_consumed_above = specs::Percentage{80};
  scene.Write(range).Refused(kWrite, {3});
  EXPECT_TRUE(scene.Decide().stages.empty());
  EXPECT_THAT(WaitCalled(scene.Decide(), "write: consumption"), StartsWith("observation: "));
}

TEST(D6, IndexesFollowTheTablesWritesInTheSameCall) {
  Scene scene;
  scene.HasIndex("by-user", 20, 40);
  scene.HasIndex("foreign", 20, 40);
  scene.want.indexes["by-user"].write = Units{Scene::Bounds(10, 100)};
  scene.Write(Scene::Raising(50, 200)).Refused(kWrite, {3}).Used(kWrite, {50});
  const std::string call = Does(FirstStep(scene.Decide()));
  EXPECT_THAT(call, HasSubstr(Cat("{", ToCapacity(100, 75).substr(1)).substr(1)));
  EXPECT_THAT(call, HasSubstr(Cat(R"("GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"by-user",)",
                                  ToCapacity(20, 60), "}}]")));
  EXPECT_THAT(call, Not(HasSubstr("foreign")));
}

TEST(D6, AnIndexHasItsOwnRule) {
  Scene scene;
  scene.HasIndex("by-user", 20, 40);
  scene.want.indexes["by-user"].read = Units{Scene::Raising(10, 100)};
  scene.Refused(kRead, {3}, "by-user").Used(kRead, {20}, "by-user");
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)),
              AllOf(HasSubstr(ToCapacity(30, 40)), Not(HasSubstr(ToCapacity(100, 50)))));
  EXPECT_THAT(plan.diffs, ElementsAre(Diff{"indexes.by-user.read", "30", "20"}));
}

TEST(Incarnation, WhatHappenedToATableOfTheSameNameIsForgotten) {
  Scene scene;
  scene.Write(Scene::Raising(50, 200)).Used(kWrite, {50, 50, 50}).Refused(kWrite, {9, 9, 0});
  scene.Raised("raise users: write 33 to 50#id-0", absl::Hours(1), HotKeyMeter("", kWrite));
  EXPECT_FALSE(scene.Decide().stages.empty());
  // Made anew a minute ago: neither the refused requests nor the use are its own.
  scene.state.table.created = scene.now - absl::Minutes(1);
  scene.state.table.incarnation = "id-2";
  EXPECT_TRUE(scene.Decide().stages.empty());
  scene.Refused(kWrite, {9});
  const Plan plan = scene.Decide();
  ASSERT_NE(FirstStep(plan), nullptr);
  EXPECT_THAT(FirstStep(plan)->key, testing::EndsWith("#id-2"));
}

TEST(Incarnation, AHotKeyOfATableOfTheSameNameHoldsNothing) {
  Scene scene;
  scene.Write(Scene::Raising(50, 200)).Refused(kWrite, {9});
  scene.Raised("raise users: write 33 to 50#id-0", absl::Hours(1), HotKeyMeter("", kWrite));
  EXPECT_THAT(WaitCalled(scene.Decide(), "write: hot key"), HasSubstr("raised once"));
  scene.state.table.created = scene.now - absl::Minutes(1);
  EXPECT_FALSE(scene.Decide().stages.empty());
}

TEST(Fresh, OnOldFactsNothingGoesAndFreshOnesAreAskedFor) {
  Scene scene;
  scene.Has(10, 50).Read(Scene::Bounds(100, 400));
  scene.age = absl::Seconds(6);
  const Plan old = scene.Decide();
  EXPECT_TRUE(old.stages.empty());
  EXPECT_THAT(old.ask, ElementsAre("fresh"));
  EXPECT_EQ(old.diffs.size(), 1U);
  scene.age = absl::Seconds(5);
  const Plan fresh = scene.Decide();
  EXPECT_FALSE(fresh.stages.empty());
  EXPECT_THAT(fresh.ask, ElementsAre("fresh"));
}

TEST(Plan, IsTheSameForTheSameFacts) {
  const Scene scene = Scene().Has(10, 50).Read(Scene::Bounds(100, 400));
  EXPECT_EQ(EffectDigest(scene.Decide()), EffectDigest(scene.Decide()));
}

TEST(Plan, PrintsTheLineOfTheAwsProgram) {
  const Plan plan = Scene().Has(10, 50).Read(Scene::Bounds(100, 400)).Decide();
  EXPECT_EQ(Line(FirstStep(plan)->action),
            "aws dynamodb update-table --region us-east-1 --cli-input-json '{\"TableName\":\"users\","
            "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":100,\"WriteCapacityUnits\":50}}'");
}

}  // namespace
}  // namespace holdfast::dynamodb
