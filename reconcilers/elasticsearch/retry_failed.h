// Shards that the cluster has given up are tried once more when what made them fail has ended (H26).
#pragma once

#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/picture.h"

namespace holdfast::elasticsearch {

// Only where it is our business that shards find a place: `allocation` is declared, or something of ours
// waits for it. One request for one cause: the cause is another one when they fail again later.
void RetryGivenUp(const Picture& p, const Roll& roll, Draft& draft);

}  // namespace holdfast::elasticsearch
