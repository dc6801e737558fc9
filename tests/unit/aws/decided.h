// A decision of an AWS kind in a few words: a spec as it is written, a state as a literal, and the plan.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/kind/permission.h"
#include "controller/plan/plan.h"
#include "reconcilers/clients/aws/service.h"
#include "specs/node.h"
#include "specs/problem.h"
#include "specs/source.h"

namespace holdfast::aws {

struct Written {
  std::vector<specs::Diagnostic> problems;
  std::string text() const { return specs::ProblemsText(problems); }
};

// Reads the fields below `spec:`.
template <class K>
Written Read(std::string yaml, typename K::Spec& spec) {
  specs::Problems problems;
  const auto tree =
      specs::Tree::Parse(std::make_shared<specs::Source>(specs::Source{"a.yaml", std::move(yaml)}), problems);
  if (tree && !tree->documents().empty()) (void)K::Fields().Decode(tree->documents()[0], spec, problems);
  return {problems.Take()};
}

template <class K>
struct Decided {
  explicit Decided(std::string yaml) {
    const Written written = Read<K>(std::move(yaml), want);
    for (const specs::Diagnostic& problem : written.problems)
      EXPECT_NE(problem.level, specs::Level::kError) << written.text();
  }

  Plan operator()() {
    state_at = now - absl::Seconds(1);
    const Fact<typename K::State> seen(Known<typename K::State>{state, state_at});
    const Frame frame{.now = now, .purpose = purpose, .past = past, .refs = refs};
    const std::vector<OperationIn<NoOperation>> none;
    Plan plan = K::Decide({want, none, seen, typename K::Trail{}, frame});
    for (const Stage& stage : plan.stages)
      for (const Step& step : stage.steps) ExpectAllowed(step);
    return plan;
  }
  // No step ever sends what the policy of the spec does not allow.
  void ExpectAllowed(const Step& step) {
    const auto* call = std::get_if<AwsCall>(&step.action);
    ASSERT_NE(call, nullptr);
    const Operation* operation = FindOperation(call->service, call->operation);
    ASSERT_NE(operation, nullptr) << call->operation;
    const std::vector<Permission> allowed = K::Permissions(want);
    EXPECT_TRUE(std::ranges::any_of(allowed, [&](const Permission& one) {
      return one.action == IamAction(*operation);
    })) << IamAction(*operation);
    if (step.puts_aside) {
      Step restore = step;
      restore.action = step.puts_aside->restore;
      restore.puts_aside.reset();
      ExpectAllowed(restore);
    }
  }

  typename K::Spec want;
  typename K::State state;
  absl::Time state_at, now = absl::FromUnixSeconds(1'790'000'000);
  Past past;
  std::map<std::string, std::string> refs;
  Purpose purpose = Purpose::kConverge;
};

inline const Step* StepCalled(const Plan& plan, std::string_view verb) {
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps)
      if (step.verb == verb) return &step;
  return nullptr;
}
// Whether it may go now.
inline bool Goes(const Plan& plan, std::string_view verb) {
  if (plan.stages.empty()) return false;
  return std::ranges::any_of(plan.stages[0].steps,
                             [&](const Step& step) { return step.verb == verb && AllPass(step.guards); });
}
inline std::string LineOf(const Plan& plan, std::string_view verb) {
  const Step* step = StepCalled(plan, verb);
  return step == nullptr ? "no such step" : Line(step->action);
}
inline std::string HeldBy(const Plan& plan, std::string_view verb) {
  const Step* step = StepCalled(plan, verb);
  if (step == nullptr) return "no such step";
  std::string held;
  for (const Guard& guard : step->guards)
    if (guard.verdict.is != Verdict::Is::kPass) Append(held, guard.name, ": ", guard.verdict.evidence, "; ");
  return held;
}
inline const Wait* WaitNamed(const Plan& plan, std::string_view part) {
  for (const Wait& wait : plan.waits)
    if (wait.name.find(part) != std::string::npos) return &wait;
  return nullptr;
}
inline bool Asks(const Plan& plan, std::string_view what) { return std::ranges::count(plan.ask, what) > 0; }

}  // namespace holdfast::aws
