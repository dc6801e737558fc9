// What people write in an ElasticsearchCluster and in the Operations on it.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "reconcilers/clients/control/written.h"
#include "specs/field_table.h"
#include "specs/temporary.h"
#include "specs/values.h"

namespace holdfast::elasticsearch {

inline constexpr size_t kMostEndpoints = 64;
inline constexpr size_t kMostExclusions = 1000;

struct BasicLogin {
  std::string user;
  specs::Secret password;
  bool operator==(const BasicLogin&) const = default;
};
struct ApiKeyLogin {
  specs::Secret key;  // base64 of id:key, as the server gives it out
  bool operator==(const ApiKeyLogin&) const = default;
};
using Login = std::variant<BasicLogin, ApiKeyLogin>;

// Nodes by what they are called. A node must fit everything that is written; `*` stands for any text in all
// but `id`.
struct Selector {
  std::string ip, name, host, id;
  std::map<std::string, std::string> attributes;
  bool empty() const {
    return ip.empty() && name.empty() && host.empty() && id.empty() && attributes.empty();
  }
  bool operator==(const Selector&) const = default;
};
const specs::FieldTable<Selector>& SelectorFields();
std::string SelectorText(const Selector& selector);  // "zone: spot, name: old-*"

// One entry of `exclude`: exactly one key of the cluster's own filters.
struct Exclusion : Selector {
  std::optional<absl::Time> until;  // with it, it ends by itself; the text may stay in the file
  std::string reason;
  bool allow_empty = false;
  bool InForce(absl::Time now) const { return !until || now < *until; }
};

struct AllocationAll {
  bool operator==(const AllocationAll&) const = default;
};
enum class EnableMode : uint8_t { kAll, kPrimaries, kNewPrimaries, kNone };
std::string_view EnableText(EnableMode mode);  // "new_primaries"
// Less than `all` ends by itself.
struct AllocationLimited {
  specs::Temporary temporary;
};
struct AllocationPrimaries : AllocationLimited {};
struct AllocationNewPrimaries : AllocationLimited {};
struct AllocationNone : AllocationLimited {};
using Allocation = std::variant<AllocationAll, AllocationPrimaries, AllocationNewPrimaries, AllocationNone>;
EnableMode ModeOf(const Allocation& allocation);
const specs::Temporary* TemporaryOf(const Allocation& allocation);  // nullptr of AllocationAll

// Two programs that return when the node's process is gone, and when it was started; and two, if files come
// and go by programs too: `put` replaces `{path}` by what it reads, whole or not at all, `get` prints it or
// fails.
struct NodeCommands {
  specs::Argv stop, start, put, get;
  bool operator==(const NodeCommands&) const = default;
};
// Who stops and starts the process of a node, and how its host is reached; `{name}`, `{ip}`, `{host}` and
// `{id}` stand for the node's.
struct NodeControl {
  std::optional<control::SystemdControl> systemd;
  std::optional<control::SysvControl> sysv;
  std::optional<control::SupervisordControl> supervisord;
  std::optional<NodeCommands> command;
  std::optional<control::Via> via;
  control::Become become = control::Become::kNobody;
};

// How a node is taken out of service and brought back, whatever for.
struct Disruption {
  enum class Protect : uint8_t { kRisky, kAlways, kNever } protect_from = Protect::kRisky;
  int max_unavailable = 1;  // more than one is refused: two nodes may hold the two copies of a shard
  std::optional<NodeControl> control;
  absl::Duration stop_timeout = absl::Minutes(3);
  absl::Duration return_timeout = absl::Minutes(10);  // from its start until it is back in the cluster
  // What becomes of allocation when a node that was stopped does not come back at all.
  enum class WhenLost : uint8_t { kHold, kReallocate } when_lost = WhenLost::kHold;
  absl::Duration lost_after = absl::Minutes(30);  // from its stop
};

struct Spec {
  std::vector<std::string> endpoints;
  std::optional<Login> auth;
  std::string ca_file;
  std::optional<Allocation> allocation;
  std::vector<Exclusion> exclude;
  bool adopt_foreign = false;
  int min_data_nodes = 1;
  specs::Percentage max_excluded{50};
  Selector risky_nodes;
  std::map<std::string, std::string> settings;
  // Indices that take no writes since a disk was over its flood stage.
  enum class FloodBlocks : uint8_t { kReport, kRemove } flood_blocks = FloodBlocks::kReport;
  Disruption disruption;
};
const specs::FieldTable<Spec>& SpecFields();

inline constexpr size_t kMostConfigFiles = 16;

// A file of this machine, written as it lies from the file of the spec.
struct BesideSpec {
  std::string written;
  std::string path;  // from where the controller runs; words in braces stand for the node's own
  bool operator==(const BesideSpec& other) const { return written == other.written; }
};
// A file of each node, and where its text comes from.
struct ConfigFile {
  std::string path;  // on the node; words in braces stand for the node's own
  BesideSpec from;
  std::string sha256;  // what `from` must be; "" = whatever it is
  bool operator==(const ConfigFile&) const = default;
};

// An Operation of either verb.
struct Operation {
  enum class Verb : uint8_t { kRollingRestart, kConfigChange } verb = Verb::kRollingRestart;
  Selector nodes;
  // Of a restart: a node that started later is done; left out: when the Operation was first seen.
  absl::Time started_before = absl::InfinitePast();
  // Of a change of configuration: a node is done that runs with these files.
  std::vector<ConfigFile> files;
  enum class Strategy : uint8_t { kInPlace, kDrainFirst } strategy = Strategy::kInPlace;
  int canary = 1;         // so many nodes go first, and the others only when
  absl::Duration settle;  // these have run with the new files for so long
};
struct RollingRestart : Operation {};
const specs::FieldTable<RollingRestart>& RollingRestartFields();
struct ConfigChange : Operation {
  ConfigChange() { verb = Verb::kConfigChange; }
};
const specs::FieldTable<ConfigChange>& ConfigChangeFields();

}  // namespace holdfast::elasticsearch

namespace holdfast::specs {
template <>
struct ShapeOf<elasticsearch::BesideSpec> {
  static const Shape& Get();
};
}  // namespace holdfast::specs
