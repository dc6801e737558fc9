// What one resource tells of itself and another waits for.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "tests/unit/engine/rig.h"

namespace holdfast::sim {
namespace {

// As an alarm waits for its topic: by what that tells of itself, and not by `dependsOn`.
std::function<Plan(const std::map<std::string, std::string>&, const Frame&, absl::Time)> WantsArn() {
  return [](const auto& seen, const Frame& frame, absl::Time) {
    const auto arn = frame.refs.find("FakeKind/topic.arn");
    if (arn != frame.refs.end()) return Want(seen, "alarm", arn->second);
    Plan plan;
    plan.waits.push_back({.on = Wait::On::kDependency, .name = "FakeKind/topic", .detail = "no arn yet"});
    return plan;
  };
}
std::function<Plan(const std::map<std::string, std::string>&, const Frame&, absl::Time)> TellsArn() {
  return [](const auto& seen, const Frame&, absl::Time) {
    Plan plan = Want(seen, "topic", "made");
    if (plan.stages.empty()) plan.outputs = {{"arn", "arn:1"}};
    return plan;
  };
}

TEST(Outputs, WhoWaitsForWhatAnotherTellsLooksAtOnceWhenItIsTold) {
  Rig rig;
  rig.Declare("alarm", WantsArn());
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  rig.Declare("topic", TellsArn());
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["alarm"] == "arn:1"; }, absl::Seconds(2)));
}

TEST(Outputs, WhoWaitsLooksAtOnceAlsoWhenWhoTellsWasReadyAllAlong) {
  Rig rig;
  bool told = false;
  rig.Declare("alarm", WantsArn());
  rig.Declare("topic", [&told](const auto&, const Frame&, absl::Time) {
    Plan plan;
    plan.readiness.is = Readiness::Is::kYes;
    if (told) plan.outputs = {{"arn", "arn:1"}};
    return plan;
  });
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  told = true;
  rig.engine->LookNow(Key("topic"), "a test");
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["alarm"] == "arn:1"; }, absl::Seconds(2)));
}

TEST(Outputs, UntilQuietWaitsForWhoIsWokenByWhatIsTold) {
  Rig rig;
  rig.doors->takes = absl::Seconds(3);
  rig.Declare("alarm", WantsArn())->latency = absl::Seconds(1);
  rig.Declare("topic", TellsArn());
  rig.Start();
  rig.RunUntilQuiet();
  EXPECT_EQ(rig.Done(), "topic=made alarm=arn:1");
}

TEST(Outputs, WhatAResourceToldIsForgottenWithIt) {
  Rig rig;
  rig.Declare("alarm", WantsArn());
  rig.Declare("topic", TellsArn());
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["alarm"] == "arn:1"; }));
  EXPECT_EQ(rig.WaitOf("alarm", "FakeKind/topic"), nullptr);
  rig.engine->Undeclare(Key("topic"));
  ASSERT_TRUE(rig.RunUntil([&] { return rig.WaitOf("alarm", "FakeKind/topic") != nullptr; }));
  EXPECT_EQ(rig.Done(), "topic=made alarm=arn:1");
}

}  // namespace
}  // namespace holdfast::sim
