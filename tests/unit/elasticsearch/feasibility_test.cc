#include "reconcilers/elasticsearch/feasibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/disk.h"
#include "tests/unit/elasticsearch/scene.h"

namespace holdfast::elasticsearch {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Weight = Obstacle::Weight;

constexpr int64_t kGb = int64_t{1} << 30;
constexpr char kLow[] = "cluster.routing.allocation.disk.watermark.low";
constexpr char kAwareness[] = "cluster.routing.allocation.awareness.attributes";

Spec Anything() {
  Spec spec;
  spec.max_excluded = {100};
  return spec;
}
Feasibility Empty(const Scene& scene, std::string_view names, const Spec& spec = Anything()) {
  const View view = scene.view();
  return CanEmpty(view, spec, In(view, names));
}
// "H5 blocks", in the order told; what is about sizes is left out unless sizes were given.
std::vector<std::string> Told(const Feasibility& answer) {
  std::vector<std::string> told;
  for (const Obstacle& o : answer.obstacles) {
    if (o.hazard == Hazard::kH6_Disk && o.weight == Weight::kUnknown && !answer.ask.empty()) continue;
    told.push_back(Cat(RowOf(o.hazard).code, o.weight == Weight::kBlocks    ? " blocks"
                                             : o.weight == Weight::kUnknown ? " unknown"
                                                                            : " warns"));
  }
  return told;
}
Obstacle The(const Feasibility& answer, Hazard hazard) {
  for (const Obstacle& o : answer.obstacles)
    if (o.hazard == hazard) return o;
  return {};
}
Exclusion ByZone(std::string zone) {
  Exclusion exclusion;
  exclusion.attributes["zone"] = std::move(zone);
  return exclusion;
}

TEST(Feasibility, RowsStandInTheOrderOfTheirNumbers) {
  for (size_t i = 0; i < HazardRows().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(HazardRows()[i].hazard), i);
    EXPECT_FALSE(HazardRows()[i].sentence.empty());
  }
}

TEST(Feasibility, TellsWhatMovesAndHowLongThatTakes) {
  Scene scene = Scene().Node("n1").Disk(4000 * kGb, 3900 * kGb).Node("n2").Disk(4000 * kGb, 3900 * kGb);
  scene.Node("n3")
      .Disk(4000 * kGb, 3900 * kGb)
      .Index("i3", 1)
      .Shards(4, "n1 n2", 100 * kGb)
      .Shard("n2 n3", kGb);
  const Feasibility answer = Empty(scene, "n1");
  EXPECT_THAT(Told(answer), IsEmpty());
  EXPECT_TRUE(answer.possible());
  EXPECT_EQ(answer.shards, 4);
  EXPECT_EQ(answer.bytes, 400 * kGb);
  EXPECT_EQ(EstimateText(answer), "4 copies, 400gb, about 5h 9m (2 TB a day, until a rate is seen)");
  const View view = scene.view();
  EXPECT_EQ(CanEmpty(view, Anything(), {0}, {4e9, "seen in the last hour"}).basis, "seen in the last hour");
}

TEST(Feasibility, OfAnEmptyNodeNeedsNoSizes) {
  const Feasibility answer = Empty(Scene().Nodes("n1 n2 n3").Index("i3", 0).Shard("n1"), "n3");
  EXPECT_TRUE(answer.possible());
  EXPECT_EQ(answer.bytes, 0);
  EXPECT_THAT(answer.ask, IsEmpty());
}

TEST(Feasibility, AsksForSizesAndIsNotPossibleBefore) {
  const Feasibility answer = Empty(Scene().Nodes("n1 n2 n3").Index("i3", 0).Shard("n1"), "n1");
  EXPECT_FALSE(answer.possible());
  EXPECT_THAT(answer.ask, ElementsAre("sizes"));
  EXPECT_EQ(answer.estimate, absl::InfiniteDuration());
}

// ── nodes ──

TEST(Hazard, H3_AllDataNodes) {
  EXPECT_THAT(
      The(Empty(Scene().Nodes("n1 n2").Node("m").Roles("master"), "n1 n2"), Hazard::kH3_LeavesTooFew).fact,
      "all 2 data nodes would be excluded");
}

TEST(Hazard, H3_MinDataNodes) {
  Spec spec = Anything();
  spec.min_data_nodes = 2;
  EXPECT_THAT(Told(Empty(Scene().Nodes("n1 n2 n3"), "n1", spec)), IsEmpty());
  EXPECT_THAT(Told(Empty(Scene().Nodes("n1 n2 n3"), "n1 n2", spec)), ElementsAre("H3 blocks"));
}

TEST(Hazard, H3_WhatIsExcludedAlreadyCounts) {
  Spec spec;
  spec.max_excluded = {50};
  const Scene scene =
      Scene().Nodes("n1 n2 n3 n4").Persistent("cluster.routing.allocation.exclude._name", "n1,n2");
  EXPECT_THAT(The(Empty(scene, "n3", spec), Hazard::kH3_LeavesTooFew).fact, HasSubstr("3 of 4 data nodes"));
  EXPECT_THAT(Told(Empty(scene, "n2", spec)), IsEmpty());
}

TEST(Hazard, H4_ASelectorThatMatchesNothing) {
  const View view = Scene().Node("n1").Zone("main").Node("n2").Zone("spot").Node("n3").Zone("main").view();
  const Exclusion good = ByZone("spot");
  Exclusion typo = ByZone("sopt");
  const std::vector<Exclusion> both = {good, typo};
  const Feasibility answer = CanExclude(view, Anything(), both);
  EXPECT_EQ(The(answer, Hazard::kH4_MatchesNothing).fact, "no node has zone: sopt");
  EXPECT_FALSE(answer.possible());
  typo.allow_empty = true;
  EXPECT_TRUE(CanExclude(view, Anything(), std::span(&typo, 1)).possible());
  EXPECT_TRUE(CanExclude(view, Anything(), std::span(&good, 1)).possible());
}

TEST(Hazard, H49_TheLastNodeOfATier) {
  const Scene scene =
      Scene().Node("n1").Roles("data_hot").Node("n2").Roles("data_warm").Node("n3").Roles("data_warm");
  EXPECT_THAT(Told(Empty(scene, "n1")), ElementsAre("H49 blocks"));
  EXPECT_THAT(Told(Empty(scene, "n2")), IsEmpty());
}

// ── the cluster as it is ──

TEST(Hazard, H20_ARedCluster) {
  const Scene scene =
      Scene().Nodes("n1 n2 n3").Index("i3", 0).Shard("-").Unassigned("NODE_LEFT", absl::Hours(1), "n1");
  EXPECT_THAT(The(Empty(scene, "n1"), Hazard::kH20_Red).fact,
              "i3[0] has no primary, and its last copy is on n1");
  EXPECT_THAT(The(Empty(scene, "n2"), Hazard::kH20_Red).fact, "i3[0] has no primary; it was last on n1");
}

TEST(Hazard, H13_EnableIsNotAll) {
  const Scene scene = Scene().Nodes("n1 n2");
  EXPECT_THAT(Told(Empty(Scene(scene).Persistent(std::string(kEnableKey), "primaries"), "n1")),
              ElementsAre("H13 blocks"));
  EXPECT_THAT(Told(Empty(Scene(scene).Persistent(std::string(kEnableKey), "ALL"), "n1")), IsEmpty());
}

TEST(Hazard, H13_ATransientValueShadows) {
  const Scene scene = Scene()
                          .Nodes("n1 n2")
                          .Persistent(std::string(kEnableKey), "all")
                          .Transient(std::string(kEnableKey), "none");
  EXPECT_THAT(Told(Empty(scene, "n1")), ElementsAre("H13 blocks"));
}

TEST(Hazard, H14_TheNodesFileSaysNone) {
  EXPECT_THAT(Told(Empty(Scene().Nodes("n1 n2").Default(std::string(kEnableKey), "none"), "n1")),
              ElementsAre("H13 blocks"));
  EXPECT_THAT(Told(Empty(Scene().Nodes("n1 n2").Cluster(2, 4, 6), "n1")), ElementsAre("H14 warns"));
}

TEST(Hazard, H25_ClosedIndicesBeforeSevenTwo) {
  const Scene scene = Scene().Nodes("n1 n2").Index("old", 0).Closed();
  EXPECT_THAT(Told(Empty(Scene(scene).Cluster(6, 8, 23), "n1")), ElementsAre("H25 blocks"));
  EXPECT_THAT(Told(Empty(scene, "n1")), IsEmpty());
  EXPECT_THAT(Told(Empty(Scene(scene).OpenSearch(), "n1")), IsEmpty());
}

TEST(Hazard, H24_ASnapshotHoldsAShard) {
  const Scene scene = Scene().Nodes("n1 n2 n3").Index("i3", 1).Shard("n1 n2").Snapshot();
  EXPECT_THAT(Told(Empty(scene, "n1")), ElementsAre("H24 warns"));
  EXPECT_THAT(Told(Empty(scene, "n2")), IsEmpty());
}

TEST(Hazard, H26_TheClusterHasGivenUp) {
  View view = Scene().Nodes("n1 n2 n3").Index("i3", 0).Shard("n1").view();
  Explained explained;
  explained.index = "i3";
  explained.node = "n1";
  explained.elsewhere["n2"] = {"max_retry"};
  view.explained.push_back(explained);
  EXPECT_THAT(Told(CanEmpty(view, Anything(), {0})), ElementsAre("H26 blocks"));
  EXPECT_THAT(Told(CanEmpty(view, Anything(), {2})), IsEmpty());
}

// ── places ──

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

// ── disks ──

Scene Disks(int64_t available2, int64_t available3, int64_t bytes, int shards = 4) {
  return Scene()
      .Node("n1")
      .Disk(1000 * kGb, 100 * kGb)
      .Node("n2")
      .Disk(1000 * kGb, available2)
      .Node("n3")
      .Disk(1000 * kGb, available3)
      .Index("i3", 0)
      .Shards(shards, "n1", bytes);
}

TEST(Hazard, H6_TheSumMustFitUnderTheLowWatermark) {
  // 150 GB of 1000 must stay free.
  EXPECT_THAT(Told(Empty(Disks(400 * kGb, 400 * kGb, 100 * kGb), "n1")), IsEmpty());
  const Feasibility full = Empty(Disks(350 * kGb, 350 * kGb, 100 * kGb), "n1");
  EXPECT_THAT(Told(full), ElementsAre("H6 blocks"));
  EXPECT_EQ(The(full, Hazard::kH6_Disk).fact,
            "400gb must move, room under the low watermark (85%): 400gb on 2 nodes");
}

TEST(Hazard, H6_TheBiggestShardMustFitSomewhere) {
  const Feasibility answer = Empty(Disks(260 * kGb, 260 * kGb, 120 * kGb, 1), "n1");
  EXPECT_THAT(Told(answer), ElementsAre("H6 blocks"));
  EXPECT_EQ(The(answer, Hazard::kH6_Disk).fact,
            "i3[0] has 120gb, the emptiest node has 110gb under the low watermark (85%)");
}

TEST(Hazard, H6_WhatIsOnItsWayTakesItsRoom) {
  const Scene scene = Disks(250 * kGb, 150 * kGb, 90 * kGb, 1).Node("n4").Disk(1000 * kGb, 10 * kGb);
  EXPECT_THAT(Told(Empty(scene, "n1")), IsEmpty());
  EXPECT_THAT(Told(Empty(Scene(scene).Index("i4", 0).Shard("n4>n2", 50 * kGb), "n1")),
              ElementsAre("H6 blocks"));
}

TEST(Hazard, H6_AnIndexThatMayGoToFewNodesNeedsRoomThere) {
  Scene scene = Disks(160 * kGb, 900 * kGb, kGb, 1)
                    .Index("pinned", 0)
                    .Setting("index.routing.allocation.include._name", "n1,n2")
                    .Shard("n1", 50 * kGb);
  EXPECT_THAT(The(Empty(scene, "n1"), Hazard::kH6_Disk).fact,
              HasSubstr("50gb must move, room under the low watermark (85%): 10gb on 1 node"));
}

TEST(Hazard, H6_ADiskThatIsNotToldIsNoRoom) {
  EXPECT_THAT(Told(Empty(Disks(-1, 200 * kGb, 60 * kGb), "n1")), ElementsAre("H6 unknown"));
  EXPECT_THAT(Told(Empty(Disks(-1, 900 * kGb, 60 * kGb), "n1")), IsEmpty());
}

TEST(Hazard, H6_WithoutTheDeciderWhatIsFreeStillCounts) {
  const Scene off = Disks(350 * kGb, 350 * kGb, 100 * kGb)
                        .Persistent("cluster.routing.allocation.disk.threshold_enabled", "false");
  EXPECT_THAT(Told(Empty(off, "n1")), IsEmpty());
  EXPECT_THAT(Told(Empty(Scene(off).Index("big", 0).Shard("n1", 400 * kGb), "n1")), ElementsAre("H6 blocks"));
}

TEST(Disk, AWatermarkIsAPercentageARatioOrFreeBytes) {
  EXPECT_EQ(ParseWatermark("85%")->FreeBytes(1000), 150);
  EXPECT_EQ(ParseWatermark("0.9")->FreeBytes(1000), 100);
  EXPECT_EQ(ParseWatermark("500mb")->FreeBytes(1000), int64_t{500} << 20);
  EXPECT_EQ(ParseWatermark("1.5GB")->FreeBytes(0), 3 * kGb / 2);
  EXPECT_EQ(ParseWatermark("0")->FreeBytes(1000), 0);
  for (const char* wrong : {"", "85", "101%", "-1", "much", "5x", "1e99b"})
    EXPECT_FALSE(ParseWatermark(wrong)) << wrong;
}

TEST(Disk, BytesReadAsTheServersWriteThem) {
  EXPECT_EQ(BytesText(0), "0b");
  EXPECT_EQ(BytesText(1536), "1.5kb");
  EXPECT_EQ(BytesText(kGb * 1024), "1tb");
  EXPECT_EQ(ParseBytes("1.5kb"), 1536);
  EXPECT_EQ(ParseBytes("-1"), -1);
  EXPECT_FALSE(ParseBytes("kb"));
}

TEST(Disk, TheDefaultAsksForNoMoreThanItsHeadroomSinceEightFive) {
  const int64_t disk = 10'000 * kGb;
  const auto free = [&](const Scene& scene) { return DiskRuleOf(scene.view()).low.FreeBytes(disk); };
  EXPECT_EQ(free(Scene().Node("n1")), 1500 * kGb);
  EXPECT_EQ(free(Scene().Node("n1").Runs(8, 19, 5)), 200 * kGb);
  EXPECT_EQ(free(Scene()
                     .Node("n1")
                     .Runs(8, 19, 5)
                     .Default(kLow, "85%")
                     .Default(Cat(kLow, ".max_headroom"), "200GB")),
            200 * kGb);
}

TEST(Disk, AFractionThatWasPutIsNotLimitedByTheDefaultHeadroom) {
  const Scene put =
      Scene().Node("n1").Runs(8, 19, 5).Persistent(kLow, "90%").Default(Cat(kLow, ".max_headroom"), "200GB");
  EXPECT_EQ(DiskRuleOf(put.view()).low.max_headroom, -1);
  EXPECT_EQ(DiskRuleOf(Scene(put).Persistent(Cat(kLow, ".max_headroom"), "50gb").view()).low.max_headroom,
            50 * kGb);
}

TEST(Disk, AnUnreadableWatermarkIsTold) {
  const DiskRule rule = DiskRuleOf(Scene().Node("n1").Persistent(kLow, "lots").view());
  EXPECT_EQ(rule.unreadable, "lots");
  EXPECT_EQ(rule.low.used, 0.85);
}

TEST(Disk, ARoomIsNeverNegative) {
  Node node;
  node.disk_total = 1000;
  node.disk_available = 100;
  EXPECT_EQ(RoomOnDisk(DiskRule{}, node), 0);
  node.disk_available = -1;
  EXPECT_FALSE(RoomOnDisk(DiskRule{}, node));
}

}  // namespace
}  // namespace holdfast::elasticsearch
