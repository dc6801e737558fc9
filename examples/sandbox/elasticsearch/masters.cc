#include "examples/sandbox/elasticsearch/masters.h"

#include <algorithm>
#include <utility>

#include "examples/sandbox/elasticsearch/settings.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

constexpr size_t kSmallestSafe = 3;

bool MayLead(const Node& node) { return node.HasRole("master") && node.is == Node::Is::kUp; }

bool Votes(const Ground& ground, const Node& node) {
  return std::find(ground.voting.begin(), ground.voting.end(), node.id) != ground.voting.end();
}

bool IsOut(const Ground& ground, const std::string& id) {
  return std::any_of(ground.voting_exclusions.begin(), ground.voting_exclusions.end(),
                     [&](const auto& excluded) { return excluded.first == id; });
}

int MinimumOf(const Ground& ground) {
  const std::string key = "discovery.zen.minimum_master_nodes";
  for (const Texts* scope : {&ground.transient, &ground.persistent})
    if (const auto found = scope->find(key); found != scope->end()) return NumberOf(found->second, 1);
  for (const Node& node : ground.nodes)
    if (const auto found = node.yml.find(key); found != node.yml.end()) return NumberOf(found->second, 1);
  return 1;
}

}  // namespace

bool HasQuorum(const Ground& ground) {
  const auto live = std::count_if(ground.nodes.begin(), ground.nodes.end(), [&](const Node& node) {
    return MayLead(node) && (!ground.quirks.voting_configuration || Votes(ground, node));
  });
  if (!ground.quirks.voting_configuration) return live >= std::max(1, MinimumOf(ground));
  return static_cast<size_t>(live) * 2 > ground.voting.size();
}

bool Elect(Ground& ground) {
  ground.election_at = absl::InfiniteFuture();
  if (!HasQuorum(ground)) return false;
  uint32_t chosen = kNowhere;
  for (uint32_t i = 0; i < ground.nodes.size(); ++i) {
    const Node& node = ground.nodes[i];
    if (!MayLead(node) || (ground.quirks.voting_configuration && !Votes(ground, node))) continue;
    // One that never left the cluster comes before one that has yet to join.
    if (chosen == kNowhere || (!ground.nodes[chosen].IsMember() && node.IsMember())) chosen = i;
  }
  if (chosen == kNowhere) return false;
  ground.master = chosen;
  ++ground.term;
  ++ground.version;
  if (!ground.nodes[chosen].IsMember())
    ground.nodes[chosen].filters = AllFilters(ground, ground.nodes[chosen]);
  ground.nodes[chosen].member = Node::Member::kYes;
  return true;
}

// Live voters stay, live others come, and as many as make an odd number; the dead stay where fewer than three
// would be left.
void Reconfigure(Ground& ground) {
  if (!ground.quirks.voting_configuration || ground.master == kNowhere) return;
  std::vector<std::string> live_voters, live_others, dead_voters;
  live_voters.push_back(ground.nodes[ground.master].id);
  for (uint32_t i = 0; i < ground.nodes.size(); ++i) {
    const Node& node = ground.nodes[i];
    if (i == ground.master || !node.HasRole("master") || !node.IsMember() || IsOut(ground, node.id)) continue;
    (Votes(ground, node) ? live_voters : live_others).push_back(node.id);
  }
  if (IsOut(ground, live_voters[0])) live_voters.erase(live_voters.begin());
  for (const std::string& id : ground.voting)
    if (ground.NodeById(id) == kNowhere && !IsOut(ground, id)) dead_voters.push_back(id);
  const size_t live = live_voters.size() + live_others.size();
  const size_t odd = live % 2 == 0 ? live - (live > 0 ? 1 : 0) : live;
  const size_t kept = live_voters.size() + dead_voters.size();
  const size_t size = std::max(odd, kept < kSmallestSafe ? size_t{1} : kSmallestSafe);
  std::vector<std::string> next;
  for (const auto* from : {&live_voters, &live_others, &dead_voters})
    for (const std::string& id : *from)
      if (next.size() < size) next.push_back(id);
  std::sort(next.begin(), next.end());
  if (next.empty() || next == ground.voting) return;
  ground.voting = std::move(next);
  ++ground.version;
}

}  // namespace holdfast::sandbox::elasticsearch
