// CloudWatch: alarms and what is measured.
#include <algorithm>
#include <cmath>
#include <utility>

#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr int64_t kMostAlarms = 100;
constexpr size_t kMostQueries = 500;
constexpr int64_t kMostSeconds = 86'400;

Fault Invalid(std::string message) { return {"ValidationError", std::move(message)}; }

json::object AlarmDocument(const Alarm& alarm) {
  json::object out = alarm.put;
  out.erase("Tags");
  out["AlarmArn"] = Word(alarm.arn);
  out["StateValue"] = Word(alarm.state);
  out["StateReason"] = Word(alarm.reason);
  out["StateUpdatedTimestamp"] = Epoch(alarm.state_updated);
  out["AlarmConfigurationUpdatedTimestamp"] = Epoch(alarm.configuration_updated);
  out["ActionsEnabled"] = alarm.actions_enabled;
  for (const char* list : {"OKActions", "AlarmActions", "InsufficientDataActions", "Dimensions"})
    if (!out.contains(list)) out[list] = json::array();
  return out;
}

bool NotifiesAny(const Alarm& alarm, const std::string& prefix) {
  const json::value put(alarm.put);
  for (const char* list : {"OKActions", "AlarmActions", "InsufficientDataActions"})
    for (const std::string& action : TextsAt(put, list))
      if (action.starts_with(prefix)) return true;
  return false;
}

std::optional<Fault> RefuseAlarm(const Call& call) {
  for (const char* member : {"AlarmName", "EvaluationPeriods", "ComparisonOperator"})
    if (!call.Has(member)) return Invalid(Cat("The parameter ", member, " is required"));
  const bool is_metric = call.Has("MetricName") && call.Has("Namespace") && call.Has("Period");
  if (!is_metric && !call.Has("Metrics")) return Invalid("The parameter MetricName is required");
  if (is_metric && call.Has("Statistic") == call.Has("ExtendedStatistic"))
    return Invalid("Exactly one of the parameters Statistic and ExtendedStatistic must be specified");
  if (!call.Has("Threshold") && !call.Has("ThresholdMetricId"))
    return Invalid("The parameter Threshold is required");
  if (call.Whole("EvaluationPeriods", 1) * call.Whole("Period", 60) > kMostSeconds)
    return Invalid(
        "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)");
  for (const char* list : {"OKActions", "AlarmActions", "InsufficientDataActions"}) {
    const std::vector<std::string> actions = call.Texts(list);
    if (actions.size() > Alarms::kMostActions)
      return Invalid(Cat("1 validation error detected: Value at '", list,
                         "' failed to satisfy constraint: Member must have length less than or equal to 5"));
    for (const std::string& action : actions)
      if (!action.starts_with("arn:")) return Invalid(Cat("Invalid arn syntax: ", action));
  }
  return std::nullopt;
}

enum class Actions { kOff, kOn };
Said SetActions(Call& call, Actions actions) {
  for (const std::string& name : call.Texts("AlarmNames"))
    if (const auto found = call.truth.alarms.all.find(name); found != call.truth.alarms.all.end())
      found->second.actions_enabled = actions == Actions::kOn;
  return json::object();
}

MetricName MetricIn(const json::value& of) {
  MetricName metric{TextAt(of, "Namespace").value_or(""), TextAt(of, "MetricName").value_or(""), {}};
  for (const json::value* one : ListAt(of, "Dimensions").value_or(std::vector<const json::value*>()))
    metric.dimensions[TextAt(*one, "Name").value_or("")] = TextAt(*one, "Value").value_or("");
  return metric;
}

json::object Measured(const Call& call, const json::value& query, absl::Time from, absl::Time to) {
  const auto period = absl::Seconds(WholeAt(query, "MetricStat.Period").value_or(60));
  const json::value* metric = At(query, "MetricStat.Metric");
  json::array times, values;
  if (metric != nullptr) {
    const MetricName name = MetricIn(*metric);
    const std::string statistic = TextAt(query, "MetricStat.Stat").value_or("Average");
    const bool is_up = call.Text("ScanBy") == "TimestampAscending";
    const auto count = static_cast<int64_t>(std::floor(absl::FDivDuration(to - from, period)));
    for (int64_t i = 0; i < count; ++i) {
      const absl::Time at = from + period * (is_up ? i : count - 1 - i);
      const auto value = Statistic(call.seen, name, statistic, at, at + period, call.truth.now);
      if (!value) continue;
      times.push_back(Epoch(at));
      values.push_back(*value);
    }
  }
  const std::string id = TextAt(query, "Id").value_or("");
  return {{"Id", Word(id)},
          {"Label", Word(TextAt(query, "Label").value_or(id))},
          {"Timestamps", std::move(times)},
          {"Values", std::move(values)},
          {"StatusCode", "Complete"}};
}

}  // namespace

Said DescribeAlarms(Call& call) {
  const std::vector<std::string> names = call.Texts("AlarmNames"), types = call.Texts("AlarmTypes");
  const int64_t limit = call.Whole("MaxRecords", kMostAlarms);
  if (limit < 1 || limit > kMostAlarms || names.size() > static_cast<size_t>(kMostAlarms))
    return Invalid("1 validation error detected: Member must have value less than or equal to 100");
  const std::string prefix = call.Text("AlarmNamePrefix"), state = call.Text("StateValue"),
                    actions = call.Text("ActionPrefix");
  const bool wants_metric_alarms = types.empty() || std::ranges::find(types, "MetricAlarm") != types.end();
  json::array alarms;
  const std::string token = PageOf(
      call.seen.alarms.all, call.Text("NextToken"), limit,
      [&](const Alarm& alarm) {
        return wants_metric_alarms &&
               (names.empty() || std::ranges::find(names, alarm.name) != names.end()) &&
               alarm.name.starts_with(prefix) && (state.empty() || state == alarm.state) &&
               (actions.empty() || NotifiesAny(alarm, actions));
      },
      [&](const Alarm& alarm) { alarms.push_back(AlarmDocument(alarm)); });
  json::object out = {{"CompositeAlarms", json::array()}, {"MetricAlarms", std::move(alarms)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

Said PutMetricAlarm(Call& call) {
  if (auto fault = RefuseAlarm(call)) return *fault;
  Ground& ground = call.truth;
  const std::string name = call.Text("AlarmName");
  const auto [at, is_new] = ground.alarms.all.try_emplace(name);
  Alarm& alarm = at->second;
  if (is_new) {
    alarm.name = name;
    alarm.arn = ground.Arn("cloudwatch", Cat("alarm:", name));
    alarm.state_updated = ground.now;
    alarm.tags = TagsIn(call.asked.parameters, "Tags");
  }
  // All that was there before is overwritten; the state stays.
  alarm.put = call.asked.parameters.get_object();
  alarm.actions_enabled = FlagAt(call.asked.parameters, "ActionsEnabled").value_or(true);
  alarm.configuration_updated = ground.now;
  return json::object();
}

Said DeleteAlarms(Call& call) {
  const std::vector<std::string> names = call.Texts("AlarmNames");
  if (names.size() > static_cast<size_t>(kMostAlarms))
    return Invalid("1 validation error detected: Member must have length less than or equal to 100");
  std::string missing;
  for (const std::string& name : names)
    if (call.truth.alarms.all.erase(name) == 0) missing = name;
  if (missing.empty() || names.size() > 1) return json::object();
  return Fault{"ResourceNotFound", Cat("Alarm not found: ", missing), 404};
}

Said EnableAlarmActions(Call& call) { return SetActions(call, Actions::kOn); }
Said DisableAlarmActions(Call& call) { return SetActions(call, Actions::kOff); }

namespace {

Alarm* AlarmByArn(Call& call) {
  const std::string arn = call.Text("ResourceARN");
  for (auto& [name, alarm] : call.truth.alarms.all)
    if (alarm.arn == arn) return &alarm;
  return nullptr;
}
Fault NoAlarm(const Call& call) {
  return {"ResourceNotFoundException", Cat("Resource ", call.Text("ResourceARN"), " does not exist"), 404};
}

}  // namespace

Said ListAlarmTags(Call& call) {
  const Alarm* alarm = AlarmByArn(call);
  if (alarm == nullptr) return NoAlarm(call);
  return json::object{{"Tags", TagList(alarm->tags)}};
}
Said TagAlarm(Call& call) {
  Alarm* alarm = AlarmByArn(call);
  if (alarm == nullptr) return NoAlarm(call);
  for (const auto& [key, value] : TagsIn(call.asked.parameters, "Tags")) alarm->tags[key] = value;
  return json::object();
}
Said UntagAlarm(Call& call) {
  Alarm* alarm = AlarmByArn(call);
  if (alarm == nullptr) return NoAlarm(call);
  for (const std::string& key : call.Texts("TagKeys")) alarm->tags.erase(key);
  return json::object();
}

Said GetMetricData(Call& call) {
  const auto queries =
      ListAt(call.asked.parameters, "MetricDataQueries").value_or(std::vector<const json::value*>());
  const auto from = TimeAt(call.asked.parameters, "StartTime"), to = TimeAt(call.asked.parameters, "EndTime");
  if (queries.size() > kMostQueries)
    return Invalid("The collection MetricDataQueries must not have a size greater than 500");
  if (!from || !to || *from >= *to) return Invalid("The parameter StartTime must be less than EndTime");
  json::array results;
  for (const json::value* query : queries) {
    const int64_t period = WholeAt(*query, "MetricStat.Period").value_or(0);
    const std::string id = TextAt(*query, "Id").value_or("");
    if (period < 60 || period % 60 != 0)
      return Invalid(Cat("The value ", period, " for parameter Period of ", id, " must be a multiple of 60"));
    if (id.empty() || id[0] < 'a' || id[0] > 'z')
      return Invalid(Cat("The value ", id, " for parameter Id is not matching the expected pattern"));
    const absl::Time first =
        absl::FromUnixSeconds(absl::ToUnixSeconds(*from) / period * period);  // aligned as the service does
    results.push_back(Measured(call, *query, first, *to));
  }
  return json::object{{"MetricDataResults", std::move(results)}, {"Messages", json::array()}};
}

Said ListMetrics(Call& call) {
  const std::string space = call.Text("Namespace"), wanted = call.Text("MetricName");
  json::array metrics;
  for (const auto& [name, gauge] : call.seen.metrics.gauges) {
    if ((!space.empty() && space != name.space) || (!wanted.empty() && wanted != name.name)) continue;
    json::array dimensions;
    for (const auto& [key, value] : name.dimensions)
      dimensions.push_back(json::object{{"Name", Word(key)}, {"Value", Word(value)}});
    metrics.push_back(json::object{{"Namespace", Word(name.space)},
                                   {"MetricName", Word(name.name)},
                                   {"Dimensions", std::move(dimensions)}});
  }
  return json::object{{"Metrics", std::move(metrics)}};
}

}  // namespace holdfast::sandbox::aws
