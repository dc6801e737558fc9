// What can be measured in an account, minute by minute.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sandbox::aws {

struct MetricName {
  std::string space, name;                        // "AWS/EC2", "CPUUtilization"
  std::map<std::string, std::string> dimensions;  // {"AutoScalingGroupName": "web"}
  auto operator<=>(const MetricName&) const = default;
};

// Measured values from then on, one sample a minute; nothing = no samples.
struct Gauge {
  struct Piece {
    absl::Time since;
    std::optional<double> value;
  };
  std::vector<Piece> pieces;
};

struct Metrics {
  std::map<MetricName, Gauge> gauges;
  // A minute's datapoint can be read so long after the minute.
  absl::Duration delay = absl::Minutes(1);
  void Set(const MetricName& metric, std::optional<double> value, absl::Time now);
};

struct Ground;
inline constexpr absl::Duration kSample = absl::Minutes(1);

// "Sum", "Average", "Minimum", "Maximum", "SampleCount" in [from, to). Nothing where no sample is, or not
// yet.
std::optional<double> Statistic(const Ground& ground, const MetricName& metric, std::string_view statistic,
                                absl::Time from, absl::Time to, absl::Time now);

}  // namespace holdfast::sandbox::aws
