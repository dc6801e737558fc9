#include "reconcilers/cloudwatch_alarm/put.h"

#include <algorithm>
#include <cmath>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/aws/tags.h"

namespace holdfast::alarm {
namespace {

constexpr std::string_view kDefaultMissing = "missing";
constexpr double kMostExactWhole = 1e15;

// "SnsTopic/ops.arn", as another resource publishes it.
std::string OutputOf(const AlarmAction& action) {
  if (const auto* policy = std::get_if<PolicyAction>(&action))
    return Cat(specs::RefText(policy->ref), ".policy:", policy->name);
  if (const auto* topic = std::get_if<TopicAction>(&action)) return Cat(specs::RefText(topic->ref), ".arn");
  return {};
}

std::string OwnerOf(const AlarmAction& action) {
  if (const auto* policy = std::get_if<PolicyAction>(&action)) return specs::RefText(policy->ref);
  return specs::RefText(std::get<TopicAction>(action).ref);
}

std::vector<std::string> ResolveList(const std::vector<AlarmAction>& list,
                                     const std::map<std::string, std::string>& refs,
                                     std::vector<Wait>& missing) {
  std::vector<std::string> arns;
  for (const AlarmAction& action : list) {
    if (const auto* plain = std::get_if<ArnAction>(&action)) {
      arns.push_back(plain->arn);
      continue;
    }
    const std::string output = OutputOf(action);
    if (const auto found = refs.find(output); found != refs.end()) {
      arns.push_back(found->second);
      continue;
    }
    Wait wait{.on = Wait::On::kDependency,
              .name = OwnerOf(action),
              .detail = Cat(output.substr(output.find('.') + 1), " is not known yet"),
              .remedy = Cat("declare ", OwnerOf(action), " and look at its `holdfast why`")};
    if (std::ranges::find(missing, wait) == missing.end()) missing.push_back(std::move(wait));
  }
  std::ranges::sort(arns);
  arns.erase(std::unique(arns.begin(), arns.end()), arns.end());
  return arns;
}

json::array Array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(JsonView(text));
  return array;
}

// 40 and not 4E1: the line is read by people.
json::value Number(double number) {
  if (std::nearbyint(number) == number && std::abs(number) < kMostExactWhole)
    return static_cast<int64_t>(number);
  return number;
}

std::string List(const std::vector<std::string>& texts) { return texts.empty() ? "none" : Join(texts, ", "); }

std::string OrNone(const std::string& text) { return text.empty() ? "none" : text; }

}  // namespace

Notified Resolved(const Actions& actions, const std::map<std::string, std::string>& refs) {
  Notified notified;
  notified.alarm = ResolveList(actions.alarm, refs, notified.missing);
  notified.ok = ResolveList(actions.ok, refs, notified.missing);
  notified.insufficient_data = ResolveList(actions.insufficient_data, refs, notified.missing);
  return notified;
}

std::vector<std::string> MissingToCreate(const Spec& spec) {
  std::vector<std::string> missing;
  if (!spec.metric) missing.insert(missing.end(), {"namespace", "metric"});
  if (!spec.statistic && !spec.extended_statistic) missing.emplace_back("statistic");
  if (!spec.period) missing.emplace_back("period");
  if (!spec.evaluation_periods) missing.emplace_back("evaluationPeriods");
  if (!spec.threshold) missing.emplace_back("threshold");
  if (!spec.comparison) missing.emplace_back("comparison");
  return missing;
}

Alarm Wished(const Spec& spec, const Notified& notified, const Alarm& seen) {
  Alarm wished = seen;
  if (spec.description) wished.description = *spec.description;
  if (spec.metric) {
    wished.name_space = *spec.name_space;
    wished.metric = *spec.metric;
    wished.dimensions = spec.dimensions;
    wished.is_computed = false;
  }
  if (spec.statistic) {
    wished.statistic = StatisticText(*spec.statistic);
    wished.extended_statistic.clear();
  }
  if (spec.extended_statistic) {
    wished.extended_statistic = *spec.extended_statistic;
    wished.statistic.clear();
  }
  if (spec.unit) wished.unit = *spec.unit;
  if (spec.period) wished.period = *spec.period;
  if (spec.evaluation_periods) wished.evaluation_periods = *spec.evaluation_periods;
  if (spec.datapoints_to_alarm) wished.datapoints_to_alarm = *spec.datapoints_to_alarm;
  // More than there are periods would be refused, and was meant for more periods.
  if (wished.datapoints_to_alarm && *wished.datapoints_to_alarm > wished.evaluation_periods)
    wished.datapoints_to_alarm.reset();
  if (spec.threshold) wished.threshold = spec.threshold;
  if (spec.comparison) wished.comparison = ComparisonText(*spec.comparison);
  // Alarms on tables ignore missing data whatever they say: a difference there is none.
  const bool is_moot = wished.name_space == "AWS/DynamoDB" && !seen.metric.empty();
  if (spec.missing_data && !is_moot) wished.missing_data = MissingDataText(*spec.missing_data);
  if (spec.actions_enabled) wished.actions_enabled = *spec.actions_enabled;
  if (spec.actions) {
    wished.alarm_actions = notified.alarm;
    wished.ok_actions = notified.ok;
    wished.insufficient_actions = notified.insufficient_data;
  }
  return wished;
}

bool WatchesTheSame(const Alarm& a, const Alarm& b) {
  return a.name_space == b.name_space && a.metric == b.metric && a.dimensions == b.dimensions &&
         a.is_computed == b.is_computed;
}

std::string MetricText(const Alarm& alarm) {
  if (alarm.is_computed) return "an expression";
  std::string text = Cat(alarm.name_space, " ", alarm.metric);
  for (const auto& [name, value] : alarm.dimensions) Append(text, " ", name, "=", value);
  return text;
}

std::vector<Diff> Differences(const Alarm& wished, const Alarm& seen) {
  std::vector<Diff> diffs;
  const auto compare = [&](std::string_view path, const std::string& want, const std::string& have) {
    if (want != have) diffs.push_back({std::string(path), want, have});
  };
  const auto number = [](const auto& value) { return value ? Cat(*value) : std::string("none"); };
  const auto missing = [](const std::string& text) {
    return text.empty() ? std::string(kDefaultMissing) : text;
  };
  compare("description", OrNone(wished.description), OrNone(seen.description));
  compare("metric", MetricText(wished), MetricText(seen));
  compare("statistic", OrNone(wished.statistic), OrNone(seen.statistic));
  compare("extendedStatistic", OrNone(wished.extended_statistic), OrNone(seen.extended_statistic));
  compare("unit", OrNone(wished.unit), OrNone(seen.unit));
  compare("period", Brief(wished.period), Brief(seen.period));
  compare("evaluationPeriods", Cat(wished.evaluation_periods), Cat(seen.evaluation_periods));
  compare("datapointsToAlarm", number(wished.datapoints_to_alarm), number(seen.datapoints_to_alarm));
  compare("threshold", number(wished.threshold), number(seen.threshold));
  compare("comparison", wished.comparison, seen.comparison);
  compare("missingData", missing(wished.missing_data), missing(seen.missing_data));
  compare("actionsEnabled", wished.actions_enabled ? "true" : "false",
          seen.actions_enabled ? "true" : "false");
  compare("actions.alarm", List(wished.alarm_actions), List(seen.alarm_actions));
  compare("actions.ok", List(wished.ok_actions), List(seen.ok_actions));
  compare("actions.insufficientData", List(wished.insufficient_actions), List(seen.insufficient_actions));
  return diffs;
}

AwsCall PutCall(const Spec& spec, const Alarm& wished, Is is) {
  json::object call = {{"AlarmName", JsonView(spec.name)}};
  if (!wished.description.empty()) call["AlarmDescription"] = JsonView(wished.description);
  call["ActionsEnabled"] = wished.actions_enabled;
  call["OKActions"] = Array(wished.ok_actions);
  call["AlarmActions"] = Array(wished.alarm_actions);
  call["InsufficientDataActions"] = Array(wished.insufficient_actions);
  call["MetricName"] = JsonView(wished.metric);
  call["Namespace"] = JsonView(wished.name_space);
  if (!wished.statistic.empty()) call["Statistic"] = JsonView(wished.statistic);
  if (!wished.extended_statistic.empty()) call["ExtendedStatistic"] = JsonView(wished.extended_statistic);
  json::array dimensions;
  for (const auto& [name, value] : wished.dimensions)
    dimensions.emplace_back(json::object{{"Name", JsonView(name)}, {"Value", JsonView(value)}});
  call["Dimensions"] = std::move(dimensions);
  call["Period"] = absl::ToInt64Seconds(wished.period);
  if (!wished.unit.empty()) call["Unit"] = JsonView(wished.unit);
  call["EvaluationPeriods"] = wished.evaluation_periods;
  if (wished.datapoints_to_alarm) call["DatapointsToAlarm"] = *wished.datapoints_to_alarm;
  if (wished.threshold) call["Threshold"] = Number(*wished.threshold);
  call["ComparisonOperator"] = JsonView(wished.comparison);
  if (!wished.missing_data.empty()) call["TreatMissingData"] = JsonView(wished.missing_data);
  if (!wished.low_sample_percentile.empty())
    call["EvaluateLowSampleCountPercentile"] = JsonView(wished.low_sample_percentile);
  if (is == Is::kNew) call["Tags"] = aws::TagList({{std::string(aws::kOwnerTag), "CloudWatchAlarm"}});
  return aws::CallOf(spec.location, "cloudwatch", "PutMetricAlarm", Compact(call));
}

AwsCall NamesCall(const Spec& spec, std::string_view operation) {
  return aws::CallOf(spec.location, "cloudwatch", operation,
                     Compact(json::object{{"AlarmNames", json::array{JsonView(spec.name)}}}));
}

}  // namespace holdfast::alarm
