#include "tests/contract/cluster_story.h"

#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::contract {

using sandbox::Cluster;
using sim::ClusterSeat;
using sim::Harness;
namespace es = sandbox::elasticsearch;

es::Node NodeIn(std::string name, std::string zone, std::set<std::string> roles) {
  es::Node made;
  made.name = std::move(name);
  made.attributes = {{"zone", std::move(zone)}};
  made.roles = std::move(roles);
  made.takes_to_start = absl::Seconds(12);
  made.files = {{std::string(kConfigPath), "# as it was\n"}};
  return made;
}

ClusterSeat& AddCluster(Harness& h) {
  ClusterSeat& seat = h.Add<ClusterSeat>(h);
  for (const char* name : {"m1", "m2", "m3"}) seat.cluster.AddNode(NodeIn(name, "steady", {"master"}));
  for (const char* name : {"n1", "n2"}) seat.cluster.AddNode(NodeIn(name, "steady", {"data"}));
  for (const char* name : {"n3", "n4"}) seat.cluster.AddNode(NodeIn(name, "spot", {"data"}));
  seat.cluster.AddIndex({.name = "i3", .shards = 3, .replicas = 1, .bytes = 40 << 20});
  seat.cluster.AddIndex({.name = "web", .shards = 1, .replicas = 1, .bytes = 10 << 20});
  seat.cluster.Form();
  seat.Connect();
  return seat;
}

std::string ClusterText(const Cluster& cluster, std::string_view more) {
  std::string endpoints;
  for (const std::string& authority : es::AuthoritiesOf(cluster))
    if (endpoints.size() < 100)
      Append(endpoints, endpoints.empty() ? "" : ", ", "\"http://", authority, "\"");
  return Cat(R"(apiVersion: holdfast/v1
kind: ElasticsearchCluster
metadata: {name: logs}
policy: {mode: act, interval: 5s}
spec:
  endpoints: [)",
             endpoints, R"(]
  disruption:
    control:
      command:
        {stop: [ctl, stop-node, "{name}"], start: [ctl, start-node, "{name}"],
         get: [ctl, get, "{name}", "{path}"], put: [ctl, put, "{name}", "{path}"]}
)",
             more);
}

std::string BounceText(const Harness& h, std::string_view names) {
  return Cat(R"(apiVersion: holdfast/v1
kind: Operation
metadata: {name: bounce}
spec:
  target: ElasticsearchCluster/logs
  rollingRestart: {nodes: {name: ")",
             names, R"("}, startedBefore: )", Rfc3339(h.clock.Now() - absl::Seconds(1)), "}\n");
}

std::string ConfigText(const Harness&, std::string_view names) {
  return Cat(R"(apiVersion: holdfast/v1
kind: Operation
metadata: {name: bounce}
spec:
  target: ElasticsearchCluster/logs
  configChange:
    nodes: {name: ")",
             names, R"("}
    files: [{path: )",
             kConfigPath, ", from: es.txt}]\n");
}

bool IsGreen(Harness& h, Cluster& cluster) {
  cluster.Advance(h.clock.Now());
  return cluster.health() == Cluster::Health::kGreen && cluster.NodesNotUp().empty();
}
bool IsEmpty(const Cluster& cluster, std::string_view node) {
  const uint32_t n = cluster.ground().NodeByName(node);
  return n != es::kNowhere && cluster.ground().nodes[n].copies == 0;
}

bool IsBounced(Harness& h) {
  const auto& operations = h.PastOf(kCluster).operations;
  const auto bounce = operations.find("bounce");
  return bounce != operations.end() && bounce->second.phase == OperationPhase::kSucceeded;
}

}  // namespace holdfast::contract
