// What one look at a cluster saw: nodes, copies of shards, settings, and what was asked for besides.
#pragma once

#include <absl/time/time.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::elasticsearch {

enum class Flavor : uint8_t { kElasticsearch, kOpenSearch };

struct Version {
  int major = 0, minor = 0, patch = 0;
  auto operator<=>(const Version&) const = default;
};
std::string VersionText(const Version& version);  // "7.17.29"

inline constexpr uint32_t kNoNode = UINT32_MAX;

struct Node {
  std::string id, name, ip, host;  // `ip` is the HTTP host's, canonical, without a port
  std::string publish_ip;          // of the transport address
  std::string ephemeral_id;        // "" before 5.0: the incarnation is then `started`
  Version version;                 // {} when the node did not tell
  std::vector<std::pair<std::string, std::string>> attributes;  // by name
  std::vector<std::string> roles;                               // sorted; "master" also for cluster_manager
  bool data = false, master_eligible = false;
  // From a call that the node itself answered in this look; the default when it did not.
  absl::Time answered_at = absl::InfinitePast();
  absl::Time started = absl::InfinitePast();     // of its JVM, by the node's own clock
  absl::Duration clock_skew;                     // its clock minus ours; within half of the call's duration
  int64_t disk_total = -1, disk_available = -1;  // bytes of its data paths; -1 = not told

  std::string_view Attribute(std::string_view attribute) const;  // "" when it has none
  // What changes with every start: the ephemeral id, or the start of the JVM before 5.0.
  std::string Incarnation() const;
};

enum class CopyState : uint8_t { kUnassigned, kInitializing, kStarted, kRelocating };

// One entry of the routing table. The target of a relocation has no entry of its own.
struct Copy {
  uint32_t node = kNoNode;  // where it is; of a relocation, where it comes from
  uint32_t relocating_to = kNoNode;
  CopyState state = CopyState::kUnassigned;
  bool primary = false;
  // Its allocation id is in the in-sync set of the cluster's metadata. Before 5.0 there is no such set.
  bool in_sync = false;
  bool delayed = false;
  std::string reason;     // of an unassigned one: "NODE_LEFT"
  std::string last_node;  // id of the node it was lost with, when that is told
  absl::Time unassigned_at = absl::InfinitePast();

  // It serves: the source of a relocation does until its target has taken over.
  bool IsActive() const { return state == CopyState::kStarted || state == CopyState::kRelocating; }
};

struct Shard {
  uint32_t index = 0;  // of View::indices
  uint32_t number = 0;
  uint32_t first = 0, count = 0;  // its copies: a span of View::copies
  // Bytes of one copy, or -1 when it was not asked for ("sizes") or not told.
  int64_t bytes = -1;
};

struct Index {
  std::string name, uuid;
  bool open = true;
  int replicas = 0;
  std::string auto_expand;  // "false", "0-1", "0-all"; "" = not set
  uint32_t first_shard = 0, shard_count = 0;
  // index.routing.*, index.blocks.*, index.store.type and index.number_of_*, flat: the full key with its
  // value.
  std::map<std::string, std::string> settings;

  std::string_view Setting(std::string_view key) const {
    const auto found = settings.find(std::string(key));
    return found == settings.end() ? std::string_view() : std::string_view(found->second);
  }
  // A copy's data is in a repository, not on its node.
  bool LivesElsewhere() const {
    const std::string_view type = Setting("index.store.type");
    return type == "snapshot" || type == "remote_snapshot";
  }
};

// Flat keys with their values as text, as each scope holds them.
struct Settings {
  std::map<std::string, std::string> persistent, transient;
  // What the elected master's own file and the defaults say, of the keys that the kind asks about; empty when
  // the version does not tell (before 5.0).
  std::map<std::string, std::string> defaults;
  absl::Time at = absl::InfinitePast();

  // transient over persistent over defaults, as every version does it. nullptr: in none of them.
  const std::string* Effective(const std::string& key) const;
};

// What _cluster/allocation/explain said about one copy. Decider names are compared, never their words.
struct Explained {
  std::string index;
  uint32_t shard = 0;
  bool primary = false;
  std::string node;                          // id of the node it is on; "" = unassigned
  std::string can_remain, can_move;          // "yes", "no", "throttled", …; "" = not told
  std::string can_allocate;                  // of an unassigned one
  std::vector<std::string> remain_deciders;  // names of those that say NO to staying
  // By other nodes' id: names of the deciders that say NO or THROTTLE there.
  std::map<std::string, std::vector<std::string>> elsewhere;
  std::string words;  // the server's explanation, bounded: for people
  absl::Time at = absl::InfinitePast();
};

// One running recovery.
struct Recovery {
  std::string index;
  uint32_t shard = 0;
  std::string from, to;  // ids of nodes; "" = not told
  int64_t bytes_total = 0, bytes_done = 0;
};

// A file of a node's configuration, as its host tells it.
struct NodeFile {
  std::string node, path;  // the node's name
  enum class Is : uint8_t { kUnknown, kMissing, kThere } is = Is::kUnknown;
  std::string why;  // of kUnknown
  std::string sha256;
  absl::Time changed = absl::InfinitePast();  // by the host's clock; InfinitePast = not told
  // Copies that lie beside it as PATH.holdfast-DIGEST, by the digest in their name.
  struct Beside {
    std::string sha256;  // of what it holds in fact
    std::string text;    // only where files come by programs of the spec's own
  };
  std::map<std::string, Beside> beside;
  std::string text;  // likewise
  absl::Time at = absl::InfinitePast();
};
// A text of this machine that files of nodes are to hold.
struct Template {
  std::string path, text, sha256;
  std::string why;  // it cannot be used; "" = it can
};

struct View {
  std::string endpoint;  // that answered, without user and password
  std::string cluster_name, cluster_uuid;
  Flavor flavor = Flavor::kElasticsearch;
  Version lowest, highest;  // among the nodes; the behaviour of the elected master decides
  uint64_t state_version = 0;
  std::string state_uuid;
  absl::Time at = absl::InfinitePast();  // when the first read was sent
  uint32_t master = kNoNode;             // there always is one, or the look is Unknown
  std::vector<Node> nodes;               // sorted by id
  std::vector<Index> indices;            // sorted by name
  std::vector<Shard> shards;             // by index, then number
  std::vector<Copy> copies;              // by shard, the primary first
  Settings settings;
  // The settings were read again after the routing table and were the same. Only when "confirm" was asked.
  bool confirmed = false;
  std::vector<std::string> global_blocks;      // "read_only", "state not recovered"
  std::vector<std::string> voting_config;      // ids; empty before 7.0
  std::vector<std::string> voting_exclusions;  // node names or ids
  std::vector<std::string> snapshots_running;  // "repository/snapshot"
  std::vector<uint32_t> snapshot_shards;       // shards (of View::shards) that a snapshot is reading
  std::vector<std::string> shutdown_records;   // ids of nodes with one
  int pending_tasks = 0;
  bool has_in_sync_sets = true;  // 5.0 and later

  // A name of ours for the claim on the cluster, should we have none yet; the same for the life of this
  // process.
  std::string holder_candidate;

  // Only when they were asked for.
  bool has_sizes = false;
  std::vector<Explained> explained;
  std::vector<Recovery> recoveries;
  std::vector<NodeFile> files;
  std::vector<Template> templates;

  std::span<const Copy> CopiesOf(const Shard& shard) const {
    return std::span(copies).subspan(shard.first, shard.count);
  }
  const Node* FindNode(std::string_view id) const;
  uint32_t NodeIndex(std::string_view id) const;  // kNoNode when it is not there
  const Index* FindIndex(std::string_view name) const;
  const NodeFile* FindFile(std::string_view node,
                           std::string_view path) const;  // nullptr: it was not asked for
  const Template* FindTemplate(std::string_view path) const;
};

// ── what a decision may ask for (Plan::ask, Look::ask) ──
inline constexpr std::string_view kAskConfirm = "confirm";  // settings once more, after the routing table
inline constexpr std::string_view kAskSizes = "sizes";      // bytes of every shard
inline constexpr std::string_view kAskRecoveries = "recoveries";  // running ones with their progress
// "explain INDEX SHARD p|r NODE-ID": NODE-ID is "-" for an unassigned copy.
std::string AskExplain(std::string_view index, uint32_t shard, bool primary, std::string_view node_id);

// ── keys ──
inline constexpr std::string_view kEnableKey = "cluster.routing.allocation.enable";
inline constexpr std::string_view kExcludePrefix = "cluster.routing.allocation.exclude.";
inline constexpr std::string_view kMirrorPrefix = "cluster.metadata.holdfast.";

}  // namespace holdfast::elasticsearch
