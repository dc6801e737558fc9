#include "reconcilers/elasticsearch/stuck.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

using Weight = Obstacle::Weight;

constexpr std::string_view kIndexEnable = "index.routing.allocation.enable";
constexpr std::string_view kIndexShardsPerNode = "index.routing.allocation.total_shards_per_node";
constexpr std::string_view kShardsPerNode = "cluster.routing.allocation.total_shards_per_node";
constexpr Version kExpandsByFilters{7, 6, 0};
constexpr int64_t kDiskMargin =
    20;  // a twentieth more than what moves must have room: indices grow meanwhile

// A count that means nothing when it is 0 or less.
int64_t Limit(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::max<int64_t>(value, 0) : 0;
}

// What shards that may go to the same nodes weigh together.
struct Load {
  int64_t bytes = 0, biggest = 0;
  uint32_t biggest_shard = 0;
};

class Shards {
 public:
  Shards(const View& view, const std::vector<uint8_t>& leaving, Placement& placement, Feasibility& out)
      : view_(view), leaving_(leaving), placement_(placement), out_(out), stuck_(HazardRows().size()) {}

  void Ask() {
    for (const Shard& shard : view_.shards)
      if (const int moving = Moving(shard); moving > 0) AskShard(shard, moving);
    AskLimits();
    AskDisk();
    Tell();
  }

 private:
  int Moving(const Shard& shard) const;
  void AskShard(const Shard& shard, int moving);
  void AskIndexEnable(const Shard& shard);
  int MustGo(const Index& index, const Placement::Room& room) const;
  void AddStuck(Hazard hazard, uint32_t index, int copies, int fit);
  void AskLimits();
  int64_t IndexRoom(const Index& index, int64_t limit, int64_t& wanted);
  void AskDisk();
  std::vector<int64_t> Rooms(const DiskRule& rule, size_t& silent) const;
  bool AskLoad(const Load& load, std::span<const uint32_t> nodes, const std::vector<int64_t>& rooms,
               size_t silent, const DiskRule& rule);
  void Tell();
  std::string FactOf(Hazard hazard, const std::vector<StuckIndex>& stuck) const;
  std::string RemedyOf(Hazard hazard, const std::vector<StuckIndex>& stuck) const;
  std::string LowerReplicas(const std::vector<StuckIndex>& stuck) const;
  std::string IndexNames(const std::vector<StuckIndex>& stuck) const;

  const View& view_;
  const std::vector<uint8_t>& leaving_;
  Placement& placement_;
  Feasibility& out_;
  std::vector<std::vector<StuckIndex>> stuck_;  // by hazard
  std::vector<uint32_t> moving_;                // shards with a copy that moves
  std::map<const std::vector<uint32_t>*, Load> loads_;
  Load all_;
  int64_t unsized_ = 0;
};

// Copies on what is to be emptied, and copies that are being moved there.
int Shards::Moving(const Shard& shard) const {
  int moving = 0;
  for (const Copy& copy : view_.CopiesOf(shard)) {
    const bool arrives = copy.relocating_to != kNoNode && leaving_[copy.relocating_to] != 0;
    if (arrives || (copy.node != kNoNode && leaving_[copy.node] != 0)) ++moving;
  }
  return moving;
}

// Copies that need a new place: those of an index that expands by itself are dropped instead, down to the
// fewest that it asks for.
int Shards::MustGo(const Index& index, const Placement::Room& room) const {
  const int all = room.leaving + room.homeless;
  const bool expands = !index.auto_expand.empty() && Lower(index.auto_expand) != "false";
  if (!expands || !BehavesSince(view_, kExpandsByFilters)) return all;
  const auto fewest = static_cast<int>(Limit(index.auto_expand.substr(0, index.auto_expand.find('-')))) + 1;
  return std::clamp(fewest - room.outside, 0, all);
}

void Shards::AskShard(const Shard& shard, int moving) {
  const Index& index = view_.indices[shard.index];
  moving_.push_back(static_cast<uint32_t>(&shard - view_.shards.data()));
  out_.shards += moving;
  if (shard.bytes < 0) {
    ++unsized_;
  } else {
    Load& load = loads_[&placement_.AllowedNodes(shard)];
    for (Load* l : {&load, &all_}) {
      l->bytes += shard.bytes * moving;
      if (shard.bytes <= l->biggest) continue;
      l->biggest = shard.bytes;
      l->biggest_shard = moving_.back();
    }
  }
  AskIndexEnable(shard);
  const Placement::Room room = placement_.RoomFor(shard);
  if (room.leaving == 0 || MustGo(index, room) <= room.free) return;
  Hazard hazard = Hazard::kH5_TooFewNodes;
  switch (room.lacks) {
    case Placement::Lacks::kNothing:
    case Placement::Lacks::kNodes:
      break;
    case Placement::Lacks::kFilters:
      hazard = Hazard::kH10_IndexFilters;
      break;
    case Placement::Lacks::kVersions:
      hazard = Hazard::kH46_OlderNodes;
      break;
    case Placement::Lacks::kAwareness:
      hazard = Hazard::kH8_Awareness;
      break;
    case Placement::Lacks::kForcedAwareness:
      hazard = Hazard::kH9_ForcedAwareness;
      break;
  }
  const bool expands = !index.auto_expand.empty() && Lower(index.auto_expand) != "false";
  if (expands && hazard == Hazard::kH5_TooFewNodes) hazard = Hazard::kH38_AutoExpand;
  AddStuck(hazard, shard.index, room.copies(), static_cast<int>(room.fit()));
}

void Shards::AskIndexEnable(const Shard& shard) {
  const std::string enable = Lower(view_.indices[shard.index].Setting(kIndexEnable));
  if (enable.empty() || enable == "all") return;
  int held = 0, copies = 0;
  for (const Copy& copy : view_.CopiesOf(shard)) {
    ++copies;
    if (copy.node == kNoNode || leaving_[copy.node] == 0) continue;
    if (!copy.primary || enable != "primaries") ++held;
  }
  if (held > 0) AddStuck(Hazard::kH11_IndexDisabled, shard.index, copies, copies - held);
}

void Shards::AddStuck(Hazard hazard, uint32_t index, int copies, int fit) {
  std::vector<StuckIndex>& stuck = stuck_[static_cast<size_t>(hazard)];
  if (stuck.empty() || stuck.back().index != index) {
    stuck.push_back({index, 1, copies, fit});
    return;
  }
  ++stuck.back().shards;
  stuck.back().fit = std::min(stuck.back().fit, fit);
}

// Places under an index's own limit, and in `wanted` how many of its copies need one.
int64_t Shards::IndexRoom(const Index& index, int64_t limit, int64_t& wanted) {
  std::map<uint32_t, int64_t> free;
  std::map<uint32_t, int64_t> on;
  for (uint32_t s = index.first_shard; s < index.first_shard + index.shard_count; ++s) {
    const Shard& shard = view_.shards[s];
    for (uint32_t n : placement_.AllowedNodes(shard)) free[n] = limit;
    const Placement::Room room = placement_.RoomFor(shard);
    wanted += room.leaving + room.homeless;
    for (const Copy& copy : view_.CopiesOf(shard)) {
      const uint32_t at = copy.relocating_to != kNoNode ? copy.relocating_to : copy.node;
      if (at != kNoNode) ++on[at];
    }
  }
  int64_t room = 0;
  for (const auto& [node, places] : free) {
    const auto found = on.find(node);
    room += std::max<int64_t>(places - (found == on.end() ? 0 : found->second), 0);
  }
  return room;
}

void Shards::AskLimits() {
  uint32_t last = UINT32_MAX;
  for (uint32_t s : moving_) {
    const uint32_t i = view_.shards[s].index;
    if (i == std::exchange(last, i)) continue;
    const Index& index = view_.indices[i];
    const int64_t limit = Limit(index.Setting(kIndexShardsPerNode));
    if (limit == 0) continue;
    int64_t wanted = 0;
    const int64_t room = IndexRoom(index, limit, wanted);
    if (wanted > room)
      stuck_[static_cast<size_t>(Hazard::kH12_ShardsPerNode)].push_back(
          {i, wanted - room, static_cast<int>(wanted), static_cast<int>(room)});
  }
  const std::string* text = view_.settings.Effective(std::string(kShardsPerNode));
  const int64_t limit = text == nullptr ? 0 : Limit(*text);
  if (limit == 0 || out_.shards == 0) return;
  std::vector<int64_t> on(view_.nodes.size());
  for (const Copy& copy : view_.copies) {
    const uint32_t at = copy.relocating_to != kNoNode ? copy.relocating_to : copy.node;
    if (at != kNoNode) ++on[at];
  }
  int64_t room = 0;
  for (uint32_t n : placement_.staying()) room += std::max<int64_t>(limit - on[n], 0);
  if (room < out_.shards)
    out_.obstacles.push_back(
        {Hazard::kH12_ShardsPerNode,
         Weight::kBlocks,
         Cat(out_.shards, " copies must move, ", kShardsPerNode, ": ", limit, " leaves room for ", room),
         Cat("raise ", kShardsPerNode, ", or add machines"),
         {},
         0});
}

// What each node may still be given, less what is on its way there.
std::vector<int64_t> Shards::Rooms(const DiskRule& rule, size_t& silent) const {
  std::vector<int64_t> rooms(view_.nodes.size());
  for (uint32_t n : placement_.staying()) {
    const auto room = RoomOnDisk(rule, view_.nodes[n]);
    if (!room) ++silent;
    rooms[n] = room.value_or(0);
  }
  for (const Shard& shard : view_.shards) {
    for (const Copy& copy : view_.CopiesOf(shard)) {
      const uint32_t to = copy.state == CopyState::kInitializing ? copy.node : copy.relocating_to;
      if (to != kNoNode && shard.bytes > 0) rooms[to] = std::max<int64_t>(rooms[to] - shard.bytes, 0);
    }
  }
  return rooms;
}

// True when it found something in the way.
bool Shards::AskLoad(const Load& load, std::span<const uint32_t> nodes, const std::vector<int64_t>& rooms,
                     size_t silent, const DiskRule& rule) {
  int64_t room = 0, biggest = 0;
  for (uint32_t n : nodes) {
    room += rooms[n];
    biggest = std::max(biggest, rooms[n]);
  }
  const std::string under = rule.decider == DiskRule::Decider::kOff
                                ? "on disk"
                                : Cat("under the low watermark (", WatermarkText(rule.low), ")");
  std::string fact;
  if (load.bytes + load.bytes / kDiskMargin > room)
    fact = Cat(BytesText(load.bytes), " must move, room ", under, ": ", BytesText(room), " on ",
               Count(nodes.size(), "node"));
  else if (load.biggest > biggest)
    fact = Cat(view_.indices[view_.shards[load.biggest_shard].index].name, "[",
               view_.shards[load.biggest_shard].number, "] has ", BytesText(load.biggest),
               ", the emptiest node has ", BytesText(biggest), " ", under);
  else
    return false;
  if (silent > 0) Append(fact, "; ", Count(silent, "node"), " did not tell their disks");
  out_.obstacles.push_back({Hazard::kH6_Disk,
                            silent > 0 ? Weight::kUnknown : Weight::kBlocks,
                            std::move(fact),
                            "more machines, free disk space, or exclude fewer nodes",
                            {},
                            0});
  return true;
}

void Shards::AskDisk() {
  if (out_.shards == 0) {
    out_.bytes = 0;
    return;
  }
  if (!view_.has_sizes || unsized_ > 0) {
    out_.ask.emplace_back(kAskSizes);
    out_.obstacles.push_back({Hazard::kH6_Disk,
                              Weight::kUnknown,
                              view_.has_sizes
                                  ? Cat("the sizes of ", unsized_, " shards that must move are not told")
                                  : std::string("the sizes of the shards that must move are not known yet"),
                              "",
                              {},
                              0});
    return;
  }
  out_.bytes = all_.bytes;
  const DiskRule rule = DiskRuleOf(view_);
  size_t silent = 0;
  const std::vector<int64_t> rooms = Rooms(rule, silent);
  if (AskLoad(all_, placement_.staying(), rooms, silent, rule)) return;
  // In the order of the view, so that the same view always tells the same shard.
  std::map<uint32_t, std::pair<const std::vector<uint32_t>*, const Load*>> ordered;
  for (const auto& [nodes, load] : loads_) ordered[load.biggest_shard] = {nodes, &load};
  for (const auto& [shard, entry] : ordered)
    if (!entry.first->empty() && AskLoad(*entry.second, *entry.first, rooms, silent, rule)) return;
}

std::string Shards::IndexNames(const std::vector<StuckIndex>& stuck) const {
  std::vector<std::string> names;
  for (const StuckIndex& s : stuck) names.push_back(view_.indices[s.index].name);
  return Enumerate(names);
}

// Those that can keep as many copies as the first, in one sentence.
std::string Shards::LowerReplicas(const std::vector<StuckIndex>& stuck) const {
  const int fit = stuck.front().fit;
  if (fit == 0) return "";
  std::vector<StuckIndex> alike;
  std::copy_if(stuck.begin(), stuck.end(), std::back_inserter(alike),
               [&](const StuckIndex& s) { return s.fit == fit; });
  return Cat("lower replicas of ", IndexNames(alike), " to ", fit - 1, ", or ");
}

std::string Shards::FactOf(Hazard hazard, const std::vector<StuckIndex>& stuck) const {
  std::vector<std::string> lines;
  for (const StuckIndex& s : stuck) {
    const std::string& name = view_.indices[s.index].name;
    if (hazard == Hazard::kH12_ShardsPerNode)
      lines.push_back(Cat(name, ": ", s.copies, " copies need a place, ", s.fit, " are left"));
    else
      lines.push_back(Cat(name, ": ", Count(static_cast<size_t>(s.shards), "shard"), " of ",
                          Count(static_cast<size_t>(s.copies), "copy", "copies"), ", ", s.fit,
                          " of them fit"));
    if (lines.size() > 8) break;
  }
  std::string tail;
  if (stuck.size() > lines.size()) tail = Cat(" (", stuck.size(), " indices in all)");
  std::string head;
  if (hazard == Hazard::kH5_TooFewNodes)
    head = Cat(Count(placement_.staying().size(), "node"), " would take shards; ");
  if (hazard == Hazard::kH8_Awareness || hazard == Hazard::kH9_ForcedAwareness)
    for (const auto& aware : placement_.awareness())
      Append(head, aware.attribute, " has ", Count(aware.values.size(), "value"),
             aware.only_forced.empty() ? "" : Cat(" (", Enumerate(aware.only_forced), " only forced)"), "; ");
  return Cat(head, Enumerate(lines), tail);
}

std::string Shards::RemedyOf(Hazard hazard, const std::vector<StuckIndex>& stuck) const {
  switch (hazard) {
    case Hazard::kH8_Awareness:
    case Hazard::kH9_ForcedAwareness: {
      std::vector<std::string> attributes;
      for (const auto& aware : placement_.awareness()) attributes.push_back(aware.attribute);
      return Cat(LowerReplicas(stuck), "more machines whose ", Enumerate(attributes),
                 " is one of those that stay");
    }
    case Hazard::kH10_IndexFilters: {
      const Index& index = view_.indices[stuck.front().index];
      std::string filters;
      for (const auto& [key, value] : index.settings)
        if (key.starts_with("index.routing.allocation.") && key != kIndexEnable && key != kIndexShardsPerNode)
          Append(filters, filters.empty() ? "" : ", ", key, ": ", value);
      return Cat("change what ", index.name, " says (", Excerpt(filters), "), or more machines that fit it");
    }
    case Hazard::kH46_OlderNodes:
      return "upgrade the other nodes first";
    case Hazard::kH38_AutoExpand:
      return Cat("set index.auto_expand_replicas of ", IndexNames(stuck),
                 " to false and lower their replicas");
    case Hazard::kH11_IndexDisabled:
      return Cat("set ", kIndexEnable, " of ", IndexNames(stuck), " to all");
    case Hazard::kH12_ShardsPerNode:
      return Cat("raise ", kIndexShardsPerNode, " of ", IndexNames(stuck), ", or more machines");
    default:
      return Cat(LowerReplicas(stuck), "more machines");
  }
}

void Shards::Tell() {
  for (size_t h = 0; h < stuck_.size(); ++h) {
    std::vector<StuckIndex>& stuck = stuck_[h];
    if (stuck.empty()) continue;
    std::sort(stuck.begin(), stuck.end(), [](const StuckIndex& a, const StuckIndex& b) {
      return std::pair(-a.shards, a.index) < std::pair(-b.shards, b.index);
    });
    const auto hazard = static_cast<Hazard>(h);
    Obstacle obstacle{hazard, Weight::kBlocks, FactOf(hazard, stuck), RemedyOf(hazard, stuck),
                      {},     stuck.size()};
    if (stuck.size() > kMostStuckIndices) stuck.resize(kMostStuckIndices);
    obstacle.indices = std::move(stuck);
    out_.obstacles.push_back(std::move(obstacle));
  }
}

}  // namespace

void AskShards(const View& view, const std::vector<uint8_t>& leaving, Placement& placement,
               Feasibility& out) {
  Shards(view, leaving, placement, out).Ask();
}

}  // namespace holdfast::elasticsearch
