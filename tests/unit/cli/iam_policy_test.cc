// holdfast iam-policy: what the given specs need, and nothing else.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "controller/cli/exit_codes.h"
#include "controller/cli/main.h"
#include "controller/cli/policy.h"
#include "reconcilers/kinds.h"
#include "specs/document.h"

namespace holdfast::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const std::vector<Permission>& permissions) { return Compact(PolicyOf(permissions)); }

TEST(Policy, WhatIsAllowedTogetherIsOneStatement) {
  EXPECT_EQ(Text({{"a:Put", "arn:1"}, {"a:Put", "arn:2"}, {"a:Get", "arn:2"}, {"a:Get", "arn:1"}}),
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["a:Get","a:Put"],)"
            R"("Resource":["arn:1","arn:2"]}]})");
}

TEST(Policy, WhatIsAllowedOnEverythingIsNotAllowedAgain) {
  EXPECT_EQ(
      Text({{"a:List"}, {"a:List", "arn:1"}, {"a:List"}}),
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["a:List"],"Resource":["*"]}]})");
}

struct IamPolicy : ::testing::Test {
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "holdfast-iam-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  void Write(const std::string& name, std::string_view text) const {
    std::ofstream(directory + "/" + name) << text;
  }
  int Run() {
    std::ostringstream out, err;
    Surroundings surroundings{.out = out,
                              .err = err,
                              .environment = {{"HOLDFAST_STATE", "/nonexistent/state"}},
                              .kinds = Kinds(),
                              .version = "9.9.9"};
    const int code = Main({"iam-policy", directory}, surroundings);
    told = out.str(), remarks = err.str();
    return code;
  }
  std::string directory, told, remarks;
};

constexpr const char* kAlarm = R"(apiVersion: holdfast/v1
kind: CloudWatchAlarm
metadata: {name: a}
spec: {region: eu-west-1, account: "123456789012", name: cpu high}
)";

TEST_F(IamPolicy, NamesTheThingsOfTheSpecs) {
  Write("a.yaml", kAlarm);
  EXPECT_EQ(Run(), kDone);
  const Result<json::value> policy = ParseJson(told);
  ASSERT_TRUE(policy.ok()) << told;
  EXPECT_THAT(told, HasSubstr("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu high"));
  EXPECT_THAT(told, HasSubstr("\"cloudwatch:PutMetricAlarm\""));
  EXPECT_THAT(told, Not(HasSubstr("sns:")));
  EXPECT_THAT(told, Not(HasSubstr("cloudwatch:*")));
}

TEST_F(IamPolicy, OfBrokenSpecsThereIsNone) {
  Write("a.yaml", kAlarm);
  Write("b.yaml", "apiVersion: holdfast/v1\nkind: CloudWatchAlarm\nmetadata: {name: b}\nspec: {}\n");
  EXPECT_EQ(Run(), kFailed);
  EXPECT_EQ(told, "");
  EXPECT_THAT(remarks, HasSubstr("holdfast validate"));
}

TEST_F(IamPolicy, SpecsThatNeedNothingSaySo) {
  Write("a.yaml", "");
  EXPECT_EQ(Run(), kDone);
  EXPECT_THAT(told, HasSubstr("\"Statement\": []"));
  EXPECT_THAT(remarks, HasSubstr("needs to be allowed"));
}

// Whoever claims something of AWS calls it.
TEST_F(IamPolicy, EveryKindOfAwsSaysWhatItNeeds) {
  specs::KindTable table;
  for (const AnyKind& kind : Kinds()) table.Add(kind.entry);
  for (const AnyKind& kind : Kinds()) {
    const specs::Parsed parsed = specs::ParseFile("example.yaml", std::string(kind.entry.example), table,
                                                  absl::FromUnixSeconds(1'900'000'000));
    for (const specs::Document& document : parsed.documents) {
      if (document.kind_name() != kind.entry.name) continue;
      const std::vector<std::string> claims = document.Claims();
      const bool is_of_aws = !claims.empty() && claims[0].starts_with("aws:");
      ASSERT_EQ(kind.permissions != nullptr, is_of_aws) << kind.entry.name;
      if (is_of_aws) {
        EXPECT_FALSE(kind.permissions(document.spec.get()).empty()) << kind.entry.name;
      }
    }
  }
}

}  // namespace
}  // namespace holdfast::cli
