#include "reconcilers/elasticsearch/recovered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/elasticsearch/scene.h"

namespace holdfast::elasticsearch {
namespace {

using testing::AllOf;
using testing::Field;
using testing::HasSubstr;
using Is = Verdict::Is;

testing::Matcher<Verdict> Says(Is is, const std::string& part) {
  return AllOf(Field(&Verdict::is, is), Field(&Verdict::evidence, HasSubstr(part)));
}
Verdict Empty(const Scene& scene, std::string_view names) {
  const View view = scene.view();
  return EmptyOf(view, In(view, names));
}
// Everyone who is in `before` is expected, and the node was taken down five minutes ago.
Verdict Recover(const Scene& before, const Scene& now, absl::Duration ago = absl::Minutes(5)) {
  Baseline baseline;
  const View was = before.view(), view = now.view();
  for (const Node& node : was.nodes) baseline.expected.push_back(IdentityOf(node));
  baseline.since = Scene::Now() - ago;
  return Recovered(view, baseline, Scene::Now());
}
Verdict Recover(const Scene& now) { return Recover(now, now); }

// ── empty ──

TEST(EmptyOf, ANodeWithoutCopiesIsEmpty) {
  EXPECT_THAT(Empty(Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 n2"), "n3"),
              Says(Is::kPass, "state 7"));
  EXPECT_THAT(Empty(Scene().Nodes("n1 n2 n3").Index("i3", 1).Shards(3, "n1 n2"), "n1"),
              Says(Is::kHold, "i3[0] is on n1, and 2 more shards"));
}

TEST(Upstream, ECK2715_AnotherCopyElsewhereDoesNotMakeItEmpty) {
  EXPECT_EQ(Empty(Scene().Nodes("n1 n2 n3").Index("i3", 2).Shard("n1 n2 n3"), "n1").is, Is::kHold);
}

TEST(Upstream, ECK1796_AShardThatIsMovingAwayIsStillThere) {
  EXPECT_THAT(Empty(Scene().Nodes("n1 n2").Index("i3", 0).Shard("n1>n2"), "n1"), Says(Is::kHold, "is on n1"));
}

TEST(Upstream, OpenSearchOperator1447_AShardThatIsMovingThereCounts) {
  EXPECT_THAT(Empty(Scene().Nodes("n1 n2").Index("i3", 0).Shard("n1>n2"), "n2"),
              Says(Is::kHold, "is moving to n2"));
  EXPECT_EQ(Empty(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 n2?"), "n2").is, Is::kHold);
}

TEST(Upstream, ECK3867_AnUnassignedPrimaryMayHaveItsLastCopyThere) {
  EXPECT_THAT(Empty(Scene().Nodes("n1 n2").Index("i3", 0).Shard("-"), "n1"),
              Says(Is::kHold, "i3[0] has no primary: its last copy may be on a disk there"));
}

TEST(Upstream, ECK3883_AnUnassignedCopyNeedsAStartedOneOutside) {
  EXPECT_EQ(Empty(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n2? -"), "n1").is, Is::kHold);
  EXPECT_EQ(Empty(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n2 -"), "n1").is, Is::kPass);
}

TEST(Upstream, ECK2213_AClosedIndexBeforeSevenTwoIsNowhereToBeSeen) {
  const Scene scene = Scene().Nodes("n1 n2").Index("old", 0).Closed();
  EXPECT_THAT(Empty(Scene(scene).Cluster(7, 1, 1), "n1"), Says(Is::kHold, "old is closed"));
  EXPECT_EQ(Empty(scene, "n1").is, Is::kPass);
  EXPECT_EQ(Empty(Scene(scene).OpenSearch(), "n1").is, Is::kPass);
}

TEST(Hazard, H25_AClosedIndexSinceSevenTwoHasCopiesLikeAnyOther) {
  EXPECT_EQ(Empty(Scene().Nodes("n1 n2").Index("old", 0).Closed().Shard("n1"), "n1").is, Is::kHold);
}

// ── the same node ──

TEST(Hazard, H30_AnotherAddressOrAttributeIsNamed) {
  const View before = Scene().Node("n1").Zone("main").view(),
             after = Scene().Node("n1").Ip("10.9.9.9").view();
  EXPECT_THAT(SameNode(after, IdentityOf(before.nodes[0]), after.nodes[0]),
              Says(Is::kHold, "n1: ip 127.0.0.1 is now 10.9.9.9; attributes zone: main is now none"));
  EXPECT_EQ(SameNode(before, IdentityOf(before.nodes[0]), before.nodes[0]).is, Is::kPass);
}

TEST(Hazard, H31_AnotherIdMeansAnotherDataDirectory) {
  const View before = Scene().Node("n1").view();
  View after = before;
  after.nodes[0].id = "wiped";
  const Identity was = IdentityOf(before.nodes[0]);
  EXPECT_EQ(FindAgain(after, was), 0U);
  EXPECT_THAT(SameNode(after, was, after.nodes[0]), Says(Is::kHold, "its data directory is new or another"));
  after.flavor = Flavor::kOpenSearch;
  after.lowest = {2, 4, 6};
  EXPECT_EQ(SameNode(after, was, after.nodes[0]).is, Is::kHold);
  after.flavor = Flavor::kElasticsearch;  // there an id lives as long as the process
  EXPECT_EQ(SameNode(after, was, after.nodes[0]).is, Is::kPass);
}

TEST(Hazard, H33_AnotherVersionIsNamed) {
  const View before = Scene().Node("n1").view(), after = Scene().Node("n1").Runs(8, 19, 5).view();
  EXPECT_THAT(SameNode(after, IdentityOf(before.nodes[0]), after.nodes[0]),
              Says(Is::kHold, "version 7.17.29 is now 8.19.5"));
}

TEST(FindAgain, LooksForTheIdBeforeTheName) {
  View view = Scene().Nodes("n1 n2").view();
  view.nodes[1].name = "n1";
  view.nodes[0].name = "other";
  EXPECT_EQ(FindAgain(view, IdentityOf(Scene().Node("n1").view().nodes[0])), 0U);
  EXPECT_EQ(FindAgain(view, {"gone", "none", "", {}, {}}), kNoNode);
}

// ── recovered ──

TEST(Recovered, WithEveryoneBackAndEveryCopyInItsPlace) {
  EXPECT_THAT(Recover(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 n2")),
              Says(Is::kPass, "all 2 nodes are back"));
}

TEST(Upstream, ECK5449_ANodeThatHasNotRejoinedHoldsTheNext) {
  EXPECT_THAT(Recover(Scene().Nodes("n1 n2"), Scene().Nodes("n1")),
              Says(Is::kHold, "n2 is not in the cluster"));
}

TEST(Recovered, ANodeThatDoesNotAnswerIsNotBack) {
  EXPECT_THAT(Recover(Scene().Node("n1").Node("n2").Silent()), Says(Is::kHold, "n2 does not answer"));
}

TEST(Hazard, H34_ACopyThatHasAPlaceIsWaitedFor) {
  const Scene scene = Scene().Nodes("n1 n2").Index("i3", 1).Shards(3, "n1 -");
  EXPECT_THAT(Recover(scene), Says(Is::kHold, "i3[0] lacks a copy that has a place, and 2 more shards"));
  EXPECT_THAT(Recover(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 n2?")),
              Says(Is::kHold, "is being copied"));
}

TEST(Hazard, H37_ADelayedCopyIsWaitedFor) {
  const Scene scene =
      Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 -").Unassigned("NODE_LEFT", absl::Hours(1)).Delayed();
  EXPECT_THAT(Recover(scene), Says(Is::kHold, "waits for a node to come back"));
}

TEST(Hazard, H20_AnInactivePrimaryIsNotRecovered) {
  EXPECT_THAT(
      Recover(Scene().Nodes("n1 n2").Index("i3", 0).Shard("-").Unassigned("NODE_LEFT", absl::Hours(9))),
      Says(Is::kHold, "has no active primary"));
}

TEST(Hazard, H21_AReplicaThatWasUnassignedBeforeIsNotOurs) {
  const Scene scene =
      Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 -").Unassigned("ALLOCATION_FAILED", absl::Hours(1));
  EXPECT_EQ(Recover(scene).is, Is::kPass);
  EXPECT_EQ(Recover(scene, scene, absl::Hours(2)).is, Is::kHold);
}

TEST(Hazard, H21_AReplicaOfWhichNothingTellsSinceWhenIsWaitedFor) {
  EXPECT_EQ(Recover(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n1 -").Unassigned("NODE_LEFT",
                                                                                   absl::InfiniteDuration()))
                .is,
            Is::kHold);
}

TEST(Hazard, H21_AReplicaThatNoNodeMayHoldIsNotWaitedFor) {
  EXPECT_EQ(Recover(Scene().Nodes("n1 n2").Index("i3", 2).Shard("n1 n2 -")).is, Is::kPass);
}

TEST(Upstream, OpenSearchOperator643_YellowForAKnownReasonIsNoReasonToWait) {
  EXPECT_EQ(Recover(Scene().Node("n1").OpenSearch().Index("i3", 1).Shard("n1 -")).is, Is::kPass);
}

TEST(Upstream, ECK1643_AReplicaOfAPrimaryOnANewVersionHasNoPlaceOnOldNodes) {
  const Scene scene =
      Scene().Node("new").Runs(8, 19, 5).Node("old").Node("old2").Index("i3", 1).Shard("new -");
  EXPECT_EQ(Recover(scene).is, Is::kPass);
  EXPECT_EQ(Recover(Scene(scene).Node("new2").Runs(8, 19, 5)).is, Is::kHold);
}

TEST(Upstream, ECK8654_ReplicasOfNewIndicesDoNotStallARoll) {
  const Scene base = Scene().Nodes("n1 n2").Index("today", 1);
  EXPECT_EQ(Recover(Scene(base).Shard("n1 -").Unassigned("INDEX_CREATED", absl::Seconds(2))).is, Is::kPass);
  EXPECT_EQ(Recover(Scene(base).Shard("n1 n2?").Unassigned("INDEX_CREATED", absl::Seconds(2))).is, Is::kPass);
}

TEST(Hazard, H38_AReplicaThatOnlyAnExcludedNodeCouldHoldIsNotWaitedFor) {
  const Scene scene = Scene()
                          .Nodes("n1 n2 n3")
                          .Cluster(6, 8, 23)
                          .Index(".security", 2)
                          .AutoExpand("0-all")
                          .Shard("n1 n2 -")
                          .Persistent("cluster.routing.allocation.exclude._name", "n3");
  EXPECT_EQ(Recover(scene).is, Is::kPass);
}

TEST(Hazard, H45_CopiesThatLiveInARepositoryAreNotWaitedFor) {
  EXPECT_EQ(
      Recover(Scene().Nodes("n1 n2").Index("cold", 0).Setting("index.store.type", "snapshot").Shard("-")).is,
      Is::kPass);
}

TEST(Recovered, ADrainThatGoesOnIsWaitedForAndRebalancingIsNot) {
  const Scene scene = Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 n2>n3");
  EXPECT_EQ(Recover(scene).is, Is::kPass);
  EXPECT_THAT(Recover(Scene(scene).Persistent("cluster.routing.allocation.exclude._name", "n2")),
              Says(Is::kHold, "is being moved off an excluded node"));
}

}  // namespace
}  // namespace holdfast::elasticsearch
