// A table on moto, by a user whose every call is checked.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/uri.h"
#include "reconcilers/dynamodb_table/kind.h"
#include "tests/integration/moto_lab.h"
#include "tests/unit/aws/decided.h"

namespace holdfast::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kMostRounds = 12;

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

struct RealTable : OnMoto {
  void Spec(std::string_view yaml) {
    auto spec = std::make_shared<DynamoDBTable::Spec>();
    const Written written =
        Read<DynamoDBTable>(Cat("region: us-east-1\nendpoint: ", moto->url(), "\n", yaml), *spec);
    ASSERT_TRUE(written.problems.empty()) << written.text();
    want = spec;
  }
  // As CloudWatch would have it of the last minute but one.
  void Tell(std::string_view metric, int value) {
    const absl::Time at = absl::UnixEpoch() +
                          absl::Floor(rig.world.clock.Now() - absl::UnixEpoch(), absl::Minutes(1)) -
                          absl::Minutes(2);
    const std::string stamp = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", at, absl::UTCTimeZone());
    moto->Unchecked(
        "POST", "/", "monitoring",
        FormEncoded({{"Action", "PutMetricData"},
                     {"Version", "2010-08-01"},
                     {"Namespace", "AWS/DynamoDB"},
                     {"MetricData.member.1.MetricName", std::string(metric)},
                     {"MetricData.member.1.Timestamp", stamp},
                     {"MetricData.member.1.Value", Cat(value)},
                     {"MetricData.member.1.Dimensions.member.1.Name", "TableName"},
                     {"MetricData.member.1.Dimensions.member.1.Value", "prod-s3-analytics-datomic"}}));
  }

  void Decide() {
    const absl::Time now = rig.world.clock.Now();
    const Look look{.self = {"DynamoDBTable", "t"},
                    .not_older_than = now,
                    .touched_not_older_than = now,
                    .touched = touched,
                    .ask = plan.ask};
    touched.clear();
    Observed<dynamodb::State> seen = rig.Wait(DynamoDBTable::Observe(systems, want, look));
    std::optional<Fact<dynamodb::State>> fact;
    std::move(seen).Consume(
        [&](Known<dynamodb::State>&& known) {
          known.value.table.created -=
              absl::Hours(1);  // what this server has is always younger than its data
          state = known.value;
          fact = std::move(known);
        },
        [&](Absent&& absent) { fact = std::move(absent); },
        [&](Unknown&& unknown) { unknown_reason = std::move(unknown.reason); });
    plan = Plan();
    if (!fact) return;
    const std::map<std::string, std::string> refs;
    const Frame frame{.now = rig.world.clock.Now(), .past = past, .refs = refs};
    plan = DynamoDBTable::Decide({*want, {}, *fact, {}, frame});
  }
  // Looks, decides and acts until nothing goes any more; the verbs of what was done.
  std::vector<std::string> Settle(By by = By::kDoor) {
    std::vector<std::string> verbs;
    for (int round = 0; round < kMostRounds; ++round) {
      const std::vector<std::string> asked = plan.ask;
      Decide();
      if (plan.stages.empty() || !AllPass(plan.stages[0].steps[0].guards)) {
        if (plan.ask == asked) return verbs;
        continue;
      }
      const Step& step = plan.stages[0].steps[0];
      verbs.push_back(step.verb);
      touched = {step.target};
      Perform(step.action, by);
      past.attempts.push_back({step.key,
                               step.meter ? step.meter->key : "",
                               rig.world.clock.Now(),
                               {Outcome::Kind::kDone, "", ""},
                               step.target});
    }
    ADD_FAILURE() << "does not settle: " << Join(verbs, ", ");
    return verbs;
  }
  std::string Capacity(std::string_view index = "") {
    const dynamodb::Unit* unit = state.table.Find(index);
    return unit == nullptr ? "none" : Cat(unit->provisioned.read, "/", unit->provisioned.write);
  }

  std::shared_ptr<const DynamoDBTable::Spec> want;
  Plan plan;
  Past past;
  dynamodb::State state;
  std::string unknown_reason;
  std::vector<std::string> touched;
};

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
