// Given this state, this plan: one of two masters gives its vote away before it stops, and shards that were
// given up are tried once more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/elasticsearch/safety.h"
#include "tests/unit/elasticsearch/case.h"

namespace holdfast::elasticsearch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two nodes that may be master and hold everything twice; m1 is elected.
Scene TwoMasters() {
  return Scene().Node("m1").Master().Elected().Node("m2").Master().Index("i3", 1).Shard("m1 m2").Shard(
      "m2 m1");
}
Case Asked(const Scene& scene = TwoMasters()) {
  Case c(scene);
  for (Node& node : c.view.nodes) {
    node.started = Scene::Now() - absl::Hours(100);
    node.ephemeral_id = Cat("run-of-", node.name);
  }
  OperationIn<Operation> roll;
  roll.name = "bounce";
  roll.want.nodes.name = "m*";
  roll.want.started_before = Scene::Now() - absl::Hours(1);
  roll.phase = OperationPhase::kRunning;
  c.operations = {roll};
  c.past.operations["bounce"] = {.phase = OperationPhase::kRunning,
                                 .since = Scene::Now() - absl::Minutes(30)};
  for (const char* name : {"m1", "m2"})
    c.past.attempts.push_back({.key = Cat("flush ", name, "#run-of-", name),
                               .sent = Scene::Now() - absl::Seconds(20),
                               .outcome = {Outcome::Kind::kDone, "", ""},
                               .target = name});
  return c;
}
// Allocation is off for m2, which is not elected.
Case Frozen() {
  Case c = Asked();
  const Plan plan = c.Decide();
  const Step* freeze = StepCalled(plan, "freeze for");
  EXPECT_TRUE(Goes(freeze)) << (freeze == nullptr ? "no step" : HeldBy(*freeze));
  c.past.open = {*freeze->puts_aside};
  c.past.attempts.push_back({.key = freeze->key,
                             .sent = Scene::Now() - absl::Seconds(4),
                             .outcome = {Outcome::Kind::kDone, "", ""},
                             .target = "m2"});
  c.view.settings.persistent[std::string(kEnableKey)] = "none";
  c.view.settings.persistent[std::string(kClaimKey)] = "us 1";
  return c;
}
// And its vote is given away.
Case WithoutVote() {
  Case c = Frozen();
  c.past.open.push_back(*FirstStep(c.Decide())->puts_aside);
  c.view.voting_exclusions = {"m2"};
  c.view.voting_config = {"m1"};
  return c;
}

TEST(Voting, H27_OfTwoMastersTheOneThatStopsGivesItsVoteAwayFirst) {
  Case c = Asked();
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(FirstStep(plan)->verb, "freeze for");
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(MirrorKeyOf("voting:m2"))) << "noted before it is made";
  c = Frozen();
  const Plan next = c.Decide();
  ASSERT_EQ(FirstStep(next)->verb, "give away the vote of");
  EXPECT_TRUE(Goes(FirstStep(next))) << HeldBy(*FirstStep(next));
  EXPECT_THAT(LineOf(FirstStep(next)), HasSubstr("-X POST"));
  EXPECT_THAT(LineOf(FirstStep(next)), HasSubstr("/_cluster/voting_config_exclusions?node_names=m2"));
  EXPECT_EQ(FirstStep(next)->puts_aside->object, "voting:m2");
  EXPECT_FALSE(Goes(StepCalled(next, "stop")));
}

TEST(Voting, BeforeSevenEightItIsNamedInThePath) {
  Case c = Frozen();
  for (Node& node : c.view.nodes) node.version = {7, 4, 2};
  c.view.lowest = c.view.highest = {7, 4, 2};
  EXPECT_THAT(LineOf(StepCalled(c.Decide(), "give away the vote of")),
              HasSubstr("/_cluster/voting_config_exclusions/m2?"));
}

TEST(Voting, ThenItIsStopped) {
  const Plan plan = WithoutVote().Decide();
  ASSERT_EQ(FirstStep(plan)->verb, "stop");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(StepCalled(plan, "give back the vote of"), nullptr);
  EXPECT_NE(WaitCalled(plan, "restore voting:m2"), "none")
      << "a lease that is named nowhere is restored at once";
}

TEST(Voting, H48_ExclusionsOfSomeoneElseHoldIt) {
  Case c = Asked();
  c.view.voting_exclusions = {"old-master"};
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "freeze for")), HasSubstr("old-master is excluded"));
}

TEST(Voting, TheOtherMasterMustAnswer) {
  Case c = Asked();
  for (Node& node : c.view.nodes)
    if (node.name == "m1") node.answered_at = absl::InfinitePast();
  const Plan plan = c.Decide();
  for (const Guard& guard : StepCalled(plan, "freeze for")->guards)
    if (guard.name == kEnoughMasters) EXPECT_EQ(guard.verdict.is, Verdict::Is::kCannotTell);
}

TEST(Voting, ThreeMastersGiveNoVoteAway) {
  const Plan plan =
      Asked(
          Scene().Node("m1").Master().Elected().Node("m2").Master().Node("m3").Master().Index("i3", 1).Shard(
              "m1 m2"))
          .Decide();
  EXPECT_EQ(StepCalled(plan, "give away the vote of"), nullptr);
}

TEST(Voting, ItComesBackOnlyWhenTheNodeIsThereAgain) {
  Case c = WithoutVote();
  c.past.open.push_back({.object = "node:m2",
                         .before = IdentityText(Remember(*c.view.FindNode("m2"))),
                         .wrote = "stopped",
                         .why = "Operation/bounce restarts it"});
  c.past.attempts.push_back({.key = "stop m2#run-of-m2",
                             .sent = Scene::Now() - absl::Minutes(4),
                             .outcome = {Outcome::Kind::kDone, "", ""},
                             .target = "m2"});
  Plan plan = c.Decide();
  EXPECT_EQ(StepCalled(plan, "give back the vote of"), nullptr) << "it was told to stop and may still leave";
  EXPECT_THAT(WaitCalled(plan, "restore voting:m2"), HasSubstr("not back yet"));
  for (Node& node : c.view.nodes)
    if (node.name == "m2") node.started = Scene::Now() - absl::Seconds(9), node.ephemeral_id = "another";
  c.view.settings.persistent[std::string(kEnableKey)] = "all";
  plan = c.Decide();
  ASSERT_EQ(FirstStep(plan)->verb, "give back the vote of");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr("-X DELETE"));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr("wait_for_removal=false"));
  EXPECT_EQ(FirstStep(plan)->duty, Step::Duty::kMustFinish);
  c.view.voting_exclusions = {"m2", "old-master"};
  EXPECT_THAT(WaitCalled(c.Decide(), "restore voting:m2"), HasSubstr("old-master"));
  c.view.voting_exclusions.clear();
  bool restored = false;
  for (const auto& [object, how] : c.Decide().restored) restored |= object == "voting:m2";
  EXPECT_TRUE(restored);
}

TEST(Voting, AnEmptyStateDirectoryFindsTheVoteInTheCluster) {
  Case c = WithoutVote();
  for (const Lease& lease : c.past.open)
    if (lease.object.starts_with(kVotingObject))
      c.view.settings.persistent[MirrorKeyOf(lease.object)] = MirrorText(lease);
  c.past.open.clear();
  c.past.attempts.clear();
  c.operations.clear();
  c.view.settings.persistent[std::string(kEnableKey)] = "all";
  EXPECT_EQ(FirstStep(c.Decide())->verb, "give back the vote of");
  c.view.voting_exclusions.clear();
  const Plan plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "forget");
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(Cat("\"", MirrorKeyOf("voting:m2"), "\":null")));
}

// ── shards that were given up ──

// A replica failed too often, and n3 would take it.
Case GaveUp() {
  Case c(Scene().Node("n1").Master().Nodes("n2 n3").Index("i3", 1).Shard("n1 -").Unassigned(
      "ALLOCATION_FAILED", absl::Minutes(20)));
  c.want.allocation = AllocationAll();
  c.view.explained = {{.index = "i3",
                       .shard = 0,
                       .can_allocate = "no",
                       .elsewhere = {{"n1", {"same_shard", "max_retry"}}, {"n3", {"max_retry"}}}}};
  return c;
}

TEST(RetryFailed, H26_ShardsThatWereGivenUpAreTriedOnceMore) {
  Case c = GaveUp();
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr("/_cluster/reroute?retry_failed=true"));
  ASSERT_TRUE(FirstStep(plan)->meter.has_value());
  c.view.explained.clear();
  const Plan unknown = c.Decide();
  EXPECT_FALSE(Goes(FirstStep(unknown)));
  EXPECT_THAT(unknown.ask, testing::Contains(AskExplain("i3", 0, false, "")));
}

TEST(RetryFailed, ES57708_OnceForOneCauseAndNotWithoutEnd) {
  Case c = GaveUp();
  c.past.attempts.push_back({.key = FirstStep(c.Decide())->key, .sent = Scene::Now() - absl::Minutes(15)});
  EXPECT_THAT(HeldBy(*FirstStep(c.Decide())), HasSubstr("tried 15m ago"));
  c.past.attempts.front().sent = Scene::Now() - absl::Hours(3);
  EXPECT_TRUE(Goes(FirstStep(c.Decide())));
  c.past.attempts.push_back({.key = "retry failed allocations#x", .sent = Scene::Now() - absl::Hours(2)});
  EXPECT_THAT(HeldBy(*FirstStep(c.Decide())), HasSubstr("tried 2 times"));
}

TEST(RetryFailed, WhatStillHasAnotherReasonIsLeftAlone) {
  Case c = GaveUp();
  c.view.explained[0].elsewhere = {{"n3", {"max_retry", "disk_threshold"}}};
  EXPECT_THAT(HeldBy(*FirstStep(c.Decide())), HasSubstr("another reason"));
  c.view.explained[0].elsewhere = {{"n3", {"throttling"}}};
  EXPECT_THAT(HeldBy(*FirstStep(c.Decide())), HasSubstr("still tries"));
}

TEST(RetryFailed, H20_ALostPrimaryIsNobodysRetry) {
  Case c = GaveUp();
  for (Copy& copy : c.view.copies) {
    if (!copy.primary) continue;
    copy.state = CopyState::kUnassigned, copy.node = kNoNode, copy.reason = "NODE_LEFT";
  }
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "retry failed allocations")), HasSubstr("H20"));
  // Whatever the cluster says of its chances: its node is away with the data.
  c.view.explained.push_back({.index = "i3", .shard = 0, .primary = true, .can_allocate = "awaiting_info"});
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "retry failed allocations")), HasSubstr("H20"));
  c.view.explained.pop_back();
  for (Copy& copy : c.view.copies) copy.reason = "ALLOCATION_FAILED";
  c.view.explained.push_back(
      {.index = "i3", .shard = 0, .primary = true, .can_allocate = "no_valid_shard_copy"});
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "retry failed allocations")), HasSubstr("H20"));
}

TEST(RetryFailed, H20_WhatLeftWithItsNodeHasNotFailed) {
  Case c = GaveUp();
  for (Copy& copy : c.view.copies)
    if (!copy.primary) copy.reason = "NODE_LEFT";
  EXPECT_EQ(StepCalled(c.Decide(), "retry failed allocations"), nullptr);
}

TEST(RetryFailed, WaitsUntilSomethingHasChanged) {
  Case c = GaveUp();
  for (Copy& copy : c.view.copies)
    if (!copy.primary) copy.unassigned_at = Scene::Now() - absl::Minutes(2);
  EXPECT_THAT(HeldBy(*FirstStep(c.Decide())), HasSubstr("last failed 2m ago"));
  for (Node& node : c.view.nodes)
    if (node.name == "n3") node.started = Scene::Now() - absl::Minutes(1);
  EXPECT_TRUE(Goes(FirstStep(c.Decide()))) << "a node came since";
}

TEST(RetryFailed, IsNotOursWhereNothingIsDeclared) {
  Case c = GaveUp();
  c.want.allocation.reset();
  EXPECT_THAT(c.Decide().stages, IsEmpty());
  c = GaveUp();
  c.view.settings.persistent[std::string(kEnableKey)] = "primaries";
  EXPECT_FALSE(Goes(StepCalled(c.Decide(), "retry failed allocations")));
}

}  // namespace
}  // namespace holdfast::elasticsearch
