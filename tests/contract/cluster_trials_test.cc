// Twenty trials that other tools fail, each on the whole controller and a simulated cluster. What the cluster
// must never suffer is judged on its ground truth; here stands what must come of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "reconcilers/elasticsearch/kind.h"
#include "tests/contract/cluster_story.h"
#include "tests/contract/cluster_watchman.h"

namespace holdfast::contract {
namespace {

using namespace sandbox::elasticsearch;
using sandbox::By;
using ::testing::HasSubstr;
using What = ClusterEffect::What;

const std::string kExclude = "persistent cluster.routing.allocation.exclude.";
const std::string kEnable = "cluster.routing.allocation.enable";

class Trial : public testing::Test {
 protected:
  // A controller that has found all in order.
  void Begin(std::string_view spec = "") {
    SetLeastSeverity(Severity::kError);
    if (seat_ == nullptr) Stories();
    h.clock.AdvanceTo(h.clock.Steady() + absl::Minutes(10));
    watchman_ = std::make_unique<ClusterWatchman>(cluster());
    Want(spec);
    h.Start();
    ASSERT_TRUE(h.RunUntil([&] { return h.IsSettled(kCluster); }, absl::Minutes(10))) << h.Tell(kCluster);
  }
  // The cluster of the stories.
  void Stories() { seat_ = &AddCluster(h); }
  // One that is still to be made.
  Cluster& Empty(Cluster::Setup setup = {}) {
    seat_ = &h.Add<sim::ClusterSeat>(h, std::move(setup));
    return seat_->cluster;
  }
  void Formed() {
    seat_->cluster.Form();
    seat_->Connect();
  }
  void Want(std::string_view spec) { h.SetSpec("logs", ClusterText(cluster(), spec)); }
  void Bounce(std::string_view names) { h.SetSpec("bounce", BounceText(h, names)); }

  sim::ClusterSeat& site() { return *seat_; }
  Cluster& cluster() { return seat_->Now(); }
  ClusterWatchman& watchman() { return *watchman_; }
  bool ComesTo(const std::function<bool()>& done) { return h.RunUntil(done, absl::Minutes(15)); }
  bool ComesToWait(std::string_view text) {
    return ComesTo([&] { return Waits().find(text) != std::string::npos; });
  }
  // Everything that it waits for, with what would help.
  std::string Waits() {
    std::string all;
    const Row* row = h.RowOf(kCluster);
    if (row == nullptr) return all;
    for (const ShownWait& shown : row->waits)
      Append(all, shown.wait.name, ": ", shown.wait.detail, " | ", shown.wait.remedy, "\n");
    return all;
  }
  int effects() { return watchman_->effects(); }
  std::vector<std::string> Stopped() {
    std::vector<std::string> names;
    for (const ClusterEffect& effect : cluster().effects())
      if (effect.what == What::kStop && effect.by == By::kController) names.push_back(effect.whom);
    return names;
  }

  void TearDown() override {
    if (!watchman_) return;
    EXPECT_EQ(Join(watchman_->complaints(), "\n"), "") << h.Tell(kCluster);
    EXPECT_EQ(watchman_->InTheEnd(), "") << h.Tell(kCluster);
  }

  sim::Harness h;

 private:
  sim::ClusterSeat* seat_ = nullptr;
  std::unique_ptr<ClusterWatchman> watchman_;
};

// One operation after the other; what the first asked for stays in force.
class ZoneThenAddress : public Trial {
 protected:
  void Play(Cluster::Setup setup) {
    Cluster& made = Empty(std::move(setup));
    for (const char* name : {"n1", "n2", "n5"}) made.AddNode(NodeIn(name, "steady", {"data", "master"}));
    for (const char* name : {"n3", "n4"}) made.AddNode(NodeIn(name, "spot", {"data"}));
    made.AddIndex({.name = "i", .shards = 3, .replicas = 1});
    Formed();
    Begin("  maxExcluded: 80%\n");
    const std::string ip = made.ground().nodes[made.ground().NodeByName("n5")].ip;
    watchman().wanted[kExclude + "zone"] = "spot";
    Want("  maxExcluded: 80%\n  exclude: [{attributes: {zone: spot}}]\n");
    ASSERT_TRUE(ComesTo([&] { return IsEmpty(made, "n3") && IsEmpty(made, "n4"); })) << h.Tell(kCluster);
    watchman().wanted[kExclude + "_ip"] = ip;
    Want(Cat("  maxExcluded: 80%\n  exclude: [{attributes: {zone: spot}}, {ip: ", ip, "}]\n"));
    EXPECT_TRUE(ComesTo([&] { return IsEmpty(made, "n5"); })) << h.Tell(kCluster);
    h.RunFor(absl::Minutes(2));
    EXPECT_TRUE(IsEmpty(made, "n3") && IsEmpty(made, "n4"));
  }
};
TEST_F(ZoneThenAddress, T01_OnAVersionThatKeepsOnlyChangedFilters) {
  Play({"seven", Flavor::kElasticsearch, {7, 17, 29}});
}
TEST_F(ZoneThenAddress, T01_OnOpenSearch) { Play({"two"}); }

TEST_F(Trial, T02_AnEmptyTransientValueDoesNotShadowTheExclusion) {
  Stories();
  const std::string key = "cluster.routing.allocation.exclude._name";
  (void)cluster().Change({.transient = {{key, ""}}}, By::kPerson);
  Begin();
  watchman().wanted["persistent " + key] = "n4";
  watchman().wanted["transient " + key] = "";
  Want("  exclude: [{name: n4}]\n");
  EXPECT_TRUE(ComesTo([&] { return IsEmpty(cluster(), "n4"); })) << h.Tell(kCluster);
}

TEST_F(Trial, T03_AllocationIsSetWhereTheNodesOwnFilesSwitchItOff) {
  Cluster& made = Empty();
  for (const char* name : {"n1", "n2", "n3"}) {
    Node node = NodeIn(name, "steady", {"data", "master"});
    node.yml = {{kEnable, "none"}};
    made.AddNode(std::move(node));
  }
  made.AddIndex({.name = "i", .shards = 3, .replicas = 1});
  made.scene().persistent[kEnable] = "all";
  Formed();
  Begin("  allocation: all\n");
  Bounce("n*");
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, made); })) << h.Tell(kCluster);
  EXPECT_EQ(made.scene().persistent[kEnable], "all");
}

// Copies are spread over all zones that there are, those included that are excluded.
TEST_F(Trial, T04_AZoneThatEveryShardNeedsIsNotDrained) {
  Cluster& made = Empty();
  for (const char* zone : {"a", "b", "c"})
    for (const char* name : {"1", "2"}) made.AddNode(NodeIn(Cat(zone, name), zone, {"data", "master"}));
  made.AddIndex({.name = "i3", .shards = 2, .replicas = 2});
  Formed();
  (void)made.Change({.persistent = {{"cluster.routing.allocation.awareness.attributes", "zone"}}},
                    By::kPerson);
  Begin();
  Want("  exclude: [{attributes: {zone: c}}]\n");
  EXPECT_TRUE(ComesToWait("zone has 3 values")) << h.Tell(kCluster);
  EXPECT_THAT(Waits(), HasSubstr("i3"));
  h.RunFor(absl::Minutes(5));
  EXPECT_EQ(effects(), 0);

  made.SetIndex("i3", "index.number_of_replicas", "1");
  watchman().wanted[kExclude + "zone"] = "c";
  EXPECT_TRUE(ComesTo([&] { return IsEmpty(made, "c1") && IsEmpty(made, "c2"); })) << h.Tell(kCluster);
}

TEST_F(Trial, T05_ANodeWithTheOnlyCopyIsNotStopped) {
  Stories();
  cluster().SetIndex("web", "index.number_of_replicas", "0");
  Begin();
  Bounce("n*");
  EXPECT_TRUE(ComesToWait("web")) << h.Tell(kCluster);
  h.RunFor(absl::Minutes(10));
  const Shard& only = cluster().ground().indices[1].shards[0];
  EXPECT_EQ(watchman().stops_of(cluster().ground().nodes[only.Primary()->node].name), 0);

  cluster().SetIndex("web", "index.number_of_replicas", "1");
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
}

TEST_F(Trial, T06_ACopyOnASpotNodeIsNotReliedUpon) {
  Cluster& made = Empty();
  for (const char* name : {"n1", "n2", "n5"}) made.AddNode(NodeIn(name, "steady", {"data", "master"}));
  for (const char* name : {"n3", "n4"}) made.AddNode(NodeIn(name, "spot", {"data"}));
  made.AddIndex({.name = "i", .shards = 4, .replicas = 1});
  Formed();
  Begin("  riskyNodes: {attributes: {zone: spot}}\n");
  watchman().risky = {"n3", "n4"};
  Bounce("n1");
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, made) && h.PastOf(kCluster).open.empty(); }))
      << h.Tell(kCluster);
  EXPECT_EQ(watchman().stops_of("n1"), 1);
}

class ClosedIndex : public Trial {
 protected:
  void Play(Cluster::Setup setup) {
    Cluster& made = Empty(std::move(setup));
    for (const char* name : {"n1", "n2", "n3"}) made.AddNode(NodeIn(name, "steady", {"data", "master"}));
    made.AddIndex({.name = "open", .shards = 2, .replicas = 1});
    made.AddIndex({.name = "shut", .shards = 2, .replicas = 1});
    Formed();
    made.CloseIndex("shut");
    Begin();
    Want("  exclude: [{name: n3}]\n");
  }
};
TEST_F(ClosedIndex, T07_MovesSinceItIsReplicated) {
  Play({"seven", Flavor::kElasticsearch, {7, 17, 29}});
  watchman().wanted[kExclude + "_name"] = "n3";
  EXPECT_TRUE(ComesTo([&] { return IsEmpty(cluster(), "n3"); })) << h.Tell(kCluster);
}
TEST_F(ClosedIndex, T07_IsNoReasonToCallANodeEmptyBefore) {
  Play({"six", Flavor::kElasticsearch, {6, 8, 23}});
  EXPECT_TRUE(ComesToWait("shut")) << h.Tell(kCluster);
  h.RunFor(absl::Minutes(5));
  EXPECT_EQ(effects(), 0);
}

// What a node may come back as that it was not.
class ComesBackOther : public Trial {
 protected:
  void Play(const Returning& returning) {
    Begin();
    Bounce("n*");
    ASSERT_TRUE(ComesTo([&] { return !Stopped().empty(); })) << h.Tell(kCluster);
    ASSERT_TRUE(ComesTo([&] {
      const Ground& ground = cluster().ground();
      return ground.nodes[ground.NodeByName(Stopped()[0])].is == Node::Is::kDown;
    }));
    cluster().ReturnsWith(Stopped()[0], returning);
    EXPECT_TRUE(ComesToWait("it came back as another")) << h.Tell(kCluster);
    h.RunFor(absl::Minutes(10));
    EXPECT_EQ(Stopped().size(), 1u) << "the roll halts";
    EXPECT_EQ(cluster().ground().Effective(kEnable), "all") << "allocation is on again all the same";
  }
};
TEST_F(ComesBackOther, T09_AtAnotherAddress) { Play({.ip = "10.0.0.99"}); }
TEST_F(ComesBackOther, T10_WithAnEmptyDisk) { Play({.disk = Returning::Disk::kWiped}); }
TEST_F(ComesBackOther, T10_InAnotherZone) { Play({.zone = "elsewhere"}); }

TEST_F(Trial, T11_ANodeThatDoesNotReturnHaltsTheRoll) {
  Begin();
  Bounce("n*");
  ASSERT_TRUE(ComesTo([&] { return !Stopped().empty(); })) << h.Tell(kCluster);
  Ground& ground = cluster().scene();
  ground.nodes[ground.NodeByName(Stopped()[0])].on_start = Node::OnStart::kNeverJoins;
  h.RunFor(absl::Minutes(25));
  EXPECT_EQ(Stopped().size(), 1u);
  EXPECT_THAT(Waits(), HasSubstr(Stopped()[0])) << h.Tell(kCluster);

  ground.nodes[ground.NodeByName(Stopped()[0])].on_start = Node::OnStart::kJoins;
  (void)cluster().Kill(Stopped()[0], By::kPerson);
  (void)cluster().Start(Stopped()[0], By::kPerson);
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
}

TEST_F(Trial, T11_CopiesOfALostNodeAreMadeElsewhereWhereTheSpecSaysSo) {
  Begin("    whenLost: reallocate\n    lostAfter: 12m\n");
  Bounce("n*");
  ASSERT_TRUE(ComesTo([&] { return !Stopped().empty(); })) << h.Tell(kCluster);
  Ground& ground = cluster().scene();
  ground.nodes[ground.NodeByName(Stopped()[0])].on_start = Node::OnStart::kNeverJoins;
  h.RunFor(absl::Minutes(10));
  EXPECT_EQ(cluster().ground().Effective(kEnable), "primaries") << "it may still come";
  h.RunFor(absl::Minutes(15));
  EXPECT_EQ(cluster().ground().Effective(kEnable), "all") << h.Tell(kCluster);
  EXPECT_EQ(cluster().health(), Cluster::Health::kGreen) << h.Tell(kCluster);
  EXPECT_EQ(Stopped().size(), 1u);

  ground.nodes[ground.NodeByName(Stopped()[0])].on_start = Node::OnStart::kJoins;
  (void)cluster().Kill(Stopped()[0], By::kPerson);
  (void)cluster().Start(Stopped()[0], By::kPerson);
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
}

TEST_F(Trial, T12_AProxysPageIsNoEmptyNode) {
  Stories();
  Begin();
  Bounce("n*");
  for (int i = 0; i < 40; ++i) {
    h.RunFor(absl::Seconds(7));
    site().http.html_answers = 5;
  }
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
}

TEST_F(Trial, T13_AnExclusionThatSomeoneElseMadeIsNotDropped) {
  Stories();
  const std::string key = "cluster.routing.allocation.exclude._name";
  (void)cluster().Change({.persistent = {{key, "n3"}}}, By::kPerson);
  h.RunFor(absl::Minutes(10));
  Begin();
  Want("  exclude: [{name: n4}]\n");
  EXPECT_TRUE(ComesToWait("n3")) << h.Tell(kCluster);
  h.RunFor(absl::Minutes(5));
  EXPECT_EQ(cluster().scene().persistent[key], "n3");

  (void)cluster().Change({.persistent = {{key, std::nullopt}}}, By::kPerson);
  watchman().wanted["persistent " + key] = "n4";
  EXPECT_TRUE(ComesTo([&] { return IsEmpty(cluster(), "n4"); })) << h.Tell(kCluster);
}

// Somebody balances by hand all the while.
TEST_F(Trial, T14_ShardsThatAreMovedMeanwhileAreNotLost) {
  Begin();
  Bounce("n*");
  for (int i = 0; i < 120; ++i) {
    h.RunFor(absl::Seconds(4));
    const Ground& ground = cluster().ground();
    const Shard& shard = ground.indices[0].shards[static_cast<size_t>(i) % 3];
    const Copy& copy = shard.copies[static_cast<size_t>(i / 3) % shard.copies.size()];
    if (copy.is != Copy::Is::kStarted) continue;
    for (const char* to : {"n1", "n2", "n3", "n4"})
      if (cluster()
              .Move("i3", static_cast<uint32_t>(i % 3), ground.nodes[copy.node].name, to, By::kPerson)
              .ok())
        break;
  }
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
}

TEST_F(Trial, T15_ANodeThatASnapshotReadsFromIsNotStopped) {
  Stories();
  cluster().BeginSnapshot("backups", "nightly");
  Begin();
  Bounce("n*");
  EXPECT_TRUE(ComesToWait("is being read by a snapshot")) << h.Tell(kCluster);
  h.RunFor(absl::Minutes(10));
  EXPECT_TRUE(Stopped().empty());
  cluster().EndSnapshot("nightly");
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
}

TEST_F(Trial, T16_AnIndexThatAllowsFewShardsANodeKeepsItsNode) {
  Cluster& made = Empty();
  for (const char* name : {"n1", "n2", "n3", "n4"}) made.AddNode(NodeIn(name, "steady", {"data", "master"}));
  made.AddIndex({.name = "wide",
                 .shards = 2,
                 .replicas = 1,
                 .settings = {{"index.routing.allocation.total_shards_per_node", "1"}}});
  Formed();
  Begin();
  Want("  exclude: [{name: n4}]\n");
  EXPECT_TRUE(ComesToWait("total_shards_per_node")) << h.Tell(kCluster);
  EXPECT_THAT(Waits(), HasSubstr("wide"));
  h.RunFor(absl::Minutes(5));
  EXPECT_EQ(effects(), 0);
}

TEST_F(Trial, H32_AConfigurationThatDoesNotStartIsTakenBackAndNoOtherNodeGetsIt) {
  Stories();
  h.texts.contents[std::string(kConfigFrom)] = Cat("# new\n", kBroken, "\n");
  Begin();
  watchman().most_stops = 1;
  h.SetSpec("bounce", ConfigText(h, "n*"));
  EXPECT_TRUE(ComesToWait("was put back")) << h.Tell(kCluster);
  EXPECT_TRUE(ComesTo([&] { return IsGreen(h, cluster()); })) << h.Tell(kCluster);
  h.RunFor(absl::Minutes(10));
  ASSERT_EQ(Stopped().size(), 1u);
  for (const Node& node : cluster().ground().nodes)
    EXPECT_EQ(node.files.at(std::string(kConfigPath)), "# as it was\n") << node.name;
}

// A disk that was full leaves its indices read-only; before 7.4 for ever.
class Flood : public Trial {
 protected:
  static constexpr const char* kBlock = "index.blocks.read_only_allow_delete";
  void Play(Version version, std::string_view spec) {
    Cluster& made = Empty({"logs", Flavor::kElasticsearch, version});
    for (const char* name : {"n1", "n2", "n3"}) made.AddNode(NodeIn(name, "steady", {"data", "master"}));
    for (const char* name : {"i", "j"}) made.AddIndex({.name = name, .shards = 2, .replicas = 2});
    Formed();
    Begin(spec);
    made.FillDisk("n1", made.ground().nodes[made.ground().NodeByName("n1")].disk_total / 100 * 97);
    ASSERT_TRUE(ComesToWait("take no writes")) << h.Tell(kCluster);
    h.RunFor(absl::Minutes(10));
    EXPECT_EQ(Blocked(), 2u) << "as long as the disk is full";
    EXPECT_EQ(effects(), 0);
    made.FillDisk("n1", 0);
  }
  size_t Blocked() {
    size_t blocked = 0;
    for (const Index& index : cluster().ground().indices) blocked += index.Setting(kBlock) == "true" ? 1 : 0;
    return blocked;
  }
};
TEST_F(Flood, H7_BeforeVersion74TheBlockIsTakenAwayOnceWhereTheSpecSaysSo) {
  Play({7, 3, 2}, "  floodBlocks: remove\n");
  EXPECT_TRUE(ComesTo([&] { return Blocked() == 0 && h.IsSettled(kCluster); })) << h.Tell(kCluster);
  EXPECT_EQ(effects(), 1) << "both with one request";
  for (int again = 0; again < 3; ++again) {
    h.RunFor(absl::Hours(2));
    for (const char* name : {"i", "j"}) cluster().SetIndex(name, kBlock, "true");
  }
  h.RunFor(absl::Hours(2));
  EXPECT_EQ(effects(), 2) << "twice a day";
  EXPECT_THAT(Waits(), HasSubstr("take no writes"));
}
TEST_F(Flood, H7_OrIsOnlyTold) {
  Play({7, 3, 2}, "");
  h.RunFor(absl::Minutes(10));
  EXPECT_EQ(Blocked(), 2u);
  EXPECT_EQ(effects(), 0);
  EXPECT_THAT(Waits(), HasSubstr("/i,j/_settings"));
}
TEST_F(Flood, H7_From74OnTheClusterEndsIt) {
  Play({7, 17, 29}, "  floodBlocks: remove\n");
  EXPECT_TRUE(ComesTo([&] { return Blocked() == 0 && Waits().empty(); })) << h.Tell(kCluster);
  EXPECT_EQ(effects(), 0);
}

TEST_F(Trial, AnotherTextBesideAFinishedOperationIsRolledOutToWhoHasNotGotIt) {
  const auto give = [&](const std::string& text) {
    h.texts.contents[std::string(kConfigFrom)] = h.specs.contents[std::string(kConfigFrom)] = text;
    h.SetSpec("bounce", ConfigText(h, "n*"));
  };
  const auto have = [&](const std::string& text) {
    for (const Node& node : cluster().ground().nodes)
      if (node.name.starts_with("n") && node.files.at(std::string(kConfigPath)) != text) return false;
    return IsBounced(h) && IsGreen(h, cluster());
  };
  Stories();
  Begin();
  watchman().most_stops = 2;
  give("# one\n");
  ASSERT_TRUE(ComesTo([&] { return have("# one\n"); })) << h.Tell(kCluster);
  ASSERT_EQ(Stopped().size(), 4u);

  Ground& ground = cluster().scene();
  ground.nodes[ground.NodeByName("n3")].files[std::string(kConfigPath)] = "# two\n";
  h.Kill();
  h.Start();
  give("# two\n");
  EXPECT_TRUE(ComesTo([&] { return have("# two\n"); })) << h.Tell(kCluster);
  std::vector<std::string> again = Stopped();
  again.erase(again.begin(), again.begin() + 4);
  EXPECT_THAT(again, testing::UnorderedElementsAre("n1", "n2", "n4"));

  give("# two\n");
  h.RunFor(absl::Minutes(10));
  EXPECT_EQ(Stopped().size(), 7u) << "the same text again is nothing new";
}

TEST_F(Trial, ATextThatIsMendedIsTriedAnewAfterItWasPutBack) {
  const auto give = [&](const std::string& text) {
    h.texts.contents[std::string(kConfigFrom)] = h.specs.contents[std::string(kConfigFrom)] = text;
    h.SetSpec("bounce", ConfigText(h, "n*"));
  };
  Stories();
  Begin();
  watchman().most_stops = 2;
  give(Cat("# new\n", kBroken, "\n"));
  ASSERT_TRUE(ComesToWait("was put back")) << h.Tell(kCluster);
  ASSERT_TRUE(ComesTo([&] { return IsGreen(h, cluster()); })) << h.Tell(kCluster);
  ASSERT_FALSE(IsBounced(h));
  give("# mended\n");
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
  for (const Node& node : cluster().ground().nodes)
    if (node.name.starts_with("n"))
      EXPECT_EQ(node.files.at(std::string(kConfigPath)), "# mended\n") << node.name;
}

// A controller that is gone with all that it kept, while a node is down.
class EverythingIsLost : public Trial {
 protected:
  void LoseAllWhileANodeIsDown() {
    if (!h.running()) Begin();
    Bounce("n*");
    ASSERT_TRUE(ComesTo([&] {
      const Ground& ground = cluster().ground();
      return !Stopped().empty() && ground.nodes[ground.NodeByName(Stopped()[0])].is == Node::Is::kDown;
    })) << h.Tell(kCluster);
    h.Kill();
    h.disk.Wipe();
    h.RunFor(absl::Minutes(2));
  }
};
TEST_F(EverythingIsLost, T08_TheSameSpecsFinishWhatTheClusterItselfNotes) {
  LoseAllWhileANodeIsDown();
  h.Start();
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
}
// `holdfast recover`: a spec that says only where the cluster is and how nodes are started.
TEST_F(EverythingIsLost, T08_WithoutSpecsTheNodeIsStartedAndNoOtherStopped) {
  Stories();
  Begin();
  watchman().wanted[kExclude + "_name"] = "n4";
  Want("  exclude: [{name: n4}]\n");
  ASSERT_TRUE(ComesTo([&] { return IsEmpty(cluster(), "n4"); })) << h.Tell(kCluster);
  LoseAllWhileANodeIsDown();
  const std::string endpoint = Cat("http://", AuthoritiesOf(cluster())[0]);
  h.SetSpec("bounce", "");
  h.SetSpec("logs",
            Cat("apiVersion: holdfast/v1\nkind: ElasticsearchCluster\nmetadata: {name: logs}\n",
                "policy: {mode: act, interval: 5s}\nspec:\n",
                ElasticsearchCluster::Recovery(
                    {.from = endpoint,
                     .control = "{command: {stop: [ctl, stop-node, \"{name}\"], start: [ctl, start-node, "
                                "\"{name}\"]}}"})));
  h.Start();
  EXPECT_TRUE(ComesTo([&] { return h.IsSettled(kCluster) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
  EXPECT_EQ(Stopped().size(), 1u);
  EXPECT_EQ(cluster().ground().Effective(kEnable), "all");
}

TEST_F(Trial, T17_OneOfTwoMastersGivesItsVoteAwayAndGetsItBack) {
  Cluster& made = Empty();
  for (const char* name : {"m1", "m2"}) made.AddNode(NodeIn(name, "steady", {"master"}));
  for (const char* name : {"n1", "n2"}) made.AddNode(NodeIn(name, "steady", {"data"}));
  made.AddIndex({.name = "i", .shards = 2, .replicas = 1});
  Formed();
  Begin();
  Bounce("m*");
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, made); })) << h.Tell(kCluster);
  EXPECT_EQ(Stopped().size(), 2u);
}

TEST_F(Trial, T18_TheElectedMasterIsTheLast) {
  Cluster& made = Empty();
  for (const char* name : {"n1", "n2", "n3"}) made.AddNode(NodeIn(name, "steady", {"data", "master"}));
  made.AddIndex({.name = "i", .shards = 3, .replicas = 1});
  Formed();
  Begin();
  const std::string master = made.ground().nodes[made.ground().master].name;
  Bounce("n*");
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, made); })) << h.Tell(kCluster);
  ASSERT_EQ(Stopped().size(), 3u);
  EXPECT_EQ(Stopped()[2], master);
}

TEST_F(Trial, T19_ADrainThatWouldFillTheOthersDisksIsRefused) {
  Stories();
  const int64_t total = 1000 * kGigabyte;
  for (const char* name : {"n1", "n2", "n3"}) cluster().FillDisk(name, total * 84 / 100);
  cluster().FillDisk("n4", 10 * kGigabyte);
  for (sandbox::elasticsearch::Index& index : cluster().scene().indices)
    for (Shard& shard : index.shards) shard.bytes = 30 * kGigabyte;
  cluster().Changed();
  h.RunFor(absl::Minutes(5));
  Begin();
  Want("  exclude: [{name: n4}]\n");
  EXPECT_TRUE(ComesToWait("watermark")) << h.Tell(kCluster);
  h.RunFor(absl::Minutes(5));
  EXPECT_EQ(effects(), 0);
}

TEST_F(Trial, T20_AShardThatNobodyTriesAnyMoreIsTriedOnceMoreBeforeAnyNodeIsStopped) {
  Stories();
  const CopyRef failing{.index = 0, .shard = 0, .copy = 1};
  const std::string node = cluster().ground().nodes[cluster().ground().At(failing).node].name;
  cluster().Crash(node);
  h.RunFor(absl::Seconds(5));
  cluster().ExhaustRetries(failing);
  (void)cluster().Start(node, By::kPerson);
  Begin();
  Bounce("n*");
  EXPECT_TRUE(ComesTo([&] { return IsBounced(h) && IsGreen(h, cluster()); })) << h.Tell(kCluster);
  std::vector<What> order;
  for (const ClusterEffect& effect : cluster().effects())
    if (effect.by == By::kController && (effect.what == What::kReroute || effect.what == What::kStop))
      order.push_back(effect.what);
  ASSERT_FALSE(order.empty());
  EXPECT_EQ(order[0], What::kReroute);
  EXPECT_EQ(std::count(order.begin(), order.end(), What::kReroute), 1);
}

}  // namespace
}  // namespace holdfast::contract
