// An alarm as the service tells it.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/boxed.h"
#include "controller/base/json.h"
#include "controller/plan/observed.h"
#include "reconcilers/aws/tags.h"
#include "reconcilers/cloudwatch_alarm/spec.h"

namespace holdfast::alarm {

struct Alarm {
  std::string arn, description;
  bool actions_enabled = true;
  std::vector<std::string> alarm_actions, ok_actions, insufficient_actions;  // ordered
  std::string name_space, metric;
  Dimensions dimensions;
  // It watches an expression, a model or other alarms: what it watches cannot be written as one metric.
  bool is_computed = false;
  std::string statistic, extended_statistic, unit;
  absl::Duration period;
  int64_t evaluation_periods = 0;
  std::optional<int64_t> datapoints_to_alarm;
  std::optional<double> threshold;
  std::string comparison, missing_data, low_sample_percentile;
  std::string state, state_reason;
  absl::Time configured_at = absl::InfinitePast();
  bool operator==(const Alarm&) const = default;
};

// Nothing when the item is not an alarm.
std::optional<Alarm> ReadAlarm(const json::value& item);

struct State {
  Fact<Boxed<Alarm>> alarm = Absent{};  // boxed, because looks that wait are many
  // Whether the alarm was asked for by itself, or is out of a listing that all share.
  enum class Read { kSwept, kTargeted } read = Read::kSwept;
  // Tags, read only when a decision asks for them.
  Observed<aws::Tags> tags = Unknown{"the tags were not asked for"};
  // How many alarms of the account that are more severe wait to be written.
  size_t more_severe = 0;
};

// What a decision asks for beside Inventory::kFresh.
inline constexpr std::string_view kAskTags = "tags";
inline constexpr std::string_view kAskTurn = "turn";

}  // namespace holdfast::alarm
