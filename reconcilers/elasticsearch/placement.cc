#include "reconcilers/elasticsearch/placement.h"

#include <algorithm>

#include "controller/base/text.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kAwareness = "cluster.routing.allocation.awareness.attributes";
constexpr std::string_view kForcePrefix = "cluster.routing.allocation.awareness.force.";
constexpr std::string_view kSameHost = "cluster.routing.allocation.same_shard.host";
constexpr std::string_view kIndexPrefix = "index.routing.allocation.";
constexpr std::string_view kTierPreference = "include._tier_preference";
constexpr std::string_view kTier = "_tier";

bool HasTier(const Node& node, std::string_view tier) {
  return std::any_of(node.roles.begin(), node.roles.end(),
                     [&](const std::string& role) { return role == tier || role == "data"; });
}

// What an index says about nodes.
struct IndexFilter {
  Filter require, include, exclude;
  std::string tier;  // "" = any
};

IndexFilter Read(const View& view, const Index& index) {
  IndexFilter filter;
  for (auto it = index.settings.lower_bound(std::string(kIndexPrefix));
       it != index.settings.end() && it->first.starts_with(kIndexPrefix); ++it) {
    const std::string_view rest = std::string_view(it->first).substr(kIndexPrefix.size());
    if (rest == kTierPreference) {
      // The first tier that any node has, also one that is to be emptied: the others are not looked at.
      for (const std::string& tier : FilterTokens(it->second)) {
        if (!std::any_of(view.nodes.begin(), view.nodes.end(),
                         [&](const Node& n) { return HasTier(n, tier); }))
          continue;
        filter.tier = tier;
        break;
      }
      continue;
    }
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos) continue;
    const std::string_view kind = rest.substr(0, dot);
    Filter* into = kind == "require"   ? &filter.require
                   : kind == "include" ? &filter.include
                   : kind == "exclude" ? &filter.exclude
                                       : nullptr;
    if (into == nullptr) continue;
    std::vector<std::string> tokens = FilterTokens(it->second, view);
    if (!tokens.empty()) into->emplace(rest.substr(dot + 1), std::move(tokens));
  }
  return filter;
}

// The filters with the tiers of 7.10 among them, which are roles and no attributes.
bool AnyMatches(const Filter& filter, const Node& node) {
  const auto tier = filter.find(std::string(kTier));
  if (tier != filter.end() && std::any_of(tier->second.begin(), tier->second.end(),
                                          [&](const std::string& t) { return HasTier(node, t); }))
    return true;
  return MatchesAny(filter, node);
}

bool EveryMatches(const Filter& filter, const Node& node) {
  if (!filter.contains(std::string(kTier))) return MatchesEvery(filter, node);
  Filter rest = filter;
  const std::vector<std::string> tiers = std::move(rest.extract(std::string(kTier)).mapped());
  return MatchesEvery(rest, node) && std::all_of(tiers.begin(), tiers.end(), [&](const std::string& tier) {
           return HasTier(node, tier);
         });
}

bool Allows(const IndexFilter& filter, const Node& node) {
  if (!filter.tier.empty() && !HasTier(node, filter.tier)) return false;
  if (!EveryMatches(filter.require, node)) return false;
  if (!filter.include.empty() && !AnyMatches(filter.include, node)) return false;
  return !AnyMatches(filter.exclude, node);
}

std::string Signature(const Index& index) {
  std::string signature;
  for (auto it = index.settings.lower_bound(std::string(kIndexPrefix));
       it != index.settings.end() && it->first.starts_with(kIndexPrefix); ++it) {
    const std::string_view rest = std::string_view(it->first).substr(kIndexPrefix.size());
    if (rest.starts_with("require.") || rest.starts_with("include.") || rest.starts_with("exclude."))
      Append(signature, rest, "=", it->second, "\n");
  }
  return signature;
}

bool HasTokens(const Filter& filter) {
  return std::any_of(filter.begin(), filter.end(), [](const auto& entry) { return !entry.second.empty(); });
}

}  // namespace

Placement::Placement(const View& view, std::span<const uint32_t> leaving)
    : view_(view),
      leaves_(view.nodes.size()),
      signatures_(view.indices.size()),
      place_by_index_(view.indices.size()) {
  for (uint32_t n : leaving) leaves_[n] = 1;
  const Filter exclude = EffectiveFilter(view), require = EffectiveFilter(view, kRequirePrefix),
               include = EffectiveFilter(view, kIncludePrefix);
  const bool includes = HasTokens(include);
  for (uint32_t n = 0; n < view.nodes.size(); ++n) {
    const Node& node = view.nodes[n];
    if (MatchesAny(exclude, node) || !MatchesEvery(require, node) || (includes && !MatchesAny(include, node)))
      leaves_[n] = 1;
    if (node.data && leaves_[n] == 0) staying_.push_back(n);
  }
  for (size_t i = 0; i < view.indices.size(); ++i) signatures_[i] = Signature(view.indices[i]);
  FindHosts();
  ReadAwareness();
  staying_slots_ = Slots(staying_);
}

void Placement::FindHosts() {
  host_of_.resize(view_.nodes.size());
  const std::string* same_host = view_.settings.Effective(std::string(kSameHost));
  const bool one_copy_a_host = same_host != nullptr && Lower(*same_host) == "true";
  std::map<std::string_view, uint32_t> first;
  for (uint32_t n = 0; n < view_.nodes.size(); ++n)
    host_of_[n] = one_copy_a_host ? first.try_emplace(view_.nodes[n].ip, n).first->second : n;
}

void Placement::ReadAwareness() {
  const std::string* attributes = view_.settings.Effective(std::string(kAwareness));
  if (attributes == nullptr) return;
  for (const std::string& attribute : FilterTokens(*attributes)) {
    Aware aware;
    aware.attribute = attribute;
    std::map<std::string, int32_t> values;
    for (const Node& node : view_.nodes)
      if (const std::string_view value = node.Attribute(attribute); node.data && !value.empty())
        values.try_emplace(std::string(value), 0);
    for (auto& [value, number] : values) {
      number = static_cast<int32_t>(aware.values.size());
      aware.values.push_back(value);
    }
    if (const std::string* forced = view_.settings.Effective(Cat(kForcePrefix, attribute, ".values"))) {
      for (std::string& value : FilterTokens(*forced)) {
        if (!values.try_emplace(value, static_cast<int32_t>(aware.values.size())).second) continue;
        aware.values.push_back(value);
        aware.only_forced.push_back(std::move(value));
      }
    }
    for (const Node& node : view_.nodes) {
      const auto found = values.find(std::string(node.Attribute(attribute)));
      aware.value_of.push_back(found == values.end() ? -1 : found->second);
    }
    awareness_.push_back(std::move(aware));
  }
}

int64_t Placement::Slots(const std::vector<uint32_t>& nodes) const {
  std::vector<uint32_t> hosts;
  for (uint32_t n : nodes) hosts.push_back(host_of_[n]);
  std::sort(hosts.begin(), hosts.end());
  return std::unique(hosts.begin(), hosts.end()) - hosts.begin();
}

int64_t Placement::UsedSlots(const Place& place) const {
  int64_t used = 0;
  for (size_t i = 0; i < outside_.size(); ++i) {
    if (place.may[outside_[i]] == 0) continue;
    const auto same = [&](uint32_t n) { return place.may[n] != 0 && host_of_[n] == host_of_[outside_[i]]; };
    if (std::none_of(outside_.begin(), outside_.begin() + static_cast<ptrdiff_t>(i), same)) ++used;
  }
  return used;
}

// A copy never goes to a node that is older than its primary's.
Version Placement::OldestFor(const Shard& shard) const {
  if (view_.lowest == view_.highest || shard.count == 0) return {};
  const Copy& primary = view_.copies[shard.first];
  return primary.primary && primary.node != kNoNode ? view_.nodes[primary.node].version : Version{};
}

Placement::Place Placement::MakePlace(const Index& index, const Version& oldest) const {
  const IndexFilter filter = Read(view_, index);
  Place place;
  place.may.resize(view_.nodes.size());
  std::vector<uint32_t> of_any_version;
  for (uint32_t n : staying_) {
    if (!Allows(filter, view_.nodes[n])) continue;
    of_any_version.push_back(n);
    if (view_.nodes[n].version < oldest) continue;
    place.nodes.push_back(n);
    place.may[n] = 1;
  }
  place.slots = Slots(place.nodes);
  place.slots_of_any_version = Slots(of_any_version);
  for (const Aware& aware : awareness_) {
    std::vector<std::vector<uint32_t>> by_value(aware.values.size());
    for (uint32_t n : place.nodes)
      if (aware.value_of[n] >= 0) by_value[static_cast<size_t>(aware.value_of[n])].push_back(n);
    std::vector<int64_t>& slots = place.slots_by_value.emplace_back();
    for (const auto& nodes : by_value) slots.push_back(Slots(nodes));
  }
  return place;
}

const Placement::Place& Placement::PlaceOf(const Shard& shard) {
  const bool mixed = view_.lowest != view_.highest;
  if (!mixed && place_by_index_[shard.index] != nullptr) return *place_by_index_[shard.index];
  const Version oldest = OldestFor(shard);
  std::string key = signatures_[shard.index];
  if (mixed) Append(key, oldest.major, ".", oldest.minor, ".", oldest.patch);
  auto found = places_.find(key);
  if (found == places_.end())
    found = places_.emplace(std::move(key), MakePlace(view_.indices[shard.index], oldest)).first;
  if (!mixed) place_by_index_[shard.index] = &found->second;
  return found->second;
}

// Fills everything that counts copies, and outside_.
void Placement::CountCopies(const Shard& shard, Room& room) {
  outside_.clear();
  for (const Copy& copy : view_.CopiesOf(shard)) {
    if (copy.state == CopyState::kUnassigned || copy.node == kNoNode) {
      ++room.homeless;
      continue;
    }
    // Deciders count a moving copy where it goes.
    const uint32_t at = copy.state == CopyState::kRelocating && copy.relocating_to != kNoNode
                            ? copy.relocating_to
                            : copy.node;
    if (leaves_[at] != 0) {
      ++room.leaving;
    } else {
      ++room.outside;
      outside_.push_back(at);
    }
  }
}

// Each of `values` values may hold as many copies as an even spread would give the fullest one.
int64_t Placement::FreeByAwareness(const Aware& aware, const std::vector<int64_t>& slots, const Index& index,
                                   size_t values) const {
  const auto copies = static_cast<int64_t>(index.replicas) + 1;
  const int64_t most =
      (copies + static_cast<int64_t>(values) - 1) / std::max<int64_t>(static_cast<int64_t>(values), 1);
  int64_t free = 0;
  for (size_t v = 0; v < slots.size(); ++v) {
    if (slots[v] == 0) continue;
    int64_t here = 0;
    for (uint32_t n : outside_) here += aware.value_of[n] == static_cast<int32_t>(v) ? 1 : 0;
    free += std::max<int64_t>(std::min(most, slots[v]) - here, 0);
  }
  return free;
}

Placement::Lacks Placement::WhatLacks(const Shard& shard, const Place& place, const Room& room) const {
  const int64_t wanted = room.leaving + room.homeless;
  if (staying_slots_ - Slots(outside_) < wanted) return Lacks::kNodes;
  const int64_t used = UsedSlots(place);
  if (place.slots_of_any_version - used < wanted) return Lacks::kFilters;
  if (place.slots - used < wanted) return Lacks::kVersions;
  for (size_t a = 0; a < awareness_.size(); ++a) {
    const Aware& aware = awareness_[a];
    const auto& slots = place.slots_by_value[a];
    const Index& index = view_.indices[shard.index];
    if (FreeByAwareness(aware, slots, index, aware.values.size()) >= wanted) continue;
    const size_t real = aware.values.size() - aware.only_forced.size();
    return !aware.only_forced.empty() && FreeByAwareness(aware, slots, index, real) >= wanted
               ? Lacks::kForcedAwareness
               : Lacks::kAwareness;
  }
  return Lacks::kNodes;
}

Placement::Room Placement::RoomFor(const Shard& shard) {
  Room room;
  CountCopies(shard, room);
  const Place& place = PlaceOf(shard);
  const Index& index = view_.indices[shard.index];
  room.free = std::max<int64_t>(place.slots - UsedSlots(place), 0);
  // Since 7.0 an index on every node is not spread by zones.
  if (!index.auto_expand.ends_with("-all"))
    for (size_t a = 0; a < awareness_.size(); ++a)
      room.free = std::min(room.free, FreeByAwareness(awareness_[a], place.slots_by_value[a], index,
                                                      awareness_[a].values.size()));
  if (room.free < room.leaving + room.homeless) room.lacks = WhatLacks(shard, place, room);
  return room;
}

}  // namespace holdfast::elasticsearch
