// Views of clusters, written in a few words.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// What follows Node() or Index() is about that node or index. A new node has data, answers now, and
// runs 7.17.29; its id is its name, its address 127.0.0.N by the order of naming. The first that may be
// master is elected.
//
//   Scene().Node("n1").Zone("spot").Node("n2").Index("i3", 1).Shard("n1 n2").view()
class Scene {
 public:
  static absl::Time Now();

  Scene& Node(std::string name);
  Scene& Nodes(std::string_view names);  // "n1 n2 n3"
  Scene& Zone(std::string zone) { return Attribute("zone", std::move(zone)); }
  Scene& Attribute(std::string name, std::string value);
  Scene& Roles(std::string_view roles);  // instead of "data"; "master" makes it master-eligible
  Scene& Master();                       // besides what it is
  Scene& Elected();
  Scene& Ip(std::string ip);
  Scene& Host(std::string host);
  Scene& Runs(int major, int minor = 0, int patch = 0);
  Scene& Silent(absl::Duration since = absl::Seconds(6));  // has not answered since
  Scene& Disk(int64_t total, int64_t available);

  Scene& Index(std::string name, int replicas);
  Scene& Setting(std::string key, std::string value);
  Scene& AutoExpand(std::string range);
  Scene& Closed();
  // One more shard of the index: its copies, the primary first. "n1" started, "n1>n2" moving, "n1?" being
  // copied, "n1!" started and not in sync, "-" unassigned (NODE_LEFT a minute ago, but see Unassigned).
  Scene& Shard(std::string_view copies, int64_t bytes = -1);
  Scene& Shards(int number, std::string_view copies, int64_t bytes = -1);
  // About the unassigned and initializing copies of the last shard.
  Scene& Unassigned(std::string reason, absl::Duration ago, std::string last_node = "");
  Scene& Delayed();
  Scene& Snapshot();  // reads the last shard

  Scene& Persistent(std::string key, std::string value);
  Scene& Transient(std::string key, std::string value);
  Scene& Default(std::string key, std::string value);
  Scene& Cluster(int major, int minor = 0, int patch = 0);  // of all nodes so far
  Scene& OpenSearch();
  Scene& Voters(std::string_view names);  // left out: every node that may be master

  View view() const;

 private:
  View view_;
  std::vector<std::string> copies_;  // by shard, as written
  std::vector<std::string> reasons_, last_nodes_;
  std::vector<absl::Duration> ago_;
  std::vector<uint8_t> delayed_;
  std::string elected_;
};

// The nodes of that names, as the rules want them.
std::vector<uint32_t> In(const View& view, std::string_view names);

}  // namespace holdfast::elasticsearch
