// What people write about an alarm of CloudWatch.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/boxed.h"
#include "reconcilers/aws/location.h"
#include "specs/field_table.h"
#include "specs/values.h"

namespace holdfast::alarm {

// `{policy: {ref: AutoScalingGroup/web, name: Increase Group Size}}`
struct PolicyAction {
  specs::Ref ref;
  std::string name;
  bool operator==(const PolicyAction&) const = default;
};
// `{topic: {ref: SnsTopic/ops}}`
struct TopicAction {
  specs::Ref ref;
  bool operator==(const TopicAction&) const = default;
};
// `{arn: "arn:aws:automate:us-east-1:ec2:recover"}`
struct ArnAction {
  std::string arn;
  bool operator==(const ArnAction&) const = default;
};
using AlarmAction = std::variant<PolicyAction, TopicAction, ArnAction>;

// Written at all, all three lists are the spec's: one that is left out is empty.
struct Actions {
  std::vector<AlarmAction> alarm, ok, insufficient_data;
  bool operator==(const Actions&) const = default;
};

enum class Statistic { kSampleCount, kAverage, kSum, kMinimum, kMaximum };
enum class Comparison {
  kGreaterThanOrEqualToThreshold,
  kGreaterThanThreshold,
  kLessThanThreshold,
  kLessThanOrEqualToThreshold
};
enum class MissingData { kMissing, kIgnore, kBreaching, kNotBreaching };
// The most severe first: that is the order in which alarms are written when the rate does not allow all.
enum class Severity { kCritical, kHigh, kNormal, kLow };
// What becomes of the state when an alarm is to watch another metric: the service keeps it.
enum class OnMetricChange { kInPlace, kRecreate };

// Values by name.
using Dimensions = absl::btree_map<std::string, std::string>;

struct Spec {
  aws::Location location;
  std::string name;
  Boxed<std::string> description;
  std::optional<std::string> name_space, metric;
  Dimensions dimensions;  // the spec's when `metric` is
  std::optional<Statistic> statistic;
  Boxed<std::string> extended_statistic, unit;
  std::optional<absl::Duration> period;
  std::optional<int> evaluation_periods, datapoints_to_alarm;
  std::optional<double> threshold;
  std::optional<Comparison> comparison;
  std::optional<MissingData> missing_data;
  std::optional<bool> actions_enabled;
  std::optional<Actions> actions;
  Severity severity = Severity::kNormal;
  OnMetricChange on_metric_change = OnMetricChange::kInPlace;
};

const specs::FieldTable<Spec>& SpecFields();

// As the service writes them.
std::string_view StatisticText(Statistic statistic);
std::string_view ComparisonText(Comparison comparison);
std::string_view MissingDataText(MissingData missing);

inline constexpr size_t kMostActions = 5, kMostDimensions = 30;
inline constexpr absl::Duration kLongestDay = absl::Hours(24), kLongestWeek = absl::Hours(24 * 7);

}  // namespace holdfast::alarm
