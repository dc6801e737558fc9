// In which order nodes are taken down, which of them go together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// Both run on one machine, as far as addresses and host names tell.
bool OnOneHost(const Node& a, const Node& b);
// All nodes on the machine of `node`, itself too, in the order of View::nodes: what goes when the machine
// goes.
std::vector<uint32_t> NodesOnOneHost(const View& view, uint32_t node);

// The node behind the first endpoint, to which settings are sent; kNoNode when the endpoint is none of them.
uint32_t CoordinatorNode(const View& view, const Spec& spec);

// Nodes without data first, then data nodes by tier (frozen, cold, warm, hot, others), data nodes that may be
// master, dedicated masters; the coordinator late, the elected master last of all (H29). Alike ones by name.
std::vector<uint32_t> RollOrder(const View& view, std::vector<uint32_t> nodes, const Spec& spec);

}  // namespace holdfast::elasticsearch
