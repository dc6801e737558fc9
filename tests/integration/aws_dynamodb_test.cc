// A table on moto, by a user whose every call is checked.
#include <gmock/gmock.h>

#include <string_view>

#include "tests/integration/real_table.h"

namespace holdfast::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTable = R"(
table: prod-s3-analytics-datomic
key: {partition: {name: id}}
capacity:
  read: {min: 100, max: 400, raise: {by: 50%}}
  write: {min: 50, max: 200, raise: {by: 50%}}
  raiseTogether: true
indexes:
  by-user: {read: 20, write: {min: 40, max: 300}, key: {partition: {name: user}}}
)";

TEST_F(RealTable, IsMadeAndRaisedWithItsIndexWhenWritesAreRefused) {
  Tell("WriteThrottleEvents", 12);
  Tell("ConsumedWriteCapacityUnits", 50 * 60);
  CheckEveryCall();
  Spec(kTable);
  EXPECT_THAT(Settle(), ElementsAre("create", "raise"));
  EXPECT_EQ(Capacity(), "150/75");
  EXPECT_EQ(Capacity("by-user"), "20/60");
  // What was refused before the raise says nothing of the new capacity.
  EXPECT_THAT(Settle(), IsEmpty());
  EXPECT_THAT(plan.waits, IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);
}

TEST_F(RealTable, EveryStepsLineIsWhatTheAwsProgramTakes) {
  if (Moto::Program("aws").empty()) GTEST_SKIP() << Moto::kNoAws;
  CheckEveryCall();
  Spec(kTable);
  EXPECT_THAT(Settle(By::kLine), ElementsAre("create"));
  EXPECT_EQ(Capacity(), "100/50");
  Spec(R"(
table: prod-s3-analytics-datomic
capacity: {read: 120, write: 40}
indexes: {by-user: {read: 25, write: 40}}
tags: {team: "data & infra"}
deletionProtection: true
)");
  EXPECT_THAT(Settle(By::kLine), ElementsAre("raise", "protect", "tag", "lower"));
  EXPECT_EQ(Capacity(), "120/40");
  EXPECT_EQ(Capacity("by-user"), "25/40");
  Spec("table: prod-s3-analytics-datomic\nbillingMode: onDemand");
  EXPECT_THAT(Settle(By::kLine), ElementsAre("switch"));
  EXPECT_EQ(state.table.billing, dynamodb::Billing::kOnDemand);
  Spec(R"(
table: prod-s3-analytics-datomic
billingMode: provisioned
capacity: {read: 7, write: 8}
indexes: {by-user: {read: 5, write: 9}}
)");
  EXPECT_THAT(Settle(By::kLine), ElementsAre("switch"));
  EXPECT_EQ(Capacity(), "7/8");
  EXPECT_EQ(Capacity("by-user"), "5/9");
}

TEST_F(RealTable, AScalableTargetIsSeenAndNotFoughtUntilItIsDeclared) {
  CheckEveryCall();
  Spec(kTable);
  EXPECT_THAT(Settle(), ElementsAre("create"));
  const Reply registered = SendWrite(
      {TargetOf(want->location), "application-autoscaling", "RegisterScalableTarget",
       *ParseJson(
           R"({"ServiceNamespace":"dynamodb","ResourceId":"table/prod-s3-analytics-datomic",)"
           R"("ScalableDimension":"dynamodb:table:ReadCapacityUnits","MinCapacity":5,"MaxCapacity":500})")});
  ASSERT_TRUE(registered.ok()) << registered.status().message();
  Spec("table: prod-s3-analytics-datomic\ncapacity: {read: 200}");
  plan.ask = {"fresh"};
  EXPECT_THAT(Settle(), IsEmpty());
  ASSERT_EQ(plan.waits.size(), 1U);
  EXPECT_THAT(plan.waits[0].detail, HasSubstr("between 5 and 500"));
  Spec("table: prod-s3-analytics-datomic\ncapacity: {read: {min: 100, max: 400}}\nautoScaling: adjust");
  EXPECT_THAT(Settle(), ElementsAre("bound"));
  plan.ask = {"fresh"};
  Decide();
  EXPECT_THAT(plan.diffs, IsEmpty());
}

}  // namespace
}  // namespace holdfast::aws
