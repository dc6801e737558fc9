#include "tests/contract/play.h"

#include "controller/base/text.h"

namespace holdfast::contract {
namespace {

using sim::Harness;

// After the last expectation has run out nothing stirs any more.
constexpr absl::Duration kExpectationsEnd = absl::Seconds(75);
constexpr absl::Duration kSettlesAtFirst = absl::Minutes(10);
constexpr sim::Point kPoints[] = {sim::Point::kBeforeIntent, sim::Point::kAfterIntent, sim::Point::kAfterCall,
                                  sim::Point::kBeforeOutcome};

bool IsInOrder(Harness& h, const ResourceKey& key) { return h.IsSettled(key) && h.PastOf(key).open.empty(); }

std::string SilentRounds(const Scenario& scenario, Harness& h, const Told& told, Rest rest) {
  h.RunFor(kExpectationsEnd);
  const int64_t commits = h.commits(), syncs = h.disk.syncs();
  const int effects = told.judge->effects();
  h.RunFor(scenario.interval * (rest == Rest::kFiftyRounds ? 55 : 11));
  if (told.judge->effects() != effects) return "it acts on although all is settled";
  if (h.commits() != commits) return Cat("silent rounds wrote ", h.commits() - commits, " commits");
  if (h.disk.syncs() != syncs) return "silent rounds synced the disk";
  if (!told.then()) return "it did not stay where it should";
  return {};
}

std::string Verdict(const Scenario& scenario, Harness& h, const Told& told, Rest rest) {
  if (!h.running() || h.loop.halted()) return "it died once more";
  if (!told.judge->complaints().empty()) return Join(told.judge->complaints(), "\n");
  if (!told.then()) return "it did not come to where it should";
  for (const Lease& lease : h.PastOf(scenario.resource).open)
    if (!told.stays_aside.contains(lease.object)) return Cat(lease.object, " was put aside and not put back");
  if (std::string wrong = told.judge->InTheEnd(); !wrong.empty()) return wrong;
  if (std::string loud = SilentRounds(scenario, h, told, rest); !loud.empty()) return loud;
  return Join(told.judge->complaints(), "\n");
}

}  // namespace

Story Play(const Scenario& scenario, const Disturb& disturb, Rest rest, uint32_t seed) {
  Harness h;
  const Told told = scenario.tell(h);
  const auto whole = [&](std::string_view what) {
    return Cat(what, "\n", h.Tell(scenario.resource), told.judge->Tell());
  };
  Story story;
  h.Start();
  if (scenario.begins == Scenario::Begins::kSettled) {
    if (!h.RunUntil([&] { return IsInOrder(h, scenario.resource); }, kSettlesAtFirst))
      return {.trouble = whole("never settled at first")};
    if (told.judge->effects() > 0) return {.trouble = whole("acted on what was well")};
    h.RunFor(absl::Seconds(10));
  }
  if (scenario.armed == Scenario::Armed::kAfterWhen) told.when();
  const int calls = h.faults.calls();
  std::map<sim::Point, int> passed;
  for (sim::Point point : kPoints) passed[point] = h.faults.passed(point);
  disturb(h.faults);
  if (scenario.armed == Scenario::Armed::kBeforeWhen) told.when();
  (void)h.RunUntil(told.then, scenario.longest);
  story.calls = h.faults.calls() - calls;
  for (sim::Point point : kPoints) story.passed[point] = h.faults.passed(point) - passed[point];
  if (h.loop.halted()) {
    h.Kill(seed);
    h.faults.Heal();
    h.RunFor(absl::Seconds(2));  // the world goes on without us
    h.Start();
    (void)h.RunUntil(told.then, scenario.longest);
  }
  if (const std::string wrong = Verdict(scenario, h, told, rest); !wrong.empty())
    story.trouble = whole(wrong);
  return story;
}

}  // namespace holdfast::contract
