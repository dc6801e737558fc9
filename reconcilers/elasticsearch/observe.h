// One look at a cluster: every read succeeds, or nothing is known.
#pragma once

#include <memory>

#include "controller/base/task.h"
#include "controller/kind/resource.h"
#include "controller/kind/systems.h"
#include "controller/plan/observed.h"
#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// Three calls when nothing is asked for and no node is new: settings, state, node statistics; once a minute
// two more, for the files of master and endpoint and for the other endpoints' cluster. All reads of a look
// are answered by one endpoint. Known.at is when the first was sent.
//
// Unknown: any read failed, no elected master, a cluster other than the one that this resource was seen to
// be, two clusters behind the endpoints, settings that changed while we looked. A node that did not answer is
// no failure: it keeps answered_at InfinitePast. While a node does not answer, sizes and recoveries are not
// read, because those calls wait for it: has_sizes stays false.
Task<Observed<View>> LookAtCluster(Systems& systems, std::shared_ptr<const Spec> spec, Look look);

inline constexpr size_t kMostExplained = 20;                       // a look
inline constexpr absl::Duration kDefaultsKept = absl::Minutes(1);  // with the same elected master

}  // namespace holdfast::elasticsearch
