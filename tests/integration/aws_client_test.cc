#include <gmock/gmock.h>

#include <set>
#include <string>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"
#include "tests/integration/moto_lab.h"

namespace holdfast::aws {
namespace {

using testing::HasSubstr;
using testing::Not;

struct RealAws : OnMoto {
  void SetUp() override {
    OnMoto::SetUp();
    if (IsSkipped()) return;
    moto->Unchecked("PUT", "/holdfast-bucket", "s3", "");
    CheckEveryCall();
  }
  json::value Parameters(std::string_view text) { return *ParseJson(text); }
  Call Of(std::string service, std::string operation, std::string_view parameters) {
    return {{.region = "us-east-1"}, std::move(service), std::move(operation), Parameters(parameters)};
  }
  json::value Read(std::string service, std::string operation, std::string_view parameters = "{}") {
    const Reply reply = SendRead(Of(std::move(service), std::move(operation), parameters));
    EXPECT_TRUE(reply.ok()) << reply.status().message();
    return reply.body;
  }
  void Write(std::string service, std::string operation, std::string_view parameters) {
    const Reply reply = SendWrite(Of(std::move(service), std::move(operation), parameters));
    EXPECT_TRUE(reply.ok()) << reply.status().message();
  }
  Listing All(std::string service, std::string operation, std::string_view parameters) {
    Listing listing =
        rig.Wait(system.client.ReadAll(Of(std::move(service), std::move(operation), parameters), kDeadline));
    EXPECT_TRUE(listing.ok()) << listing.failure->status.message();
    return listing;
  }

  System& system = systems.Use<System>();
};

TEST_F(RealAws, EveryProtocolIsUnderstoodAndEverySignatureAccepted) {
  // JSON 1.0.
  for (const char* name : {"one", "two", "three"})
    Write("dynamodb", "CreateTable",
          Cat(R"({"TableName":"table-)", name,
              R"(","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}],)"
              R"("KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],)"
              R"("ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}})"));
  const Listing tables = All("dynamodb", "ListTables", R"({"Limit":2})");
  EXPECT_EQ(tables.items.size(), 3U);
  EXPECT_EQ(tables.pages, 2);
  const json::value table = Read("dynamodb", "DescribeTable", R"({"TableName":"table-one"})");
  EXPECT_EQ(WholeAt(table, "Table.ProvisionedThroughput.WriteCapacityUnits"), 6);
  Write(
      "dynamodb", "UpdateTable",
      R"({"TableName":"table-one","ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":8}})");
  // Query, with lists, structures, characters that are encoded, and user data.
  Write("autoscaling", "CreateLaunchConfiguration",
        R"({"LaunchConfigurationName":"lc 1/*","ImageId":"ami-12345678","InstanceType":"t3.micro",)"
        R"("UserData":"#!/bin/sh\necho a b & c\n"})");
  for (int i = 0; i < 3; ++i)
    Write("autoscaling", "CreateAutoScalingGroup",
          Cat(R"({"AutoScalingGroupName":"web )", i, R"(","LaunchConfigurationName":"lc 1/*","MinSize":0,)",
              R"("MaxSize":2,"DesiredCapacity":0,"AvailabilityZones":["us-east-1a","us-east-1b"],)",
              R"("Tags":[{"Key":"role","Value":"a+b=ü","PropagateAtLaunch":true}]})"));
  const Listing groups = All("autoscaling", "DescribeAutoScalingGroups", R"({"MaxRecords":1})");
  ASSERT_EQ(groups.items.size(), 3U);
  EXPECT_EQ(groups.pages, 3);
  EXPECT_EQ(WholeAt(groups.items[0], "MaxSize"), 2);
  EXPECT_EQ(ListAt(groups.items[0], "AvailabilityZones")->size(), 2U);
  EXPECT_EQ(TextAt(*ListAt(groups.items[0], "Tags")->at(0), "Value"), "a+b=ü");
  const json::value found =
      Read("autoscaling", "DescribeAutoScalingGroups", R"({"AutoScalingGroupNames":["web 1"]})");
  EXPECT_EQ(ListAt(found, "AutoScalingGroups")->size(), 1U);
  Write("autoscaling", "SuspendProcesses",
        R"({"AutoScalingGroupName":"web 1","ScalingProcesses":["Launch"]})");
  // JSON of CloudWatch.
  for (int i = 0; i < 3; ++i)
    Write("cloudwatch", "PutMetricAlarm",
          Cat(R"({"AlarmName":"cpu-)", i, R"(","Namespace":"AWS/EC2","MetricName":"CPUUtilization",)",
              R"("Statistic":"Average","Period":300,"EvaluationPeriods":1,"Threshold":40.5,)",
              R"("ComparisonOperator":"GreaterThanOrEqualToThreshold"})"));
  const Listing alarms =
      All("cloudwatch", "DescribeAlarms", R"({"AlarmTypes":["MetricAlarm"],"MaxRecords":100})");
  EXPECT_EQ(alarms.items.size(), 3U);
  EXPECT_EQ(NumberAt(alarms.items[0], "Threshold"), 40.5);
  // Query with a map.
  Write("sns", "CreateTopic", R"({"Name":"ops","Attributes":{"DisplayName":"d & d"}})");
  EXPECT_EQ(All("sns", "ListTopics", "{}").items.size(), 1U);
  // EC2's own and S3's.
  Read("ec2", "DescribeInstances", R"({"Filters":[{"Name":"tag:a","Values":["b c","d"]}],"MaxResults":50})");
  Write("s3", "PutBucketVersioning",
        R"({"Bucket":"holdfast-bucket","VersioningConfiguration":{"Status":"Enabled"}})");
  EXPECT_EQ(TextAt(Read("s3", "GetBucketVersioning", R"({"Bucket":"holdfast-bucket"})"), "Status"),
            "Enabled");
  Read("elbv2", "DescribeTargetGroups");
  Read("elb", "DescribeLoadBalancers");
}

TEST_F(RealAws, ErrorsOfEveryProtocolHaveTheirCode) {
  const auto trouble = [&](std::string service, std::string operation, std::string_view parameters) {
    const Reply reply = SendRead(Of(std::move(service), std::move(operation), parameters));
    return reply.ok() ? "none" : std::string(TroubleName(reply.failure->trouble));
  };
  EXPECT_EQ(trouble("dynamodb", "DescribeTable", R"({"TableName":"nobody"})"), "missing");
  EXPECT_EQ(trouble("sns", "GetTopicAttributes", R"({"TopicArn":"arn:aws:sns:us-east-1:123456789012:no"})"),
            "missing");
  EXPECT_EQ(trouble("ec2", "DescribeInstances", R"({"InstanceIds":["i-12345678"]})"), "missing");
  EXPECT_EQ(trouble("s3", "GetBucketTagging", R"({"Bucket":"holdfast-bucket"})"), "missing");
  EXPECT_EQ(trouble("elbv2", "DescribeTargetHealth",
                    R"({"TargetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/b"})"),
            "missing");
  // What it does not have is answered with a page for people.
  EXPECT_EQ(trouble("autoscaling", "DescribeAccountLimits", "{}"), "foreign");
}

TEST_F(RealAws, AWrongSecretIsRefusedAndDoesNotShow) {
  system.settings.environment["AWS_SECRET_ACCESS_KEY"] = "canary0123456789canary0123456789canary01";
  const Reply reply = SendRead(Of("dynamodb", "ListTables", "{}"));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.status().code(), Code::kUnauthenticated);
  EXPECT_THAT(reply.status().message(), HasSubstr("the secret key is wrong"));
  EXPECT_THAT(reply.status().message(), Not(HasSubstr("canary")));
}

TEST_F(RealAws, AWrongAccountIsRefused) {
  Call call = Of("dynamodb", "ListTables", "{}");
  EXPECT_EQ(*rig.Wait(system.client.Account(call.target, kDeadline)), "123456789012");
  call.target.account = "999999999999";
  EXPECT_EQ(SendRead(call).status().code(), Code::kPermissionDenied);
}

TEST_F(RealAws, AnInstancesCredentialsAreFound) {
  system.settings.environment.erase("AWS_ACCESS_KEY_ID");
  system.settings.environment.erase("AWS_SECRET_ACCESS_KEY");
  system.settings.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = moto->url();
  Exchanger exchanger{rig.world};
  CredentialChain chain{rig.world, system.settings, exchanger};
  const Result<Credentials> credentials = rig.Wait(chain.Get(""));
  ASSERT_TRUE(credentials.ok()) << credentials.status().message();
  EXPECT_THAT(credentials->source, HasSubstr("the instance's metadata"));
}

TEST_F(RealAws, TheDoorActsAndItsLineIsWhatTheAwsProgramTakes) {
  Write("dynamodb", "CreateTable",
        R"({"TableName":"it-s","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}],)"
        R"("KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"})");
  const auto raise = [](int64_t units) {
    return AwsCall{
        .region = "us-east-1",
        .service = "dynamodb",
        .operation = "UpdateTable",
        .parameters = Cat(R"({"TableName":"it-s","BillingMode":"PROVISIONED","ProvisionedThroughput":)",
                          R"({"ReadCapacityUnits":)", units, R"(,"WriteCapacityUnits":3}})")};
  };
  const Outcome outcome = Perform(raise(11));
  EXPECT_EQ(outcome.kind, Outcome::Kind::kDone) << outcome.detail;
  const auto reads = [&] {
    return WholeAt(Read("dynamodb", "DescribeTable", R"({"TableName":"it-s"})"),
                   "Table.ProvisionedThroughput.ReadCapacityUnits");
  };
  EXPECT_EQ(reads(), 11);
  if (Moto::Program("aws").empty()) GTEST_SKIP() << Moto::kNoAws;
  AwsCall pasted = raise(22);
  pasted.endpoint = moto->url();
  moto->ExpectPasted(Line(pasted));
  EXPECT_EQ(reads(), 22);
}

}  // namespace
}  // namespace holdfast::aws
