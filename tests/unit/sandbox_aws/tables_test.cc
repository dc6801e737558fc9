// Tables of the simulated account, by the numbers that were measured at the real service.
#include "tests/unit/sandbox_aws/account_lab.h"

namespace holdfast::sandbox::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

json::object To(int64_t read, int64_t write) {
  return {
      {"TableName", "users"},
      {"ProvisionedThroughput", json::object{{"ReadCapacityUnits", read}, {"WriteCapacityUnits", write}}}};
}
json::object IndexTo(const char* index, int64_t read, int64_t write) {
  return {{"Update", json::object{{"IndexName", index},
                                  {"ProvisionedThroughput", json::object{{"ReadCapacityUnits", read},
                                                                         {"WriteCapacityUnits", write}}}}}};
}

class AccountTables : public AccountLab {
 protected:
  AccountTables() { account.AddTable("users", {.read = 100, .write = 50}); }
  std::string Update(int64_t read, int64_t write) {
    std::string refusal = Refusal("dynamodb", "UpdateTable", To(read, write));
    Wait(absl::Seconds(10));
    return refusal;
  }
  Reply Describe() { return Read("dynamodb", "DescribeTable", json::object{{"TableName", "users"}}); }
  Table& table() { return account.scene().tables.all.at("users"); }
};

TEST_F(AccountTables, AnUpdateEchoesTheOldValuesAndTakesAWhile) {
  const Reply reply = Write("dynamodb", "UpdateTable", To(200, 50));
  ASSERT_TRUE(reply.ok()) << reply.status().message();
  EXPECT_EQ(Text(reply, "TableDescription.TableStatus"), "UPDATING");
  EXPECT_EQ(Whole(reply, "TableDescription.ProvisionedThroughput.ReadCapacityUnits"), 100);
  EXPECT_EQ(Text(Describe(), "Table.TableStatus"), "UPDATING");
  EXPECT_THAT(Refusal("dynamodb", "UpdateTable", To(300, 50)), StartsWith("ResourceInUseException"));
  Wait(absl::Seconds(10));
  EXPECT_EQ(Text(Describe(), "Table.TableStatus"), "ACTIVE");
  EXPECT_EQ(Whole(Describe(), "Table.ProvisionedThroughput.ReadCapacityUnits"), 200);
}
TEST_F(AccountTables, EqualValuesAndHalfAThroughputAreRefused) {
  EXPECT_THAT(Update(100, 50), HasSubstr("will not change"));
  EXPECT_THAT(Refusal("dynamodb", "UpdateTable",
                      json::object{{"TableName", "users"},
                                   {"ProvisionedThroughput", json::object{{"ReadCapacityUnits", 7}}}}),
              StartsWith("ValidationException"));
}
TEST_F(AccountTables, AfterFourDecreasesThereIsOneAnHourCountedFromTheLastAccepted) {
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(Update(100 - i, 50 - i), "");  // both at once count once
  EXPECT_EQ(Whole(Describe(), "Table.ProvisionedThroughput.NumberOfDecreasesToday"), 4);
  const absl::Time last = table().decreases.last_decrease;
  EXPECT_THAT(Update(90, 46), StartsWith("LimitExceededException: Subscriber limit exceeded: "
                                         "Provisioned throughput decreases are limited"));
  account.Advance(last + absl::Seconds(3540));
  clock.AdvanceTo(clock.Steady() + (last + absl::Seconds(3540) - clock.Now()));
  EXPECT_THAT(Update(90, 46), StartsWith("LimitExceededException"));
  clock.AdvanceTo(clock.Steady() + (last + absl::Seconds(3601) - clock.Now()));
  EXPECT_EQ(Update(90, 46), "");
  EXPECT_THAT(Update(89, 46), StartsWith("LimitExceededException"));
  EXPECT_EQ(Update(200, 46), "") << "increases are always allowed";
}
TEST_F(AccountTables, AMixedRequestIsRefusedWholeWhenTheBudgetIsUsedUp) {
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(Update(100 - i, 50), "");
  EXPECT_THAT(Update(80, 70), StartsWith("LimitExceededException"));
  EXPECT_EQ(table().throughput.write, 50);
}
TEST_F(AccountTables, TheBudgetIsNewAtMidnightAndOfEachIndexItsOwn) {
  account.AddIndex("users", "by-mail", {.read = 20, .write = 20});
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(Update(100 - i, 50), "");
  json::object index = {{"TableName", "users"},
                        {"GlobalSecondaryIndexUpdates", json::array{IndexTo("by-mail", 10, 20)}}};
  EXPECT_EQ(Refusal("dynamodb", "UpdateTable", index), "");
  Wait(absl::Hours(24));
  EXPECT_EQ(Whole(Describe(), "Table.ProvisionedThroughput.NumberOfDecreasesToday"), 0);
  EXPECT_EQ(Update(50, 50), "");
}
TEST_F(AccountTables, BillingModeIsOnlyToldOnceItWasSwitchedAndTheWayBackNeedsEveryIndex) {
  account.AddIndex("users", "by-mail", {.read = 20, .write = 20});
  EXPECT_EQ(Text(Describe(), "Table.BillingModeSummary.BillingMode"),
            "no Table.BillingModeSummary.BillingMode");
  const json::object on_demand = {{"TableName", "users"}, {"BillingMode", "PAY_PER_REQUEST"}};
  EXPECT_EQ(Refusal("dynamodb", "UpdateTable", on_demand), "");
  Wait(absl::Seconds(149));
  EXPECT_EQ(Text(Describe(), "Table.TableStatus"), "UPDATING");
  Wait(absl::Seconds(2));
  EXPECT_EQ(Text(Describe(), "Table.BillingModeSummary.BillingMode"), "PAY_PER_REQUEST");
  EXPECT_EQ(Whole(Describe(), "Table.ProvisionedThroughput.ReadCapacityUnits"), 0);
  EXPECT_EQ(Refusal("dynamodb", "UpdateTable", on_demand), "") << "the same again is told a tale";
  EXPECT_EQ(table().is, Table::Is::kActive);
  json::object back = To(10, 10);
  back["BillingMode"] = "PROVISIONED";
  EXPECT_THAT(Refusal("dynamodb", "UpdateTable", back), HasSubstr("by-mail"));
  back["GlobalSecondaryIndexUpdates"] = json::array{IndexTo("by-mail", 5, 5)};
  EXPECT_EQ(Refusal("dynamodb", "UpdateTable", back), "");
  EXPECT_EQ(Refusal("dynamodb", "UpdateTable", on_demand), "") << "swallowed while it is under way";
  Wait(absl::Minutes(2));
  EXPECT_EQ(Text(Describe(), "Table.BillingModeSummary.BillingMode"), "PROVISIONED");
  EXPECT_EQ(table().indexes.at("by-mail").throughput, (Throughput{5, 5}));
}
TEST_F(AccountTables, OnDemandCanBeChosenFourTimesADay) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Refusal("dynamodb", "UpdateTable",
                      json::object{{"TableName", "users"}, {"BillingMode", "PAY_PER_REQUEST"}}),
              "");
    Wait(absl::Minutes(3));
    json::object back = To(10, 10);
    back["BillingMode"] = "PROVISIONED";
    EXPECT_EQ(Refusal("dynamodb", "UpdateTable", back), "");
    Wait(absl::Minutes(3));
  }
  EXPECT_THAT(Refusal("dynamodb", "UpdateTable",
                      json::object{{"TableName", "users"}, {"BillingMode", "PAY_PER_REQUEST"}}),
              StartsWith("LimitExceededException"));
}
TEST_F(AccountTables, WhileAnIndexIsFilledOnlyTheTablesThroughputMayChange) {
  const json::object create = {
      {"TableName", "users"},
      {"GlobalSecondaryIndexUpdates",
       json::array{json::object{
           {"Create", json::object{{"IndexName", "new"},
                                   {"KeySchema", json::array()},
                                   {"Projection", json::object()},
                                   {"ProvisionedThroughput",
                                    json::object{{"ReadCapacityUnits", 1}, {"WriteCapacityUnits", 1}}}}}}}}};
  EXPECT_EQ(Refusal("dynamodb", "UpdateTable", create), "");
  EXPECT_THAT(Refusal("dynamodb", "UpdateTable", To(300, 50)), StartsWith("ResourceInUse"))
      << "resources are being allocated";
  Wait(absl::Seconds(41));
  EXPECT_EQ(Text(Describe(), "Table.TableStatus"), "ACTIVE");
  EXPECT_EQ(Update(300, 50), "") << "Backfilling lets the table's throughput through";
  json::object again = create;
  EXPECT_THAT(Refusal("dynamodb", "UpdateTable", again), StartsWith("LimitExceededException"));
  EXPECT_THAT(Refusal("dynamodb", "DeleteTable", json::object{{"TableName", "users"}}),
              StartsWith("ResourceInUse"))
      << "ACTIVE is not quiet";
  Wait(absl::Minutes(10));
  EXPECT_EQ(table().indexes.at("new").is, TableIndex::Is::kActive);
}
TEST_F(AccountTables, ARecreatedTableHasAnotherId) {
  const std::string before = Text(Describe(), "Table.TableId");
  EXPECT_EQ(Refusal("dynamodb", "DeleteTable", json::object{{"TableName", "users"}}), "");
  Wait(absl::Seconds(10));
  EXPECT_EQ(Describe().failure->trouble, Trouble::kMissing);
  json::object create = To(5, 5);
  create["KeySchema"] = json::array();
  create["AttributeDefinitions"] = json::array();
  EXPECT_EQ(Refusal("dynamodb", "CreateTable", create), "");
  EXPECT_EQ(Text(Describe(), "Table.TableStatus"), "CREATING");
  EXPECT_NE(Text(Describe(), "Table.TableId"), before);
}
TEST_F(AccountTables, NamesComeAHundredAPage) {
  for (int i = 0; i < 249; ++i) account.AddTable(Cat("t", i), {.read = 1, .write = 1});
  const Listing all = ReadAll("dynamodb", "ListTables");
  EXPECT_EQ(all.items.size(), 250u);
  EXPECT_EQ(all.pages, 3);
}

// ── load ──

class AccountLoad : public AccountTables {
 protected:
  std::vector<double> Values(const char* metric, const char* index = nullptr) {
    json::array dimensions = {json::object{{"Name", "TableName"}, {"Value", "users"}}};
    if (index != nullptr)
      dimensions.push_back(json::object{{"Name", "GlobalSecondaryIndexName"}, {"Value", index}});
    const Reply reply = Read(
        "cloudwatch", "GetMetricData",
        json::object{{"StartTime", absl::ToUnixSeconds(clock.Now() - absl::Minutes(5))},
                     {"EndTime", absl::ToUnixSeconds(clock.Now())},
                     {"MetricDataQueries",
                      json::array{json::object{
                          {"Id", "q1"},
                          {"MetricStat", json::object{{"Metric", json::object{{"Namespace", "AWS/DynamoDB"},
                                                                              {"MetricName", metric},
                                                                              {"Dimensions", dimensions}}},
                                                      {"Period", 60},
                                                      {"Stat", "Sum"}}}}}}});
    EXPECT_TRUE(reply.ok()) << reply.status().message();
    std::vector<double> out;
    if (!reply.ok()) return out;
    for (const json::value& value : At(reply.body, "MetricDataResults")->at(0).at("Values").as_array())
      out.push_back(value.to_number<double>());
    return out;
  }
};

TEST_F(AccountLoad, WithoutTrafficThereIsNoDatapointAtAll) {
  Wait(absl::Minutes(10));
  EXPECT_TRUE(Values("ConsumedReadCapacityUnits").empty());
  EXPECT_TRUE(Values("ReadThrottleEvents").empty());
}
TEST_F(AccountLoad, WhatIsAskedBeyondTheCapacityIsThrottled) {
  account.SetLoad("users", {.read = 150, .write = 10});
  Wait(absl::Minutes(10));
  EXPECT_EQ(Values("ConsumedReadCapacityUnits").back(), 6000);
  EXPECT_EQ(Values("ReadThrottleEvents").back(), 3000);
  EXPECT_TRUE(Values("WriteThrottleEvents").empty());
  EXPECT_EQ(Update(200, 50), "");
  Wait(absl::Minutes(10));
  EXPECT_TRUE(Values("ReadThrottleEvents").empty());
  EXPECT_EQ(Values("ConsumedReadCapacityUnits").back(), 9000);
}
TEST_F(AccountLoad, AHotKeyIsThrottledBelowTheCapacity) {
  account.SetLoad("users", {.read = 60, .usable = 0.5});
  Wait(absl::Minutes(10));
  EXPECT_EQ(Values("ReadThrottleEvents").back(), 600);
  EXPECT_EQ(Values("ConsumedReadCapacityUnits").back(), 3000) << "half of what there is";
}
TEST_F(AccountLoad, AnIndexIsMeasuredByItself) {
  account.AddIndex("users", "by-mail", {.read = 10, .write = 10});
  account.SetLoad("users", {.write = 20}, "by-mail");
  Wait(absl::Minutes(10));
  EXPECT_EQ(Values("WriteThrottleEvents", "by-mail").back(), 600);
  EXPECT_TRUE(Values("WriteThrottleEvents").empty());
}

}  // namespace
}  // namespace holdfast::sandbox::aws
