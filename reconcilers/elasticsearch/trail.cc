#include "reconcilers/elasticsearch/trail.h"

#include <utility>
#include <variant>
#include <vector>

#include "reconcilers/elasticsearch/filters.h"

namespace holdfast::elasticsearch {
namespace {

void FoldEmpty(Trail& trail, const View& view) {
  std::vector<bool> holds(view.nodes.size(), false);
  for (const Copy& copy : view.copies) {
    if (copy.node != kNoNode) holds[copy.node] = true;
    if (copy.relocating_to != kNoNode) holds[copy.relocating_to] = true;
  }
  std::map<std::string, Trail::Empty> empty;
  for (size_t n = 0; n < view.nodes.size(); ++n) {
    if (holds[n] || !view.nodes[n].data) continue;
    const auto before = trail.empty.find(view.nodes[n].id);
    Trail::Empty now{view.state_version, view.state_version, view.at, view.at};
    if (before != trail.empty.end())
      now.first_version = before->second.first_version, now.first_at = before->second.first_at;
    empty.emplace(view.nodes[n].id, now);
  }
  trail.empty = std::move(empty);
}

void FoldDraining(Trail& trail, const View& view) {
  std::vector<bool> excluded(view.nodes.size(), false);
  for (const uint32_t node : ExcludedNodes(view)) excluded[node] = true;
  std::map<std::string, Trail::Draining> draining;
  std::vector<int64_t> copies(view.nodes.size(), 0), bytes(view.nodes.size(), 0);
  for (const Shard& shard : view.shards)
    for (const Copy& copy : view.CopiesOf(shard)) {
      if (copy.node == kNoNode || !excluded[copy.node]) continue;
      ++copies[copy.node];
      if (shard.bytes > 0) bytes[copy.node] += shard.bytes;
    }
  for (size_t n = 0; n < view.nodes.size(); ++n) {
    if (copies[n] == 0) continue;
    Trail::Draining now{.copies = copies[n], .first_at = view.at, .moved_at = view.at};
    const auto before = trail.draining.find(view.nodes[n].id);
    if (before != trail.draining.end()) {
      now = before->second;
      const bool moved = copies[n] < now.copies || (view.has_sizes && now.bytes >= 0 && bytes[n] < now.bytes);
      if (moved || !view.recoveries.empty()) now.moved_at = view.at;
      now.copies = copies[n];
    }
    if (view.has_sizes) {
      now.bytes = bytes[n];
      if (now.first_bytes < 0) now.first_bytes = bytes[n], now.first_at = view.at;
    }
    draining.emplace(view.nodes[n].id, now);
  }
  trail.draining = std::move(draining);
}

}  // namespace

Trail Fold(Trail trail, const Fact<View>& seen) {
  const auto* known = std::get_if<Known<View>>(&seen);
  if (known == nullptr) return trail;
  const View& view = known->value;
  FoldEmpty(trail, view);
  FoldDraining(trail, view);
  const auto claim = view.settings.persistent.find(std::string(kClaimKey));
  const std::string text = claim == view.settings.persistent.end() ? std::string() : claim->second;
  if (text != trail.claim || trail.last_look == absl::InfinitePast()) {
    trail.claim_renewed = trail.claim.empty() || text.empty() ? Trail::Renewed::kNo : Trail::Renewed::kSeen;
    trail.claim = text;
    trail.claim_since = view.at;
  }
  trail.last_look = view.at;
  return trail;
}

bool IsProvenEmpty(const Trail& trail, const std::string& node_id) {
  const auto found = trail.empty.find(node_id);
  if (found == trail.empty.end()) return false;
  const Trail::Empty& empty = found->second;
  return empty.last_version > empty.first_version || empty.last_at - empty.first_at >= kEmptyFor;
}

}  // namespace holdfast::elasticsearch
