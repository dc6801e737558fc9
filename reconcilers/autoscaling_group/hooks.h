// Lifecycle hooks, which are told for one group at a time only.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>

#include "controller/kind/resource.h"
#include "controller/kind/systems.h"
#include "controller/plan/observed.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/clients/aws/client.h"

namespace holdfast::autoscaling_group {

// `systems.Use<Hooks>()`. Loop thread only.
class Hooks {
 public:
  Hooks(World& world, Waker&) : clock_(world.clock) {}
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

  // The group's hooks as an array. A routine look is answered from what was told within kInterval.
  // `client` outlives this.
  Task<Observed<aws::Item>> See(aws::Client& client, aws::Target target, std::string group, Look look,
                                absl::Duration deadline);

  static constexpr absl::Duration kInterval = absl::Minutes(10);

 private:
  struct Told {
    aws::Item hooks;
    absl::Time asked_at = absl::InfinitePast();
  };
  Clock& clock_;
  std::map<std::string, Told> told_;  // by target and group
};

}  // namespace holdfast::autoscaling_group
