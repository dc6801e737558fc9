// Given this state, this plan: a node goes down and comes back, and only then the next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/elasticsearch/case.h"

namespace holdfast::elasticsearch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What is there, and three masters of their own.
Scene WithMasters(Scene data_nodes) {
  for (const char* name : {"m1", "m2", "m3"}) data_nodes.Node(name).Roles("master");
  return data_nodes;
}
// n1, n2 and n3 hold two copies of everything.
Scene ThreeNodes() {
  return WithMasters(Scene().Nodes("n1 n2 n3")).Index("i3", 1).Shard("n1 n2").Shard("n2 n3").Shard("n3 n1");
}

void AskFor(Case& c, std::string name = "n*") {
  for (Node& node : c.view.nodes)
    if (node.started == absl::InfinitePast()) node.started = Scene::Now() - absl::Hours(100);
  OperationIn<Operation> roll;
  roll.name = "bounce";
  roll.want.nodes.name = std::move(name);
  roll.want.started_before = Scene::Now() - absl::Hours(1);
  roll.phase = OperationPhase::kRunning;
  roll.reason = "fixing cluster";
  c.operations = {roll};
  c.past.operations["bounce"] = {.phase = OperationPhase::kRunning,
                                 .since = Scene::Now() - absl::Minutes(30)};
}
Case Asked(const Scene& scene = ThreeNodes()) {
  Case c(scene);
  AskFor(c);
  return c;
}
void Flushed(Case& c, const std::string& node) {
  c.past.attempts.push_back({.key = Cat("flush ", node, "#", c.view.FindNode(node)->Incarnation()),
                             .sent = Scene::Now() - absl::Seconds(20),
                             .outcome = {Outcome::Kind::kDone, "", ""},
                             .target = node});
}
// Allocation is off for `node`, as the journal and the cluster remember it.
Case Frozen(const std::string& node = "n1") {
  Case c = Asked();
  Flushed(c, node);
  const Plan plan = c.Decide();
  const Step* freeze = StepCalled(plan, "freeze for");
  EXPECT_TRUE(Goes(freeze)) << (freeze == nullptr ? "no step" : HeldBy(*freeze));
  c.past.open = {*freeze->puts_aside};
  c.past.attempts.push_back({.key = freeze->key,
                             .sent = Scene::Now() - absl::Seconds(4),
                             .outcome = {Outcome::Kind::kDone, "", ""},
                             .target = node});
  c.view.settings.persistent[std::string(kEnableKey)] = "none";
  c.view.settings.persistent["cluster.metadata.holdfast.owner"] = "us 1";
  const Lease stopped{.object = Cat(kNodeObject, node),
                      .before = IdentityText(Remember(*c.view.FindNode(node))),
                      .wrote = "stopped",
                      .why = "Operation/bounce"};
  c.view.settings.persistent[MirrorKeyOf(kEnableObject)] = MirrorText(c.past.open[0]);
  c.view.settings.persistent[MirrorKeyOf(stopped.object)] = MirrorText(stopped);
  return c;
}
// And it was stopped and is out of the cluster.
Case Stopped(const std::string& node = "n1") {
  Case c = Frozen(node);
  const Node gone = *c.view.FindNode(node);
  c.past.open.push_back({.object = Cat(kNodeObject, node),
                         .before = IdentityText(Remember(gone)),
                         .wrote = "stopped",
                         .why = "Operation/bounce"});
  c.past.attempts.push_back({.key = Cat("stop ", node, "#", gone.Incarnation()),
                             .sent = Scene::Now() - absl::Seconds(3),
                             .outcome = {Outcome::Kind::kDone, "", ""},
                             .target = node});
  const auto settings = c.view.settings;
  c.view = Case(WithMasters(Scene().Nodes("n2 n3")).Index("i3", 1).Shard("n2 -").Shard("n2 n3").Shard("n3 -"))
               .view;
  c.view.settings = settings;
  AskFor(c);
  return c;
}
Case Back() {
  Case c = Stopped();
  const auto settings = c.view.settings;
  c.view = Case(ThreeNodes()).view;
  c.view.settings = settings;
  c.view.settings.persistent[std::string(kEnableKey)] = "primaries";
  AskFor(c);
  for (Node& node : c.view.nodes)
    if (node.id == "n1") node.started = Scene::Now() - absl::Seconds(5), node.ephemeral_id = "another";
  return c;
}

TEST(Roll, FlushesThenFreezesForTheFirstNode) {
  Case c = Asked();
  const Plan plan = c.Decide();
  ASSERT_NE(FirstStep(plan), nullptr);
  EXPECT_EQ(FirstStep(plan)->verb, "flush");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  Flushed(c, "n1");
  const Plan next = c.Decide();
  ASSERT_EQ(FirstStep(next)->verb, "freeze for");
  const std::string line = LineOf(FirstStep(next));
  EXPECT_THAT(line, HasSubstr("\"cluster.routing.allocation.enable\":\"none\""));
  EXPECT_THAT(line, HasSubstr(MirrorKeyOf("node:n1"))) << "the stop is noted before it is made";
}

TEST(Roll, TheWholeOrderIsShownWithItsGuards) {
  const Plan plan = Asked().Decide();
  std::vector<std::string> verbs;
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) verbs.push_back(Cat(step.verb, " ", step.target));
  EXPECT_THAT(verbs, ::testing::ElementsAre("flush n1", "freeze for n1", "stop n1", "start n1",
                                            "restore allocation after n1", "freeze for n2", "stop n2",
                                            "freeze for n3", "stop n3"));
}

TEST(Roll, StopsOnlyWhatIsFrozenAndProvenSafe) {
  Case c = Frozen();
  const Plan plan = c.Decide();
  const Step* stop = FirstStep(plan);
  ASSERT_NE(stop, nullptr);
  EXPECT_EQ(stop->verb, "stop");
  EXPECT_TRUE(Goes(stop)) << HeldBy(*stop);
  EXPECT_EQ(LineOf(stop), "ctl stop-node n1");
  ASSERT_TRUE(stop->puts_aside.has_value());
  EXPECT_EQ(Line(stop->puts_aside->restore), "ctl start-node n1");
  EXPECT_LE(stop->max_age, absl::Seconds(5));
}

TEST(Roll, H2_WhenTheOtherCopyIsLostMeanwhileAllocationIsRestoredInstead) {
  Case c = Frozen();
  for (Node& node : c.view.nodes)
    if (node.id == "n2") node.answered_at = absl::InfinitePast();
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan)));
  EXPECT_EQ(FirstStep(plan)->verb, "restore allocation after");
  EXPECT_FALSE(Goes(StepCalled(plan, "stop")));
}

TEST(Roll, AFreezeThatLastsTooLongIsGivenUp) {
  Case c = Frozen();
  c.past.attempts.back().sent = Scene::Now() - absl::Minutes(3);
  c.view.confirmed = false;
  EXPECT_EQ(FirstStep(c.Decide())->verb, "restore allocation after");
}

TEST(Roll, H35_PrimariesAreAllowedWhileANodeIsAway) {
  Case c = Stopped();
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan)));
  EXPECT_EQ(FirstStep(plan)->verb, "allow primaries without");
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr("\"cluster.routing.allocation.enable\":\"primaries\""));
}

TEST(Roll, ThenTheNodeIsStartedWhoeverSuspendsIt) {
  Case c = Stopped();
  c.view.settings.persistent[std::string(kEnableKey)] = "primaries";
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(LineOf(FirstStep(plan)), "ctl start-node n1");
  EXPECT_EQ(FirstStep(plan)->puts_back, "node:n1");
  EXPECT_EQ(FirstStep(plan)->duty, Step::Duty::kMustFinish);
}

TEST(Roll, ARedClusterGetsItsNodeBackAtOnce) {
  Case c = Stopped();
  for (Copy& copy : c.view.copies)
    if (copy.state == CopyState::kUnassigned) copy.primary = true;
  EXPECT_EQ(LineOf(FirstStep(c.Decide())), "ctl start-node n1");
}

TEST(Roll, SpecRemovedWhileANodeIsDown) {
  Case c = Stopped();
  c.operations.clear();
  c.purpose = Purpose::kRelease;
  c.view.settings.persistent[std::string(kEnableKey)] = "primaries";
  EXPECT_EQ(LineOf(FirstStep(c.Decide())), "ctl start-node n1");
}

TEST(Roll, AnEmptyStateDirectoryFindsTheStoppedNodeInTheCluster) {
  Case c = Stopped();
  c.past.open.clear();
  c.past.attempts.clear();
  c.view.settings.persistent[std::string(kEnableKey)] = "primaries";
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(LineOf(FirstStep(plan)), "ctl start-node n1");
}

TEST(Roll, ECK5449_NothingElseStopsBeforeTheNodeIsBack) {
  Case c = Stopped();
  c.past.attempts.push_back({.key = Cat("start n1#", ParseIdentity(c.past.open[1].before).incarnation),
                             .sent = Scene::Now() - absl::Seconds(10),
                             .outcome = {Outcome::Kind::kDone, "", ""},
                             .target = "n1"});
  c.view.settings.persistent[std::string(kEnableKey)] = "primaries";
  const Plan plan = c.Decide();
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) EXPECT_FALSE(step.verb == "stop" || Goes(&step)) << step.key;
  EXPECT_THAT(WaitCalled(plan, "restore node:n1"), HasSubstr("not back yet"));
}

// Started thrice, and never seen again.
Case LostFor(absl::Duration since) {
  Case c = Stopped();
  for (Attempt& attempt : c.past.attempts) attempt.sent = Scene::Now() - since;
  c.view.settings.persistent[std::string(kEnableKey)] = "primaries";
  AskFor(c);
  return c;
}

TEST(Roll, H32_WhatALostNodeHeldWaitsForAPersonUnlessTheSpecSaysOtherwise) {
  Case c = LostFor(absl::Minutes(40));
  const Plan held = c.Decide();
  EXPECT_THAT(HeldBy(*StepCalled(held, "restore allocation after")), HasSubstr("whenLost: reallocate"));
  c.want.disruption.when_lost = Disruption::WhenLost::kReallocate;
  const Plan plan = c.Decide();
  EXPECT_TRUE(Goes(StepCalled(plan, "restore allocation after")))
      << HeldBy(*StepCalled(plan, "restore allocation after"));
}

TEST(Roll, H32_ANodeIsNotLostBeforeItsTime) {
  Case c = LostFor(absl::Minutes(20));
  c.want.disruption.when_lost = Disruption::WhenLost::kReallocate;
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "restore allocation after")), HasSubstr("not back yet"));
}

// Told to stop in time, and still there long after its time.
Case DidNotLeave() {
  Case c = Frozen();
  for (Attempt& attempt : c.past.attempts) attempt.sent = Scene::Now() - absl::Minutes(5);
  c.past.open.push_back({.object = "node:n1",
                         .before = IdentityText(Remember(*c.view.FindNode("n1"))),
                         .wrote = "stopped",
                         .why = "Operation/bounce"});
  c.past.attempts.push_back({.key = Cat("stop n1#", c.view.FindNode("n1")->Incarnation()),
                             .sent = Scene::Now() - absl::Minutes(4),
                             .outcome = {Outcome::Kind::kUnknown, "no answer in time", ""},
                             .target = "n1"});
  return c;
}

TEST(Roll, H32_AStopThatMayStillTakeEffectIsNotForgotten) {
  Case c = DidNotLeave();
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.restored, IsEmpty()) << "whoever closes the lease starts nobody when it leaves at last";
  EXPECT_THAT(WaitCalled(plan, "restore node:n1"), HasSubstr("was told to stop"));
  EXPECT_THAT(WaitCalled(plan, "restore node:n1"), HasSubstr("still in the cluster"));
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(FirstStep(plan)->verb, "restore allocation after");
  const std::string line = LineOf(FirstStep(plan));
  EXPECT_THAT(line, Not(HasSubstr(MirrorKeyOf("node:n1")))) << "its note stays";
  EXPECT_THAT(line, HasSubstr(Cat("\"", kClaimKey, "\":\"us 2\""))) << "and so does the claim";
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps)
      EXPECT_FALSE(step.verb == "freeze for" && Goes(&step)) << "nobody else's turn comes";
}

// The same with allocation on again.
Case DidNotLeaveAndThawed() {
  Case c = DidNotLeave();
  c.past.open.erase(c.past.open.begin());
  c.view.settings.persistent[std::string(kEnableKey)] = "all";
  c.view.settings.persistent.erase(MirrorKeyOf(kEnableObject));
  AskFor(c);
  return c;
}

TEST(Roll, WhoMayNotHaveHeardIsToldAgainBeforeAnyOther) {
  const Plan plan = DidNotLeaveAndThawed().Decide();
  EXPECT_THAT(plan.restored, IsEmpty());
  EXPECT_THAT(WaitCalled(plan, "restore node:n1"), HasSubstr("told again"));
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(FirstStep(plan)->target, "n1");
}

TEST(Roll, WhoSaidThatItStoppedAndDidNotIsAPersonsBusiness) {
  Case c = DidNotLeaveAndThawed();
  c.past.attempts.back().outcome.kind = Outcome::Kind::kDone;
  const Plan plan = c.Decide();
  EXPECT_THAT(WaitCalled(plan, "restore node:n1"), Not(HasSubstr("told again")));
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) EXPECT_FALSE(Goes(&step)) << step.key;
}

TEST(Roll, WhatLeavesAtLastIsStarted) {
  Case c = DidNotLeave();
  const auto settings = c.view.settings;
  c.view = Case(WithMasters(Scene().Nodes("n2 n3")).Index("i3", 1).Shard("n2 -").Shard("n2 n3").Shard("n3 -"))
               .view;
  c.view.settings = settings;
  c.view.settings.persistent[std::string(kEnableKey)] = "all";
  AskFor(c);
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(LineOf(FirstStep(plan)), "ctl start-node n1");
}

TEST(Roll, AStopThatNobodyRemembersAnyMoreHoldsNothing) {
  Case c = DidNotLeave();
  c.past.attempts.clear();
  const Plan plan = c.Decide();
  ASSERT_EQ(plan.restored.size(), 1u);
  EXPECT_EQ(plan.restored[0].first, "node:n1");
}

TEST(Roll, TheForecastRestoresWhatWasBeforeTheFreeze) {
  Case frozen = Frozen();
  EnableBefore before = ParseEnableBefore(frozen.past.open[0].before);
  before.effective = before.persistent = "new_primaries";
  frozen.past.open[0].before = EnableBeforeText(before);
  const Plan plan = frozen.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "stop");
  EXPECT_THAT(LineOf(StepCalled(plan, "restore allocation after")),
              HasSubstr("\"cluster.routing.allocation.enable\":\"new_primaries\""));
}

TEST(Roll, WhenItIsBackAllocationIsRestoredAndBothNotesAreTakenAway) {
  Case c = Back();
  const Plan plan = c.Decide();
  ASSERT_EQ(plan.restored.size(), 1u);
  EXPECT_EQ(plan.restored[0].first, "node:n1");
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(FirstStep(plan)->puts_back, kEnableObject);
  const std::string line = LineOf(FirstStep(plan));
  EXPECT_THAT(line, HasSubstr(Cat("\"", MirrorKeyOf("node:n1"), "\":null")));
  EXPECT_THAT(line, HasSubstr(Cat("\"", MirrorKeyOf(kEnableObject), "\":null")));
  EXPECT_THAT(line, HasSubstr("\"cluster.routing.allocation.enable\":null")) << "it was not set before";
}

TEST(Roll, H30_WhoComesBackAsAnotherHaltsTheRoll) {
  Case c = Back();
  for (Node& node : c.view.nodes)
    if (node.id == "n1") node.attributes = {{"zone", "elsewhere"}};
  const Plan plan = c.Decide();
  EXPECT_THAT(WaitCalled(plan, "restore node:n1"), HasSubstr("came back as another"));
  EXPECT_EQ(FirstStep(plan)->verb, "restore allocation after")
      << "the window of little allocation ends in any case";
  EXPECT_EQ(StepCalled(plan, "stop"), nullptr);
}

TEST(Roll, H34_TheNextNodeWaitsUntilAllCopiesAreBack) {
  Case c = Asked(WithMasters(Scene().Nodes("n1 n2 n3"))
                     .Index("i3", 1)
                     .Shard("n1 n2")
                     .Shard("n2 -")
                     .Unassigned("NODE_LEFT", absl::Minutes(2))
                     .Shard("n3 n1"));
  for (Node& node : c.view.nodes)
    if (node.id == "n1") node.started = Scene::Now() - absl::Minutes(1);
  const Plan plan = c.Decide();
  EXPECT_FALSE(Goes(FirstStep(plan)));
  EXPECT_THAT(plan.operations[0].message, HasSubstr("1 of 3 nodes restarted; next is n2"));
}

TEST(Roll, StartedBeforeInTheFutureIsNotBegun) {
  Case c = Asked();
  c.operations[0].want.started_before = Scene::Now() + absl::Hours(1);
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(plan.operations[0].message, HasSubstr("future"));
}

TEST(Roll, SucceedsWhenEveryNodeIsNewAndWhole) {
  Case c = Asked();
  for (Node& node : c.view.nodes) node.started = Scene::Now() - absl::Minutes(1);
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_EQ(plan.operations[0].phase, OperationProgress::Phase::kSucceeded);
}

TEST(Roll, ANodeThatFitsNothingFailsTheOperation) {
  Case c(ThreeNodes());
  AskFor(c, "x*");
  EXPECT_EQ(c.Decide().operations[0].phase, OperationProgress::Phase::kFailed);
}

TEST(Roll, RiskyNodesAreEmptiedFirstWhenAShardNeedsIt) {
  Case c(WithMasters(Scene().Nodes("n1 n2").Node("s1").Zone("spot"))
             .Index("i3", 1)
             .Shard("n1 s1", 10)
             .Shard("n2 n1", 10));
  AskFor(c);
  c.want.risky_nodes.attributes = {{"zone", "spot"}};
  for (Node& node : c.view.nodes) node.disk_total = 1000, node.disk_available = 900;
  const Plan plan = c.Decide();
  ASSERT_NE(FirstStep(plan), nullptr);
  EXPECT_EQ(FirstStep(plan)->verb, "exclude");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(FirstStep(plan)->operation, "bounce");
  c.want.disruption.protect_from = Disruption::Protect::kNever;
  const Plan never = c.Decide();
  EXPECT_EQ(StepCalled(never, "exclude"), nullptr);
  EXPECT_FALSE(Goes(StepCalled(never, "freeze for"))) << "a copy there never counts";
}

}  // namespace
}  // namespace holdfast::elasticsearch
