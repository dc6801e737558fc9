// The watchman of an account notices each wrong that he is there for.
#include "tests/contract/account_watchman.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"

namespace holdfast::contract {
namespace {

using sandbox::By;
using sandbox::aws::Fault;
using sandbox::aws::Group;
using sandbox::aws::Member;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AccountWatched : public testing::Test {
 protected:
  AccountWatched() {
    account.AddTable("users", {.read = 100, .write = 50});
    account.AddGroup({.name = "web"});
    watchman.capacity["users"] = {.least = {80, 40}, .most = {400, 200}, .decreases = 1};
    watchman.groups["web"].most_terminations = 1;
  }
  void Do(const char* service, const char* operation, json::value parameters) {
    const auto said = account.Ask({service, operation, std::move(parameters)}, By::kController);
    if (const Fault* fault = std::get_if<Fault>(&said)) ADD_FAILURE() << fault->code << fault->message;
  }
  void Update(int64_t read, int64_t write) {
    Do("dynamodb", "UpdateTable",
       json::object{{"TableName", "users"},
                    {"ProvisionedThroughput",
                     json::object{{"ReadCapacityUnits", read}, {"WriteCapacityUnits", write}}}});
    Wait(absl::Seconds(10));
  }
  void Processes(const char* operation, const char* process) {
    Do("autoscaling", operation,
       json::object{{"AutoScalingGroupName", "web"}, {"ScalingProcesses", json::array{process}}});
  }
  void Terminate(const std::string& id) {
    Do("autoscaling", "TerminateInstanceInAutoScalingGroup",
       json::object{{"InstanceId", JsonView(id)}, {"ShouldDecrementDesiredCapacity", false}});
  }
  void Alarm(json::array actions) {
    Do("cloudwatch", "PutMetricAlarm",
       json::object{{"AlarmName", "high"},
                    {"Namespace", "AWS/EC2"},
                    {"MetricName", "CPUUtilization"},
                    {"Statistic", "Average"},
                    {"Period", 60},
                    {"EvaluationPeriods", 1},
                    {"Threshold", 40},
                    {"ComparisonOperator", "GreaterThanThreshold"},
                    {"AlarmActions", std::move(actions)}});
  }
  void Wait(absl::Duration duration) { account.Advance(account.ground().now + duration); }
  Group& web() { return account.scene().groups.all.at("web"); }

  sandbox::aws::Account account{absl::FromUnixSeconds(1'795'000'000), {}};
  AccountWatchman watchman{account};
};

TEST_F(AccountWatched, SaysNothingToWhatIsRight) {
  Update(200, 100);
  Update(90, 100);
  Processes("SuspendProcesses", "AZRebalance");
  Processes("ResumeProcesses", "AZRebalance");
  Terminate(web().members[0].id);
  Wait(absl::Minutes(5));
  EXPECT_THAT(watchman.complaints(), IsEmpty());
  EXPECT_EQ(watchman.InTheEnd(), "");
  EXPECT_EQ(watchman.effects(), 5);
}
TEST_F(AccountWatched, CapacityOutOfItsRangeAndOneDecreaseTooMany) {
  Update(70, 50);
  Update(500, 50);
  Update(90, 50);
  EXPECT_THAT(watchman.complaints(), ElementsAre(HasSubstr("lowered to 70/50"), HasSubstr("raised to 500/50"),
                                                 HasSubstr("lowered once more")));
}
TEST_F(AccountWatched, WhatAPersonDoesIsHisOwn) {
  account.Edit("dynamodb", "UpdateTable",
               json::object{{"TableName", "users"},
                            {"ProvisionedThroughput",
                             json::object{{"ReadCapacityUnits", 1}, {"WriteCapacityUnits", 1}}}});
  EXPECT_THAT(watchman.complaints(), IsEmpty());
  EXPECT_EQ(watchman.effects(), 0);
}
TEST_F(AccountWatched, ProtectedStandbyAndTheLastThatServes) {
  web().members[0].is_protected = true;
  web().members[1].is = Member::Is::kStandby;
  Terminate(web().members[0].id);
  Terminate(web().members[1].id);
  EXPECT_THAT(watchman.complaints(), ElementsAre(HasSubstr("protected"), HasSubstr("only 0 are left"),
                                                 HasSubstr("in standby"), HasSubstr("more are terminated")));
}
TEST_F(AccountWatched, AGroupMadeSmallerUntilNobodyServes) {
  Do("autoscaling", "UpdateAutoScalingGroup",
     json::object{{"AutoScalingGroupName", "web"}, {"MinSize", 0}, {"DesiredCapacity", 0}});
  EXPECT_THAT(watchman.complaints(), ElementsAre(HasSubstr("only 0 are left"), HasSubstr("only 0 are left")));
}
TEST_F(AccountWatched, AProcessThatSomebodyElseSuspendedOrThatIsForgotten) {
  account.Edit("autoscaling", "SuspendProcesses",
               json::object{{"AutoScalingGroupName", "web"}, {"ScalingProcesses", json::array{"Launch"}}});
  Processes("SuspendProcesses", "AZRebalance");
  Processes("ResumeProcesses", "Launch");
  EXPECT_THAT(watchman.complaints(), ElementsAre(HasSubstr("Launch was suspended by somebody else")));
  EXPECT_THAT(watchman.InTheEnd(), HasSubstr("AZRebalance of web was never resumed"));
}
TEST_F(AccountWatched, AnAlarmThatLosesItsActions) {
  watchman.alarms["high"].alarm = {"arn:a"};
  Alarm({"arn:a"});
  EXPECT_THAT(watchman.complaints(), IsEmpty());
  Alarm({});
  EXPECT_THAT(watchman.complaints(), ElementsAre(HasSubstr("has not the declared actions")));
  EXPECT_THAT(watchman.InTheEnd(), HasSubstr("the alarm high"));
}
TEST_F(AccountWatched, WhatIsDeletedAndWhatIsRefused) {
  Do("dynamodb", "DeleteTable", json::object{{"TableName", "users"}});
  EXPECT_THAT(watchman.complaints(), ElementsAre(HasSubstr("nobody asked for that")));
  for (int i = 0; i < 2; ++i)
    (void)account.Ask({"dynamodb", "UpdateTable", json::object{{"TableName", "none"}}}, By::kController);
  EXPECT_THAT(watchman.InTheEnd(), HasSubstr("2 writes were refused"));
}
TEST_F(AccountWatched, TwoVersionsThatServeTogether) {
  watchman.groups["web"].versions = AccountWatchman::Size::Versions::kNeverTogether;
  web().members[0].origin.configuration = "other";
  Processes("SuspendProcesses", "AZRebalance");
  EXPECT_THAT(watchman.complaints(), ElementsAre(HasSubstr("two versions of web")));
}

}  // namespace
}  // namespace holdfast::contract
