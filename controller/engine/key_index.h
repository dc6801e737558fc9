// Finds slots by their keys without keeping the keys a second time.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "controller/engine/queue.h"
#include "controller/kind/systems.h"

namespace holdfast {

// `key_of` tells the key of a slot that is in the index, for as long as it is in it.
class KeyIndex {
 public:
  using KeyOf = std::function<const ResourceKey&(SlotId slot)>;
  explicit KeyIndex(KeyOf key_of) : key_of_(std::move(key_of)), slots_(0, Hash{&key_of_}, Same{&key_of_}) {}
  KeyIndex(const KeyIndex&) = delete;
  KeyIndex& operator=(const KeyIndex&) = delete;

  void Insert(SlotId slot) { slots_.insert(slot); }
  void Erase(SlotId slot) { slots_.erase(slot); }
  std::optional<SlotId> Find(const ResourceKey& key) const {
    const auto found = slots_.find(key);
    return found == slots_.end() ? std::nullopt : std::optional(*found);
  }
  size_t size() const { return slots_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    const KeyOf* key_of;
    size_t operator()(const ResourceKey& key) const {
      return std::hash<std::string>()(key.name) * 31 + std::hash<std::string>()(key.kind);
    }
    size_t operator()(SlotId slot) const { return (*this)((*key_of)(slot)); }
  };
  struct Same {
    using is_transparent = void;
    const KeyOf* key_of;
    bool operator()(SlotId a, SlotId b) const { return a == b; }
    bool operator()(SlotId slot, const ResourceKey& key) const { return (*key_of)(slot) == key; }
    bool operator()(const ResourceKey& key, SlotId slot) const { return (*this)(slot, key); }
  };

  KeyOf key_of_;
  absl::flat_hash_set<SlotId, Hash, Same> slots_;
};

}  // namespace holdfast
