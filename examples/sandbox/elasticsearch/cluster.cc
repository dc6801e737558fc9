#include "examples/sandbox/elasticsearch/cluster.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/allocator.h"
#include "examples/sandbox/elasticsearch/deciders.h"
#include "examples/sandbox/elasticsearch/masters.h"
#include "examples/sandbox/elasticsearch/routing.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

using What = ClusterEffect::What;

bool IsProcess(Node::Is is) { return is == Node::Is::kUp || is == Node::Is::kFrozen; }

// With such a file its process ends as soon as it has read it.
bool IsBroken(const Node& node) {
  return std::any_of(node.files.begin(), node.files.end(),
                     [](const auto& file) { return file.second.find(kBroken) != std::string::npos; });
}

}  // namespace

std::string_view EffectName(What what) {
  constexpr std::string_view kNames[] = {"settings", "stop",  "start", "kill",  "voting exclusions",
                                         "reroute",  "flush", "file",  "upload"};
  return kNames[static_cast<size_t>(what)];
}

Cluster::Cluster(absl::Time now, Setup setup) {
  ground_.quirks = QuirksOf(setup.flavor, setup.version);
  ground_.name = std::move(setup.name);
  ground_.now = now;
  for (const char letter : ground_.name)
    ground_.next_id = ground_.next_id * 31 + static_cast<unsigned char>(letter);
  ground_.uuid = ground_.NewId();
}

void Cluster::AddNode(Node node) {
  const size_t number = ground_.nodes.size();
  if (node.name.empty()) node.name = Cat("n", number + 1);
  if (node.ip.empty()) node.ip = Cat("10.0.", (number + 10) / 250, ".", (number + 10) % 250 + 1);
  if (node.host.empty()) node.host = node.ip;
  node.id = ground_.NewId();
  node.is = Node::Is::kDown;
  ground_.nodes.push_back(std::move(node));
  if (stage_ == Stage::kFormed) (void)Start(ground_.nodes.back().name, By::kPerson);
}

void Cluster::AddIndex(NewIndex index) {
  elasticsearch::Index made;
  made.name = index.name;
  made.uuid = ground_.NewId();
  made.settings = std::move(index.settings);
  made.settings["index.number_of_shards"] = Cat(index.shards);
  made.settings["index.number_of_replicas"] = Cat(index.replicas);
  made.settings["index.uuid"] = made.uuid;
  made.settings["index.provided_name"] = index.name;
  made.settings["index.creation_date"] = Cat(absl::ToUnixMillis(ground_.now));
  for (int s = 0; s < index.shards; ++s) {
    Shard shard{.bytes = index.bytes};
    for (int c = 0; c <= index.replicas; ++c) {
      Copy copy;
      copy.primary = c == 0;
      copy.unassigned.at = ground_.now;
      shard.copies.push_back(std::move(copy));
    }
    made.shards.push_back(std::move(shard));
  }
  const auto before = std::lower_bound(ground_.indices.begin(), ground_.indices.end(), made,
                                       [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto at = static_cast<uint32_t>(before - ground_.indices.begin());
  if (stage_ == Stage::kFormed && at != ground_.indices.size())
    ground_.indices.push_back(std::move(made));  // the numbers of the others are in use
  else
    ground_.indices.insert(before, std::move(made));
  if (stage_ == Stage::kBeingSet) {
    for (Shard& shard : ground_.indices[at].shards) shard.docs = index.docs;
    if (index.is == Index::Is::kClosed) ground_.indices[at].is = index.is;
    return;
  }
  ++ground_.version;
  Changed();
}

void Cluster::Form() {
  for (Node& node : ground_.nodes) {
    node.is = Node::Is::kUp;
    node.member = Node::Member::kYes;
    node.started = ground_.now - absl::Hours(24);
    node.ephemeral_id = ground_.NewId();
    node.filters = AllFilters(ground_, node);
    if (node.HasRole("master")) ground_.voting.push_back(node.id);
  }
  stage_ = Stage::kFormed;
  (void)Elect(ground_);
  Reconfigure(ground_);
  std::vector<uint32_t> closed;
  for (uint32_t i = 0; i < ground_.indices.size(); ++i)
    if (ground_.indices[i].is == Index::Is::kClosed)
      closed.push_back(i), ground_.indices[i].is = Index::Is::kOpen;
  do elasticsearch::Reroute(ground_, Haste::kAtOnce);
  while (Finish(ground_, Haste::kAtOnce));
  for (elasticsearch::Index& index : ground_.indices)
    for (Shard& shard : index.shards)
      for (Copy& copy : shard.copies)
        if (copy.Serves()) copy.docs = shard.docs;
  for (const uint32_t i : closed) Close(ground_, i);
  disks_due_ = ground_.now + kLooksAtDisks;
}

Node* Cluster::Find(const std::string& node) {
  const uint32_t found = ground_.NodeByName(node);
  return found == kNowhere ? nullptr : &ground_.nodes[found];
}

Result<Node*> Cluster::Known(const std::string& node) {
  Node* found = Find(node);
  if (found == nullptr) return NotFound(Cat("there is no node ", node));
  return found;
}

void Cluster::Tell(What what, By by, std::string whom) {
  const ClusterEffect effect{ground_.now, what, by, std::move(whom)};
  if (effects_.size() < kMostEffects) effects_.push_back(effect);
  if (on_effect) on_effect(effect);
}

// ── time ──

absl::Time Cluster::NextEvent() const {
  absl::Time next = std::min({ground_.election_at, NextFinish(ground_), ground_.next_delay_ends, disks_due_});
  for (const Node& node : ground_.nodes) next = std::min(next, node.due);
  return std::max(next, ground_.now);
}

void Cluster::Advance(absl::Time now) {
  while (ground_.now < now) {
    const absl::Time next = NextEvent();
    Progress(ground_, std::min(next, now) - ground_.now);
    if (next > now) return;
    for (Node& node : ground_.nodes)
      if (node.due <= ground_.now) Due(node);
    const bool elected = ground_.election_at <= ground_.now && Elect(ground_);
    if (disks_due_ <= ground_.now) LookAtDisks();
    SettleMembership();
    const bool finished = Finish(ground_);
    if (finished || elected || ground_.next_delay_ends <= ground_.now) elasticsearch::Reroute(ground_);
  }
}

void Cluster::Due(Node& node) {
  node.due = absl::InfiniteFuture();
  switch (node.is) {
    case Node::Is::kLeaving:
      node.is = Node::Is::kDown;
      ForgetTransients();
      break;
    case Node::Is::kStarting:
      if (IsBroken(node)) {
        node.is = Node::Is::kDown;
        break;
      }
      node.is = Node::Is::kUp;
      node.ephemeral_id = ground_.NewId();
      if (!ground_.quirks.node_id_stays) node.id = ground_.NewId();
      if (ground_.master == kNowhere)
        ground_.election_at = std::min(ground_.election_at, ground_.now + kElection);
      break;
    case Node::Is::kFrozen:  // the others give up on it
      if (ground_.master != kNowhere && &ground_.nodes[ground_.master] == &node) LoseMaster(kElection);
      break;
    case Node::Is::kUp:
    case Node::Is::kDown:
      break;
  }
}

void Cluster::LoseMaster(absl::Duration until_election) {
  ground_.master = kNowhere;
  ground_.election_at = ground_.now + until_election;
}

// The master takes out who is gone, and takes in who has come.
void Cluster::SettleMembership() {
  if (ground_.master == kNowhere) return;
  if (!HasQuorum(ground_)) {
    ground_.master = kNowhere;
    return;
  }
  bool changed = false;
  for (uint32_t i = 0; i < ground_.nodes.size(); ++i) {
    Node& node = ground_.nodes[i];
    const bool lost =
        !IsProcess(node.is) || (node.is == Node::Is::kFrozen && node.due == absl::InfiniteFuture());
    if (node.IsMember() && lost) {
      TakeOut(ground_, i);
      changed = true;
    } else if (!node.IsMember() && node.is == Node::Is::kUp && node.on_start == Node::OnStart::kJoins) {
      node.member = Node::Member::kYes;
      node.filters = AllFilters(ground_, node);
      ++ground_.version;
      changed = true;
    }
  }
  if (!changed) return;
  Reconfigure(ground_);
  elasticsearch::Reroute(ground_);
}

void Cluster::Changed() {
  SettleMembership();
  elasticsearch::Reroute(ground_);
}

// The state lives as long as a node lives that may be master.
void Cluster::ForgetTransients() {
  const bool lives = std::any_of(ground_.nodes.begin(), ground_.nodes.end(), [](const Node& node) {
    return node.HasRole("master") && IsProcess(node.is);
  });
  if (!lives) ground_.transient.clear();
}

// Every half minute the master looks how full the disks are.
void Cluster::LookAtDisks() {
  disks_due_ = ground_.now + kLooksAtDisks;
  const Rules rules(ground_);
  if (rules.disk == Rules::Disk::kIgnored || ground_.master == kNowhere) return;
  const std::string key = "index.blocks.read_only_allow_delete";
  const bool frees =
      ground_.quirks.flavor == Flavor::kOpenSearch || ground_.quirks.version >= Version{7, 4, 0};
  std::vector<char> flooded(ground_.nodes.size()), high(ground_.nodes.size());
  bool full = false;
  for (size_t i = 0; i < ground_.nodes.size(); ++i) {
    flooded[i] = rules.IsOver(ground_.nodes[i], rules.flood, 0) ? 1 : 0;
    high[i] = rules.IsOver(ground_.nodes[i], rules.high, 0) ? 1 : 0;
    full |= rules.IsOver(ground_.nodes[i], rules.low, 0);
  }
  for (elasticsearch::Index& index : ground_.indices) {
    bool blocked = false, stays = false;
    for (const Shard& shard : index.shards)
      for (const Copy& copy : shard.copies) {
        if (copy.node == kNowhere) continue;
        blocked |= flooded[copy.node] != 0;
        stays |= high[copy.node] != 0;
      }
    if (blocked && index.settings[key] != "true") index.settings[key] = "true", ++ground_.version;
    // Only when no disk under it is over the high watermark any more.
    if (!blocked && !stays && frees && index.settings.erase(key) > 0) ++ground_.version;
  }
  if (full) elasticsearch::Reroute(ground_);
}

// ── truth ──

int64_t Cluster::LostDocuments() const { return elasticsearch::LostDocuments(ground_); }

Cluster::Health Cluster::health() const {
  Health health = Health::kGreen;
  for (const elasticsearch::Index& index : ground_.indices) {
    if (!ground_.quirks.closed_are_replicated && index.is == Index::Is::kClosed) continue;
    for (const Shard& shard : index.shards)
      for (const Copy& copy : shard.copies) {
        if (copy.Serves()) continue;
        if (copy.primary) return Health::kRed;
        health = Health::kYellow;
      }
  }
  return health;
}

std::vector<std::string> Cluster::NodesNotUp() const {
  std::vector<std::string> names;
  for (const Node& node : ground_.nodes)
    if (node.is != Node::Is::kUp || !node.IsMember()) names.push_back(node.name);
  return names;
}

Filters Cluster::InForce() const {
  return ground_.master == kNowhere ? Filters() : ground_.nodes[ground_.master].filters;
}

Texts Cluster::AllSettings() const {
  Texts all;
  for (const auto& [key, value] : ground_.persistent) all[Cat("persistent ", key)] = value;
  for (const auto& [key, value] : ground_.transient) all[Cat("transient ", key)] = value;
  return all;
}

}  // namespace holdfast::sandbox::elasticsearch
