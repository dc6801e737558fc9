// Whether a cluster behaves as Elasticsearch does since a version.
#pragma once

#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// The oldest node decides. OpenSearch counts from 1 anew and was made from 7.10, so that it does all that
// came before.
inline constexpr Version kReplicatesClosed{7, 2, 0};  // closed indices have copies like open ones
bool BehavesSince(const View& view, const Version& version);

}  // namespace holdfast::elasticsearch
