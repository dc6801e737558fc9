// What CloudWatch tells of tables, asked for all of them together.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/task.h"
#include "controller/kind/systems.h"
#include "reconcilers/clients/aws/client.h"
#include "reconcilers/dynamodb_table/state.h"

namespace holdfast::dynamodb {

// One series that a table's rules need, and how far back.
struct WantedSeries {
  SeriesKey key;
  absl::Duration window;
};

// `systems.Use<Throttles>()`. Loop thread only.
class Throttles {
 public:
  Throttles(World& world, Waker&) : clock_(world.clock) {}
  Throttles(const Throttles&) = delete;
  Throttles& operator=(const Throttles&) = delete;

  // The series of one table, none of them older than kInterval (kLongInterval for kConsumedLong). Who finds
  // them older asks for those of every table that was looked at lately, kMostQueries a call; who comes
  // meanwhile waits. A call that failed is Unknown for those whose series it was about. `client` outlives
  // this.
  Task<Observed<Metrics>> Of(aws::Client& client, aws::Target target, std::string table,
                             std::vector<WantedSeries> wanted, absl::Duration deadline);

  static constexpr absl::Duration kInterval = absl::Minutes(1);
  static constexpr absl::Duration kLongInterval = absl::Minutes(5);
  static constexpr absl::Duration kAfterFailure = absl::Seconds(10);
  static constexpr size_t kMostQueries = 500;
  static constexpr size_t kMostDatapoints = 100'000;  // of one call

 private:
  struct Kept;
  struct Account;
  Task<void> Refresh(aws::Client& client, aws::Target target, std::shared_ptr<Account> account,
                     absl::Duration deadline);
  Task<void> Ask(aws::Client& client, aws::Target target, std::vector<std::shared_ptr<Kept>> some,
                 absl::Duration deadline);

  Clock& clock_;
  std::map<std::string, std::shared_ptr<Account>> accounts_;  // by target
};

}  // namespace holdfast::dynamodb
