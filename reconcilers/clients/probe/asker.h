// Asking one server in each of the protocols.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "controller/base/task.h"
#include "controller/world/world.h"
#include "reconcilers/clients/probe/exchange.h"
#include "reconcilers/clients/probe/probe.h"

namespace holdfast::clients {

// Made for one probe; `at` and `took` of what it answers are the caller's to fill in.
class Asker {
 public:
  // `ssh` and `secrets` outlive this.
  Asker(World world, Ssh& ssh, Secrets& secrets, ProbePlace place, absl::Duration deadline);

  Task<ProbeAnswer> Http(HttpProbe probe, std::string what);
  Task<ProbeAnswer> Tcp(TcpProbe probe, std::string what);
  Task<ProbeAnswer> Command(CommandProbe probe, std::string what);
  Task<ProbeAnswer> Postgresql(PostgresqlProbe probe, std::string what);
  Task<ProbeAnswer> Redis(RedisProbe probe, std::string what);
  Task<ProbeAnswer> Zookeeper(ZookeeperProbe probe, std::string what);
  Task<ProbeAnswer> NameNode(NameNodeProbe probe, std::string what);
  Task<ProbeAnswer> DataNode(DataNodeProbe probe, std::string what);
  Task<ProbeAnswer> Accumulo(AccumuloMonitorProbe probe, std::string what);
  Task<ProbeAnswer> AccumuloServer(AccumuloServerProbe probe, std::string what);

 private:
  struct Fetched {
    Exchanged exchanged;  // its bytes are left empty
    HttpResponse response;
  };
  Task<Fetched> Fetch(HttpProbe probe, size_t max_bytes);
  Task<Fetched> FetchHere(HttpProbe probe, size_t max_bytes);
  Task<Fetched> FetchThere(HttpProbe probe, size_t max_bytes);
  // The body of a 200, or what its absence means.
  Task<std::variant<std::string, ProbeAnswer>> Json(std::string path, uint16_t port, std::string what);
  bool IsElsewhere() const;
  absl::Duration Left() const;

  World world_;
  Ssh& ssh_;
  Secrets& secrets_;
  const ProbePlace place_;
  const absl::Duration until_;  // on the steady clock
};

}  // namespace holdfast::clients
