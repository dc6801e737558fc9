// Where the copies of emptied nodes find a place, and which rule keeps them from it.
#include "reconcilers/elasticsearch/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/elasticsearch/feasibility_case.h"

namespace holdfast::elasticsearch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Hazard, H5_FewerNodesThanCopies) {
  const Scene scene = Scene().Nodes("n1 n2").Index("i3", 1).Shards(12, "n1 n2").Index("i4", 0).Shard("n1");
  const Obstacle o = The(Empty(scene, "n1"), Hazard::kH5_TooFewNodes);
  EXPECT_EQ(o.weight, Weight::kBlocks);
  EXPECT_THAT(o.indices, ElementsAre(StuckIndex{0, 12, 2, 1}));
  EXPECT_EQ(o.fact, "1 node would take shards; i3: 12 shards of 2 copies, 1 of them fit");
  EXPECT_EQ(o.remedy, "lower replicas of i3 to 0, or more machines");
  EXPECT_THAT(Told(Empty(Scene(scene).Node("n3"), "n1")), IsEmpty());
}

TEST(Hazard, H5_AnUnassignedReplicaTakesThePlaceFirst) {
  EXPECT_THAT(Told(Empty(Scene().Nodes("n1 n2 n3").Index("i3", 2).Shard("n1 n2 -"), "n1")),
              ElementsAre("H5 blocks"));
}

TEST(Hazard, H5_NodesThatAreExcludedAlreadyTakeNothing) {
  const Scene scene = Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 n2");
  EXPECT_THAT(Told(Empty(Scene(scene).Persistent("cluster.routing.allocation.exclude._name", "n3"), "n1")),
              ElementsAre("H5 blocks"));
}

TEST(Hazard, H5_OneHostTakesOneCopy) {
  const Scene scene =
      Scene().Node("n1").Node("n2").Ip("10.0.0.2").Node("n3").Ip("10.0.0.2").Index("i3", 1).Shard("n1 n2");
  EXPECT_THAT(Told(Empty(scene, "n1")), IsEmpty());
  EXPECT_THAT(
      Told(Empty(Scene(scene).Persistent("cluster.routing.allocation.same_shard.host", "true"), "n1")),
      ElementsAre("H5 blocks"));
}

TEST(Hazard, H5_AMovingCopyIsCountedWhereItGoes) {
  const Feasibility leaves = Empty(Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1>n3 n2"), "n1");
  EXPECT_THAT(Told(leaves), IsEmpty());
  EXPECT_EQ(leaves.shards, 1);
  EXPECT_THAT(Told(Empty(Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n2>n1 n3"), "n1")), IsEmpty());
  EXPECT_THAT(Told(Empty(Scene().Nodes("n1 n2").Index("i3", 1).Shard("n2 n1?"), "n1")),
              ElementsAre("H5 blocks"));
}

Scene Zones(int replicas, std::string_view copies) {
  return Scene()
      .Node("a1")
      .Zone("a")
      .Node("b1")
      .Zone("b")
      .Node("b2")
      .Zone("b")
      .Node("c1")
      .Zone("c")
      .Node("c2")
      .Zone("c")
      .Index("i3", replicas)
      .Shards(2, copies)
      .Persistent(kAwareness, "zone");
}

TEST(Hazard, H8_AwarenessCountsExcludedZones) {
  const Feasibility answer = Empty(Zones(2, "a1 b1 c1"), "a1");
  EXPECT_THAT(Told(answer), ElementsAre("H8 blocks"));
  EXPECT_EQ(The(answer, Hazard::kH8_Awareness).fact,
            "zone has 3 values; i3: 2 shards of 3 copies, 2 of them fit");
  EXPECT_THAT(The(answer, Hazard::kH8_Awareness).remedy, HasSubstr("lower replicas of i3 to 1"));
  EXPECT_THAT(Told(Empty(Zones(1, "a1 b1"), "a1")), IsEmpty());
}

TEST(Upstream, Elasticsearch13667_ReplicasOfAnExcludedZoneStayWhenTheOtherZoneIsFull) {
  Scene scene = Scene().Node("m1").Zone("main").Node("m2").Zone("main").Node("s1").Zone("spot").Persistent(
      kAwareness, "zone");
  scene.Index("i3", 1).Shard("m1 s1").Index("i4", 0).Shard("s1");
  const Feasibility answer = Empty(scene, "s1");
  EXPECT_THAT(Told(answer), ElementsAre("H8 blocks"));
  EXPECT_THAT(The(answer, Hazard::kH8_Awareness).indices, ElementsAre(StuckIndex{0, 1, 2, 1}));
}

TEST(Hazard, H8_ANodeWithoutTheAttributeTakesNothing) {
  const Scene scene =
      Scene().Node("n1").Zone("a").Node("n2").Index("i3", 0).Shard("n1").Persistent(kAwareness, "zone");
  EXPECT_THAT(Told(Empty(scene, "n1")), ElementsAre("H8 blocks"));
}

TEST(Hazard, H9_ForcedValuesThatNoNodeHas) {
  Scene scene =
      Scene().Node("a1").Zone("a").Node("a2").Zone("a").Node("a3").Zone("a").Index("i3", 1).Shard("a1 a2");
  scene.Persistent(kAwareness, "zone");
  EXPECT_THAT(Told(Empty(scene, "a1")), IsEmpty());
  scene.Persistent("cluster.routing.allocation.awareness.force.zone.values", "a,b");
  const Feasibility answer = Empty(scene, "a1");
  EXPECT_THAT(Told(answer), ElementsAre("H9 blocks"));
  EXPECT_THAT(The(answer, Hazard::kH9_ForcedAwareness).fact, HasSubstr("b only forced"));
}

TEST(Hazard, H10_AnIndexThatIsPinned) {
  const Scene scene = Scene()
                          .Nodes("n1 n2 n3")
                          .Index("pinned", 0)
                          .Setting("index.routing.allocation.require._name", "n1")
                          .Shard("n1");
  const Feasibility answer = Empty(scene, "n1");
  EXPECT_THAT(Told(answer), ElementsAre("H10 blocks"));
  EXPECT_THAT(The(answer, Hazard::kH10_IndexFilters).remedy,
              HasSubstr("change what pinned says (index.routing.allocation.require._name: n1)"));
}

TEST(Upstream, OpenSearchOperator1585_AGreenClusterWithAPinnedIndexIsRefusedBeforeAnythingIsWritten) {
  const Scene scene = Scene()
                          .Nodes("n1 n2 n3")
                          .OpenSearch()
                          .Index("pinned", 0)
                          .Setting("index.routing.allocation.require._name", "n1")
                          .Shard("n1")
                          .Index("i3", 1)
                          .Shard("n1 n2");
  EXPECT_FALSE(Empty(scene, "n1").possible());
  EXPECT_THAT(Told(Empty(scene, "n1")), ElementsAre("H10 blocks"));
}

TEST(Hazard, H10_IncludeAndExcludeOfAnIndex) {
  const Scene base = Scene().Node("n1").Attribute("box", "hot").Node("n2").Attribute("box", "hot").Node("n3");
  const Scene include =
      Scene(base).Index("i3", 0).Setting("index.routing.allocation.include.box", "hot,warm").Shard("n1");
  EXPECT_THAT(Told(Empty(include, "n1")), IsEmpty());
  EXPECT_THAT(Told(Empty(include, "n1 n2")), ElementsAre("H10 blocks"));
  const Scene exclude =
      Scene(base).Index("i3", 1).Setting("index.routing.allocation.exclude._name", "n3").Shard("n1 n2");
  EXPECT_THAT(Told(Empty(exclude, "n1")), ElementsAre("H10 blocks"));
}

TEST(Hazard, H10_ATierThatIsEmptiedIsStillPreferred) {
  const Scene scene =
      Scene()
          .Node("h1")
          .Roles("data_hot data_content")
          .Node("w1")
          .Roles("data_warm data_content")
          .Node("h2")
          .Roles("data_hot")
          .Index("i3", 0)
          .Setting("index.routing.allocation.include._tier_preference", "data_frozen,data_hot,data_warm")
          .Shard("h1");
  EXPECT_THAT(Told(Empty(scene, "h1")), IsEmpty());
  EXPECT_THAT(Told(Empty(scene, "h1 h2")), ElementsAre("H49 blocks", "H10 blocks"));
}

TEST(Hazard, H46_OlderNodesTakeNothing) {
  const Scene scene = Scene()
                          .Node("n1")
                          .Runs(7, 17, 29)
                          .Node("n2")
                          .Runs(7, 17, 29)
                          .Node("n3")
                          .Runs(7, 10, 2)
                          .Index("i3", 1)
                          .Shard("n1 n2");
  EXPECT_THAT(Told(Empty(scene, "n1")), ElementsAre("H46 blocks"));
  EXPECT_EQ(The(Empty(scene, "n1"), Hazard::kH46_OlderNodes).remedy, "upgrade the other nodes first");
  EXPECT_THAT(Told(Empty(Scene(scene).Node("n4"), "n1")), IsEmpty());
}

TEST(Upstream, OpenSearchOperator1153_NodeVersionIsSeenBeforeItDeadlocks) {
  const Scene scene = Scene()
                          .OpenSearch()
                          .Node("new")
                          .Runs(2, 19)
                          .Node("old")
                          .Runs(2, 11)
                          .Node("old2")
                          .Runs(2, 11)
                          .Index("i3", 0)
                          .Shard("new");
  EXPECT_THAT(Told(Empty(scene, "new")), ElementsAre("H46 blocks"));
}

TEST(Hazard, H38_BeforeSevenSixAnIndexExpandsToExcludedNodes) {
  const Scene scene = Scene().Nodes("n1 n2 n3").Index(".security", 2).AutoExpand("0-all").Shard("n1 n2 n3");
  EXPECT_THAT(Told(Empty(Scene(scene).Cluster(7, 5, 2), "n1")), ElementsAre("H38 blocks"));
  EXPECT_THAT(Told(Empty(Scene(scene).Cluster(7, 6, 0), "n1")), IsEmpty());
  EXPECT_THAT(Told(Empty(Scene(scene).OpenSearch(), "n1")), IsEmpty());
}

TEST(Hazard, H38_AnIndexNeverShrinksBelowItsLeast) {
  EXPECT_THAT(Told(Empty(Scene().Nodes("n1 n2").Index("x", 1).AutoExpand("1-all").Shard("n1 n2"), "n1")),
              ElementsAre("H38 blocks"));
}

TEST(Hazard, H11_AnIndexThatDoesNotLetItsShardsMove) {
  constexpr char kKey[] = "index.routing.allocation.enable";
  const Scene base = Scene().Nodes("n1 n2 n3").Index("i3", 1);
  EXPECT_THAT(Told(Empty(Scene(base).Setting(kKey, "none").Shard("n1 n2"), "n1")), ElementsAre("H11 blocks"));
  EXPECT_THAT(Told(Empty(Scene(base).Setting(kKey, "primaries").Shard("n1 n2"), "n1")), IsEmpty());
  EXPECT_THAT(Told(Empty(Scene(base).Setting(kKey, "primaries").Shard("n1 n2"), "n2")),
              ElementsAre("H11 blocks"));
  EXPECT_THAT(Told(Empty(Scene(base).Setting(kKey, "all").Shard("n1 n2"), "n2")), IsEmpty());
}

TEST(Hazard, H12_ShardsPerNodeOfAnIndex) {
  constexpr char kKey[] = "index.routing.allocation.total_shards_per_node";
  const Scene base = Scene().Nodes("n1 n2 n3").Index("i3", 0);
  EXPECT_THAT(Told(Empty(Scene(base).Setting(kKey, "1").Shard("n1").Shard("n2"), "n1")), IsEmpty());
  const Feasibility full = Empty(Scene(base).Setting(kKey, "1").Shard("n1").Shard("n2").Shard("n3"), "n1");
  EXPECT_THAT(Told(full), ElementsAre("H12 blocks"));
  EXPECT_EQ(The(full, Hazard::kH12_ShardsPerNode).fact, "i3: 1 copies need a place, 0 are left");
}

TEST(Upstream, EsOperator128_ShardsPerNodeOfTheCluster) {
  constexpr char kKey[] = "cluster.routing.allocation.total_shards_per_node";
  const Scene scene = Scene().Nodes("n1 n2").Index("i3", 0).Shards(2, "n1").Shards(2, "n2");
  EXPECT_THAT(Told(Empty(Scene(scene).Persistent(kKey, "4"), "n1")), IsEmpty());
  EXPECT_THAT(Told(Empty(Scene(scene).Persistent(kKey, "3"), "n1")), ElementsAre("H12 blocks"));
  EXPECT_THAT(Told(Empty(Scene(scene).Persistent(kKey, "-1"), "n1")), IsEmpty());
}

}  // namespace
}  // namespace holdfast::elasticsearch
