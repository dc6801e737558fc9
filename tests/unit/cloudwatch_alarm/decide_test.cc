// Given this spec and this alarm, this plan.
#include "controller/plan/action.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/cloudwatch_alarm/kind.h"
#include "reconcilers/cloudwatch_alarm/put.h"
#include "tests/unit/aws/decided.h"

namespace holdfast::alarm {
namespace {

using aws::Asks;
using aws::Goes;
using aws::HeldBy;
using aws::LineOf;
using aws::StepCalled;
using aws::WaitNamed;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kLatency = R"(
region: us-east-1
name: latency
description: slow
namespace: AWS/ELB
metric: Latency
dimensions: {LoadBalancerName: web}
statistic: Average
period: 5m
evaluationPeriods: 2
threshold: 0.5
comparison: GreaterThanOrEqualToThreshold
actions: {alarm: [{topic: {ref: SnsTopic/ops}}, {policy: {ref: AutoScalingGroup/web, name: Grow}}]}
)";
constexpr const char* kTopic = "arn:aws:sns:us-east-1:123456789012:ops";
constexpr const char* kPolicy = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1";

struct Case : aws::Decided<CloudWatchAlarm> {
  explicit Case(const char* yaml = kLatency) : Decided(yaml) {
    refs = {{"SnsTopic/ops.arn", kTopic}, {"AutoScalingGroup/web.policy:Grow", kPolicy}};
    state.read = State::Read::kTargeted;
  }
  // The alarm is as the spec says.
  Case& There() {
    Alarm alarm;
    if (want.metric) alarm = Wished(want, Resolved(want.actions.value_or(Actions()), refs), alarm);
    alarm.arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:latency";
    alarm.state = "OK";
    alarm.configured_at = now - absl::Hours(1);
    state.alarm = Known<Boxed<Alarm>>{alarm, now};
    return *this;
  }
  Alarm& seen() { return *std::get<Known<Boxed<Alarm>>>(state.alarm).value; }
  Case& Pinned() {
    past.pins["alarm"] = seen().arn;
    return *this;
  }
  Case& Tagged(std::string value) {
    state.tags = Observed<std::map<std::string, std::string>>({{"holdfast", std::move(value)}}, now);
    return *this;
  }
};

TEST(Alarm, IsMadeWithEveryFieldAndOurTag) {
  Case c;
  const Plan plan = c();
  ASSERT_TRUE(Goes(plan, "create")) << HeldBy(plan, "create");
  EXPECT_EQ(StepCalled(plan, "create")->danger, Danger::kReversible);
  const std::string line = LineOf(plan, "create");
  EXPECT_THAT(line, HasSubstr("aws cloudwatch put-metric-alarm"));
  for (const char* part :
       {R"("AlarmName":"latency")", R"("AlarmDescription":"slow")", R"("Namespace":"AWS/ELB")",
        R"("MetricName":"Latency")", R"("Dimensions":[{"Name":"LoadBalancerName","Value":"web"}])",
        R"("Statistic":"Average")", R"("Period":300)", R"("EvaluationPeriods":2)",
        R"("ComparisonOperator":"GreaterThanOrEqualToThreshold")", R"("ActionsEnabled":true)",
        R"("OKActions":[])", R"("Tags":[{"Key":"holdfast","Value":"CloudWatchAlarm"}])"})
    EXPECT_THAT(line, HasSubstr(part));
  EXPECT_THAT(line, HasSubstr(kTopic));
  EXPECT_THAT(line, HasSubstr(kPolicy));
}

TEST(Alarm, AsDeclaredIsSettledAndPinned) {
  Case c;
  const Plan plan = c.There()();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(plan.ask, IsEmpty());
  EXPECT_THAT(plan.diffs, IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);
  ASSERT_EQ(plan.pins.size(), 1U);
  EXPECT_EQ(plan.pins[0].second, c.seen().arn);
}

TEST(Alarm, ThatIsMissingNamesTheFieldsThatItNeeds) {
  Case c("region: us-east-1\nname: latency\nthreshold: 4\n");
  const Plan plan = c();
  EXPECT_THAT(plan.stages, IsEmpty());
  const Wait* wait = WaitNamed(plan, "enough to make it");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->on, Wait::On::kGuard);
  EXPECT_THAT(wait->detail,
              HasSubstr("namespace, metric, statistic, period, evaluationPeriods and comparison"));
}

TEST(Alarm, W1_WhatTheSpecLeavesOutIsWrittenAsItWas) {
  Case c("region: us-east-1\nname: latency\nthreshold: 4\n");
  Alarm other{.arn = "a",
              .description = "hand-made",
              .alarm_actions = {kTopic},
              .name_space = "Mine",
              .metric = "Queue",
              .dimensions = {{"q", "1"}},
              .extended_statistic = "p99",
              .period = absl::Seconds(60),
              .evaluation_periods = 3,
              .datapoints_to_alarm = 2,
              .threshold = 9,
              .comparison = "LessThanThreshold",
              .missing_data = "breaching",
              .low_sample_percentile = "ignore"};
  other.unit = "Count";
  c.state.alarm = Known<Boxed<Alarm>>{other, c.now};
  const Plan plan = c();
  ASSERT_TRUE(Goes(plan, "put")) << HeldBy(plan, "put");
  const std::string line = LineOf(plan, "put");
  for (const char* part :
       {R"("Threshold":4)", R"("AlarmDescription":"hand-made")", R"("Namespace":"Mine")",
        R"("ExtendedStatistic":"p99")", R"("DatapointsToAlarm":2)", R"("TreatMissingData":"breaching")",
        R"("EvaluateLowSampleCountPercentile":"ignore")", R"("Unit":"Count")", kTopic})
    EXPECT_THAT(line, HasSubstr(part));
  EXPECT_THAT(line, Not(HasSubstr("\"Tags\"")));  // an upsert ignores them
}

TEST(Alarm, W1_OneThatWatchesSomethingElseIsNotOverwrittenBlindly) {
  Case c;
  c.There().seen().metric = "RequestCount";
  Plan plan = c();
  EXPECT_THAT(HeldBy(plan, "put"), HasSubstr("its tags are not known"));
  EXPECT_TRUE(Asks(plan, kAskTags));
  plan = c.Tagged("someone")();
  EXPECT_THAT(HeldBy(plan, "put"), HasSubstr("it watches AWS/ELB RequestCount"));
  ASSERT_NE(WaitNamed(plan, "W1"), nullptr);
  EXPECT_THAT(WaitNamed(plan, "W1")->remedy, HasSubstr("another name"));
  EXPECT_TRUE(Goes(c.Tagged("CloudWatchAlarm")(), "put"));
}

TEST(Alarm, W1_WhatWasAsDeclaredBeforeIsOurs) {
  Case c;
  c.There().Pinned().seen().metric = "RequestCount";
  EXPECT_TRUE(Goes(c(), "put"));
  c.seen().arn = "arn:another";
  EXPECT_FALSE(Goes(c(), "put"));
}

TEST(Alarm, W1_AnExpressionIsNotWrittenAsAMetric) {
  Case c("region: us-east-1\nname: latency\nthreshold: 4\n");
  c.There().seen().is_computed = true;
  c.seen().threshold = 9;
  EXPECT_FALSE(Goes(c(), "put"));
  EXPECT_NE(WaitNamed(c(), "W1"), nullptr);
}

TEST(Alarm, W2_ActionsAreDisabledWhileTheMetricIsSwapped) {
  Case c;
  c.There().Pinned().seen().dimensions = {{"LoadBalancerName", "old"}};
  c.seen().state = "ALARM";
  const Plan plan = c();
  ASSERT_TRUE(Goes(plan, "put")) << HeldBy(plan, "put");
  EXPECT_THAT(LineOf(plan, "put"), HasSubstr(R"("ActionsEnabled":false)"));
  const Step* step = StepCalled(plan, "put");
  ASSERT_TRUE(step->puts_aside.has_value());
  EXPECT_EQ(step->puts_aside->object, "actions of alarm latency");
  EXPECT_THAT(Line(step->puts_aside->restore), HasSubstr("enable-alarm-actions"));
  EXPECT_THAT(Line(step->action), Not(HasSubstr("set-alarm-state")));
}

TEST(Alarm, W2_ActionsComeBackWhenTheNewMetricHasBeenEvaluated) {
  Case c;
  c.There().Pinned().seen().actions_enabled = false;
  c.past.open.push_back({.object = "actions of alarm latency", .before = "enabled", .wrote = "disabled"});
  c.seen().configured_at = c.now - absl::Minutes(4);
  Plan plan = c();
  EXPECT_EQ(StepCalled(plan, "enable"), nullptr);
  EXPECT_THAT(plan.diffs, IsEmpty());  // what we disabled ourselves is no difference
  const Wait* wait = WaitNamed(plan, RestoreName("actions of alarm latency"));
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->until, c.seen().configured_at + absl::Minutes(11));
  c.seen().configured_at = c.now - absl::Minutes(12);
  plan = c();
  ASSERT_TRUE(Goes(plan, "enable"));
  EXPECT_EQ(StepCalled(plan, "enable")->puts_back, "actions of alarm latency");
  EXPECT_EQ(StepCalled(plan, "enable")->duty, Step::Duty::kMustFinish);
  c.seen().actions_enabled = true;
  plan = c();
  EXPECT_THAT(plan.stages, IsEmpty());
  ASSERT_EQ(plan.restored.size(), 1U);
}

TEST(Alarm, W2_AnotherChangeMeanwhileLeavesThemDisabled) {
  Case c;
  c.There().Pinned().seen().actions_enabled = false;
  c.past.open.push_back({.object = "actions of alarm latency", .before = "enabled", .wrote = "disabled"});
  c.seen().configured_at = c.now - absl::Minutes(4);
  c.want.actions_enabled = true;
  EXPECT_EQ(StepCalled(c(), "put"), nullptr) << "that they are enabled again is the lease's own step";
  c.seen().threshold = 99;
  EXPECT_THAT(LineOf(c(), "put"), HasSubstr(R"("ActionsEnabled":false)"));
}

TEST(Alarm, W2_ActionsComeBackAtOnceWhenTheSpecIsGone) {
  Case c;
  c.There().seen().actions_enabled = false;
  c.past.open.push_back({.object = "actions of alarm latency", .before = "enabled", .wrote = "disabled"});
  c.purpose = Purpose::kRelease;
  EXPECT_TRUE(Goes(c(), "enable"));
}

TEST(Alarm, W2_RecreateDeletesSoThatTheStateBeginsAnew) {
  Case c;
  c.want.on_metric_change = OnMetricChange::kRecreate;
  c.There().Pinned().seen().metric = "RequestCount";
  const Plan plan = c();
  ASSERT_TRUE(Goes(plan, "delete")) << HeldBy(plan, "delete");
  EXPECT_EQ(StepCalled(plan, "delete")->danger, Danger::kDestructive);
  EXPECT_EQ(StepCalled(plan, "put"), nullptr);
}

TEST(Alarm, W3_TheMoreSevereAreWrittenFirst) {
  Case c;
  c.There().seen().threshold = 3;
  c.state.more_severe = 2;
  const Plan plan = c();
  EXPECT_THAT(HeldBy(plan, "put"), HasSubstr("W3: the most severe are written first: 2 more severe alarms"));
  EXPECT_TRUE(Asks(plan, kAskTurn));
  EXPECT_FALSE(Asks(plan, aws::Inventory::kFresh));  // whoever waits does not use up the rate of reads
  EXPECT_LT(plan.look_again, c.now + absl::Seconds(10));
}

TEST(Alarm, W4_WaitsForItsTopicAndPolicy) {
  Case c;
  c.refs.erase("AutoScalingGroup/web.policy:Grow");
  const Plan plan = c();
  EXPECT_THAT(plan.stages, IsEmpty());
  const Wait* wait = WaitNamed(plan, "AutoScalingGroup/web");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->on, Wait::On::kDependency);
  EXPECT_THAT(wait->detail, HasSubstr("policy:Grow"));
  EXPECT_EQ(WaitNamed(plan, "SnsTopic/ops"), nullptr);
}

TEST(Alarm, W4_TheOrderOfActionsIsNoDifference) {
  Case c;
  c.There();
  std::swap(c.want.actions->alarm[0], c.want.actions->alarm[1]);
  EXPECT_THAT(c().diffs, IsEmpty());
}

TEST(Alarm, W4_ActionsOfOthersAreTakenAwayWhereTheListIsOurs) {
  Case c;
  c.There().seen().ok_actions = {"arn:aws:sns:us-east-1:1:other"};
  const Plan plan = c();
  ASSERT_TRUE(Goes(plan, "put"));
  EXPECT_THAT(LineOf(plan, "put"), HasSubstr(R"("OKActions":[])"));
  c.want.actions.reset();
  EXPECT_THAT(c().diffs, IsEmpty());  // and left alone where it is not
}

TEST(Alarm, W4_MissingDataOfTablesIsNoDifference) {
  Case c;
  c.want.name_space = "AWS/DynamoDB", c.want.missing_data = MissingData::kBreaching;
  c.There().seen().missing_data = "notBreaching";
  EXPECT_THAT(c().diffs, IsEmpty());
  c.want.name_space = "AWS/ELB";
  c.There().seen().missing_data = "notBreaching";
  EXPECT_EQ(c().diffs.size(), 1U);
}

TEST(Alarm, W4_MissingDataThatIsNotToldIsMissing) {
  Case c;
  c.want.missing_data = MissingData::kMissing;
  c.There().seen().missing_data = "";
  EXPECT_THAT(c().diffs, IsEmpty());
}

TEST(Alarm, C2_NothingIsWrittenOnAListing) {
  Case c;
  c.There().seen().threshold = 3;
  c.state.read = State::Read::kSwept;
  const Plan plan = c();
  EXPECT_FALSE(Goes(plan, "put"));
  EXPECT_TRUE(Asks(plan, aws::Inventory::kFresh));
  EXPECT_FALSE(plan.diffs.empty());
  c.state.read = State::Read::kTargeted;
  EXPECT_TRUE(Goes(c(), "put"));
}

TEST(Alarm, TheKeyTellsTheEffectAndNothingElse) {
  Case c;
  c.There().seen().threshold = 3;
  const std::string first = StepCalled(c(), "put")->key;
  c.now += absl::Minutes(1);
  EXPECT_EQ(StepCalled(c(), "put")->key, first);
  c.want.threshold = 0.7;
  EXPECT_NE(StepCalled(c(), "put")->key, first);
}

TEST(Alarm, OneThatIsGoneFromTheSpecStaysUnlessPruned) {
  Case c;
  c.There().Pinned();
  c.purpose = Purpose::kRelease;
  EXPECT_THAT(c().stages, IsEmpty());
  c.purpose = Purpose::kPrune;
  ASSERT_TRUE(Goes(c(), "delete")) << HeldBy(c(), "delete");
  EXPECT_EQ(StepCalled(c(), "delete")->danger, Danger::kDestructive);
  EXPECT_THAT(LineOf(c(), "delete"), HasSubstr("aws cloudwatch delete-alarms"));
}

TEST(Alarm, C1_OnlyWhatIsOursIsPruned) {
  Case c;
  c.There().Tagged("someone");
  c.purpose = Purpose::kPrune;
  EXPECT_FALSE(Goes(c(), "delete"));
  EXPECT_TRUE(Goes(c.Tagged("CloudWatchAlarm")(), "delete"));
}

TEST(Alarm, IsReadFromWhatTheServiceTells) {
  const auto item = ParseJson(
      R"({"AlarmName":"a","AlarmArn":"arn:a","ActionsEnabled":false,"AlarmActions":["b","a"],)"
      R"("Namespace":"N","MetricName":"M","Dimensions":[{"Name":"d","Value":"v"}],"Statistic":"Sum",)"
      R"("Period":60,"EvaluationPeriods":5,"Threshold":0.95,"ComparisonOperator":"LessThanThreshold",)"
      R"("StateValue":"ALARM","AlarmConfigurationUpdatedTimestamp":1789999000.5})");
  const auto alarm = ReadAlarm(*item);
  ASSERT_TRUE(alarm.has_value());
  EXPECT_EQ(alarm->alarm_actions, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(alarm->actions_enabled);
  EXPECT_FALSE(alarm->is_computed);
  EXPECT_EQ(alarm->period, absl::Minutes(1));
  EXPECT_EQ(alarm->threshold, 0.95);
  EXPECT_EQ(alarm->state, "ALARM");
  EXPECT_EQ(absl::ToUnixMillis(alarm->configured_at), 1789999000500);
  EXPECT_TRUE(ReadAlarm(*ParseJson(R"({"AlarmName":"a","Metrics":[{"Id":"m"}]})"))->is_computed);
  EXPECT_FALSE(ReadAlarm(*ParseJson(R"({"Other":1})")).has_value());
}

}  // namespace
}  // namespace holdfast::alarm
