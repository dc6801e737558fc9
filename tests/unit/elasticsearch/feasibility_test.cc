#include "reconcilers/elasticsearch/feasibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/disk.h"
#include "tests/unit/elasticsearch/feasibility_case.h"

namespace holdfast::elasticsearch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
