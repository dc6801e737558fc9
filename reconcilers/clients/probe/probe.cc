#include "reconcilers/clients/probe/probe.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/clients/probe/answers.h"
#include "reconcilers/clients/probe/asker.h"
#include "reconcilers/clients/probe/exchange.h"

namespace holdfast::clients {

namespace {

using Level = ProbeAnswer::Level;

std::string NameOf(const Probe& probe) {
  constexpr std::string_view kNames[] = {
      "http",      "tcp",      "command",  "postgresql", "redis",
      "zookeeper", "namenode", "datanode", "accumulo",   "accumulo server"};
  return std::string(kNames[probe.index()]);
}

uint16_t PortOf(const Probe& probe) {
  return std::visit(
      [](const auto& which) -> uint16_t {
        if constexpr (requires { which.port; })
          return which.port;
        else
          return 0;
      },
      probe);
}

}  // namespace

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kUnknown:
      return "unknown";
    case Level::kNothingThere:
      return "nothing there";
    case Level::kConnects:
      return "connects, no answer";
    case Level::kStarting:
      return "starting";
    case Level::kServing:
      return "serving";
    case Level::kWrong:
      return "wrong answer";
  }
  return "unknown";
}

std::string Printed(const Probe& probe, const ProbePlace& place) {
  if (const auto* command = std::get_if<CommandProbe>(&probe))
    return Cat("command ", ShellLine(As(command->become, command->argv)), " on ", PlaceText(place.where));
  if (const auto* http = std::get_if<HttpProbe>(&probe))
    return Cat("http GET ", http->scheme, "://", WhomText(place, http->port), http->path);
  return Cat(NameOf(probe), " ", WhomText(place, PortOf(probe)));
}

Task<ProbeAnswer> Probes::Ask(Probe probe, ProbePlace place, absl::Duration deadline) {
  const std::string what = Printed(probe, place);
  const absl::Time at = world_.clock.Now();
  const absl::Duration begun = world_.clock.Steady();
  Asker asker(world_, ssh_, secrets_, place, std::min(deadline, kLongestDeadline));
  ProbeAnswer answer;
  if (auto* http = std::get_if<HttpProbe>(&probe))
    answer = co_await asker.Http(std::move(*http), what);
  else if (auto* tcp = std::get_if<TcpProbe>(&probe))
    answer = co_await asker.Tcp(std::move(*tcp), what);
  else if (auto* command = std::get_if<CommandProbe>(&probe))
    answer = co_await asker.Command(std::move(*command), what);
  else if (auto* postgresql = std::get_if<PostgresqlProbe>(&probe))
    answer = co_await asker.Postgresql(std::move(*postgresql), what);
  else if (auto* redis = std::get_if<RedisProbe>(&probe))
    answer = co_await asker.Redis(std::move(*redis), what);
  else if (auto* zookeeper = std::get_if<ZookeeperProbe>(&probe))
    answer = co_await asker.Zookeeper(*zookeeper, what);
  else if (auto* name_node = std::get_if<NameNodeProbe>(&probe))
    answer = co_await asker.NameNode(*name_node, what);
  else if (auto* data_node = std::get_if<DataNodeProbe>(&probe))
    answer = co_await asker.DataNode(*data_node, what);
  else if (auto* server = std::get_if<AccumuloServerProbe>(&probe))
    answer = co_await asker.AccumuloServer(*server, what);
  else
    answer = co_await asker.Accumulo(std::get<AccumuloMonitorProbe>(probe), what);
  answer.at = at;
  answer.took = world_.clock.Steady() - begun;
  answer.detail = Excerpt(secrets_.Scrubbed(answer.detail), kMostDetail);
  co_return answer;
}

}  // namespace holdfast::clients
