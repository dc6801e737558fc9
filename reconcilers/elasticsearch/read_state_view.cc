// The second half of StateReader: what was read becomes a view whose parts know each other.
#include <algorithm>
#include <numeric>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/read_state.h"
#include "reconcilers/elasticsearch/read_words.h"

namespace holdfast::elasticsearch {

namespace {

Status Torn(std::string_view what) { return Unavailable(Cat("the state contradicts itself: ", what)); }

// Sorted positions of `items` by `of`.
template <class Items, class Of>
std::vector<size_t> Sorted(const Items& items, Of of) {
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) { return of(items[a]) < of(items[b]); });
  return order;
}

}  // namespace

Status StateReader::PlaceNodes(View& view, std::vector<uint32_t>& where) {
  where.assign(node_ids_.size(), kNoNode);
  for (const size_t at : Sorted(nodes_, [](const Node& node) -> const std::string& { return node.id; })) {
    uint32_t& place = where[node_numbers_[at]];
    if (place != kNoNode) return Torn(Cat("node ", nodes_[at].id, " is in it twice"));
    place = static_cast<uint32_t>(view.nodes.size());
    Node& node = nodes_[at];
    node.ip = node.publish_ip;
    std::ranges::sort(node.attributes);
    SettleRoles(node);
    view.nodes.push_back(std::move(node));
  }
  view.master = view.NodeIndex(master_);
  if (view.master == kNoNode) return Torn(Cat("the elected master ", master_, " is not among its nodes"));
  return {};
}

bool StateReader::IsInSync(const RawIndex& raw, int64_t number, const Entry& entry) const {
  const std::string_view mine(text_.data() + entry.allocation, entry.allocation_size);
  if (mine.empty()) return false;
  auto at = std::ranges::lower_bound(raw.in_sync, number, {}, &InSync::number);
  for (; at != raw.in_sync.end() && at->number == number; ++at)
    if (mine == std::string_view(text_.data() + at->allocation, at->allocation_size)) return true;
  return false;
}

Status StateReader::PlaceIndex(RawIndex& raw, const std::vector<uint32_t>& where, View& view) {
  const std::string& name = raw.index.name;
  if (!raw.in_metadata) return Torn(Cat("index ", name, " has copies and no metadata"));
  // Before 7.2 a closed index has no routing table.
  const bool may_be_without = !raw.index.open && raw.groups.empty();
  if (!may_be_without && raw.shard_count >= 0 && std::cmp_not_equal(raw.groups.size(), raw.shard_count))
    return Torn(Cat("index ", name, " has ", raw.groups.size(), " of ", raw.shard_count, " shards"));
  if (!may_be_without && raw.groups.empty()) return Torn(Cat("index ", name, " has no shards"));
  std::ranges::sort(raw.in_sync, {}, &InSync::number);
  std::ranges::sort(raw.groups, {}, &Group::number);
  raw.index.first_shard = static_cast<uint32_t>(view.shards.size());
  raw.index.shard_count = static_cast<uint32_t>(raw.groups.size());
  for (const Group& group : raw.groups) {
    Shard shard{static_cast<uint32_t>(view.indices.size()), static_cast<uint32_t>(group.number),
                static_cast<uint32_t>(view.copies.size()), static_cast<uint32_t>(group.count), -1};
    if (shard.number + raw.index.first_shard != view.shards.size())
      return Torn(Cat("index ", name, " has not one shard ", shard.number));
    size_t primaries = 0;
    for (size_t i = group.first; i < group.first + group.count; ++i) {
      Entry& entry = entries_[i];
      Copy& copy = entry.copy;
      if (entry.node != kNoNode) copy.node = where[entry.node];
      if (entry.relocating_to != kNoNode) copy.relocating_to = where[entry.relocating_to];
      const bool is_placed = copy.node != kNoNode;
      if (is_placed != (copy.state != CopyState::kUnassigned) ||
          (copy.state == CopyState::kRelocating && copy.relocating_to == kNoNode))
        return Torn(Cat("a copy of ", name, " ", shard.number, " is on no node of it"));
      // While it initializes as the target of nothing, what the server tells there is where it comes from.
      if (copy.state != CopyState::kRelocating) copy.relocating_to = kNoNode;
      copy.in_sync = IsInSync(raw, group.number, entry);
      primaries += copy.primary ? 1 : 0;
      view.copies.push_back(std::move(copy));
      if (view.copies.back().primary) std::swap(view.copies[shard.first], view.copies.back());
    }
    if (primaries != 1) return Torn(Cat("shard ", name, " ", shard.number, " has ", primaries, " primaries"));
    view.shards.push_back(shard);
  }
  view.indices.push_back(std::move(raw.index));
  return {};
}

void StateReader::PlaceSnapshots(View& view) {
  for (const SnapshotShard& one : snapshot_shards_) {
    if (one.state == "SUCCESS" || one.state == "FAILED" || one.state == "MISSING") continue;
    const Index* index = view.FindIndex(one.index);
    if (index == nullptr || one.number < 0 || std::cmp_greater_equal(one.number, index->shard_count))
      continue;
    view.snapshot_shards.push_back(index->first_shard + static_cast<uint32_t>(one.number));
  }
  std::ranges::sort(view.snapshot_shards);
  const auto doubles = std::ranges::unique(view.snapshot_shards);
  view.snapshot_shards.erase(doubles.begin(), doubles.end());
}

Result<View> StateReader::Take() {
  if (is_bad_) return Unavailable("the state has values that no known version writes");
  if (master_.empty()) return Unavailable("no elected master");
  View view = std::move(view_);
  std::vector<uint32_t> where;
  HF_TRY(PlaceNodes(view, where));
  view.indices.reserve(indices_.size());
  view.copies.reserve(entries_.size());
  for (const size_t at :
       Sorted(indices_, [](const RawIndex& raw) -> const std::string& { return raw.index.name; }))
    HF_TRY(PlaceIndex(indices_[at], where, view));
  PlaceSnapshots(view);
  view.has_in_sync_sets = has_in_sync_;
  return view;
}

}  // namespace holdfast::elasticsearch
