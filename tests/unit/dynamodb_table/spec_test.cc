#include "reconcilers/dynamodb_table/spec.h"

#include <gmock/gmock.h>

#include <string>

#include "reconcilers/dynamodb_table/kind.h"
#include "tests/unit/aws/decided.h"

namespace holdfast::dynamodb {
namespace {

using testing::HasSubstr;

Spec Good(const std::string& yaml) {
  Spec spec;
  const aws::Written written = aws::Read<DynamoDBTable>("region: us-east-1\n" + yaml, spec);
  EXPECT_TRUE(written.problems.empty()) << written.text();
  return spec;
}
std::string Problems(const std::string& yaml) {
  Spec spec;
  return aws::Read<DynamoDBTable>("region: us-east-1\n" + yaml, spec).text();
}

TEST(Spec, CapacityIsANumberOrARange) {
  const Spec spec = Good("table: users\ncapacity: {read: 200, write: {min: 50, max: 100, raise: {by: 50%}}}");
  EXPECT_EQ(DeclaredUnits(spec, "", Dimension::kRead)->least(), 200);
  const Range* range = DeclaredUnits(spec, "", Dimension::kWrite)->range();
  ASSERT_NE(range, nullptr);
  EXPECT_EQ(range->max, 100);
  EXPECT_EQ(range->raise->on_throttle.window, absl::Minutes(5));
  EXPECT_EQ(range->raise->cooldown, absl::Minutes(10));
  EXPECT_EQ(range->raise->by.RoundedUp(1), 1);
  EXPECT_EQ(DeclaredUnits(spec, "by-user", Dimension::kRead), nullptr);
}

TEST(Spec, TheRunbooksNamesAreMadeFromTheirParts) {
  EXPECT_EQ(TableName(Good("tableFrom: {env: prod, prototype: s3, service: analytics}")),
            "prod-s3-analytics-datomic");
  EXPECT_EQ(TableName(Good("tableFrom: {env: prod, service: metapod}")), "prod-metapod-datomic");
}

TEST(Spec, TwoSpecsOfOneTableClaimTheSame) {
  EXPECT_EQ(DynamoDBTable::Claims(Good("tableFrom: {env: prod, service: metapod}")),
            DynamoDBTable::Claims(Good("table: prod-metapod-datomic")));
}

TEST(Spec, WhatContradictsItselfIsRefused) {
  EXPECT_THAT(Problems("table: ab"), HasSubstr("letters, digits"));
  EXPECT_THAT(Problems("table: users\ntableFrom: {env: a, service: b}"), HasSubstr("tableFrom"));
  EXPECT_THAT(Problems("table: users\ncapacity: {read: 0}"), HasSubstr("1"));
  EXPECT_THAT(Problems("table: users\ncapacity: {read: {min: 9, max: 5}}"),
              HasSubstr("`min` 9 is above `max` 5"));
  EXPECT_THAT(Problems("table: users\ncapacity: {read: {min: 1, max: 5, raise: {by: 0}}}"),
              HasSubstr("this raises nothing"));
  EXPECT_THAT(Problems("table: users\ncapacity: {read: {min: 1, max: 5, lower: {below: 70%, for: 1h}}}"),
              HasSubstr("60%"));
  EXPECT_THAT(Problems("table: users\nbillingMode: onDemand\ncapacity: {read: 5}"),
              HasSubstr("a table on demand has no capacity"));
  EXPECT_THAT(
      Problems("table: users\nkey: {partition: {name: id}}\nindexes: {i: {key: {partition: {name: id, type: "
               "number}}}}"),
      HasSubstr("`id` is of two types"));
  EXPECT_THAT(Problems("table: users\ncapacity: {}"), HasSubstr("read"));
}

TEST(DD7, APlanIsOfWhatTheCapacityNamesAndEndsAfterItBegins) {
  const std::string from = "from: 2026-12-01T19:00:00Z, ",
                    until = "until: 2026-12-02T02:00:00Z, reason: debate, ";
  const auto planned = [&](const std::string& plan) {
    return Problems(Cat("table: users\ncapacity: {read: 20, planned: [{", plan, "}]}"));
  };
  EXPECT_EQ(planned(from + until + "read: 800"), "");
  EXPECT_THAT(planned(from + until + "write: 800"),
              HasSubstr("`write` is planned, and `capacity` does not name it"));
  EXPECT_THAT(planned(from + "until: 2026-12-01T18:00:00Z, reason: x, read: 8"),
              HasSubstr("it ends before it begins"));
  EXPECT_THAT(planned(from + until + "ahead: 1h"), HasSubstr("read"));
  EXPECT_THAT(planned(from + "read: 800"), HasSubstr("until"));
}

TEST(DD4, APlanThatAnIndexWouldHoldUpIsWarnedOf) {
  EXPECT_THAT(Problems("table: users\ncapacity: {write: 50, planned: [{from: 2026-12-01T19:00:00Z, until: "
                       "2026-12-02T02:00:00Z, reason: x, write: 400}]}\nindexes: {i: {write: 60}}"),
              HasSubstr("`i` takes 60 writes a second at most"));
}

TEST(DD4, AnIndexThatWouldHoldItsTablesWritesUpIsWarnedOf) {
  EXPECT_THAT(Problems("table: users\ncapacity: {write: 50}\nindexes: {i: {write: 20}}"),
              HasSubstr("`i` may take 20 writes a second at most, and its table 50 at least"));
}

TEST(Permissions, AreNoMoreThanTheSpecNeeds) {
  const auto actions = [](const std::string& yaml) {
    std::vector<std::string> out;
    for (const Permission& one : DynamoDBTable::Permissions(Good(yaml))) out.push_back(one.action);
    return out;
  };
  EXPECT_THAT(
      actions("table: users\ndeletionProtection: true"),
      testing::UnorderedElementsAre("dynamodb:DescribeTable", "dynamodb:ListTables", "dynamodb:UpdateTable"));
  EXPECT_THAT(
      actions("table: users\ncapacity: {read: 5}\ntags: {a: b}"),
      testing::IsSupersetOf({"cloudwatch:GetMetricData", "dynamodb:DescribeLimits", "dynamodb:TagResource",
                             "application-autoscaling:DescribeScalableTargets"}));
  EXPECT_THAT(actions("table: users\ncapacity: {read: 5}"),
              testing::Not(testing::Contains("application-autoscaling:RegisterScalableTarget")));
}

}  // namespace
}  // namespace holdfast::dynamodb
