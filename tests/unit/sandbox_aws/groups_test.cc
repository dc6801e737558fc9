// Auto Scaling groups of the simulated account: what they are told, and what they make of it.
#include "tests/unit/sandbox_aws/account_lab.h"

namespace holdfast::sandbox::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class AccountGroups : public AccountLab {
 protected:
  AccountGroups() { account.AddGroup({.name = "web", .balancers = {"front"}}); }
  std::string Update(json::object members) {
    members["AutoScalingGroupName"] = "web";
    return Refusal("autoscaling", "UpdateAutoScalingGroup", members);
  }
  Group& web() { return account.scene().groups.all.at("web"); }
  int64_t Now() { return Serving(account.ground(), web()); }
  std::string Suspend(const char* operation, const char* process) {
    return Refusal("autoscaling", operation,
                   json::object{{"AutoScalingGroupName", "web"}, {"ScalingProcesses", json::array{process}}});
  }
  std::string Terminate(const std::string& id, const char* decrement) {
    return Refusal(
        "autoscaling", "TerminateInstanceInAutoScalingGroup",
        json::object{{"InstanceId", Word(id)}, {"ShouldDecrementDesiredCapacity", Word(decrement)}});
  }
};

TEST_F(AccountGroups, BoundsDragTheDesiredSizeAlong) {
  EXPECT_EQ(Update({{"MinSize", 3}}), "");
  EXPECT_EQ(web().desired, 3);
  EXPECT_EQ(Update({{"MinSize", 1}}), "");
  EXPECT_EQ(web().desired, 3) << "ratcheted";
  EXPECT_EQ(Update({{"MaxSize", 2}}), "");
  EXPECT_EQ(web().desired, 2) << "scaled in silently";
}
TEST_F(AccountGroups, BoundsAreKept) {
  EXPECT_THAT(Update({{"DesiredCapacity", 9}}), HasSubstr("must be below max bound:4"));
  EXPECT_THAT(Update({{"MinSize", 5}}), HasSubstr("Max bound, 4"));
  EXPECT_THAT(Refusal("autoscaling", "SetDesiredCapacity",
                      json::object{{"AutoScalingGroupName", "web"}, {"DesiredCapacity", 0}}),
              HasSubstr("below min value 1"));
  EXPECT_EQ(web().desired, 2);
}
TEST_F(AccountGroups, AnInstanceServesOnlyAfterItsLaunchAndItsBalancersSight) {
  EXPECT_EQ(Now(), 2);
  EXPECT_EQ(Update({{"DesiredCapacity", 3}}), "");
  const Reply reply = Read("autoscaling", "DescribeAutoScalingGroups",
                           json::object{{"AutoScalingGroupNames", json::array{"web"}}});
  const json::value& group = reply.body.at("AutoScalingGroups").at(0);
  EXPECT_EQ(TextAt(group.at("Instances").at(2), "LifecycleState"), "Pending");
  Wait(absl::Seconds(41));
  EXPECT_EQ(web().members[2].is, Member::Is::kInService);
  EXPECT_EQ(Now(), 2) << "in service is not serving";
  const Reply health = Read("elb", "DescribeInstanceHealth", json::object{{"LoadBalancerName", "front"}});
  int out = 0;
  for (const json::value& state : health.body.at("InstanceStates").as_array())
    out += TextAt(state, "State") == "OutOfService" ? 1 : 0;
  EXPECT_EQ(out, 1);
  Wait(absl::Seconds(40));
  EXPECT_EQ(Now(), 3);
  const Listing activities =
      ReadAll("autoscaling", "DescribeScalingActivities", json::object{{"AutoScalingGroupName", "web"}});
  ASSERT_EQ(activities.items.size(), 1u);
  EXPECT_EQ(TextAt(activities.items[0], "StatusCode"), "Successful");
}
TEST_F(AccountGroups, ATerminatedInstanceIsReplacedUnlessTheSizeIsLowered) {
  const std::string id = web().members[0].id;
  EXPECT_EQ(Terminate(id, "false"), "");
  EXPECT_EQ(web().Find(id)->is, Member::Is::kTerminating);
  EXPECT_EQ(web().Counting(), 2) << "a new one is on its way";
  Wait(absl::Minutes(2));
  EXPECT_EQ(web().Find(id), nullptr);
  EXPECT_EQ(Now(), 2);
  EXPECT_EQ(Terminate(web().members[0].id, "true"), "");
  EXPECT_EQ(web().desired, 1);
  EXPECT_THAT(Terminate(web().members[1].id, "true"), HasSubstr("violate group's min size"));
}
TEST_F(AccountGroups, WithLaunchSuspendedNothingIsReplaced) {
  EXPECT_EQ(Suspend("SuspendProcesses", "Launch"), "");
  EXPECT_EQ(Terminate(web().members[0].id, "false"), "");
  Wait(absl::Minutes(5));
  EXPECT_EQ(Now(), 1);
  account.SeesUnhealthy(web().members[0].id);
  Wait(absl::Minutes(5));
  EXPECT_EQ(Now(), 0) << "ReplaceUnhealthy still terminates";
  EXPECT_EQ(Suspend("ResumeProcesses", "Launch"), "");
  Wait(absl::Minutes(5));
  EXPECT_EQ(Now(), 2);
  EXPECT_THAT(Suspend("SuspendProcesses", "Bogus"), StartsWith("ValidationError"));
}
TEST_F(AccountGroups, WhatWasLaunchedUnseenByTheBalancerStaysUnseen) {
  EXPECT_EQ(Suspend("SuspendProcesses", "AddToLoadBalancer"), "");
  EXPECT_EQ(Update({{"DesiredCapacity", 3}}), "");
  Wait(absl::Minutes(5));
  EXPECT_EQ(Suspend("ResumeProcesses", "AddToLoadBalancer"), "");
  Wait(absl::Minutes(5));
  EXPECT_EQ(Now(), 2);
  EXPECT_EQ(Refusal("elb", "RegisterInstancesWithLoadBalancer",
                    json::object{
                        {"LoadBalancerName", "front"},
                        {"Instances", json::array{json::object{{"InstanceId", Word(web().members[2].id)}}}}}),
            "");
  Wait(absl::Minutes(1));
  EXPECT_EQ(Now(), 3);
}
TEST_F(AccountGroups, ProtectedInstancesAreNotScaledIn) {
  web().members[0].is_protected = web().members[1].is_protected = true;
  EXPECT_EQ(Update({{"MinSize", 0}, {"DesiredCapacity", 1}}), "");
  Wait(absl::Minutes(5));
  EXPECT_EQ(Now(), 2);
}
TEST_F(AccountGroups, ABadImageFailsAndIsTriedAgain) {
  account.scene().machines.images["ami-bad"] = {.id = "ami-bad", .name = "bad"};
  ASSERT_EQ(Refusal("autoscaling", "CreateLaunchConfiguration",
                    json::object{{"LaunchConfigurationName", "web-2"},
                                 {"ImageId", "ami-bad"},
                                 {"InstanceType", "t3.micro"}}),
            "");
  account.scene().machines.images["ami-bad"].quality = Image::Quality::kDoesNotLaunch;
  EXPECT_EQ(Update({{"LaunchConfigurationName", "web-2"}, {"DesiredCapacity", 3}}), "");
  Wait(absl::Minutes(3));
  const Listing activities = ReadAll("autoscaling", "DescribeScalingActivities");
  EXPECT_GE(activities.items.size(), 3u);
  EXPECT_EQ(TextAt(activities.items[0], "StatusCode"), "Failed");
  EXPECT_EQ(WholeAt(activities.items[0], "Progress"), 100);
}
TEST_F(AccountGroups, NewConfigurationsTouchNewInstancesOnly) {
  ASSERT_EQ(Refusal("autoscaling", "CreateLaunchConfiguration",
                    json::object{{"LaunchConfigurationName", "web-2"},
                                 {"ImageId", "ami-steady"},
                                 {"InstanceType", "t3.micro"}}),
            "");
  EXPECT_THAT(Refusal("autoscaling", "CreateLaunchConfiguration",
                      json::object{{"LaunchConfigurationName", "web-2"},
                                   {"ImageId", "ami-steady"},
                                   {"InstanceType", "t3.micro"}}),
              StartsWith("AlreadyExists"));
  EXPECT_EQ(Update({{"LaunchConfigurationName", "web-2"}}), "");
  EXPECT_EQ(web().members[0].origin.configuration, "web-1");
  EXPECT_THAT(
      Refusal("autoscaling", "DeleteLaunchConfiguration", json::object{{"LaunchConfigurationName", "web-2"}}),
      StartsWith("ResourceInUse"));
  account.scene().groups.most_configurations = 2;
  EXPECT_THAT(Refusal("autoscaling", "CreateLaunchConfiguration",
                      json::object{{"LaunchConfigurationName", "web-3"},
                                   {"ImageId", "ami-steady"},
                                   {"InstanceType", "t3.micro"}}),
              StartsWith("LimitExceeded"));
}
TEST_F(AccountGroups, ARefreshReplacesWhatIsOldOneByOne) {
  ASSERT_EQ(Refusal("autoscaling", "CreateLaunchConfiguration",
                    json::object{{"LaunchConfigurationName", "web-2"},
                                 {"ImageId", "ami-steady"},
                                 {"InstanceType", "t3.micro"}}),
            "");
  EXPECT_EQ(Update({{"LaunchConfigurationName", "web-2"}}), "");
  EXPECT_EQ(Refusal("autoscaling", "StartInstanceRefresh", json::object{{"AutoScalingGroupName", "web"}}),
            "");
  EXPECT_THAT(Refusal("autoscaling", "StartInstanceRefresh", json::object{{"AutoScalingGroupName", "web"}}),
              StartsWith("InstanceRefreshInProgress"));
  Wait(absl::Minutes(10));
  EXPECT_EQ(web().refreshes.back().status, "Successful");
  for (const Member& member : web().members) EXPECT_EQ(member.origin.configuration, "web-2");
}
TEST_F(AccountGroups, ARefreshKeepsEnoughInServiceAndPassesOverWhatIsSetApart) {
  web().members[0].is_protected = true;
  const std::string spared = web().members[0].id;
  const Reply begun = Write("autoscaling", "StartInstanceRefresh",
                            json::object{{"AutoScalingGroupName", "web"},
                                         {"Preferences", json::object{{"MinHealthyPercentage", 50},
                                                                      {"InstanceWarmup", 120},
                                                                      {"ScaleInProtectedInstances", "Ignore"},
                                                                      {"StandbyInstances", "Ignore"}}}});
  const auto told = [&] {
    const Listing all =
        ReadAll("autoscaling", "DescribeInstanceRefreshes", json::object{{"AutoScalingGroupName", "web"}});
    return all.items.at(0);
  };
  EXPECT_EQ(TextAt(told(), "Status"), "Pending");
  EXPECT_EQ(TextAt(told(), "InstanceRefreshId"), Text(begun, "InstanceRefreshId"));
  EXPECT_EQ(WholeAt(told(), "Preferences.MinHealthyPercentage"), 50);
  Wait(absl::Minutes(1));
  EXPECT_EQ(TextAt(told(), "Status"), "InProgress");
  EXPECT_EQ(Now(), 1);
  Wait(absl::Minutes(2));
  EXPECT_EQ(Now(), 2) << "it serves, and is not warm yet";
  EXPECT_EQ(WholeAt(told(), "PercentageComplete"), 50);
  EXPECT_EQ(TextAt(told(), "Status"), "InProgress");
  Wait(absl::Minutes(4));
  EXPECT_EQ(TextAt(told(), "Status"), "Successful");
  EXPECT_NE(web().Find(spared), nullptr);
}
TEST_F(AccountGroups, ARefreshThatStandsStillFails) {
  web().members[0].is_protected = true;
  EXPECT_EQ(Refusal("autoscaling", "StartInstanceRefresh", json::object{{"AutoScalingGroupName", "web"}}),
            "");
  Wait(absl::Hours(2));
  EXPECT_EQ(web().refreshes.back().status, "Failed");
  EXPECT_THAT(web().refreshes.back().reason, HasSubstr("for an hour"));
  EXPECT_EQ(Now(), 2);
}
TEST_F(AccountGroups, AnAlarmRunsItsPolicyAgainAndAgainUntilTheBound) {
  const Reply put = Write("autoscaling", "PutScalingPolicy",
                          json::object{{"AutoScalingGroupName", "web"},
                                       {"PolicyName", "Increase Group Size"},
                                       {"AdjustmentType", "ChangeInCapacity"},
                                       {"ScalingAdjustment", 1},
                                       {"Cooldown", 300}});
  ASSERT_TRUE(put.ok()) << put.status().message();
  EXPECT_THAT(Text(put, "PolicyARN"), HasSubstr("policyName/Increase Group Size"));
  account.Edit("cloudwatch", "PutMetricAlarm",
               json::object{{"AlarmName", "cpu-high"},
                            {"Namespace", "AWS/EC2"},
                            {"MetricName", "CPUUtilization"},
                            {"Statistic", "Average"},
                            {"Period", 60},
                            {"EvaluationPeriods", 1},
                            {"Threshold", 40},
                            {"ComparisonOperator", "GreaterThanOrEqualToThreshold"},
                            {"AlarmActions", json::array{Word(Text(put, "PolicyARN"))}}});
  account.SetMetric({"AWS/EC2", "CPUUtilization", {}}, 90);
  Wait(absl::Minutes(5));
  EXPECT_EQ(web().desired, 3);
  Wait(absl::Minutes(30));
  EXPECT_EQ(web().desired, 4);
  const Listing policies =
      ReadAll("autoscaling", "DescribePolicies", json::object{{"AutoScalingGroupName", "web"}});
  EXPECT_EQ(TextAt(policies.items.at(0).at("Alarms").at(0), "AlarmName"), "cpu-high");
}
TEST_F(AccountGroups, AStandbyKeepsItsPlaceAndReturns) {
  const std::string id = web().members[0].id;
  EXPECT_EQ(Refusal("autoscaling", "EnterStandby",
                    json::object{{"AutoScalingGroupName", "web"},
                                 {"InstanceIds", json::array{Word(id)}},
                                 {"ShouldDecrementDesiredCapacity", true}}),
            "");
  Wait(absl::Minutes(1));
  EXPECT_EQ(web().Find(id)->is, Member::Is::kStandby);
  EXPECT_EQ(Now(), 1);
  EXPECT_EQ(Refusal("autoscaling", "ExitStandby",
                    json::object{{"AutoScalingGroupName", "web"}, {"InstanceIds", json::array{Word(id)}}}),
            "");
  Wait(absl::Minutes(2));
  EXPECT_EQ(Now(), 2);
}
TEST_F(AccountGroups, AMissingGroupIsAValidationErrorOfItsOwnKind) {
  EXPECT_EQ(Write("autoscaling", "SetDesiredCapacity",
                  json::object{{"AutoScalingGroupName", "none"}, {"DesiredCapacity", 1}})
                .failure->trouble,
            Trouble::kMissing);
}

}  // namespace
}  // namespace holdfast::sandbox::aws
