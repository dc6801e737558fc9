// What `holdfast validate` says of alarms, with its place.
#include <gmock/gmock.h>

#include "reconcilers/cloudwatch_alarm/kind.h"
#include "tests/unit/aws/decided.h"

namespace holdfast::alarm {
namespace {

using testing::HasSubstr;

std::string Problems(const std::string& yaml) {
  Spec spec;
  return aws::Read<CloudWatchAlarm>("region: us-east-1\nname: a\n" + yaml, spec).text();
}

TEST(AlarmSpec, AMetricThatTheNamespaceDoesNotHaveIsWarnedOf) {
  const std::string text = Problems("namespace: AWS/ELB\nmetric: HealthHostCount\n");
  EXPECT_THAT(text, HasSubstr("warning"));
  EXPECT_THAT(text, HasSubstr("AWS/ELB has no metric HealthHostCount"));
  EXPECT_THAT(text, HasSubstr("did you mean HealthyHostCount?"));
  EXPECT_THAT(text, HasSubstr("a.yaml:4:9"));
}

TEST(AlarmSpec, AMetricOfAnotherNamespaceIsSentHome) {
  const std::string text = Problems("namespace: AWS/ELB\nmetric: CPUUtilization\n");
  EXPECT_THAT(text, HasSubstr("AWS/ELB has no metric CPUUtilization"));
  EXPECT_THAT(text, HasSubstr("write `namespace: AWS/EC2`"));
}

TEST(AlarmSpec, ADimensionThatTheNamespaceDoesNotHaveIsWarnedOf) {
  const std::string text =
      Problems("namespace: AWS/EC2\nmetric: CPUUtilization\ndimensions: {AutoscalingGroupName: web}\n");
  EXPECT_THAT(text, HasSubstr("has the dimension AutoscalingGroupName"));
  EXPECT_THAT(text, HasSubstr("did you mean AutoScalingGroupName?"));
  EXPECT_THAT(text, HasSubstr("a.yaml:5:14"));
}

TEST(AlarmSpec, OfANamespaceThatIsNotKnownNothingIsSaid) {
  EXPECT_EQ(Problems("namespace: Shop\nmetric: HealthHostCount\ndimensions: {a: b}\n"), "");
}

TEST(AlarmSpec, MissingDataOfTablesIsWarnedOf) {
  EXPECT_THAT(Problems("namespace: AWS/DynamoDB\nmetric: ReadThrottleEvents\nmissingData: breaching\n"),
              HasSubstr("ignore missing data"));
}

TEST(AlarmSpec, WhatTheServiceRefusesIsAnError) {
  EXPECT_THAT(Problems("period: 45s\n"), HasSubstr("whole minutes"));
  EXPECT_THAT(Problems("period: 5m\nevaluationPeriods: 400\n"), HasSubstr("the service takes"));
  EXPECT_EQ(Problems("period: 1h\nevaluationPeriods: 100\n"), "");
  EXPECT_THAT(Problems("evaluationPeriods: 2\ndatapointsToAlarm: 3\n"), HasSubstr("3 of 2 periods"));
  EXPECT_THAT(Problems("metric: Latency\n"), HasSubstr("namespace"));
  EXPECT_THAT(Problems("statistic: Sum\nextendedStatistic: p99\n"), HasSubstr("extendedStatistic"));
  EXPECT_THAT(Problems("actions: {ok: [{arn: \"arn:a\"}, {arn: \"arn:a\"}]}\n"), HasSubstr("stands twice"));
  EXPECT_THAT(
      Problems("actions: {ok: [{arn: \"arn:a\"}, {arn: \"arn:b\"}, {arn: \"arn:c\"}, {arn: \"arn:d\"}, "
               "{arn: \"arn:e\"}, {arn: \"arn:f\"}]}\n"),
      HasSubstr("at most 5"));
}

}  // namespace
}  // namespace holdfast::alarm
