#include "examples/sandbox/talk.h"

#include <utility>

#include "controller/base/text.h"

namespace holdfast::sandbox {
namespace {

constexpr size_t kMostHeard = 64 << 10;
constexpr size_t kPostgresqlHeader = 8;
constexpr std::string_view kInfo = "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n";

// A FATAL error as PostgreSQL's protocol carries it.
std::string PostgresqlError(std::string_view code, std::string_view message) {
  std::string fields = Cat("SFATAL", '\0', "VFATAL", '\0', "C", code, '\0', "M", message, '\0', '\0');
  const auto length = static_cast<uint32_t>(fields.size() + 4);
  std::string out = "E";
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((length >> shift) & 0xff);
  return out + fields;
}

}  // namespace

HttpSaid SayHttp(const Hosts& hosts, const Process& process) {
  const Unit& unit = *hosts.Find(process.unit);
  if (process.serves_at > hosts.now()) return {503, "starting\n"};
  if (!hosts.NeedsMet(unit)) return {502, Cat("what ", unit.program.service, " needs does not answer\n")};
  return {200, Cat("ok from ", unit.id, " pid ", process.pid, "\n")};
}

Said Talk::Hear(std::string_view bytes) {
  const auto process = hosts_.processes().find(pid_);
  if (process == hosts_.processes().end() || heard_.size() + bytes.size() > kMostHeard)
    return {"", Said::Then::kCloses};
  heard_ += bytes;
  switch (hosts_.Find(process->second.unit)->program.speaks) {
    case Speaks::kRedis:
      return Redis(process->second);
    case Speaks::kHttp:
      return Http(process->second);
    case Speaks::kZookeeper:
      return Zookeeper(process->second);
    case Speaks::kPostgresql:
      return Postgresql(process->second);
    case Speaks::kNothing:
      break;
  }
  return {};
}

// Inline commands and arrays alike: each line that names a command is answered.
Said Talk::Redis(const Process& process) {
  Said said;
  size_t end = 0;
  while ((end = heard_.find("\r\n")) != std::string::npos) {
    const std::string line = Lower(heard_.substr(0, end));
    heard_.erase(0, end + 2);
    if (line.starts_with("*") || line.starts_with("$")) continue;
    const bool loading = process.serves_at > hosts_.now();
    if (line == "quit") return {said.bytes + "+OK\r\n", Said::Then::kCloses};
    if (loading)
      said.bytes += "-LOADING Redis is loading the dataset in memory\r\n";
    else if (line == "ping")
      said.bytes += "+PONG\r\n";
    else if (line.starts_with("info"))
      Append(said.bytes, "$", kInfo.size(), "\r\n", kInfo, "\r\n");
  }
  return said;
}

Said Talk::Http(const Process& process) {
  if (heard_.find("\r\n\r\n") == std::string::npos) return {};
  heard_.clear();
  const HttpSaid said = SayHttp(hosts_, process);
  return {Cat("HTTP/1.1 ", said.status, said.status == 200 ? " OK" : " Error",
              "\r\nContent-Type: text/plain\r\nContent-Length: ", said.body.size(),
              "\r\nConnection: close\r\n\r\n", said.body),
          Said::Then::kCloses};
}

Said Talk::Zookeeper(const Process& process) {
  if (heard_.size() < 4) return {};
  if (!heard_.starts_with("srvr")) return {"", Said::Then::kCloses};
  const Unit& unit = *hosts_.Find(process.unit);
  if (process.serves_at > hosts_.now() || !hosts_.HasQuorum(unit))
    return {"This ZooKeeper instance is not currently serving requests\n", Said::Then::kCloses};
  std::string_view mode = "leader";
  for (const auto& [id, other] : hosts_.units()) {
    if (id == unit.id) break;
    if (other.program.service == unit.program.service && hosts_.Serves(id)) mode = "follower";
  }
  return {Cat("Zookeeper version: 3.8.0-sandbox, built on 2022-01-01 00:00 UTC\nLatency min/avg/max: "
              "0/0.0/0\nReceived: 7\nSent: 6\n"
              "Connections: 1\nOutstanding: 0\nZxid: 0x100000000\nMode: ",
              mode, "\nNode count: 5\n"),
          Said::Then::kCloses};
}

Said Talk::Postgresql(const Process& process) {
  if (heard_.size() < kPostgresqlHeader) return {};
  heard_.clear();
  if (process.serves_at > hosts_.now())
    return {PostgresqlError("57P03", "the database system is starting up"), Said::Then::kCloses};
  // AuthenticationOk.
  return {std::string("R\0\0\0\x08\0\0\0\0", 9), Said::Then::kListens};
}

}  // namespace holdfast::sandbox
