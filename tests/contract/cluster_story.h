// What stories and trials of a cluster have in common: its place, its spec, its rolling restart.
#pragma once

#include <string>
#include <string_view>

#include "tests/sim/cluster_seat.h"

namespace holdfast::contract {

inline const ResourceKey kCluster{"ElasticsearchCluster", "logs"};

// A node as these tests have them: quick to start, one zone.
sandbox::elasticsearch::Node NodeIn(std::string name, std::string zone, std::set<std::string> roles);

// Two zones of two data nodes, three masters of their own, two indices; formed and connected.
sim::ClusterSeat& AddCluster(sim::Harness& h);

// `more` is the spec besides endpoints and control, two blanks in.
std::string ClusterText(const sandbox::Cluster& cluster, std::string_view more);
// The Operation "bounce" on the nodes whose names fit.
std::string BounceText(const sim::Harness& h, std::string_view names);

// The Operation "bounce" that gives the nodes whose names fit the text of `h.texts` as kConfigPath.
std::string ConfigText(const sim::Harness& h, std::string_view names);
inline constexpr std::string_view kConfigPath = "/etc/es/es.yml", kConfigFrom = "/specs/es.txt";

// Every node is up, every copy is where it belongs.
bool IsGreen(sim::Harness& h, sandbox::Cluster& cluster);
bool IsEmpty(const sandbox::Cluster& cluster, std::string_view node);
// The Operation "bounce" has come to its end.
bool IsBounced(sim::Harness& h);

}  // namespace holdfast::contract
