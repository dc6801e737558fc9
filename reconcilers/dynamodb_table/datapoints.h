// What datapoints prove; what is missing among them proves nothing.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>

#include "reconcilers/dynamodb_table/state.h"

namespace holdfast::dynamodb {

// Requests that were refused for want of capacity.
struct Refused {
  double sum = 0;
  std::string text;  // "12 at 14:02, 5 at 14:03"
};
Refused RefusedSince(const Metrics& metrics, const std::string& index, Dimension dimension, absl::Time since);

// The most units a second that a whole datapoint says were used; nothing when there is no datapoint.
std::optional<double> PeakSince(const Metrics& metrics, const SeriesKey& key, absl::Time since);

// The newest datapoints may not be there yet.
inline constexpr absl::Duration kDataLag = absl::Minutes(10);
// "" when there is a datapoint for every period since then, else where one is missing.
std::string GapSince(const Metrics& metrics, const SeriesKey& key, absl::Time since);

}  // namespace holdfast::dynamodb
