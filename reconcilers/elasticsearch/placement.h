// Where the copies of an index may go: the cluster's deciders that compare an index with nodes, applied to a
// view.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/elasticsearch/filters.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// Keeps references to the view. Answers are kept, so that many shards of alike indices cost one comparison.
class Placement {
 public:
  // `leaving` are nodes that shall hold nothing, besides those that the cluster's own filters exclude.
  Placement(const View& view, std::span<const uint32_t> leaving);

  // What keeps copies from a place, the first that does.
  enum class Lacks : uint8_t { kNothing, kNodes, kFilters, kVersions, kAwareness, kForcedAwareness };
  struct Room {
    int outside = 0;   // copies that need no new place
    int leaving = 0;   // copies on nodes that shall hold nothing, and not on their way to another
    int homeless = 0;  // unassigned
    int64_t free = 0;  // places for further copies, by every decider at once
    Lacks lacks = Lacks::kNothing;
    int copies() const { return outside + leaving + homeless; }
    int64_t fit() const { return std::min<int64_t>(copies(), outside + free); }
  };
  Room RoomFor(const Shard& shard);
  // The nodes on which nothing but another copy of the same shard stands in its way, in the order of
  // View::nodes.
  const std::vector<uint32_t>& AllowedNodes(const Shard& shard) { return PlaceOf(shard).nodes; }

  bool Leaves(uint32_t node) const { return leaves_[node] != 0; }
  std::span<const uint32_t> staying() const { return staying_; }  // data nodes that may hold something

  struct Aware {
    std::string attribute;
    std::vector<std::string> values;       // of all data nodes, the excluded ones too, and the forced ones
    std::vector<std::string> only_forced;  // values that no node has
    std::vector<int32_t> value_of;         // by node; -1 = it has none, so it is given nothing
  };
  std::span<const Aware> awareness() const { return awareness_; }

 private:
  // What shards of alike indices share.
  struct Place {
    std::vector<uint32_t> nodes;
    std::vector<uint8_t> may;          // by node
    int64_t slots = 0;                 // nodes, or hosts when one host must not hold two copies
    int64_t slots_of_any_version = 0;  // as if all nodes had the same
    std::vector<std::vector<int64_t>> slots_by_value;  // by awareness attribute, by value
  };
  void FindHosts();
  void ReadAwareness();
  const Place& PlaceOf(const Shard& shard);
  Place MakePlace(const Index& index, const Version& oldest) const;
  int64_t Slots(const std::vector<uint32_t>& nodes) const;
  int64_t UsedSlots(const Place& place) const;  // of outside_
  Version OldestFor(const Shard& shard) const;
  void CountCopies(const Shard& shard, Room& room);
  int64_t FreeByAwareness(const Aware& aware, const std::vector<int64_t>& slots, const Index& index,
                          size_t values) const;
  Lacks WhatLacks(const Shard& shard, const Place& place, const Room& room) const;

  const View& view_;
  std::vector<uint8_t> leaves_;
  std::vector<uint32_t> staying_;
  std::vector<uint32_t>
      host_of_;  // by node: the first node on the same host; the node itself without the rule
  std::vector<Aware> awareness_;
  int64_t staying_slots_ = 0;
  std::vector<std::string> signatures_;       // by index: what its place depends on
  std::vector<const Place*> place_by_index_;  // nullptr = not asked yet, or it depends on the shard
  std::map<std::string, Place> places_;
  std::vector<uint32_t> outside_;  // of the shard in hand: where its copies are or will be
};

}  // namespace holdfast::elasticsearch
