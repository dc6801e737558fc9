#include "controller/engine/expectations.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'795'000'000);
absl::Time At(double seconds) { return kStart + absl::Seconds(seconds); }

Step Stop(const std::string& key, Danger danger = Danger::kDisruptive) {
  return {.key = key, .target = "redis", .danger = danger, .show_within = absl::Seconds(30)};
}
Plan PlanOf(std::vector<Step> steps) {
  Plan plan;
  plan.stages.push_back({.name = "s", .steps = std::move(steps)});
  return plan;
}

TEST(Expectations, HoldTheirKeyAndEveryDisruptiveStepUntilSeen) {
  Expectations expectations;
  expectations.Wrote(Stop("stop redis#1"), At(0));
  EXPECT_TRUE(expectations.Holds(Stop("stop redis#1"), At(1)));
  EXPECT_TRUE(expectations.Holds(Stop("stop nginx#7"), At(1)));
  EXPECT_FALSE(expectations.Holds(Stop("start web#never", Danger::kReversible), At(1)));
  EXPECT_EQ(expectations.Touched(), std::vector<std::string>{"redis"});
  expectations.See(PlanOf({Stop("start redis#1", Danger::kReversible)}), At(2), At(2));
  EXPECT_FALSE(expectations.Holds(Stop("stop nginx#7"), At(2)));
  EXPECT_TRUE(expectations.Touched().empty());
}

TEST(Expectations, AreNotMetByALookThatWasSentBeforeTheWrite) {
  Expectations expectations;
  expectations.Wrote(Stop("stop redis#1"), At(5));
  expectations.See({}, At(4), At(6));
  EXPECT_TRUE(expectations.Holds(Stop("stop nginx#7"), At(6)));
}

TEST(Expectations, AKeyThatComesBackSoonIsAStaleReadAndLaterIsDueAgain) {
  Expectations expectations;
  expectations.Wrote(Stop("stop redis#1"), At(0));
  expectations.See({}, At(1), At(1));
  expectations.See(PlanOf({Stop("stop redis#1")}), At(2), At(2));
  EXPECT_TRUE(expectations.Holds(Stop("stop redis#1"), At(2)));
  EXPECT_EQ(expectations.NextEnd(), At(30));
  expectations.See(PlanOf({Stop("stop redis#1")}), At(31), At(31));
  EXPECT_FALSE(expectations.Holds(Stop("stop redis#1"), At(31)));
  EXPECT_TRUE(expectations.empty());
}

TEST(Expectations, AfterACrashWhatMayHaveHappenedIsExpectedAnew) {
  Expectations expectations;
  expectations.MayHaveHappened("stop redis#1", "redis", At(0));
  EXPECT_TRUE(expectations.Holds(Stop("stop redis#1"), At(0.1)));
  EXPECT_TRUE(expectations.Holds(Stop("stop nginx#1"), At(0.1)));
  EXPECT_EQ(expectations.Touched(), std::vector<std::string>{"redis"});
}

TEST(Expectations, NameTheEffectWithoutItsIncarnation) {
  EXPECT_EQ(EffectOf("stop cache/redis@h#4711@17"), "stop cache/redis@h");
  EXPECT_EQ(EffectOf("plain"), "plain");
}

}  // namespace
}  // namespace holdfast
