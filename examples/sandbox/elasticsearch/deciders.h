// The rules by which a simulated cluster lets a copy be on a node.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "examples/sandbox/elasticsearch/ground.h"

namespace holdfast::sandbox::elasticsearch {

enum class Says { kYes, kThrottle, kNo };

struct Decision {
  std::string_view decider;  // by the name that servers tell
  Says says = Says::kYes;
  std::string words;
};

// What is the same for every copy while the cluster's state is: looked up once for many decisions.
struct Rules {
  explicit Rules(const Ground& ground);

  const Ground& ground;
  std::string enable, rebalance;
  std::vector<std::string> awareness;
  // By attribute: how many values there are among all data nodes, excluded ones and forced values included.
  std::map<std::string, std::set<std::string>> zones;
  std::vector<char> filtered;  // by node: the cluster's filters say NO
  enum class Disk { kIgnored, kWatched } disk = Disk::kWatched;
  std::string low, high, flood;
  int most_incoming = 2, most_outgoing = 2, most_initial = 4, most_of_all_shards = -1;
  enum class SameHost { kAllowed, kRefused } same_host = SameHost::kAllowed;

  // More than the watermark allows is used when `more` bytes come.
  bool IsOver(const Node& node, std::string_view watermark, int64_t more) const;
};

// What a copy is given a place for.
enum class Goal { kNew, kExistingPrimary, kReplica, kMove, kCommand };

// Everything that is not YES goes to `told` when it is given; without it the first NO ends the asking.
Says CanAllocate(const Rules& rules, const CopyRef& ref, uint32_t node, Goal goal,
                 std::vector<Decision>* told);
Says CanRemain(const Rules& rules, const CopyRef& ref, std::vector<Decision>* told);

}  // namespace holdfast::sandbox::elasticsearch
