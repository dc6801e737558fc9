// A simulated search cluster at its place in the harness's world: its servers answer, its control runs.
#pragma once

#include <string>
#include <utility>

#include "examples/sandbox/elasticsearch/cluster.h"
#include "examples/sandbox/elasticsearch/world.h"
#include "tests/sim/harness.h"

namespace holdfast::sim {

// auto& seat = harness.Add<ClusterSeat>(harness); seat.cluster.AddNode(…); seat.cluster.Form();
// seat.Connect();
class ClusterSeat {
 public:
  explicit ClusterSeat(Harness& harness, sandbox::Cluster::Setup setup = {})
      : cluster(harness.clock.Now(), std::move(setup)),
        http(cluster, harness.clock),
        commands(cluster, harness.clock),
        harness_(harness) {}

  // Every node answers at IP:9200, `ctl` stops and starts them. Before Start, and again when an ip has
  // changed.
  void Connect() {
    for (const std::string& authority : sandbox::elasticsearch::AuthoritiesOf(cluster))
      harness_.AnswersAt(authority, http);
    harness_.RunsAs("ctl", commands);
  }
  // `ssh HOST systemctl …` reaches its nodes, and no other host.
  void ConnectSsh() { harness_.RunsAs("ssh", commands); }
  // At the place of one of its nodes somebody else answers from now on.
  void GiveAway(const std::string& authority, Http& other) { harness_.AnswersAt(authority, other); }

  // As it is by now; requests alone move it too.
  sandbox::Cluster& Now() {
    cluster.Advance(harness_.clock.Now());
    return cluster;
  }

  sandbox::Cluster cluster;
  sandbox::elasticsearch::ClusterHttp http;
  sandbox::elasticsearch::ClusterCommands commands;

 private:
  Harness& harness_;
};

}  // namespace holdfast::sim
