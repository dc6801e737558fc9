// Who gives copies their nodes in a simulated cluster.
#pragma once

#include "examples/sandbox/elasticsearch/ground.h"
#include "examples/sandbox/elasticsearch/routing.h"

namespace holdfast::sandbox::elasticsearch {

// Assigns what has no node, moves what cannot stay, evens out. Nothing happens without a master. With kAtOnce
// no throttle counts: for a cluster that has stood there for long.
void Reroute(Ground& ground, Haste haste = Haste::kThrottled);

}  // namespace holdfast::sandbox::elasticsearch
