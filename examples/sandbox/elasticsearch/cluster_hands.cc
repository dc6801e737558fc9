// What is done to a cluster from outside: to its nodes, its indices, and through its API.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/allocator.h"
#include "examples/sandbox/elasticsearch/cluster.h"
#include "examples/sandbox/elasticsearch/deciders.h"
#include "examples/sandbox/elasticsearch/masters.h"
#include "examples/sandbox/elasticsearch/routing.h"

namespace holdfast::sandbox::elasticsearch {

using What = ClusterEffect::What;

// ── control ──

Status Cluster::Stop(const std::string& name, By by) {
  Node& node = *HF_TRY(Known(name));
  Tell(What::kStop, by, name);
  if (node.is == Node::Is::kFrozen || node.is == Node::Is::kDown || node.is == Node::Is::kLeaving) return {};
  node.is = Node::Is::kLeaving;
  node.due = ground_.now + kGoesDown;
  if (ground_.master != kNowhere && &ground_.nodes[ground_.master] == &node) {
    // It hands over before it goes.
    ground_.master = kNowhere;
    (void)Elect(ground_);
  }
  SettleMembership();
  return {};
}

Status Cluster::Start(const std::string& name, By by) {
  Node& node = *HF_TRY(Known(name));
  if (node.is != Node::Is::kDown) return FailedPrecondition(Cat(name, " runs already"));
  Tell(What::kStart, by, name);
  node.is = Node::Is::kStarting;
  node.started = ground_.now + absl::Seconds(1);
  node.due = ground_.now + node.takes_to_start;
  return {};
}

Status Cluster::Kill(const std::string& name, By by) {
  Node& node = *HF_TRY(Known(name));
  Tell(What::kKill, by, name);
  node.is = Node::Is::kDown;
  node.due = absl::InfiniteFuture();
  if (ground_.master != kNowhere && &ground_.nodes[ground_.master] == &node) LoseMaster(kElection);
  ForgetTransients();
  SettleMembership();
  return {};
}

void Cluster::PutFile(const std::string& node, const std::string& path, std::string text, By by) {
  Node* found = Find(node);
  if (found == nullptr) return;
  found->files[path] = std::move(text);
  Tell(What::kFile, by, Cat(node, ":", path));
}

void Cluster::Freeze(const std::string& name) {
  Node* node = Find(name);
  node->is = Node::Is::kFrozen;
  node->due = ground_.now + kNoticesFrozen;
}

void Cluster::Thaw(const std::string& name) {
  Node* node = Find(name);
  if (node->is != Node::Is::kFrozen) return;
  node->is = Node::Is::kUp;
  node->due = absl::InfiniteFuture();
  if (ground_.master == kNowhere)
    ground_.election_at = std::min(ground_.election_at, ground_.now + kElection);
  SettleMembership();
}

void Cluster::ReturnsWith(const std::string& name, const Returning& returning) {
  Node* node = Find(name);
  if (returning.ip)
    node->host = node->host == node->ip ? *returning.ip : node->host, node->ip = *returning.ip;
  if (returning.zone) node->attributes["zone"] = *returning.zone;
  if (returning.version) node->version = returning.version;
  if (returning.yml) node->yml = *returning.yml;
  if (returning.disk == Returning::Disk::kKept) return;
  node->disk.clear();
  node->disk_shards = 0;
  node->id = ground_.NewId();
}

void Cluster::FillDisk(const std::string& name, int64_t other_bytes) { Find(name)->disk_other = other_bytes; }

// ── indices ──

void Cluster::SetIndex(const std::string& name, const std::string& key, const std::string& value) {
  for (uint32_t i = 0; i < ground_.indices.size(); ++i) {
    if (ground_.indices[i].name != name) continue;
    if (key == "index.number_of_replicas")
      SetReplicas(ground_, i, NumberOf(value, 1));
    else if (value.empty())
      ground_.indices[i].settings.erase(key);
    else
      ground_.indices[i].settings[key] = value;
    ++ground_.version;
  }
  elasticsearch::Reroute(ground_);
}

void Cluster::CloseIndex(const std::string& name) {
  for (uint32_t i = 0; i < ground_.indices.size(); ++i)
    if (ground_.indices[i].name == name) Close(ground_, i);
}

void Cluster::OpenIndex(const std::string& name) {
  for (uint32_t i = 0; i < ground_.indices.size(); ++i)
    if (ground_.indices[i].name == name) Open(ground_, i);
  elasticsearch::Reroute(ground_);
}

Status Cluster::Move(const std::string& index, uint32_t shard, const std::string& from, const std::string& to,
                     By by) {
  const uint32_t source = ground_.NodeByName(from), target = ground_.NodeByName(to);
  if (target == kNowhere || !ground_.nodes[target].IsMember())
    return InvalidArgument(Cat("failed to resolve [", to, "], no matching nodes"));
  for (uint32_t i = 0; i < ground_.indices.size(); ++i) {
    if (ground_.indices[i].name != index || shard >= ground_.indices[i].shards.size()) continue;
    for (uint32_t c = 0; c < ground_.indices[i].shards[shard].copies.size(); ++c) {
      const CopyRef ref{i, shard, c};
      if (ground_.At(ref).node != source || ground_.At(ref).is != Copy::Is::kStarted) continue;
      std::vector<Decision> told;
      if (CanAllocate(Rules(ground_), ref, target, Goal::kCommand, &told) == Says::kNo)
        return InvalidArgument(Cat("[move_allocation] can't move ", shard, ", from ", from, ", to ", to,
                                   ", since its not allowed, reason: [NO(", told[0].words, ")]"));
      Begin(ground_, ref, target, Goal::kCommand);
      ++ground_.version;
      Tell(What::kReroute, by, Cat("move ", index, "[", shard, "] ", from, " ", to));
      return {};
    }
  }
  return InvalidArgument(Cat("[move_allocation] can't move ", shard, ", failed to find it on node ", from));
}

void Cluster::BeginSnapshot(const std::string& repository, const std::string& name) {
  Snapshot snapshot{repository, name, ground_.NewId(), ground_.now, {}};
  for (uint32_t i = 0; i < ground_.indices.size(); ++i)
    for (uint32_t s = 0; s < ground_.indices[i].shards.size(); ++s)
      for (uint32_t c = 0; c < ground_.indices[i].shards[s].copies.size(); ++c)
        if (const Copy& copy = ground_.indices[i].shards[s].copies[c]; copy.primary && copy.Serves())
          snapshot.parts.push_back({{i, s, c}, copy.node});
  ground_.snapshots.push_back(std::move(snapshot));
  ++ground_.version;
}

void Cluster::EndSnapshot(const std::string& name) {
  std::erase_if(ground_.snapshots, [&](const Snapshot& snapshot) { return snapshot.name == name; });
  ++ground_.version;
  elasticsearch::Reroute(ground_);
}

void Cluster::ExhaustRetries(const CopyRef& ref) {
  Copy& copy = ground_.At(ref);
  if (copy.is == Copy::Is::kUnassigned) copy.unassigned.reason = "ALLOCATION_FAILED";
  copy.unassigned.failures = 5;
  ++ground_.version;
}

// ── requests ──

Status Cluster::Change(const SettingsChange& change, By by) {
  HF_TRY(CheckChange(ground_, change));
  ApplyChange(ground_, change);
  elasticsearch::Reroute(ground_);
  std::vector<std::string> keys;
  for (const auto& [key, value] : change.persistent) keys.push_back(Cat(key, "=", value.value_or("null")));
  for (const auto& [key, value] : change.transient)
    keys.push_back(Cat("transient ", key, "=", value.value_or("null")));
  Tell(What::kSettings, by, Join(keys, " "));
  return {};
}

void Cluster::ChangeIndices(const std::vector<std::string>& names, const std::string& key,
                            const std::optional<std::string>& value, By by) {
  for (elasticsearch::Index& index : ground_.indices) {
    if (std::find(names.begin(), names.end(), index.name) == names.end()) continue;
    if (value)
      index.settings[key] = *value;
    else
      index.settings.erase(key);
  }
  ++ground_.version;
  elasticsearch::Reroute(ground_);
  Tell(What::kSettings, by, Cat(Join(names, ","), " ", key, "=", value.value_or("null")));
}

std::optional<WriteAnswer> Cluster::TakeWriteAnswer() {
  if (write_answers_.empty()) return std::nullopt;
  const WriteAnswer answer = write_answers_.front();
  write_answers_.pop_front();
  return answer;
}

Status Cluster::ExcludeVoters(const std::vector<std::string>& names, By by) {
  if (ground_.voting_exclusions.size() + names.size() > kMostVotingExclusions)
    return InvalidArgument(Cat("add voting config exclusions request would exceed the maximum of [",
                               kMostVotingExclusions, "] exclusions"));
  for (const std::string& name : names) {
    const uint32_t node = ground_.NodeByName(name);
    const bool known = node != kNowhere && ground_.nodes[node].IsMember();
    ground_.voting_exclusions.emplace_back(known ? ground_.nodes[node].id : "_absent_", name);
  }
  ++ground_.version;
  Reconfigure(ground_);
  if (ground_.master != kNowhere &&
      std::find(names.begin(), names.end(), ground_.nodes[ground_.master].name) != names.end() &&
      !ground_.voting.empty() && ground_.voting != std::vector{ground_.nodes[ground_.master].id}) {
    ground_.master = kNowhere;
    (void)Elect(ground_);
  }
  Tell(What::kVotingExclusions, by, Join(names, ","));
  return {};
}

void Cluster::ClearVotingExclusions(By by) {
  ground_.voting_exclusions.clear();
  ++ground_.version;
  Reconfigure(ground_);
  Tell(What::kVotingExclusions, by, "");
}

void Cluster::Reroute(By by) {
  elasticsearch::Reroute(ground_);
  Tell(What::kReroute, by, "");
}

void Cluster::RetryFailed(By by) {
  for (elasticsearch::Index& index : ground_.indices)
    for (Shard& shard : index.shards)
      for (Copy& copy : shard.copies) copy.unassigned.failures = 0;
  elasticsearch::Reroute(ground_);
  Tell(What::kReroute, by, "retry_failed");
}

void Cluster::Flush(By by) { Tell(What::kFlush, by, ""); }

int64_t Cluster::Index(int64_t documents) { return Write(ground_, documents); }

}  // namespace holdfast::sandbox::elasticsearch
