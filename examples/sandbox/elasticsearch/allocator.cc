#include "examples/sandbox/elasticsearch/allocator.h"

#include <algorithm>
#include <limits>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/deciders.h"
#include "examples/sandbox/elasticsearch/settings.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

void CountTraffic(Ground& ground) {
  for (Node& node : ground.nodes) node.incoming = node.outgoing = 0;
  for (const CopyRef& ref : ground.moving) {
    ++ground.nodes[TargetOf(ground.At(ref))].incoming;
    if (const uint32_t source = SourceOf(ground, ref); source != kNowhere) ++ground.nodes[source].outgoing;
  }
}

Node* DiskOwner(Ground& ground, const CopyRef& ref) {
  const Shard& shard = ground.ShardOf(ref);
  for (Node& node : ground.nodes) {
    if (!node.IsMember() || node.is == Node::Is::kFrozen) continue;
    const auto found = node.disk.find(KeyOf(ref));
    if (found == node.disk.end()) continue;
    if (!ground.quirks.in_sync_sets || shard.in_sync.contains(found->second.allocation_id)) return &node;
  }
  return nullptr;
}

class Allocator {
 public:
  Allocator(Ground& ground, Haste haste) : ground_(ground), rules_(ground) {
    if (haste == Haste::kAtOnce)
      rules_.most_incoming = rules_.most_outgoing = rules_.most_initial = std::numeric_limits<int>::max();
  }
  void Run() {
    EachCopy(ground_, [&](const CopyRef& ref) {
      if (ground_.At(ref).is == Copy::Is::kUnassigned && ground_.At(ref).primary) AssignPrimary(ref);
    });
    EachCopy(ground_, [&](const CopyRef& ref) {
      if (ground_.At(ref).is == Copy::Is::kUnassigned && !ground_.At(ref).primary) AssignReplica(ref);
    });
    MoveAway();
    EvenOut();
  }

 private:
  bool IsOut(const CopyRef& ref) const {
    return !ground_.quirks.closed_are_replicated && ground_.indices[ref.index].is == Index::Is::kClosed;
  }

  // The emptiest node that says yes.
  uint32_t BestFor(const CopyRef& ref, Goal goal, Says* best) {
    uint32_t chosen = kNowhere;
    *best = Says::kNo;
    for (uint32_t i = 0; i < ground_.nodes.size(); ++i) {
      const Node& node = ground_.nodes[i];
      if (!node.IsMember() || !node.HasRole("data")) continue;
      if (chosen != kNowhere && node.copies >= ground_.nodes[chosen].copies) continue;
      const Says says = CanAllocate(rules_, ref, i, goal, nullptr);
      *best = std::min(*best, says);
      if (says == Says::kYes) chosen = i;
    }
    return chosen;
  }

  void AssignPrimary(const CopyRef& ref) {
    if (IsOut(ref)) return;
    Copy& copy = ground_.At(ref);
    Says best = Says::kNo;
    if (ground_.ShardOf(ref).was == Shard::Was::kNeverStarted) {
      const uint32_t node = BestFor(ref, Goal::kNew, &best);
      copy.unassigned.status = best == Says::kNo ? "deciders_no" : "throttled";
      if (node != kNowhere) Begin(ground_, ref, node, Goal::kNew);
      return;
    }
    const Node* owner = DiskOwner(ground_, ref);
    copy.unassigned.status = "no_valid_shard_copy";
    if (owner == nullptr) return;
    if (owner->incoming < rules_.most_initial)
      Begin(ground_, ref, static_cast<uint32_t>(owner - ground_.nodes.data()), Goal::kExistingPrimary);
  }

  absl::Time DelayEnds(const CopyRef& ref) const {
    const Copy& copy = ground_.At(ref);
    if (copy.unassigned.reason != "NODE_LEFT") return absl::InfinitePast();
    return copy.unassigned.at +
           TimeOf(ground_.indices[ref.index].Setting("index.unassigned.node_left.delayed_timeout", "1m"),
                  absl::Minutes(1));
  }

  void AssignReplica(const CopyRef& ref) {
    if (IsOut(ref)) return;
    Copy& copy = ground_.At(ref);
    const Copy* primary = ground_.ShardOf(ref).Primary();
    if (primary == nullptr || !primary->Serves()) return;
    for (uint32_t i = 0; i < ground_.nodes.size(); ++i)
      if (ground_.nodes[i].IsMember() && ground_.nodes[i].disk.contains(KeyOf(ref)) &&
          CanAllocate(rules_, ref, i, Goal::kReplica, nullptr) == Says::kYes) {
        Begin(ground_, ref, i, Goal::kReplica);
        return;
      }
    const absl::Time ends = DelayEnds(ref);
    if (ends > ground_.now) {
      ground_.next_delay_ends = std::min(ground_.next_delay_ends, ends);
      copy.unassigned.status = "delayed_allocation";
      return;
    }
    if (primary->node != kNowhere && ground_.nodes[primary->node].outgoing >= rules_.most_outgoing) {
      copy.unassigned.status = "throttled";
      return;
    }
    Says best = Says::kNo;
    const uint32_t node = BestFor(ref, Goal::kReplica, &best);
    copy.unassigned.status = best == Says::kThrottle ? "throttled" : "no_attempt";
    if (node != kNowhere) Begin(ground_, ref, node, Goal::kReplica);
  }

  // Nothing in the rules can make any copy leave.
  bool EverythingMayStay() const {
    if (std::any_of(rules_.filtered.begin(), rules_.filtered.end(), [](char f) { return f != 0; }))
      return false;
    if (!rules_.awareness.empty() || rules_.most_of_all_shards > 0) return false;
    for (const Node& node : ground_.nodes)
      if (rules_.disk == Rules::Disk::kWatched && rules_.IsOver(node, rules_.high, 0)) return false;
    return std::none_of(ground_.indices.begin(), ground_.indices.end(), [](const Index& index) {
      const auto has = index.settings.lower_bound("index.routing.allocation.");
      return has != index.settings.end() && has->first.starts_with("index.routing.allocation.");
    });
  }

  void MoveAway() {
    if (EverythingMayStay()) return;
    EachCopy(ground_, [&](const CopyRef& ref) {
      const Copy& copy = ground_.At(ref);
      if (copy.is != Copy::Is::kStarted || CanRemain(rules_, ref, nullptr) != Says::kNo) return;
      const Copy* primary = ground_.ShardOf(ref).Primary();
      if (primary->node != kNowhere && ground_.nodes[primary->node].outgoing >= rules_.most_outgoing) return;
      Says best = Says::kNo;
      if (const uint32_t node = BestFor(ref, Goal::kMove, &best); node != kNowhere)
        Begin(ground_, ref, node, Goal::kMove);
    });
  }

  // One move at a time from the fullest to the emptiest node, when everything is where it should be.
  void EvenOut() {
    if (rules_.rebalance == "none" || !ground_.moving.empty()) return;
    uint32_t most = kNowhere, least = kNowhere;
    for (uint32_t i = 0; i < ground_.nodes.size(); ++i) {
      const Node& node = ground_.nodes[i];
      if (!node.IsMember() || !node.HasRole("data") || rules_.filtered[i] != 0) continue;
      if (most == kNowhere || node.copies > ground_.nodes[most].copies) most = i;
      if (least == kNowhere || node.copies < ground_.nodes[least].copies) least = i;
    }
    if (most == kNowhere || ground_.nodes[most].copies - ground_.nodes[least].copies < 2) return;
    CopyRef chosen;
    enum { kNone, kFound, kNotAllActive } found = kNone;
    EachCopy(ground_, [&](const CopyRef& ref) {
      if (ground_.At(ref).is == Copy::Is::kUnassigned && !IsOut(ref)) found = kNotAllActive;
      if (found != kNone || ground_.At(ref).node != most) return;
      if (CanAllocate(rules_, ref, least, Goal::kMove, nullptr) == Says::kYes) found = kFound, chosen = ref;
    });
    if (found == kFound) Begin(ground_, chosen, least, Goal::kMove);
  }

  Ground& ground_;
  Rules rules_;
};

bool IsAutoExpanded(const Ground& ground, const Rules& rules, const Index& index, int* replicas) {
  const std::string_view range = index.Setting("index.auto_expand_replicas", "false");
  const size_t dash = range.find('-');
  if (range == "false" || dash == range.npos) return false;
  int eligible = 0;
  for (size_t i = 0; i < ground.nodes.size(); ++i) {
    const Node& node = ground.nodes[i];
    const bool counts = !ground.quirks.auto_expand_minds_filters || rules.filtered[i] == 0;
    eligible += node.IsMember() && node.HasRole("data") && counts ? 1 : 0;
  }
  const int least = NumberOf(range.substr(0, dash), 0);
  const int most =
      range.substr(dash + 1) == "all" ? eligible - 1 : NumberOf(range.substr(dash + 1), eligible);
  *replicas = std::max(least, std::min(most, eligible - 1));
  return eligible > 0;
}

}  // namespace

void Reroute(Ground& ground, Haste haste) {
  ground.next_delay_ends = absl::InfiniteFuture();  // without a master nobody waits for it
  if (ground.master == kNowhere) return;
  const uint64_t before = ground.next_id;
  const Rules rules(ground);
  int replicas = 0;
  for (uint32_t i = 0; i < ground.indices.size(); ++i)
    if (IsAutoExpanded(ground, rules, ground.indices[i], &replicas) &&
        replicas != ground.indices[i].Replicas())
      SetReplicas(ground, i, replicas);
  CountTraffic(ground);
  Allocator(ground, haste).Run();
  if (ground.next_id != before) ++ground.version;
}

}  // namespace holdfast::sandbox::elasticsearch
