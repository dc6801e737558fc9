// The ground truth of a simulated cluster: its nodes, its indices, and where every copy of every shard is.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/sandbox/elasticsearch/quirks.h"

namespace holdfast::sandbox::elasticsearch {

inline constexpr uint32_t kNowhere = UINT32_MAX;
inline constexpr int64_t kGigabyte = int64_t{1} << 30;
using Texts = std::map<std::string, std::string>;

// Filters as a node has them in force: attribute → tokens.
struct Filters {
  std::map<std::string, std::vector<std::string>> exclude, include, require;
  bool operator==(const Filters&) const = default;
};

// Which copy of which shard of which index.
struct CopyRef {
  uint32_t index = 0, shard = 0, copy = 0;
  auto operator<=>(const CopyRef&) const = default;
};

// What is left of a copy on the disk of a node that does not serve it.
struct OnDisk {
  std::string allocation_id;
  int64_t docs = 0;
};

// A line of a configuration that no server starts with.
inline constexpr std::string_view kBroken = "this.setting.does.not.exist: true";

struct Node {
  // What its file and its machine say. They change only while it is down.
  std::string name, ip, host;
  uint16_t port = 9200;
  Texts attributes;
  std::set<std::string> roles = {"data", "master"};
  std::optional<Version> version;  // when it is another than the cluster's
  Texts yml;
  Texts files;  // what its machine's files hold, by path; one that says kBroken is refused at the start
  int64_t disk_total = 1000 * kGigabyte;
  int64_t disk_other = 0;  // bytes that are not shards
  absl::Duration takes_to_start = absl::Seconds(15);
  absl::Duration clock_skew;
  enum class OnStart { kJoins, kNeverJoins } on_start = OnStart::kJoins;

  // What becomes of it.
  std::string id, ephemeral_id;
  enum class Is { kUp, kStarting, kFrozen, kLeaving, kDown } is = Is::kUp;
  enum class Member { kNo, kYes } member = Member::kNo;  // as the cluster has it
  absl::Time due =
      absl::InfiniteFuture();  // when starting or leaving ends, or the others give up on a frozen one
  absl::Time started = absl::InfinitePast();
  Filters filters;          // as it has them in force when it is the master
  int64_t disk_shards = 0;  // bytes of shards, served or not
  int incoming = 0, outgoing = 0, copies = 0;
  absl::flat_hash_map<uint64_t, OnDisk> disk;  // by KeyOf

  bool HasRole(std::string_view role) const { return roles.contains(std::string(role)); }
  bool IsMember() const { return member == Member::kYes; }
  int64_t DiskUsed() const { return disk_other + disk_shards; }
};

// Why a copy has no node, as the routing table tells.
struct Unassigned {
  std::string reason = "INDEX_CREATED", details, status = "no_attempt";
  std::string last_node;  // id
  absl::Time at = absl::InfinitePast();
  int failures = 0;
};

struct Copy {
  enum class Is { kUnassigned, kInitializing, kStarted, kRelocating } is = Is::kUnassigned;
  uint32_t node = kNowhere, target = kNowhere;
  bool primary = false;
  std::string allocation_id, relocation_id;
  int64_t docs = 0;  // acknowledged documents that it holds
  Unassigned unassigned;

  // Of the recovery that it, or its target, is in.
  enum class From { kNothing, kDisk, kPeer } from = From::kNothing;
  int64_t todo = 0;  // bytes
  double done = 0;
  absl::Time began, not_before;

  bool Serves() const { return is == Is::kStarted || is == Is::kRelocating; }
};

struct Shard {
  std::vector<Copy> copies;
  std::set<std::string> in_sync;
  int64_t docs = 0;   // acknowledged to whoever wrote them
  int64_t bytes = 0;  // of one copy
  enum class Was { kNeverStarted, kStarted } was = Was::kNeverStarted;

  const Copy* Primary() const {
    for (const Copy& copy : copies)
      if (copy.primary) return &copy;
    return nullptr;
  }
};

struct Index {
  std::string name, uuid;
  enum class Is { kOpen, kClosed } is = Is::kOpen;
  Texts settings;  // flat: "index.number_of_replicas"
  std::vector<Shard> shards;

  std::string_view Setting(const std::string& key, std::string_view otherwise = {}) const {
    const auto found = settings.find(key);
    return found == settings.end() ? otherwise : std::string_view(found->second);
  }
  int Replicas() const;
};

struct Snapshot {
  std::string repository, name, uuid;
  absl::Time began;
  struct Part {
    CopyRef primary;
    uint32_t node = kNowhere;
  };
  std::vector<Part> parts;
};

struct Ground {
  Quirks quirks;
  std::string name = "sandbox", uuid;
  absl::Time now;
  std::vector<Node> nodes;
  std::vector<Index> indices;
  Texts persistent, transient;
  uint32_t master = kNowhere;
  absl::Time election_at = absl::InfiniteFuture();
  int64_t term = 1;
  std::vector<std::string> voting;                                     // ids
  std::vector<std::pair<std::string, std::string>> voting_exclusions;  // id, name
  std::vector<Snapshot> snapshots;
  uint64_t version = 1;
  uint64_t next_id = 1;
  std::set<CopyRef> moving;  // whatever recovers
  absl::Time next_delay_ends = absl::InfiniteFuture();

  Copy& At(const CopyRef& ref) { return indices[ref.index].shards[ref.shard].copies[ref.copy]; }
  const Copy& At(const CopyRef& ref) const { return indices[ref.index].shards[ref.shard].copies[ref.copy]; }
  Shard& ShardOf(const CopyRef& ref) { return indices[ref.index].shards[ref.shard]; }
  const Shard& ShardOf(const CopyRef& ref) const { return indices[ref.index].shards[ref.shard]; }
  Version VersionOf(uint32_t node) const { return nodes[node].version.value_or(quirks.version); }
  uint32_t NodeById(std::string_view id) const;      // kNowhere when no member has it
  uint32_t NodeByName(std::string_view name) const;  // kNowhere when there is none
  // In force: what people put over the master's file, or over the default; "" when nobody says anything.
  std::string Effective(const std::string& key) const;
  // Unique, always the same in the same run: as servers make them.
  std::string NewId();
};

inline uint64_t KeyOf(const CopyRef& ref) { return uint64_t{ref.index} << 32 | ref.shard; }
// visit(CopyRef) for each, in their order.
template <class Visit>
void EachCopy(const Ground& ground, Visit visit) {
  for (uint32_t i = 0; i < ground.indices.size(); ++i)
    for (uint32_t s = 0; s < ground.indices[i].shards.size(); ++s)
      for (uint32_t c = 0; c < ground.indices[i].shards[s].copies.size(); ++c) visit(CopyRef{i, s, c});
}

// A copy serves there and its process answers.
bool AnswersAt(const Ground& ground, const Copy& copy);
// The copy's writes are known to it and to the cluster.
bool IsInSync(const Ground& ground, const Shard& shard, const Copy& copy);

}  // namespace holdfast::sandbox::elasticsearch
