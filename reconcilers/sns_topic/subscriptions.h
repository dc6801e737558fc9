// The subscriptions of all topics of an account, listed once an interval for everybody.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/task.h"
#include "controller/kind/systems.h"
#include "controller/plan/observed.h"
#include "reconcilers/clients/aws/client.h"
#include "reconcilers/sns_topic/state.h"

namespace holdfast::topic {

// `systems.Use<Subscriptions>()`. Loop thread only.
class Subscriptions {
 public:
  Subscriptions(World& world, Waker&) : clock_(world.clock) {}

  // From the last whole listing when that is younger than kInterval, or a new one; those who ask meanwhile
  // wait for the same. A listing that broke off is Unknown for everybody. `client` outlives this.
  Task<Observed<std::vector<Subscribed>>> Swept(aws::Client& client, aws::Target target, std::string topic,
                                                absl::Duration deadline);
  // Of this topic alone, now.
  Task<Observed<std::vector<Subscribed>>> Targeted(aws::Client& client, aws::Target target, std::string topic,
                                                   absl::Duration deadline);

  static constexpr absl::Duration kInterval = absl::Seconds(30);
  static constexpr absl::Duration kAfterFailure = absl::Seconds(5);

 private:
  struct Shared;
  Task<void> Sweep(aws::Client& client, std::shared_ptr<Shared> shared, aws::Target target,
                   absl::Duration deadline);

  Clock& clock_;
  std::map<std::string, std::shared_ptr<Shared>> shared_;  // by target
};

}  // namespace holdfast::topic
