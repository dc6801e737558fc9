// The whole program, and the aws program, on an account that holdfast-sandbox serves.
#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "tests/integration/moto_lab.h"
#include "tests/integration/stand_in.h"

namespace holdfast::aws {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct OnServedAccount : testing::Test {
  void SetUp() override {
    std::filesystem::create_directory(lab.Path("specs"));
    lab.Write("specs/users.yaml",
              Spec("DynamoDBTable", "users", "  table: users\n  capacity: {read: 150, write: 60}\n"));
    lab.Write("specs/web.yaml", Spec("AutoScalingGroup", "web", "  group: web\n  size: {min: 1, max: 6}\n"));
  }
  static std::string Spec(std::string_view kind, std::string_view name, std::string_view spec) {
    return Cat("apiVersion: holdfast/v1\nkind: ", kind, "\nmetadata: {name: ", name,
               "}\npolicy: {mode: act, interval: 5s}\nspec:\n  region: us-east-1\n", spec);
  }
  // Its output, as somebody sees it who has the account's key; `code` afterwards.
  std::string Run(std::vector<std::string> argv) {
    CommandLine line{std::move(argv),
                     "",
                     {{"AWS_ENDPOINT_URL", url},
                      {"AWS_ACCESS_KEY_ID", "AKIDSANDBOX"},
                      {"AWS_SECRET_ACCESS_KEY", "any"},
                      {"HOME", lab.directory()}}};
    const Result<Exit> ran = rig.Wait(rig.real.commands.Run(std::move(line), {absl::Minutes(3)}));
    code = ran.ok() ? ran->code : -1;
    return ran.ok() ? ran->output + ran->errors : ran.status().message();
  }
  std::string Account() {
    return Run({HOLDFAST_SANDBOX, "ctl", "--socket", lab.Path("ctl.sock"), "account"});
  }

  clients::Lab lab;
  clients::RealRig rig{lab.directory()};
  const std::string listen = Cat("127.0.0.1:", clients::FreePort()), url = Cat("http://", listen);
  clients::StandIn world{lab, Cat("account:\n  listen: \"", listen,
                                  "\"\n  tables: [{name: users, read: 100, write: 50}]\n"
                                  "  groups: [{name: web, min: 1, max: 4, desired: 1}]\n")};
  int code = 0;
};

TEST_F(OnServedAccount, AChangeIsPlannedMadeAndSeen) {
  const std::string plan =
      Run({HOLDFAST_BINARY, "plan", "--specs", lab.Path("specs"), "--detailed-exitcode"});
  EXPECT_EQ(code, 2) << plan;
  EXPECT_THAT(plan, AllOf(HasSubstr("aws dynamodb update-table"),
                          HasSubstr("aws autoscaling update-auto-scaling-group")));
  EXPECT_THAT(Account(), HasSubstr("100 reads, 50 writes")) << "a plan changes nothing";
  const std::string ran =
      Run({HOLDFAST_BINARY, "run", "--once", "--timeout", "2m", "--specs", lab.Path("specs"), "--state",
           lab.Path("state"), "--listen", "", "--socket", lab.Path("h.sock")});
  EXPECT_EQ(code, 0) << ran;
  EXPECT_THAT(Account(), AllOf(HasSubstr("table users: ACTIVE, 150 reads, 60 writes"),
                               HasSubstr("group web: min 1, max 6, desired 1")));
  const std::string again =
      Run({HOLDFAST_BINARY, "plan", "--specs", lab.Path("specs"), "--detailed-exitcode"});
  EXPECT_EQ(code, 0) << again;
}

TEST_F(OnServedAccount, TheAwsProgramFindsTheSame) {
  const std::string aws = Moto::Program("aws");
  if (aws.empty()) GTEST_SKIP() << Moto::kNoAws;
  const std::string told =
      Run({aws, "dynamodb", "describe-table", "--region", "us-east-1", "--table-name", "users"});
  EXPECT_EQ(code, 0) << told;
  EXPECT_THAT(told, AllOf(HasSubstr("\"ReadCapacityUnits\": 100"), HasSubstr("\"TableStatus\": \"ACTIVE\"")));
  const std::string missing =
      Run({aws, "dynamodb", "describe-table", "--region", "us-east-1", "--table-name", "nobody"});
  EXPECT_THAT(missing, HasSubstr("ResourceNotFoundException"));
  EXPECT_NE(code, 0);
}

}  // namespace
}  // namespace holdfast::aws
