// A small cluster of two zones, asked and told as its clients do.
#pragma once

#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/answers.h"
#include "examples/sandbox/elasticsearch/cluster.h"

namespace holdfast::sandbox::elasticsearch {

inline constexpr Flavor kOpenSearch = Flavor::kOpenSearch, kElasticsearch = Flavor::kElasticsearch;
inline const std::string kExclude = "cluster.routing.allocation.exclude.";
inline const std::string kEnable = "cluster.routing.allocation.enable";

// n1 and n3 in zone a, n2 and n4 in zone b; the first three may be masters. One index "i" of 4 shards with a
// replica each.
class ClusterLab {
 public:
  explicit ClusterLab(Flavor flavor = kOpenSearch, Version version = {2, 19, 4},
                      std::vector<NewIndex> indices = {{.name = "i", .shards = 4, .replicas = 1}},
                      int nodes = 4)
      : cluster(now, {"lab", flavor, version}) {
    for (int i = 0; i < nodes; ++i) {
      Node node;
      node.attributes["zone"] = i % 2 == 0 ? "a" : "b";
      if (i >= 3) node.roles = {"data"};
      cluster.AddNode(node);
    }
    for (NewIndex& index : indices) cluster.AddIndex(std::move(index));
    cluster.Form();
  }

  Answer Ask(std::string method, std::string target, std::string body = "", uint32_t node = 0) {
    return AnswerRequest(cluster, node,
                         {std::move(method), std::move(target), "application/json", std::move(body)});
  }
  json::value Get(const std::string& target, uint32_t node = 0) {
    const Answer answer = Ask("GET", target, "", node);
    EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
    Result<json::value> parsed = ParseJson(answer.body);
    EXPECT_TRUE(parsed.ok()) << answer.body;
    return parsed.ok() ? *parsed : json::value();
  }
  // {"KEY":VALUE} in the persistent scope; the value as JSON. The status.
  int Put(const std::string& key, const std::string& json) {
    return PutAll(Cat(R"({"persistent":{")", key, R"(":)", json, "}}"));
  }
  int PutAll(const std::string& body) { return Ask("PUT", "/_cluster/settings", body).status; }

  void Pass(absl::Duration time) { cluster.Advance(now += time); }
  // Until nothing moves; false after an hour.
  bool Calm() {
    for (int i = 0; i < 3600; ++i) {
      Pass(absl::Seconds(1));
      if (cluster.ground().moving.empty()) return true;
    }
    return false;
  }
  // Copies on the node, by number; of the index when it is named.
  int CopiesOn(const std::string& node, std::string_view of = "") const {
    const uint32_t at = cluster.ground().NodeByName(node);
    int copies = 0;
    for (const Index& index : cluster.ground().indices)
      for (const Shard& shard : index.shards)
        for (const Copy& copy : shard.copies)
          copies += copy.node == at && (of.empty() || of == index.name) ? 1 : 0;
    return copies;
  }
  std::set<std::string> InForce() const {
    std::set<std::string> keys;
    for (const auto& [key, tokens] : cluster.InForce().exclude)
      if (!tokens.empty()) keys.insert(key);
    return keys;
  }
  const Copy& CopyOf(uint32_t index, uint32_t shard, uint32_t copy) const {
    return cluster.ground().At({index, shard, copy});
  }
  const Node& At(const std::string& node) const {
    return cluster.ground().nodes[cluster.ground().NodeByName(node)];
  }
  std::string MasterName() const {
    return cluster.ground().master == kNowhere ? "" : cluster.ground().nodes[cluster.ground().master].name;
  }

  absl::Time now = absl::FromUnixSeconds(1'795'000'000);
  Cluster cluster;
};

// Of a document: Text(state, "/master_node").
inline std::string Text(const json::value& document, std::string_view pointer) {
  json::error_code error;
  const json::value* found = document.find_pointer(JsonView(pointer), error);
  if (found == nullptr) return "(nothing)";
  return found->is_string() ? std::string(Chars(found->get_string())) : Compact(*found);
}

}  // namespace holdfast::sandbox::elasticsearch
