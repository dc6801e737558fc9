// What a server answers when it is asked the way its clients ask it.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "controller/base/task.h"
#include "controller/plan/action.h"
#include "controller/world/world.h"
#include "reconcilers/clients/control/ssh.h"
#include "reconcilers/clients/secrets.h"

namespace holdfast::clients {

struct ProbeAnswer {
  enum class Level {
    kUnknown,  // not connected in time, unreachable, no DNS, no TLS, no way there: says nothing about the
               // server
    kNothingThere,  // a live host refused the connection (or the declared command does not find it)
    kConnects,      // the connection was accepted, or the program began, but no answer came in time: a zombie
                    // looks so
    kStarting,      // it says itself that it is not ready yet: leave it alone, however long it takes
    kServing,       // it answered as demanded
    kWrong,         // it answered, but not as demanded
  };
  Level level = Level::kUnknown;
  std::string detail;  // for people: what was asked, of whom, what came back; bounded
  std::map<std::string, std::string>
      facts;  // what the answer tells beyond the level: role, mode, missingBlocks, …
  absl::Time at = absl::InfinitePast();  // when it was sent
  absl::Duration took;
};
std::string_view LevelName(ProbeAnswer::Level level);

// Where the server is asked. `host` is an address, a name, or the path of a unix socket; empty is the
// loopback address.
struct ProbePlace {
  // kFromHere: from this machine. kOnHost: from the server's own machine (the second witness that a kill
  // needs): the connection is made there by `ssh -W` to the loopback address, or to `host` when it is given.
  // When `where.host` is empty both are the same.
  enum class From { kFromHere, kOnHost } from = From::kFromHere;
  Reach where;
  std::string host;
};

struct HttpProbe {
  std::string scheme = "http";  // or https, which cannot be asked on a remote host
  uint16_t port = 0;
  std::string path = "/";
  std::string host_header;   // "" = the place
  std::vector<int> status;   // empty = 200 to 399
  std::string body_regex;    // RE2, found anywhere
  std::string json_pointer;  // "/status/state" …
  std::string json_equals;   // … is this text, number or true/false/null
  std::string ca_file;
};
struct TcpProbe {
  uint16_t port = 0;
  std::string send;
  std::string expect_regex;  // RE2, found in what came so far; empty = being connected is enough
};
struct CommandProbe {
  std::vector<std::string> argv;
  Become become = Become::kNobody;
  std::vector<int> serving_codes = {0};
  std::vector<int> starting_codes;
  std::string output_regex;
};
struct PostgresqlProbe {
  uint16_t port = 5432;
  std::string user = "holdfast";
  std::string database = "postgres";
};
struct RedisProbe {
  uint16_t port = 6379;
  std::string user;
  SecretRef password;         // without one, -NOAUTH counts as an answer
  std::string expected_role;  // "master" or "slave"; empty = not asked
};
struct ZookeeperProbe {
  uint16_t port = 2181;
};
struct NameNodeProbe {
  uint16_t port = 9870;
};
struct DataNodeProbe {
  uint16_t port = 9864;
};
struct AccumuloMonitorProbe {
  uint16_t port = 9995;
};
// One of Accumulo's own servers, asked as its clients do. A frozen one still accepts connections.
struct AccumuloServerProbe {
  enum class Server { kTserver, kMaster, kGc } server = Server::kTserver;
  uint16_t port = 9997;
};
using Probe = std::variant<HttpProbe, TcpProbe, CommandProbe, PostgresqlProbe, RedisProbe, ZookeeperProbe,
                           NameNodeProbe, DataNodeProbe, AccumuloMonitorProbe, AccumuloServerProbe>;
// "redis 127.0.0.1:6379", "http GET http://10.0.0.3:8080/health".
std::string Printed(const Probe& probe, const ProbePlace& place);

class Probes {
 public:
  // `ssh` and `secrets` outlive this.
  Probes(World world, Ssh& ssh, Secrets& secrets) : world_(world), ssh_(ssh), secrets_(secrets) {}

  // Answers within `deadline` whatever the other side does, and keeps no connection. Reports the exchange to
  // world.vitals. Facts per probe:
  //   http: status · postgresql: sqlstate, message · redis: role, loading, masterLink · zookeeper: mode,
  //   connections namenode: state, safemode (off|on), safemodeReason, missingBlocks, liveDataNodes,
  //   deadDataNodes datanode: volumesFailed, remaining · accumulo: tservers, unassignedTablets,
  //   deadTabletServers · command: code
  Task<ProbeAnswer> Ask(Probe probe, ProbePlace place, absl::Duration deadline);

  static constexpr size_t kMostAnswerBytes = 64 << 10;
  static constexpr size_t kMostJmxBytes = 1 << 20;
  static constexpr size_t kMostDetail = 400;
  static constexpr absl::Duration kLongestDeadline = absl::Minutes(1);

 private:
  World world_;
  Ssh& ssh_;
  Secrets& secrets_;
};

}  // namespace holdfast::clients
