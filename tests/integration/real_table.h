// A table on a real server: the daemon's looks, decisions and steps, one after another.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/uri.h"
#include "reconcilers/dynamodb_table/kind.h"
#include "tests/integration/moto_lab.h"
#include "tests/unit/aws/decided.h"

namespace holdfast::aws {

struct RealTable : OnMoto {
  static constexpr int kMostRounds = 12;

  void SetUp() override {
    OnMoto::SetUp();
    if (moto) endpoint = Cat("endpoint: ", moto->url());
  }
  void Spec(std::string_view yaml) {
    auto spec = std::make_shared<DynamoDBTable::Spec>();
    const Written written = Read<DynamoDBTable>(Cat("region: us-east-1\n", endpoint, "\n", yaml), *spec);
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

  std::string endpoint;  // the spec's line; "" leaves it to the environment
  std::shared_ptr<const DynamoDBTable::Spec> want;
  Plan plan;
  Past past;
  dynamodb::State state;
  std::string unknown_reason;
  std::vector<std::string> touched;
};

}  // namespace holdfast::aws
