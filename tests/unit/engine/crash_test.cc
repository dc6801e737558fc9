// kill -9 at every point of a round: it costs the round, never a repeated or a lost effect.
#include <gtest/gtest.h>

#include <string>

#include "controller/base/text.h"
#include "tests/unit/engine/rig.h"

namespace holdfast::sim {
namespace {

// Two disruptive effects one after the other; repeats would show in the world's record.
auto TwoSteps() {
  return [](const auto& seen, const Frame&, absl::Time) {
    Plan plan = Want(seen, "a", "1", Danger::kDisruptive);
    return plan.stages.empty() ? Want(seen, "b", "1", Danger::kDisruptive) : plan;
  };
}

class CrashAt : public testing::TestWithParam<int> {};

// The whole story takes about 60 ms with a commit of 2 ms and an act of 10 ms: every half millisecond is a
// point.
TEST_P(CrashAt, EachEffectHappensOnceAndTheHistoryIsWhole) {
  Rig rig;
  rig.Declare("lamp", TwoSteps());
  rig.Start();
  rig.RunFor(absl::Microseconds(500) * GetParam());
  rig.Crash();
  rig.Declare("lamp", TwoSteps());
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["b"] == "1"; }, absl::Minutes(2))) << rig.Done();
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(rig.Done(), "a=1 b=1");
  EXPECT_TRUE(rig.disk.Load().open_intents.empty());
  const int64_t commits = rig.disk.commits;
  rig.RunFor(absl::Minutes(25));
  EXPECT_EQ(rig.disk.commits, commits) << "fifty silent rounds write nothing";
}
INSTANTIATE_TEST_SUITE_P(EveryHalfMillisecond, CrashAt, testing::Range(0, 140));

TEST(Crash, ALeaseSurvivesAndIsPutBackEvenWhenTheSpecIsGone) {
  Rig rig;
  auto stop = [](const auto& seen, const Frame& frame, absl::Time) {
    Plan plan;
    if (!frame.past.open.empty() || !seen.contains("svc") || seen.at("svc") != "up" || seen.contains("begun"))
      return plan;
    Step step = SetStep("svc", "stopped", Danger::kDisruptive);
    step.puts_aside = Lease{"svc", "up", "stopped", SetStep("svc", "up").action, "restart"};
    plan.stages.push_back({.name = "stop", .steps = {step}});
    return plan;
  };
  rig.values.now = {{"svc", "up"}};
  rig.Declare("site", stop);
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "stopped"; }));
  rig.values.now["begun"] = "1";
  rig.Crash();
  // The source no longer has it: main declares it from the journal's own copy and takes it back.
  rig.Declare("site", stop);
  rig.engine->Undeclare(Key("site"));
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["svc"] == "up"; }, absl::Minutes(2)));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.engine->Keys().empty(); }, absl::Minutes(2)));
}

TEST(Crash, AttemptsAreRemembered) {
  Rig rig;
  rig.Declare("lamp", TwoSteps());
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  rig.Crash();
  size_t attempts = 0;
  rig.Declare("lamp", [&](const auto&, const Frame& frame, absl::Time) {
    attempts = frame.past.attempts.size();
    return Plan();
  });
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  EXPECT_EQ(attempts, 2u);
}

TEST(Crash, TheGenerationGoesOnWhereItWas) {
  Rig rig;
  auto script = std::make_shared<Script>();
  script->decide = TwoSteps();
  rig.engine->Declare(rig.Make("lamp", script, Mode::kAct, "1"));
  rig.engine->Declare(rig.Make("lamp", script, Mode::kAct, "2"));
  EXPECT_EQ(rig.RowOf("lamp").generation, 2);
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  rig.Crash();
  rig.engine->Declare(rig.Make("lamp", script, Mode::kAct, "2"));
  EXPECT_EQ(rig.RowOf("lamp").generation, 2);
  rig.engine->Declare(rig.Make("lamp", script, Mode::kAct, "3"));
  EXPECT_EQ(rig.RowOf("lamp").generation, 3);
}

}  // namespace
}  // namespace holdfast::sim
