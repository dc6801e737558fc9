// How often capacity may be lowered, as DynamoDB counts it.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "reconcilers/dynamodb_table/state.h"

namespace holdfast::dynamodb {

inline constexpr int64_t kFreeDecreases = 4;  // of a UTC day; then one an hour
inline constexpr absl::Duration kBetweenDecreases = absl::Hours(1);
// The last free one is kept for emergencies until so late in the UTC day.
inline constexpr int kReserveUntilHour = 20;

struct DecreaseBudget {
  absl::Time next;  // when the next one may go; not after `now`: at once
  std::string why;
};
// The counters are those of the service: refused attempts do not move them, and both dimensions in one call
// count once.
DecreaseBudget NextDecrease(const Provisioned& provisioned, absl::Time now);

}  // namespace holdfast::dynamodb
