#include "controller/plan/plan.h"

#include <gtest/gtest.h>

#include <string>

#include "controller/plan/doors.h"
#include "controller/plan/observed.h"

namespace holdfast {
namespace {

std::string Met(const Observed<int>& seen) {
  return seen.Match([](const Known<int>& known) { return "known " + std::to_string(known.value); },
                    [](const Absent& absent) { return "absent " + absent.proof; },
                    [](const Unknown& unknown) { return "unknown " + unknown.reason; });
}

TEST(Observed, IsUnknownUntilSomebodyLooked) {
  EXPECT_EQ(Met(Observed<int>()), "unknown never looked");
  EXPECT_EQ(Met(Observed<int>(7, absl::UnixEpoch())), "known 7");
  EXPECT_EQ(Met(Observed<int>(Absent{"listed whole", absl::UnixEpoch()})), "absent listed whole");
}

TEST(Verdict, CannotTellUnlessSomebodyFoundOut) {
  EXPECT_EQ(Verdict().is, Verdict::Is::kCannotTell);
  EXPECT_EQ(Step().danger, Danger::kDestructive);
  EXPECT_EQ(Outcome().kind, Outcome::Kind::kUnknown);
}

Plan OneStep() {
  Plan plan;
  plan.stages.push_back({.name = "start data",
                         .steps = {{.key = "start redis#never",
                                    .verb = "start",
                                    .target = "redis",
                                    .action = Command{.argv = {"start-redis"}},
                                    .danger = Danger::kReversible,
                                    .guards = {{"below is ready", Pass("3 of 3", absl::UnixEpoch())}}}}});
  return plan;
}

TEST(EffectDigest, IsTheSameForTheSameEffectWithOtherEvidence) {
  Plan again = OneStep();
  again.stages[0].steps[0].guards[0].verdict = Hold("2 of 3", absl::FromUnixSeconds(9));
  again.stages[0].steps[0].why = "another sentence";
  again.waits.push_back({});
  EXPECT_EQ(EffectDigest(again), EffectDigest(OneStep()));
}

TEST(EffectDigest, ChangesWithActionKeyDangerGuardsAndOrder) {
  const std::string digest = EffectDigest(OneStep());
  const auto changed = [&](auto change) {
    Plan plan = OneStep();
    change(plan.stages[0].steps[0]);
    return EffectDigest(plan) != digest;
  };
  EXPECT_TRUE(changed([](Step& step) { step.key = "start redis#4711"; }));
  EXPECT_TRUE(changed([](Step& step) { step.action = Command{.argv = {"start-redis", "--force"}}; }));
  EXPECT_TRUE(changed([](Step& step) { step.danger = Danger::kDisruptive; }));
  EXPECT_TRUE(changed([](Step& step) { step.guards.clear(); }));
  Plan twice = OneStep();
  twice.stages.push_back(twice.stages[0]);
  EXPECT_NE(EffectDigest(twice), digest);
  EXPECT_NE(EffectDigest(Plan()), digest);
}

}  // namespace
}  // namespace holdfast
