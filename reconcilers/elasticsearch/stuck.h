// The shards on nodes that are to be emptied which have nowhere to go.
#pragma once

#include <cstdint>
#include <vector>

#include "reconcilers/elasticsearch/disk.h"
#include "reconcilers/elasticsearch/feasibility.h"
#include "reconcilers/elasticsearch/placement.h"

namespace holdfast::elasticsearch {

// Adds to `out` what moves, and an obstacle a hazard that leaves shards stuck. `leaving` is by node: those
// that are asked about, not those that the cluster excludes already.
void AskShards(const View& view, const std::vector<uint8_t>& leaving, Placement& placement, Feasibility& out);

}  // namespace holdfast::elasticsearch
