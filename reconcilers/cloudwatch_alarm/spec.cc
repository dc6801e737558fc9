#include "reconcilers/cloudwatch_alarm/spec.h"

#include <array>

#include "reconcilers/cloudwatch_alarm/spec_check.h"

namespace holdfast::alarm {
namespace {

using specs::FieldTable;

const FieldTable<PolicyAction>& PolicyActionFields() {
  static const FieldTable<PolicyAction> table =
      FieldTable<PolicyAction>("A scaling policy that is carried out.")
          .Field("ref", &PolicyAction::ref, "The resource that has the policy.",
                 {.required = true, .example = "AutoScalingGroup/web"})
          .Field("name", &PolicyAction::name, "The policy's name.",
                 {.required = true, .max_length = 255, .example = "Increase Group Size"});
  return table;
}

const FieldTable<TopicAction>& TopicActionFields() {
  static const FieldTable<TopicAction> table = FieldTable<TopicAction>("A topic that is notified.")
                                                   .Field("ref", &TopicAction::ref, "The topic's resource.",
                                                          {.required = true, .example = "SnsTopic/ops"});
  return table;
}

std::vector<specs::Alternative> WaysToAct() {
  return {specs::Key<PolicyAction>("policy", PolicyActionFields),
          specs::Key<TopicAction>("topic", TopicActionFields),
          specs::Key("arn", &ArnAction::arn, "Anything else that an alarm can set off, by its whole name.",
                     {.pattern = "arn:[^ ]+",
                      .pattern_says = "a name that begins with arn:",
                      .max_length = 1024,
                      .example = "arn:aws:automate:us-east-1:ec2:recover"})};
}

const FieldTable<Actions>& ActionsFields() {
  static const FieldTable<Actions> table =
      FieldTable<Actions>(
          "Whom it tells and what it sets off, by the state that it enters. Written at all, all three "
          "lists are the spec's, and one that is left out is empty.")
          .Union("alarm", &Actions::alarm, WaysToAct(), "On entering ALARM.", {.max_items = kMostActions})
          .Union("ok", &Actions::ok, WaysToAct(), "On entering OK.", {.max_items = kMostActions})
          .Union("insufficientData", &Actions::insufficient_data, WaysToAct(),
                 "On entering INSUFFICIENT_DATA.", {.max_items = kMostActions});
  return table;
}

void AddMetric(FieldTable<Spec>& table) {
  table
      .Field("namespace", &Spec::name_space, "The metric's namespace.",
             {.max_length = 255, .example = "AWS/ELB"})
      .Field("metric", &Spec::metric, "The metric's name.", {.max_length = 255, .example = "Latency"})
      .Field("dimensions", &Spec::dimensions, "Which of the metrics of that name.",
             {.max_items = kMostDimensions, .example = "{LoadBalancerName: web}"})
      .Enum("statistic", &Spec::statistic,
            {{"SampleCount", Statistic::kSampleCount},
             {"Average", Statistic::kAverage},
             {"Sum", Statistic::kSum},
             {"Minimum", Statistic::kMinimum},
             {"Maximum", Statistic::kMaximum}},
            "What becomes of the values of one period.")
      .Field("extendedStatistic", &Spec::extended_statistic, "A percentile or trimmed statistic instead.",
             {.max_length = 64, .example = "p99"})
      .Field("unit", &Spec::unit, "Only values of this unit count.",
             {.max_length = 32, .example = "Seconds"});
}

void AddCondition(FieldTable<Spec>& table) {
  table
      .Field("period", &Spec::period, "How long one period is: 10s, 20s, 30s or whole minutes.",
             {.min = absl::Seconds(10), .max = kLongestDay, .example = "5m"})
      .Field("evaluationPeriods", &Spec::evaluation_periods, "How many periods are looked at.",
             {.min = 1, .max = 8640, .example = "1"})
      .Field("datapointsToAlarm", &Spec::datapoints_to_alarm, "How many of them have to breach; all without.",
             {.min = 1, .max = 8640, .example = "2"})
      .Field("threshold", &Spec::threshold, "What the statistic is compared with.", {.example = "0.5"})
      .Enum("comparison", &Spec::comparison,
            {{"GreaterThanOrEqualToThreshold", Comparison::kGreaterThanOrEqualToThreshold},
             {"GreaterThanThreshold", Comparison::kGreaterThanThreshold},
             {"LessThanThreshold", Comparison::kLessThanThreshold},
             {"LessThanOrEqualToThreshold", Comparison::kLessThanOrEqualToThreshold}},
            "When a period breaches.")
      .Enum("missingData", &Spec::missing_data,
            {{"missing", MissingData::kMissing},
             {"ignore", MissingData::kIgnore},
             {"breaching", MissingData::kBreaching},
             {"notBreaching", MissingData::kNotBreaching}},
            "What a period without data counts as. Alarms on AWS/DynamoDB always ignore it.");
}

}  // namespace

const specs::FieldTable<Spec>& SpecFields() {
  static const FieldTable<Spec> table = [] {
    FieldTable<Spec> t("An alarm on one metric. What is left out is not touched.");
    t.Named("CloudWatchAlarm")
        .Inline(&Spec::location, aws::LocationFields)
        .Field("name", &Spec::name, "The alarm's name.",
               {.required = true, .max_length = 255, .example = "web-cpu-high"})
        .Field("description", &Spec::description, "For those who are told.", {.max_length = 1024});
    AddMetric(t);
    AddCondition(t);
    t.Field("actionsEnabled", &Spec::actions_enabled, "Whether it sets anything off.")
        .Table("actions", &Spec::actions, ActionsFields, "Whom it tells and what it sets off.")
        .Enum("severity", &Spec::severity,
              {{"critical", Severity::kCritical},
               {"high", Severity::kHigh},
               {"normal", Severity::kNormal},
               {"low", Severity::kLow}},
              "Which alarms are written first: the service takes three a second.")
        .Enum("onMetricChange", &Spec::on_metric_change,
              {{"inPlace", OnMetricChange::kInPlace}, {"recreate", OnMetricChange::kRecreate}},
              "The service keeps an alarm's state when it is to watch another metric. `inPlace` disables its "
              "actions until the new metric has been evaluated; `recreate` deletes and makes it anew, and "
              "with it goes what the spec leaves out.")
        .AtMostOneOf({"statistic", "extendedStatistic"})
        .Needs("metric", "namespace")
        .Needs("namespace", "metric")
        .Needs("dimensions", "metric")
        .Check(CheckSpec);
    return t;
  }();
  return table;
}

std::string_view StatisticText(Statistic statistic) {
  constexpr std::array<std::string_view, 5> kTexts = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"};
  return kTexts[static_cast<size_t>(statistic)];
}

std::string_view ComparisonText(Comparison comparison) {
  constexpr std::array<std::string_view, 4> kTexts = {"GreaterThanOrEqualToThreshold", "GreaterThanThreshold",
                                                      "LessThanThreshold", "LessThanOrEqualToThreshold"};
  return kTexts[static_cast<size_t>(comparison)];
}

std::string_view MissingDataText(MissingData missing) {
  constexpr std::array<std::string_view, 4> kTexts = {"missing", "ignore", "breaching", "notBreaching"};
  return kTexts[static_cast<size_t>(missing)];
}

}  // namespace holdfast::alarm
