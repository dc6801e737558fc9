#include "tests/integration/on_real_nodes.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::elasticsearch {

void PrintTo(const Distribution& distribution, std::ostream* out) {
  *out << distribution.flavor << " " << distribution.version;
}

std::vector<Distribution> Distributions() {
  std::vector<Distribution> all = {{"opensearch", "2.19.4"}};
  if (std::getenv("HOLDFAST_FULL") != nullptr)
    all.insert(all.end(),
               {{"elasticsearch", "7.17.29"}, {"elasticsearch", "8.19.5"}, {"elasticsearch", "6.8.23"}});
  return all;
}

std::string NameOf(const testing::TestParamInfo<Distribution>& info) {
  std::string name = Cat(info.param.flavor, "_", info.param.version);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

void OnRealNodes::SetUp() {
  ElasticsearchLab::Make make = Nodes();
  make.flavor = GetParam().flavor;
  make.version = GetParam().version;
  nodes = make.nodes;
  if (const std::string why = ElasticsearchLab::WhyNot(make); !why.empty())
    GTEST_SKIP() << "skipped: " << why;
  cluster.emplace(make);
  ASSERT_EQ(cluster->problem(), "");
  MakeIndex("web", 2, 1);
  std::string bulk;
  for (int i = 0; i < kDocuments; ++i) Append(bulk, "{\"index\":{\"_index\":\"web\"}}\n{\"n\":", i, "}\n");
  // Before 7.0 every document has a type.
  const std::string path = HasTypes() ? "/web/_doc/_bulk?refresh=true" : "/_bulk?refresh=true";
  ASSERT_EQ(cluster->Call("POST", path, bulk).status, 200);
  ASSERT_TRUE(cluster->WaitGreen());
  std::filesystem::create_directories(cluster->lab.Path("specs"));
}

void OnRealNodes::TearDown() {
  if (holdfast != 0 && HasFailure())
    ADD_FAILURE() << Why() << Run({"plan", "--specs", cluster->lab.Path("specs")})
                  << cluster->lab.Log("holdfast");
  if (holdfast != 0) cluster->lab.Stop(holdfast);
}

void OnRealNodes::MakeIndex(const std::string& name, int shards, int replicas) {
  const auto said = cluster->Put(Cat("/", name), Cat("{\"settings\":{\"number_of_shards\":", shards,
                                                     ",\"number_of_replicas\":", replicas, "}}"));
  ASSERT_EQ(said.status, 200) << said.body;
}

void OnRealNodes::Declare(const std::string& more, const std::string& programs) {
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
    returnTimeout: 3m
    control:
      command:
        stop: [)",
                       script, ", stop-node, ", folder, R"(, "{name}"]
        start: [)",
                       script, ", start-node, ", folder, R"(, "{name}"]
)",
                       programs, more));
}

void OnRealNodes::Write(const std::string& name, const std::string& text) {
  const std::string next = cluster->lab.Write(Cat("specs/.", name, ".new"), text);
  const bool has_ending = name.find('.') != name.npos;
  std::filesystem::rename(next, cluster->lab.Path(Cat("specs/", name, has_ending ? "" : ".yaml")));
}

void OnRealNodes::Bounce() {
  Write("bounce", Cat(R"(apiVersion: holdfast/v1
kind: Operation
metadata: {name: bounce, annotations: {reason: fixing cluster}}
spec:
  target: ElasticsearchCluster/real
  rollingRestart: {nodes: {name: "n*"}, startedBefore: )",
                      Rfc3339(absl::Now() - absl::Seconds(1)), "}\n"));
}

void OnRealNodes::StartHoldfast() {
  holdfast =
      cluster->lab.Start("holdfast", {HOLDFAST_BINARY, "run", "--specs", cluster->lab.Path("specs"),
                                      "--state", cluster->lab.Path("state"), "--listen",
                                      Cat("127.0.0.1:", port), "--socket", cluster->lab.Path("h.sock")});
}

void OnRealNodes::KillHoldfast() {
  kill(holdfast, SIGKILL);
  ASSERT_TRUE(clients::WaitUntil([&] { return !clients::IsAlive(holdfast); }));
}

std::string OnRealNodes::Run(std::vector<std::string> words) {
  CommandLine line;
  line.argv = {HOLDFAST_BINARY};
  line.argv.insert(line.argv.end(), words.begin(), words.end());
  const Result<Exit> ran =
      cluster->rig.Wait(cluster->rig.world.commands.Run(std::move(line), {absl::Minutes(10)}));
  code = ran.ok() ? ran->code : -1;
  return ran.ok() ? ran->output + ran->errors : ran.status().message();
}

bool OnRealNodes::OperationIs(const std::string& state, const std::string& operation) {
  return Run({"status", "--socket", cluster->lab.Path("h.sock"), Cat("Operation/", operation)}).find(state) !=
         std::string::npos;
}

std::string OnRealNodes::Get(const std::string& path) {
  for (int node = 1; node <= nodes; ++node)
    if (const auto said = cluster->Get(path, node); said.status == 200) return said.body;
  return {};
}

int OnRealNodes::CopiesOn(const std::string& node) {
  const std::string rows = Get("/_cat/shards?h=node");
  int copies = 0;
  for (const std::string& row : Split(rows, '\n')) copies += Trim(row).starts_with(node) ? 1 : 0;
  return rows.empty() ? -1 : copies;
}

int OnRealNodes::Documents() {
  const Result<json::value> said = ParseJson(Get("/web/_count"));
  return said.ok() ? static_cast<int>(said->at("count").to_number<int64_t>()) : -1;
}

void OnRealNodes::Look() {
  for (int node = 1; node <= nodes; ++node)
    if (const pid_t pid = cluster->PidOf(node); pid > 1) lives[node].insert(pid);
}

}  // namespace holdfast::elasticsearch
