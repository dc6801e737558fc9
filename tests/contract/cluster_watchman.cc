#include "tests/contract/cluster_watchman.h"

#include <algorithm>

#include "controller/base/text.h"

namespace holdfast::contract {
namespace {

using namespace sandbox::elasticsearch;
using What = ClusterEffect::What;
using sandbox::By;

constexpr std::string_view kOwn = "persistent cluster.metadata.holdfast.";
constexpr std::string_view kExclude = "cluster.routing.allocation.exclude.";

bool IsExclude(std::string_view key) { return key.find(kExclude) != key.npos; }

std::set<std::string> TokenSet(std::string_view value) {
  std::set<std::string> tokens;
  for (const std::string& token : Split(value, ','))
    if (!Trim(token).empty()) tokens.emplace(Trim(token));
  return tokens;
}

bool IsSame(const std::string& key, const std::string& a, const std::string& b) {
  return IsExclude(key) ? TokenSet(a) == TokenSet(b) : a == b;
}

}  // namespace

ClusterWatchman::ClusterWatchman(sandbox::Cluster& cluster)
    : cluster_(cluster), before_(cluster.AllSettings()), voting_before_(cluster.ground().voting_exclusions) {
  cluster_.on_effect = [this](const Effect& effect) { See(effect); };
}

int ClusterWatchman::stops_of(const std::string& node) const {
  const auto found = stops_.find(node);
  return found == stops_.end() ? 0 : found->second;
}

void ClusterWatchman::Complain(const Effect& effect, std::string_view what) {
  complaints_.push_back(Cat(absl::FormatTime("%H:%M:%E3S", effect.at, absl::UTCTimeZone()), " ",
                            EffectName(effect.what), " ", effect.whom, ": ", what));
}

bool ClusterWatchman::IsBack(const std::string& node) const {
  const Ground& ground = cluster_.ground();
  const Node& found = ground.nodes[ground.NodeByName(node)];
  return found.is == Node::Is::kUp && found.IsMember();
}

std::string ClusterWatchman::LeftAlone(const std::string& name) const {
  const Ground& ground = cluster_.ground();
  const uint32_t node = ground.NodeByName(name);
  for (const sandbox::elasticsearch::Index& index : ground.indices)
    for (size_t s = 0; s < index.shards.size(); ++s) {
      const Shard& shard = index.shards[s];
      const bool here = std::any_of(shard.copies.begin(), shard.copies.end(),
                                    [&](const Copy& copy) { return copy.Serves() && copy.node == node; });
      if (!here || (shard.copies.size() == 1 && single_copies == SingleCopies::kMayBeAway)) continue;
      const bool elsewhere = std::any_of(shard.copies.begin(), shard.copies.end(), [&](const Copy& copy) {
        return copy.node != node && AnswersAt(ground, copy) && IsInSync(ground, shard, copy) &&
               !risky.contains(ground.nodes[copy.node].name);
      });
      if (!elsewhere) return Cat(index.name, "[", s, "]");
    }
  return {};
}

void ClusterWatchman::See(const Effect& effect) {
  std::erase_if(out_, [&](const std::string& node) { return IsBack(node); });
  if (effect.by != By::kController) return;
  ++effects_;
  if (effect.what == What::kStop) SeeStop(effect);
  if (effect.what == What::kKill && !out_.contains(effect.whom)) SeeStop(effect);
  if (const int64_t lost = cluster_.LostDocuments(); lost > 0)
    Complain(effect, Cat(Count(static_cast<size_t>(lost), "document"), " can never be had again"));
}

std::string ClusterWatchman::NotRecovered(const std::string& but) const {
  const Ground& ground = cluster_.ground();
  std::set<std::string> stopped;  // ids
  for (const auto& [name, stops] : stops_)
    if (name != but) stopped.insert(ground.nodes[ground.NodeByName(name)].id);
  for (const sandbox::elasticsearch::Index& index : ground.indices)
    for (const Shard& shard : index.shards)
      for (const Copy& copy : shard.copies)
        if (!copy.Serves() && stopped.contains(copy.unassigned.last_node))
          return Cat("a copy of ", index.name, " that an earlier stop took away is not recovered yet");
  return {};
}

void ClusterWatchman::SeeStop(const Effect& effect) {
  const Ground& ground = cluster_.ground();
  if (untouchable.contains(effect.whom)) Complain(effect, "nothing may be done to it");
  ++stops_[effect.whom];
  if (const std::string shard = LeftAlone(effect.whom); !shard.empty())
    Complain(effect, Cat(shard, " has no other started, in-sync copy to rely on"));
  for (const std::string& other : out_)
    if (other != effect.whom) Complain(effect, Cat(other, " is not back yet"));
  if (const std::string still = NotRecovered(effect.whom); !still.empty()) Complain(effect, still);
  const std::string& own = ground.nodes[ground.NodeByName(effect.whom)].id;
  const auto votes = std::count_if(ground.voting.begin(), ground.voting.end(), [&](const std::string& id) {
    const uint32_t voter = ground.NodeById(id);
    return id != own && voter != kNowhere && ground.nodes[voter].is == Node::Is::kUp;
  });
  if (ground.quirks.voting_configuration && static_cast<size_t>(votes) * 2 <= ground.voting.size())
    Complain(effect, "too few of those that vote are left");
  out_.insert(effect.whom);
}

std::string ClusterWatchman::WrongSetting() const {
  std::map<std::string, std::string> should = before_;
  for (const auto& [key, value] : wanted) {
    if (value.empty())
      should.erase(key);
    else
      should[key] = value;
  }
  const std::map<std::string, std::string> is = cluster_.AllSettings();
  for (const auto& [key, value] : should)
    if (const auto found = is.find(key); found == is.end() || !IsSame(key, value, found->second))
      return Cat(key, " is ", found == is.end() ? "not set" : found->second, ", not ", value);
  for (const auto& [key, value] : is)
    if (!key.starts_with(kOwn) && !should.contains(key)) return Cat(key, " is left at ", value);
  return {};
}

std::string ClusterWatchman::NotInForce() const {
  const std::map<std::string, std::vector<std::string>> in_force = cluster_.InForce().exclude;
  for (const auto& [key, value] : wanted) {
    if (!IsExclude(key) || value.empty()) continue;
    const auto found = in_force.find(key.substr(key.rfind("exclude.") + 8));
    if (found == in_force.end() || std::set(found->second.begin(), found->second.end()) != TokenSet(value))
      return Cat(key, "=", value, " is not in force");
  }
  return {};
}

std::string ClusterWatchman::InTheEnd() const {
  for (const auto& [node, stops] : stops_)
    if (stops > most_stops) return Cat(node, " was stopped ", stops, " times");
  for (const std::string& node : out_)
    if (!IsBack(node)) return Cat(node, " was never brought back");
  if (const int64_t lost = cluster_.LostDocuments(); lost > 0) return Cat(lost, " documents are lost");
  if (cluster_.ground().voting_exclusions != voting_before_) return "voting exclusions are left";
  if (std::string wrong = WrongSetting(); !wrong.empty()) return wrong;
  return NotInForce();
}

}  // namespace holdfast::contract
