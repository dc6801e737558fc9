// The controller's own look at the simulated cluster sees what is there, on every flavor and version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/sandbox/elasticsearch/world.h"
#include "reconcilers/elasticsearch/observe.h"
#include "tests/unit/elasticsearch/served.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

namespace kind = holdfast::elasticsearch;

struct NoWaker : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

struct Looking {
  explicit Looking(Cluster::Setup setup) : cluster(rig.clock.Now(), std::move(setup)) {
    for (int i = 0; i < 4; ++i) {
      Node node;
      node.attributes["zone"] = i < 3 ? "primary" : "spot";
      if (i == 3) node.roles = {"data"};
      cluster.AddNode(node);
    }
    cluster.AddIndex({.name = "i", .shards = 4, .replicas = 1, .bytes = 400 << 20});
    cluster.Form();
    for (const char* ip : {"10.0.0.11", "10.0.0.12"}) spec->endpoints.push_back(Cat("http://", ip, ":9200"));
  }
  Observed<kind::View> Look1(std::vector<std::string> ask = {}) {
    Look look;
    look.self = {"ElasticsearchCluster", "c"};
    look.ask = std::move(ask);
    return rig.Wait(kind::LookAtCluster(systems, spec, look));
  }
  kind::View Seen(std::vector<std::string> ask = {}) {
    const Observed<kind::View> seen = Look1(std::move(ask));
    return seen.Match([](const Known<kind::View>& known) { return known.value; },
                      [](const Absent&) { return kind::View(); },
                      [](const Unknown& unknown) {
                        ADD_FAILURE() << unknown.reason;
                        return kind::View();
                      });
  }
  const kind::Node* Find(const kind::View& view, const std::string& name) {
    for (const kind::Node& node : view.nodes)
      if (node.name == name) return &node;
    return nullptr;
  }

  kind::ServedRig rig;
  Cluster cluster;
  ClusterHttp http{cluster, rig.clock};
  World world{rig.clock, rig.random, http, rig.net, rig.commands, rig.files, rig.pool, rig.vitals};
  NoWaker waker;
  Systems systems{world, waker};
  std::shared_ptr<kind::Spec> spec = std::make_shared<kind::Spec>();
};

class LooksAt : public testing::TestWithParam<Cluster::Setup> {};

TEST_P(LooksAt, NodesCopiesSettingsAndSizes) {
  Looking at(GetParam());
  (void)at.cluster.Change({.persistent = {{"cluster.routing.allocation.enable", "none"}}}, By::kPerson);
  const kind::View view = at.Seen({std::string(kind::kAskSizes), std::string(kind::kAskConfirm)});
  ASSERT_EQ(view.nodes.size(), 4u);
  const kind::Node* n4 = at.Find(view, "n4");
  ASSERT_NE(n4, nullptr);
  EXPECT_EQ(n4->ip, "10.0.0.14");
  EXPECT_EQ(n4->Attribute("zone"), "spot");
  EXPECT_TRUE(n4->data);
  EXPECT_FALSE(n4->master_eligible);
  EXPECT_NE(n4->Incarnation(), "");
  EXPECT_GT(n4->answered_at, absl::InfinitePast());
  EXPECT_GT(n4->disk_available, 0);
  EXPECT_EQ(view.copies.size(), 8u);
  for (const kind::Copy& copy : view.copies) EXPECT_EQ(copy.state, kind::CopyState::kStarted);
  EXPECT_EQ(view.shards.at(0).bytes, 400 << 20);
  EXPECT_EQ(view.settings.persistent.at("cluster.routing.allocation.enable"), "none");
  EXPECT_TRUE(view.confirmed);
  EXPECT_EQ(view.cluster_uuid, at.cluster.ground().uuid);
  ASSERT_NE(view.master, kind::kNoNode);
  EXPECT_EQ(view.nodes[view.master].name, "n1");
  EXPECT_EQ(view.has_in_sync_sets, at.cluster.ground().quirks.in_sync_sets);
  EXPECT_EQ(kind::VersionText(view.highest), VersionText(GetParam().version));
}
INSTANTIATE_TEST_SUITE_P(Servers, LooksAt,
                         testing::Values(Cluster::Setup{"old", Flavor::kElasticsearch, {1, 7, 3}},
                                         Cluster::Setup{"two", Flavor::kElasticsearch, {2, 4, 6}},
                                         Cluster::Setup{"five", Flavor::kElasticsearch, {5, 6, 16}},
                                         Cluster::Setup{"six", Flavor::kElasticsearch, {6, 8, 23}},
                                         Cluster::Setup{"seven", Flavor::kElasticsearch, {7, 17, 29}},
                                         Cluster::Setup{"eight", Flavor::kElasticsearch, {8, 19, 5}},
                                         Cluster::Setup{"os1", Flavor::kOpenSearch, {1, 2, 4}},
                                         Cluster::Setup{"os2", Flavor::kOpenSearch, {2, 19, 4}},
                                         Cluster::Setup{"os3", Flavor::kOpenSearch, {3, 3, 2}}),
                         [](const auto& info) { return info.param.name; });

TEST(LooksAtTrouble, AFrozenNodeHasNotAnsweredWhileItsCopiesAreStarted) {
  Looking at({});
  at.cluster.Freeze("n3");
  const kind::View view = at.Seen();
  EXPECT_EQ(at.Find(view, "n3")->answered_at, absl::InfinitePast());
  EXPECT_GT(at.Find(view, "n4")->answered_at, absl::InfinitePast());
  for (const kind::Copy& copy : view.copies) EXPECT_EQ(copy.state, kind::CopyState::kStarted);
}
TEST(LooksAtTrouble, WithoutAMasterNothingIsKnown) {
  Looking at({});
  at.cluster.Crash("n1");
  at.cluster.Crash("n3");
  EXPECT_THAT(clients::Says(at.Look1()), testing::HasSubstr("master"));
}
TEST(LooksAtTrouble, AnEndpointThatIsDownIsPassedOver) {
  Looking at({});
  (void)at.cluster.Stop("n1", By::kPerson);
  const kind::View view = at.Seen();
  EXPECT_EQ(view.nodes.size(), 3u);
  size_t unassigned = 0;
  for (const kind::Copy& copy : view.copies) {
    if (copy.state != kind::CopyState::kUnassigned) continue;
    ++unassigned;
    EXPECT_EQ(copy.reason, "NODE_LEFT");
    EXPECT_TRUE(copy.delayed);
  }
  EXPECT_EQ(unassigned, 2u);
}
TEST(LooksAtTrouble, AMoveWithItsProgressAndAnExplanation) {
  Looking at({});
  (void)at.cluster.Change({.persistent = {{"cluster.routing.allocation.exclude._name", "n4"}}}, By::kPerson);
  const kind::View view = at.Seen({std::string(kind::kAskRecoveries)});
  ASSERT_FALSE(view.recoveries.empty());
  EXPECT_EQ(view.recoveries[0].bytes_total, 400 << 20);
  EXPECT_EQ(view.FindNode(view.recoveries[0].from) != nullptr, true);
  (void)at.cluster.Change({.persistent = {{"cluster.routing.allocation.enable", "none"}}}, By::kPerson);
  for (int i = 0; i < 60; ++i) at.cluster.Advance(at.cluster.ground().now + absl::Seconds(1));
  const CopyRef ref = [&] {
    CopyRef found;
    EachCopy(at.cluster.ground(), [&](const CopyRef& r) {
      if (at.cluster.ground().At(r).node != kNowhere) found = r;
    });
    return found;
  }();
  const Copy& copy = at.cluster.ground().At(ref);
  const kind::View told =
      at.Seen({kind::AskExplain("i", ref.shard, copy.primary, at.cluster.ground().nodes[copy.node].id)});
  ASSERT_EQ(told.explained.size(), 1u);
  EXPECT_FALSE(told.explained[0].elsewhere.empty());
}
TEST(LooksAtTrouble, ASnapshotAndAVotingExclusion) {
  Looking at({});
  at.cluster.BeginSnapshot("keep", "nightly");
  (void)at.cluster.ExcludeVoters({"n3"}, By::kPerson);
  const kind::View view = at.Seen();
  EXPECT_THAT(view.snapshots_running, testing::ElementsAre("keep/nightly"));
  EXPECT_EQ(view.snapshot_shards.size(), 4u);
  EXPECT_EQ(view.voting_exclusions.size(), 1u);
}

}  // namespace
}  // namespace holdfast::sandbox::elasticsearch
