// Alarms, topics and images of the simulated account.
#include "tests/unit/sandbox_aws/account_lab.h"

namespace holdfast::sandbox::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class AccountAlarms : public AccountLab {
 protected:
  json::object CpuHigh(const std::string& name = "cpu-high") {
    return {{"AlarmName", Word(name)},
            {"Namespace", "AWS/EC2"},
            {"MetricName", "CPUUtilization"},
            {"Dimensions", json::array{json::object{{"Name", "AutoScalingGroupName"}, {"Value", "web"}}}},
            {"Statistic", "Average"},
            {"Period", 60},
            {"EvaluationPeriods", 1},
            {"Threshold", 40},
            {"ComparisonOperator", "GreaterThanOrEqualToThreshold"}};
  }
  const Alarm& At(const char* name) { return account.ground().alarms.all.at(name); }
  const MetricName cpu{"AWS/EC2", "CPUUtilization", {{"AutoScalingGroupName", "web"}}};
};

TEST_F(AccountAlarms, BeginsWithoutDataFollowsItsMetricAndKeepsItsStateOverAnUpdate) {
  ASSERT_EQ(Refusal("cloudwatch", "PutMetricAlarm", CpuHigh()), "");
  EXPECT_EQ(At("cpu-high").state, "INSUFFICIENT_DATA");
  account.SetMetric(cpu, 70);
  Wait(absl::Minutes(4));
  EXPECT_EQ(At("cpu-high").state, "ALARM");
  json::object other = CpuHigh();
  other["Dimensions"] = json::array{json::object{{"Name", "AutoScalingGroupName"}, {"Value", "other"}}};
  ASSERT_EQ(Refusal("cloudwatch", "PutMetricAlarm", other), "");
  EXPECT_EQ(At("cpu-high").state, "ALARM") << "of the metric that it was about before";
}
TEST_F(AccountAlarms, WhatIsLeftOutOfAnUpdateIsGone) {
  json::object put = CpuHigh();
  put["AlarmActions"] = json::array{"arn:aws:sns:us-east-1:123456789012:ops"};
  ASSERT_EQ(Refusal("cloudwatch", "PutMetricAlarm", put), "");
  ASSERT_EQ(Refusal("cloudwatch", "PutMetricAlarm", CpuHigh()), "");
  const Reply reply =
      Read("cloudwatch", "DescribeAlarms", json::object{{"AlarmNames", json::array{"cpu-high"}}});
  EXPECT_TRUE(reply.body.at("MetricAlarms").at(0).at("AlarmActions").as_array().empty());
}
TEST_F(AccountAlarms, AnAlarmOnATableIgnoresWhatIsMissing) {
  account.AddTable("users", {.read = 10, .write = 10});
  json::object put = CpuHigh("throttled");
  put["Namespace"] = "AWS/DynamoDB";
  put["MetricName"] = "ReadThrottleEvents";
  put["Statistic"] = "Sum";
  put["Dimensions"] = json::array{json::object{{"Name", "TableName"}, {"Value", "users"}}};
  put["TreatMissingData"] = "notBreaching";
  ASSERT_EQ(Refusal("cloudwatch", "PutMetricAlarm", put), "");
  account.SetLoad("users", {.read = 100});
  Wait(absl::Minutes(5));
  EXPECT_EQ(At("throttled").state, "ALARM");
  account.SetLoad("users", {});
  Wait(absl::Minutes(30));
  EXPECT_EQ(At("throttled").state, "ALARM") << "for ever";
}
TEST_F(AccountAlarms, LimitsAreThoseOfTheService) {
  json::object put = CpuHigh();
  put["AlarmActions"] = json::array{"arn:1", "arn:2", "arn:3", "arn:4", "arn:5", "arn:6"};
  EXPECT_THAT(Refusal("cloudwatch", "PutMetricAlarm", put), HasSubstr("less than or equal to 5"));
  put = CpuHigh();
  put["EvaluationPeriods"] = 1441;
  EXPECT_THAT(Refusal("cloudwatch", "PutMetricAlarm", put), HasSubstr("86400"));
  EXPECT_THAT(Refusal("cloudwatch", "DeleteAlarms", json::object{{"AlarmNames", json::array{"none"}}}),
              StartsWith("ResourceNotFound"));
}
TEST_F(AccountAlarms, TenThousandComeInAHundredPagesAndNobodyIsThrottled) {
  for (int i = 0; i < 10'000; ++i) {
    Alarm& alarm = account.scene().alarms.all[Cat("alarm-", i)];
    alarm.name = Cat("alarm-", i);
    alarm.put = CpuHigh(alarm.name);
  }
  const Listing all = ReadAll("cloudwatch", "DescribeAlarms", json::object{{"MaxRecords", 100}});
  ASSERT_TRUE(all.ok()) << all.failure->status.message();
  EXPECT_EQ(all.items.size(), 10'000u);
  EXPECT_EQ(all.pages, 100);
  EXPECT_EQ(account.throttled(), 0);
}
TEST_F(AccountAlarms, WhoAsksTooOftenIsToldSo) {
  for (int i = 0; i < 4; ++i) (void)account.Ask({"cloudwatch", "PutMetricAlarm", CpuHigh()}, By::kController);
  EXPECT_EQ(account.throttled(), 1);
}

// ── topics ──

TEST_F(AccountAlarms, ASubscriptionWaitsForItsReaderAndHasNoArnUntilThen) {
  const Reply topic = Write("sns", "CreateTopic", json::object{{"Name", "ops"}});
  const json::object ask = {
      {"TopicArn", Word(Text(topic, "TopicArn"))}, {"Protocol", "email"}, {"Endpoint", "ops@example.org"}};
  EXPECT_EQ(Text(Write("sns", "Subscribe", ask), "SubscriptionArn"), "pending confirmation");
  EXPECT_EQ(Text(Write("sns", "Subscribe", ask), "SubscriptionArn"), "pending confirmation");
  EXPECT_EQ(account.ground().topics.subscriptions.size(), 1u);
  EXPECT_EQ(account.ground().topics.subscriptions.begin()->second.letters, 2) << "a second letter";
  Listing listed = ReadAll("sns", "ListSubscriptions");
  EXPECT_EQ(TextAt(listed.items.at(0), "SubscriptionArn"), "PendingConfirmation");
  EXPECT_THAT(Refusal("sns", "Unsubscribe", json::object{{"SubscriptionArn", "PendingConfirmation"}}),
              StartsWith("InvalidParameter"));
  account.Confirm("ops@example.org");
  listed = ReadAll("sns", "ListSubscriptions");
  EXPECT_THAT(*TextAt(listed.items.at(0), "SubscriptionArn"), StartsWith("arn:aws:sns:"));
}
TEST_F(AccountAlarms, AnUnconfirmedSubscriptionExpiresAfterThreeDays) {
  account.Edit("sns", "CreateTopic", json::object{{"Name", "ops"}});
  account.Edit("sns", "Subscribe",
               json::object{{"TopicArn", "arn:aws:sns:us-east-1:123456789012:ops"},
                            {"Protocol", "email"},
                            {"Endpoint", "x@example.org"}});
  Wait(absl::Hours(73));
  EXPECT_TRUE(account.ground().topics.subscriptions.empty());
}
TEST_F(AccountAlarms, AttributesAreTold) {
  account.Edit("sns", "CreateTopic", json::object{{"Name", "ops"}});
  const Reply reply =
      Read("sns", "GetTopicAttributes", json::object{{"TopicArn", "arn:aws:sns:us-east-1:123456789012:ops"}});
  EXPECT_EQ(Text(reply, "Attributes.Owner"), "123456789012");
  EXPECT_EQ(Text(reply, "Attributes.SubscriptionsPending"), "0");
}

// ── images ──

TEST_F(AccountAlarms, AnImageTakesJustOverTwentyMinutesAndRebootsItsInstance) {
  account.AddGroup({.name = "web"});
  const std::string instance = account.ground().groups.all.at("web").members.at(0).id;
  const Reply made =
      Write("ec2", "CreateImage",
            json::object{{"InstanceId", Word(instance)},
                         {"Name", "web-1"},
                         {"TagSpecifications",
                          json::array{json::object{
                              {"ResourceType", "image"},
                              {"Tags", json::array{json::object{{"Key", "for"}, {"Value", "web"}}}}}}}});
  ASSERT_TRUE(made.ok()) << made.status().message();
  EXPECT_EQ(account.ground().machines.all.at(instance).reboots, 1);
  EXPECT_THAT(Refusal("autoscaling", "CreateLaunchConfiguration",
                      json::object{{"LaunchConfigurationName", "web-2"},
                                   {"ImageId", Word(Text(made, "imageId"))},
                                   {"InstanceType", "t3.micro"}}),
              HasSubstr("is pending"));
  EXPECT_THAT(Refusal("ec2", "CreateImage", json::object{{"InstanceId", Word(instance)}, {"Name", "web-1"}}),
              StartsWith("InvalidAMIName.Duplicate"));
  Wait(absl::Minutes(22));
  const Listing found = ReadAll(
      "ec2", "DescribeImages",
      json::object{
          {"Owners", json::array{"self"}},
          {"Filters", json::array{json::object{{"Name", "tag:for"}, {"Values", json::array{"web"}}}}}});
  ASSERT_EQ(found.items.size(), 1u);
  EXPECT_EQ(TextAt(found.items[0], "imageState"), "available");
  EXPECT_EQ(ReadAll("ec2", "DescribeImages",
                    json::object{{"Filters", json::array{json::object{{"Name", "name"},
                                                                      {"Values", json::array{"other"}}}}}})
                .items.size(),
            0u);
}

}  // namespace
}  // namespace holdfast::sandbox::aws
