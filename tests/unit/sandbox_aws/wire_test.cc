// The simulated account on the wire: what the client sends is understood, and each service refuses in its own
// shape.
#include "examples/sandbox/aws/wire.h"

#include "reconcilers/clients/aws/service.h"
#include "tests/unit/sandbox_aws/account_lab.h"

namespace holdfast::sandbox::aws {
namespace {

using ::testing::HasSubstr;

class AccountWire : public AccountLab {};

TEST_F(AccountWire, FormsArePutTogether) {
  const json::value got = FormParameters(
      "Action=X&Version=1&Name=a+b&L.member.2=y&L.member.1=x%26&A.entry.1.key=k&A.entry.1.value=v&"
      "F.1.Name=tag%3Aa&F.1.Value.1=1");
  EXPECT_EQ(Compact(got),
            R"({"A":{"k":"v"},"F":[{"Name":"tag:a","Value":["1"]}],"L":["x&","y"],"Name":"a b"})");
}
TEST_F(AccountWire, EveryOperationThatTheClientMaySendIsKnown) {
  for (const holdfast::aws::Operation& operation : holdfast::aws::Operations()) {
    const bool is_elsewhere = operation.service == "s3" || operation.service == "resourcegroupstaggingapi" ||
                              operation.name.starts_with("AssumeRole");
    if (is_elsewhere) continue;
    const Row* row = FindRow(operation.service, operation.name);
    ASSERT_NE(row, nullptr) << operation.service << " " << operation.name;
    EXPECT_EQ(row->effect == Row::Effect::kReads, operation.effect == holdfast::aws::Effect::kRead)
        << operation.name;
  }
}
TEST_F(AccountWire, WhoItBelongsTo) {
  const Result<std::string> owner =
      loop.Await(client.Account({.account = "123456789012", .region = "us-east-1"}, kLongest));
  ASSERT_TRUE(owner.ok()) << owner.status().message();
  EXPECT_EQ(*owner, "123456789012");
  EXPECT_EQ(loop.Await(client.Account({.account = "999999999999", .region = "us-east-1"}, kLongest))
                .status()
                .code(),
            Code::kPermissionDenied);
}
TEST_F(AccountWire, EachServiceThrottlesInItsOwnShapeAndTheClientKnowsThemAll) {
  account.AddGroup({.name = "web"});
  const std::pair<const char*, const char*> kReads[] = {
      {"dynamodb", "ListTables"},
      {"cloudwatch", "DescribeAlarms"},
      {"autoscaling", "DescribePolicies"},
      {"ec2", "DescribeImages"},
      {"sns", "ListTopics"},
      {"elb", "DescribeLoadBalancers"},
      {"elbv2", "DescribeTargetGroups"},
      {"application-autoscaling", "DescribeScalableTargets"}};
  for (const auto& [service, operation] : kReads) {
    account.ThrottleNext(service, operation, 10);
    const Reply reply = Read(service, operation, json::object{{"ServiceNamespace", "dynamodb"}});
    ASSERT_FALSE(reply.ok()) << service;
    EXPECT_EQ(reply.failure->trouble, Trouble::kThrottled) << reply.status().message();
  }
}
TEST_F(AccountWire, ADeniedActionNamesItself) {
  account.Deny("dynamodb:ListTables");
  account.Deny("autoscaling:DescribePolicies");
  account.Deny("ec2:DescribeImages");
  for (const auto& [service, operation] : {std::pair("dynamodb", "ListTables"),
                                           {"autoscaling", "DescribePolicies"},
                                           {"ec2", "DescribeImages"}}) {
    const Reply reply = Read(service, operation);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.failure->trouble, Trouble::kDenied);
    EXPECT_THAT(reply.status().message(), HasSubstr(Cat(service, ":", operation)));
  }
}
TEST_F(AccountWire, AWrongKeyAWrongRegionAndAWrongClockAreRefused) {
  const auto sign = [&](std::string key, std::string region, absl::Time at) {
    HttpRequest request{.method = "POST", .url = "https://dynamodb.us-east-1.amazonaws.com/"};
    request.headers = {{"Content-Type", "application/x-amz-json-1.0"},
                       {"X-Amz-Target", "DynamoDB_20120810.ListTables"},
                       {"X-Amz-Date", absl::FormatTime("%Y%m%dT%H%M%SZ", at, absl::UTCTimeZone())},
                       {"Authorization", Cat("AWS4-HMAC-SHA256 Credential=", key, "/20261121/", region,
                                             "/dynamodb/aws4_request, SignedHeaders=host, Signature=0")}};
    request.body = "{}";
    return loop.Await(http.Send(request, {}, nullptr))->body;
  };
  EXPECT_THAT(sign(http.key, "us-east-1", clock.Now()), HasSubstr("TableNames"));
  EXPECT_THAT(sign("AKIDOTHER", "us-east-1", clock.Now()), HasSubstr("UnrecognizedClientException"));
  EXPECT_THAT(sign(http.key, "eu-west-1", clock.Now()), HasSubstr("InvalidSignatureException"));
  EXPECT_THAT(sign(http.key, "us-east-1", clock.Now() - absl::Minutes(20)), HasSubstr("Signature expired"));
}
TEST_F(AccountWire, AnAnswerThatIsDamagedOnItsWayIsNoAnswer) {
  account.AddTable("users", {.read = 1, .write = 1});
  ASSERT_TRUE(Read("dynamodb", "ListTables").ok());  // whose account it is, is known from now on
  for (const Mangled how : {Mangled::kHtml, Mangled::kTruncated, Mangled::kEmpty, Mangled::kServerError}) {
    http.mangled = how;
    http.mangles = 100;
    const Reply reply = Read("dynamodb", "ListTables");
    EXPECT_FALSE(reply.ok());
    http.mangles = 0;
    EXPECT_TRUE(Read("dynamodb", "ListTables").ok());
  }
}

class LaggingAccount : public AccountLab {
 protected:
  LaggingAccount() : AccountLab({.reads = Account::Reads::kLagging, .lag = absl::Seconds(3)}) {}
};

TEST_F(LaggingAccount, AReadShowsAWriteOnlyAfterAWhile) {
  account.AddGroup({.name = "web"});
  Wait(absl::Seconds(10));
  ASSERT_EQ(Refusal("autoscaling", "UpdateAutoScalingGroup",
                    json::object{{"AutoScalingGroupName", "web"}, {"MinSize", 2}}),
            "");
  const auto seen = [&] {
    return WholeAt(Read("autoscaling", "DescribeAutoScalingGroups").body.at("AutoScalingGroups").at(0),
                   "MinSize");
  };
  EXPECT_EQ(seen(), 1);
  Wait(absl::Seconds(4));
  EXPECT_EQ(seen(), 2);
}

}  // namespace
}  // namespace holdfast::sandbox::aws
