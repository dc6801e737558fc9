// Real nodes of Elasticsearch or OpenSearch on loopback addresses of their own.
#pragma once

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/lab.h"

namespace holdfast::elasticsearch {

// A cluster that lives as long as this, also when the program is killed: a guard stops the nodes then.
class ElasticsearchLab {
 public:
  struct Make {
    std::string flavor = "opensearch";  // or "elasticsearch"
    std::string version = "2.19.4";
    int nodes = 3;
    std::string first_ip = "127.0.81.11";  // node nK has the K-th address from here on
    std::string zones = "primary,spot";    // in turn
    std::string masters;                   // "n1,n2,n3"; "" = the first three
    std::string more_settings;             // lines for every node's file, with \n between
    std::string password;                  // TLS and logins, as elasticsearch_lab.sh says; "" = neither
  };
  explicit ElasticsearchLab(Make make);
  ~ElasticsearchLab();
  ElasticsearchLab(const ElasticsearchLab&) = delete;
  ElasticsearchLab& operator=(const ElasticsearchLab&) = delete;

  // Why such nodes cannot be had here, or "". Fetches the distribution when it is not in the cache.
  static std::string WhyNot(const Make& make);
  // Its distribution, which must be in the cache, knows TLS and logins.
  static bool HasSecurity(const Make& make);

  // "" when all nodes are there and the cluster is green, else what was said.
  const std::string& problem() const { return problem_; }
  std::string Endpoint(int node) const;  // "http://127.0.81.11:9200"
  std::vector<std::string> Endpoints() const;
  std::string Authority() const { return Folder() + "/tls/ca.crt"; }
  std::string Ip(int node) const;

  // Nodes are counted from 1.
  void StopNode(int node, std::string_view signal = "TERM");  // returns when its process is gone
  void StartNode(int node);                                   // returns when its process is there
  void Freeze(int node) { Signal(node, SIGSTOP); }
  void Thaw(int node) { Signal(node, SIGCONT); }
  pid_t PidOf(int node) const;
  bool WaitGreen(absl::Duration longest = absl::Minutes(2));

  struct Said {
    int status = 0;  // 0 = no answer
    std::string body;
  };
  // As a person with curl does it, at that node.
  Said Get(const std::string& path, int node = 1);
  Said Put(const std::string& path, const std::string& body, int node = 1);
  Said Call(const std::string& method, const std::string& path, const std::string& body, int node = 1);

  clients::Lab lab;
  clients::RealRig rig{lab.directory()};

 private:
  int Script(std::vector<std::string> words);
  void Signal(int node, int number);
  std::string Folder() const { return lab.Path("cluster"); }

  const Make make_;
  std::string problem_;
};

}  // namespace holdfast::elasticsearch
