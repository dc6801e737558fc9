// The controller on a real cluster with some documents in it, killed and started as a test likes.
#pragma once

#include <absl/time/time.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/elasticsearch_lab.h"

namespace holdfast::elasticsearch {

struct Distribution {
  std::string flavor, version;
};
void PrintTo(const Distribution& distribution, std::ostream* out);
// One version in every check; with HOLDFAST_FULL=1 (`./check full`) the others too.
std::vector<Distribution> Distributions();
// For INSTANTIATE_TEST_SUITE_P: "opensearch_2_19_4".
std::string NameOf(const testing::TestParamInfo<Distribution>& info);

// Skips where such nodes cannot be had.
struct OnRealNodes : testing::TestWithParam<Distribution> {
  static constexpr int kDocuments = 300;

  void SetUp() override;
  void TearDown() override;
  // Besides flavor and version; zones "a,b,c" unless told.
  virtual ElasticsearchLab::Make Nodes() { return {.zones = "a,b,c"}; }

  bool HasTypes() const { return GetParam().version.starts_with("6."); }
  void MakeIndex(const std::string& name, int shards, int replicas);
  // The cluster as a spec: what stands below `spec:` besides endpoints and control, and what stands below
  // `control.command` besides stop and start.
  void Declare(const std::string& more, const std::string& programs = {});
  // specs/NAME, written whole; `.yaml` is added to a name without an ending.
  void Write(const std::string& name, const std::string& text);
  void Bounce();  // an Operation called bounce: every node, once
  void StartHoldfast();
  void KillHoldfast();
  // Exit code of the last one: `code`.
  std::string Run(std::vector<std::string> words);
  std::string Why() {
    return Run({"why", "--socket", cluster->lab.Path("h.sock"), "ElasticsearchCluster/real"});
  }
  bool OperationIs(const std::string& state, const std::string& operation);

  std::string Get(const std::string& path);  // of the first node that answers
  std::string Settings() { return Get("/_cluster/settings?flat_settings=true"); }
  int CopiesOn(const std::string& node);
  int Documents();
  // Remembers the processes that it sees.
  void Look();

  std::optional<ElasticsearchLab> cluster;
  int nodes = 0;
  uint16_t port = clients::FreePort();
  pid_t holdfast = 0;
  int code = 0;
  std::map<int, std::set<pid_t>> lives;  // of each node: the processes seen
};

}  // namespace holdfast::elasticsearch
