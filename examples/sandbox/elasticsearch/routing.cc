#include "examples/sandbox/elasticsearch/routing.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/settings.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

constexpr absl::Duration kLocalRecovery = absl::Milliseconds(300);
constexpr absl::Duration kShortestRecovery = absl::Milliseconds(500);
constexpr int64_t kUnlimitedRate = int64_t{1} << 30;

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

// The set never grows beyond what the index has copies: those that are gone are forgotten first.
void ForgetGone(Shard& shard) {
  if (shard.in_sync.size() <= shard.copies.size()) return;
  std::set<std::string> served;
  for (const Copy& copy : shard.copies)
    if (copy.is != Copy::Is::kUnassigned) served.insert(copy.allocation_id);
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
  ForgetGone(shard);
}

}  // namespace

uint32_t SourceOf(const Ground& ground, const CopyRef& ref) {
  const Copy& copy = ground.At(ref);
  if (copy.from != Copy::From::kPeer) return kNowhere;
  const Copy* primary = ground.ShardOf(ref).Primary();
  return copy.primary || primary == nullptr ? copy.node : primary->node;
}

uint32_t TargetOf(const Copy& copy) { return copy.is == Copy::Is::kRelocating ? copy.target : copy.node; }

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
