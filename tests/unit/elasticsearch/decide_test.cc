// Given this state, this plan: exclusions, settings, allocation, and what is put back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/elasticsearch/case.h"

namespace holdfast::elasticsearch {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// ── exclusions ──

TEST(Exclude, IsWrittenWithItsNoteAndOurClaim) {
  Case c(FourNodes());
  c.Exclude("spot").reason = "going home";
  const Plan plan = c.Decide();
  const Step* step = FirstStep(plan);
  ASSERT_TRUE(Goes(step)) << (step == nullptr ? "no step" : HeldBy(*step));
  const std::string line = LineOf(step);
  EXPECT_THAT(line, HasSubstr("curl"));
  EXPECT_THAT(line, HasSubstr("\"cluster.routing.allocation.exclude.zone\":\"spot\""));
  EXPECT_THAT(line, HasSubstr("\"cluster.metadata.holdfast.owner\":\"us 1\""));
  EXPECT_THAT(line, HasSubstr("going home"));
  EXPECT_EQ(step->danger, Danger::kDisruptive);
  ASSERT_TRUE(step->puts_aside.has_value());
  EXPECT_EQ(step->puts_aside->object, "exclude:zone:spot");
  EXPECT_THAT(Line(step->puts_aside->restore), HasSubstr("\"cluster.routing.allocation.exclude.zone\":null"));
}

TEST(Exclude, ES32721_EveryOtherKeyIsChangedInTheSamePut) {
  Case c(FourNodes().Persistent(Key("_ip"), "10.9.9.9"));
  c.want.adopt_foreign = true;
  c.Exclude("spot");
  EXPECT_THAT(LineOf(FirstStep(c.Decide())),
              HasSubstr("\"cluster.routing.allocation.exclude._ip\":\"10.9.9.9,10.9.9.9\""));
  c.view.settings.persistent[Key("_ip")] = "10.9.9.9,10.9.9.9";
  EXPECT_THAT(LineOf(FirstStep(c.Decide())),
              HasSubstr("\"cluster.routing.allocation.exclude._ip\":\"10.9.9.9\""));
}

TEST(Exclude, H15_ATransientEmptyTextIsTakenAwayInTheSamePut) {
  Case c(FourNodes().Transient(Key("zone"), ""));
  c.Exclude("spot");
  EXPECT_THAT(LineOf(FirstStep(c.Decide())),
              HasSubstr("\"transient\":{\"cluster.routing.allocation.exclude.zone\":null}"));
}

TEST(Exclude, H17_WhatSomeoneElseExcludesIsNeverDroppedAndHoldsOursUp) {
  Case c(FourNodes().Persistent(Key("_ip"), "10.9.9.9"));
  c.Exclude("spot");
  const Plan plan = c.Decide();
  const Step* step = StepCalled(plan, "exclude");
  ASSERT_NE(step, nullptr);
  EXPECT_THAT(HeldBy(*step), HasSubstr("nobody else excludes nodes: _ip:10.9.9.9"));
  EXPECT_THAT(WaitCalled(plan, "exclusions of someone else"), HasSubstr("_ip:10.9.9.9"));
}

TEST(Exclude, H4_WhatMatchesNothingIsAMistake) {
  Case c(FourNodes());
  c.Exclude("sopt");
  const Plan plan = c.Decide();
  ASSERT_NE(StepCalled(plan, "exclude"), nullptr);
  EXPECT_THAT(HeldBy(*StepCalled(plan, "exclude")), HasSubstr("the drain can end: H4"));
}

TEST(Exclude, H3_SomeDataNodesAreLeft) {
  Case c(FourNodes());
  c.want.min_data_nodes = 3;
  c.Exclude("spot");
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "exclude")), HasSubstr("H3"));
}

TEST(Exclude, NothingIsWrittenUntilTheDrainIsKnownToEnd) {
  Case c(FourNodes());
  c.view.has_sizes = false;
  for (Shard& shard : c.view.shards) shard.bytes = -1;
  c.Exclude("spot");
  const Plan plan = c.Decide();
  EXPECT_FALSE(Goes(FirstStep(plan)));
  EXPECT_THAT(plan.ask, Contains(kAskSizes));
}

TEST(Exclude, SettingsThatWereNotConfirmedLetNothingGo) {
  Case c(FourNodes());
  c.view.confirmed = false;
  c.Exclude("spot");
  const Plan plan = c.Decide();
  EXPECT_THAT(HeldBy(*StepCalled(plan, "exclude")), HasSubstr("settings and shards were read together"));
  EXPECT_THAT(plan.ask, Contains(kAskConfirm));
}

TEST(Exclude, H40_ArchivedSettingsRefuseEveryPut) {
  Case c(FourNodes().Persistent("archived.old", "1"));
  c.Exclude("spot");
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "exclude")), HasSubstr("archived.old"));
}

Case Excluded() {
  Case c(FourNodes().Persistent(Key("zone"), "spot"));
  c.past.open = {
      {.object = "exclude:zone:spot", .before = "not excluded", .wrote = "excluded", .why = "going home"}};
  return c;
}

TEST(Exclude, WhatIsInForceIsLeftAloneAndItsDrainExplained) {
  Case c = Excluded();
  c.Exclude("spot");
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "drain zone:spot"), HasSubstr("2 shards left, 20b"));
  EXPECT_NE(WaitCalled(plan, "restore exclude:zone:spot"), "none");
}

TEST(Exclude, TheClusterIsAskedWhetherTheFilterIsInForce) {
  Case c = Excluded();
  c.Exclude("spot");
  EXPECT_THAT(c.Decide().ask, Contains("explain i3 0 r n3"));
  c.view.explained = {{.index = "i3", .shard = 0, .node = "n3", .can_remain = "yes"}};
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(StepCalled(plan, "write exclusions again")));
  EXPECT_THAT(LineOf(FirstStep(plan)),
              HasSubstr("\"cluster.routing.allocation.exclude.zone\":\"spot,spot\""));
  c.view.explained[0].can_remain = "no";
  c.view.explained[0].remain_deciders = {"filter"};
  EXPECT_EQ(StepCalled(c.Decide(), "write exclusions again"), nullptr);
}

TEST(Exclude, EndsWhenTheSpecNoLongerSaysIt) {
  Case c = Excluded();
  const Plan plan = c.Decide();
  const Step* step = FirstStep(plan);
  ASSERT_TRUE(Goes(step));
  EXPECT_EQ(step->verb, "release");
  EXPECT_EQ(step->puts_back, "exclude:zone:spot");
  EXPECT_EQ(step->duty, Step::Duty::kMustFinish);
  EXPECT_THAT(LineOf(step), HasSubstr("\"cluster.routing.allocation.exclude.zone\":null"));
}

TEST(Exclude, EndsAtItsTime) {
  Case c = Excluded();
  c.Exclude("spot").until = Scene::Now() - absl::Seconds(1);
  EXPECT_EQ(FirstStep(c.Decide())->verb, "release");
  c.want.exclude[0].until = Scene::Now() + absl::Hours(1);
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_LE(plan.look_again, Scene::Now() + absl::Hours(1));
}

TEST(Exclude, OSop1476_WhatSomeoneElseExcludedIsNotReleased) {
  Case c(FourNodes().Persistent(Key("zone"), "spot"));
  EXPECT_THAT(c.Decide().stages, IsEmpty());
}

TEST(Exclude, OutlivesASpecThatSaidItWithoutAnEnd) {
  Case c = Excluded();
  c.Exclude("spot");
  c.purpose = Purpose::kRelease;
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  ASSERT_EQ(plan.restored.size(), 1u);
  EXPECT_EQ(plan.restored[0].first, "exclude:zone:spot");
}

TEST(Exclude, AnEmptyStateDirectoryFinishesWhatTheClusterRemembers) {
  Case c = Excluded();
  const Lease lease = c.past.open[0];
  c.past.open.clear();
  c.view.settings.persistent[MirrorKeyOf(lease.object)] = MirrorText(lease);
  const Plan plan = c.Decide();
  const Step* step = FirstStep(plan);
  ASSERT_TRUE(Goes(step));
  EXPECT_EQ(step->verb, "release");
  EXPECT_THAT(LineOf(step), HasSubstr(Cat("\"", MirrorKeyOf(lease.object), "\":null")));
}

// ── who works on it ──

TEST(Claim, AnotherControllersLivingClaimLetsNothingGo) {
  Case c(FourNodes().Persistent("cluster.metadata.holdfast.owner", "them 5"));
  c.Exclude("spot");
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "exclude")), HasSubstr("ClaimedBy them"));
}

TEST(Claim, OneThatHasNotMovedForAMinuteIsDead) {
  Case c(FourNodes().Persistent("cluster.metadata.holdfast.owner", "them 5"));
  c.Exclude("spot");
  (void)c.Decide();
  c.trail.claim_since = Scene::Now() - absl::Seconds(61);
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan)));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr("\"cluster.metadata.holdfast.owner\":\"us 6\""));
}

// Else `run --once` and `recover` would end while all that is left waits for a minute to pass.
TEST(Claim, ItIsWaitedForAsLongAsItMayBeOfADeadOne) {
  Case c(FourNodes().Persistent("cluster.metadata.holdfast.owner", "them 5"));
  EXPECT_EQ(WaitCalled(c.Decide(), "the claim on"), "none") << "nothing is to be done";
  c.Exclude("spot");
  const Plan plan = c.Decide();
  const auto wait = std::ranges::find(plan.waits, "the claim on this cluster", &Wait::name);
  ASSERT_NE(wait, plan.waits.end());
  EXPECT_EQ(wait->on, Wait::On::kProgress);
  EXPECT_EQ(wait->until, c.trail.claim_since + absl::Seconds(60));
  EXPECT_LE(plan.look_again, wait->until);
  c.view.settings.persistent["cluster.metadata.holdfast.owner"] = "them 6";
  c.view.at += absl::Seconds(5);
  EXPECT_EQ(WaitCalled(c.Decide(), "the claim on"), "none") << "they are alive";
}

TEST(Claim, APersonsHoldStopsEverythingButObligations) {
  Case c(FourNodes().Persistent("cluster.metadata.holdfast.hold", "klahnakoski looks at it"));
  c.Exclude("spot");
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "exclude")), HasSubstr("klahnakoski looks at it"));
  Case back = Excluded();
  back.view.settings.persistent["cluster.metadata.holdfast.hold"] = "wait";
  EXPECT_TRUE(Goes(FirstStep(back.Decide())));
}

TEST(Claim, AnotherClusterBehindTheSameUrlIsNeverTouched) {
  Case c = Excluded();
  c.view.cluster_uuid = "uuid-2";
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "another cluster"), HasSubstr("uuid-2"));
  EXPECT_NE(WaitCalled(plan, "restore exclude:zone:spot"), "none") << "the engine must not restore it either";
}

// ── settings and allocation ──

TEST(Settings, OnlyWhatTheSpecNamesAndOnlyWhenItDiffers) {
  Case c(
      FourNodes().Persistent("indices.recovery.max_bytes_per_sec", "102400kb").Persistent("other.key", "1"));
  c.want.settings = {{"indices.recovery.max_bytes_per_sec", "100mb"}};
  EXPECT_THAT(c.Decide().stages, IsEmpty());
  c.view.settings.persistent["indices.recovery.max_bytes_per_sec"] = "40mb";
  const std::string line = LineOf(FirstStep(c.Decide()));
  EXPECT_THAT(line, HasSubstr("\"indices.recovery.max_bytes_per_sec\":\"100mb\""));
  EXPECT_THAT(line, Not(HasSubstr("other.key")));
}

TEST(Settings, WatermarksGoWithOneRequestBecauseServersTakeThemOnlyTogether) {
  const std::string marks = "cluster.routing.allocation.disk.watermark.";
  Case c(FourNodes().Persistent(marks + "high", "2mb"));
  c.want.settings = {
      {marks + "low", "3mb"}, {marks + "high", "2mb"}, {marks + "flood_stage", "1mb"}, {"a.b", "1"}};
  const Plan plan = c.Decide();
  std::vector<std::string> bodies;
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) bodies.push_back(Printed(std::get<HttpCall>(step.action).body));
  EXPECT_THAT(bodies, testing::ElementsAre(R"({"persistent":{"a.b":"1"}})",
                                           Cat(R"({"persistent":{")", marks, R"(flood_stage":"1mb",")", marks,
                                               R"(low":"3mb"}})")));
}

TEST(Settings, H15_ATransientValueOfSomeoneElseIsNotFought) {
  Case c(FourNodes().Transient("indices.recovery.max_bytes_per_sec", "1mb"));
  c.want.settings = {{"indices.recovery.max_bytes_per_sec", "100mb"}};
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "transient indices.recovery"), HasSubstr("1mb"));
}

TEST(Allocation, H14_AYmlThatSaysNoneIsOverruledExplicitly) {
  Case c(FourNodes().Default(std::string(kEnableKey), "none"));
  c.want.allocation = AllocationAll{};
  EXPECT_THAT(LineOf(FirstStep(c.Decide())), HasSubstr("\"cluster.routing.allocation.enable\":\"all\""));
}

TEST(Allocation, LeftOutItIsNotOurs) {
  Case c(FourNodes().Persistent(std::string(kEnableKey), "none"));
  EXPECT_THAT(c.Decide().stages, IsEmpty());
}

TEST(Allocation, LessThanAllEndsByItself) {
  Case c(FourNodes());
  AllocationNone none;
  none.temporary = {.until = Scene::Now() + absl::Minutes(5), .reason = "network work"};
  c.want.allocation = none;
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan)));
  ASSERT_TRUE(FirstStep(plan)->puts_aside.has_value());
  c.past.open = {*FirstStep(plan)->puts_aside};
  c.view.settings.persistent[std::string(kEnableKey)] = "none";
  EXPECT_THAT(c.Decide().stages, IsEmpty());
  std::get<AllocationNone>(*c.want.allocation).temporary.until = Scene::Now() - absl::Seconds(1);
  const Plan after = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(after)));
  EXPECT_EQ(FirstStep(after)->puts_back, kEnableObject);
  EXPECT_THAT(LineOf(FirstStep(after)), HasSubstr("\"cluster.routing.allocation.enable\":null"));
}

TEST(Allocation, WhatAPersonMadeOfItMeanwhileIsNotOverwritten) {
  Case c(FourNodes().Persistent(std::string(kEnableKey), "new_primaries"));
  c.past.open = {{.object = std::string(kEnableObject),
                  .before = EnableBeforeText({.effective = "all", .node_id = "n1", .incarnation = "x"}),
                  .wrote = "none",
                  .why = "Operation/x"}};
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "restore allocation.enable"), HasSubstr("which we did not write"));
}

TEST(Readiness, SaysTheColour) {
  EXPECT_EQ(Case(FourNodes()).Decide().readiness.reason, "Green");
  EXPECT_EQ(Case(Scene().Nodes("n1 n2").Index("i", 1).Shard("n1 -")).Decide().readiness.reason, "Yellow");
  EXPECT_EQ(Case(Scene().Nodes("n1 n2").Index("i", 1).Shard("- -")).Decide().readiness.reason, "Red");
}

}  // namespace
}  // namespace holdfast::elasticsearch
