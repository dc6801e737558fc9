#include "reconcilers/service_stack/reading.h"

#include <charconv>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/control/sysv.h"
#include "reconcilers/service_stack/actions.h"

namespace holdfast::stack {
namespace {

// supervisord tells whole seconds; a smaller difference between its clock and ours cannot be told from that.
constexpr absl::Duration kClockNoise = absl::Seconds(2);

absl::Time ByOurClock(absl::Time theirs, absl::Duration offset) {
  return theirs == absl::InfinitePast() ? theirs : theirs + offset;
}

// `state` of a supervised program in our words; nothing when supervisord itself does not know.
std::optional<Life> LifeOf(const clients::ProcessInfo& info) {
  using S = clients::ProcessState;
  switch (info.state) {
    case S::kStopped:
      return info.start == absl::InfinitePast() ? Life::kNever : Life::kStopped;
    case S::kStarting:
    case S::kBackoff:
      return Life::kStarting;
    case S::kRunning:
      return Life::kRunning;
    case S::kStopping:
      return Life::kStopping;
    case S::kExited:
    case S::kFatal:
      return Life::kFailed;
    case S::kUnknown:
      break;
  }
  return std::nullopt;
}

Life LifeOf(const clients::UnitInfo& unit) {
  if (unit.active_state == "active" || unit.active_state == "reloading") return Life::kRunning;
  if (unit.active_state == "activating") return Life::kStarting;
  if (unit.active_state == "deactivating") return Life::kStopping;
  if (unit.active_state == "failed") return Life::kFailed;
  if (unit.StoppedCleanly()) return Life::kStopped;
  return unit.invocation_id.empty() ? Life::kNever : Life::kFailed;
}

Answer::Level LevelOf(clients::ProbeAnswer::Level level) {
  using L = clients::ProbeAnswer::Level;
  switch (level) {
    case L::kConnects:
      return Answer::Level::kConnects;
    case L::kStarting:
      return Answer::Level::kStarting;
    case L::kServing:
      return Answer::Level::kServing;
    case L::kWrong:
      return Answer::Level::kWrong;
    case L::kUnknown:
    case L::kNothingThere:
      break;
  }
  return Answer::Level::kNothingThere;
}

int64_t NumberIn(const clients::ProbeAnswer& answer, const char* fact) {
  int64_t number = 0;
  if (const auto found = answer.facts.find(fact); found != answer.facts.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

Observed<Answer> Said(const clients::ProbeAnswer& answer, Answer::Witness witness) {
  if (answer.level == clients::ProbeAnswer::Level::kUnknown) return Unknown{answer.detail};
  return Known<Answer>{{.level = LevelOf(answer.level),
                        .witness = witness,
                        .failed_drives = static_cast<uint32_t>(NumberIn(answer, "volumesFailed")),
                        .detail = answer.detail,
                        .missing_blocks = NumberIn(answer, "missingBlocks")},
                       answer.at};
}

bool IsLoopback(std::string_view host) {
  return host.empty() || host == "localhost" || host == "::1" || host.starts_with("127.") ||
         host.starts_with("/");
}

template <class P>
std::string HostIn(const P& probe) {
  if constexpr (requires { probe.socket; }) {
    if (!probe.socket->empty()) return *probe.socket;
  }
  if constexpr (requires { probe.host; }) return *probe.host;
  return {};
}
template <class P>
absl::Duration DeadlineIn(const P& probe) {
  if constexpr (requires { probe.deadline; }) return probe.deadline;
  return kProbeDeadline;
}

struct Where {
  clients::ProbePlace from_here, on_host;
  enum class Ways { kFromHere, kOnHost, kBoth } ways = Ways::kFromHere;
  Answer::Witness here = Answer::Witness::kRemote;
};

// A loopback address is the host's own, so it is asked there. Any other is asked from here first, which is
// cheap and shows the way that users go, and on the host when that fails.
Where PlacesOf(const Layout& layout, uint32_t t) {
  const Target& target = layout.targets[t];
  const Probe& probe = *layout.ServiceOf(t).probe;
  const Reach reach = ReachOf(layout, t);
  const std::string written = Expanded(std::visit([](const auto& p) { return HostIn(p); }, probe), target);
  const std::string host = written.empty() ? std::string(target.host()) : written;
  using From = clients::ProbePlace::From;
  Where where;
  where.from_here = {.from = From::kFromHere, .host = host};
  where.on_host = {.from = From::kOnHost, .where = reach, .host = host};
  const bool is_command = std::holds_alternative<CommandProbe>(probe);
  if (reach.host.empty()) {
    if (is_command) where.ways = Where::Ways::kOnHost;
    // Who reaches a supervisord elsewhere by its URL sees its services from afar.
    if (IsOnThisMachine(layout, t) && IsLoopback(host)) where.here = Answer::Witness::kOnHost;
    return where;
  }
  where.ways = is_command || IsLoopback(host) ? Where::Ways::kOnHost : Where::Ways::kBoth;
  return where;
}

std::string UnitName(const SystemdControl& control, const Target& target) {
  return Expanded(control.unit, target);
}

const Known<clients::ServiceStatus>* RunningIn(const Observed<clients::ServiceStatus>& seen) {
  using S = clients::ServiceStatus::State;
  return seen.Match(
      [](const Known<clients::ServiceStatus>& known) {
        return known.value.state == S::kRunning ? &known : nullptr;
      },
      [](const Absent&) -> const Known<clients::ServiceStatus>* { return nullptr; },
      [](const Unknown&) -> const Known<clients::ServiceStatus>* { return nullptr; });
}

clients::Become AsClients(Become become) {
  return become == Become::kSudo ? clients::Become::kSudo : clients::Become::kNobody;
}

}  // namespace

Observed<Process> FromSupervisord(Observed<clients::ProcessInfo> seen,
                                  const clients::SupervisordEndpoint& endpoint) {
  return seen.Match(
      [&](const Known<clients::ProcessInfo>& known) -> Observed<Process> {
        const clients::ProcessInfo& info = known.value;
        const std::optional<Life> life = LifeOf(info);
        if (!life) return Unknown{Cat(endpoint.Text(), " says ", info.statename, " of ", info.name)};
        absl::Duration offset;
        if (!endpoint.IsLocal() && info.now != absl::InfinitePast() &&
            absl::AbsDuration(known.at - info.now) > kClockNoise)
          offset = known.at - info.now;
        Process process{.life = *life,
                        .incarnation = info.incarnation,
                        .started = ByOurClock(info.start, offset),
                        .stopped = ByOurClock(info.stop, offset),
                        .word = info.statename};
        // `spawnerr` outlives its cause: it says something only while nothing runs.
        if (*life == Life::kFailed || info.state == clients::ProcessState::kBackoff)
          process.trouble = info.spawnerr.empty() ? info.description : info.spawnerr;
        return Known<Process>{std::move(process), known.at};
      },
      [](const Absent& absent) -> Observed<Process> { return absent; },
      [](const Unknown& unknown) -> Observed<Process> { return unknown; });
}

Observed<Process> FromSystemd(Observed<clients::UnitInfo> seen) {
  return seen.Match(
      [&](const Known<clients::UnitInfo>& known) -> Observed<Process> {
        const clients::UnitInfo& unit = known.value;
        if (unit.load_state == "masked") return Absent{Cat(unit.id, " is masked"), known.at};
        if (unit.active_state == "maintenance") return Unknown{Cat(unit.id, " is in maintenance")};
        Process process{.life = LifeOf(unit),
                        .incarnation = unit.invocation_id,
                        .started = unit.active_since,
                        .stopped = unit.inactive_since,
                        .word = Cat(unit.active_state, " (", unit.sub_state, ")")};
        if (process.life == Life::kFailed)
          process.trouble = Cat("result ", unit.result, ", status ", unit.exec_main_status);
        return Known<Process>{std::move(process), known.at};
      },
      [](const Absent& absent) -> Observed<Process> { return absent; },
      [](const Unknown& unknown) -> Observed<Process> { return unknown; });
}

Observed<Process> FromStatus(Observed<clients::ServiceStatus> seen) {
  return seen.Match(
      [](const Known<clients::ServiceStatus>& known) -> Observed<Process> {
        using S = clients::ServiceStatus::State;
        const S state = known.value.state;
        Process process{.life = state == S::kRunning ? Life::kRunning
                                : state == S::kDead  ? Life::kFailed
                                                     : Life::kStopped,
                        .incarnation = known.value.pid > 0 ? Cat(known.value.pid) : std::string(),
                        .word = Cat("status ", known.value.code)};
        if (state == S::kDead) process.trouble = known.value.output;
        return Known<Process>{std::move(process), known.at};
      },
      [](const Absent& absent) -> Observed<Process> { return absent; },
      [](const Unknown& unknown) -> Observed<Process> { return unknown; });
}

clients::Probe ClientProbe(const Probe& probe, const Target& target, Become become) {
  struct Convert {
    const Target& target;
    Become become;
    static uint16_t P(int port) { return static_cast<uint16_t>(port); }
    clients::Probe operator()(const NoProbe&) const { return clients::TcpProbe{}; }
    clients::Probe operator()(const HttpProbe& p) const {
      return clients::HttpProbe{.scheme = p.tls ? "https" : "http",
                                .port = P(p.port),
                                .path = *p.path,
                                .status = *p.status,
                                .body_regex = p.body_matches.value_or(""),
                                .json_pointer = p.pointer.value_or(""),
                                .json_equals = p.equals.value_or(""),
                                .ca_file = p.ca_file.value_or("")};
    }
    clients::Probe operator()(const TcpProbe& p) const {
      return clients::TcpProbe{P(p.port), *p.send, *p.expect};
    }
    clients::Probe operator()(const CommandProbe& p) const {
      return clients::CommandProbe{.argv = ExpandedWords(p.argv, target),
                                   .become = AsClients(become),
                                   .serving_codes = *p.exit_codes,
                                   .output_regex = *p.output_matches};
    }
    clients::Probe operator()(const PostgresqlProbe& p) const {
      return clients::PostgresqlProbe{P(p.port), *p.user, *p.database};
    }
    clients::Probe operator()(const RedisProbe& p) const { return clients::RedisProbe{.port = P(p.port)}; }
    clients::Probe operator()(const ZookeeperProbe& p) const { return clients::ZookeeperProbe{P(p.port)}; }
    clients::Probe operator()(const HdfsNamenodeProbe& p) const { return clients::NameNodeProbe{P(p.port)}; }
    clients::Probe operator()(const HdfsDatanodeProbe& p) const { return clients::DataNodeProbe{P(p.port)}; }
    clients::Probe operator()(const AccumuloProbe& p) const {
      using Server = clients::AccumuloServerProbe::Server;
      const Server server = p.server == AccumuloServer::kMaster ? Server::kMaster
                            : p.server == AccumuloServer::kGc   ? Server::kGc
                                                                : Server::kTserver;
      return clients::AccumuloServerProbe{server, P(p.port)};
    }
  };
  return std::visit(Convert{target, become}, probe);
}

Task<Observed<Process>> ReadProcess(clients::Clients& clients, const Layout& layout, uint32_t t,
                                    absl::Time not_older_than) {
  const Target& target = layout.targets[t];
  const Resolved& service = layout.ServiceOf(t);
  const Control& control = service.spec->control;
  if (const auto* supervisord = std::get_if<SupervisordControl>(&control)) {
    const clients::SupervisordEndpoint endpoint = EndpointOf(*supervisord, target);
    co_return FromSupervisord(
        co_await clients.supervisors.Look(endpoint, Expanded(supervisord->program, target), not_older_than),
        endpoint);
  }
  const Reach reach = ReachOf(layout, t);
  if (const auto* systemd = std::get_if<SystemdControl>(&control))
    co_return FromSystemd(co_await clients.units.Look(reach, UnitName(*systemd, target), not_older_than));
  const auto* sysv = std::get_if<SysvControl>(&control);
  const std::vector<std::string> argv = sysv != nullptr
                                            ? clients::ServiceArgv(Expanded(sysv->service, target), "status")
                                            : ExpandedWords(std::get<CommandControl>(control).status, target);
  Observed<clients::ServiceStatus> seen =
      co_await clients.status_commands.Look(reach, AsClients(service.become), argv, not_older_than);
  const std::string pid_file =
      Expanded(sysv != nullptr ? *sysv->pid_file : *std::get<CommandControl>(control).pid_file, target);
  if (const auto* running = RunningIn(seen); running != nullptr && !pid_file.empty()) {
    Known<clients::ServiceStatus> named = *running;
    named.value.pid =
        co_await clients.status_commands.ReadPidFile(reach, AsClients(service.become), pid_file);
    seen = std::move(named);
  }
  co_return FromStatus(std::move(seen));
}

Task<Observed<Answer>> ReadAnswer(clients::Clients& clients, const Layout& layout, uint32_t t,
                                  Effort effort) {
  const Resolved& service = layout.ServiceOf(t);
  const Where where = PlacesOf(layout, t);
  const clients::Probe probe = ClientProbe(*service.probe, layout.targets[t], service.become);
  const absl::Duration deadline = std::visit([](const auto& p) { return DeadlineIn(p); }, *service.probe);
  if (where.ways == Where::Ways::kOnHost)
    co_return Said(co_await clients.probes.Ask(probe, where.on_host, deadline), Answer::Witness::kOnHost);
  const clients::ProbeAnswer here = co_await clients.probes.Ask(probe, where.from_here, deadline);
  using L = clients::ProbeAnswer::Level;
  const bool sure = here.level == L::kServing || here.level == L::kStarting || here.level == L::kWrong;
  if (sure || where.ways != Where::Ways::kBoth || effort == Effort::kFromHere)
    co_return Said(here, where.here);
  const clients::ProbeAnswer there = co_await clients.probes.Ask(probe, where.on_host, deadline);
  if (there.level == L::kUnknown) co_return Said(here, Answer::Witness::kRemote);
  co_return Said(there, Answer::Witness::kOnHost);
}

Task<std::optional<Finding>> ReadOrphans(clients::Clients& clients, const Layout& layout, uint32_t t) {
  const Target& target = layout.targets[t];
  const auto* supervisord = std::get_if<SupervisordControl>(&layout.ServiceOf(t).spec->control);
  if (supervisord == nullptr) co_return std::nullopt;
  const clients::SupervisordEndpoint endpoint = EndpointOf(*supervisord, target);
  if (!clients.supervisors.IsNew(endpoint)) co_return std::nullopt;
  const Reach reach = ReachOf(layout, t);
  // Of a supervisord that is only known by its URL nobody knows where its processes are.
  if (reach.host.empty() && !IsOnThisMachine(layout, t)) co_return std::nullopt;
  const auto seen = co_await clients.orphans.Look(endpoint, reach, Expanded(supervisord->program, target));
  Finding finding{.target = t};
  seen.Match(
      [&](const Known<std::vector<clients::FoundProcess>>& known) {
        for (const clients::FoundProcess& process : known.value)
          finding.orphans.push_back({process.pid, process.incarnation, process.start});
      },
      [](const Absent&) {},
      [&](const Unknown& unknown) {
        finding.orphans_unknown =
            Cat("its supervisord is new, and whether processes of the one before are left "
                "could not be seen: ",
                unknown.reason);
      });
  if (finding.orphans.empty() && finding.orphans_unknown.empty()) co_return std::nullopt;
  co_return finding;
}

Task<Finding> Diagnose(clients::Clients& clients, const Layout& layout, uint32_t t, std::string incarnation) {
  constexpr size_t kTailBytes = 600;
  constexpr int64_t kFullPercent = 99;
  Finding finding{.target = t};
  const Target& target = layout.targets[t];
  const Service& service = *layout.ServiceOf(t).spec;
  int64_t pid = 0;
  // systemd names runs, not processes.
  if (!std::holds_alternative<SystemdControl>(service.control))
    std::from_chars(incarnation.data(), incarnation.data() + incarnation.size(), pid);
  if (IsOnThisMachine(layout, t) || !ReachOf(layout, t).host.empty()) {
    // Process 1 is always there: through it the machine is looked at when the target's own process is gone.
    const auto facts =
        co_await clients.processes.Look(ReachOf(layout, t), pid > 0 ? pid : 1, *service.data_path);
    facts.Match(
        [&](const Known<clients::ProcessFacts>& known) {
          const clients::ProcessFacts& f = known.value;
          if (pid > 0) {
            finding.diagnosis = f.Text();
            finding.pid = f.pid;
            finding.run = f.incarnation;
          }
          if (f.disk_used_percent < 0) return;
          finding.disk = f.disk_used_percent >= kFullPercent ? Finding::Disk::kFull : Finding::Disk::kHasRoom;
          if (pid <= 0)
            finding.diagnosis = Cat(f.disk_path, " ", f.disk_used_percent, " % used, load ", f.load);
        },
        [](const Absent&) {}, [](const Unknown&) {});
  }
  if (const auto* supervisord = std::get_if<SupervisordControl>(&service.control)) {
    const auto tail = co_await clients.supervisors.TailLog(
        EndpointOf(*supervisord, target), Expanded(supervisord->program, target), kTailBytes);
    if (tail.ok() && !tail->empty())
      Append(finding.diagnosis, finding.diagnosis.empty() ? "" : "; ",
             "log ends: ", Excerpt(Trim(*tail), kTailBytes));
  }
  co_return finding;
}

}  // namespace holdfast::stack
