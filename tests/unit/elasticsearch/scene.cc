#include "tests/unit/elasticsearch/scene.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::elasticsearch {
namespace {

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  for (std::string& word : Split(text, ' '))
    if (!word.empty()) words.push_back(std::move(word));
  return words;
}

Copy CopyOf(const View& view, std::string_view word, bool in_sync_sets) {
  Copy copy;
  if (word == "-") return copy;
  copy.state = CopyState::kStarted;
  copy.in_sync = in_sync_sets;
  if (const size_t arrow = word.find('>'); arrow != std::string_view::npos) {
    copy.state = CopyState::kRelocating;
    copy.relocating_to = view.NodeIndex(word.substr(arrow + 1));
    word = word.substr(0, arrow);
  } else if (word.ends_with('?')) {
    copy.state = CopyState::kInitializing;
    copy.in_sync = false;
    word.remove_suffix(1);
  } else if (word.ends_with('!')) {
    copy.in_sync = false;
    word.remove_suffix(1);
  }
  copy.node = view.NodeIndex(word);
  return copy;
}

}  // namespace

absl::Time Scene::Now() { return absl::FromUnixSeconds(1'790'000'000); }

Scene& Scene::Node(std::string name) {
  elasticsearch::Node node;
  node.id = node.name = std::move(name);
  node.ip = node.publish_ip = Cat("127.0.0.", view_.nodes.size() + 1);
  node.host = node.ip;
  node.version = {7, 17, 29};
  node.roles = {"data"};
  node.data = true;
  node.answered_at = Now();
  view_.nodes.push_back(std::move(node));
  return *this;
}
Scene& Scene::Nodes(std::string_view names) {
  for (std::string& name : Words(names)) Node(std::move(name));
  return *this;
}
Scene& Scene::Attribute(std::string name, std::string value) {
  auto& attributes = view_.nodes.back().attributes;
  attributes.emplace_back(std::move(name), std::move(value));
  std::sort(attributes.begin(), attributes.end());
  return *this;
}
Scene& Scene::Roles(std::string_view roles) {
  elasticsearch::Node& node = view_.nodes.back();
  node.roles = Words(roles);
  std::sort(node.roles.begin(), node.roles.end());
  node.data =
      std::any_of(node.roles.begin(), node.roles.end(), [](const auto& r) { return r.starts_with("data"); });
  node.master_eligible = std::find(node.roles.begin(), node.roles.end(), "master") != node.roles.end();
  return *this;
}
Scene& Scene::Master() {
  view_.nodes.back().master_eligible = true;
  view_.nodes.back().roles.emplace_back("master");
  return *this;
}
Scene& Scene::Elected() {
  elected_ = view_.nodes.back().name;
  return *this;
}
Scene& Scene::Ip(std::string ip) {
  view_.nodes.back().ip = view_.nodes.back().publish_ip = std::move(ip);
  return *this;
}
Scene& Scene::Host(std::string host) {
  view_.nodes.back().host = std::move(host);
  return *this;
}
Scene& Scene::Runs(int major, int minor, int patch) {
  view_.nodes.back().version = {major, minor, patch};
  return *this;
}
Scene& Scene::Silent(absl::Duration since) {
  view_.nodes.back().answered_at = Now() - since;
  return *this;
}
Scene& Scene::Disk(int64_t total, int64_t available) {
  view_.nodes.back().disk_total = total;
  view_.nodes.back().disk_available = available;
  return *this;
}

Scene& Scene::Index(std::string name, int replicas) {
  elasticsearch::Index index;
  index.name = std::move(name);
  index.replicas = replicas;
  index.first_shard = static_cast<uint32_t>(view_.shards.size());
  view_.indices.push_back(std::move(index));
  return *this;
}
Scene& Scene::Setting(std::string key, std::string value) {
  view_.indices.back().settings[std::move(key)] = std::move(value);
  return *this;
}
Scene& Scene::AutoExpand(std::string range) {
  view_.indices.back().auto_expand = std::move(range);
  return *this;
}
Scene& Scene::Closed() {
  view_.indices.back().open = false;
  return *this;
}
Scene& Scene::Shard(std::string_view copies, int64_t bytes) {
  elasticsearch::Shard shard;
  shard.index = static_cast<uint32_t>(view_.indices.size() - 1);
  shard.number = view_.indices.back().shard_count++;
  shard.bytes = bytes;
  view_.has_sizes = view_.has_sizes || bytes >= 0;
  view_.shards.push_back(shard);
  copies_.emplace_back(copies);
  reasons_.emplace_back("NODE_LEFT");
  last_nodes_.emplace_back();
  ago_.push_back(absl::Minutes(1));
  delayed_.push_back(0);
  return *this;
}
Scene& Scene::Shards(int number, std::string_view copies, int64_t bytes) {
  for (int i = 0; i < number; ++i) Shard(copies, bytes);
  return *this;
}
Scene& Scene::Unassigned(std::string reason, absl::Duration ago, std::string last_node) {
  reasons_.back() = std::move(reason);
  ago_.back() = ago;
  last_nodes_.back() = std::move(last_node);
  return *this;
}
Scene& Scene::Delayed() {
  delayed_.back() = 1;
  return *this;
}
Scene& Scene::Snapshot() {
  view_.snapshot_shards.push_back(static_cast<uint32_t>(view_.shards.size() - 1));
  view_.snapshots_running = {"backup/nightly"};
  return *this;
}

Scene& Scene::Persistent(std::string key, std::string value) {
  view_.settings.persistent[std::move(key)] = std::move(value);
  return *this;
}
Scene& Scene::Transient(std::string key, std::string value) {
  view_.settings.transient[std::move(key)] = std::move(value);
  return *this;
}
Scene& Scene::Default(std::string key, std::string value) {
  view_.settings.defaults[std::move(key)] = std::move(value);
  return *this;
}
Scene& Scene::Cluster(int major, int minor, int patch) {
  for (elasticsearch::Node& node : view_.nodes) node.version = {major, minor, patch};
  return *this;
}
Scene& Scene::OpenSearch() {
  view_.flavor = Flavor::kOpenSearch;
  return Cluster(2, 19, 4);
}
Scene& Scene::Voters(std::string_view names) {
  view_.voting_config = Words(names);
  return *this;
}

View Scene::view() const {
  View view = view_;
  view.at = Now();
  view.state_version = 7;
  std::sort(view.nodes.begin(), view.nodes.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  view.lowest = view.highest = view.nodes.front().version;
  for (elasticsearch::Node& node : view.nodes) {
    view.lowest = std::min(view.lowest, node.version);
    view.highest = std::max(view.highest, node.version);
  }
  view.has_in_sync_sets = view.flavor == Flavor::kOpenSearch || view.lowest >= Version{5, 0, 0};
  const bool votes = view.flavor == Flavor::kOpenSearch || view.highest >= Version{7, 0, 0};
  for (uint32_t n = 0; n < view.nodes.size(); ++n) {
    if (!view.nodes[n].master_eligible) continue;
    if (view.master == kNoNode || view.nodes[n].name == elected_) view.master = n;
    if (votes && view_.voting_config.empty()) view.voting_config.push_back(view.nodes[n].id);
  }
  if (view.master == kNoNode) view.master = 0;
  for (size_t s = 0; s < view.shards.size(); ++s) {
    view.shards[s].first = static_cast<uint32_t>(view.copies.size());
    for (const std::string& word : Words(copies_[s])) {
      Copy copy = CopyOf(view, word, view.has_in_sync_sets);
      copy.primary = view.shards[s].count == 0;
      if (copy.state == CopyState::kUnassigned || copy.state == CopyState::kInitializing) {
        copy.reason = reasons_[s];
        copy.last_node = last_nodes_[s];
        copy.unassigned_at = Now() - ago_[s];
        copy.delayed = delayed_[s] != 0 && copy.state == CopyState::kUnassigned;
      }
      view.copies.push_back(std::move(copy));
      ++view.shards[s].count;
    }
  }
  return view;
}

std::vector<uint32_t> In(const View& view, std::string_view names) {
  std::vector<uint32_t> nodes;
  for (const std::string& name : Words(names)) nodes.push_back(view.NodeIndex(name));
  return nodes;
}

}  // namespace holdfast::elasticsearch
