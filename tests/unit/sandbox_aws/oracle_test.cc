// What the client asks and the simulated account answers, compared with botocore's models of the services.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/unit/sandbox_aws/account_lab.h"

namespace holdfast::sandbox::aws {
namespace {

class AccountOracle : public AccountLab {
 protected:
  AccountOracle() {
    http.on_exchange = [this](const Asked& asked, const Said& said, const HttpResponse& response) {
      json::object headers;
      for (const auto& [name, value] : response.headers) headers[name] = Word(value);
      const auto* document = std::get_if<json::object>(&said);
      exchanges += Compact(json::object{{"service", Word(asked.service)},
                                        {"operation", Word(asked.operation)},
                                        {"parameters", asked.parameters},
                                        {"status", response.status},
                                        {"headers", headers},
                                        {"body", Word(response.body)},
                                        {"document", document ? *document : json::object()}});
      exchanges += '\n';
    };
  }
  void Do(const char* service, const char* operation, json::value parameters) {
    const Reply reply = Write(service, operation, std::move(parameters));
    EXPECT_TRUE(reply.ok()) << reply.status().message();
  }
  void See(const char* service, const char* operation, json::value parameters = json::object()) {
    const Reply reply = Read(service, operation, std::move(parameters));
    EXPECT_TRUE(reply.ok()) << reply.status().message();
  }
  void TalkOfTables();
  void TalkOfAlarms();
  void TalkOfGroups();
  void TalkOfMachines();

  std::string exchanges;
};

void AccountOracle::TalkOfTables() {
  account.AddTable("users", {.read = 10, .write = 10});
  account.AddIndex("users", "by-mail", {.read = 5, .write = 5});
  See("dynamodb", "ListTables");
  Do("dynamodb", "UpdateTable",
     json::object{
         {"TableName", "users"},
         {"ProvisionedThroughput", json::object{{"ReadCapacityUnits", 5}, {"WriteCapacityUnits", 20}}}});
  See("dynamodb", "DescribeTable", json::object{{"TableName", "users"}});
  See("dynamodb", "ListTagsOfResource",
      json::object{{"ResourceArn", "arn:aws:dynamodb:us-east-1:123456789012:table/users"}});
  See("dynamodb", "DescribeLimits");
  Do("application-autoscaling", "RegisterScalableTarget",
     json::object{{"ServiceNamespace", "dynamodb"},
                  {"ResourceId", "table/users"},
                  {"ScalableDimension", "dynamodb:table:ReadCapacityUnits"},
                  {"MinCapacity", 1},
                  {"MaxCapacity", 9}});
  See("application-autoscaling", "DescribeScalableTargets", json::object{{"ServiceNamespace", "dynamodb"}});
  See("application-autoscaling", "DescribeScalingPolicies", json::object{{"ServiceNamespace", "dynamodb"}});
}

void AccountOracle::TalkOfAlarms() {
  Do("sns", "CreateTopic", json::object{{"Name", "ops"}});
  const char* topic = "arn:aws:sns:us-east-1:123456789012:ops";
  Do("sns", "Subscribe",
     json::object{{"TopicArn", topic}, {"Protocol", "email"}, {"Endpoint", "ops@example.org"}});
  See("sns", "ListTopics");
  See("sns", "ListSubscriptions");
  See("sns", "GetTopicAttributes", json::object{{"TopicArn", topic}});
  Do("sns", "TagResource",
     json::object{{"ResourceArn", topic}, {"Tags", json::array{json::object{{"Key", "a"}, {"Value", "b"}}}}});
  See("sns", "ListTagsForResource", json::object{{"ResourceArn", topic}});
  Do("cloudwatch", "PutMetricAlarm",
     json::object{{"AlarmName", "high"},
                  {"Namespace", "AWS/EC2"},
                  {"MetricName", "CPUUtilization"},
                  {"Dimensions", json::array{json::object{{"Name", "n"}, {"Value", "v"}}}},
                  {"Statistic", "Average"},
                  {"Period", 60},
                  {"EvaluationPeriods", 1},
                  {"Threshold", 40},
                  {"ComparisonOperator", "GreaterThanThreshold"},
                  {"AlarmActions", json::array{topic}}});
  See("cloudwatch", "DescribeAlarms", json::object{{"AlarmTypes", json::array{"MetricAlarm"}}});
  account.SetMetric({"AWS/EC2", "CPUUtilization", {{"n", "v"}}}, 50);
  Wait(absl::Minutes(10));
  See("cloudwatch", "GetMetricData",
      json::object{
          {"StartTime", absl::ToUnixSeconds(clock.Now() - absl::Minutes(5))},
          {"EndTime", absl::ToUnixSeconds(clock.Now())},
          {"MetricDataQueries",
           json::array{json::object{
               {"Id", "q"},
               {"MetricStat", json::object{{"Metric", json::object{{"Namespace", "AWS/EC2"},
                                                                   {"MetricName", "CPUUtilization"}}},
                                           {"Period", 60},
                                           {"Stat", "Average"}}}}}}});
  Do("cloudwatch", "DeleteAlarms", json::object{{"AlarmNames", json::array{"high"}}});
}

void AccountOracle::TalkOfGroups() {
  account.AddGroup({.name = "web", .balancers = {"front"}, .target_groups = {"arn:tg/web"}});
  account.scene().groups.all.at("web").suspended["Launch"] = "why";
  Do("autoscaling", "CreateOrUpdateTags",
     json::object{{"Tags", json::array{json::object{{"ResourceId", "web"},
                                                    {"ResourceType", "auto-scaling-group"},
                                                    {"Key", "k"},
                                                    {"Value", "v"},
                                                    {"PropagateAtLaunch", true}}}}});
  Do("autoscaling", "PutScalingPolicy",
     json::object{{"AutoScalingGroupName", "web"},
                  {"PolicyName", "up"},
                  {"AdjustmentType", "ChangeInCapacity"},
                  {"ScalingAdjustment", 1}});
  Do("autoscaling", "PutLifecycleHook",
     json::object{{"AutoScalingGroupName", "web"},
                  {"LifecycleHookName", "drain"},
                  {"LifecycleTransition", "autoscaling:EC2_INSTANCE_TERMINATING"}});
  Do("autoscaling", "PutScheduledUpdateGroupAction",
     json::object{{"AutoScalingGroupName", "web"},
                  {"ScheduledActionName", "evening"},
                  {"Recurrence", "0 18 * * *"},
                  {"MinSize", 2}});
  Do("autoscaling", "TerminateInstanceInAutoScalingGroup",
     json::object{{"InstanceId", Word(account.ground().groups.all.at("web").members[0].id)},
                  {"ShouldDecrementDesiredCapacity", true}});
  Do("autoscaling", "StartInstanceRefresh",
     json::object{{"AutoScalingGroupName", "web"},
                  {"Strategy", "Rolling"},
                  {"Preferences", json::object{{"MinHealthyPercentage", 90},
                                               {"InstanceWarmup", 300},
                                               {"ScaleInProtectedInstances", "Ignore"},
                                               {"StandbyInstances", "Wait"}}}});
  for (const char* read :
       {"DescribeAutoScalingGroups", "DescribeScalingActivities", "DescribePolicies",
        "DescribeLaunchConfigurations", "DescribeScheduledActions", "DescribeAccountLimits", "DescribeTags"})
    See("autoscaling", read);
  for (const char* read : {"DescribeLifecycleHooks", "DescribeInstanceRefreshes"})
    See("autoscaling", read, json::object{{"AutoScalingGroupName", "web"}});
}

void AccountOracle::TalkOfMachines() {
  account.scene().machines.templates["lt-1"] = {
      .id = "lt-1", .name = "web", .versions = {{{"ImageId", "ami-1"}}}};
  See("elb", "DescribeLoadBalancers");
  See("elb", "DescribeInstanceHealth", json::object{{"LoadBalancerName", "front"}});
  See("elbv2", "DescribeTargetGroups");
  See("elbv2", "DescribeTargetHealth", json::object{{"TargetGroupArn", "arn:tg/web"}});
  Do("ec2", "CreateImage",
     json::object{{"InstanceId", Word(account.ground().groups.all.at("web").members[1].id)},
                  {"Name", "web-1"},
                  {"NoReboot", true}});
  See("ec2", "DescribeImages", json::object{{"Owners", json::array{"self"}}});
  See("ec2", "DescribeInstances",
      json::object{{"Filters", json::array{json::object{{"Name", "instance-state-name"},
                                                        {"Values", json::array{"running"}}}}}});
  See("ec2", "DescribeInstanceStatus");
  See("ec2", "DescribeLaunchTemplates");
  See("ec2", "DescribeLaunchTemplateVersions", json::object{{"LaunchTemplateId", "lt-1"}});
}

TEST_F(AccountOracle, AgreesWithBotocore) {
  TalkOfTables();
  TalkOfAlarms();
  TalkOfGroups();
  TalkOfMachines();
  const std::string path = Cat(testing::TempDir(), "exchanges-", getpid(), ".json");
  std::ofstream(path) << exchanges;
  const int code = std::system(Cat("python3 tests/unit/sandbox_aws/botocore_check.py ", path).c_str());
  std::remove(path.c_str());
  ASSERT_TRUE(WIFEXITED(code));
  if (WEXITSTATUS(code) == 77 || WEXITSTATUS(code) == 127) GTEST_SKIP() << "no python3 with botocore here";
  EXPECT_EQ(WEXITSTATUS(code), 0);
}

}  // namespace
}  // namespace holdfast::sandbox::aws
