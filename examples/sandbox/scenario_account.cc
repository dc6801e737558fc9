#include "examples/sandbox/scenario_account.h"

namespace holdfast::sandbox {
namespace {

using specs::FieldTable;

constexpr int64_t kMostUnits = 1'000'000;
constexpr int64_t kMostInstances = 1000;
constexpr size_t kMostOfEach = 100'000;

const FieldTable<IndexSpec>& IndexFields() {
  static const FieldTable<IndexSpec> table =
      FieldTable<IndexSpec>("A global secondary index.")
          .Named("Index")
          .Field("name", &IndexSpec::name, "Its name.", {.required = true, .example = "by-mail"})
          .Field("read", &IndexSpec::read, "Reads a second.", {.min = 1, .max = kMostUnits})
          .Field("write", &IndexSpec::write, "Writes a second.", {.min = 1, .max = kMostUnits});
  return table;
}

const FieldTable<LoadSpec>& LoadFields() {
  static const FieldTable<LoadSpec> table =
      FieldTable<LoadSpec>("What is asked of a table; above its capacity it is refused.")
          .Named("Load")
          .Field("read", &LoadSpec::read, "Read units a second.", {.min = 0.0})
          .Field("write", &LoadSpec::write, "Write units a second.", {.min = 0.0});
  return table;
}

const FieldTable<TableSpec>& TableFields() {
  static const FieldTable<TableSpec> table =
      FieldTable<TableSpec>("A DynamoDB table with provisioned capacity.")
          .Named("Table")
          .Field("name", &TableSpec::name, "Its name.", {.required = true, .example = "users"})
          .Field("read", &TableSpec::read, "Reads a second.", {.min = 1, .max = kMostUnits})
          .Field("write", &TableSpec::write, "Writes a second.", {.min = 1, .max = kMostUnits})
          .List("indexes", &TableSpec::indexes, IndexFields, "Its indexes.", {.max_items = 20})
          .Table("load", &TableSpec::load, LoadFields, "What its clients want from the beginning on.");
  return table;
}

const FieldTable<GroupSpec>& GroupFields() {
  static const FieldTable<GroupSpec> table =
      FieldTable<GroupSpec>("An Auto Scaling group, with a launch configuration NAME-1.")
          .Named("Group")
          .Field("name", &GroupSpec::name, "Its name.", {.required = true, .example = "web"})
          .Field("min", &GroupSpec::min, "Least instances.", {.min = 0, .max = kMostInstances})
          .Field("max", &GroupSpec::max, "Most instances.", {.min = 0, .max = kMostInstances})
          .Field("desired", &GroupSpec::desired, "Instances that serve at the beginning.",
                 {.min = 0, .max = kMostInstances})
          .Field("loadBalancers", &GroupSpec::balancers, "Classic ones, made with it.", {.max_items = 20});
  return table;
}

const FieldTable<AlarmSpec>& AlarmFields() {
  static const FieldTable<AlarmSpec> table =
      FieldTable<AlarmSpec>("A CloudWatch alarm on one metric.")
          .Named("Alarm")
          .Field("name", &AlarmSpec::name, "Its name.", {.required = true, .example = "cpu-high"})
          .Field("namespace", &AlarmSpec::name_space, "The metric's namespace.",
                 {.required = true, .example = "AWS/EC2"})
          .Field("metric", &AlarmSpec::metric, "The metric's name.",
                 {.required = true, .example = "CPUUtilization"})
          .Field("dimensions", &AlarmSpec::dimensions, "Which of the metrics of that name.",
                 {.max_items = 30, .example = "{AutoScalingGroupName: web}"})
          .Field("statistic", &AlarmSpec::statistic, "Of each period.")
          .Field("period", &AlarmSpec::period, "How long a period is.",
                 {.min = absl::Minutes(1), .max = absl::Hours(24)})
          .Field("evaluationPeriods", &AlarmSpec::evaluation_periods, "How many periods are looked at.",
                 {.min = 1, .max = 1440})
          .Field("comparison", &AlarmSpec::comparison, "CloudWatch's ComparisonOperator.")
          .Field("threshold", &AlarmSpec::threshold, "What the statistic is compared with.",
                 {.required = true, .example = "40"})
          .Field("actions", &AlarmSpec::actions, "ARNs that hear of ALARM.", {.max_items = 5});
  return table;
}

const FieldTable<MetricSpec>& MetricFields() {
  static const FieldTable<MetricSpec> table =
      FieldTable<MetricSpec>("A metric that is measured once a minute.")
          .Named("Metric")
          .Field("namespace", &MetricSpec::name_space, "Its namespace.",
                 {.required = true, .example = "AWS/EC2"})
          .Field("name", &MetricSpec::name, "Its name.", {.required = true, .example = "CPUUtilization"})
          .Field("dimensions", &MetricSpec::dimensions, "Its dimensions.", {.max_items = 30})
          .Field("value", &MetricSpec::value, "What is measured.", {.required = true, .example = "55"});
  return table;
}

}  // namespace

const FieldTable<AccountSpec>& AccountFields() {
  static const FieldTable<AccountSpec> table =
      FieldTable<AccountSpec>("An account of AWS in one region, asked over loopback.")
          .Named("Account")
          .Field("listen", &AccountSpec::listen, "Where all its services are asked: AWS_ENDPOINT_URL.",
                 {.required = true,
                  .pattern = R"(127\.[0-9.]+:[0-9]+)",
                  .pattern_says = "an address of this machine's loopback with a port",
                  .example = "127.0.0.1:5099"})
          .Field("id", &AccountSpec::id, "Its number.",
                 {.pattern = "[0-9]{12}", .pattern_says = "twelve digits"})
          .Field("region", &AccountSpec::region, "The only region that it knows.", {.max_length = 32})
          .Field("key", &AccountSpec::key, "The access key that is let in; with it, any secret is.",
                 {.max_length = 128})
          .Enum("rates", &AccountSpec::rates,
                {{"published", aws::Account::Rates::kPublished}, {"none", aws::Account::Rates::kNone}},
                "Whether who asks too often is throttled.")
          .List("tables", &AccountSpec::tables, TableFields, "Tables that are there.",
                {.max_items = kMostOfEach})
          .List("groups", &AccountSpec::groups, GroupFields, "Groups that are there.", {.max_items = 1000})
          .Field("topics", &AccountSpec::topics, "Names of topics that are there.", {.max_items = 1000})
          .Field("images", &AccountSpec::images, "Machine images that can be launched.",
                 {.max_items = 1000, .example = "[ami-0123456789abcdef0]"})
          .List("alarms", &AccountSpec::alarms, AlarmFields, "Alarms that are there.",
                {.max_items = kMostOfEach})
          .List("metrics", &AccountSpec::metrics, MetricFields, "What is measured besides tables.",
                {.max_items = kMostOfEach});
  return table;
}

}  // namespace holdfast::sandbox
