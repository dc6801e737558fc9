#include "reconcilers/elasticsearch/read_paths.h"

#include <algorithm>
#include <set>
#include <vector>

#include "controller/base/text.h"

namespace holdfast::elasticsearch {

namespace {

constexpr std::string_view kPrefixes[] = {
    "cluster.routing.", "cluster.blocks.",   "cluster.max_shards_per_node",
    "cluster.info.",    "indices.recovery.", "discovery.zen.minimum_master_nodes"};
constexpr size_t kMostIdsInPath = 40;  // beyond that all nodes are asked

// "a.x,a.y" of "a." and {x, y}.
std::string Under(std::string_view parent, std::initializer_list<std::string_view> children) {
  std::string out;
  for (const std::string_view child : children) Append(out, out.empty() ? "" : ",", parent, child);
  return out;
}

}  // namespace

std::string StatePath() {
  static const std::string path =
      Cat("/_cluster/state/version,master_node,nodes,metadata,routing_table,blocks,customs?filter_path=",
          "cluster_name,cluster_uuid,version,state_uuid,master_node,",
          Under("nodes.*.", {"name", "ephemeral_id", "transport_address", "attributes", "roles", "version"}),
          ",blocks.global,metadata.cluster_uuid,metadata.node_shutdown,",
          Under("metadata.cluster_coordination.", {"last_committed_config", "voting_config_exclusions"}), ",",
          Under("metadata.indices.*.", {"state", "in_sync_allocations"}), ",",
          Under("metadata.indices.*.settings.index.",
                {"number_of_shards", "number_of_replicas", "uuid", "auto_expand_replicas", "routing",
                 "blocks", "store.type"}),
          ",",
          Under("routing_table.indices.*.shards.*.",
                {"state", "primary", "node", "relocating_node", "allocation_id.id", "unassigned_info.reason",
                 "unassigned_info.at", "unassigned_info.delayed", "unassigned_info.details",
                 "unassigned_info.last_node"}),
          ",",
          Under("snapshots.snapshots.",
                {"repository", "snapshot", "shards.index", "shards.shard", "shards.state"}));
  return path;
}

std::string SettingsPath() {
  return "/_cluster/settings?flat_settings=true&filter_path=persistent,transient";
}

std::string SettingsWithDefaultsPath(std::span<const std::string> more_keys) {
  std::set<std::string> first = {"cluster", "discovery", "indices"};
  for (const std::string& key : more_keys) first.insert(key.substr(0, key.find('.')));
  std::string path =
      "/_cluster/settings?flat_settings=true&include_defaults=true&filter_path=persistent,transient";
  for (const std::string& word : first) Append(path, ",defaults.", word, "*");
  return path;
}

bool IsAskedFor(std::string_view key, std::span<const std::string> more_keys) {
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return key.starts_with(prefix); }) ||
         std::ranges::count(more_keys, key) > 0;
}

std::string StatsPath() {
  return Cat("/_nodes/_all/stats/os,fs,jvm?timeout=2s&filter_path=_nodes.failed,_nodes.failures.reason,",
             Under("nodes.*.", {"timestamp", "host", "ip", "roles", "jvm.uptime_in_millis",
                                "fs.total.total_in_bytes", "fs.total.available_in_bytes"}));
}

std::string InfoPath(std::span<const std::string> node_ids) {
  const std::string ids = node_ids.size() > kMostIdsInPath ? "_all" : Join(node_ids, ",");
  return Cat("/_nodes/", ids,
             "/settings,jvm,transport?flat_settings=true&timeout=2s&filter_path=_nodes.failed,",
             Under("nodes.*.", {"version", "host", "ip", "roles", "transport.publish_address",
                                "jvm.start_time_in_millis", "settings.node*"}));
}

std::string FilesPath() {
  return "/_nodes/_master,_local/settings?flat_settings=true&timeout=2s&filter_path=nodes.*.settings";
}

std::string SizesPath(ClosedIndices closed) {
  return Cat("/_stats/store?level=shards&expand_wildcards=",
             closed == ClosedIndices::kHaveCopies ? "all&forbid_closed_indices=false" : "open",
             "&filter_path=indices.*.shards.*.store.size_in_bytes");
}

std::string RecoveriesPath() {
  return Cat("/_recovery?active_only=true&filter_path=",
             Under("*.shards.", {"id", "source.id", "target.id", "index.size.total_in_bytes",
                                 "index.size.reused_in_bytes", "index.size.recovered_in_bytes"}));
}

std::string PendingPath() { return "/_cluster/pending_tasks?filter_path=tasks.priority"; }

std::string ClusterUuidPath() {
  return "/_cluster/state/version,metadata?local=true&filter_path=cluster_uuid,metadata.cluster_uuid";
}

std::string ExplainPath() { return "/_cluster/allocation/explain"; }

}  // namespace holdfast::elasticsearch
