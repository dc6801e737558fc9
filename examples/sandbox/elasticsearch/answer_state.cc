// _cluster/state and _cluster/health: the master's view of everything.
#include <algorithm>
#include <set>

#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "examples/sandbox/elasticsearch/call.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

std::string_view StateName(Copy::Is is) {
  constexpr std::string_view kNames[] = {"UNASSIGNED", "INITIALIZING", "STARTED", "RELOCATING"};
  return kNames[static_cast<size_t>(is)];
}

bool IsInRoutingTable(const Ground& ground, const Index& index) {
  return ground.quirks.closed_are_replicated || index.is == Index::Is::kOpen;
}

bool IsDelayed(const Ground& ground, const Index& index, const Copy& copy) {
  return copy.unassigned.reason == "NODE_LEFT" &&
         copy.unassigned.at +
                 TimeOf(index.Setting("index.unassigned.node_left.delayed_timeout", "1m"), absl::Minutes(1)) >
             ground.now;
}

void TellBlocks(const Call& call, FilteredJson& out, bool no_master) {
  out.Begin("blocks");
  if (no_master || call.ground.Effective("cluster.blocks.read_only") == "true") {
    out.Begin("global");
    out.Begin(no_master ? "2" : "6");
    out.Put("description", no_master ? "no master" : "cluster read-only (api)");
    out.PutTruth("retryable", no_master ? "true" : "false");
    out.BeginArray("levels");
    out.Put("", "write");
    out.Put("", "metadata_write");
    out.End();
    out.End();
    out.End();
  }
  enum { kNone, kSome } indices = kNone;
  for (const Index& index : call.ground.indices) {
    const bool closed = index.is == Index::Is::kClosed;
    const bool full = index.Setting("index.blocks.read_only_allow_delete") == "true";
    if (!closed && !full) continue;
    if (indices == kNone) out.Begin("indices");
    indices = kSome;
    out.Begin(index.name);
    out.Begin(closed ? "4" : "12");
    out.Put("description", closed ? "index closed"
                                  : "disk usage exceeded flood-stage watermark, index has "
                                    "read-only-allow-delete block");
    out.PutTruth("retryable", "false");
    out.BeginArray("levels");
    if (closed) out.Put("", "read");
    out.Put("", "write");
    out.End();
    out.End();
    out.End();
  }
  if (indices == kSome) out.End();
  out.End();
}

void TellNodesOfState(const Call& call, FilteredJson& out) {
  out.Begin("nodes");
  for (const Node& node : call.ground.nodes) {
    if (!node.IsMember()) continue;
    out.Begin(node.id);
    out.Put("name", node.name);
    if (call.ground.quirks.ephemeral_ids) out.Put("ephemeral_id", node.ephemeral_id);
    out.Put("transport_address", TransportAddress(node));
    out.Begin("attributes");
    for (const auto& [key, value] : node.attributes) out.Put(key, value);
    out.End();
    if (call.ground.quirks.state_tells_roles) {
      out.BeginArray("roles");
      for (const std::string& role : node.roles) out.Put("", role);
      out.End();
    }
    out.End();
  }
  out.End();
}

void TellCoordination(const Call& call, FilteredJson& out) {
  out.Begin("cluster_coordination");
  out.Put("term", call.ground.term);
  for (const char* config : {"last_committed_config", "last_accepted_config"}) {
    out.BeginArray(config);
    for (const std::string& id : call.ground.voting) out.Put("", id);
    out.End();
  }
  out.BeginArray("voting_config_exclusions");
  for (const auto& [id, name] : call.ground.voting_exclusions) {
    out.Begin("");
    out.Put("node_id", id);
    out.Put("node_name", name);
    out.End();
  }
  out.End();
  out.End();
}

void TellMetadataOf(const Call& call, FilteredJson& out, const Index& index) {
  out.Begin(index.name);
  out.Put("version", 4);
  out.Put("mapping_version", 1);
  out.Put("settings_version", 1);
  out.Put("aliases_version", 1);
  out.Put("routing_num_shards", 1024);
  out.Put("state", index.is == Index::Is::kOpen ? "open" : "close");
  PutSettings(out, call, "settings", index.settings);
  out.Begin("mappings");
  out.End();
  out.BeginArray("aliases");
  out.End();
  out.Begin("primary_terms");
  for (size_t s = 0; s < index.shards.size(); ++s) out.Put(Cat(s), 1);
  out.End();
  if (call.ground.quirks.in_sync_sets) {
    out.Begin("in_sync_allocations");
    for (size_t s = 0; s < index.shards.size(); ++s) {
      out.BeginArray(Cat(s));
      for (const std::string& id : index.shards[s].in_sync) out.Put("", id);
      out.End();
    }
    out.End();
  }
  out.Begin("rollover_info");
  out.End();
  out.PutTruth("system", "false");
  out.End();
}

void TellMetadata(const Call& call, FilteredJson& out) {
  out.Begin("metadata");
  out.Put("cluster_uuid", call.ground.uuid);
  if (call.ground.quirks.voting_configuration) {
    out.PutTruth("cluster_uuid_committed", "true");
    TellCoordination(call, out);
  }
  out.Begin("templates");
  out.End();
  out.Begin("indices");
  for (const Index& index : call.ground.indices) TellMetadataOf(call, out, index);
  out.End();
  out.Begin("index-graveyard");
  out.BeginArray("tombstones");
  out.End();
  out.End();
  out.End();
}

void TellUnassigned(const Call& call, FilteredJson& out, const Index& index, const Copy& copy) {
  const Unassigned& info = copy.unassigned;
  out.Begin("unassigned_info");
  out.Put("reason", info.reason);
  out.Put("at", Rfc3339(info.at));
  if (info.failures > 0) out.Put("failed_attempts", info.failures);
  out.PutTruth("delayed", IsDelayed(call.ground, index, copy) ? "true" : "false");
  if (!info.details.empty()) out.Put("details", info.details);
  if (call.ground.quirks.tells_last_node && !info.last_node.empty()) out.Put("last_node", info.last_node);
  out.Put("allocation_status", info.status);
  out.End();
}

void TellRoutingOf(const Call& call, FilteredJson& out, const Index& index) {
  const auto put_node = [&](std::string_view key, uint32_t node) {
    if (node == kNowhere)
      out.PutNull(key);
    else
      out.Put(key, call.ground.nodes[node].id);
  };
  out.Begin(index.name);
  out.Begin("shards");
  for (size_t s = 0; s < index.shards.size(); ++s) {
    out.BeginArray(Cat(s));
    for (const Copy& copy : index.shards[s].copies) {
      out.Begin("");
      out.Put("state", StateName(copy.is));
      out.PutTruth("primary", copy.primary ? "true" : "false");
      put_node("node", copy.node);
      put_node("relocating_node", copy.target);
      out.Put("shard", s);
      out.Put("index", index.name);
      if (copy.is == Copy::Is::kInitializing || copy.is == Copy::Is::kUnassigned) {
        out.Begin("recovery_source");
        out.Put("type", !copy.primary                                      ? "PEER"
                        : index.shards[s].was == Shard::Was::kNeverStarted ? "EMPTY_STORE"
                                                                           : "EXISTING_STORE");
        out.End();
      }
      if (copy.is != Copy::Is::kUnassigned) {
        out.Begin("allocation_id");
        out.Put("id", copy.allocation_id);
        if (!copy.relocation_id.empty()) out.Put("relocation_id", copy.relocation_id);
        out.End();
      }
      if (copy.is == Copy::Is::kInitializing || copy.is == Copy::Is::kUnassigned)
        TellUnassigned(call, out, index, copy);
      if (call.ground.quirks.tells_last_node) {
        out.Begin("relocation_failure_info");
        out.Put("failed_attempts", 0);
        out.End();
      }
      out.End();
    }
    out.End();
  }
  out.End();
  out.End();
}

void TellCustoms(const Call& call, FilteredJson& out) {
  if (call.ground.snapshots.empty()) return;
  out.Begin("snapshots");
  out.BeginArray("snapshots");
  for (const Snapshot& snapshot : call.ground.snapshots) {
    out.Begin("");
    out.Put("repository", snapshot.repository);
    out.Put("snapshot", snapshot.name);
    out.Put("uuid", snapshot.uuid);
    out.PutTruth("include_global_state", "true");
    out.PutTruth("partial", "false");
    out.Put("state", "STARTED");
    out.Put("start_time", Rfc3339(snapshot.began));
    out.Put("start_time_millis", absl::ToUnixMillis(snapshot.began));
    out.BeginArray("shards");
    for (const Snapshot::Part& part : snapshot.parts) {
      const Index& index = call.ground.indices[part.primary.index];
      out.Begin("");
      out.Begin("index");
      out.Put("index_name", index.name);
      out.Put("index_uuid", index.uuid);
      out.End();
      out.Put("shard", int64_t{part.primary.shard});
      out.Put("state", "INIT");
      out.Put("node", call.ground.nodes[part.node].id);
      out.End();
    }
    out.End();
    out.End();
  }
  out.End();
  out.End();
}

struct Counts {
  int64_t active = 0, primaries = 0, relocating = 0, initializing = 0, unassigned = 0, delayed = 0;
};
Counts CountCopies(const Ground& ground) {
  Counts counts;
  for (const Index& index : ground.indices) {
    if (!IsInRoutingTable(ground, index)) continue;
    for (const Shard& shard : index.shards)
      for (const Copy& copy : shard.copies) {
        counts.active += copy.Serves() ? 1 : 0;
        counts.primaries += copy.Serves() && copy.primary ? 1 : 0;
        counts.relocating += copy.is == Copy::Is::kRelocating ? 1 : 0;
        counts.initializing += copy.is == Copy::Is::kInitializing ? 1 : 0;
        counts.unassigned += copy.is == Copy::Is::kUnassigned ? 1 : 0;
        counts.delayed += copy.is == Copy::Is::kUnassigned && IsDelayed(ground, index, copy) ? 1 : 0;
      }
  }
  return counts;
}

bool Awaited(const Call& call, std::string_view status, const Counts& counts) {
  const std::string_view wanted = call.Parameter("wait_for_status");
  const auto rank = [](std::string_view s) { return s == "green" ? 2 : s == "yellow" ? 1 : 0; };
  if (rank(status) < rank(wanted)) return false;
  if (call.Is("wait_for_no_relocating_shards") && counts.relocating > 0) return false;
  if (call.Is("wait_for_no_initializing_shards") && counts.initializing > 0) return false;
  std::string_view nodes = call.Parameter("wait_for_nodes");
  const auto members = std::count_if(call.ground.nodes.begin(), call.ground.nodes.end(),
                                     [](const Node& node) { return node.IsMember(); });
  const bool at_least = nodes.starts_with(">=");
  if (at_least) nodes.remove_prefix(2);
  return nodes.empty() || (at_least ? members >= NumberOf(nodes, 0) : members == NumberOf(nodes, 0));
}

}  // namespace

Answer TellState(Call& call) {
  const Ground& ground = call.ground;
  const bool no_master = ground.master == kNowhere;
  std::set<std::string> metrics;
  if (call.path.size() > 2)
    for (std::string& metric : Split(call.path[2], ',')) metrics.insert(std::move(metric));
  const auto wants = [&](const char* metric) {
    return metrics.empty() || metrics.contains("_all") || metrics.contains(metric);
  };
  FilteredJson out = call.Document();
  out.Put("cluster_name", ground.name);
  out.Put("cluster_uuid", ground.uuid);
  if (wants("version")) {
    out.Put("version", static_cast<int64_t>(ground.version));
    out.Put("state_uuid", Sha256Hex(Cat(ground.uuid, ground.version)).substr(0, 22));
  }
  if (wants("master_node") || metrics.contains("cluster_manager_node")) {
    for (const char* key : {"master_node", "cluster_manager_node"}) {
      if (key == std::string_view("cluster_manager_node") && !ground.quirks.says_cluster_manager) continue;
      if (no_master)
        out.PutNull(key);
      else
        out.Put(key, ground.nodes[ground.master].id);
    }
  }
  if (wants("blocks")) TellBlocks(call, out, no_master);
  if (wants("nodes")) TellNodesOfState(call, out);
  if (wants("metadata")) TellMetadata(call, out);
  if (wants("routing_table")) {
    out.Begin("routing_table");
    out.Begin("indices");
    for (const Index& index : ground.indices)
      if (IsInRoutingTable(ground, index)) TellRoutingOf(call, out, index);
    out.End();
    out.End();
  }
  if (wants("customs")) TellCustoms(call, out);
  return Answered(out);
}

Answer TellHealth(Call& call) {
  constexpr std::string_view kColours[] = {"green", "yellow", "red"};
  const Ground& ground = call.ground;
  const std::string_view status = kColours[static_cast<size_t>(call.cluster.health())];
  const Counts counts = CountCopies(ground);
  const absl::Duration patience = TimeOf(call.Parameter("timeout"), absl::Seconds(30));
  const bool timed_out = !Awaited(call, status, counts);
  FilteredJson out = call.Document();
  out.Put("cluster_name", ground.name);
  out.Put("status", status);
  out.PutTruth("timed_out", timed_out ? "true" : "false");
  int64_t members = 0, data = 0;
  for (const Node& node : ground.nodes) {
    members += node.IsMember() ? 1 : 0;
    data += node.IsMember() && node.HasRole("data") ? 1 : 0;
  }
  out.Put("number_of_nodes", members);
  out.Put("number_of_data_nodes", data);
  out.Put("active_primary_shards", counts.primaries);
  out.Put("active_shards", counts.active);
  out.Put("relocating_shards", counts.relocating);
  out.Put("initializing_shards", counts.initializing);
  out.Put("unassigned_shards", counts.unassigned);
  out.Put("delayed_unassigned_shards", counts.delayed);
  out.Put("number_of_pending_tasks", 0);
  out.Put("number_of_in_flight_fetch", 0);
  out.Put("task_max_waiting_in_queue_millis", 0);
  const int64_t all = counts.active + counts.initializing + counts.unassigned;
  out.PutRaw("active_shards_percent_as_number",
             all == 0 ? "100.0" : Cat(100.0 * static_cast<double>(counts.active) / static_cast<double>(all)));
  Answer answer = Answered(out);
  if (timed_out) {
    answer.took = patience;
    if (ground.quirks.health_times_out_with_408) answer.status = 408;
  }
  if (ground.quirks.health_of_no_time_blocks && patience == absl::ZeroDuration() &&
      !call.Parameter("wait_for_events").empty())
    answer.took = absl::Seconds(2);
  return answer;
}

}  // namespace holdfast::sandbox::elasticsearch
