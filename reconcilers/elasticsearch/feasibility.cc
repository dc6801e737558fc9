#include "reconcilers/elasticsearch/feasibility.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/filters.h"
#include "reconcilers/elasticsearch/since.h"
#include "reconcilers/elasticsearch/stuck.h"

namespace holdfast::elasticsearch {
namespace {

using Weight = Obstacle::Weight;

constexpr std::array<HazardRow, 18> kRows = {{
    {Hazard::kH4_MatchesNothing, "H4", "the selector matches a node"},
    {Hazard::kH3_LeavesTooFew, "H3", "enough data nodes stay"},
    {Hazard::kH20_Red, "H20", "every primary is assigned"},
    {Hazard::kH13_Disabled, "H13", "the cluster lets shards move"},
    {Hazard::kH25_ClosedIndices, "H25", "every index can be seen"},
    {Hazard::kH49_LastOfARole, "H49", "another node has each of the roles"},
    {Hazard::kH5_TooFewNodes, "H5", "there are nodes for all copies"},
    {Hazard::kH10_IndexFilters, "H10", "the indices' own filters allow other nodes"},
    {Hazard::kH46_OlderNodes, "H46", "the other nodes are not older"},
    {Hazard::kH8_Awareness, "H8", "awareness leaves room, counted with the excluded values"},
    {Hazard::kH9_ForcedAwareness, "H9", "forced awareness leaves room"},
    {Hazard::kH38_AutoExpand, "H38", "no index expands to the excluded nodes"},
    {Hazard::kH11_IndexDisabled, "H11", "the indices let their shards move"},
    {Hazard::kH12_ShardsPerNode, "H12", "the limits of shards per node leave room"},
    {Hazard::kH6_Disk, "H6", "there is room under the low watermark"},
    {Hazard::kH26_GaveUp, "H26", "the cluster has not given a shard up"},
    {Hazard::kH24_Snapshot, "H24", "no snapshot holds shards where they are"},
    {Hazard::kH14_FileUnknown, "H14", "what the nodes' files set is known"},
}};

constexpr Version kTellsDefaults{5, 0, 0};
constexpr std::string_view kData = "data";

void Add(Feasibility& to, Hazard hazard, Weight weight, std::string fact, std::string remedy) {
  to.obstacles.push_back({hazard, weight, std::move(fact), std::move(remedy), {}, 0});
}

void AskNodes(const View& view, const Spec& spec, const Placement& placement, Feasibility& out) {
  int64_t all = 0;
  for (const Node& node : view.nodes) all += node.data ? 1 : 0;
  const auto stay = static_cast<int64_t>(placement.staying().size());
  const auto percent = [&](int64_t part) { return static_cast<double>(part) * 100; };
  if (stay == 0) {
    Add(out, Hazard::kH3_LeavesTooFew, Weight::kBlocks, Cat("all ", all, " data nodes would be excluded"),
        "exclude fewer nodes");
  } else if (stay < spec.min_data_nodes) {
    Add(out, Hazard::kH3_LeavesTooFew, Weight::kBlocks,
        Cat(stay, " of ", all, " data nodes would stay, minDataNodes is ", spec.min_data_nodes),
        "exclude fewer nodes, add machines, or lower minDataNodes");
  } else if (percent(all - stay) > spec.max_excluded.percent * static_cast<double>(all)) {
    Add(out, Hazard::kH3_LeavesTooFew, Weight::kBlocks,
        Cat(all - stay, " of ", all, " data nodes would be excluded, maxExcludedFraction is ",
            specs::PercentageText(spec.max_excluded)),
        "exclude fewer nodes, or raise maxExcludedFraction");
  }
}

// A node with the role `data` stands in for every tier, and any tier for `data`: which tier an index wants is
// asked of the index.
bool StandsIn(const Node& node, std::string_view role) {
  return std::any_of(node.roles.begin(), node.roles.end(), [&](const std::string& has) {
    return has == role || has == kData || (role == kData && has.starts_with(kData));
  });
}

void AskRoles(const View& view, const Placement& placement, Feasibility& out) {
  std::vector<std::string> roles;
  for (uint32_t n : out.nodes)
    for (const std::string& role : view.nodes[n].roles)
      if (role.starts_with(kData)) roles.push_back(role);
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  std::erase_if(roles, [&](const std::string& role) {
    return std::any_of(placement.staying().begin(), placement.staying().end(),
                       [&](uint32_t n) { return StandsIn(view.nodes[n], role); });
  });
  if (roles.empty() || placement.staying().empty()) return;
  Add(out, Hazard::kH49_LastOfARole, Weight::kBlocks,
      Cat("no other node that takes shards has the role ", Enumerate(roles)),
      Cat("another node with the role ", roles.front()));
}

void AskRed(const View& view, const std::vector<uint8_t>& leaving, Feasibility& out) {
  size_t red = 0;
  std::string first;
  for (const Shard& shard : view.shards) {
    if (shard.count == 0) continue;
    const Copy& primary = view.copies[shard.first];
    if (!primary.primary || primary.state != CopyState::kUnassigned) continue;
    if (++red > 1) continue;
    first = Cat(view.indices[shard.index].name, "[", shard.number, "] has no primary");
    if (const uint32_t last = view.NodeIndex(primary.last_node); last != kNoNode)
      Append(first, leaving[last] != 0 ? ", and its last copy is on " : "; it was last on ",
             view.nodes[last].name);
  }
  if (red == 0) return;
  if (red > 1) Append(first, ", and so have ", red - 1, " more shards");
  Add(out, Hazard::kH20_Red, Weight::kBlocks, std::move(first), "bring the lost primaries back first");
}

void AskSettings(const View& view, Feasibility& out) {
  const std::string* enable = view.settings.Effective(std::string(kEnableKey));
  if (enable != nullptr && Lower(*enable) != "all")
    Add(out, Hazard::kH13_Disabled, Weight::kBlocks, Cat(kEnableKey, " is ", *enable),
        Cat("set ", kEnableKey, " to all"));
  if (!BehavesSince(view, kTellsDefaults))
    Add(out, Hazard::kH14_FileUnknown, Weight::kWarns,
        Cat("before 5.0 nothing tells what the nodes' files say about awareness, watermarks and ",
            kEnableKey),
        "");
}

void AskClosed(const View& view, Feasibility& out) {
  if (BehavesSince(view, kReplicatesClosed)) return;
  std::vector<std::string> closed;
  for (const Index& index : view.indices)
    if (!index.open) closed.push_back(index.name);
  if (closed.empty()) return;
  Add(out, Hazard::kH25_ClosedIndices, Weight::kBlocks,
      Cat("before 7.2 a closed index is not moved and nothing tells where it is: ", Enumerate(closed)),
      Cat("open or delete ", Enumerate(closed)));
}

void AskSnapshots(const View& view, const std::vector<uint8_t>& leaving, Feasibility& out) {
  size_t held = 0;
  for (uint32_t s : view.snapshot_shards) {
    const Shard& shard = view.shards[s];
    const auto begin = view.copies.begin() + shard.first;
    held += std::any_of(begin, begin + shard.count, [&](const Copy& c) {
      return c.primary && c.node != kNoNode && leaving[c.node] != 0;
    });
  }
  if (held == 0) return;
  Add(out, Hazard::kH24_Snapshot, Weight::kWarns,
      Cat(Count(held, "shard"), " cannot move before the snapshot ends: ", Enumerate(view.snapshots_running)),
      "");
}

void AskGivenUp(const View& view, const std::vector<uint8_t>& leaving, Feasibility& out) {
  std::vector<std::string> given_up;
  const auto has = [](const std::vector<std::string>& deciders) {
    return std::find(deciders.begin(), deciders.end(), "max_retry") != deciders.end();
  };
  for (const Explained& explained : view.explained) {
    const uint32_t node = view.NodeIndex(explained.node);
    if (node == kNoNode || leaving[node] == 0) continue;
    if (has(explained.remain_deciders) || std::any_of(explained.elsewhere.begin(), explained.elsewhere.end(),
                                                      [&](const auto& entry) { return has(entry.second); }))
      given_up.push_back(Cat(explained.index, "[", explained.shard, "]"));
  }
  if (given_up.empty()) return;
  Add(out, Hazard::kH26_GaveUp, Weight::kBlocks,
      Cat("the cluster has given up moving ", Enumerate(given_up), " (max_retry)"),
      "find out why it failed, then POST _cluster/reroute?retry_failed=true");
}

}  // namespace

std::span<const HazardRow> HazardRows() { return kRows; }
const HazardRow& RowOf(Hazard hazard) { return kRows[static_cast<size_t>(hazard)]; }

bool Feasibility::possible() const {
  return std::all_of(obstacles.begin(), obstacles.end(),
                     [](const Obstacle& obstacle) { return obstacle.weight == Weight::kWarns; });
}

Feasibility CanEmpty(const View& view, const Spec& spec, std::vector<uint32_t> nodes, const Rate& rate) {
  Feasibility out;
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  out.nodes = std::move(nodes);
  std::vector<uint8_t> leaving(view.nodes.size());
  for (uint32_t n : out.nodes) leaving[n] = 1;
  Placement placement(view, out.nodes);
  if (out.nodes.empty())
    Add(out, Hazard::kH4_MatchesNothing, Weight::kBlocks, "no node is to be emptied", "");
  else
    AskNodes(view, spec, placement, out);
  AskRed(view, leaving, out);
  AskSettings(view, out);
  AskClosed(view, out);
  AskRoles(view, placement, out);
  AskShards(view, leaving, placement, out);
  AskGivenUp(view, leaving, out);
  AskSnapshots(view, leaving, out);
  if (out.bytes >= 0 && rate.bytes_per_second > 0) {
    out.estimate = absl::Seconds(static_cast<double>(out.bytes) / rate.bytes_per_second);
    out.basis = rate.basis;
  }
  std::sort(out.obstacles.begin(), out.obstacles.end(), [](const Obstacle& a, const Obstacle& b) {
    return std::tie(a.hazard, a.fact) < std::tie(b.hazard, b.fact);
  });
  return out;
}

Feasibility CanExclude(const View& view, const Spec& spec, std::span<const Exclusion> exclusions,
                       const Rate& rate) {
  std::vector<uint32_t> nodes;
  std::vector<Obstacle> unmatched;
  for (const Exclusion& exclusion : exclusions) {
    const std::vector<uint32_t> matched = MatchedNodes(view, exclusion);
    nodes.insert(nodes.end(), matched.begin(), matched.end());
    if (!matched.empty() || exclusion.allow_empty) continue;
    const auto [key, token] = KeyAndToken(exclusion);
    unmatched.push_back({Hazard::kH4_MatchesNothing,
                         Weight::kBlocks,
                         Cat("no node has ", key, ": ", token),
                         "correct it, or say allowEmpty: true for nodes to come",
                         {},
                         0});
  }
  const bool nothing = nodes.empty();
  Feasibility out = CanEmpty(view, spec, std::move(nodes), rate);
  // The sentence for the whole says less than one for each, and nothing at all where empty is allowed.
  if (nothing)
    std::erase_if(out.obstacles, [](const Obstacle& o) { return o.hazard == Hazard::kH4_MatchesNothing; });
  out.obstacles.insert(out.obstacles.begin(), unmatched.begin(), unmatched.end());
  return out;
}

std::string EstimateText(const Feasibility& feasibility) {
  std::string text = Count(static_cast<size_t>(feasibility.shards), "copy", "copies");
  if (feasibility.bytes < 0) return Cat(text, ", their sizes are not known yet");
  return Cat(text, ", ", BytesText(feasibility.bytes), ", about ", Brief(feasibility.estimate), " (",
             feasibility.basis, ")");
}

}  // namespace holdfast::elasticsearch
