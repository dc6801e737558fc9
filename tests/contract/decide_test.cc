// How every kind decides, seen from beside while its stories are told.
#include <algorithm>
#include <memory>
#include <vector>

#include "tests/contract/sweep.h"

namespace holdfast::contract {
namespace {

const std::map<std::string, std::string> kNoRefs;

// What a decision says, without moments.
std::string Said(const Plan& plan) {
  std::string out = Cat(EffectDigest(plan), " ", static_cast<int>(plan.readiness.is), plan.readiness.reason);
  for (const Diff& diff : plan.diffs) Append(out, "\n", diff.path, ": ", diff.seen, " -> ", diff.want);
  for (const Wait& wait : plan.waits) Append(out, "\n", OnText(wait.on), " ", wait.name);
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps)
      for (const Guard& guard : step.guards)
        Append(out, "\n", step.key, " ", guard.name, " ", VerdictText(guard.verdict.is));
  return out;
}

// Looks once with a resource of its own and hands over what was seen.
struct Aside {
  Aside(sim::Harness& h, const ResourceKey& key, std::vector<ErasedOperation> operations)
      : resource(h.MakeAside(key)) {
    resource->SetOperations(std::move(operations));
    holdfast::Look look{
        .self = key, .not_older_than = h.clock.Now(), .touched_not_older_than = h.clock.Now()};
    sighting = h.loop.Await(resource->Observe(std::move(look)));
  }
  Plan Decide(sim::Harness& h, Purpose purpose, const Past& past) const {
    return sighting->Decide(Frame{h.clock.Now(), purpose, past, kNoRefs});
  }
  std::unique_ptr<Resource> resource;
  std::unique_ptr<Sighting> sighting;
};

// Calls `look` now and then while the story is told and dealt with.
void Along(const Scenario& scenario, const std::function<void(sim::Harness&)>& look) {
  SetLeastSeverity(Severity::kError);
  sim::Harness h;
  const Told told = scenario.tell(h);
  h.Start();
  if (scenario.begins == Scenario::Begins::kSettled) h.RunFor(absl::Minutes(2));
  look(h);
  told.when();
  for (absl::Duration pause : {absl::Milliseconds(50), absl::Seconds(1), absl::Seconds(3), absl::Seconds(9),
                               absl::Seconds(30), absl::Minutes(5)}) {
    h.RunFor(pause);
    look(h);
  }
}

TEST_P(EveryScenario, TheSameSightingIsDecidedTheSameWayTwice) {
  const Scenario& scenario = GetParam();
  Along(scenario, [&](sim::Harness& h) {
    const Aside aside(h, scenario.resource, h.OperationsOn(scenario.resource));
    const Past past = h.PastOf(scenario.resource);
    EXPECT_EQ(Said(aside.Decide(h, Purpose::kConverge, past)),
              Said(aside.Decide(h, Purpose::kConverge, past)));
  });
}

TEST_P(EveryScenario, TwoWhoSeeTheSameDecideTheSame) {
  const Scenario& scenario = GetParam();
  Along(scenario, [&](sim::Harness& h) {
    std::vector<ErasedOperation> operations = h.OperationsOn(scenario.resource);
    const Past past = h.PastOf(scenario.resource);
    const Aside one(h, scenario.resource, operations);
    std::reverse(operations.begin(), operations.end());
    const Aside other(h, scenario.resource, operations);
    if (one.sighting->sight() != other.sighting->sight()) return;  // the world has moved between the two
    const std::string first = Said(one.Decide(h, Purpose::kConverge, past));
    if (const std::string second = Said(other.Decide(h, Purpose::kConverge, past)); first != second) {
      // What moved on its own just then has come to rest a moment later; what depends on chance has not.
      h.RunFor(absl::Seconds(2));
      const Past now = h.PastOf(scenario.resource);
      const Aside third(h, scenario.resource, h.OperationsOn(scenario.resource));
      const Aside fourth(h, scenario.resource, h.OperationsOn(scenario.resource));
      EXPECT_EQ(Said(third.Decide(h, Purpose::kConverge, now)),
                Said(fourth.Decide(h, Purpose::kConverge, now)));
    }
  });
}

TEST_P(EveryScenario, ReleaseBeginsNothingAndPutsBackOnlyWhatIsOurs) {
  const Scenario& scenario = GetParam();
  Along(scenario, [&](sim::Harness& h) {
    const Aside aside(h, scenario.resource, {});
    const bool journal_only = scenario.remembers == Scenario::Remembers::kInTheJournal;
    const Plan without = aside.Decide(h, Purpose::kRelease, Past());
    EXPECT_TRUE(without.stages.empty() || !journal_only) << "with nothing put aside: " << Said(without);
    const Past past = h.PastOf(scenario.resource);
    for (const Stage& stage : aside.Decide(h, Purpose::kRelease, past).stages)
      for (const Step& step : stage.steps) {
        EXPECT_EQ(step.duty, Step::Duty::kMustFinish) << step.key;
        EXPECT_FALSE(step.puts_aside) << step.key;
        EXPECT_TRUE(!journal_only || std::any_of(past.open.begin(), past.open.end(), [&](const Lease& lease) {
          return lease.object == step.puts_back;
        })) << step.key;
      }
  });
}

TEST_P(EveryScenario, InModeObserveNothingIsTouched) {
  SetLeastSeverity(Severity::kError);
  const Scenario& scenario = GetParam();
  sim::Harness h;
  h.mode = "observe";
  const Told told = scenario.tell(h);
  h.Start();
  h.RunFor(absl::Minutes(2));
  const int intents = h.faults.passed(sim::Point::kBeforeIntent);
  told.when();
  h.RunFor(absl::Minutes(10));
  EXPECT_EQ(told.judge->effects(), 0) << h.Tell(scenario.resource);
  EXPECT_EQ(intents + h.faults.passed(sim::Point::kBeforeIntent), 0);
  EXPECT_TRUE(told.judge->complaints().empty());
  bool declared = false;
  for (const auto& [path, text] : h.specs.contents) declared |= text.find("mode: observe") != text.npos;
  EXPECT_TRUE(declared) << "the story's spec says \"mode: act\", so that it can be turned off";
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryScenario, testing::ValuesIn(Scenarios()), NameOf);

}  // namespace
}  // namespace holdfast::contract
