#include "examples/sandbox/aws/alarms.h"

#include <algorithm>
#include <optional>

#include "examples/sandbox/aws/call.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr int64_t kMostPeriods = 1440;

MetricName MetricOf(const json::value& put) {
  MetricName metric{TextAt(put, "Namespace").value_or(""), TextAt(put, "MetricName").value_or(""), {}};
  for (const json::value* one : ListAt(put, "Dimensions").value_or(std::vector<const json::value*>()))
    metric.dimensions[TextAt(*one, "Name").value_or("")] = TextAt(*one, "Value").value_or("");
  return metric;
}

bool Breaches(std::string_view comparison, double value, double threshold) {
  if (comparison == "GreaterThanOrEqualToThreshold") return value >= threshold;
  if (comparison == "GreaterThanThreshold") return value > threshold;
  if (comparison == "LessThanThreshold") return value < threshold;
  return comparison == "LessThanOrEqualToThreshold" && value <= threshold;
}

// Alarms on tables ignore what is missing, whatever they say.
std::string TreatMissing(const json::value& put) {
  if (TextAt(put, "Namespace").value_or("") == "AWS/DynamoDB") return "ignore";
  return TextAt(put, "TreatMissingData").value_or("missing");
}

std::string_view ActionsMember(std::string_view state) {
  if (state == "ALARM") return "AlarmActions";
  return state == "OK" ? "OKActions" : "InsufficientDataActions";
}

void Act(Ground& ground, const Alarm& alarm, std::string_view only) {
  if (!alarm.actions_enabled) return;
  for (const std::string& action : TextsAt(json::value(alarm.put), ActionsMember(alarm.state))) {
    if (action.find(":autoscaling:") != action.npos)
      RunPolicyByArn(ground, action);
    else if (only.empty())
      ground.Happened("Notified", Cat(alarm.name, " ", alarm.state, " ", action));
  }
}

}  // namespace

std::string StateByMetric(const Ground& ground, const Alarm& alarm) {
  const json::value put(alarm.put);
  const auto period = absl::Seconds(WholeAt(put, "Period").value_or(60));
  const int64_t periods = std::clamp<int64_t>(WholeAt(put, "EvaluationPeriods").value_or(1), 1, kMostPeriods);
  const int64_t wanted = WholeAt(put, "DatapointsToAlarm").value_or(periods);
  const MetricName metric = MetricOf(put);
  const std::string statistic = TextAt(put, "Statistic").value_or("Average");
  const std::string missing_is = TreatMissing(put);
  const double threshold = NumberAt(put, "Threshold").value_or(0);
  const std::string comparison = TextAt(put, "ComparisonOperator").value_or("");
  int64_t breaching = 0, missing = 0;
  absl::Time to = absl::FromUnixSeconds(absl::ToUnixSeconds(ground.now - ground.metrics.delay) / 60 * 60);
  for (int64_t i = 0; i < periods; ++i, to -= period) {
    const auto value = Statistic(ground, metric, statistic, to - period, to, ground.now);
    if (!value) ++missing;
    if (value ? Breaches(comparison, *value, threshold) : missing_is == "breaching") ++breaching;
  }
  if (breaching >= wanted) return "ALARM";
  if (missing < periods || missing_is == "notBreaching" || missing_is == "breaching") return "OK";
  return missing_is == "ignore" ? alarm.state : "INSUFFICIENT_DATA";
}

void EvaluateAlarms(Ground& ground) {
  for (auto& [name, alarm] : ground.alarms.all) {
    std::string state = StateByMetric(ground, alarm);
    if (state == alarm.state) {
      Act(ground, alarm, "autoscaling");
      continue;
    }
    alarm.state = std::move(state);
    alarm.reason = "Threshold Crossed";
    alarm.state_updated = ground.now;
    ground.Happened("AlarmState", name);
    Act(ground, alarm, "");
  }
}

}  // namespace holdfast::sandbox::aws
