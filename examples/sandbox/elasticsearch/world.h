// A simulated cluster behind the interfaces of controller/world: its clients and its control cannot tell it
// from a real one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/world/clock.h"
#include "controller/world/commands.h"
#include "controller/world/http.h"
#include "examples/sandbox/elasticsearch/cluster.h"

namespace holdfast::sandbox::elasticsearch {

// Answers at "IP:PORT" of every node. What is sent to a node that is down is refused; a frozen one says
// nothing. What it refers to outlives it.
class ClusterHttp : public Http {
 public:
  ClusterHttp(Cluster& cluster, Clock& clock) : cluster_(cluster), clock_(clock) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink) override;

  // Who asks without this in Authorization is 401. "" = nobody has to say who he is.
  std::string wants_authorization;
  // 200 with something else, as from a proxy that nobody thought of: for the next so many requests.
  int html_answers = 0;

 private:
  Cluster& cluster_;
  Clock& clock_;
};

// `ctl stop-node NAME` returns when the process is gone, `ctl start-node NAME` as soon as there is one,
// `ctl get NAME PATH` prints a file of the node's machine, `ctl put NAME PATH` replaces it by its standard
// input; and `systemctl start|stop|show UNIT` over ssh to a node's ip or host.
class ClusterCommands : public Commands {
 public:
  ClusterCommands(Cluster& cluster, Clock& clock) : cluster_(cluster), clock_(clock) {}
  Task<Result<Exit>> Run(CommandLine command, Limits limits) override;

 private:
  struct Ran {
    Exit exit;
    absl::Duration took;
  };
  Ran Control(const std::vector<std::string>& argv, std::string input);
  Ran FileOf(const std::vector<std::string>& argv, std::string input);
  Ran Over(const std::vector<std::string>& argv);
  Ran Systemctl(const std::string& node, const std::vector<std::string>& words);
  Ran StopNode(const std::string& node);
  Ran StartNode(const std::string& node);

  Cluster& cluster_;
  Clock& clock_;
};

// "10.0.0.11:9200" of every node, as it is now.
std::vector<std::string> AuthoritiesOf(const Cluster& cluster);

}  // namespace holdfast::sandbox::elasticsearch
