// Indices that take no writes since a disk was over its flood stage (H7).
#pragma once

#include "reconcilers/elasticsearch/draft.h"
#include "reconcilers/elasticsearch/picture.h"

namespace holdfast::elasticsearch {

// Says which they are and what would help. Where the cluster never ends it by itself (before 7.4) and the
// spec says so, takes the block away from those under whose copies there is room again: once for one flood.
void FloodBlocks(const Picture& p, Draft& draft);

}  // namespace holdfast::elasticsearch
