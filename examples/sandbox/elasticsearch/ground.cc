#include "examples/sandbox/elasticsearch/ground.h"

#include <algorithm>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/settings.h"

namespace holdfast::sandbox::elasticsearch {

int Index::Replicas() const { return NumberOf(Setting("index.number_of_replicas", "1"), 1); }

uint32_t Ground::NodeById(std::string_view id) const {
  for (uint32_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].id == id && nodes[i].IsMember()) return i;
  return kNowhere;
}

uint32_t Ground::NodeByName(std::string_view name) const {
  for (uint32_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].name == name) return i;
  return kNowhere;
}

std::string Ground::Effective(const std::string& key) const {
  for (const Texts* scope : {&transient, &persistent})
    if (const auto found = scope->find(key); found != scope->end()) return found->second;
  if (master != kNowhere) {
    const Texts& yml = nodes[master].yml;
    if (const auto found = yml.find(key); found != yml.end()) return found->second;
  }
  return DefaultOf(quirks, key).value_or("");
}

std::string Ground::NewId() {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr size_t kLength = 22;
  uint64_t seed = next_id++;
  std::string id;
  for (size_t i = 0; i < kLength; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    id += kLetters[seed >> 58];
  }
  return id;
}

bool AnswersAt(const Ground& ground, const Copy& copy) {
  return copy.Serves() && ground.nodes[copy.node].is == Node::Is::kUp && ground.nodes[copy.node].IsMember();
}

bool IsInSync(const Ground& ground, const Shard& shard, const Copy& copy) {
  return copy.Serves() && (!ground.quirks.in_sync_sets || shard.in_sync.contains(copy.allocation_id));
}

}  // namespace holdfast::sandbox::elasticsearch
