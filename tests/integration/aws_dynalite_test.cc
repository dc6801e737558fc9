// A table on dynalite, where changes take their time and decreases are counted.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/dynalite_lab.h"
#include "tests/integration/real_table.h"

namespace holdfast::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Tables on dynalite; CloudWatch and Application Auto Scaling, which it has not, on moto.
struct TableThatTakesItsTime : RealTable {
  void SetUp() override {
    if (Dynalite::Program().empty())
      GTEST_SKIP() << "skipped: dynalite is not installed (tests/setup check installs it)";
    RealTable::SetUp();
    endpoint.clear();
  }
  void Start(absl::Duration window) {
    dynalite = std::make_unique<Dynalite>(lab, rig, window);
    CheckEveryCall();
    systems.Use<System>().settings.environment["AWS_ENDPOINT_URL_DYNAMODB"] = dynalite->url();
    // moto loads a service with the first call to it, and that may take longer than the window.
    const Reply loaded = SendRead({{.region = "us-east-1"},
                                   "application-autoscaling",
                                   "DescribeScalableTargets",
                                   json::object{{"ServiceNamespace", "dynamodb"}}});
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  }
  void Units(int read, int index_read = 5) {
    Spec(Cat("table: users\nkey: {partition: {name: id}}\ncapacity: {read: ", read,
             ", write: 10}\nindexes: {by-mail: {read: ", index_read,
             ", write: 10, key: {partition: {name: mail}}}}\n"));
  }
  std::string UnderWay() const {
    const Wait* wait = WaitNamed(plan, "a change is under way");
    return wait == nullptr ? "" : wait->detail;
  }
  // Goes on until nothing is under way any more; the verbs of what was done.
  std::vector<std::string> Through() {
    std::vector<std::string> verbs;
    EXPECT_TRUE(clients::WaitUntil([&] {
      for (std::string& verb : Settle()) verbs.push_back(std::move(verb));
      return UnderWay().empty();
    }));
    return verbs;
  }
  const dynamodb::Provisioned& Told(std::string_view index = "") const {
    return state.table.Find(index)->provisioned;
  }
  bool IsJustNow(absl::Time at) const {
    const absl::Time now = rig.world.clock.Now();
    return now - absl::Minutes(1) < at && at < now + absl::Seconds(5);
  }

  std::unique_ptr<Dynalite> dynalite;
};

TEST_F(TableThatTakesItsTime, D1_NothingIsSentToATableThatIsCreatingOrUpdating) {
  Start(absl::Seconds(4));
  Units(10);
  EXPECT_THAT(Settle(), ElementsAre("create"));
  EXPECT_EQ(UnderWay(), "the table is CREATING");
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kNo);
  EXPECT_THAT(Through(), IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);

  Units(20);
  EXPECT_THAT(Settle(), ElementsAre("raise"));
  EXPECT_EQ(UnderWay(), "the table is UPDATING");
  EXPECT_EQ(Capacity(), "10/10") << "old values are told until it is through";
  Units(30);
  EXPECT_THAT(Settle(), IsEmpty()) << "AWS would refuse it";
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(Through(), ElementsAre("raise"));
  EXPECT_EQ(Capacity(), "30/10");
  EXPECT_EQ(Capacity("by-mail"), "5/10");
  EXPECT_TRUE(IsJustNow(Told().last_increase));
  EXPECT_EQ(Told().decreases_today, 0);
  EXPECT_THAT(plan.waits, IsEmpty());
}

TEST_F(TableThatTakesItsTime, D5_DecreasesAreCountedByTheServiceWhoeverSentThem) {
  // The count is that of a day.
  const auto until_midnight = [&] {
    const absl::Duration day = absl::Hours(24);
    return absl::Ceil(rig.world.clock.Now() - absl::UnixEpoch(), day) -
           (rig.world.clock.Now() - absl::UnixEpoch());
  };
  ASSERT_TRUE(clients::WaitUntil([&] { return until_midnight() > absl::Minutes(1); }, absl::Seconds(90)));
  Start(absl::Milliseconds(100));
  Units(10);
  EXPECT_THAT(Through(), ElementsAre("create"));
  for (const int read : {9, 8}) {
    Units(read);
    EXPECT_THAT(Through(), ElementsAre("lower"));
    EXPECT_EQ(Capacity(), Cat(read, "/10"));
    EXPECT_EQ(Told().decreases_today, 10 - read);
    EXPECT_TRUE(IsJustNow(Told().last_decrease));
  }
  for (const int read : {7, 6}) {
    const json::value wanted =
        *ParseJson(Cat(R"({"TableName":"users","ProvisionedThroughput":{"ReadCapacityUnits":)", read,
                       R"(,"WriteCapacityUnits":10}})"));
    const Reply reply = SendWrite({TargetOf(want->location), "dynamodb", "UpdateTable", wanted});
    ASSERT_TRUE(reply.ok()) << reply.status().message();
    const auto shows = [&] {
      plan.ask = {"fresh"};  // nothing of ours has touched it
      Decide();
      return UnderWay().empty() && Told().read == read;
    };
    ASSERT_TRUE(clients::WaitUntil(shows));
  }
  // Four are free; the index has a count of its own.
  Units(5, 4);
  EXPECT_THAT(Through(), ElementsAre("lower"));
  EXPECT_EQ(Capacity(), "6/10");
  EXPECT_EQ(Capacity("by-mail"), "4/10");
  EXPECT_EQ(Told("by-mail").decreases_today, 1);
  EXPECT_EQ(Told().decreases_today, 4);
  const Wait* wait = WaitNamed(plan, "decrease budget");
  ASSERT_NE(wait, nullptr);
  EXPECT_THAT(wait->detail, HasSubstr("4 decreases today, the last at "));
  EXPECT_LE(wait->until, Told().last_decrease + absl::Hours(1));
  // A raise needs no budget.
  Units(20, 4);
  EXPECT_THAT(Through(), ElementsAre("raise"));
  EXPECT_EQ(Capacity(), "20/10");
}

TEST_F(TableThatTakesItsTime, WhatIsSentTwiceIsRefusedAndChangesNothing) {
  Start(absl::Milliseconds(100));
  Units(10);
  Decide();
  ASSERT_NE(StepCalled(plan, "create"), nullptr);
  const Action create = StepCalled(plan, "create")->action;
  EXPECT_EQ(Perform(create).kind, Outcome::Kind::kDone);
  Outcome again = Perform(create);
  EXPECT_EQ(again.kind, Outcome::Kind::kRefused);
  EXPECT_THAT(again.detail, HasSubstr("ResourceInUseException"));
  EXPECT_THAT(Through(), IsEmpty());

  Units(20);
  while (!Goes(plan, "raise")) Decide();
  const Action raise = StepCalled(plan, "raise")->action;
  EXPECT_EQ(Perform(raise).kind, Outcome::Kind::kDone);
  EXPECT_THAT(Through(), IsEmpty());
  again = Perform(raise);
  EXPECT_EQ(again.kind, Outcome::Kind::kRefused);
  EXPECT_THAT(again.detail, HasSubstr("The requested value equals the current value"));
  EXPECT_THAT(Through(), IsEmpty());
  EXPECT_EQ(Capacity(), "20/10");
}

}  // namespace
}  // namespace holdfast::aws
