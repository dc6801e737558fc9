// Copies of the simulated cluster move, wait, recover and are lost as real ones are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/sandbox/elasticsearch/deciders.h"
#include "examples/sandbox/elasticsearch/routing.h"
#include "tests/unit/sandbox/elasticsearch_lab.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Health = Cluster::Health;
constexpr Version k717{7, 17, 29}, k219{2, 19, 4};

std::set<std::string> Deciders(const Ground& ground, const CopyRef& ref, const std::string& node,
                               Goal goal = Goal::kMove) {
  std::vector<Decision> told;
  (void)CanAllocate(Rules(ground), ref, ground.NodeByName(node), goal, &told);
  std::set<std::string> names;
  for (const Decision& decision : told) names.emplace(decision.decider);
  return names;
}
// The first copy of the shard that is on the node.
CopyRef On(const ClusterLab& lab, const std::string& node, uint32_t index = 0) {
  const Ground& ground = lab.cluster.ground();
  for (uint32_t s = 0; s < ground.indices[index].shards.size(); ++s)
    for (uint32_t c = 0; c < ground.indices[index].shards[s].copies.size(); ++c)
      if (ground.At({index, s, c}).node == ground.NodeByName(node)) return {index, s, c};
  ADD_FAILURE() << "nothing on " << node;
  return {};
}

TEST(Drain, AnExcludedNodeIsLeftInTheTimeThatItsBytesNeed) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 4, .replicas = 1, .bytes = 400 << 20}});
  lab.Put(kExclude + "_name", R"("n1")");
  EXPECT_EQ(lab.CopiesOn("n1"), 2);
  lab.Pass(absl::Seconds(5));
  EXPECT_EQ(lab.CopiesOn("n1"), 2) << "400 MB at 40 MB a second";
  lab.Pass(absl::Seconds(40));
  EXPECT_EQ(lab.CopiesOn("n1"), 0);
  EXPECT_EQ(lab.cluster.health(), Health::kGreen);
  EXPECT_EQ(lab.cluster.LostDocuments(), 0);
}
TEST(Drain, NoneAndNewPrimariesStopItAndPrimariesLetsOnlyPrimariesLeave) {
  for (const char* mode : {"none", "new_primaries", "primaries"}) {
    ClusterLab lab;
    lab.Put(kEnable, Cat('"', mode, '"'));
    int primaries = 0;
    for (uint32_t s = 0; s < 4; ++s)
      primaries += lab.CopyOf(0, s, 0).primary && lab.CopyOf(0, s, 0).node == 0 ? 1 : 0;
    ASSERT_GT(primaries, 0);
    lab.Put(kExclude + "_name", R"("n1")");
    EXPECT_TRUE(lab.Calm());
    EXPECT_EQ(lab.CopiesOn("n1"), std::string_view(mode) == "primaries" ? 2 - primaries : 2) << mode;
  }
}
TEST(Drain, TheIndexOwnWordOverridesTheClusters) {
  ClusterLab lab;
  lab.cluster.SetIndex("i", "index.routing.allocation.enable", "all");
  lab.Put(kEnable, R"("none")");
  lab.Put(kExclude + "_name", R"("n1")");
  EXPECT_TRUE(lab.Calm());
  EXPECT_EQ(lab.CopiesOn("n1"), 0);
}
TEST(Drain, AnEndedExclusionDoesNotCancelAMoveThatRuns) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 4, .replicas = 1, .bytes = 400 << 20}});
  lab.Put(kExclude + "_name", R"("n1")");
  EXPECT_FALSE(lab.cluster.ground().moving.empty());
  lab.Put(kExclude + "_name", "null");
  EXPECT_FALSE(lab.cluster.ground().moving.empty());
}
TEST(Drain, AtMostTwoRecoveriesANode) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 20, .replicas = 0, .bytes = 400 << 20}});
  lab.Put(kExclude + "_name", R"("n1")");
  EXPECT_EQ(lab.At("n1").outgoing, 2);
  EXPECT_THAT(Deciders(lab.cluster.ground(), {0, 0, 0}, "n2"),
              testing::IsSubsetOf({"throttling", "same_shard"}));
}

TEST(Awareness, CountsExcludedZones) {
  ClusterLab lab(kOpenSearch, k219,
                 {{.name = "one", .shards = 2, .replicas = 1}, {.name = "zero", .shards = 4, .replicas = 0}});
  lab.Put("cluster.routing.allocation.awareness.attributes", R"("zone")");
  ASSERT_TRUE(lab.Calm());
  lab.Put(kExclude + "zone", R"("b")");
  ASSERT_TRUE(lab.Calm());
  EXPECT_EQ(lab.CopiesOn("n2", "one") + lab.CopiesOn("n4", "one"), 2)
      << "exactly the copies with a replica stay";
  EXPECT_EQ(lab.CopiesOn("n2", "zero") + lab.CopiesOn("n4", "zero"), 0);
  EXPECT_THAT(Deciders(lab.cluster.ground(), On(lab, "n2"), "n1"), testing::Contains("awareness"));
}
TEST(Awareness, ForcedValuesKeepAReplicaBackForAZoneThatIsNotThere) {
  ClusterLab lab;
  lab.PutAll(R"({"persistent":{"cluster.routing.allocation.awareness.attributes":"zone",
                 "cluster.routing.allocation.awareness.force.zone.values":"a,b"}})");
  ASSERT_TRUE(lab.Calm());
  for (const char* node : {"n2", "n4"}) (void)lab.cluster.Stop(node, By::kPerson);
  lab.Pass(absl::Minutes(5));
  EXPECT_EQ(lab.cluster.health(), Health::kYellow);
}

TEST(Deciders, SameShard) {
  ClusterLab lab;
  const CopyRef ref = On(lab, "n1");
  const Copy& other = lab.CopyOf(0, ref.shard, 1 - ref.copy);
  EXPECT_THAT(Deciders(lab.cluster.ground(), ref, lab.cluster.ground().nodes[other.node].name),
              ElementsAre("same_shard"));
}
TEST(Deciders, SameShardOnOneHost) {
  ClusterLab lab;
  for (Node& node : lab.cluster.scene().nodes) node.host = "one";
  const CopyRef ref = On(lab, "n1");
  lab.Put("cluster.routing.allocation.same_shard.host", "true");
  EXPECT_THAT(Deciders(lab.cluster.ground(), ref, "n3"), testing::Contains("same_shard"));
}
TEST(Deciders, DiskLowHighAndFlood) {
  ClusterLab lab;
  lab.cluster.FillDisk("n1", 860 * kGigabyte);
  EXPECT_THAT(Deciders(lab.cluster.ground(), On(lab, "n3"), "n1"), testing::Contains("disk_threshold"));
  EXPECT_EQ(CanRemain(Rules(lab.cluster.ground()), On(lab, "n1"), nullptr), Says::kYes);
  lab.cluster.FillDisk("n1", 960 * kGigabyte);
  lab.Pass(absl::Seconds(31));
  EXPECT_EQ(lab.cluster.ground().indices[0].Setting("index.blocks.read_only_allow_delete"), "true");
  ASSERT_TRUE(lab.Calm());
  lab.Pass(absl::Minutes(1));
  EXPECT_EQ(lab.CopiesOn("n1"), 0) << "above the high watermark shards leave";
  EXPECT_EQ(lab.cluster.ground().indices[0].Setting("index.blocks.read_only_allow_delete"), "");
}
TEST(Deciders, H7_TheFloodBlockEndsUnderTheHighWatermarkAndBefore74Never) {
  constexpr const char* kBlock = "index.blocks.read_only_allow_delete";
  const auto blocked_after = [&](Flavor flavor, Version version, int64_t then) {
    ClusterLab lab(flavor, version);
    (void)lab.PutAll(R"({"persistent":{"cluster.routing.allocation.enable":"none"}})");  // nothing moves off
    lab.cluster.FillDisk("n1", 960 * kGigabyte);
    lab.Pass(absl::Seconds(31));
    EXPECT_EQ(lab.cluster.ground().indices[0].Setting(kBlock), "true");
    lab.cluster.FillDisk("n1", then);
    lab.Pass(absl::Minutes(5));
    return lab.cluster.ground().indices[0].Setting(kBlock) == "true";
  };
  EXPECT_TRUE(blocked_after(kElasticsearch, k717, 920 * kGigabyte));
  EXPECT_FALSE(blocked_after(kElasticsearch, k717, 880 * kGigabyte));
  EXPECT_FALSE(blocked_after(kOpenSearch, k219, 880 * kGigabyte));
  EXPECT_TRUE(blocked_after(kElasticsearch, {7, 3, 2}, 0));
  EXPECT_TRUE(blocked_after(kElasticsearch, {6, 8, 23}, 0));
}
TEST(Deciders, SettingsOfIndicesCanBePut) {
  ClusterLab lab;
  const auto block = [&] {
    return lab.cluster.ground().indices[0].Setting("index.blocks.read_only_allow_delete");
  };
  const std::string path = Cat("/", lab.cluster.ground().indices[0].name, "/_settings");
  EXPECT_EQ(lab.Ask("PUT", path, R"({"index":{"blocks":{"read_only_allow_delete":true}}})").status, 200);
  EXPECT_EQ(block(), "true");
  EXPECT_EQ(lab.Ask("PUT", path, R"({"index.blocks.read_only_allow_delete":null})").status, 200);
  EXPECT_EQ(block(), "");
  EXPECT_EQ(lab.Ask("PUT", "/nosuch/_settings", R"({"a":null})").status, 404);
  EXPECT_EQ(lab.Ask("PUT", path, "nonsense").status, 400);
}
TEST(Deciders, WatermarksInBytesAreFreeSpace) {
  ClusterLab lab;
  lab.PutAll(R"({"persistent":{"cluster.routing.allocation.disk.watermark.low":"990gb"}})");
  lab.cluster.FillDisk("n1", 20 * kGigabyte);
  EXPECT_THAT(Deciders(lab.cluster.ground(), On(lab, "n3"), "n1"), testing::Contains("disk_threshold"));
}
TEST(Deciders, FilterOfTheIndexPinsItAndNeverOverridesTheCluster) {
  ClusterLab lab;
  lab.cluster.SetIndex("i", "index.routing.allocation.require.zone", "b");
  lab.Put(kExclude + "_name", R"("n2")");
  EXPECT_THAT(Deciders(lab.cluster.ground(), {0, 0, 0}, "n1"), testing::Contains("filter"));
  EXPECT_THAT(Deciders(lab.cluster.ground(), {0, 0, 0}, "n2"), testing::Contains("filter"));
}
TEST(Deciders, ShardsLimit) {
  ClusterLab lab;
  lab.cluster.SetIndex("i", "index.routing.allocation.total_shards_per_node", "2");
  EXPECT_THAT(Deciders(lab.cluster.ground(), On(lab, "n1"), "n2"), testing::Contains("shards_limit"));
}
TEST(Deciders, NodeVersionOlderThanThePrimarys) {
  ClusterLab lab;
  lab.cluster.scene().nodes[2].version = Version{2, 11, 0};
  EXPECT_THAT(Deciders(lab.cluster.ground(), On(lab, "n1"), "n3"), testing::Contains("node_version"));
}
TEST(Deciders, SnapshotInProgressHoldsThePrimariesUntilItEnds) {
  ClusterLab lab;
  lab.cluster.BeginSnapshot("backup", "s1");
  lab.Put(kExclude + "_name", R"("n1")");
  ASSERT_TRUE(lab.Calm());
  EXPECT_GT(lab.CopiesOn("n1"), 0);
  EXPECT_THAT(Deciders(lab.cluster.ground(), On(lab, "n1"), "n2"), testing::Contains("snapshot_in_progress"));
  EXPECT_EQ(Text(lab.Get("/_cluster/state/customs"), "/snapshots/snapshots/0/snapshot"), "s1");
  lab.cluster.EndSnapshot("s1");
  ASSERT_TRUE(lab.Calm());
  EXPECT_EQ(lab.CopiesOn("n1"), 0);
}
TEST(Deciders, MaxRetryHoldsAnUnassignedCopyUntilSomeoneSaysRetryFailed) {
  ClusterLab lab;
  lab.Put(kEnable, R"("none")");
  lab.cluster.SetIndex("i", "index.number_of_replicas", "2");
  lab.cluster.ExhaustRetries({0, 0, 2});
  lab.Put(kEnable, R"("all")");
  lab.Pass(absl::Minutes(2));
  EXPECT_EQ(lab.CopyOf(0, 0, 2).is, Copy::Is::kUnassigned);
  EXPECT_EQ(lab.Ask("POST", "/_cluster/reroute?retry_failed=true").status, 200);
  lab.Pass(absl::Minutes(2));
  EXPECT_EQ(lab.cluster.health(), Health::kGreen);
}

TEST(Leaving, OfASigtermIsAtOnceAndTheProcessIsGoneTwoSecondsLater) {
  ClusterLab lab;
  lab.Put(kEnable, R"("none")");
  (void)lab.cluster.Stop("n3", By::kController);
  EXPECT_FALSE(lab.At("n3").IsMember());
  EXPECT_EQ(lab.At("n3").is, Node::Is::kLeaving);
  lab.Pass(absl::Seconds(2));
  EXPECT_EQ(lab.At("n3").is, Node::Is::kDown);
}
TEST(Leaving, AnInSyncReplicaIsPromotedAndTheDepartedCopyStaysInTheInSyncSetUntilAWrite) {
  ClusterLab lab;
  lab.Put(kEnable, R"("none")");
  const CopyRef ref = On(lab, "n1");
  const std::string id = lab.cluster.ground().At(ref).allocation_id;
  (void)lab.cluster.Stop("n1", By::kController);
  const Shard& shard = lab.cluster.ground().ShardOf(ref);
  EXPECT_TRUE(shard.Primary()->Serves());
  EXPECT_TRUE(shard.in_sync.contains(id));
  lab.Pass(absl::Seconds(5));
  EXPECT_GT(lab.cluster.Index(10), 0);
  EXPECT_FALSE(shard.in_sync.contains(id));
}
TEST(Leaving, ThePrimaryOfASingleCopyMakesItRedUntilItsNodeIsBack) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 4, .replicas = 0}});
  lab.Put(kEnable, R"("none")");
  (void)lab.cluster.Stop("n1", By::kController);
  lab.Pass(absl::Minutes(5));
  EXPECT_EQ(lab.cluster.health(), Health::kRed);
  EXPECT_EQ(lab.cluster.LostDocuments(), 0) << "its disk still has them";
  (void)lab.cluster.Start("n1", By::kController);
  lab.Pass(absl::Seconds(17));
  EXPECT_EQ(lab.cluster.health(), Health::kGreen) << "local primaries recover in any mode";
}
TEST(Leaving, WithoutWritesTheReplicasOfANodeThatIsBackAreThereInASecondAndNothingIsCopied) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 4, .replicas = 1, .bytes = 40 * kGigabyte}});
  lab.Put(kEnable, R"("none")");
  const std::string id = lab.At("n3").id, life = lab.At("n3").ephemeral_id;
  const absl::Time started = lab.At("n3").started;
  (void)lab.cluster.Stop("n3", By::kController);
  lab.Pass(absl::Seconds(3));
  (void)lab.cluster.Start("n3", By::kController);
  lab.Pass(absl::Seconds(20));
  EXPECT_EQ(lab.At("n3").id, id);
  EXPECT_NE(lab.At("n3").ephemeral_id, life);
  EXPECT_GT(lab.At("n3").started, started);
  EXPECT_EQ(lab.cluster.health(), Health::kYellow) << "replicas wait for enable";
  lab.Put(kEnable, R"("all")");
  lab.Pass(absl::Seconds(1));
  EXPECT_EQ(lab.cluster.health(), Health::kGreen);
}
TEST(Leaving, WithoutNoneTheReplicasAreMadeElsewhereAfterTheDelay) {
  ClusterLab lab;
  (void)lab.cluster.Stop("n3", By::kController);
  lab.Pass(absl::Seconds(58));
  EXPECT_EQ(lab.cluster.health(), Health::kYellow);
  EXPECT_EQ(Text(lab.Get("/_cluster/health"), "/delayed_unassigned_shards"), "2");
  lab.Pass(absl::Seconds(10));
  EXPECT_EQ(lab.cluster.health(), Health::kGreen);
  EXPECT_EQ(Text(lab.Get("/_cluster/health"), "/delayed_unassigned_shards"), "0");
}
TEST(Leaving, TwoNodesOneAfterTheOtherUnderNoneTakeTheLastCopy) {
  ClusterLab lab;
  lab.Put(kEnable, R"("none")");
  for (const char* node : {"n1", "n2", "n3", "n4"}) {
    (void)lab.cluster.Stop(node, By::kController);
    lab.Pass(absl::Seconds(3));
    (void)lab.cluster.Start(node, By::kController);
    lab.Pass(absl::Minutes(1));
  }
  EXPECT_EQ(lab.cluster.health(), Health::kYellow);
  EXPECT_FALSE(OnlyThere(lab.cluster.ground(), 3).empty() && OnlyThere(lab.cluster.ground(), 2).empty());
}

TEST(Loss, AWipedDiskOfTheOnlyCopyIsLoss) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 4, .replicas = 0}});
  lab.cluster.Crash("n4");
  lab.cluster.ReturnsWith("n4", {.disk = Returning::Disk::kWiped});
  (void)lab.cluster.Start("n4", By::kPerson);
  lab.Pass(absl::Minutes(1));
  EXPECT_EQ(lab.cluster.health(), Health::kRed);
  EXPECT_EQ(lab.cluster.LostDocuments(), 100);
}
TEST(Loss, AStaleCopyNeverBecomesAPrimarySinceFive_ButBefore) {
  for (const auto& [version, lost] : {std::tuple(Version{6, 8, 23}, 0), std::tuple(Version{2, 4, 6}, 1)}) {
    ClusterLab lab(kElasticsearch, version, {{.name = "i", .shards = 1, .replicas = 1}}, 3);
    lab.Put(kEnable, R"("none")");
    const std::string replica = lab.cluster.ground().nodes[lab.CopyOf(0, 0, 1).node].name;
    const std::string primary = lab.cluster.ground().nodes[lab.CopyOf(0, 0, 0).node].name;
    lab.cluster.Crash(replica);
    lab.Pass(absl::Seconds(10));
    EXPECT_EQ(lab.cluster.Index(5), 5) << VersionText(version);
    lab.cluster.Crash(primary);
    lab.Pass(absl::Seconds(10));
    (void)lab.cluster.Start(replica, By::kPerson);
    lab.Pass(absl::Minutes(1));
    EXPECT_EQ(lab.CopyOf(0, 0, 0).Serves() || lab.CopyOf(0, 0, 1).Serves(), lost == 1);
    // The one that was taken stands on the old documents; those that came since are on a disk that nobody
    // asks.
    const Copy* leading = lab.cluster.ground().indices[0].shards[0].Primary();
    if (lost == 1) EXPECT_EQ(leading->docs, 100);
  }
}
TEST(Loss, WritesWaitForACopyThatDoesNotAnswer) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 1, .replicas = 1}});
  const std::string replica = lab.cluster.ground().nodes[lab.CopyOf(0, 0, 1).node].name;
  EXPECT_EQ(lab.cluster.Index(5), 5);
  lab.cluster.Freeze(replica);
  EXPECT_EQ(lab.cluster.Index(5), 0);
  lab.Pass(absl::Seconds(31));
  EXPECT_EQ(lab.cluster.Index(5), 5) << "it was taken out";
  EXPECT_EQ(lab.cluster.LostDocuments(), 0);
}

TEST(Closed, IndicesAreInTheRoutingTableAndDrainedFromSevenTwoOn) {
  for (const auto& [version, seen] : {std::tuple(k717, true), std::tuple(Version{6, 8, 23}, false)}) {
    ClusterLab lab(kElasticsearch, version,
                   {{.name = "shut", .shards = 4, .replicas = 1, .is = Index::Is::kClosed}});
    lab.Put(kExclude + "_name", R"("n1")");
    ASSERT_TRUE(lab.Calm());
    const json::value state = lab.Get("/_cluster/state");
    EXPECT_EQ(Text(state, "/metadata/indices/shut/state"), "close");
    EXPECT_EQ(Text(state, "/blocks/indices/shut/4/description"), "index closed");
    EXPECT_EQ(Text(state, "/routing_table/indices/shut") != "(nothing)", seen);
    EXPECT_EQ(lab.At("n1").disk.empty(), seen) << "what is not in the routing table stays on the disk";
    EXPECT_EQ(lab.cluster.LostDocuments(), 0);
    EXPECT_EQ(Text(lab.Get("/_stats/store?level=shards"), "/indices/shut"), "(nothing)");
    const std::string with_closed =
        "/_stats/store?level=shards&expand_wildcards=all&forbid_closed_indices=false";
    if (seen)
      EXPECT_NE(Text(lab.Get(with_closed), "/indices/shut"), "(nothing)");
    else
      EXPECT_EQ(lab.Ask("GET", with_closed).status, 400) << "as 6.8.23 answers";
  }
}

TEST(AutoExpand, DropsTheReplicaOfAnExcludedNodeAndMakesItAgain) {
  ClusterLab lab(
      kOpenSearch, k219,
      {{.name = "i", .shards = 1, .replicas = 3, .settings = {{"index.auto_expand_replicas", "0-all"}}}});
  lab.Put(kExclude + "_name", R"("n4")");
  ASSERT_TRUE(lab.Calm());
  EXPECT_EQ(lab.cluster.ground().indices[0].Replicas(), 2);
  EXPECT_EQ(lab.cluster.health(), Health::kGreen);
  lab.Put(kExclude + "_name", "null");
  ASSERT_TRUE(lab.Calm());
  EXPECT_EQ(lab.cluster.ground().indices[0].Replicas(), 3);
}
TEST(AutoExpand, BeforeSevenSixCountsTheExcludedNodeAndStaysYellow) {
  ClusterLab lab(
      kElasticsearch, {6, 8, 23},
      {{.name = "i", .shards = 1, .replicas = 3, .settings = {{"index.auto_expand_replicas", "0-all"}}}});
  lab.Put(kExclude + "_name", R"("n4")");
  ASSERT_TRUE(lab.Calm());
  EXPECT_EQ(lab.cluster.ground().indices[0].Replicas(), 3);
  EXPECT_EQ(lab.CopiesOn("n4"), 1) << "there is no other place";
}

TEST(NewIndices, UnderNoneHaveNoPrimaryAndUnderPrimariesOne) {
  ClusterLab lab;
  lab.Put(kEnable, R"("none")");
  lab.cluster.AddIndex({.name = "new", .shards = 1, .replicas = 1});
  lab.Pass(absl::Seconds(5));
  EXPECT_EQ(lab.cluster.health(), Health::kRed);
  lab.Put(kEnable, R"("primaries")");
  lab.Pass(absl::Seconds(5));
  EXPECT_EQ(lab.cluster.health(), Health::kYellow);
}

TEST(EveningOut, ANodeThatIsReleasedGetsCopiesAgainUnlessRebalancingIsOff) {
  ClusterLab lab;
  lab.Put(kExclude + "_name", R"("n1")");
  ASSERT_TRUE(lab.Calm());
  EXPECT_EQ(lab.CopiesOn("n1"), 0);
  lab.Put(kExclude + "_name", "null");
  ASSERT_TRUE(lab.Calm());
  EXPECT_GT(lab.CopiesOn("n1"), 0);
}

TEST(Reroute, AMoveByHandIgnoresEnableButNotTheOtherDeciders) {
  ClusterLab lab;
  lab.Put(kEnable, R"("none")");
  const CopyRef ref = On(lab, "n1");
  const Copy& other = lab.CopyOf(0, ref.shard, 1 - ref.copy);
  std::string free;
  for (const Node& node : lab.cluster.ground().nodes)
    if (node.name != "n1" && node.name != lab.cluster.ground().nodes[other.node].name) free = node.name;
  EXPECT_FALSE(
      lab.cluster.Move("i", ref.shard, "n1", lab.cluster.ground().nodes[other.node].name, By::kPerson).ok());
  EXPECT_TRUE(lab.cluster.Move("i", ref.shard, "n1", free, By::kPerson).ok());
  EXPECT_EQ(lab.cluster.ground().At(ref).is, Copy::Is::kRelocating);
}

TEST(Reroute, NothingIsMovedToANodeThatIsNotInTheCluster) {
  ClusterLab lab;
  const CopyRef ref = On(lab, "n1");
  (void)lab.cluster.Kill("n3", By::kNature);
  lab.Pass(absl::Seconds(5));
  EXPECT_FALSE(lab.cluster.Move("i", ref.shard, "n1", "n3", By::kPerson).ok());
}

TEST(Returning, WithAnotherIpOrZoneKeepsItsId) {
  ClusterLab lab;
  const std::string id = lab.At("n3").id;
  (void)lab.cluster.Stop("n3", By::kPerson);
  lab.Pass(absl::Seconds(3));
  lab.cluster.ReturnsWith("n3", {.ip = "10.0.0.99", .zone = "c"});
  (void)lab.cluster.Start("n3", By::kPerson);
  lab.Pass(absl::Seconds(20));
  EXPECT_EQ(lab.At("n3").id, id);
  const json::value nodes = lab.Get("/_nodes/n3");
  EXPECT_EQ(Text(nodes, Cat("/nodes/", id, "/ip")), "10.0.0.99");
  EXPECT_EQ(Text(nodes, Cat("/nodes/", id, "/attributes/zone")), "c");
}
TEST(Returning, BeforeTwoItHasANewId) {
  ClusterLab lab(kElasticsearch, {1, 7, 3});
  const std::string id = lab.At("n3").id;
  (void)lab.cluster.Stop("n3", By::kPerson);
  lab.Pass(absl::Seconds(3));
  (void)lab.cluster.Start("n3", By::kPerson);
  lab.Pass(absl::Seconds(20));
  EXPECT_NE(lab.At("n3").id, id);
  EXPECT_EQ(lab.cluster.health(), Health::kGreen);
}

}  // namespace
}  // namespace holdfast::sandbox::elasticsearch
