#include "reconcilers/dynamodb_table/budget.h"

#include <algorithm>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::dynamodb {

DecreaseBudget NextDecrease(const Provisioned& provisioned, absl::Time now) {
  const absl::Time today = absl::UnixEpoch() + absl::Floor(now - absl::UnixEpoch(), absl::Hours(24));
  const absl::Time tomorrow = today + absl::Hours(24);
  // Read before midnight, it counts the decreases of another day.
  const int64_t count = provisioned.last_decrease < today ? 0 : provisioned.decreases_today;
  if (count >= kFreeDecreases) {
    const absl::Time hourly = provisioned.last_decrease + kBetweenDecreases;
    return {std::min(hourly, tomorrow),
            Cat(count, " decreases today, the last at ", Rfc3339(provisioned.last_decrease),
                ": one an hour from then on")};
  }
  const absl::Time reserve_ends = today + absl::Hours(kReserveUntilHour);
  if (count == kFreeDecreases - 1 && now < reserve_ends)
    return {reserve_ends, Cat(count, " of ", kFreeDecreases,
                              " free decreases of the day are used; the last is kept for emergencies")};
  return {now, Cat(count, " of ", kFreeDecreases, " free decreases of the day are used")};
}

}  // namespace holdfast::dynamodb
