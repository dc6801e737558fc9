#include "reconcilers/elasticsearch/recovered.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/filters.h"
#include "reconcilers/elasticsearch/placement.h"
#include "reconcilers/elasticsearch/safety.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr Version kKeepsIds{5, 0, 0};

// Reasons that have nothing to do with a node that left.
constexpr std::array<std::string_view, 5> kMadeByOthers = {"INDEX_CREATED", "REPLICA_ADDED", "INDEX_REOPENED",
                                                           "NEW_INDEX_RESTORED", "EXISTING_INDEX_RESTORED"};
bool MadeByOthers(const Copy& copy) {
  return std::find(kMadeByOthers.begin(), kMadeByOthers.end(), copy.reason) != kMadeByOthers.end();
}

// What keeps `nodes` from being empty in one shard, or "".
std::string Left(const View& view, uint32_t number, const std::vector<uint8_t>& chosen) {
  const Shard& shard = view.shards[number];
  bool homeless = false, outside = false;
  for (const Copy& copy : view.CopiesOf(shard)) {
    if (copy.node != kNoNode && chosen[copy.node] != 0) return Cat("is on ", view.nodes[copy.node].name);
    if (copy.relocating_to != kNoNode && chosen[copy.relocating_to] != 0)
      return Cat("is moving to ", view.nodes[copy.relocating_to].name);
    if (copy.state == CopyState::kUnassigned) {
      if (copy.primary) return "has no primary: its last copy may be on a disk there";
      homeless = true;
    }
    outside = outside || copy.IsActive();
  }
  return homeless && !outside ? "has no started copy outside" : "";
}

std::string AttributesText(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : attributes) texts.push_back(Cat(name, ": ", value));
  return texts.empty() ? "none" : Enumerate(texts);
}

// The first expected node that is not back as it was.
std::string Missing(const View& view, const Baseline& baseline, absl::Time now) {
  for (const Identity& before : baseline.expected) {
    const uint32_t n = FindAgain(view, before);
    if (n == kNoNode) return Cat(before.name, " is not in the cluster");
    if (!AnswersNow(view, n, now)) return Cat(before.name, " does not answer");
  }
  return "";
}

// What is not yet as it should be in one shard, or "".
std::string Unrecovered(const View& view, const Shard& shard, absl::Time since, Placement& placement) {
  for (const Copy& copy : view.CopiesOf(shard)) {
    if (copy.primary && !copy.IsActive()) return "has no active primary";
    if (copy.delayed) return "waits for a node to come back";
    if (copy.state == CopyState::kRelocating && placement.Leaves(copy.node))
      return "is being moved off an excluded node";
    if (copy.IsActive() || MadeByOthers(copy)) continue;
    if (copy.state == CopyState::kInitializing) return "is being copied";
    const bool before = copy.unassigned_at != absl::InfinitePast() && copy.unassigned_at < since;
    if (!before && placement.RoomFor(shard).free > 0) return "lacks a copy that has a place";
  }
  return "";
}

}  // namespace

Verdict EmptyOf(const View& view, const std::vector<uint32_t>& nodes) {
  std::vector<uint8_t> chosen(view.nodes.size());
  for (uint32_t n : nodes) chosen[n] = 1;
  if (!BehavesSince(view, kReplicatesClosed))
    for (const Index& index : view.indices)
      if (!index.open)
        return Hold(Cat(index.name, " is closed: before 7.2 nothing tells where it is"), view.at);
  std::string first;
  size_t more = 0;
  for (uint32_t s = 0; s < view.shards.size(); ++s) {
    std::string left = Left(view, s, chosen);
    if (left.empty()) continue;
    if (first.empty())
      first = Cat(ShardText(view, s), " ", left);
    else
      ++more;
  }
  if (first.empty()) return Pass(Cat("no shard is on it in state ", view.state_version), view.at);
  if (more > 0) Append(first, ", and ", Count(more, "more shard", "more shards"));
  return Hold(std::move(first), view.at);
}

Identity IdentityOf(const Node& node) { return {node.id, node.name, node.ip, node.attributes, node.version}; }

uint32_t FindAgain(const View& view, const Identity& before) {
  if (const uint32_t n = view.NodeIndex(before.id); n != kNoNode) return n;
  for (uint32_t n = 0; n < view.nodes.size(); ++n)
    if (view.nodes[n].name == before.name) return n;
  return kNoNode;
}

Verdict SameNode(const View& view, const Identity& before, const Node& node) {
  std::vector<std::string> differs;
  const auto changed = [&](std::string_view what, std::string_view from, std::string_view to) {
    differs.push_back(Cat(what, " ", from, " is now ", to));
  };
  if (before.id != node.id && BehavesSince(view, kKeepsIds))
    differs.push_back(Cat("it has another id (", node.id, "): its data directory is new or another"));
  if (before.name != node.name) changed("name", before.name, node.name);
  if (CanonicalIp(before.ip) != CanonicalIp(node.ip)) changed("ip", before.ip, node.ip);
  if (before.attributes != node.attributes)
    changed("attributes", AttributesText(before.attributes), AttributesText(node.attributes));
  if (before.version != node.version)
    changed("version", VersionText(before.version), VersionText(node.version));
  if (!differs.empty()) return Hold(Cat(node.name, ": ", Join(differs, "; ")), view.at);
  return Pass(Cat(node.name, " has the id, name, address, attributes and version it had"), view.at);
}

Verdict Recovered(const View& view, const Baseline& baseline, absl::Time now) {
  if (std::string missing = Missing(view, baseline, now); !missing.empty())
    return Hold(std::move(missing), view.at);
  Placement placement(view, {});
  std::string first;
  size_t more = 0;
  for (uint32_t s = 0; s < view.shards.size(); ++s) {
    const Shard& shard = view.shards[s];
    if (view.indices[shard.index].LivesElsewhere()) continue;
    std::string why = Unrecovered(view, shard, baseline.since, placement);
    if (why.empty()) continue;
    if (first.empty())
      first = Cat(ShardText(view, s), " ", why);
    else
      ++more;
  }
  if (first.empty())
    return Pass(Cat("all ", baseline.expected.size(), " nodes are back, no copy is missing"), view.at);
  if (more > 0) Append(first, ", and ", Count(more, "more shard", "more shards"));
  return Hold(std::move(first), view.at);
}

}  // namespace holdfast::elasticsearch
