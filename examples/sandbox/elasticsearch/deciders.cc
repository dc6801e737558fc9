#include "examples/sandbox/elasticsearch/deciders.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/settings.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

constexpr std::string_view kAllocation = "cluster.routing.allocation.";
constexpr int kMostFailures = 5;

// One question: may this copy be there?
struct Question {
  const Rules& rules;
  CopyRef ref;
  uint32_t node;
  Goal goal;
  const Ground& ground = rules.ground;
  const Index& index = ground.indices[ref.index];
  const Shard& shard = index.shards[ref.shard];
  const Copy& copy = shard.copies[ref.copy];
  const Node& there = ground.nodes[node];
};

using Rule = Decision (*)(const Question&);
Decision Yes() { return {}; }
Decision No(std::string_view decider, std::string words) { return {decider, Says::kNo, std::move(words)}; }
Decision Throttle(std::string_view decider, std::string words) {
  return {decider, Says::kThrottle, std::move(words)};
}

Decision MaxRetry(const Question& q) {
  return q.copy.unassigned.failures >= kMostFailures && !q.copy.Serves()
             ? No("max_retry", Cat("shard has exceeded the maximum number of retries [", kMostFailures,
                                   "] on failed allocation attempts - manually call [POST "
                                   "/_cluster/reroute?retry_failed] to retry"))
             : Yes();
}

Decision ReplicaAfterPrimary(const Question& q) {
  const Copy* primary = q.shard.Primary();
  return !q.copy.primary && (primary == nullptr || !primary->Serves())
             ? No("replica_after_primary_active", "primary shard for this replica is not yet active")
             : Yes();
}

// The index' own word overrides the cluster's, both ways.
Decision Enable(const Question& q) {
  if (q.goal == Goal::kCommand || q.goal == Goal::kExistingPrimary) return Yes();
  const std::string own = Lower(q.index.Setting("index.routing.allocation.enable"));
  const std::string& mode = own.empty() ? q.rules.enable : own;
  const bool fresh = q.copy.primary && q.shard.was == Shard::Was::kNeverStarted;
  if (mode == "all" || (mode == "primaries" && q.copy.primary) || (mode == "new_primaries" && fresh))
    return Yes();
  return No("enable", Cat(mode == "none" ? "no allocations are allowed" : "this allocation is not allowed",
                          " due to ", own.empty() ? "cluster" : "index", " setting [",
                          own.empty() ? kAllocation : "index.routing.allocation.", "enable=", mode, "]"));
}

bool IndexFilterMatches(const Question& q, std::string_view kind, const Node& node, size_t& keys,
                        size_t& met) {
  const std::string prefix = Cat("index.routing.allocation.", kind, ".");
  for (auto at = q.index.settings.lower_bound(prefix);
       at != q.index.settings.end() && at->first.starts_with(prefix); ++at) {
    const std::string attribute = at->first.substr(prefix.size());
    const std::vector<std::string> tokens = Tokens(q.ground.quirks, at->second);
    if (tokens.empty() || attribute.starts_with("_tier")) continue;
    ++keys;
    met += Matches(node, attribute, tokens) ? 1 : 0;
  }
  return keys > 0;
}

Decision Filter(const Question& q) {
  if (q.rules.filtered[q.node] != 0)
    return No("filter", Cat("node does not match cluster setting [", kAllocation,
                            "exclude] filters, or matches what is excluded"));
  const auto has = q.index.settings.lower_bound("index.routing.allocation.");
  if (has == q.index.settings.end() || !has->first.starts_with("index.routing.allocation.")) return Yes();
  size_t keys = 0, met = 0;
  if (IndexFilterMatches(q, "require", q.there, keys, met) && met < keys)
    return No("filter", "node does not match index setting [index.routing.allocation.require] filters");
  keys = met = 0;
  if (IndexFilterMatches(q, "include", q.there, keys, met) && met == 0)
    return No("filter", "node does not match index setting [index.routing.allocation.include] filters");
  keys = met = 0;
  if (IndexFilterMatches(q, "exclude", q.there, keys, met) && met > 0)
    return No("filter", "node matches index setting [index.routing.allocation.exclude] filters");
  return Yes();
}

Decision SameShard(const Question& q) {
  for (size_t i = 0; i < q.shard.copies.size(); ++i) {
    const Copy& other = q.shard.copies[i];
    const bool itself = i == q.ref.copy;
    if (itself && q.goal != Goal::kMove && q.goal != Goal::kCommand) continue;
    if (other.node == q.node || other.target == q.node)
      return No("same_shard", "a copy of this shard is already allocated to this node");
    if (!itself && q.rules.same_host == Rules::SameHost::kRefused && other.node != kNowhere &&
        q.ground.nodes[other.node].host == q.there.host)
      return No("same_shard", "a copy of this shard is already allocated to a node on this host");
  }
  return Yes();
}

// Copies of the shard in the value's nodes; the one in question is counted as being at `q.node`.
Decision Awareness(const Question& q) {
  for (const std::string& attribute : q.rules.awareness) {
    const auto own = q.there.attributes.find(attribute);
    if (own == q.there.attributes.end())
      return No("awareness", Cat("node does not contain the awareness attribute [", attribute, "]"));
    const auto values = static_cast<int>(q.rules.zones.at(attribute).size());
    const int most = (static_cast<int>(q.shard.copies.size()) + values - 1) / std::max(values, 1);
    int here = 1;
    for (size_t i = 0; i < q.shard.copies.size(); ++i) {
      const Copy& other = q.shard.copies[i];
      const uint32_t at = other.is == Copy::Is::kRelocating ? other.target : other.node;
      if (i == q.ref.copy || at == kNowhere) continue;
      const auto zone = q.ground.nodes[at].attributes.find(attribute);
      here += zone != q.ground.nodes[at].attributes.end() && zone->second == own->second ? 1 : 0;
    }
    if (here > most)
      return No("awareness",
                Cat("there are [", q.shard.copies.size(), "] copies of this shard and [", values,
                    "] values for attribute [", attribute, "]: at most [", most, "] may be in one"));
  }
  return Yes();
}

Decision Disk(const Question& q) {
  if (q.rules.disk == Rules::Disk::kIgnored || q.goal == Goal::kExistingPrimary) return Yes();
  const bool fresh = q.copy.primary && q.shard.was == Shard::Was::kNeverStarted;
  const std::string& mark = fresh ? q.rules.high : q.rules.low;
  if (q.rules.IsOver(q.there, mark, 0))
    return No("disk_threshold",
              Cat("the node is above the ", fresh ? "high" : "low", " watermark cluster setting [",
                  kAllocation, "disk.watermark.", fresh ? "high=" : "low=", mark, "]"));
  if (q.rules.IsOver(q.there, q.rules.high, q.shard.bytes))
    return No("disk_threshold",
              "allocating the shard to this node will bring the node above the high watermark");
  return Yes();
}

int64_t CopiesOfIndex(const Question& q) {
  int64_t here = 0;
  for (const Shard& shard : q.index.shards)
    for (const Copy& copy : shard.copies) here += copy.node == q.node || copy.target == q.node ? 1 : 0;
  return here;
}

Decision ShardsLimit(const Question& q, int64_t beyond) {
  const int own = NumberOf(q.index.Setting("index.routing.allocation.total_shards_per_node"), -1);
  if (own > 0 && CopiesOfIndex(q) > own - beyond)
    return No("shards_limit",
              Cat("too many shards [", CopiesOfIndex(q), "] allocated to this node for index [", q.index.name,
                  "], index setting [index.routing.allocation.total_shards_per_node=", own, "]"));
  const int all = q.rules.most_of_all_shards;
  if (all > 0 && q.there.copies > all - beyond)
    return No("shards_limit",
              Cat("too many shards [", q.there.copies, "] allocated to this node, cluster setting [",
                  kAllocation, "total_shards_per_node=", all, "]"));
  return Yes();
}
Decision ShardsLimitThere(const Question& q) { return ShardsLimit(q, 1); }
Decision ShardsLimitHere(const Question& q) { return ShardsLimit(q, 0); }

Decision NodeVersion(const Question& q) {
  if (q.goal == Goal::kNew || q.goal == Goal::kExistingPrimary) return Yes();
  const Copy* primary = q.shard.Primary();
  const uint32_t from = q.copy.Serves() ? q.copy.node : primary == nullptr ? kNowhere : primary->node;
  if (from == kNowhere || q.ground.VersionOf(q.node) >= q.ground.VersionOf(from)) return Yes();
  return No(
      "node_version",
      Cat("cannot allocate replica shard to a node with version [", VersionText(q.ground.VersionOf(q.node)),
          "] since this is older than the primary version [", VersionText(q.ground.VersionOf(from)), "]"));
}

Decision SnapshotInProgress(const Question& q) {
  if (q.goal != Goal::kMove || !q.copy.primary) return Yes();
  for (const Snapshot& snapshot : q.ground.snapshots)
    for (const Snapshot::Part& part : snapshot.parts)
      if (part.primary.index == q.ref.index && part.primary.shard == q.ref.shard)
        return Throttle("snapshot_in_progress", Cat("waiting for snapshotting of shard [", q.ref.shard,
                                                    "] on this node to complete"));
  return Yes();
}

Decision Throttling(const Question& q) {
  if (q.goal == Goal::kNew || q.goal == Goal::kExistingPrimary)
    return q.there.incoming >= q.rules.most_initial
               ? Throttle("throttling", Cat("reached the limit of ongoing initial primary recoveries [",
                                            q.rules.most_initial, "]"))
               : Yes();
  if (q.there.incoming >= q.rules.most_incoming)
    return Throttle("throttling",
                    Cat("reached the limit of incoming shard recoveries [", q.rules.most_incoming, "]"));
  const Copy* primary = q.shard.Primary();
  if (primary != nullptr && primary->node != kNowhere &&
      q.ground.nodes[primary->node].outgoing >= q.rules.most_outgoing)
    return Throttle("throttling", Cat("reached the limit of outgoing shard recoveries [",
                                      q.rules.most_outgoing, "] on the node which holds the primary"));
  return Yes();
}

constexpr Rule kForAllocation[] = {MaxRetry, ReplicaAfterPrimary, Enable, NodeVersion, SnapshotInProgress,
                                   Filter,   SameShard,           Disk,   Throttling,  ShardsLimitThere,
                                   Awareness};

Decision DiskHere(const Question& q) {
  return q.rules.disk == Rules::Disk::kWatched && q.rules.IsOver(q.there, q.rules.high, 0)
             ? No("disk_threshold",
                  Cat("the shard cannot remain on this node because it is above the high watermark "
                      "cluster setting [",
                      kAllocation, "disk.watermark.high=", q.rules.high, "]"))
             : Yes();
}
constexpr Rule kForStaying[] = {Filter, DiskHere, ShardsLimitHere, Awareness};

template <size_t kRules>
Says Ask(const Rule (&asked)[kRules], const Question& question, std::vector<Decision>* told) {
  Says worst = Says::kYes;
  for (const Rule rule : asked) {
    Decision decision = rule(question);
    worst = std::max(worst, decision.says);
    if (told == nullptr && worst == Says::kNo) return worst;
    if (told != nullptr && decision.says != Says::kYes) told->push_back(std::move(decision));
  }
  return worst;
}

bool IsFiltered(const Filters& filters, const Node& node) {
  const auto matches = [&](const auto& entry) { return Matches(node, entry.first, entry.second); };
  if (!std::all_of(filters.require.begin(), filters.require.end(), matches)) return true;
  if (!filters.include.empty() && std::none_of(filters.include.begin(), filters.include.end(), matches))
    return true;
  return std::any_of(filters.exclude.begin(), filters.exclude.end(), matches);
}

}  // namespace

Rules::Rules(const Ground& g) : ground(g) {
  const auto said = [&](std::string_view key) { return g.Effective(Cat(kAllocation, key)); };
  enable = Lower(said("enable"));
  rebalance = Lower(g.Effective("cluster.routing.rebalance.enable"));
  awareness = Tokens(g.quirks, said("awareness.attributes"));
  for (const std::string& attribute : awareness) {
    std::set<std::string>& values = zones[attribute];
    for (const Node& node : g.nodes)
      if (const auto found = node.attributes.find(attribute);
          node.IsMember() && node.HasRole("data") && found != node.attributes.end())
        values.insert(found->second);
    for (const std::string& value : Tokens(g.quirks, said(Cat("awareness.force.", attribute, ".values"))))
      values.insert(value);
  }
  filtered.resize(g.nodes.size());
  if (g.master != kNowhere)
    for (size_t i = 0; i < g.nodes.size(); ++i)
      filtered[i] = IsFiltered(g.nodes[g.master].filters, g.nodes[i]) ? 1 : 0;
  if (said("disk.threshold_enabled") == "false") disk = Disk::kIgnored;
  low = said("disk.watermark.low"), high = said("disk.watermark.high"),
  flood = said("disk.watermark.flood_stage");
  const std::string concurrent = said("node_concurrent_recoveries");
  const auto limit = [&](std::string_view key) {
    const bool own =
        g.persistent.contains(Cat(kAllocation, key)) || g.transient.contains(Cat(kAllocation, key));
    return NumberOf(own ? said(key) : concurrent, 2);
  };
  most_incoming = limit("node_concurrent_incoming_recoveries");
  most_outgoing = limit("node_concurrent_outgoing_recoveries");
  most_initial = NumberOf(said("node_initial_primaries_recoveries"), 4);
  most_of_all_shards = NumberOf(said("total_shards_per_node"), -1);
  if (said("same_shard.host") == "true") same_host = SameHost::kRefused;
}

bool Rules::IsOver(const Node& node, std::string_view watermark, int64_t more) const {
  const int64_t used = node.DiskUsed() + more;
  double share = 0;
  if (watermark.ends_with('%') &&
      absl::SimpleAtod(std::string(watermark.substr(0, watermark.size() - 1)), &share))
    return static_cast<double>(used) > static_cast<double>(node.disk_total) * share / 100;
  if (const int64_t free = BytesOf(watermark, -1); free >= 0 && watermark.ends_with('b'))
    return node.disk_total - used < free;
  if (absl::SimpleAtod(std::string(watermark), &share))
    return static_cast<double>(used) > static_cast<double>(node.disk_total) * share;
  return false;
}

Says CanAllocate(const Rules& rules, const CopyRef& ref, uint32_t node, Goal goal,
                 std::vector<Decision>* told) {
  return Ask(kForAllocation, Question{rules, ref, node, goal}, told);
}

Says CanRemain(const Rules& rules, const CopyRef& ref, std::vector<Decision>* told) {
  return Ask(kForStaying, Question{rules, ref, rules.ground.At(ref).node, Goal::kMove}, told);
}

}  // namespace holdfast::sandbox::elasticsearch
