#include "reconcilers/aws/inventory.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "reconcilers/clients/aws/document.h"
#include "tests/unit/aws/rig.h"

namespace holdfast::aws {
namespace {

using clients::Says;
using clients::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr absl::Duration kDeadline = absl::Minutes(1);

struct Woken : Waker {
  void LookNow(const ResourceKey& key, std::string) override { keys.push_back(key.name); }
  std::vector<std::string> keys;
};

// An account with alarms (listed whole), tables (listed by name) and scalable targets (in groups).
struct InventoryTest : testing::Test, AwsRig {
  InventoryTest() {
    http.answer = [this](const HttpRequest& request) { return Answer(request); };
  }
  Result<HttpResponse> Answer(const HttpRequest& request) {
    const std::string operation = OperationOf(request);
    if (broken.contains(operation)) return broken[operation];
    if (operation == "DescribeAlarms") return Alarms(*ParseJson(request.body));
    if (operation == "ListTables") return ListedTables();
    if (operation == "DescribeScalableTargets") return Ok(targets);
    if (operation == "DescribeTable") {
      const std::string name = *TextAt(*ParseJson(request.body), "TableName");
      if (!tables.contains(name)) return JsonError("ResourceNotFoundException");
      return Ok(Cat(R"({"Table":{"TableName":")", name, R"(","ItemCount":)", tables[name], "}}"));
    }
    return Next(request);
  }
  HttpResponse Alarms(const json::value& asked) {
    if (const auto names = ListAt(asked, "AlarmNames")) {
      std::string found;
      for (const json::value* one : *names)
        if (const std::string name(Chars(one->get_string())); alarms.contains(name))
          Append(found, found.empty() ? "" : ",", Alarm(name));
      return Ok(Cat(R"({"MetricAlarms":[)", found, "]}"));
    }
    std::string page = R"({"MetricAlarms":[)";
    int count = 0;
    const auto first = alarms.lower_bound(TextAt(asked, "NextToken").value_or(""));
    for (auto at = first; at != alarms.end(); ++at) {
      if (++count > 100) return Ok(Cat(page, R"(],"NextToken":")", at->first, "\"}"));
      if (at->first == cut_off_at) return {200, {}, page};
      Append(page, count == 1 ? "" : ",", Alarm(at->first));
    }
    return Ok(page + "]}");
  }
  HttpResponse ListedTables() {
    std::string page;
    for (const auto& [name, items] : tables) Append(page, page.empty() ? "" : ",", "\"", name, "\"");
    return Ok(Cat(R"({"TableNames":[)", page, "]}"));
  }
  std::string Alarm(const std::string& name) {
    return Cat(R"({"AlarmName":")", name, R"(","Threshold":)", alarms[name], "}");
  }

  Wanted AlarmCalled(std::string name) {
    const json::value one = json::object{{"AlarmNames", json::array{name}}};
    const Target target{.region = "us-east-1"};
    return {.listing = {target, "cloudwatch", "DescribeAlarms", json::object{{"MaxRecords", 100}}},
            .name_member = "AlarmName",
            .name = name,
            .one = {target, "cloudwatch", "DescribeAlarms", one},
            .items = "MetricAlarms"};
  }
  Wanted TableCalled(std::string name) {
    const Target target{.region = "us-east-1"};
    return {.listing = {target, "dynamodb", "ListTables", json::object()},
            .name = name,
            .one = {target, "dynamodb", "DescribeTable", json::object{{"TableName", name}}},
            .items = "Table",
            .described_for = absl::Minutes(5)};
  }
  Wanted TargetsOf(std::string name) {
    const Target target{.region = "us-east-1"};
    const json::value all = json::object{{"ServiceNamespace", "dynamodb"}};
    return {.listing = {target, "application-autoscaling", "DescribeScalableTargets", all},
            .name = name,
            .one = {target, "application-autoscaling", "DescribeScalableTargets",
                    json::object{{"ResourceIds", json::array{name}}, {"ServiceNamespace", "dynamodb"}}},
            .items = "ScalableTargets",
            .group_of = [](const json::value& item) { return TextAt(item, "ResourceId").value_or(""); }};
  }
  Look Routine(std::string who) {
    return {.self = {"Thing", std::move(who)},
            .not_older_than = clock.Now() - absl::Milliseconds(500),
            .touched_not_older_than = clock.Now() - absl::Milliseconds(500)};
  }
  Observed<Item> See(Wanted wanted, Look look) {
    return Wait(inventory.See(client, std::move(wanted), std::move(look), kDeadline));
  }
  Observed<Item> See(Wanted wanted) {
    Look look = Routine(wanted.name);
    return See(std::move(wanted), std::move(look));
  }
  // Those who wait for nothing are not driven by the clock of those who sleep: each look is begun first.
  std::vector<Observed<Item>> SeeTogether(const std::vector<std::string>& names) {
    std::vector<std::shared_ptr<std::optional<Observed<Item>>>> begun;
    for (const std::string& name : names)
      begun.push_back(Spawn(inventory.See(client, AlarmCalled(name), Routine(name), absl::Minutes(5))));
    AwsRig::Run();
    std::vector<Observed<Item>> seen;
    for (const auto& one : begun) seen.push_back(**one);
    return seen;
  }

  std::map<std::string, int> alarms, tables;
  std::string targets = R"({"ScalableTargets":[]})";
  std::map<std::string, HttpResponse> broken;
  std::string cut_off_at = "nowhere";
  Woken woken;
  Inventory inventory{world, woken};
};

int ThresholdOf(const Observed<Item>& seen) {
  const Item item = ValueOf(seen);
  return item ? static_cast<int>(WholeAt(*item, "Threshold").value_or(-1)) : -1;
}

TEST_F(InventoryTest, OneSweepServesEverybody) {
  alarms = {{"a", 1}, {"b", 2}, {"c", 3}};
  const auto seen = SeeTogether({"a", "b", "c"});
  EXPECT_EQ(ThresholdOf(seen[0]), 1);
  EXPECT_EQ(ThresholdOf(seen[2]), 3);
  EXPECT_EQ(Asked("DescribeAlarms"), 1U);
  clock.Pass(Inventory::kInterval - absl::Seconds(1));
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("b"))), 2);
  EXPECT_EQ(Asked("DescribeAlarms"), 1U);
  clock.Pass(absl::Seconds(1));
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("b"))), 2);
  EXPECT_EQ(Asked("DescribeAlarms"), 2U);
}

TEST_F(InventoryTest, NobodyWaitsForAListingThatIsUnderWay) {
  alarms = {{"a", 1}, {"b", 2}};
  SeeTogether({"a", "b"});
  clock.Pass(Inventory::kInterval);
  alarms["b"] = 5;
  EXPECT_EQ(ThresholdOf(SeeTogether({"a", "b"})[1]), 2);  // it was there before the listing was
  EXPECT_EQ(Asked("DescribeAlarms"), 2U);
  EXPECT_THAT(woken.keys, ElementsAre("b"));
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("b"))), 5);
}

TEST_F(InventoryTest, AListingTooOldToBeBelievedIsNotWhileAnotherIsUnderWay) {
  alarms = {{"a", 1}, {"b", 2}};
  SeeTogether({"a", "b"});
  clock.Pass(Inventory::kBelieved + absl::Seconds(1));
  alarms["b"] = 5;
  EXPECT_EQ(ThresholdOf(SeeTogether({"a", "b"})[1]), 5);
  EXPECT_EQ(Asked("DescribeAlarms"), 2U);
}

// The page said "as before", and before the listing's end came the answer to a question that was asked before
// it.
TEST_F(InventoryTest, AnOlderAnswerThatComesLaterIsNotTakenForTheListings) {
  for (int i = 0; i < 150; ++i) alarms[Cat("alarm-", 100 + i)] = 1;
  SeeTogether({"alarm-100", "alarm-101"});
  clock.Pass(Inventory::kInterval);
  http.answer = [&](const HttpRequest& request) {
    if (request.body.find("alarm-100") != std::string::npos) alarms["alarm-100"] = 7;
    if (request.body.find("MaxRecords") != std::string::npos)
      http.takes = absl::Seconds(5);  // the second page
    return Answer(request);
  };
  Look look = Routine("alarm-100");
  look.demanded = clock.Now();
  http.takes = absl::Seconds(1);
  const auto one = Spawn(inventory.See(client, AlarmCalled("alarm-100"), look, kDeadline));
  loop.restart();
  loop.poll();
  clock.Pass(absl::Milliseconds(1));
  http.takes = absl::Milliseconds(1);
  const auto all = Spawn(inventory.See(client, AlarmCalled("alarm-101"), Routine("alarm-101"), kDeadline));
  AwsRig::Run();
  EXPECT_EQ(ThresholdOf(**one), 7);
  EXPECT_EQ(ThresholdOf(**all), 1);
  EXPECT_THAT(woken.keys, ElementsAre("alarm-100"));
  const size_t asked = Asked("DescribeAlarms");
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("alarm-100"))), 7);
  EXPECT_EQ(Asked("DescribeAlarms"), asked + 1) << "is read by itself";
}

TEST_F(InventoryTest, WhatIsKnownIsAsOldAsItsCall) {
  alarms = {{"a", 1}};
  const absl::Time before = clock.Now();
  See(AlarmCalled("a"));
  clock.Pass(absl::Seconds(10));
  const auto at = See(AlarmCalled("a"))
                      .Match([](const Known<Item>& known) { return known.at; },
                             [](const Absent&) { return absl::InfinitePast(); },
                             [](const Unknown&) { return absl::InfinitePast(); });
  EXPECT_LT(at - before, absl::Seconds(1));
}

TEST_F(InventoryTest, TenThousandAlarmsAreAHundredAndFiveCallsAtMost) {
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) names.push_back(Cat("alarm-", 10'000 + i));
  for (const std::string& name : names) alarms[name] = 1;
  for (const auto& one : SeeTogether(names)) ASSERT_EQ(ThresholdOf(one), 1);
  EXPECT_LE(http.requests.size(), 105U);
  clock.Pass(Inventory::kInterval);
  http.requests.clear();
  for (const auto& one : SeeTogether(names)) ASSERT_EQ(ThresholdOf(one), 1);
  EXPECT_LE(http.requests.size(), 105U);
  EXPECT_THAT(woken.keys, IsEmpty());
}

TEST_F(InventoryTest, AListingThatBrokeOffAtAnyPageIsUnknownForEverybody) {
  for (int i = 0; i < 250; ++i) alarms[Cat("alarm-", 100 + i)] = 1;
  for (const char* at : {"alarm-100", "alarm-210", "alarm-349"}) {
    cut_off_at = at;
    for (const auto& one : SeeTogether({"alarm-100", "alarm-250", "nobody"}))
      EXPECT_THAT(Says(one), StartsWith("unknown: "));
    clock.Pass(Inventory::kAfterFailure);
  }
  cut_off_at = "nowhere";
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("alarm-250"))), 1);
}

TEST_F(InventoryTest, AFailureIsSharedAndNotRepeatedAtOnce) {
  alarms = {{"a", 1}, {"b", 2}};
  broken["DescribeAlarms"] = JsonError("AccessDeniedException");
  for (const auto& one : SeeTogether({"a", "b"})) EXPECT_THAT(Says(one), HasSubstr("AccessDenied"));
  See(AlarmCalled("a"));
  EXPECT_EQ(Asked("DescribeAlarms"), 1U);
  clock.Pass(Inventory::kAfterFailure);
  See(AlarmCalled("a"));
  EXPECT_EQ(Asked("DescribeAlarms"), 2U);
}

TEST_F(InventoryTest, MissingIsBelievedOnlyAfterATargetedCall) {
  alarms = {{"a", 1}};
  EXPECT_THAT(Says(See(AlarmCalled("b"))), HasSubstr("absent: neither among 1 in DescribeAlarms nor found"));
  EXPECT_EQ(Asked("DescribeAlarms"), 2U);
  // It is there by now, and the listing is still young.
  alarms["b"] = 7;
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("b"))), 7);
  EXPECT_EQ(Asked("DescribeAlarms"), 3U);
  // The targeted call alone proves nothing either.
  broken["DescribeAlarms"] = JsonError("InternalServerError", "", 500);
  EXPECT_THAT(Says(See(AlarmCalled("c"))), StartsWith("unknown: "));
}

TEST_F(InventoryTest, WhatContradictsItselfIsNotKnown) {
  tables = {{"a", 1}};
  broken["DescribeTable"] = JsonError("ResourceNotFoundException");
  EXPECT_THAT(Says(See(TableCalled("a"))),
              StartsWith("unknown: a is in the listing but DescribeTable does not find it"));
}

TEST_F(InventoryTest, AnOlderListingDoesNotContradict) {
  tables = {{"a", 1}};
  See(TableCalled("a"));
  clock.Pass(absl::Seconds(1));
  tables.clear();
  Look look = Routine("a");
  look.demanded = clock.Now();
  EXPECT_THAT(Says(See(TableCalled("a"), look)), StartsWith("absent: "));
}

TEST_F(InventoryTest, WhatIsDemandedTouchedOrAskedForIsReadByItself) {
  alarms = {{"a", 1}, {"b", 2}};
  See(AlarmCalled("a"));
  clock.Pass(absl::Seconds(5));
  alarms["a"] = 5;
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"))), 1);
  Look demanded = Routine("a");
  demanded.demanded = clock.Now();
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"), demanded)), 5);
  EXPECT_THAT(http.requests.back().body, HasSubstr(R"("AlarmNames":["a"])"));

  alarms["a"] = 6;
  clock.Pass(absl::Seconds(5));
  Look touched = Routine("a");
  touched.touched = {"a"};
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"), touched)), 6);

  alarms["a"] = 7;
  clock.Pass(absl::Seconds(5));
  Look asks = Routine("a");
  asks.ask = {"something else"};
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"), asks)), 6);
  asks.ask = {std::string(Inventory::kFresh)};
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"), asks)), 7);
  // As young as it is wanted to be: nobody is asked again.
  const size_t before = Asked("DescribeAlarms");
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"), asks)), 7);
  EXPECT_EQ(Asked("DescribeAlarms"), before);
}

TEST_F(InventoryTest, AnOlderListingDoesNotReplaceWhatWasReadByItself) {
  alarms = {{"a", 1}};
  See(AlarmCalled("a"));
  clock.Pass(Inventory::kInterval);
  // The listing is asked for first, comes last, and tells of before.
  int answered = 0;
  http.answer = [&](const HttpRequest& request) {
    alarms["a"] = ++answered == 1 ? 2 : 1;
    return Answer(request);
  };
  http.takes = absl::Seconds(2);
  const auto sweep = Spawn(inventory.See(client, AlarmCalled("a"), Routine("other"), kDeadline));
  loop.restart();
  loop.poll();
  clock.Pass(absl::Milliseconds(1));
  http.takes = absl::Milliseconds(1);
  Look demanded = Routine("a");
  demanded.demanded = clock.Now();
  const auto one = Spawn(inventory.See(client, AlarmCalled("a"), demanded, kDeadline));
  AwsRig::Run();
  EXPECT_EQ(ThresholdOf(**one), 2);
  EXPECT_EQ(ThresholdOf(**sweep), 2);
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"))), 2);
}

TEST_F(InventoryTest, WhatChangedWakesThoseWhoWatchItAndNobodyElse) {
  alarms = {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}};
  SeeTogether({"a", "b", "c", "new"});
  EXPECT_THAT(woken.keys, IsEmpty());
  alarms["b"] = 9;    // changed
  alarms.erase("c");  // gone
  alarms["new"] = 5;  // came
  alarms["d"] = 9;    // nobody watches
  clock.Pass(Inventory::kInterval);
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"))), 1);
  EXPECT_THAT(woken.keys, testing::UnorderedElementsAre("b", "c", "new"));
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("b"))), 9);
  EXPECT_THAT(Says(See(AlarmCalled("c"))), StartsWith("absent"));
}

TEST_F(InventoryTest, WhoWakesItselfWouldLookForEver) {
  alarms = {{"a", 1}};
  See(AlarmCalled("a"));
  clock.Pass(Inventory::kInterval);
  alarms["a"] = 2;
  EXPECT_EQ(ThresholdOf(See(AlarmCalled("a"))), 2);
  EXPECT_THAT(woken.keys, IsEmpty());
}

TEST_F(InventoryTest, ManyWhoComeLaterShareASweepInsteadOfACallEach) {
  std::vector<std::string> names;
  for (int i = 0; i < 50; ++i) names.push_back(Cat("late-", 100 + i));
  alarms = {{"a", 1}};
  See(AlarmCalled("a"));
  clock.Pass(Inventory::kInterval);
  for (const std::string& name : names) alarms[name] = 3;
  See(AlarmCalled("a"));
  const size_t before = Asked("DescribeAlarms");
  for (const auto& one : SeeTogether(names)) EXPECT_EQ(ThresholdOf(one), 3);
  EXPECT_LE(Asked("DescribeAlarms") - before, 2U);
}

// Ten thousand tables are described one after the other, and listings go by meanwhile.
TEST_F(InventoryTest, WhoComesLaterBelievesAYoungListing) {
  tables = {{"a", 1}, {"b", 2}, {"c", 3}};
  See(TableCalled("a"));
  clock.Pass(Inventory::kInterval);
  See(TableCalled("a"));
  const size_t listings = Asked("ListTables"), descriptions = Asked("DescribeTable");
  EXPECT_EQ(Says(See(TableCalled("b"))), "known");
  EXPECT_EQ(Says(See(TableCalled("c"))), "known");
  EXPECT_THAT(Says(See(TableCalled("no-such"))), StartsWith("absent: neither among 3 in ListTables"));
  EXPECT_EQ(Asked("ListTables"), listings);
  EXPECT_EQ(Asked("DescribeTable"), descriptions + 3);
}

TEST_F(InventoryTest, AListingOfNamesIsFollowedByADescriptionNowAndThen) {
  tables = {{"a", 1}, {"b", 2}};
  const auto items = [&](std::string name) { return WholeAt(*ValueOf(See(TableCalled(name))), "ItemCount"); };
  EXPECT_EQ(items("a"), 1);
  EXPECT_EQ(items("b"), 2);
  EXPECT_EQ(Asked("DescribeTable"), 2U);
  // Listings say that it is still there, and cost no description but one in its time.
  tables["a"] = 5;
  for (int i = 0; i < 10; ++i) {
    clock.Pass(Inventory::kInterval);
    items("a");
  }
  EXPECT_EQ(items("a"), 5);
  EXPECT_EQ(Asked("DescribeTable"), 3U);
  EXPECT_EQ(Asked("ListTables"), 11U);
  EXPECT_THAT(woken.keys, IsEmpty());
}

// They were described together at first, and are not for ever.
TEST_F(InventoryTest, ASweepOfNamesDescribesATenthOfThem) {
  constexpr size_t kTables = 1000, kSweeps = 10;
  for (size_t i = 0; i < kTables; ++i) tables[Cat("table-", kTables + i)] = 1;
  const absl::Duration begun = clock.Steady();
  const auto sweep = [&](size_t number) {
    clock.Pass(begun + number * Inventory::kInterval - clock.Steady());
    http.requests.clear();
    for (const auto& [name, items] : tables) EXPECT_EQ(Says(See(TableCalled(name))), "known");
    EXPECT_EQ(Asked("ListTables"), 1U);
    return Asked("DescribeTable");
  };
  EXPECT_EQ(sweep(0), kTables);
  for (size_t round = 0; round < 2; ++round) {
    size_t all = 0;
    for (size_t i = 1; i <= kSweeps; ++i) {
      const size_t described = sweep(round * kSweeps + i);
      EXPECT_GT(described, kTables / kSweeps / 2);
      EXPECT_LT(described, kTables / kSweeps * 2);
      all += described;
    }
    EXPECT_NEAR(static_cast<double>(all), kTables, 50.0);
  }
}

TEST_F(InventoryTest, ATableThatIsGoneWakesItsWatcherAndIsAbsent) {
  tables = {{"a", 1}, {"b", 2}};
  See(TableCalled("a"));
  See(TableCalled("b"));
  tables.erase("b");
  clock.Pass(Inventory::kInterval);
  See(TableCalled("a"));
  EXPECT_THAT(woken.keys, ElementsAre("b"));
  EXPECT_THAT(Says(See(TableCalled("b"))), StartsWith("absent: neither among 1 in ListTables"));
}

TEST_F(InventoryTest, ItemsOfOneOwnerComeTogether) {
  targets =
      R"({"ScalableTargets":[{"ResourceId":"table/a","Min":1},{"ResourceId":"table/b"},{"ResourceId":"table/a","Min":2}]})";
  EXPECT_EQ(ValueOf(See(TargetsOf("table/a")))->get_array().size(), 2U);
  EXPECT_EQ(ValueOf(See(TargetsOf("table/b")))->get_array().size(), 1U);
  // None is not absent: a whole listing says so.
  EXPECT_EQ(ValueOf(See(TargetsOf("table/c")))->get_array().size(), 0U);
  EXPECT_EQ(Asked("DescribeScalableTargets"), 1U);
  clock.Pass(Inventory::kInterval);
  targets = R"({"ScalableTargets":[{"ResourceId":"table/b"}]})";
  EXPECT_EQ(ValueOf(See(TargetsOf("table/b")))->get_array().size(), 1U);
  EXPECT_THAT(woken.keys, ElementsAre("table/a"));
  Look fresh = Routine("table/a");
  fresh.ask = {std::string(Inventory::kFresh)};
  clock.Pass(absl::Seconds(5));
  EXPECT_EQ(ValueOf(See(TargetsOf("table/a"), fresh))->get_array().size(), 0U);
  EXPECT_THAT(http.requests.back().body, HasSubstr(R"("ResourceIds":["table/a"])"));
}

TEST_F(InventoryTest, AGroupThatWasLeftOutIsNotTakenForEmpty) {
  targets = R"({"ScalableTargets":[{"ResourceId":"t1"},{"ResourceId":"t2"}]})";
  See(TargetsOf("t1"));
  clock.Pass(Inventory::kInterval);
  See(TargetsOf("t1"));  // this listing keeps what somebody has asked for
  clock.Pass(absl::Seconds(1));
  const Item item = ValueOf(See(TargetsOf("t2")));
  ASSERT_TRUE(item && item->is_array());
  EXPECT_EQ(item->get_array().size(), 1U);
}

TEST_F(InventoryTest, WhatIsWantedFreshAtOnceIsReadInOneCall) {
  for (int i = 100; i < 220; ++i) alarms[Cat("a", i)] = i;
  (void)See(AlarmCalled("a100"));
  const size_t before = Asked("DescribeAlarms");
  std::vector<std::shared_ptr<std::optional<Observed<Item>>>> begun;
  for (const auto& [name, threshold] : alarms) {
    Wanted wanted = AlarmCalled(name);
    wanted.many = "AlarmNames";
    Look fresh = Routine(name);
    fresh.ask = {std::string(Inventory::kFresh)};
    fresh.not_older_than = clock.Now() + absl::Milliseconds(1);
    begun.push_back(Spawn(inventory.See(client, std::move(wanted), std::move(fresh), absl::Minutes(5))));
  }
  AwsRig::Run();
  int expected = 100;
  for (const auto& one : begun) EXPECT_EQ(ThresholdOf(**one), expected++);
  EXPECT_LE(Asked("DescribeAlarms") - before, 4U);
}

TEST_F(InventoryTest, OneThatIsMissingAmongManyIsAbsentAndATroubleIsOfAll) {
  alarms = {{"a", 1}};
  (void)See(AlarmCalled("a"));
  const auto fresh = [&](const std::string& name) {
    Wanted wanted = AlarmCalled(name);
    wanted.many = "AlarmNames";
    Look look = Routine(name);
    look.ask = {std::string(Inventory::kFresh)};
    look.not_older_than = clock.Now() + absl::Milliseconds(1);
    return Spawn(inventory.See(client, std::move(wanted), std::move(look), absl::Minutes(5)));
  };
  auto there = fresh("a"), missing = fresh("b");
  AwsRig::Run();
  EXPECT_EQ(ThresholdOf(**there), 1);
  EXPECT_THAT(Says(**missing), StartsWith("absent: neither among 1"));
  broken["DescribeAlarms"] = JsonError("AccessDeniedException");
  there = fresh("a"), missing = fresh("b");
  AwsRig::Run();
  EXPECT_THAT(Says(**there), StartsWith("unknown: "));
  EXPECT_THAT(Says(**missing), StartsWith("unknown: "));
}

}  // namespace
}  // namespace holdfast::aws
