// The controller on real nodes: asked the impossible, emptying a node, restarting all of them while it is
// killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <ostream>
#include <set>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "tests/integration/elasticsearch_lab.h"

namespace holdfast::elasticsearch {
namespace {

using clients::WaitUntil;
using ::testing::HasSubstr;

constexpr int kNodes = 3;
constexpr int kDocuments = 300;

struct Distribution {
  std::string flavor, version;
};
void PrintTo(const Distribution& distribution, std::ostream* out) {
  *out << distribution.flavor << " " << distribution.version;
}

struct OnRealNodes : testing::TestWithParam<Distribution> {
  void SetUp() override {
    const ElasticsearchLab::Make make{
        .flavor = GetParam().flavor, .version = GetParam().version, .zones = "a,b,c"};
    if (const std::string why = ElasticsearchLab::WhyNot(make); !why.empty())
      GTEST_SKIP() << "skipped: " << why;
    cluster.emplace(make);
    ASSERT_EQ(cluster->problem(), "");
    MakeIndex("web", 2, 1);
    MakeIndex("wide", 1, 2);
    std::string bulk;
    for (int i = 0; i < kDocuments; ++i) Append(bulk, "{\"index\":{\"_index\":\"web\"}}\n{\"n\":", i, "}\n");
    ASSERT_EQ(cluster->Call("POST", "/_bulk?refresh=true", bulk).status, 200);
    ASSERT_TRUE(cluster->WaitGreen());
    std::filesystem::create_directories(cluster->lab.Path("specs"));
  }
  void TearDown() override {
    if (holdfast != 0 && HasFailure())
      ADD_FAILURE() << Why() << Run({"plan", "--specs", cluster->lab.Path("specs")})
                    << cluster->lab.Log("holdfast");
    if (holdfast != 0) cluster->lab.Stop(holdfast);
  }

  void MakeIndex(const std::string& name, int shards, int replicas) {
    const auto said = cluster->Put(Cat("/", name), Cat("{\"settings\":{\"number_of_shards\":", shards,
                                                       ",\"number_of_replicas\":", replicas, "}}"));
    ASSERT_EQ(said.status, 200) << said.body;
  }

  // What stands below `spec:` besides endpoints and control.
  void Declare(const std::string& more) {
    const std::string script = std::filesystem::absolute("tests/integration/elasticsearch_lab.sh");
    const std::string folder = cluster->lab.Path("cluster");
    Write("cluster", Cat(R"(apiVersion: holdfast/v1
kind: ElasticsearchCluster
metadata: {name: real}
policy: {mode: act, interval: 2s}
spec:
  endpoints: [)",
                         Join(cluster->Endpoints(), ", "), R"(]
  maxExcluded: 60%
  disruption:
    control:
      command:
        stop: [)",
                         script, ", stop-node, ", folder, R"(, "{name}"]
        start: [)",
                         script, ", start-node, ", folder, R"(, "{name}"]
)",
                         more));
  }
  void Write(const std::string& name, const std::string& text) {
    const std::string next = cluster->lab.Write(Cat("specs/.", name, ".new"), text);
    std::filesystem::rename(next, cluster->lab.Path(Cat("specs/", name, ".yaml")));
  }
  void StartHoldfast() {
    holdfast =
        cluster->lab.Start("holdfast", {HOLDFAST_BINARY, "run", "--specs", cluster->lab.Path("specs"),
                                        "--state", cluster->lab.Path("state"), "--listen",
                                        Cat("127.0.0.1:", port), "--socket", cluster->lab.Path("h.sock")});
  }
  std::string Run(std::vector<std::string> words) {
    CommandLine line;
    line.argv = {HOLDFAST_BINARY};
    line.argv.insert(line.argv.end(), words.begin(), words.end());
    const Result<Exit> ran =
        cluster->rig.Wait(cluster->rig.world.commands.Run(std::move(line), {absl::Seconds(30)}));
    return ran.ok() ? ran->output + ran->errors : ran.status().message();
  }
  std::string Why() {
    return Run({"why", "--socket", cluster->lab.Path("h.sock"), "ElasticsearchCluster/real"});
  }

  std::string Get(const std::string& path) {
    for (int node = 1; node <= kNodes; ++node)
      if (const auto said = cluster->Get(path, node); said.status == 200) return said.body;
    return {};
  }
  std::string Settings() { return Get("/_cluster/settings?flat_settings=true"); }
  int CopiesOn(const std::string& node) {
    const std::string rows = Get("/_cat/shards?h=node");
    int copies = 0;
    for (const std::string& row : Split(rows, '\n')) copies += Trim(row).starts_with(node) ? 1 : 0;
    return rows.empty() ? -1 : copies;
  }
  int Documents() {
    const Result<json::value> said = ParseJson(Get("/web/_count"));
    return said.ok() ? static_cast<int>(said->at("count").to_number<int64_t>()) : -1;
  }
  bool IsDone(const std::string& operation) {
    return Run({"status", "--socket", cluster->lab.Path("h.sock"), Cat("Operation/", operation)})
               .find("Succeeded") != std::string::npos;
  }

  std::optional<ElasticsearchLab> cluster;
  uint16_t port = clients::FreePort();
  pid_t holdfast = 0;
};

TEST_P(OnRealNodes, TheImpossibleIsRefusedANodeIsEmptiedAndReleased) {
  const std::string before = Settings();
  Declare("  exclude: [{name: n3, reason: disk}]\n");
  StartHoldfast();
  ASSERT_TRUE(WaitUntil([&] { return Why().find("wide") != std::string::npos; }, absl::Seconds(60))) << Why();
  EXPECT_THAT(Why(), HasSubstr("H5"));
  EXPECT_EQ(Settings(), before) << "nothing is written before the drain is known to end";

  ASSERT_EQ(cluster->Put("/wide/_settings", R"({"index":{"number_of_replicas":1}})").status, 200);
  ASSERT_TRUE(WaitUntil([&] { return CopiesOn("n3") == 0; }, absl::Seconds(120))) << Why();
  EXPECT_THAT(Settings(), HasSubstr(R"("cluster.routing.allocation.exclude._name":"n3")"));
  EXPECT_EQ(Documents(), kDocuments);

  Declare("");
  ASSERT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Seconds(60))) << Settings() << Why();
}

TEST_P(OnRealNodes, EveryNodeIsRestartedOnceWhileTheControllerIsKilledAndForgets) {
  const std::string before = Settings();
  Declare("  allocation: all\n");
  StartHoldfast();
  ASSERT_TRUE(WaitUntil([&] { return Why().find("in order") != std::string::npos; }, absl::Seconds(60)))
      << Why();
  std::map<int, std::set<pid_t>> lives;
  const auto look = [&] {
    for (int node = 1; node <= kNodes; ++node)
      if (const pid_t pid = cluster->PidOf(node); pid > 1) lives[node].insert(pid);
  };
  look();
  Write("bounce", Cat(R"(apiVersion: holdfast/v1
kind: Operation
metadata: {name: bounce, annotations: {reason: fixing cluster}}
spec:
  target: ElasticsearchCluster/real
  rollingRestart: {nodes: {name: "n*"}, startedBefore: )",
                      Rfc3339(absl::Now() - absl::Seconds(1)), "}\n"));
  // In the middle of the first node's way: killed, and everything it had written down is gone.
  ASSERT_TRUE(WaitUntil(
      [&] { return look(), Settings().find("allocation.enable\":\"primaries") != std::string::npos; },
      absl::Seconds(180)))
      << Why();
  kill(holdfast, SIGKILL);
  ASSERT_TRUE(WaitUntil([&] { return !clients::IsAlive(holdfast); }));
  std::filesystem::remove_all(cluster->lab.Path("state"));
  StartHoldfast();
  ASSERT_TRUE(WaitUntil([&] { return look(), IsDone("bounce"); }, absl::Minutes(8))) << Why();
  look();
  for (const auto& [node, pids] : lives) EXPECT_EQ(pids.size(), 2u) << "n" << node;
  EXPECT_TRUE(cluster->WaitGreen());
  EXPECT_EQ(Documents(), kDocuments);
  EXPECT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Seconds(30))) << Settings();
}

// One version in every check; with HOLDFAST_FULL=1 (`./check full`) the others too.
std::vector<Distribution> Distributions() {
  std::vector<Distribution> all = {{"opensearch", "2.19.4"}};
  if (std::getenv("HOLDFAST_FULL") != nullptr)
    all.insert(all.end(),
               {{"elasticsearch", "7.17.29"}, {"elasticsearch", "8.19.5"}, {"elasticsearch", "6.8.23"}});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Versions, OnRealNodes, testing::ValuesIn(Distributions()), [](const auto& info) {
  std::string name = Cat(info.param.flavor, "_", info.param.version);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

}  // namespace
}  // namespace holdfast::elasticsearch
