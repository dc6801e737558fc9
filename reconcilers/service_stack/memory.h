// What earlier looks found, where looking again is dear.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <memory>

#include "controller/kind/systems.h"
#include "reconcilers/service_stack/spec.h"
#include "reconcilers/service_stack/state.h"

namespace holdfast::stack {

// Of one stack; shared by the looks that are under way for it.
struct Remembered {
  std::weak_ptr<const Spec> of;
  // The last look at a large stack.
  std::shared_ptr<const State> last;
  absl::Time swept_at = absl::InfinitePast();
  absl::Duration sweep_took;
  // Targets in trouble, looked at more closely.
  struct Diagnosed {
    Finding finding;
    absl::Time at;
  };
  absl::flat_hash_map<uint32_t, Diagnosed> diagnosed;
};

// Only a saving; who loses it looks again. Goes with the spec that it is about.
class Memory {
 public:
  Memory(World&, Waker&) {}
  Memory() = default;

  // Nothing yet when the spec under this key is another one. Drops what belongs to specs that are gone.
  std::shared_ptr<Remembered> Of(const ResourceKey& key, const std::shared_ptr<const Spec>& want);
  // Nothing when there is nothing.
  std::shared_ptr<Remembered> Find(const ResourceKey& key) const;
  size_t size() const { return kept_.size(); }

 private:
  std::map<ResourceKey, std::shared_ptr<Remembered>> kept_;
};

}  // namespace holdfast::stack
