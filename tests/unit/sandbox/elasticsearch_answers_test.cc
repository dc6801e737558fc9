// What the simulated cluster's servers answer, field by field where clients look.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/sandbox/elasticsearch/routing.h"
#include "tests/unit/sandbox/elasticsearch_lab.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Version k717{7, 17, 29}, k819{8, 19, 5}, k219{2, 19, 4};

std::string ExplainBody(const ClusterLab& lab, const CopyRef& ref) {
  const Copy& copy = lab.cluster.ground().At(ref);
  return Cat(R"({"index":"i","shard":)", ref.shard, R"(,"primary":)", copy.primary ? "true" : "false",
             copy.node == kNowhere
                 ? ""
                 : Cat(R"(,"current_node":")", lab.cluster.ground().nodes[copy.node].id, "\""),
             "}");
}
json::value Explained(ClusterLab& lab, const CopyRef& ref) {
  const Answer answer = lab.Ask("POST", "/_cluster/allocation/explain", ExplainBody(lab, ref));
  EXPECT_EQ(answer.status, 200) << answer.body;
  return *ParseJson(answer.body);
}
CopyRef On(const ClusterLab& lab, const std::string& node) {
  const Ground& ground = lab.cluster.ground();
  for (uint32_t s = 0; s < 4; ++s)
    for (uint32_t c = 0; c < 2; ++c)
      if (ground.At({0, s, c}).node == ground.NodeByName(node)) return {0, s, c};
  return {};
}

TEST(State, HasVersionAndUuidOnlyWithTheMetricVersion) {
  ClusterLab lab;
  EXPECT_EQ(Text(lab.Get("/_cluster/state/nodes,master_node"), "/version"), "(nothing)");
  const json::value state = lab.Get("/_cluster/state/version,master_node");
  EXPECT_NE(Text(state, "/version"), "(nothing)");
  EXPECT_EQ(Text(state, "/state_uuid").size(), 22u);
  EXPECT_EQ(Text(state, "/master_node"), lab.At("n1").id);
  EXPECT_EQ(Text(state, "/routing_table"), "(nothing)");
}
TEST(State, OfOpenSearchHasNoRolesAndNobodysHasSettings) {
  ClusterLab open, elastic(kElasticsearch, k819);
  EXPECT_EQ(Text(open.Get("/_cluster/state"), Cat("/nodes/", open.At("n1").id, "/roles")), "(nothing)");
  EXPECT_NE(Text(elastic.Get("/_cluster/state"), Cat("/nodes/", elastic.At("n1").id, "/roles")), "(nothing)");
  open.Put(kEnable, R"("none")");
  EXPECT_THAT(open.Ask("GET", "/_cluster/state").body, testing::Not(HasSubstr("allocation.enable")));
}
TEST(State, ARelocatingShardHasOneEntry) {
  ClusterLab lab(kElasticsearch, k819, {{.name = "i", .shards = 4, .replicas = 1, .bytes = 400 << 20}});
  lab.Put(kExclude + "_name", R"("n1")");
  const CopyRef ref = *lab.cluster.ground().moving.begin();
  const json::value shard = lab.Get("/_cluster/state/routing_table")
                                .at_pointer(JsonView(Cat("/routing_table/indices/i/shards/", ref.shard)));
  EXPECT_EQ(shard.get_array().size(), 2u);
  const std::string at = Cat("/", ref.copy);
  EXPECT_EQ(Text(shard, at + "/state"), "RELOCATING");
  EXPECT_EQ(Text(shard, at + "/node"), lab.At("n1").id);
  EXPECT_NE(Text(shard, at + "/relocating_node"), "null");
  EXPECT_NE(Text(shard, at + "/allocation_id/relocation_id"), "(nothing)");
  EXPECT_NE(Text(shard, at + "/relocation_failure_info"), "(nothing)");
  const json::value health = lab.Get("/_cluster/health");
  EXPECT_EQ(Text(health, "/initializing_shards"), "0");
  EXPECT_NE(Text(health, "/relocating_shards"), "0");
}
TEST(State, AnUnassignedCopyTellsWhyAndSinceWhenAndFromEightOnWhoHadIt) {
  for (const auto& [flavor, version, told] :
       {std::tuple(kOpenSearch, k219, false), std::tuple(kElasticsearch, k819, true)}) {
    ClusterLab lab(flavor, version);
    lab.Put(kEnable, R"("none")");
    const CopyRef ref = On(lab, "n3");
    (void)lab.cluster.Stop("n3", By::kPerson);
    const json::value info =
        lab.Get("/_cluster/state")
            .at_pointer(JsonView(Cat("/routing_table/indices/i/shards/", ref.shard, "/", ref.copy)));
    EXPECT_EQ(Text(info, "/unassigned_info/reason"), "NODE_LEFT");
    EXPECT_EQ(Text(info, "/unassigned_info/details"), Cat("node_left [", lab.At("n3").id, "]"));
    EXPECT_EQ(Text(info, "/unassigned_info/delayed"), "true");
    EXPECT_EQ(Text(info, "/unassigned_info/last_node"), told ? lab.At("n3").id : "(nothing)");
    EXPECT_EQ(Text(info, "/node"), "null");
  }
}
TEST(State, FilterPathTakesOnlyWhatWasAskedFor) {
  ClusterLab lab;
  const json::value state = lab.Get(
      "/_cluster/state?filter_path=master_node,nodes.*.name,routing_table.indices.*.shards.*.state,"
      "metadata.indices.*.settings.index.number_of_replicas,snapshots");
  EXPECT_EQ(Text(state, "/version"), "(nothing)");
  EXPECT_EQ(Text(state, Cat("/nodes/", lab.At("n1").id)), R"({"name":"n1"})");
  EXPECT_EQ(Text(state, "/routing_table/indices/i/shards/0/0"), R"({"state":"STARTED"})");
  EXPECT_EQ(Text(state, "/metadata"),
            R"({"indices":{"i":{"settings":{"index":{"number_of_replicas":"1"}}}}})");
}
TEST(State, InSyncSetsAreThereSinceFive) {
  ClusterLab lab, old(kElasticsearch, {2, 4, 6});
  EXPECT_NE(Text(lab.Get("/_cluster/state"), "/metadata/indices/i/in_sync_allocations/0/1"), "(nothing)");
  EXPECT_EQ(Text(old.Get("/_cluster/state"), "/metadata/indices/i/in_sync_allocations"), "(nothing)");
}

TEST(Health, ThatTimesOutIs408WithAFullBodyAnd200OnOne) {
  for (const auto& [version, status] : {std::tuple(k717, 408), std::tuple(Version{1, 7, 3}, 200)}) {
    ClusterLab lab(kElasticsearch, version);
    const Answer answer = lab.Ask("GET", "/_cluster/health?wait_for_nodes=9&timeout=1ms");
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(Text(*ParseJson(answer.body), "/timed_out"), "true");
    EXPECT_EQ(Text(*ParseJson(answer.body), "/status"), "green");
  }
}
TEST(Health, WithoutATimeBlocksOnEight) {
  ClusterLab eight(kElasticsearch, k819), seven(kElasticsearch, k717);
  EXPECT_EQ(eight.Ask("GET", "/_cluster/health?wait_for_events=languid&timeout=0s").took, absl::Seconds(2));
  EXPECT_EQ(eight.Ask("GET", "/_cluster/health?wait_for_events=languid&timeout=1ms").took,
            absl::ZeroDuration());
  EXPECT_EQ(seven.Ask("GET", "/_cluster/health?wait_for_events=languid&timeout=0s").took,
            absl::ZeroDuration());
}
TEST(Health, WaitForRelocatingShardsIs400) {
  ClusterLab lab;
  EXPECT_EQ(lab.Ask("GET", "/_cluster/health?wait_for_relocating_shards=0").status, 400);
}

TEST(WithoutMaster, StateHealthAndSettingsAre503AndNodesAnswersWithWhoWasThere) {
  for (const Flavor flavor : {kOpenSearch, kElasticsearch}) {
    ClusterLab lab(flavor, flavor == kOpenSearch ? k219 : k717);
    lab.cluster.Crash("n1");
    lab.cluster.Crash("n2");
    lab.Pass(absl::Seconds(10));
    for (const char* path : {"/_cluster/state", "/_cluster/health", "/_cluster/settings"}) {
      const Answer answer = lab.Ask("GET", path, "", 2);
      EXPECT_EQ(answer.status, 503) << path;
      EXPECT_THAT(answer.body, HasSubstr(flavor == kOpenSearch ? "cluster_manager_not_discovered_exception"
                                                               : "master_not_discovered_exception"));
    }
    const json::value nodes = lab.Get("/_nodes", 2);
    EXPECT_EQ(Text(nodes, "/_nodes/total"), "4") << "absence from it would prove nothing";
    EXPECT_EQ(Text(nodes, "/_nodes/failed"), "2");
    const json::value local = lab.Get("/_cluster/state?local=true", 2);
    EXPECT_EQ(Text(local, "/master_node"), "null");
    EXPECT_EQ(Text(local, "/blocks/global/2/description"), "no master");
  }
}

TEST(Masters, ASigtermOfTheElectedOneHandsOverAtOnce) {
  ClusterLab lab;
  (void)lab.cluster.Stop("n1", By::kPerson);
  EXPECT_EQ(lab.MasterName(), "n2");
  EXPECT_EQ(lab.Ask("GET", "/_cluster/health", "", 1).status, 200);
}
TEST(Masters, ACrashOfTheElectedOneIsSecondsOf503) {
  ClusterLab lab;
  lab.cluster.Crash("n1");
  EXPECT_EQ(lab.Ask("GET", "/_cluster/health", "", 1).status, 503);
  lab.Pass(absl::Seconds(4));
  EXPECT_EQ(lab.MasterName(), "n2");
  EXPECT_FALSE(lab.At("n1").IsMember());
}
TEST(Masters, AFrozenOneIsNoticedAfterHalfAMinute) {
  ClusterLab lab;
  lab.cluster.Freeze("n1");
  const Answer answer = lab.Ask("GET", "/_cluster/state?master_timeout=5s", "", 1);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.took, absl::Seconds(5));
  lab.Pass(absl::Seconds(35));
  EXPECT_EQ(lab.MasterName(), "n2");
}
TEST(Masters, HalfOfThreeIsNoQuorum) {
  ClusterLab lab;
  lab.cluster.Crash("n2");
  lab.cluster.Crash("n1");
  lab.Pass(absl::Minutes(1));
  EXPECT_EQ(lab.MasterName(), "");
  (void)lab.cluster.Start("n2", By::kPerson);
  lab.Pass(absl::Minutes(1));
  EXPECT_NE(lab.MasterName(), "");
}
TEST(Masters, BeforeSevenMinimumMasterNodesIsTheQuorumAndOneIsTooFew) {
  ClusterLab lab(kElasticsearch, {6, 8, 23});
  lab.cluster.scene().nodes[0].yml["discovery.zen.minimum_master_nodes"] = "2";
  lab.cluster.Crash("n1");
  lab.cluster.Crash("n2");
  lab.Pass(absl::Minutes(1));
  EXPECT_EQ(lab.MasterName(), "");
  EXPECT_EQ(Text(lab.Get("/_cluster/state?local=true", 2), "/metadata/cluster_coordination"), "(nothing)");
}

TEST(Voting, AnExclusionOfOneOfThreeShrinksTheConfigurationToOne) {
  ClusterLab lab;
  EXPECT_EQ(lab.cluster.ground().voting.size(), 3u);
  EXPECT_EQ(lab.Ask("POST", "/_cluster/voting_config_exclusions?node_names=n3").status, 200);
  EXPECT_EQ(lab.cluster.ground().voting.size(), 1u);
  const json::value state = lab.Get("/_cluster/state/metadata");
  EXPECT_EQ(Text(state, "/metadata/cluster_coordination/voting_config_exclusions/0/node_name"), "n3");
  EXPECT_EQ(lab.Ask("DELETE", "/_cluster/voting_config_exclusions?wait_for_removal=false").status, 200);
  EXPECT_EQ(lab.cluster.ground().voting.size(), 3u);
}
TEST(Voting, OfTwoMastersOneVotesAndTheOtherMayGo) {
  ClusterLab lab(kElasticsearch, k717, {{.name = "i", .shards = 2, .replicas = 1}}, 2);
  EXPECT_THAT(lab.cluster.ground().voting, ElementsAre(lab.At("n1").id));
  EXPECT_EQ(lab.Ask("POST", "/_cluster/voting_config_exclusions?node_names=n1").status, 200);
  EXPECT_EQ(lab.MasterName(), "n2");
  EXPECT_THAT(lab.cluster.ground().voting, ElementsAre(lab.At("n2").id));
  (void)lab.cluster.Stop("n1", By::kPerson);
  EXPECT_EQ(lab.MasterName(), "n2");
}
TEST(Voting, WithoutAnExclusionTheLastVoterTakesTheClusterWithIt) {
  ClusterLab lab(kElasticsearch, k717, {{.name = "i", .shards = 2, .replicas = 1}}, 2);
  (void)lab.cluster.Stop("n1", By::kPerson);
  lab.Pass(absl::Minutes(1));
  EXPECT_EQ(lab.MasterName(), "");
}
TEST(Voting, AnUnknownNameIsAnswered200AndTheOldPathIsGoneOnEight) {
  ClusterLab lab, eight(kElasticsearch, k819), seven(kElasticsearch, k717), six(kElasticsearch, {6, 8, 23});
  EXPECT_EQ(lab.Ask("POST", "/_cluster/voting_config_exclusions?node_names=nobody").status, 200);
  EXPECT_EQ(lab.Ask("POST", "/_cluster/voting_config_exclusions/n3").status, 200);
  EXPECT_EQ(seven.Ask("POST", "/_cluster/voting_config_exclusions/n3").status, 200);
  EXPECT_NE(eight.Ask("POST", "/_cluster/voting_config_exclusions/n3").status, 200);
  EXPECT_NE(six.Ask("POST", "/_cluster/voting_config_exclusions?node_names=n3").status, 200);
}
TEST(Voting, RemovalWaitsForThoseWhoAreStillThere) {
  ClusterLab lab;
  lab.Ask("POST", "/_cluster/voting_config_exclusions?node_names=n3");
  EXPECT_EQ(lab.Ask("DELETE", "/_cluster/voting_config_exclusions").status, 500);
}

TEST(Nodes, AFrozenOneIsCountedAsFailedAndLeftOutWhileTheStateStillSaysStarted) {
  ClusterLab lab;
  lab.cluster.Freeze("n3");
  const Answer answer = lab.Ask("GET", "/_nodes/_all/stats/os,fs,jvm?timeout=2s");
  EXPECT_EQ(answer.took, absl::Seconds(2));
  const json::value stats = *ParseJson(answer.body);
  EXPECT_EQ(Text(stats, "/_nodes/failed"), "1");
  EXPECT_EQ(Text(stats, "/_nodes/failures/0/node_id"), lab.At("n3").id);
  EXPECT_EQ(Text(stats, Cat("/nodes/", lab.At("n3").id)), "(nothing)");
  EXPECT_EQ(Text(lab.Get("/_cluster/health"), "/status"), "green");
  lab.Pass(absl::Seconds(31));
  EXPECT_EQ(Text(lab.Get("/_cluster/health"), "/status"), "yellow");
  lab.cluster.Thaw("n3");
  lab.Pass(absl::Minutes(2));
  EXPECT_EQ(Text(lab.Get("/_cluster/health"), "/status"), "green");
}
TEST(Nodes, TellVersionRolesAddressesAndTheirOwnClock) {
  ClusterLab lab;
  lab.cluster.scene().nodes[0].clock_skew = absl::Seconds(7);
  const std::string at = Cat("/nodes/", lab.At("n1").id);
  const json::value info = lab.Get("/_nodes/_all/settings,jvm,transport,http?flat_settings=true");
  EXPECT_EQ(Text(info, at + "/version"), "2.19.4");
  EXPECT_EQ(Text(info, at + "/roles"), R"(["cluster_manager","data"])");
  EXPECT_EQ(Text(info, at + "/ip"), "10.0.0.11");
  EXPECT_EQ(Text(info, at + "/transport/publish_address"), "10.0.0.11:9300");
  EXPECT_EQ(Text(info, at + "/http/publish_address"), "10.0.0.11:9200");
  EXPECT_EQ(Text(info, at + "/settings/node.attr.zone"), "a");
  const json::value stats = lab.Get("/_nodes/_all/stats/os,fs,jvm");
  EXPECT_EQ(Text(stats, at + "/timestamp"), Cat(absl::ToUnixMillis(lab.now + absl::Seconds(7))));
  EXPECT_EQ(Text(stats, at + "/jvm/uptime_in_millis"), Cat(absl::ToInt64Milliseconds(absl::Hours(24))));
  EXPECT_EQ(Text(stats, at + "/ip"), "10.0.0.11:9300");
}
TEST(Nodes, FreeIsMoreThanAvailable) {
  ClusterLab lab;
  const json::value stats = lab.Get("/_nodes/stats/fs");
  const std::string at = Cat("/nodes/", lab.At("n1").id, "/fs/total/");
  EXPECT_EQ(Text(stats, at + "available_in_bytes"), Cat(1000 * kGigabyte - 2 * (10 << 20)));
  EXPECT_GT(std::stoll(Text(stats, at + "free_in_bytes")), 1000 * kGigabyte - 2 * (10 << 20));
}
TEST(Nodes, BeforeFiveRolesAreSettings) {
  ClusterLab lab(kElasticsearch, {1, 7, 3});
  const json::value info = lab.Get("/_nodes/_all/settings?flat_settings=true");
  const std::string at = Cat("/nodes/", lab.At("n4").id);
  EXPECT_EQ(Text(info, at + "/roles"), "(nothing)");
  EXPECT_EQ(Text(info, at + "/settings/node.master"), "false");
  EXPECT_EQ(Text(info, at + "/settings/node.data"), "true");
}
TEST(Nodes, AnApiThatIsNotThereIsA200WithNothingInIt) {
  ClusterLab lab;
  EXPECT_EQ(Text(lab.Get("/_nodes/x/shutdown"), "/nodes"), "{}");
}

TEST(Sizes, OfEveryShardByItsNode) {
  ClusterLab lab;
  const json::value stats = lab.Get("/_stats/store?level=shards");
  EXPECT_EQ(Text(stats, "/indices/i/shards/0/0/store/size_in_bytes"), Cat(10 << 20));
  EXPECT_NE(Text(stats, "/indices/i/shards/0/1/routing/node"), "(nothing)");
}
TEST(Recoveries, TellFromWhereToWhereAndHowFar) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 4, .replicas = 1, .bytes = 400 << 20}});
  EXPECT_EQ(Compact(lab.Get("/_recovery?active_only=true")), "{}");
  lab.Put(kExclude + "_name", R"("n1")");
  lab.Pass(absl::Seconds(4));
  const json::value recoveries = lab.Get("/_recovery?active_only=true");
  EXPECT_EQ(Text(recoveries, "/i/shards/0/index/size/total_in_bytes"), Cat(400 << 20));
  EXPECT_GT(std::stoll(Text(recoveries, "/i/shards/0/index/size/recovered_in_bytes")), 50 << 20);
  EXPECT_NE(Text(recoveries, "/i/shards/0/source/id"), "(nothing)");
}

TEST(Explain, OfACopyThatMustGoNamesTheDecidersHereAndThere) {
  ClusterLab lab;
  lab.Put(kEnable, R"("none")");
  lab.Put(kExclude + "_name", R"("n1")");
  const json::value told = Explained(lab, On(lab, "n1"));
  EXPECT_EQ(Text(told, "/current_state"), "started");
  EXPECT_EQ(Text(told, "/current_node/name"), "n1");
  EXPECT_EQ(Text(told, "/can_remain_on_current_node"), "no");
  EXPECT_EQ(Text(told, "/can_remain_decisions/0/decider"), "filter");
  EXPECT_EQ(Text(told, "/can_move_to_other_node"), "no");
  EXPECT_EQ(Text(told, "/node_allocation_decisions/0/deciders/0/decider"), "enable");
}
TEST(Explain, OfACopyElsewhereShowsTheFilterAtTheExcludedNode) {
  ClusterLab lab;
  lab.Put(kExclude + "_name", R"("n1")");
  ASSERT_TRUE(lab.Calm());
  const std::string told = Compact(Explained(lab, On(lab, "n2")));
  EXPECT_THAT(told, HasSubstr(R"("can_remain_on_current_node":"yes")"));
  EXPECT_THAT(told, HasSubstr(R"("decider":"filter","decision":"NO")"));
}
TEST(Explain, OfARelocatingShardHasNoDecisions) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 4, .replicas = 1, .bytes = 400 << 20}});
  lab.Put(kExclude + "_name", R"("n1")");
  const json::value told = Explained(lab, *lab.cluster.ground().moving.begin());
  EXPECT_EQ(Text(told, "/current_state"), "relocating");
  EXPECT_EQ(Text(told, "/node_allocation_decisions"), "(nothing)");
}
TEST(Explain, OfAnUnassignedReplicaTellsTheDelay) {
  ClusterLab lab;
  const CopyRef ref = On(lab, "n3");
  (void)lab.cluster.Stop("n3", By::kPerson);
  lab.Pass(absl::Seconds(20));
  const CopyRef replica{0, ref.shard, lab.CopyOf(0, ref.shard, 0).is == Copy::Is::kUnassigned ? 0u : 1u};
  const json::value told = Explained(lab, replica);
  EXPECT_EQ(Text(told, "/can_allocate"), "allocation_delayed");
  EXPECT_EQ(Text(told, "/remaining_delay_in_millis"), "40000");
}
TEST(Explain, OfALostPrimaryIsNoValidShardCopy) {
  ClusterLab lab(kOpenSearch, k219, {{.name = "i", .shards = 4, .replicas = 0}});
  (void)lab.cluster.Stop("n4", By::kPerson);
  const json::value told = *ParseJson(lab.Ask("GET", "/_cluster/allocation/explain").body);
  EXPECT_EQ(Text(told, "/can_allocate"), "no_valid_shard_copy");
}
TEST(Explain, OfNothingIs400AndBeforeFiveThereIsNone) {
  ClusterLab lab, old(kElasticsearch, {2, 4, 6});
  EXPECT_EQ(lab.Ask("GET", "/_cluster/allocation/explain").status, 400);
  EXPECT_EQ(
      lab.Ask("POST", "/_cluster/allocation/explain", R"({"index":"no","shard":0,"primary":true})").status,
      404);
  EXPECT_EQ(
      lab.Ask("POST", "/_cluster/allocation/explain", R"({"index":"i","shard":9,"primary":true})").status,
      400);
  EXPECT_EQ(old.Ask("GET", "/_cluster/allocation/explain").status, 400);
}

TEST(Paths, UnknownOnesAre400OnOpenSearchAnd405OnElasticsearch) {
  ClusterLab open, elastic(kElasticsearch, k819);
  EXPECT_EQ(open.Ask("GET", "/_what").status, 400);
  EXPECT_EQ(elastic.Ask("GET", "/_what").status, 405);
}
TEST(Paths, TheMinimalEightHasNoRoot) {
  ClusterLab open, eight(kElasticsearch, k819);
  EXPECT_EQ(Text(open.Get("/"), "/version/distribution"), "opensearch");
  EXPECT_EQ(eight.Ask("GET", "/").status, 405);
}
TEST(Paths, TheSyncedFlushIsGoneOnEight) {
  ClusterLab open, seven(kElasticsearch, k717), eight(kElasticsearch, k819);
  EXPECT_EQ(open.Ask("POST", "/_flush/synced").status, 200);
  EXPECT_EQ(seven.Ask("POST", "/_flush/synced").status, 200);
  EXPECT_NE(eight.Ask("POST", "/_flush/synced").status, 200);
  EXPECT_EQ(eight.Ask("POST", "/_flush").status, 200);
}

TEST(Quirks, EveryRowHoldsSomewhereAndNotEverywhere) {
  for (const QuirkRow& row : QuirkRows()) {
    std::set<bool> seen;
    for (const Flavor flavor : {kElasticsearch, kOpenSearch})
      for (const Version version :
           {Version{1, 2, 4}, {2, 4, 6}, {3, 3, 2}, {5, 6, 16}, {6, 8, 23}, k717, k819})
        seen.insert(QuirksOf(flavor, version).*row.quirk);
    EXPECT_EQ(seen.size(), 2u) << row.sentence;
  }
}

}  // namespace
}  // namespace holdfast::sandbox::elasticsearch
