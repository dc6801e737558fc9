// CloudWatch alarms that change state as their metrics do.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"

namespace holdfast::sandbox::aws {

struct Ground;

struct Alarm {
  std::string name, arn;
  json::object put;  // as it was put last: the configuration
  std::string state = "INSUFFICIENT_DATA", reason = "Unchecked: Initial alarm creation";
  absl::Time state_updated, configuration_updated;
  std::map<std::string, std::string> tags;
  bool actions_enabled = true;
};

struct Alarms {
  std::map<std::string, Alarm> all;
  static constexpr size_t kMostActions = 5;
};

// What the alarm's metric says about it now.
std::string StateByMetric(const Ground& ground, const Alarm& alarm);
// All alarms, by their metrics; told as news. What is in a state repeats its Auto Scaling actions.
void EvaluateAlarms(Ground& ground);

}  // namespace holdfast::sandbox::aws
