#include "reconcilers/cloudwatch_alarm/state.h"

#include <algorithm>

#include "reconcilers/clients/aws/document.h"

namespace holdfast::alarm {
namespace {

using aws::FlagAt;
using aws::ListAt;
using aws::NumberAt;
using aws::TextAt;
using aws::TimeAt;
using aws::WholeAt;

std::vector<std::string> Texts(const json::value& item, std::string_view member) {
  std::vector<std::string> texts;
  for (const json::value* one : ListAt(item, member).value_or(std::vector<const json::value*>()))
    if (one->is_string()) texts.emplace_back(Chars(one->get_string()));
  std::ranges::sort(texts);
  return texts;
}

}  // namespace

std::optional<Alarm> ReadAlarm(const json::value& item) {
  if (!TextAt(item, "AlarmName")) return std::nullopt;
  Alarm alarm{.arn = TextAt(item, "AlarmArn").value_or(""),
              .description = TextAt(item, "AlarmDescription").value_or(""),
              .actions_enabled = FlagAt(item, "ActionsEnabled").value_or(true),
              .alarm_actions = Texts(item, "AlarmActions"),
              .ok_actions = Texts(item, "OKActions"),
              .insufficient_actions = Texts(item, "InsufficientDataActions"),
              .name_space = TextAt(item, "Namespace").value_or(""),
              .metric = TextAt(item, "MetricName").value_or("")};
  for (const json::value* one : ListAt(item, "Dimensions").value_or(std::vector<const json::value*>()))
    alarm.dimensions[TextAt(*one, "Name").value_or("")] = TextAt(*one, "Value").value_or("");
  alarm.is_computed = alarm.metric.empty() || TextAt(item, "ThresholdMetricId").has_value();
  alarm.statistic = TextAt(item, "Statistic").value_or("");
  alarm.extended_statistic = TextAt(item, "ExtendedStatistic").value_or("");
  alarm.unit = TextAt(item, "Unit").value_or("");
  alarm.period = absl::Seconds(WholeAt(item, "Period").value_or(0));
  alarm.evaluation_periods = WholeAt(item, "EvaluationPeriods").value_or(0);
  alarm.datapoints_to_alarm = WholeAt(item, "DatapointsToAlarm");
  alarm.threshold = NumberAt(item, "Threshold");
  alarm.comparison = TextAt(item, "ComparisonOperator").value_or("");
  alarm.missing_data = TextAt(item, "TreatMissingData").value_or("");
  alarm.low_sample_percentile = TextAt(item, "EvaluateLowSampleCountPercentile").value_or("");
  alarm.state = TextAt(item, "StateValue").value_or("");
  alarm.state_reason = TextAt(item, "StateReason").value_or("");
  alarm.configured_at = TimeAt(item, "AlarmConfigurationUpdatedTimestamp").value_or(absl::InfinitePast());
  return alarm;
}

}  // namespace holdfast::alarm
