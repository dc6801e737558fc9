#include "reconcilers/dynamodb_table/observe.h"

#include <gmock/gmock.h>

#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/system.h"
#include "reconcilers/dynamodb_table/throttles.h"
#include "tests/unit/aws/rig.h"

namespace holdfast::dynamodb {
namespace {

using aws::JsonError;
using aws::Ok;
using aws::OperationOf;
using clients::Says;
using clients::ValueOf;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

struct NoWaker : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

// An account with tables and what CloudWatch tells of them.
struct ObserveTest : testing::Test, aws::AwsRig {
  ObserveTest() {
    systems.Use<aws::System>().settings = settings;
    http.answer = [this](const HttpRequest& request) { return Answer(request); };
  }
  Result<HttpResponse> Answer(const HttpRequest& request) {
    const std::string operation = OperationOf(request);
    if (broken.contains(operation)) return broken[operation];
    if (operation == "ListTables") {
      std::string names;
      for (const std::string& name : tables) Append(names, names.empty() ? "\"" : ",\"", name, "\"");
      return Ok(Cat(R"({"TableNames":[)", names, "]}"));
    }
    if (operation == "DescribeTable") {
      const std::string name = *aws::TextAt(*ParseJson(request.body), "TableName");
      if (!tables.contains(name)) return JsonError("ResourceNotFoundException");
      return Ok(
          Cat(R"({"Table":{"TableName":")", name,
              R"(","TableStatus":"ACTIVE","TableId":"id-1","TableArn":"arn:x:table/)", name,
              R"(","CreationDateTime":1700000000,"ProvisionedThroughput":{"ReadCapacityUnits":100,)"
              R"("WriteCapacityUnits":50,"NumberOfDecreasesToday":2,"LastDecreaseDateTime":1790000000},)",
              more, R"("ItemCount":5}})"));
    }
    if (operation == "GetMetricData") return Data(*ParseJson(request.body));
    if (operation == "DescribeScalableTargets")
      return Ok(R"({"ScalableTargets":[{"ResourceId":"table/t","ScalableDimension":)"
                R"("dynamodb:table:WriteCapacityUnits","MinCapacity":5,"MaxCapacity":10},)"
                R"({"ResourceId":"table/t/index/i","ScalableDimension":"dynamodb:index:ReadCapacityUnits",)"
                R"("MinCapacity":1,"MaxCapacity":2}]})");
    if (operation == "DescribeLimits")
      return Ok(R"({"TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":30000})");
    if (operation == "ListTagsOfResource") return Ok(R"({"Tags":[{"Key":"team","Value":"data"}]})");
    return Next(request);
  }
  HttpResponse Data(const json::value& asked) {
    const auto queries = *aws::ListAt(asked, "MetricDataQueries");
    sizes.push_back(queries.size());
    const int64_t end = *aws::WholeAt(asked, "EndTime");
    std::string results;
    for (const json::value* query : queries)
      Append(results, results.empty() ? "" : ",", R"({"Id":")", *aws::TextAt(*query, "Id"),
             R"(","StatusCode":")", status, R"(","Timestamps":[)", end - 60, "],\"Values\":[", 7, "]}");
    return Ok(Cat(R"({"MetricDataResults":[)", results, "]}"));
  }
  std::shared_ptr<const Spec> Wants(std::string table) {
    auto spec = std::make_shared<Spec>();
    spec->location.region = "us-east-1";
    spec->table = std::move(table);
    spec->capacity.emplace();
    spec->capacity->write =
        Units{Range{.min = 50, .max = 200, .raise = Raise{.by = {specs::Percentage{50}}}}};
    return spec;
  }
  Look Routine(const Spec& spec) {
    return {.self = {"DynamoDBTable", spec.table},
            .not_older_than = clock.Now() - absl::Milliseconds(500),
            .touched_not_older_than = clock.Now() - absl::Milliseconds(500)};
  }
  Observed<State> See(std::shared_ptr<const Spec> spec, std::vector<std::string> ask = {}) {
    Look look = Routine(*spec);
    look.ask = std::move(ask);
    return Wait(LookAtTable(systems, std::move(spec), std::move(look)));
  }

  NoWaker waker;
  Systems systems{world, waker};
  std::set<std::string> tables = {"t"};
  std::map<std::string, HttpResponse> broken;
  std::string more, status = "Complete";
  std::vector<size_t> sizes;
};

TEST_F(ObserveTest, ATableIsReadWithItsBudgetAndItsIndexes) {
  more =
      R"("GlobalSecondaryIndexes":[{"IndexName":"b","IndexStatus":"CREATING","Backfilling":true,)"
      R"("ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},)"
      R"("KeySchema":[{"AttributeName":"user","KeyType":"HASH"}]},{"IndexName":"a","IndexStatus":"ACTIVE"}],)"
      R"("DeletionProtectionEnabled":true,"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},)";
  const State state = ValueOf(See(Wants("t")));
  EXPECT_EQ(state.table.unit.provisioned.Of(Dimension::kRead), 100);
  EXPECT_EQ(state.table.unit.provisioned.decreases_today, 2);
  EXPECT_EQ(state.table.unit.provisioned.last_decrease, absl::FromUnixSeconds(1790000000));
  EXPECT_EQ(state.table.incarnation, "id-1");
  EXPECT_EQ(state.table.billing, Billing::kOnDemand);
  EXPECT_EQ(state.table.deletion_protection, true);
  ASSERT_THAT(state.table.indexes, SizeIs(2));
  EXPECT_EQ(state.table.indexes[0].index, "a");
  EXPECT_TRUE(state.table.indexes[1].is_backfilling);
  EXPECT_EQ(state.table.indexes[1].key[0].first, "user");
}

TEST_F(ObserveTest, WithoutASummaryItIsProvisionedAndWithoutAnIdItIsItsCreation) {
  const json::value told = *ParseJson(R"({"TableName":"t","TableStatus":"ACTIVE","CreationDateTime":5.5})");
  const Result<Table> table = ReadTable(told);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->billing, Billing::kProvisioned);
  EXPECT_EQ(table->incarnation, "created-5");
  EXPECT_FALSE(ReadTable(*ParseJson(R"({"TableName":"t"})")).ok());
}

TEST_F(ObserveTest, WhoElseOwnsCapacityIsTold) {
  std::vector<ScalableTarget> targets = ValueOf(ValueOf(See(Wants("t"))).targets);
  ASSERT_THAT(targets, SizeIs(2));
  EXPECT_EQ(targets[0], (ScalableTarget{"table/t", "", Dimension::kWrite, 5, 10}));
  EXPECT_EQ(targets[1].index, "i");
  broken["DescribeScalableTargets"] = JsonError("AccessDeniedException");
  clock.Pass(absl::Minutes(1));
  EXPECT_THAT(Says(ValueOf(See(Wants("t"))).targets), HasSubstr("AccessDenied"));
}

TEST_F(ObserveTest, ATableIsDescribedNowAndThenAndItsDatapointsEachMinute) {
  for (int minute = 0; minute < 4; ++minute) {
    const State state = ValueOf(See(Wants("t")));
    EXPECT_EQ(ValueOf(state.metrics).at({"", Dimension::kWrite, Metric::kThrottled}).points[0].sum, 7);
    clock.Pass(absl::Minutes(1) + absl::Seconds(1));
  }
  const size_t described = Asked("DescribeTable");
  EXPECT_LE(described, 2U) << "at first, and once in its time";
  EXPECT_EQ(Asked("GetMetricData"), 4U);
  EXPECT_EQ(Asked("DescribeLimits"), 0U);
  const State fresh = ValueOf(See(Wants("t"), {"fresh"}));
  EXPECT_GE(fresh.described_at, clock.Now() - absl::Seconds(1));
  EXPECT_EQ(ValueOf(fresh.limits).table_write, 30000);
  EXPECT_EQ(Asked("DescribeTable"), described + 1);
  // Limits may be asked for once a minute: they are kept.
  clock.Pass(absl::Seconds(10));
  See(Wants("t"), {"fresh"});
  EXPECT_EQ(Asked("DescribeLimits"), 1U);
}

TEST_F(ObserveTest, ATableThatIsChangingIsDescribedAtEachLookAndNothingElse) {
  See(Wants("t"));
  const size_t described = Asked("DescribeTable");
  for (int look = 0; look < 3; ++look) {
    clock.Pass(absl::Seconds(5));
    const State state = ValueOf(See(Wants("t"), {"table"}));
    EXPECT_GE(state.described_at, clock.Now() - absl::Seconds(1));
  }
  EXPECT_EQ(Asked("DescribeTable"), described + 3);
  EXPECT_EQ(Asked("DescribeLimits"), 0U);
}

TEST_F(ObserveTest, ManyTablesShareCallsOfFiveHundredQueries) {
  std::vector<std::shared_ptr<std::optional<Observed<State>>>> looks;
  const int kTables = 1000;
  http.takes = absl::ZeroDuration();
  for (int i = 0; i < kTables; ++i) tables.insert(Cat("table-", i));
  const auto all = [&] {
    looks.clear();
    for (int i = 0; i < kTables; ++i) {
      auto spec = Wants(Cat("table-", i));
      Look look = Routine(*spec);
      looks.push_back(Spawn(LookAtTable(systems, std::move(spec), std::move(look))));
    }
    AwsRig::Run();
    for (const auto& look : looks) ASSERT_EQ(Says(**look), "known");
  };
  all();
  sizes.clear();
  clock.Pass(absl::Minutes(1) + absl::Seconds(1));
  all();
  // Two series a table.
  EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), size_t{0}), 2U * kTables);
  EXPECT_LE(sizes.size(), 5U);
}

TEST_F(ObserveTest, ASeriesThatIsNotWholeIsUnknown) {
  status = "PartialData";
  EXPECT_THAT(Says(ValueOf(See(Wants("t"))).metrics), HasSubstr("is PartialData"));
  status = "Complete";
  clock.Pass(absl::Minutes(1) + absl::Seconds(1));
  EXPECT_EQ(Says(ValueOf(See(Wants("t"))).metrics), "known");
  broken["GetMetricData"] = Ok(R"({"MetricDataResults":[]})");
  clock.Pass(absl::Minutes(1) + absl::Seconds(1));
  EXPECT_THAT(Says(ValueOf(See(Wants("t"))).metrics), HasSubstr("told nothing of"));
}

TEST_F(ObserveTest, ACallThatFailedIsUnknownAndNotRepeatedAtOnce) {
  broken["GetMetricData"] = JsonError("AccessDeniedException");
  EXPECT_THAT(Says(ValueOf(See(Wants("t"))).metrics), HasSubstr("AccessDenied"));
  See(Wants("t"));
  EXPECT_EQ(Asked("GetMetricData"), 1U);
  clock.Pass(Throttles::kAfterFailure + absl::Seconds(1));
  broken.clear();
  EXPECT_EQ(Says(ValueOf(See(Wants("t"))).metrics), "known");
}

TEST_F(ObserveTest, OnlyWhatTheRulesNeedIsAskedOfCloudWatch) {
  Table table;
  table.unit.provisioned = {.read = 100, .write = 50};
  Spec spec;
  EXPECT_THAT(SeriesFor(spec, table), SizeIs(0));
  spec.capacity.emplace();
  spec.capacity->read = Units{int64_t{100}};
  spec.capacity->write = Units{Range{.min = 50, .max = 200}};
  EXPECT_THAT(SeriesFor(spec, table), SizeIs(0));
  spec.capacity->read = Units{int64_t{80}};  // lower than it has: what is used speaks against it
  EXPECT_THAT(SeriesFor(spec, table), SizeIs(1));
  spec.capacity->write->value = Range{.min = 50, .max = 200, .lower = Lower{{30}, absl::Hours(3)}};
  ASSERT_THAT(SeriesFor(spec, table), SizeIs(2));
  EXPECT_EQ(SeriesFor(spec, table)[1].window, absl::Hours(3));
}

TEST_F(ObserveTest, TagsAreReadOnlyWhenTheSpecNamesSome) {
  See(Wants("t"));
  EXPECT_EQ(Asked("ListTagsOfResource"), 0U);
  auto spec = std::make_shared<Spec>(*Wants("t"));
  spec->tags = {{"team", "data"}};
  EXPECT_EQ(ValueOf(ValueOf(See(spec)).tags).at("team"), "data");
  clock.Pass(absl::Minutes(1));
  See(spec);
  EXPECT_EQ(Asked("ListTagsOfResource"), 1U);
  See(spec, {"fresh"});
  EXPECT_EQ(Asked("ListTagsOfResource"), 2U);
}

TEST_F(ObserveTest, ATableThatIsNotThereIsAbsentWithProof) {
  EXPECT_THAT(Says(See(Wants("nobody"))), StartsWith("absent: neither among 1 in ListTables"));
  broken["ListTables"] = JsonError("InternalServerError", "", 500);
  clock.Pass(absl::Minutes(1));
  EXPECT_THAT(Says(See(Wants("t"))), StartsWith("unknown: "));
}

}  // namespace
}  // namespace holdfast::dynamodb
