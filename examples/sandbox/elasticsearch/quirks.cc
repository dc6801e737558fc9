#include "examples/sandbox/elasticsearch/quirks.h"

#include "controller/base/text.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

using Range = QuirkRow::Range;
constexpr Version kEver{99, 0, 0};
constexpr Range kAlways{{0, 0, 0}, kEver};
constexpr Range kNever{kEver, kEver};
constexpr Range From(int major, int minor = 0) { return {{major, minor, 0}, kEver}; }
constexpr Range Until(int major, int minor = 0) { return {{0, 0, 0}, {major, minor, 0}}; }

constexpr QuirkRow kRows[] = {
    {&Quirks::only_changed_filters_stay, "of the filter keys only those that a PUT changed stay in force",
     From(6), Until(1, 3)},
    {&Quirks::filters_are_lists, "filter values are compared as parsed lists, not as texts", From(8), kNever},
    {&Quirks::array_is_text, "an array as a filter's value matches nothing", Until(8), kAlways},
    {&Quirks::null_resets, "null takes a key away", From(5), kAlways},
    {&Quirks::tells_defaults, "include_defaults tells what the master's file and the defaults say", From(5),
     kAlways},
    {&Quirks::refuses_unknown_settings, "an unknown key has the whole PUT refused", From(5), kAlways},
    {&Quirks::wants_content_type, "a body without Content-Type is 406", From(6), kAlways},
    {&Quirks::health_times_out_with_408, "health that timed out is 408 with a full body", From(2), kAlways},
    {&Quirks::health_of_no_time_blocks, "wait_for_events with timeout=0s blocks", From(8), kNever},
    {&Quirks::synced_flush, "there is a synced flush", Until(8), Until(3)},
    {&Quirks::explains, "there is _cluster/allocation/explain", From(5), kAlways},
    {&Quirks::in_sync_sets, "the metadata knows which copies are in sync", From(5), kAlways},
    {&Quirks::node_id_stays, "a node keeps its id when it is started again", From(2), kAlways},
    {&Quirks::ephemeral_ids, "every start has an id of its own", From(5), kAlways},
    {&Quirks::closed_are_replicated, "closed indices are in the routing table", From(7, 2), kAlways},
    {&Quirks::auto_expand_minds_filters, "auto_expand_replicas does not count excluded nodes", From(7, 6),
     kAlways},
    {&Quirks::voting_configuration, "the quorum is of the voting configuration", From(7), kAlways},
    {&Quirks::voting_exclusion_by_path,
     "POST _cluster/voting_config_exclusions/NAME is taken",
     {{7, 0, 0}, {8, 0, 0}},
     kAlways},
    {&Quirks::keeps_metadata_settings, "cluster.metadata.* takes whatever people put there", From(7),
     kAlways},
    {&Quirks::archived_block_updates, "archived settings block every other PUT", From(5), kAlways},
    {&Quirks::says_cluster_manager, "the role is called cluster_manager", kNever, From(2)},
    {&Quirks::tells_last_node, "an unassigned copy tells which node had it last", From(8), kNever},
    {&Quirks::unknown_path_is_405, "an unknown path is 405", kAlways, kNever},
    {&Quirks::has_no_root, "the minimal distribution has no GET /", From(8), kNever},
    {&Quirks::state_tells_roles, "the nodes of the cluster's state have their roles", From(7, 12), kNever},
};

}  // namespace

std::string VersionText(const Version& version) {
  return Cat(version.major, ".", version.minor, ".", version.patch);
}

std::span<const QuirkRow> QuirkRows() { return kRows; }

Quirks QuirksOf(Flavor flavor, Version version) {
  Quirks quirks{.flavor = flavor, .version = version};
  for (const QuirkRow& row : kRows) {
    const Range& range = flavor == Flavor::kElasticsearch ? row.elasticsearch : row.opensearch;
    quirks.*row.quirk = version >= range.from && version < range.until;
  }
  return quirks;
}

}  // namespace holdfast::sandbox::elasticsearch
