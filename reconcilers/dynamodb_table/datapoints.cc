#include "reconcilers/dynamodb_table/datapoints.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "controller/base/text.h"

namespace holdfast::dynamodb {
namespace {

constexpr size_t kMostNamed = 3;

std::vector<Datapoint> PointsSince(const Metrics& metrics, const SeriesKey& key, absl::Time since) {
  std::vector<Datapoint> points;
  const auto found = metrics.find(key);
  if (found == metrics.end()) return points;
  for (const Datapoint& point : found->second.points)
    if (point.at >= since) points.push_back(point);
  return points;
}

std::string Minute(absl::Time at) { return absl::FormatTime("%H:%MZ", at, absl::UTCTimeZone()); }

}  // namespace

Refused RefusedSince(const Metrics& metrics, const std::string& index, Dimension dimension,
                     absl::Time since) {
  Refused refused;
  std::vector<std::string> named;
  for (const Datapoint& point : PointsSince(metrics, {index, dimension, Metric::kThrottled}, since)) {
    if (point.sum <= 0) continue;
    refused.sum += point.sum;
    named.push_back(Cat(static_cast<int64_t>(std::llround(point.sum)), " at ", Minute(point.at)));
  }
  refused.text = Enumerate(named, kMostNamed);
  return refused;
}

std::optional<double> PeakSince(const Metrics& metrics, const SeriesKey& key, absl::Time since) {
  std::optional<double> peak;
  const auto found = metrics.find(key);
  if (found == metrics.end()) return peak;
  const double seconds = absl::ToDoubleSeconds(found->second.period);
  for (const Datapoint& point : PointsSince(metrics, key, since))
    peak = std::max(peak.value_or(0), point.sum / seconds);
  return peak;
}

std::string GapSince(const Metrics& metrics, const SeriesKey& key, absl::Time since) {
  const auto found = metrics.find(key);
  if (found == metrics.end()) return "there are no data";
  const Series& series = found->second;
  absl::Time expected = since + series.period;  // the first may have begun before
  for (const Datapoint& point : PointsSince(metrics, key, since)) {
    if (point.at > expected) return Cat("nothing was told of ", Minute(expected));
    expected = point.at + series.period;
  }
  if (expected + kDataLag < series.until) return Cat("nothing was told of ", Minute(expected));
  return {};
}

}  // namespace holdfast::dynamodb
