// What nodes tell of themselves: the answers of _nodes and _nodes/stats.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/elasticsearch/read_flat.h"
#include "reconcilers/elasticsearch/read_json.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// One node of an answer; what it did not say has its default.
struct NodeTold {
  std::string id;
  Version version;
  std::string host, ip, publish_ip;
  std::vector<std::string> roles;
  bool says_cluster_manager = false;  // as only OpenSearch does
  int64_t at_ms = -1, uptime_ms = -1, started_ms = -1;
  int64_t disk_total = -1, disk_available = -1;
  std::map<std::string, std::string> settings;  // flat; of its own file
};

class NodesReader : public JsonReader {
 public:
  void Begin() override;
  int Key(int place, std::string_view key) override;
  int Element(int place) override;
  void Open(int place) override;
  void Close(int place) override;
  void Value(int place, const Scalar& value) override;

  std::vector<NodeTold> nodes;
  int64_t failed = 0;
  std::string failure;  // of the first that failed

 private:
  enum Place : int;
  int NodeKey(std::string_view key);
  void NodeValue(int place, const Scalar& value);

  FlatKeys flat_;
};

// What a look adds to a node of the state. Before 5.0 a node's roles are settings, which only the info has.
void AddInfo(const NodeTold& told, Node& node);
// `sent` and `received` are of the call that the node answered.
void AddStats(const NodeTold& told, absl::Time sent, absl::Time received, Node& node);

}  // namespace holdfast::elasticsearch
