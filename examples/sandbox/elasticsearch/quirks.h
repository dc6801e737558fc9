// What one flavor and version of the server does otherwise than another.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::sandbox::elasticsearch {

enum class Flavor { kElasticsearch, kOpenSearch };

struct Version {
  int major = 0, minor = 0, patch = 0;
  auto operator<=>(const Version&) const = default;
};
std::string VersionText(const Version& version);  // "7.17.29"

struct Quirks {
  Flavor flavor = Flavor::kOpenSearch;
  Version version{2, 19, 4};

  bool only_changed_filters_stay = false;
  bool filters_are_lists = false;
  bool null_resets = false;
  bool tells_defaults = false;
  bool refuses_unknown_settings = false;
  bool wants_content_type = false;
  bool health_times_out_with_408 = false;
  bool health_of_no_time_blocks = false;
  bool synced_flush = false;
  bool explains = false;
  bool in_sync_sets = false;
  bool node_id_stays = false;
  bool ephemeral_ids = false;
  bool closed_are_replicated = false;
  bool auto_expand_minds_filters = false;
  bool voting_configuration = false;
  bool voting_exclusion_by_path = false;
  bool keeps_metadata_settings = false;
  bool archived_block_updates = false;
  bool says_cluster_manager = false;
  bool tells_last_node = false;
  bool unknown_path_is_405 = false;
  bool has_no_root = false;
  bool state_tells_roles = false;
  bool array_is_text = false;
};

// One difference: where it holds, `from` included and `until` not.
struct QuirkRow {
  bool Quirks::* quirk;
  std::string_view sentence;
  struct Range {
    Version from{1, 0, 0}, until{99, 0, 0};
  } elasticsearch, opensearch;
};
std::span<const QuirkRow> QuirkRows();
Quirks QuirksOf(Flavor flavor, Version version);

}  // namespace holdfast::sandbox::elasticsearch
