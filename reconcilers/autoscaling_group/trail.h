// What only repeated looks can tell about a group: who has been serving without a break since when.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>

#include "controller/plan/observed.h"
#include "reconcilers/autoscaling_group/state.h"

namespace holdfast::autoscaling_group {

struct Trail {
  std::map<std::string, absl::Time> serving_since;  // by instance id
  std::map<std::string, absl::Time> known_since;    // of every instance of the group
  bool operator==(const Trail&) const = default;
};

// Pure. A look that failed never comes here. One that did not tell what a balancer finds proves nothing of
// those who serve, and disproves nothing that it does not speak against.
Trail Fold(Trail trail, const Fact<State>& seen);

}  // namespace holdfast::autoscaling_group
