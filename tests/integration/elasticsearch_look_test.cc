#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/observe.h"
#include "reconcilers/elasticsearch/read_paths.h"
#include "reconcilers/elasticsearch/read_state.h"
#include "tests/integration/elasticsearch_lab.h"

namespace holdfast::elasticsearch {
namespace {

using clients::Says;
using clients::ValueOf;
using testing::HasSubstr;

struct NoWaker : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

// One cluster for all tests of this program: starting it takes most of the time.
class LookAtRealNodes : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const ElasticsearchLab::Make make;
    why_not = ElasticsearchLab::WhyNot(make);
    if (why_not.empty()) lab = new ElasticsearchLab(make);
  }
  static void TearDownTestSuite() {
    delete lab;
    lab = nullptr;
  }
  void SetUp() override {
    if (!why_not.empty()) {
      std::cout << "skipped: " << why_not << "\n";
      GTEST_SKIP() << why_not;
    }
    ASSERT_EQ(lab->problem(), "");
    spec->endpoints = lab->Endpoints();
    systems = std::make_unique<Systems>(lab->rig.world, waker);
  }
  Observed<View> Look1(std::vector<std::string> ask = {}) {
    Look look;
    look.self = {"ElasticsearchCluster", "lab"};
    look.ask = std::move(ask);
    return lab->rig.Wait(LookAtCluster(*systems, spec, look));
  }
  View Seen(std::vector<std::string> ask = {}) {
    const Observed<View> seen = Look1(std::move(ask));
    EXPECT_EQ(Says(seen), "known");
    return ValueOf(seen);
  }
  static const Node& Named(const View& view, std::string_view name) {
    for (const Node& node : view.nodes)
      if (node.name == name) return node;
    static const Node none;
    ADD_FAILURE() << "no node " << name;
    return none;
  }
  static int NumberOf(const Node& node) { return std::atoi(node.name.c_str() + 1); }
  // Of any one view, whatever happens meanwhile.
  static void CheckWhole(const View& view) {
    ASSERT_LT(view.master, view.nodes.size());
    for (const Copy& copy : view.copies)
      if (copy.state != CopyState::kUnassigned) ASSERT_LT(copy.node, view.nodes.size());
    for (const Shard& shard : view.shards) ASSERT_TRUE(view.copies[shard.first].primary);
  }

  static ElasticsearchLab* lab;
  static std::string why_not;
  NoWaker waker;
  std::unique_ptr<Systems> systems;
  std::shared_ptr<Spec> spec = std::make_shared<Spec>();
};
ElasticsearchLab* LookAtRealNodes::lab = nullptr;
std::string LookAtRealNodes::why_not;

TEST_F(LookAtRealNodes, SeesNodesZonesCopiesSizesAndSettings) {
  lab->Put("/logs", R"({"settings":{"number_of_shards":3,"number_of_replicas":1}})");
  lab->Call("POST", "/logs/_doc?refresh=true", R"({"a":1})");
  lab->Put("/_cluster/settings", R"({"persistent":{"cluster.metadata.holdfast.owner":"me"}})");
  ASSERT_TRUE(lab->WaitGreen());
  const View view = Seen({std::string(kAskConfirm), std::string(kAskSizes), std::string(kAskRecoveries),
                          AskExplain("logs", 0, true, "")});
  CheckWhole(view);
  EXPECT_EQ(view.flavor, Flavor::kOpenSearch);
  EXPECT_EQ(VersionText(view.highest), "2.19.4");
  ASSERT_EQ(view.nodes.size(), 3U);
  EXPECT_EQ(Named(view, "n1").Attribute("zone"), "primary");
  EXPECT_EQ(Named(view, "n2").Attribute("zone"), "spot");
  for (const Node& node : view.nodes) {
    EXPECT_EQ(node.ip, lab->Ip(NumberOf(node)));
    EXPECT_NE(node.answered_at, absl::InfinitePast());
    EXPECT_LT(absl::AbsDuration(node.clock_skew), absl::Seconds(1));
    EXPECT_GT(node.disk_available, 0);
    EXPECT_TRUE(node.data && node.master_eligible);
  }
  const Index* logs = view.FindIndex("logs");
  ASSERT_NE(logs, nullptr);
  EXPECT_EQ(logs->shard_count, 3U);
  for (uint32_t s = logs->first_shard; s < logs->first_shard + 3; ++s) {
    EXPECT_GT(view.shards[s].bytes, 0);
    ASSERT_EQ(view.shards[s].count, 2U);
    for (uint32_t c = view.shards[s].first; c < view.shards[s].first + 2; ++c) {
      EXPECT_EQ(view.copies[c].state, CopyState::kStarted);
      EXPECT_TRUE(view.copies[c].in_sync);
    }
  }
  EXPECT_TRUE(view.confirmed);
  EXPECT_EQ(*view.settings.Effective("cluster.metadata.holdfast.owner"), "me");
  EXPECT_EQ(*view.settings.Effective(std::string(kEnableKey)), "all");
  EXPECT_EQ(*view.settings.Effective("cluster.routing.allocation.disk.threshold_enabled"), "false");
  EXPECT_EQ(view.voting_config.size(), 3U);
  ASSERT_EQ(view.explained.size(), 1U);
  EXPECT_EQ(view.explained[0].can_remain, "yes");
}

// Versions before 1.6 ignore the filter and send everything.
TEST_F(LookAtRealNodes, TheWholeStateReadsAsTheFilteredOne) {
  const auto read = [&](const std::string& path) {
    StateReader reader;
    JsonStream stream(reader);
    EXPECT_TRUE(stream.ReadAll(lab->Get(path).body).ok());
    Result<View> view = reader.Take();
    EXPECT_TRUE(view.ok()) << view.status().message();
    return view.ok() ? *std::move(view) : View();
  };
  const std::string path = StatePath();
  const View filtered = read(path), whole = read(path.substr(0, path.find('?')));
  EXPECT_EQ(filtered.copies.size(), whole.copies.size());
  EXPECT_EQ(filtered.indices.size(), whole.indices.size());
  for (size_t i = 0; i < std::min(filtered.indices.size(), whole.indices.size()); ++i)
    EXPECT_EQ(filtered.indices[i].settings, whole.indices[i].settings);
}

// A frozen node stays in the state for half a minute, with all its copies STARTED.
TEST_F(LookAtRealNodes, AFrozenNodeDoesNotAnswerWithinOneLook) {
  const View before = Seen();
  const int frozen = before.nodes[before.master].name == "n3" ? 2 : 3;
  spec->endpoints = {lab->Endpoint(1)};
  Seen();
  lab->Freeze(frozen);
  const absl::Time begun = lab->rig.world.clock.Now();
  const View view = Seen();
  EXPECT_LT(lab->rig.world.clock.Now() - begun, absl::Seconds(6));
  const Node& node = Named(view, Cat("n", frozen));
  EXPECT_EQ(node.answered_at, absl::InfinitePast());
  const uint32_t at = view.NodeIndex(node.id);
  size_t started = 0;
  for (const Copy& copy : view.copies)
    started += copy.node == at && copy.state == CopyState::kStarted ? 1 : 0;
  EXPECT_GT(started, 0U) << "the cluster itself has not noticed yet";
  lab->Thaw(frozen);
  ASSERT_TRUE(clients::WaitUntil(
      [&] {
        const Observed<View> seen = Look1();
        return ValueOf(seen).nodes.size() == 3 &&
               Named(ValueOf(seen), Cat("n", frozen)).answered_at != absl::InfinitePast();
      },
      absl::Minutes(1)));
  ASSERT_TRUE(lab->WaitGreen());
}

TEST_F(LookAtRealNodes, StoppingTheElectedMasterGivesUnknownOrARightView) {
  const View before = Seen();
  const int master = NumberOf(before.nodes[before.master]);
  const std::string gone = before.nodes[before.master].id;
  kill(lab->PidOf(master), SIGTERM);
  size_t unknown = 0, known = 0;
  bool elected = false;
  const absl::Time until = lab->rig.world.clock.Now() + absl::Seconds(40);
  while (!elected && lab->rig.world.clock.Now() < until) {
    const Observed<View> seen = Look1();
    const View view = ValueOf(seen);
    if (Says(seen) != "known") {
      ++unknown;
      EXPECT_THAT(Says(seen), HasSubstr("/_"));  // the path is named
      continue;
    }
    ++known;
    CheckWhole(view);
    EXPECT_EQ(view.cluster_uuid, before.cluster_uuid);
    EXPECT_GE(view.state_version, before.state_version);
    // The new master may have the old one among its nodes for a moment.
    elected = view.nodes[view.master].id != gone && view.FindNode(gone) == nullptr;
  }
  EXPECT_TRUE(elected);
  std::cout << "while the master went: " << known << " known, " << unknown << " unknown\n";
  lab->StopNode(master);
  lab->StartNode(master);
  ASSERT_TRUE(lab->WaitGreen());
  const View after = Seen();
  const Node* back = after.FindNode(gone);
  ASSERT_NE(back, nullptr) << "the same id";
  EXPECT_NE(back->Incarnation(), before.FindNode(gone)->Incarnation());
  EXPECT_GT(back->started, before.FindNode(gone)->started);
}

TEST_F(LookAtRealNodes, WhoIsNotAnElasticsearchIsTold) {
  const uint16_t port = clients::FreePort();
  lab->lab.Write("web/_cluster/settings", "<html>It works!</html>");
  const pid_t web = lab->lab.Start("web", {"python3", "-m", "http.server", Cat(port), "--bind", "127.0.0.1",
                                           "--directory", lab->lab.Path("web")});
  spec->endpoints = {Cat("http://127.0.0.1:", port)};
  std::string says;
  clients::WaitUntil([&] {
    says = Says(Look1());
    return says.find("refused") == std::string::npos;
  });
  EXPECT_THAT(says, HasSubstr("instead of JSON"));
  lab->lab.Stop(web);
  spec->endpoints = {Cat("http://127.0.0.1:", clients::FreePort()), lab->Endpoint(2)};
  EXPECT_EQ(Seen().endpoint, lab->Endpoint(2)) << "a dead endpoint is passed over";
}

}  // namespace
}  // namespace holdfast::elasticsearch
