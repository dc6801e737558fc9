// What people tell the engine: suspend, the red switch, letting go what is proposed; and who undoes what it
// does.
#include <gtest/gtest.h>

#include <string>

#include "controller/base/text.h"
#include "tests/unit/engine/rig.h"

namespace holdfast::sim {
namespace {

auto Wants(const std::string& key, const std::string& value, Danger danger = Danger::kReversible) {
  return [=](const auto& seen, const Frame&, absl::Time) { return Want(seen, key, value, danger); };
}

// A restart of "svc": stop it and put that in the ledger, start it again. Asked for by "restart" = 1 in the
// world.
Plan Restart(const std::map<std::string, std::string>& seen, const Frame& frame) {
  const auto at = [&](const char* key) { return seen.contains(key) ? seen.at(key) : std::string(); };
  const bool aside = !frame.past.open.empty();
  Plan plan;
  plan.readiness = {at("svc") == "up" ? Readiness::Is::kYes : Readiness::Is::kNo, "Svc", at("svc")};
  if (aside && at("svc") == "stopped") {
    Step start = SetStep("svc", "up");
    start.duty = Step::Duty::kMustFinish;
    start.puts_back = "svc";
    plan.stages.push_back({.name = "start again", .steps = {start}});
  } else if (aside) {
    plan.restored.emplace_back("svc", "found restored");
  } else if (frame.purpose == Purpose::kConverge && at("svc") == "up" && at("restart") == "1") {
    Step stop = SetStep("svc", "stopped", Danger::kDisruptive);
    stop.puts_aside = Lease{"svc", "up", "stopped", SetStep("svc", "up").action, "restart"};
    Step forget = SetStep("restart", "0");
    plan.stages.push_back({.name = "stop", .steps = {stop, forget}});
  }
  return plan;
}
auto Restarts() {
  return [](const auto& seen, const Frame& frame, absl::Time) { return Restart(seen, frame); };
}

// Until the service is stopped for its restart; the start has not been sent.
void RunUntilStopped(Rig& rig) {
  rig.values.now = {{"svc", "up"}, {"restart", "1"}};
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "stopped"; }));
}

TEST(People, SuspendHoldsNewStepsAndResumeLetsThemGo) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  ASSERT_TRUE(
      rig.loop.Await(rig.engine->Suspend(Key("lamp"), "user lena", "disk is swapped", absl::InfiniteFuture()))
          .ok());
  rig.Start();
  rig.RunFor(absl::Minutes(5));
  EXPECT_EQ(rig.Done(), "");
  EXPECT_EQ(rig.RowOf("lamp")[ConditionType::kSuspended].status, Truth::kTrue);
  ASSERT_NE(rig.WaitOf("lamp", "suspend"), nullptr);
  EXPECT_EQ(rig.WaitOf("lamp", "suspend")->detail, "suspended by user lena: disk is swapped");
  const absl::Duration before = rig.clock.Steady();
  ASSERT_TRUE(rig.loop.Await(rig.engine->Resume(Key("lamp"), "user lena")).ok());
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }));
  EXPECT_LT(rig.clock.Steady() - before, absl::Seconds(1));
  EXPECT_EQ(rig.RowOf("lamp")[ConditionType::kSuspended].status, Truth::kFalse);
}

TEST(People, ASuspensionEndsByItselfInTime) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  ASSERT_TRUE(
      rig.loop.Await(rig.engine->Suspend(Key("lamp"), "lena", "", rig.clock.Now() + absl::Minutes(10))).ok());
  rig.Start();
  rig.RunFor(absl::Minutes(9));
  EXPECT_EQ(rig.Done(), "");
  rig.RunFor(absl::Seconds(62));
  EXPECT_EQ(rig.Done(), "a=1") << "it is looked at when the suspension ends";
}

TEST(People, ASuspensionAndTheRedSwitchSurviveACrash) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  ASSERT_TRUE(rig.loop.Await(rig.engine->Suspend(Key("lamp"), "lena", "x", absl::InfiniteFuture())).ok());
  rig.Crash();
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(rig.Done(), "");
  ASSERT_TRUE(rig.loop.Await(rig.engine->StopAll(StopAllSet::Reach::kNewSteps, "lena", "fire")).ok());
  ASSERT_TRUE(rig.loop.Await(rig.engine->Resume(Key("lamp"), "lena")).ok());
  rig.Crash();
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(rig.Done(), "");
  ASSERT_NE(rig.WaitOf("lamp", "stop-all"), nullptr);
  ASSERT_TRUE(rig.loop.Await(rig.engine->StartAll("lena")).ok());
  rig.RunFor(absl::Seconds(1));
  EXPECT_EQ(rig.Done(), "a=1");
}

TEST(People, SuspendOfWhatIsNotThereOrInThePastIsRefused) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  EXPECT_EQ(rig.loop.Await(rig.engine->Suspend(Key("nobody"), "lena", "", absl::InfiniteFuture())).code(),
            Code::kNotFound);
  EXPECT_EQ(rig.loop.Await(rig.engine->Suspend(Key("lamp"), "lena", "", rig.clock.Now())).code(),
            Code::kInvalidArgument);
  EXPECT_TRUE(rig.loop.Await(rig.engine->Resume(Key("lamp"), "lena")).ok())
      << "resuming what runs is harmless";
}

TEST(Obligations, OutliveSuspend) {
  Rig rig;
  rig.Declare("site", Restarts());
  RunUntilStopped(rig);
  ASSERT_TRUE(rig.loop.Await(rig.engine->Suspend(Key("site"), "lena", "", absl::InfiniteFuture())).ok());
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "up"; }));
  rig.RunFor(absl::Minutes(1));
  EXPECT_TRUE(rig.disk.Load().resources[Key("site")].past.open.empty()) << "and the ledger is closed";
}

TEST(Obligations, OutliveStopAllButNotFreeze) {
  Rig rig;
  rig.Declare("site", Restarts());
  RunUntilStopped(rig);
  ASSERT_TRUE(rig.loop.Await(rig.engine->StopAll(StopAllSet::Reach::kFreeze, "lena", "fire")).ok());
  rig.RunFor(absl::Minutes(5));
  EXPECT_EQ(rig.values["svc"], "stopped");
  ASSERT_NE(rig.WaitOf("site", "stop-all"), nullptr);
  EXPECT_NE(rig.WaitOf("site", "stop-all")->remedy.find("set svc up"), std::string::npos)
      << "printed as a line to paste";
  ASSERT_TRUE(rig.loop.Await(rig.engine->StopAll(StopAllSet::Reach::kNewSteps, "lena", "fire")).ok());
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "up"; }, absl::Seconds(5)));
  EXPECT_EQ(rig.values["restart"], "0");
}

TEST(Obligations, OutliveTheSpec) {
  Rig rig;
  rig.Declare("site", Restarts());
  RunUntilStopped(rig);
  rig.engine->Undeclare(Key("site"));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "up"; }));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.engine->Keys().empty(); }, absl::Minutes(2)))
      << "the row goes when all is put back";
  rig.RunFor(absl::Minutes(1));
  EXPECT_FALSE(rig.disk.Load().resources.contains(Key("site")));
}

TEST(Obligations, OutliveTheSpecWhenTheStopIsStillUnderWay) {
  Rig rig;
  rig.doors->takes = absl::Seconds(5);
  rig.Declare("site", Restarts());
  rig.values.now = {{"svc", "up"}, {"restart", "1"}};
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.doors->under_way > 0; }));
  rig.engine->Undeclare(Key("site"));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "stopped"; }));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "up"; }));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.engine->Keys().empty(); }, absl::Minutes(2)));
}

TEST(Obligations, OutliveAChangeOfTheSpecThatKnowsNothingOfThem) {
  Rig rig;
  rig.Declare("site", Restarts());
  RunUntilStopped(rig);
  auto other = std::make_shared<Script>();
  other->decide = [](const auto&, const Frame&, absl::Time) { return Plan(); };
  rig.engine->Declare(rig.Make("site", other, Mode::kAct, "2"));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "up"; }))
      << "restored with the ledger's own action";
  rig.RunFor(absl::Minutes(5));
  EXPECT_TRUE(rig.disk.Load().resources[Key("site")].past.open.empty());
  EXPECT_EQ(rig.values["svc"], "up");
}

TEST(Obligations, OutliveAChangeToObserve) {
  Rig rig;
  rig.Declare("site", Restarts());
  RunUntilStopped(rig);
  auto other = std::make_shared<Script>();
  other->decide = Restarts();
  rig.engine->Declare(rig.Make("site", other, Mode::kObserve, "2"));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "up"; }));
}

TEST(People, ObserveModeNeverActs) {
  Rig rig;
  auto script = std::make_shared<Script>();
  script->decide = Wants("a", "1");
  rig.engine->Declare(rig.Make("lamp", script, Mode::kObserve));
  rig.Start();
  rig.RunFor(absl::Hours(1));
  EXPECT_EQ(rig.Done(), "");
  EXPECT_EQ(rig.RowOf("lamp")[ConditionType::kDrifted].status, Truth::kTrue);
  ASSERT_NE(rig.WaitOf("lamp", "mode"), nullptr);
}

TEST(People, ProposeWaitsForApplyOfExactlyThisPlan) {
  Rig rig;
  auto script = std::make_shared<Script>();
  std::string wanted = "1";
  script->decide = [&wanted](const auto& seen, const Frame&, absl::Time) { return Want(seen, "a", wanted); };
  rig.engine->Declare(rig.Make("lamp", script, Mode::kPropose));
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(rig.Done(), "");
  const std::string digest = rig.RowOf("lamp").plan->digest;
  wanted = "2";
  rig.engine->LookNow(Key("lamp"), "edit");
  rig.RunFor(absl::Seconds(1));
  EXPECT_EQ(rig.loop.Await(rig.engine->Apply(Key("lamp"), digest, "lena")).code(), Code::kFailedPrecondition);
  EXPECT_EQ(rig.loop.Await(rig.engine->Apply(Key("lamp"), "", "lena")).code(), Code::kFailedPrecondition);
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(rig.Done(), "");
  ASSERT_TRUE(
      rig.loop
          .Await(rig.engine->Apply(Key("lamp"), rig.RowOf("lamp").plan->digest.substr(0, 12), "user lena"))
          .ok());
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "2"; }));
  const auto history = rig.journal->History({.kind = "FakeKind", .name = "lamp"});
  ASSERT_TRUE(history.ok());
  EXPECT_EQ((*history)[0].by, "user lena") << "who let it go stands in the history";
}

TEST(People, WhatTakesAPersonsWordWaitsForApplyAlsoInModeAct) {
  Rig rig;
  rig.Declare("lamp", [](const auto& seen, const Frame&, absl::Time) {
    Plan plan = Want(seen, "a", "1");
    for (Stage& stage : plan.stages)
      for (Step& step : stage.steps) step.consent = Step::Consent::kPerson;
    return plan;
  });
  rig.Start();
  rig.RunFor(absl::Minutes(10));
  EXPECT_EQ(rig.Done(), "");
  const std::string digest = rig.RowOf("lamp").plan->digest;
  ASSERT_NE(rig.WaitOf("lamp", "mode"), nullptr);
  EXPECT_EQ(rig.WaitOf("lamp", "mode")->remedy,
            Cat("holdfast apply FakeKind/lamp --digest ", digest.substr(0, 12)));
  ASSERT_TRUE(rig.loop.Await(rig.engine->Apply(Key("lamp"), digest, "user lena")).ok());
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }));
  const auto history = rig.journal->History({.kind = "FakeKind", .name = "lamp"});
  ASSERT_TRUE(history.ok());
  EXPECT_EQ((*history)[0].by, "user lena");
}

TEST(People, AnApprovalIsSpentByTheStepItLetGo) {
  Rig rig;
  auto script = std::make_shared<Script>();
  script->decide = Wants("a", "1");
  rig.engine->Declare(rig.Make("lamp", script, Mode::kPropose));
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  ASSERT_TRUE(rig.loop.Await(rig.engine->Apply(Key("lamp"), rig.RowOf("lamp").plan->digest, "lena")).ok());
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }));
  rig.RunFor(absl::Minutes(2));
  rig.values.Set("a", "0");
  rig.RunFor(absl::Minutes(10));
  EXPECT_EQ(rig.values["a"], "0") << "the next time is another question";
}

TEST(People, AnApprovalSurvivesACrash) {
  Rig rig;
  auto script = std::make_shared<Script>();
  script->decide = Wants("a", "1");
  rig.engine->Declare(rig.Make("lamp", script, Mode::kPropose));
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  const std::string digest = rig.RowOf("lamp").plan->digest;
  ASSERT_TRUE(rig.loop.Await(rig.engine->Apply(Key("lamp"), digest, "lena"), absl::Milliseconds(3)).ok());
  rig.Crash();
  const std::string so_far = rig.Done();
  rig.engine->Declare(rig.Make("lamp", script, Mode::kPropose));
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }));
}

TEST(People, SomeoneWhoUndoesItThreeTimesIsNotFought) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  for (int i = 0; i < 6; ++i) {
    rig.RunFor(absl::Minutes(2));
    rig.values.Set("a", "0");
  }
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(rig.Done(), "a=1 a=1 a=1");
  EXPECT_EQ(rig.values["a"], "0");
  ASSERT_NE(rig.WaitOf("lamp", "fight"), nullptr);
  EXPECT_EQ(rig.WaitOf("lamp", "fight")->on, Wait::On::kHuman);
  EXPECT_EQ(rig.RowOf("lamp")[ConditionType::kStalled].status, Truth::kTrue);
}

TEST(People, AMeteredEffectStopsWhenItsMeterIsUsedUpAndSaysSo) {
  Rig rig;
  int crash = 0;
  rig.Declare("svc", [&crash](const auto& seen, const Frame&, absl::Time) {
    Plan plan = Want(seen, "svc", Cat("life ", crash));
    if (!plan.stages.empty())
      plan.stages[0].steps[0].meter = Meter{"start svc", 3, absl::Hours(1), absl::Minutes(5)};
    return plan;
  });
  rig.Start();
  std::vector<absl::Duration> at;
  for (int i = 0; i < 40; ++i) {
    rig.RunFor(absl::Minutes(1));
    if (rig.values["svc"] == Cat("life ", crash))
      ++crash, at.push_back(rig.clock.Steady());  // it dies at once
  }
  ASSERT_EQ(at.size(), 3u);
  EXPECT_GE(at[1] - at[0], absl::Minutes(5));
  ASSERT_NE(rig.WaitOf("svc", "meter"), nullptr);
  EXPECT_EQ(rig.WaitOf("svc", "meter")->on, Wait::On::kHuman);
  rig.RunFor(absl::Minutes(30));
  EXPECT_EQ(rig.doors->performed.size(), 4u) << "the oldest leaves the count by itself";
}

TEST(People, RefusalsBackOffWithGrowingGaps) {
  Rig rig;
  rig.doors->answers = SetDoors::Answers::kRefused;
  int tried = 0;
  rig.Declare("lamp", [&](const auto& seen, const Frame& frame, absl::Time) {
    tried = static_cast<int>(frame.past.attempts.size());
    return Want(seen, "a", "1");
  });
  rig.Start();
  rig.RunFor(absl::Hours(1));
  EXPECT_GT(tried, 8);
  EXPECT_LT(tried, 40) << "at most every five minutes in the end";
  ASSERT_NE(rig.WaitOf("lamp", "backoff"), nullptr);
  EXPECT_NE(rig.WaitOf("lamp", "backoff")->detail.find("it said no"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::sim
