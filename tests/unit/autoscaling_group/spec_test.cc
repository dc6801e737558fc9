// What a spec may say of a group, and what is refused.
#include <gtest/gtest.h>

#include "specs/document.h"
#include "specs/problem.h"
#include "tests/unit/autoscaling_group/scene.h"

namespace holdfast::autoscaling_group {
namespace {

using ::testing::HasSubstr;

std::string ProblemsOf(std::string_view fields) {
  static const specs::KindTable& table = *[] {
    auto* made = new specs::KindTable();
    made->Add({.name = AutoScalingGroup::kName,
               .summary = AutoScalingGroup::kSummary,
               .schema = &AutoScalingGroup::Fields().Erase(),
               .claims = [](const void* spec) {
                 return AutoScalingGroup::Claims(*static_cast<const Spec*>(spec));
               }});
    return made;
  }();
  const specs::Parsed parsed =
      specs::ParseFile("web.yaml",
                       Cat("apiVersion: holdfast/v1\nkind: AutoScalingGroup\nmetadata: {name: web}\nspec:\n  "
                           "region: us-east-1\n"
                           "  group: web\n",
                           fields),
                       table, absl::FromUnixSeconds(1'795'000'000));
  return specs::ProblemsText(parsed.problems);
}

TEST(Spec, TheShortestNamesAGroup) { EXPECT_EQ(ProblemsOf(""), ""); }

TEST(Spec, SizesMustNotContradict) {
  EXPECT_EQ(ProblemsOf("  size: {min: 2, max: 8}\n"), "");
  EXPECT_THAT(ProblemsOf("  size: {min: 9, max: 8}\n"), HasSubstr("min 9 is above max 8"));
  EXPECT_THAT(ProblemsOf("  size: {max: 8, desired: 9}\n"), HasSubstr("desired 9 is not between"));
}

TEST(Spec, AS6_ATemplateWithoutANumberIsRefused) {
  EXPECT_EQ(ProblemsOf("  launchTemplate: {name: web, version: 3}\n"), "");
  EXPECT_THAT(ProblemsOf("  launchTemplate: {name: web, version: $Latest}\n"), HasSubstr("version"));
  EXPECT_THAT(ProblemsOf("  launchTemplate: {name: web}\n"), HasSubstr("version"));
}

TEST(Spec, ASuspensionHasAReasonAndAnEnd) {
  EXPECT_THAT(ProblemsOf("  suspended: [{process: AZRebalance, reason: x}]\n"), HasSubstr("until"));
  EXPECT_THAT(ProblemsOf("  suspended: [{process: Launch, reason: x, until: 2026-12-01T06:00:00Z}]\n"),
              HasSubstr("ReplaceUnhealthy still terminates"));
}

TEST(Spec, ExactDesiredBesidesPoliciesIsWarnedOf) {
  EXPECT_THAT(ProblemsOf("  size: {desired: 4}\n  policies: [{name: a, simple: {adjustment: 1}}]\n"),
              HasSubstr("policies and schedules would change it"));
}

TEST(Spec, SerialIsRefusedWhenOldAndNewMustNotServeTogether) {
  const std::string launch = "  launchConfiguration: {name: v2}\n";
  EXPECT_EQ(ProblemsOf(launch + "  rollout: {strategy: serial, compatible: true}\n"), "");
  EXPECT_THAT(ProblemsOf(launch + "  rollout: {strategy: serial}\n"),
              HasSubstr("old and new serve together"));
  EXPECT_EQ(
      ProblemsOf(launch +
                 "  rollout: {strategy: full, downtimePage: {on: {command: [a]}, off: {command: [b]}}}\n"),
      "");
  EXPECT_THAT(ProblemsOf("  rollout: {strategy: full}\n"),
              HasSubstr("nothing says what instances are to run"));
}

TEST(Spec, KeysOfAnInstanceRefreshGoWithItAlone) {
  const std::string launch = "  launchConfiguration: {name: v2}\n";
  EXPECT_EQ(ProblemsOf(launch + "  rollout: {strategy: instanceRefresh, compatible: true, minHealthy: 90%, "
                                "warmup: 5m, protected: wait, standby: ignore, settle: 1m}\n"),
            "");
  EXPECT_THAT(ProblemsOf(launch + "  rollout: {strategy: instanceRefresh}\n"),
              HasSubstr("old and new serve together"));
  EXPECT_THAT(ProblemsOf(launch + "  rollout: {strategy: instanceRefresh, compatible: true, within: 5m}\n"),
              HasSubstr("AWS' to judge"));
  EXPECT_THAT(
      ProblemsOf(launch + "  rollout: {strategy: instanceRefresh, compatible: true, minHealthy: 33.5%}\n"),
      HasSubstr("whole percentages"));
  EXPECT_THAT(ProblemsOf(launch + "  rollout: {strategy: serial, compatible: true, minHealthy: 90%}\n"),
              HasSubstr("`minHealthy` goes with `strategy: instanceRefresh` alone"));
  EXPECT_THAT(ProblemsOf(launch + "  rollout: {strategy: full, standby: ignore}\n"),
              HasSubstr("`standby` goes with"));
}

TEST(Spec, NamesAreWrittenOnce) {
  EXPECT_THAT(ProblemsOf("  tags: [{key: a, value: b}, {key: a, value: c}]\n"),
              HasSubstr("`a` is in `tags` twice"));
}

}  // namespace
}  // namespace holdfast::autoscaling_group
