#include "reconcilers/elasticsearch/safety.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/elasticsearch/masters.h"
#include "reconcilers/elasticsearch/roll_order.h"
#include "tests/unit/elasticsearch/scene.h"

namespace holdfast::elasticsearch {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using Is = Verdict::Is;

Spec RiskySpot() {
  Spec spec;
  spec.risky_nodes.attributes["zone"] = "spot";
  return spec;
}
Verdict Stop(const Scene& scene, std::string_view names, const Spec& spec = RiskySpot(),
             absl::Time now = Scene::Now()) {
  const View view = scene.view();
  return SafeToStop(view, In(view, names), spec, now);
}
std::vector<InTheWay> Ways(const Scene& scene, std::string_view names) {
  const View view = scene.view();
  return JudgeStop(view, In(view, names), RiskySpot(), Scene::Now()).in_the_way;
}
std::vector<StopRule> Rules(const Scene& scene, std::string_view names) {
  std::vector<StopRule> rules;
  for (const InTheWay& way : Ways(scene, names)) rules.push_back(way.rule);
  return rules;
}
testing::Matcher<Verdict> Says(Is is, const std::string& part) {
  return AllOf(Field(&Verdict::is, is), Field(&Verdict::evidence, HasSubstr(part)));
}
Scene Masters(std::string_view names) {
  Scene scene;
  for (char c : names)
    if (c != ' ') scene.Node(std::string(1, c)).Roles("master");
  return scene;
}

// ── copies ──

TEST(SafeToStop, PassesWithACopyElsewhereAndTellsHowMany) {
  const Verdict verdict = Stop(Scene().Nodes("n1 n2").Index("i3", 1).Shards(3, "n1 n2"), "n1");
  EXPECT_EQ(verdict.is, Is::kPass);
  EXPECT_THAT(verdict.evidence, HasSubstr("3 shards"));
  EXPECT_EQ(verdict.at, Scene::Now());
}

TEST(SafeToStop, OfNoNodeCannotBeTold) { EXPECT_EQ(Stop(Scene().Nodes("n1 n2"), "").is, Is::kCannotTell); }

TEST(Hazard, H1_TheOnlyCopyHolds) {
  const Scene scene = Scene().Nodes("n1 n2").Index("i3", 0).Shards(12, "n1").Shard("n2");
  EXPECT_THAT(Stop(scene, "n1"), Says(Is::kHold, "i3[0] has its only copy on n1, and 11 more shards"));
  const View view = scene.view();
  EXPECT_THAT(Grouped(view, Ways(scene, "n1")), ElementsAre("i3: 12 shards have their only copy on n1"));
  EXPECT_EQ(Ways(scene, "n1").front(), (InTheWay{StopRule::kOnlyCopy, 0, 0}));
}

TEST(Hazard, H2_ACopyOnARiskyNodeNeverCounts) {
  const Scene scene = Scene().Node("n1").Zone("main").Node("n2").Zone("spot").Index("i3", 1).Shard("n1 n2");
  EXPECT_THAT(Stop(scene, "n1"), Says(Is::kHold, "other copies on risky nodes only"));
  EXPECT_EQ(Stop(scene, "n1", Spec{}).is, Is::kPass);
  EXPECT_EQ(Stop(scene, "n2").is, Is::kPass);
}

TEST(Hazard, H2_BothCopiesOnWhatIsStoppedTogether) {
  const Scene scene = Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 n2").Shard("n1 n3");
  EXPECT_THAT(Rules(scene, "n1 n2"), ElementsAre(StopRule::kOnlyCopy));
  EXPECT_EQ(Stop(scene, "n1").is, Is::kPass);
}

TEST(Hazard, H20_AnUnassignedPrimaryAnywhereHolds) {
  const Scene scene = Scene()
                          .Nodes("n1 n2 n3")
                          .Index("i3", 1)
                          .Shard("n1 n2")
                          .Index("lost", 0)
                          .Shard("-")
                          .Unassigned("NODE_LEFT", absl::Minutes(3), "n1");
  EXPECT_THAT(Stop(scene, "n2"), Says(Is::kHold, "lost[0] has no active primary; it was last on n1"));
}

TEST(Hazard, H22_ACopyThatIsNotInSyncNeverCounts) {
  EXPECT_THAT(Stop(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 n2!"), "n1"),
              Says(Is::kHold, "no other copy in sync"));
}

TEST(Hazard, H22_BeforeFiveEverythingMustBeGreen) {
  Scene scene = Scene().Nodes("n1 n2 n3").Cluster(2, 4, 6).Index("i3", 1).Shard("n1 n2");
  EXPECT_EQ(Stop(scene, "n1").is, Is::kPass);
  scene.Index("other", 2).Shard("n3 n2 -");
  EXPECT_THAT(Stop(scene, "n1"), Says(Is::kHold, "other[0] has a copy that is not in its place"));
  EXPECT_EQ(Stop(scene.Cluster(5, 6, 16), "n1").is, Is::kPass);
}

TEST(Upstream, Elasticsearch14671_BeforeFiveAStaleReplicaMayBePromotedSoYellowHolds) {
  const Scene scene =
      Scene().Nodes("n1 n2 n3").Cluster(1, 7, 6).Index("i3", 1).Shard("n1 n2").Index("i4", 1).Shard("n2 n3?");
  EXPECT_THAT(Rules(scene, "n1"), ElementsAre(StopRule::kNotGreen));
}

TEST(Hazard, H23_ACopyThatIsStillBeingMadeNeverCounts) {
  EXPECT_THAT(Stop(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 n2?"), "n1"),
              Says(Is::kHold, "i3[0] is still being copied from n1"));
}

TEST(Hazard, H23_NothingMayBeOnItsWayThere) {
  const Scene moving = Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1>n3 n2");
  EXPECT_THAT(Stop(moving, "n3"), Says(Is::kHold, "i3[0] is being copied to n3"));
  const Scene building = Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 n3?");
  EXPECT_THAT(Rules(building, "n3"), ElementsAre(StopRule::kMovingOntoIt));
}

TEST(Upstream, ECK9187_TheSourceOfARelocationIsACopyInSync) {
  EXPECT_EQ(Stop(Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 n2>n3"), "n1").is, Is::kPass);
}

TEST(Upstream, ECK9187_TheTargetOfARelocationIsNot) {
  EXPECT_THAT(Rules(Scene().Nodes("n1 n2").Index("i3", 0).Shard("n1>n2"), "n1"),
              ElementsAre(StopRule::kOnlyCopy));
}

TEST(Hazard, H24_ASnapshotThatReadsAPrimaryHolds) {
  const Scene scene = Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 n2").Snapshot();
  EXPECT_THAT(Stop(scene, "n1"), Says(Is::kHold, "being read by a snapshot from n1"));
  EXPECT_EQ(Stop(scene, "n2").is, Is::kPass);
}

TEST(Hazard, H39_BeforeFiveAWriteNeedsMostOfTheCopies) {
  const Scene scene = Scene().Nodes("n1 n2 n3 n4").Cluster(2, 4, 6).Index("i3", 2).Shard("n1 n2 n3");
  EXPECT_EQ(Stop(scene, "n1").is, Is::kPass);
  EXPECT_THAT(Rules(scene, "n1 n2"), ElementsAre(StopRule::kWriteQuorum));
}

TEST(Hazard, H44_TwoNodesWithACopyOfOneShardDoNotGoTogether) {
  const View view = Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 n2").Shard("n3 n2").view();
  EXPECT_THAT(NoSharedShard(view, In(view, "n1 n2")), Says(Is::kHold, "i3[0] is on n1 and on n2"));
  EXPECT_EQ(NoSharedShard(view, In(view, "n1 n3")).is, Is::kPass);
}

TEST(Hazard, H45_WhatLivesInARepositoryIsNotLost) {
  EXPECT_EQ(
      Stop(Scene().Nodes("n1 n2").Index("cold", 0).Setting("index.store.type", "snapshot").Shard("n1"), "n1")
          .is,
      Is::kPass);
}

TEST(SafeToStop, ACopyOnANodeThatDoesNotAnswerIsNotReliedOn) {
  const Scene scene = Scene().Node("n1").Node("n2").Silent().Node("n3").Index("i3", 1).Shard("n1 n2");
  EXPECT_THAT(Stop(scene, "n1"), Says(Is::kCannotTell, "nodes that do not answer"));
  EXPECT_EQ(
      Stop(Scene().Node("n1").Node("n2").Silent(absl::Seconds(4)).Index("i3", 1).Shard("n1 n2"), "n1").is,
      Is::kPass);
}

TEST(SafeToStop, OneLostCopyOutweighsManySilentOnes) {
  const Scene scene = Scene()
                          .Node("n1")
                          .Node("n2")
                          .Silent()
                          .Node("n3")
                          .Index("i3", 1)
                          .Shards(5, "n1 n2")
                          .Index("i4", 0)
                          .Shard("n1");
  EXPECT_THAT(Stop(scene, "n1"), Says(Is::kHold, "i4[0] has its only copy on n1"));
}

TEST(SafeToStop, AnOldViewTellsNothing) {
  const Scene scene = Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 n2");
  EXPECT_THAT(Stop(scene, "n1", Spec{}, Scene::Now() + absl::Seconds(6)).is, Is::kCannotTell);
  const View view = scene.view();
  const StopAnswer late = JudgeStop(view, In(view, "n1"), Spec{}, Scene::Now() + absl::Seconds(6));
  ASSERT_EQ(late.guards.front().name, "the view is fresh");
  EXPECT_EQ(late.guards.front().verdict.is, Is::kCannotTell) << "also where its nodes answer later on";
  EXPECT_EQ(Stop(scene, "n1", Spec{}, Scene::Now() + absl::Seconds(4)).is, Is::kPass);
}

TEST(SafeToStop, EveryRuleIsAGuardWithItsOwnEvidence) {
  const View view = Scene().Nodes("n1 n2").Index("i3", 0).Shard("n1").Snapshot().view();
  const StopAnswer answer = JudgeStop(view, In(view, "n1"), Spec{}, Scene::Now());
  std::vector<std::string_view> held;
  for (const Guard& guard : answer.guards)
    if (guard.verdict.is != Is::kPass) held.push_back(guard.name);
  EXPECT_THAT(held, ElementsAre("another copy of each shard is safe", "no snapshot reads from it"));
}

TEST(SafeToStop, ManyIndicesAreGroupedAndBounded) {
  Scene scene = Scene().Nodes("n1 n2");
  for (int i = 0; i < 30; ++i) scene.Index("i" + std::to_string(i), 0).Shards(i == 7 ? 3 : 1, "n1");
  const View view = scene.view();
  const auto lines = Grouped(view, Ways(scene, "n1"), 3);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "i7: 3 shards have their only copy on n1");
  EXPECT_EQ(lines[1], "i0: 1 shard has its only copy on n1");
  EXPECT_EQ(lines[3], "and 27 more");
}

TEST(Upstream, OpenSearchOperator_EveryIndexIsAskedNotOnlySystemIndices) {
  EXPECT_EQ(
      Stop(Scene().Nodes("n1 n2").Index(".system", 1).Shard("n1 n2").Index("logs", 0).Shard("n1"), "n1").is,
      Is::kHold);
}

TEST(Upstream, OpenSearchOperator1133_ANodeWhoseShardsAllMoveAwayIsNotSafeBecauseOfThat) {
  EXPECT_EQ(Stop(Scene().Nodes("n1 n2 n3").Index("logs", 0).Shard("n1>n2").Shard("n1>n3"), "n1").is,
            Is::kHold);
}

TEST(Upstream, OpenSearchOperator738_AllAtOnceIsNeverSafe) {
  EXPECT_EQ(Stop(Scene().Nodes("n1 n2 n3").Index("i3", 2).Shard("n1 n2 n3"), "n1 n2 n3").is, Is::kHold);
}

TEST(Upstream, Elasticsearch8218_UnderNoneTheNextNodeMayHoldTheLastCopy) {
  // n1 is back and its replica is not: under `none` nothing builds it.
  EXPECT_THAT(Rules(Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n2 -"), "n2"),
              ElementsAre(StopRule::kOnlyCopy));
}

// ── masters ──

TEST(Hazard, H27_MoreThanHalfOfTheVotersMustStayAlive) {
  EXPECT_EQ(Stop(Masters("a b c"), "a").is, Is::kPass);
  EXPECT_THAT(Stop(Masters("a b c").Silent(), "a"),
              Says(Is::kCannotTell, "1 of 3 voters would be alive, 2 must be"));
  EXPECT_EQ(Stop(Masters("a b c").Voters("a b c d e"), "a").is, Is::kHold);
}

TEST(Hazard, H27_OneMasterAtATime) {
  EXPECT_THAT(Stop(Masters("a b c d e"), "a b"), Says(Is::kHold, "one at a time"));
}

TEST(Hazard, H27_OfTwoMastersAVotingExclusionComesFirst) {
  EXPECT_THAT(Stop(Masters("a b").Voters("a"), "a"), Says(Is::kHold, "a voting exclusion first: a"));
  EXPECT_THAT(Rules(Masters("a b").Voters("a"), "a"), ElementsAre(StopRule::kVotingExclusionFirst));
  EXPECT_EQ(Stop(Masters("a b").Voters("b"), "a").is, Is::kPass);
}

TEST(Hazard, H27_AVotingExclusionOfOneOfThreeIsNotAsked) {
  const View three = Masters("a b c").view(), two = Masters("a b").view(),
             excluded = Masters("a b").Voters("b").view();
  EXPECT_FALSE(NeedsVotingExclusion(three, 0));
  EXPECT_TRUE(NeedsVotingExclusion(two, 0));
  EXPECT_FALSE(NeedsVotingExclusion(excluded, 0));
}

TEST(Hazard, H27_TheOnlyMasterHolds) { EXPECT_EQ(Stop(Masters("a"), "a").is, Is::kHold); }

TEST(Hazard, H27_AnUnknownVotingConfigurationCannotBeJudged) {
  View view = Masters("a b c").view();
  view.voting_config.clear();
  EXPECT_EQ(SafeToStop(view, {0}, Spec{}, Scene::Now()).is, Is::kCannotTell);
}

TEST(Upstream, OpenSearchOperator_QuorumOfTwoAndOfFour) {
  EXPECT_NE(Stop(Masters("a b").OpenSearch(), "a").is, Is::kPass);
  // Four voters, one of them is gone: three are alive, and two of four are no majority.
  EXPECT_EQ(Stop(Masters("a b c").OpenSearch().Voters("a b c d"), "a").is, Is::kHold);
}

constexpr char kMinimum[] = "discovery.zen.minimum_master_nodes";

TEST(Hazard, H28_AMinimumBelowTheMajorityHolds) {
  EXPECT_THAT(Stop(Masters("a b c").Cluster(6, 8, 23).Default(kMinimum, "1"), "a"),
              Says(Is::kHold, "minimum_master_nodes is 1, the majority of 3 is 2"));
  EXPECT_THAT(Rules(Masters("a b c").Cluster(6, 8, 23), "a"), ElementsAre(StopRule::kMinimumMasters));
}

TEST(Hazard, H27_BeforeSevenTheMinimumMustStayAlive) {
  EXPECT_EQ(Stop(Masters("a b c").Cluster(6, 8, 23).Persistent(kMinimum, "2"), "a").is, Is::kPass);
  EXPECT_EQ(Stop(Masters("a b c").Cluster(6, 8, 23).Persistent(kMinimum, "3"), "a").is, Is::kHold);
}

TEST(MastersStay, OfANodeThatIsNoMasterIsAlwaysTrue) {
  EXPECT_EQ(Stop(Masters("a b").Voters("a b c d").Node("n1").Node("n2"), "n1").is, Is::kPass);
}

TEST(Hazard, H49_TheLastNodeOfARoleHolds) {
  const Scene scene = Scene().Node("n1").Roles("data ingest").Node("n2");
  EXPECT_THAT(Stop(scene, "n1"), Says(Is::kHold, "no other node has the role ingest of n1"));
  EXPECT_EQ(Stop(scene, "n2").is, Is::kPass);
  EXPECT_THAT(Stop(Scene().Node("n1").Roles("data ingest").Node("n2").Roles("data ingest").Silent(), "n1"),
              Says(Is::kCannotTell, "did not answer"));
}

TEST(Hazard, H49_ANodeWithAllDataStandsInForATier) {
  EXPECT_EQ(Stop(Scene().Node("n1").Roles("data_hot").Node("n2"), "n1").is, Is::kPass);
  EXPECT_EQ(Stop(Scene().Node("n1").Roles("data_hot").Node("n2").Roles("data_warm"), "n1").is, Is::kHold);
}

// ── the order ──

std::vector<std::string> Order(const Scene& scene, const Spec& spec) {
  const View view = scene.view();
  std::vector<uint32_t> all;
  for (uint32_t n = 0; n < view.nodes.size(); ++n) all.push_back(n);
  std::vector<std::string> names;
  for (uint32_t n : RollOrder(view, all, spec)) names.push_back(view.nodes[n].name);
  return names;
}

TEST(Hazard, H29_TheElectedMasterIsLastAndTheCoordinatorLate) {
  Spec spec;
  spec.endpoints = {"http://127.0.0.2:9200"};
  const Scene scene = Scene()
                          .Node("m2")
                          .Roles("master")
                          .Node("coord")
                          .Roles("")
                          .Node("m1")
                          .Roles("master")
                          .Elected()
                          .Node("d2")
                          .Node("d1")
                          .Node("both")
                          .Master()
                          .Node("ingest")
                          .Roles("ingest");
  EXPECT_THAT(Order(scene, spec), ElementsAre("ingest", "d1", "d2", "both", "m2", "coord", "m1"));
}

TEST(RollOrder, GoesFromTheColdestTierToTheHottest) {
  const Scene scene = Scene()
                          .Node("hot")
                          .Roles("data_hot")
                          .Node("cold")
                          .Roles("data_cold")
                          .Node("warm")
                          .Roles("data_warm")
                          .Node("frozen")
                          .Roles("data_frozen")
                          .Node("all")
                          .Node("m")
                          .Roles("master");
  EXPECT_THAT(Order(scene, Spec{}), ElementsAre("frozen", "cold", "warm", "hot", "all", "m"));
}

TEST(RollOrder, FindsTheCoordinatorByAddressHostOrName) {
  const View view = Scene().Node("a").Host("es1.example").Node("b").Ip("2001:db8::1").view();
  Spec spec;
  spec.endpoints = {"https://ES1.example:9200/x"};
  EXPECT_EQ(CoordinatorNode(view, spec), 0U);
  spec.endpoints = {"http://[2001:db8:0::1]:9200"};
  EXPECT_EQ(CoordinatorNode(view, spec), 1U);
  spec.endpoints = {"http://b:9200"};
  EXPECT_EQ(CoordinatorNode(view, spec), 1U);
  spec.endpoints = {"http://elsewhere:9200"};
  EXPECT_EQ(CoordinatorNode(view, spec), kNoNode);
}

TEST(NodesOnOneHost, AreFoundByAddressAndByHostName) {
  const View view = Scene()
                        .Node("a")
                        .Ip("10.0.0.1")
                        .Host("big1")
                        .Node("b")
                        .Ip("10.0.0.1")
                        .Host("x")
                        .Node("c")
                        .Ip("10.0.0.3")
                        .Host("big1")
                        .Node("d")
                        .Ip("10.0.0.4")
                        .Host("localhost")
                        .Node("e")
                        .Ip("10.0.0.5")
                        .Host("localhost")
                        .view();
  EXPECT_THAT(NodesOnOneHost(view, 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(NodesOnOneHost(view, 3), ElementsAre(3));
}

}  // namespace
}  // namespace holdfast::elasticsearch
