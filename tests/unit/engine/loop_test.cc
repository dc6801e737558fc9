// Rounds of many resources: fairness, bounds, cadence, stopping.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "controller/base/text.h"
#include "tests/unit/engine/rig.h"

namespace holdfast::sim {
namespace {

auto Settled() {
  return [](const auto&, const Frame&, absl::Time) {
    Plan plan;
    plan.readiness = {Readiness::Is::kYes, "AllUp", ""};
    return plan;
  };
}
auto Wants(const std::string& key, const std::string& value, Danger danger = Danger::kReversible) {
  return [=](const auto& seen, const Frame&, absl::Time) { return Want(seen, key, value, danger); };
}

TEST(Loop, LooksActsLooksAgainAndRests) {
  Rig rig;
  const auto script = rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.RowOf("lamp")[ConditionType::kReady].status == Truth::kTrue; }));
  EXPECT_EQ(rig.Done(), "a=1");
  EXPECT_LT(rig.clock.Steady(), absl::Seconds(1)) << "after an act it looks again at once";
  rig.RunFor(absl::Minutes(5));
  EXPECT_EQ(rig.Done(), "a=1");
  EXPECT_EQ(rig.RowOf("lamp")[ConditionType::kReconciling].status, Truth::kFalse);
}

TEST(Loop, WhatADecisionAsksForIsLookedForAtOnceAndAsLongAsItAsks) {
  Rig rig;
  auto asks = std::make_shared<std::vector<std::string>>(std::vector<std::string>{"sizes"});
  const auto script = rig.Declare("lamp", [asks](const auto&, const Frame&, absl::Time) {
    Plan plan;
    plan.ask = *asks;
    return plan;
  });
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  using Asked = std::vector<std::vector<std::string>>;
  EXPECT_EQ(script->asked, (Asked{{}, {"sizes"}})) << "at once, and not again while nothing new is asked";
  asks->clear();
  rig.RunFor(absl::Minutes(2));
  ASSERT_GE(script->asked.size(), 4u);
  EXPECT_EQ(script->asked[2], std::vector<std::string>{"sizes"});
  EXPECT_TRUE(script->asked.back().empty()) << "what is not asked any more costs no reads";
}

TEST(Loop, ADecisionThatAlwaysAsksForMoreDoesNotSpin) {
  Rig rig;
  auto round = std::make_shared<int>(0);
  const auto script = rig.Declare("lamp", [round](const auto&, const Frame&, absl::Time) {
    Plan plan;
    plan.ask = {Cat("part ", ++*round)};
    return plan;
  });
  rig.Start();
  rig.RunFor(absl::Seconds(20));
  EXPECT_LE(script->observed, 5);
}

TEST(Loop, LooksAtEveryIntervalWithJitter) {
  Rig rig;
  const auto script = rig.Declare("lamp", Settled());
  rig.Start();
  rig.RunFor(absl::Minutes(10));
  EXPECT_GE(script->observed, 18);
  EXPECT_LE(script->observed, 24);
  bool jittered = false;
  for (size_t i = 2; i < script->observed_at.size(); ++i) {
    const absl::Duration gap = script->observed_at[i] - script->observed_at[i - 1];
    EXPECT_GE(gap, absl::Seconds(26));
    EXPECT_LE(gap, absl::Seconds(34));
    jittered |= gap != absl::Seconds(30);
  }
  EXPECT_TRUE(jittered);
}

TEST(Loop, ManyCallsForOneResourceAreOneLook) {
  Rig rig;
  const auto script = rig.Declare("lamp", Settled());
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  const int before = script->observed;
  for (int i = 0; i < 1000; ++i) rig.engine->LookNow(Key("lamp"), "rung");
  rig.RunFor(absl::Seconds(1));
  EXPECT_EQ(script->observed, before + 1);
}

TEST(Loop, ALookAskedForDuringARoundIsNotLost) {
  Rig rig;
  const auto script = rig.Declare("lamp", Settled());
  script->latency = absl::Seconds(1);
  rig.Start();
  rig.RunFor(absl::Milliseconds(100));
  ASSERT_EQ(script->observed, 1);
  rig.engine->LookNow(Key("lamp"), "rung");
  rig.RunFor(absl::Seconds(2));
  EXPECT_EQ(script->observed, 2);
}

TEST(Loop, RunsAtMostSoManyRoundsAtOnce) {
  Settings settings;
  settings.rounds_at_once = 4;
  settings.patience = absl::Minutes(10);  // nobody counts as slow
  Rig rig(settings);
  std::vector<std::shared_ptr<Script>> scripts;
  for (int i = 0; i < 40; ++i) {
    scripts.push_back(rig.Declare(Cat("r", i), Settled()));
    scripts.back()->latency = absl::Seconds(1);
  }
  rig.Start();
  size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    rig.RunFor(absl::Milliseconds(100));
    most = std::max(most, rig.engine->queue().running());
  }
  EXPECT_EQ(most, 4u);
  for (const auto& script : scripts) EXPECT_GE(script->observed, 1);
}

// The latency of a resource: from when it was asked for until its look began. Reliability L6.
absl::Duration MedianLatency(int resources, int hanging) {
  Rig rig;
  std::vector<std::shared_ptr<Script>> well;
  for (int i = 0; i < resources; ++i) {
    auto script = rig.Declare(Cat("r", i), Settled());
    script->latency = absl::Milliseconds(20);
    if (i % 100 == 0 && hanging > 0)
      script->looks = Script::Looks::kHang;
    else
      well.push_back(script);
  }
  rig.Start();
  rig.RunFor(absl::Minutes(3));  // past the first flood
  std::vector<absl::Duration> latencies;
  for (int i = 0; i < 200; ++i) {
    const size_t which = static_cast<size_t>(i) * 37 % well.size();
    const int before = well[which]->observed;
    int number = 0;
    for (int r = 0, w = 0; r < resources; ++r) {
      if (r % 100 == 0 && hanging > 0) continue;
      if (static_cast<size_t>(w++) == which) number = r;
    }
    const absl::Duration asked = rig.clock.Steady();
    rig.engine->LookNow(Key(Cat("r", number)), "rung");
    EXPECT_TRUE(rig.RunUntil([&] { return well[which]->observed > before; }, absl::Minutes(1)));
    latencies.push_back(rig.clock.Steady() - asked);
    rig.RunFor(absl::Milliseconds(50));
  }
  std::nth_element(latencies.begin(), latencies.begin() + 100, latencies.end());
  return latencies[100];
}

TEST(Loop, OnePercentThatHangsForEverStarvesNobody_10000Resources) {
  const absl::Duration calm = MedianLatency(10'000, 0);
  const absl::Duration disturbed = MedianLatency(10'000, 100);
  EXPECT_LE(disturbed, std::max(2 * calm, absl::Milliseconds(4)));
}

TEST(Loop, AHangingLookIsCutOffAndSaysSo) {
  Rig rig;
  const auto script = rig.Declare("lamp", Settled());
  script->looks = Script::Looks::kHang;
  rig.Start();
  rig.RunFor(absl::Minutes(2));
  EXPECT_GE(script->observed, 2) << "it is tried again";
  EXPECT_EQ(rig.RowOf("lamp")[ConditionType::kObserved].status, Truth::kFalse);
  EXPECT_NE(rig.RowOf("lamp")[ConditionType::kObserved].message.view().find("did not come back"),
            std::string::npos);
  EXPECT_NE(rig.WaitOf("lamp", "deadline"), nullptr);
  script->looks = Script::Looks::kSeen;
  ASSERT_TRUE(rig.RunUntil([&] { return rig.RowOf("lamp")[ConditionType::kReady].status == Truth::kTrue; }));
}

TEST(Loop, AnUnknownLookNeverLeadsToAnActionAndBacksOff) {
  Rig rig;
  const auto script = rig.Declare("lamp", Wants("a", "1"));
  script->looks = Script::Looks::kUnknown;
  rig.Start();
  rig.RunFor(absl::Minutes(30));
  EXPECT_EQ(rig.Done(), "");
  EXPECT_LT(script->observed, 75) << "about one look an interval";
  EXPECT_GT(script->observed, 20);
  EXPECT_EQ(rig.RowOf("lamp")[ConditionType::kReady].status, Truth::kUnknown);
}

TEST(Loop, FiftySilentRoundsWriteNothing) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Minutes(3));
  const int64_t commits = rig.disk.commits;
  const size_t records = rig.disk.records.size();
  rig.RunFor(absl::Minutes(30));
  EXPECT_EQ(rig.disk.commits, commits);
  EXPECT_EQ(rig.disk.records.size(), records);
  EXPECT_EQ(rig.Done(), "a=1");
}

TEST(Loop, IndependentStepsGoTogetherWithOneCommitOfIntents) {
  Rig rig;
  rig.Declare("lamp", [](const auto& seen, const Frame&, absl::Time) {
    Plan plan = Want(seen, "a", "1");
    Plan more = Want(seen, "b", "1");
    if (!plan.stages.empty() && !more.stages.empty()) plan.stages[0].steps.push_back(more.stages[0].steps[0]);
    return plan;
  });
  rig.Start();
  rig.RunFor(absl::Milliseconds(100));
  EXPECT_EQ(rig.doors->most_under_way, 2u);
  EXPECT_EQ(rig.disk.commits, 3) << "the spec; the intents; the outcomes";
}

TEST(Loop, DependentsWaitUntilWhatTheyNeedIsReadyAndGoAtOnceThen) {
  Rig rig;
  auto web = std::make_shared<Script>();
  web->decide = Wants("web", "up");
  Declared declared = rig.Make("web", web);
  declared.depends_on = {Key("db")};
  rig.engine->Declare(std::move(declared));
  rig.Start();
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(rig.Done(), "");
  ASSERT_NE(rig.WaitOf("web", "FakeKind/db"), nullptr);
  EXPECT_EQ(rig.WaitOf("web", "FakeKind/db")->on, Wait::On::kDependency);
  rig.doors->takes = absl::Seconds(3);
  rig.Declare("db", Wants("db", "up"));
  const absl::Duration before = rig.clock.Steady();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["web"] == "up"; }));
  EXPECT_EQ(rig.Done(), "db=up web=up");
  EXPECT_LT(rig.clock.Steady() - before, absl::Seconds(8)) << "readiness wakes dependents";
}

TEST(Loop, StopWaitsForTheStepUnderWayAndBeginsNothing) {
  Rig rig;
  rig.doors->takes = absl::Seconds(8);
  rig.Declare("lamp", [](const auto& seen, const Frame&, absl::Time) {
    Plan plan = Want(seen, "a", "1");
    return plan.stages.empty() ? Want(seen, "b", "1") : plan;
  });
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  ASSERT_EQ(rig.doors->under_way, 1u);
  rig.engine->Stop();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.stopped(); }, absl::Minutes(1)));
  EXPECT_EQ(rig.Done(), "a=1");
  EXPECT_TRUE(rig.disk.Load().open_intents.empty()) << "its outcome was written";
}

TEST(Loop, StopCutsOffLooks) {
  Rig rig;
  rig.Declare("lamp", Settled())->looks = Script::Looks::kHang;
  rig.Start();
  rig.RunFor(absl::Seconds(2));
  rig.engine->Stop();
  const absl::Duration before = rig.clock.Steady();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.stopped(); }, absl::Minutes(1)));
  EXPECT_LT(rig.clock.Steady() - before, absl::Seconds(1));
}

TEST(Loop, WithoutHandsNothingIsDoneAndNothingWritten) {
  Rig rig({}, Engine::Hands::kNone);
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(rig.Done(), "");
  EXPECT_EQ(rig.disk.commits, 0);
  ASSERT_NE(rig.RowOf("lamp").plan, nullptr);
  EXPECT_EQ(rig.RowOf("lamp").plan->plan.stages[0].steps[0].key, "set a#1");
}

TEST(Loop, LooksWhenThePlanSaysSo) {
  Rig rig;
  const auto script = rig.Declare("lamp", [](const auto&, const Frame& frame, absl::Time) {
    Plan plan;
    plan.look_again = frame.now + absl::Seconds(2);
    return plan;
  });
  rig.Start();
  rig.RunFor(absl::Seconds(21));
  EXPECT_GE(script->observed, 10);
  EXPECT_LE(script->observed, 12);
}

TEST(Loop, UntilQuietReturnsWhenNothingMoves) {
  Rig rig;
  rig.doors->takes = absl::Seconds(5);
  rig.Declare("lamp", Wants("a", "1"));
  rig.Declare("rest", Settled());
  rig.Start();
  rig.RunUntilQuiet();
  EXPECT_EQ(rig.Done(), "a=1");
  EXPECT_LT(rig.clock.Steady(), absl::Seconds(10));
}

TEST(Loop, WhoWaitsForItsTurnIsLookedAtWhenItComes) {
  Rig rig;
  rig.doors->turn = absl::Minutes(4);
  const auto script = rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Minutes(3));
  EXPECT_EQ(script->observed, 1);
  EXPECT_EQ(rig.Done(), "");
  ASSERT_NE(rig.WaitOf("lamp", "rate"), nullptr);
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(rig.Done(), "a=1");
}

TEST(Loop, WhatIsPutAsideUntilADeclaredTimeIsQuiet) {
  Rig rig;
  rig.Declare("group", [](const auto&, const Frame& frame, absl::Time) {
    Plan plan;
    plan.waits.push_back({.on = Wait::On::kProgress,
                          .name = RestoreName("process AZRebalance"),
                          .detail = "it rests until tomorrow",
                          .until = frame.now + absl::Hours(24)});
    return plan;
  });
  rig.Start();
  rig.RunUntilQuiet();
  EXPECT_LT(rig.clock.Steady(), absl::Seconds(10));
}

}  // namespace
}  // namespace holdfast::sim
