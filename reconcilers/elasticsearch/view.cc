#include "reconcilers/elasticsearch/view.h"

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::elasticsearch {

std::string VersionText(const Version& version) {
  return Cat(version.major, ".", version.minor, ".", version.patch);
}

std::string_view Node::Attribute(std::string_view attribute) const {
  for (const auto& [name, value] : attributes)
    if (name == attribute) return value;
  return {};
}

std::string Node::Incarnation() const {
  if (!ephemeral_id.empty()) return ephemeral_id;
  return started == absl::InfinitePast() ? std::string() : Rfc3339(started);
}

const std::string* Settings::Effective(const std::string& key) const {
  for (const auto* scope : {&transient, &persistent, &defaults})
    if (const auto found = scope->find(key); found != scope->end()) return &found->second;
  return nullptr;
}

uint32_t View::NodeIndex(std::string_view id) const {
  const auto found =
      std::ranges::lower_bound(nodes, id, {}, [](const Node& node) -> std::string_view { return node.id; });
  return found == nodes.end() || found->id != id ? kNoNode : static_cast<uint32_t>(found - nodes.begin());
}

const Node* View::FindNode(std::string_view id) const {
  const uint32_t at = NodeIndex(id);
  return at == kNoNode ? nullptr : &nodes[at];
}

const Index* View::FindIndex(std::string_view name) const {
  const auto found = std::ranges::lower_bound(
      indices, name, {}, [](const Index& index) -> std::string_view { return index.name; });
  return found == indices.end() || found->name != name ? nullptr : &*found;
}

const NodeFile* View::FindFile(std::string_view node, std::string_view path) const {
  for (const NodeFile& file : files)
    if (file.node == node && file.path == path) return &file;
  return nullptr;
}

const Template* View::FindTemplate(std::string_view path) const {
  for (const Template& one : templates)
    if (one.path == path) return &one;
  return nullptr;
}

std::string AskExplain(std::string_view index, uint32_t shard, bool primary, std::string_view node_id) {
  return Cat("explain ", index, " ", shard, primary ? " p " : " r ", node_id.empty() ? "-" : node_id);
}

}  // namespace holdfast::elasticsearch
