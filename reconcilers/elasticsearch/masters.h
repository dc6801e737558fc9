// Whether a cluster keeps a master when nodes are stopped.
#pragma once

#include <absl/time/time.h>

#include <vector>

#include "reconcilers/elasticsearch/safety.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

struct MasterAnswer {
  Verdict verdict;
  StopRule rule = StopRule::kMasterQuorum;  // of a verdict that does not pass
};
// 7.0 and later: more than half of the voting configuration must be alive without `nodes`. Before: as many as
// minimum_master_nodes says, and that must be a majority (H27, H28). Never two masters of different machines.
MasterAnswer MastersStay(const View& view, const std::vector<uint32_t>& nodes, absl::Time now);

// Exactly two nodes may be master, `node` is one of them and still has a vote: it must be excluded from
// voting before it is stopped. With any other number an exclusion makes things worse: of three it leaves a
// single voter.
bool NeedsVotingExclusion(const View& view, uint32_t node);

}  // namespace holdfast::elasticsearch
