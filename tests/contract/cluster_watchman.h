// Looks at the ground truth of a simulated cluster after every effect and notes what must never happen to it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/sandbox/elasticsearch/cluster.h"
#include "tests/contract/scenario.h"

namespace holdfast::contract {

// Judges what the controller does; what people and nature do is theirs.
class ClusterWatchman final : public Judge {
 public:
  // `cluster` outlives this. What its settings are now is what they must be in the end, but for `wanted`.
  explicit ClusterWatchman(sandbox::Cluster& cluster);

  // By scope and key ("persistent cluster.routing.allocation.exclude.zone"), as the spec wants it in the end;
  // "" = taken away. Exclude keys are compared by their tokens, and must be in force.
  std::map<std::string, std::string> wanted;
  // A copy on these does not count as another one.
  std::set<std::string> risky;
  // A shard that has one copy by its own settings may be without it for a while.
  enum class SingleCopies { kProtected, kMayBeAway } single_copies = SingleCopies::kProtected;
  std::set<std::string> untouchable;
  int most_stops = 1;  // of each node

  const std::vector<std::string>& complaints() const override { return complaints_; }
  std::string InTheEnd() const override;
  int effects() const override { return effects_; }
  int stops_of(const std::string& node) const;

 private:
  using Effect = sandbox::elasticsearch::ClusterEffect;
  void See(const Effect& effect);
  void SeeStop(const Effect& effect);
  void Complain(const Effect& effect, std::string_view what);
  bool IsBack(const std::string& node) const;
  // "i[0]", the first shard that would have no copy left to rely on.
  std::string LeftAlone(const std::string& node) const;
  // What the stops of other nodes took away, while it is still missing.
  std::string NotRecovered(const std::string& but) const;
  std::string WrongSetting() const;
  std::string NotInForce() const;

  sandbox::Cluster& cluster_;
  const std::map<std::string, std::string> before_;
  const std::vector<std::pair<std::string, std::string>> voting_before_;
  std::vector<std::string> complaints_;
  std::map<std::string, int> stops_;
  std::set<std::string> out_;  // by the controller
  int effects_ = 0;
};

}  // namespace holdfast::contract
