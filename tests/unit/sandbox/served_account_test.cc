// The account on a socket, asked by the real client.
#include "examples/sandbox/served_account.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/real_world.h"
#include "examples/sandbox/control.h"
#include "examples/sandbox/stage.h"
#include "reconcilers/clients/aws/client.h"
#include "reconcilers/clients/aws/document.h"
#include "tests/unit/world/run.h"

namespace holdfast::sandbox {
namespace {

using holdfast::aws::TextAt;
using holdfast::aws::WholeAt;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kScene = R"(account:
  listen: "127.0.0.43:17050"
  region: eu-west-1
  rates: none
  tables:
    - {name: users, read: 100, write: 50, indexes: [{name: by-mail, read: 20, write: 10}], load: {read: 130}}
  groups: [{name: web, min: 1, max: 3, desired: 2, loadBalancers: [front]}]
  topics: [ops]
  images: [ami-0123456789abcdef0]
  metrics: [{namespace: AWS/EC2, name: CPUUtilization, dimensions: {AutoScalingGroupName: web}, value: 55}]
  alarms:
    - name: cpu-high
      namespace: AWS/EC2
      metric: CPUUtilization
      dimensions: {AutoScalingGroupName: web}
      threshold: 40
      actions: ["arn:aws:sns:eu-west-1:123456789012:ops"]
)";

struct ServedAccountTest : testing::Test {
  void Serve(std::string_view scene) {
    ReadScenario read = ParseScenario("world.yaml", std::string(scene));
    ASSERT_EQ(read.is, ReadScenario::Is::kFine) << specs::ProblemsText(read.problems);
    stage.emplace(io.get_executor(), real.clock, std::move(read.scenario));
    opened = stage->Open();
    settings.environment = {{"AWS_ACCESS_KEY_ID", "AKIDSANDBOX"},
                            {"AWS_SECRET_ACCESS_KEY", "any"},
                            {"AWS_ENDPOINT_URL", stage->account()->url()}};
  }
  void TearDown() override {
    if (stage) RunTask(io, Close(stage->account()));
  }
  static Task<int> Close(ServedAccount* account) {
    co_await account->Close();
    co_return 0;
  }
  json::value Read(std::string service, std::string operation, json::value parameters = json::object()) {
    const holdfast::aws::Reply reply = RunTask(
        io, client.Read(
                {{.region = "eu-west-1"}, std::move(service), std::move(operation), std::move(parameters)},
                absl::Seconds(10)));
    EXPECT_TRUE(reply.ok()) << reply.status().message();
    return reply.body;
  }
  std::string Tell(std::vector<std::string> words) {
    const Result<std::string> told = sandbox::Tell(*stage, words);
    return told.ok() ? *told : told.status().message();
  }

  boost::asio::io_context io{1};
  RealWorld real{io.get_executor(), "/"};
  Vitals vitals;
  World world{real.clock, real.random, real.http, real.net, real.commands, real.files, real.pool, vitals};
  clients::ClientSettings settings;
  holdfast::aws::Client client{world, settings};
  std::optional<Stage> stage;
  Status opened;
};

TEST_F(ServedAccountTest, AnswersForAllThatTheSceneHas) {
  Serve(kScene);
  ASSERT_TRUE(opened.ok()) << opened.message();
  const json::value table = Read("dynamodb", "DescribeTable", json::object{{"TableName", "users"}});
  EXPECT_EQ(WholeAt(table, "Table.ProvisionedThroughput.ReadCapacityUnits"), 100);
  EXPECT_THAT(Compact(table), HasSubstr("by-mail"));
  EXPECT_EQ(TextAt(Read("sts", "GetCallerIdentity"), "Account"), "123456789012");
  EXPECT_THAT(Compact(Read("autoscaling", "DescribeAutoScalingGroups")), HasSubstr("front"));
  EXPECT_THAT(Compact(Read("cloudwatch", "DescribeAlarms")), HasSubstr("cpu-high"));
  EXPECT_THAT(Compact(Read("sns", "ListTopics")), HasSubstr("arn:aws:sns:eu-west-1:123456789012:ops"));
}

TEST_F(ServedAccountTest, IsToldWhatBefallsIt) {
  Serve(kScene);
  ASSERT_TRUE(opened.ok()) << opened.message();
  EXPECT_THAT(Tell({"account"}),
              AllOf(HasSubstr("account 123456789012 in eu-west-1 at http://127.0.0.43:17050"),
                    HasSubstr("table users: ACTIVE, 100 reads, 50 writes"),
                    HasSubstr("group web: min 1, max 3, desired 2, 2 instances"), HasSubstr("topic ops")));
  EXPECT_THAT(Tell({"load", "users", "200", "10"}), HasSubstr("200 reads and 10 writes"));
  EXPECT_EQ(stage->account()->account().ground().tables.all.at("users").load.read, 200);
  EXPECT_THAT(Tell({"load", "user", "200", "10"}), HasSubstr("there is no table user"));
  EXPECT_THAT(Tell({"load", "users", "much", "10"}), HasSubstr("numbers"));
  EXPECT_THAT(Tell({"deny", "dynamodb:ListTable"}), HasSubstr("did you mean dynamodb:ListTables?"));
  Tell({"deny", "dynamodb:ListTables"});
  const auto denied = RunTask(
      io,
      client.Read({{.region = "eu-west-1"}, "dynamodb", "ListTables", json::object()}, absl::Seconds(10)));
  EXPECT_THAT(denied.status().message(), HasSubstr("needs dynamodb:ListTables"));
  Tell({"allow", "dynamodb:ListTables"});
  EXPECT_THAT(Compact(Read("dynamodb", "ListTables")), HasSubstr("users"));
}

TEST_F(ServedAccountTest, ASceneThatAWSWouldRefuseIsRefused) {
  Serve(R"(account:
  listen: "127.0.0.43:17051"
  alarms: [{name: a, namespace: AWS/ELB, metric: Latency, threshold: 1, actions: [not-an-arn]}]
)");
  EXPECT_THAT(opened.message(), AllOf(HasSubstr("the account refuses its scene"), HasSubstr("Invalid arn")));
}

TEST(AccountScenario, NeedsAnAddressOfLoopbackAndNamesOnce) {
  const auto problems = [](std::string_view text) {
    return specs::ProblemsText(ParseScenario("world.yaml", std::string(text)).problems);
  };
  EXPECT_EQ(problems(kScene), "");
  EXPECT_THAT(problems("account: {region: us-east-1}\n"), HasSubstr("listen"));
  EXPECT_THAT(problems("account: {listen: \"10.0.0.1:80\"}\n"), HasSubstr("loopback"));
  EXPECT_THAT(problems("account: {listen: \"127.0.0.1:80\", tables: [{name: a}, {name: a}]}\n"),
              HasSubstr("the name a among the account's tables is given twice"));
  EXPECT_THAT(problems("{}\n"), HasSubstr("account"));
}

}  // namespace
}  // namespace holdfast::sandbox
