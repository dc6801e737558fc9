#include "reconcilers/service_stack/memory.h"

namespace holdfast::stack {

std::shared_ptr<Remembered> Memory::Of(const ResourceKey& key, const std::shared_ptr<const Spec>& want) {
  auto found = kept_.find(key);
  if (found == kept_.end() || found->second->of.lock() != want) {
    std::erase_if(kept_, [](const auto& kept) { return kept.second->of.expired(); });
    found = kept_.insert_or_assign(key, std::make_shared<Remembered>()).first;
    found->second->of = want;
  }
  return found->second;
}

std::shared_ptr<Remembered> Memory::Find(const ResourceKey& key) const {
  const auto found = kept_.find(key);
  return found == kept_.end() ? nullptr : found->second;
}

}  // namespace holdfast::stack
