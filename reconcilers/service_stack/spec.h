// What people write in a ServiceStack.
#pragma once

#include <absl/time/time.h>

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/base/boxed.h"
#include "controller/base/usual.h"
#include "reconcilers/clients/control/written.h"
#include "specs/field_table.h"
#include "specs/temporary.h"
#include "specs/values.h"

namespace holdfast::stack {

inline constexpr size_t kMaxLayers = 32;
inline constexpr size_t kMaxServicesOfLayer = 1000;
inline constexpr size_t kMaxTargets = 10'000;

// ── how a host is reached, and who starts and stops the process; `{host}` and `{index}` stand for the
// target's own ──
using control::Become;
using control::CommandControl;
using control::LocalVia;
using control::SshVia;
using control::SupervisordControl;
using control::SystemdControl;
using control::SysvControl;
using control::Via;
using Control = std::variant<SupervisordControl, SystemdControl, SysvControl, CommandControl>;

// ── how to ask whether it works; an empty host is the target's own, or this machine ──
struct NoProbe {
  bool operator==(const NoProbe&) const = default;
};
inline constexpr absl::Duration kProbeDeadline = absl::Seconds(5);
const std::vector<int>& OnlyOk();     // {200}
const std::vector<int>& OnlyZero();   // {0}
const std::string& RootPath();        // "/"
const std::string& PostgresqlsOwn();  // "postgres"
struct HttpProbe {
  Usual<std::string> host;
  int port = 80;
  bool tls = false;
  Usual<std::string, RootPath> path;
  Usual<std::vector<int>, OnlyOk> status;
  Boxed<std::string> ca_file;
  Boxed<std::string> body_matches;     // RE2 over the body
  Boxed<std::string> pointer, equals;  // JSON pointer into the body, and what must stand there
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const HttpProbe&) const = default;
};
struct TcpProbe {
  Usual<std::string> host;
  int port = 0;
  Usual<std::string> send, expect;
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const TcpProbe&) const = default;
};
struct CommandProbe {
  specs::Argv argv;
  Usual<std::vector<int>, OnlyZero> exit_codes;
  Usual<std::string> output_matches;
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const CommandProbe&) const = default;
};
struct PostgresqlProbe {
  Usual<std::string> host;  // a path that begins with / is a directory of unix sockets
  int port = 5432;
  Usual<std::string, PostgresqlsOwn> user, database;
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const PostgresqlProbe&) const = default;
};
struct RedisProbe {
  Usual<std::string> host;
  int port = 6379;
  Usual<std::string> socket;
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const RedisProbe&) const = default;
};
struct ZookeeperProbe {
  Usual<std::string> host;
  int port = 2181;
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const ZookeeperProbe&) const = default;
};
struct HdfsNamenodeProbe {
  Usual<std::string> host;
  int port = 9870;
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const HdfsNamenodeProbe&) const = default;
};
struct HdfsDatanodeProbe {
  Usual<std::string> host;
  int port = 9864;
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const HdfsDatanodeProbe&) const = default;
};
enum class AccumuloServer : uint8_t { kTserver, kMaster, kGc };
struct AccumuloProbe {
  Usual<std::string> host;
  AccumuloServer server = AccumuloServer::kTserver;
  int port = 0;
  absl::Duration deadline = kProbeDeadline;
  bool operator==(const AccumuloProbe&) const = default;
};
using Probe = std::variant<NoProbe, HttpProbe, TcpProbe, CommandProbe, PostgresqlProbe, RedisProbe,
                           ZookeeperProbe, HdfsNamenodeProbe, HdfsDatanodeProbe, AccumuloProbe>;

// ── what is wanted of a service ──
struct AllReady {
  bool operator==(const AllReady&) const = default;
};
struct MajorityReady {
  bool operator==(const MajorityReady&) const = default;
};
using ReadyRule = std::variant<AllReady, MajorityReady, specs::CountOrPercentage>;

struct NeedsHumanWhen {
  int unavailable = 1;
  bool operator==(const NeedsHumanWhen&) const = default;
};
struct RestartBudget {
  int limit = 6;
  absl::Duration per = absl::Hours(1);
  absl::Duration gap = absl::Minutes(5);
  bool operator==(const RestartBudget&) const = default;
};
struct HealManualStop {
  bool operator==(const HealManualStop&) const = default;
};
inline constexpr absl::Duration kHoldByDefault = absl::Hours(1);
// Our own stops are remembered for a day; a longer hold could take one of them for a person's. Who wants
// longer says `holdfast suspend`.
inline constexpr absl::Duration kHoldAtMost = absl::Hours(24);
struct HoldManualStop {
  absl::Duration hold = kHoldByDefault;
  bool operator==(const HoldManualStop&) const = default;
};
using OnManualStop = std::variant<HealManualStop, HoldManualStop>;

enum class ZombiePolicy : uint8_t { kNever, kPropose, kAct };

// The machines and programs that this build knows by name; kGeneric knows nothing of its own.
enum class ComponentName : uint8_t {
  kGeneric,
  kZookeeper,
  kHdfsNamenode,
  kHdfsDatanode,
  kPostgresql,
  kYarnResourcemanager,
  kYarnNodemanager,
  kAccumuloMaster,
  kAccumuloTserver,
  kAccumuloGc,
  kAccumuloMonitor,
  kRedis,
  kNginx,
};

// Optional fields that are left out take the component's value (component.h). There are many of these: what
// is large and mostly not written takes a pointer only.
struct Service {
  std::string name;
  Usual<specs::Hosts> hosts;  // none = one instance on this machine
  Usual<specs::Hosts> retired;
  ComponentName component = ComponentName::kGeneric;
  std::optional<Become> become;
  std::optional<ZombiePolicy> zombie;
  std::optional<bool> stateful;
  Boxed<ReadyRule> layer_ready_when;
  std::optional<int> max_unavailable;
  std::optional<NeedsHumanWhen> needs_human_when;
  Boxed<absl::Duration> settle, start_timeout, stop_timeout, recovery_time, zombie_after;
  Usual<std::string, RootPath> data_path;  // of the disk that must not be full
  Usual<RestartBudget> restart_budget;
  Boxed<OnManualStop> on_manual_stop;
  Boxed<Via> via;
  Control control;
  Boxed<Probe> probe;
  Usual<std::vector<std::string>> needs, waits_for;
};

struct Layer {
  std::string name;
  Boxed<Via> via;
  std::optional<Become> become;
  std::vector<Service> services;
};

struct Layout;

// Holds what is computed from a spec once. A copied spec computes its own, because a layout points into its
// spec.
class LayoutSlot {
 public:
  LayoutSlot() = default;
  LayoutSlot(const LayoutSlot&) {}
  LayoutSlot& operator=(const LayoutSlot&) { return built.reset(), *this; }  // NOLINT: also of its own
  mutable std::shared_ptr<const Layout> built;
};

enum class Wanted : uint8_t { kUp, kDown };

struct Spec {
  Wanted state = Wanted::kUp;
  bool indefinite = false;
  std::optional<Become> become;
  Usual<specs::Temporary> downtime;
  Usual<std::string> reason;
  Boxed<Via> via;
  std::vector<Layer> layers;
  LayoutSlot layout;  // see layers.h
};

const specs::FieldTable<Spec>& SpecFields();

// An Operation: every named service once, one member at a time.
struct Restart {
  std::vector<std::string> services;
  absl::Time started_before = absl::InfinitePast();
  enum class Order : uint8_t { kBottomUp, kAsNamed } order = Order::kBottomUp;
};
const specs::FieldTable<Restart>& RestartFields();

}  // namespace holdfast::stack
