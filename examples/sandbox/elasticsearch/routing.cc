#include "examples/sandbox/elasticsearch/routing.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/settings.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

constexpr absl::Duration kLocalRecovery = absl::Milliseconds(300);
constexpr absl::Duration kShortestRecovery = absl::Milliseconds(500);
constexpr int64_t kUnlimitedRate = int64_t{1} << 30;

template <class Visit>
void EachCopy(const Ground& ground, Visit visit) {
  for (uint32_t i = 0; i < ground.indices.size(); ++i)
    for (uint32_t s = 0; s < ground.indices[i].shards.size(); ++s)
      for (uint32_t c = 0; c < ground.indices[i].shards[s].copies.size(); ++c) visit(CopyRef{i, s, c});
}

// Where a recovery reads from.
uint32_t SourceOf(const Ground& ground, const CopyRef& ref) {
  const Copy& copy = ground.At(ref);
  if (copy.from != Copy::From::kPeer) return kNowhere;
  const Copy* primary = ground.ShardOf(ref).Primary();
  return copy.primary || primary == nullptr ? copy.node : primary->node;
}

uint32_t TargetOf(const Copy& copy) { return copy.is == Copy::Is::kRelocating ? copy.target : copy.node; }

bool GoesOn(const Ground& ground, const CopyRef& ref) {
  const uint32_t source = SourceOf(ground, ref), target = TargetOf(ground.At(ref));
  return ground.nodes[target].is == Node::Is::kUp &&
         (source == kNowhere || ground.nodes[source].is == Node::Is::kUp);
}

// Bytes a second: what the source may send is shared by all that it sends.
double RateOf(const Ground& ground, const CopyRef& ref, int64_t most) {
  const uint32_t source = SourceOf(ground, ref);
  const int sharing = source == kNowhere ? 1 : std::max(1, ground.nodes[source].outgoing);
  return static_cast<double>(most) / sharing;
}

int64_t MostRate(const Ground& ground) {
  const int64_t most = BytesOf(ground.Effective("indices.recovery.max_bytes_per_sec"), 0);
  return most > 0 ? most : kUnlimitedRate;
}

void CountTraffic(Ground& ground) {
  for (Node& node : ground.nodes) node.incoming = node.outgoing = 0;
  for (const CopyRef& ref : ground.moving) {
    ++ground.nodes[TargetOf(ground.At(ref))].incoming;
    if (const uint32_t source = SourceOf(ground, ref); source != kNowhere) ++ground.nodes[source].outgoing;
  }
}

void Arrive(Ground& ground, const CopyRef& ref, uint32_t node) {
  ground.nodes[node].disk_shards += ground.ShardOf(ref).bytes;
  ++ground.nodes[node].copies;
}
void Leave(Ground& ground, const CopyRef& ref, uint32_t node) {
  ground.nodes[node].disk_shards -= ground.ShardOf(ref).bytes;
  --ground.nodes[node].copies;
}

void CancelMove(Ground& ground, const CopyRef& ref) {
  Copy& copy = ground.At(ref);
  Leave(ground, ref, copy.target);
  copy.target = kNowhere;
  copy.relocation_id.clear();
  copy.is = Copy::Is::kStarted;
  ground.moving.erase(ref);
}

// The copy has no node any more; what it held stays on the disk when it was whole.
void Unassign(Ground& ground, const CopyRef& ref, std::string reason, std::string details) {
  Copy& copy = ground.At(ref);
  if (copy.is == Copy::Is::kRelocating) CancelMove(ground, ref);
  Node& node = ground.nodes[copy.node];
  const bool whole = copy.Serves() || copy.from == Copy::From::kDisk;
  Leave(ground, ref, copy.node);
  if (whole) {
    node.disk[KeyOf(ref)] = {copy.allocation_id, copy.docs};
    node.disk_shards += ground.ShardOf(ref).bytes;
  }
  ground.moving.erase(ref);
  copy.unassigned = {std::move(reason), std::move(details), "no_attempt",
                     node.id,           ground.now,         copy.unassigned.failures};
  copy.is = Copy::Is::kUnassigned;
  copy.node = kNowhere;
}

// The shard's primary was lost: the first copy that has everything takes over, or nobody.
void Promote(Ground& ground, const CopyRef& lost) {
  Shard& shard = ground.ShardOf(lost);
  Copy* next = nullptr;
  for (Copy& copy : shard.copies)
    if (IsInSync(ground, shard, copy) && (next == nullptr || !AnswersAt(ground, *next))) next = &copy;
  for (uint32_t c = 0; c < shard.copies.size(); ++c) {
    const CopyRef ref{lost.index, lost.shard, c};
    Copy& copy = shard.copies[c];
    if (&copy == next || copy.from != Copy::From::kPeer || !ground.moving.contains(ref)) continue;
    if (copy.is == Copy::Is::kInitializing && next == nullptr)
      Unassign(ground, ref, "PRIMARY_FAILED", "primary failed while replica initializing");
    else
      copy.done = 0;
  }
  if (next == nullptr) return;
  ground.At(lost).primary = false;
  next->primary = true;
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

// The set never grows beyond what the index has copies: those that are gone are forgotten first.
void ForgetGone(const Ground& ground, Shard& shard) {
  if (shard.in_sync.size() <= shard.copies.size()) return;
  std::set<std::string> served;
  for (const Copy& copy : shard.copies)
    if (copy.is != Copy::Is::kUnassigned) served.insert(copy.allocation_id);
  (void)ground;
  std::erase_if(shard.in_sync, [&](const std::string& id) { return !served.contains(id); });
}

void FinishOne(Ground& ground, const CopyRef& ref) {
  Copy& copy = ground.At(ref);
  Shard& shard = ground.ShardOf(ref);
  if (copy.is == Copy::Is::kRelocating) {
    Leave(ground, ref, copy.node);
    shard.in_sync.erase(copy.allocation_id);
    copy.allocation_id = std::exchange(copy.relocation_id, {});
    copy.node = std::exchange(copy.target, kNowhere);
  } else if (!copy.primary) {
    copy.docs = shard.Primary()->docs;
  }
  copy.is = Copy::Is::kStarted;
  copy.unassigned = {};
  shard.was = Shard::Was::kStarted;
  shard.in_sync.insert(copy.allocation_id);
  ForgetGone(ground, shard);
}

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

void Begin(Ground& ground, const CopyRef& ref, uint32_t node, Goal goal) {
  Copy& copy = ground.At(ref);
  Node& there = ground.nodes[node];
  const auto left = there.disk.find(KeyOf(ref));
  const bool reuses = left != there.disk.end();
  copy.began = ground.now;
  copy.done = 0;
  copy.todo = 0;
  copy.not_before = ground.now + (goal == Goal::kNew || goal == Goal::kExistingPrimary ? kLocalRecovery
                                                                                       : kShortestRecovery);
  const bool moves = copy.Serves();
  if (moves) {
    copy.is = Copy::Is::kRelocating;
    copy.target = node;
    copy.relocation_id = ground.NewId();
    copy.from = Copy::From::kPeer;
    copy.todo = reuses ? 0 : ground.ShardOf(ref).bytes;
  } else {
    copy.is = Copy::Is::kInitializing;
    copy.node = node;
    copy.from = goal == Goal::kNew               ? Copy::From::kNothing
                : goal == Goal::kExistingPrimary ? Copy::From::kDisk
                                                 : Copy::From::kPeer;
    if (goal == Goal::kExistingPrimary && reuses)
      copy.allocation_id = left->second.allocation_id, copy.docs = left->second.docs;
    else
      copy.allocation_id = ground.NewId(), copy.docs = 0;
    copy.todo = goal == Goal::kReplica && !reuses ? ground.ShardOf(ref).bytes : 0;
  }
  if (goal == Goal::kExistingPrimary) ++ground.next_id;  // the routing table changed
  if (reuses) {
    there.disk_shards -= ground.ShardOf(ref).bytes;
    there.disk.erase(left);
  }
  Arrive(ground, ref, node);
  ground.moving.insert(ref);
  ++there.incoming;
  if (const uint32_t source = SourceOf(ground, ref); source != kNowhere) ++ground.nodes[source].outgoing;
}

void Progress(Ground& ground, absl::Duration time) {
  const int64_t most = MostRate(ground);
  for (const CopyRef& ref : ground.moving)
    if (GoesOn(ground, ref)) {
      Copy& copy = ground.At(ref);
      copy.done = std::min(static_cast<double>(copy.todo),
                           copy.done + RateOf(ground, ref, most) * absl::ToDoubleSeconds(time));
    }
  ground.now += time;
}

absl::Time NextFinish(const Ground& ground) {
  absl::Time next = absl::InfiniteFuture();
  const int64_t most = MostRate(ground);
  for (const CopyRef& ref : ground.moving) {
    if (!GoesOn(ground, ref)) continue;
    const Copy& copy = ground.At(ref);
    const double left = (static_cast<double>(copy.todo) - copy.done) / RateOf(ground, ref, most);
    next =
        std::min(next, std::max(copy.not_before, ground.now + absl::Seconds(left) + absl::Microseconds(1)));
  }
  return next;
}

bool Finish(Ground& ground, Haste haste) {
  std::vector<CopyRef> done;
  for (const CopyRef& ref : ground.moving) {
    const Copy& copy = ground.At(ref);
    const bool whole = static_cast<double>(copy.todo) - copy.done < 1 && copy.not_before <= ground.now;
    if (haste == Haste::kAtOnce || (whole && GoesOn(ground, ref))) done.push_back(ref);
  }
  for (const CopyRef& ref : done) {
    FinishOne(ground, ref);
    ground.moving.erase(ref);
  }
  if (!done.empty()) ++ground.version;
  return !done.empty();
}

void TakeOut(Ground& ground, uint32_t node) {
  const std::string details = Cat("node_left [", ground.nodes[node].id, "]");
  EachCopy(ground, [&](const CopyRef& ref) {
    Copy& copy = ground.At(ref);
    if (copy.target == node) CancelMove(ground, ref);
    if (copy.node != node) return;
    Unassign(ground, ref, "NODE_LEFT", details);
    if (copy.primary) Promote(ground, ref);
  });
  ground.nodes[node].member = Node::Member::kNo;
  ++ground.version;
}

int64_t Write(Ground& ground, int64_t documents) {
  int64_t acknowledged = 0;
  if (ground.master != kNowhere && ground.Effective("cluster.blocks.read_only") == "true") return 0;
  for (Index& index : ground.indices) {
    if (index.is == Index::Is::kClosed || index.Setting("index.blocks.read_only_allow_delete") == "true")
      continue;
    for (Shard& shard : index.shards) {
      const Copy* primary = shard.Primary();
      if (primary == nullptr || !AnswersAt(ground, *primary)) continue;
      const bool waits = std::any_of(shard.copies.begin(), shard.copies.end(), [&](const Copy& copy) {
        return copy.Serves() && !AnswersAt(ground, copy);
      });
      if (waits) continue;
      std::set<std::string> serving;
      for (Copy& copy : shard.copies)
        if (copy.Serves()) copy.docs += documents, serving.insert(copy.allocation_id);
      if (ground.master != kNowhere &&
          std::erase_if(shard.in_sync, [&](const std::string& id) { return !serving.contains(id); }) > 0)
        ++ground.version;
      shard.docs += documents;
      acknowledged += documents;
    }
  }
  return acknowledged;
}

void SetReplicas(Ground& ground, uint32_t index, int replicas) {
  Index& changed = ground.indices[index];
  changed.settings["index.number_of_replicas"] = Cat(replicas);
  const auto wanted = static_cast<size_t>(replicas) + 1;
  for (uint32_t s = 0; s < changed.shards.size(); ++s) {
    Shard& shard = changed.shards[s];
    while (shard.copies.size() > wanted) {
      // Copies without a node go first, the primary never.
      auto gone = shard.copies.end();
      for (auto at = shard.copies.begin(); at != shard.copies.end(); ++at)
        if (!at->primary && (gone == shard.copies.end() || gone->is != Copy::Is::kUnassigned)) gone = at;
      const CopyRef ref{index, s, static_cast<uint32_t>(gone - shard.copies.begin())};
      if (gone->is == Copy::Is::kRelocating) CancelMove(ground, ref);
      if (gone->node != kNowhere) Leave(ground, ref, gone->node);
      shard.in_sync.erase(gone->allocation_id);
      // The references to those behind it change their number.
      std::set<CopyRef> moving;
      for (CopyRef other : ground.moving) {
        if (other == ref) continue;
        if (other.index == index && other.shard == s && other.copy > ref.copy) --other.copy;
        moving.insert(other);
      }
      ground.moving = std::move(moving);
      shard.copies.erase(gone);
    }
    while (shard.copies.size() < wanted) {
      Copy copy;
      copy.unassigned = {"REPLICA_ADDED", "", "no_attempt", "", ground.now, 0};
      shard.copies.push_back(copy);
    }
  }
  ++ground.version;
}

void Close(Ground& ground, uint32_t index) {
  Index& closed = ground.indices[index];
  closed.is = Index::Is::kClosed;
  ++ground.version;
  if (ground.quirks.closed_are_replicated) return;
  // Its copies stay on the disks, and nobody looks after them any more.
  for (uint32_t s = 0; s < closed.shards.size(); ++s)
    for (uint32_t c = 0; c < closed.shards[s].copies.size(); ++c)
      if (closed.shards[s].copies[c].node != kNowhere) Unassign(ground, {index, s, c}, "INDEX_CLOSED", "");
}

void Open(Ground& ground, uint32_t index) {
  ground.indices[index].is = Index::Is::kOpen;
  ++ground.version;
}

int64_t LostDocuments(const Ground& ground) {
  int64_t lost = 0;
  for (uint32_t i = 0; i < ground.indices.size(); ++i)
    for (uint32_t s = 0; s < ground.indices[i].shards.size(); ++s) {
      const Shard& shard = ground.indices[i].shards[s];
      int64_t best = 0;
      for (const Copy& copy : shard.copies)
        if (IsInSync(ground, shard, copy) || (copy.primary && copy.from == Copy::From::kDisk))
          best = std::max(best, copy.docs);
      for (size_t n = 0; best < shard.docs && n < ground.nodes.size(); ++n) {
        const auto found = ground.nodes[n].disk.find(KeyOf({i, s, 0}));
        if (found != ground.nodes[n].disk.end() &&
            (!ground.quirks.in_sync_sets || shard.in_sync.contains(found->second.allocation_id)))
          best = std::max(best, found->second.docs);
      }
      lost += std::max<int64_t>(0, shard.docs - best);
    }
  return lost;
}

std::vector<CopyRef> OnlyThere(const Ground& ground, uint32_t node) {
  std::vector<CopyRef> out;
  EachCopy(ground, [&](const CopyRef& ref) {
    if (ground.At(ref).node != node || !ground.At(ref).Serves()) return;
    const Shard& shard = ground.ShardOf(ref);
    const bool elsewhere = std::any_of(shard.copies.begin(), shard.copies.end(), [&](const Copy& copy) {
      return copy.node != node && AnswersAt(ground, copy) && IsInSync(ground, shard, copy);
    });
    if (!elsewhere) out.push_back(ref);
  });
  return out;
}

}  // namespace holdfast::sandbox::elasticsearch
