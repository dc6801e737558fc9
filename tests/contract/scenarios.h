// Stories of a stack in the sandbox's world, each with what must be true in the end.
#pragma once

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "tests/contract/watchman.h"
#include "tests/sim/harness.h"

namespace holdfast::contract {

struct Scenario {
  std::string name;
  Drawn drawn;
  // Programs, their state and the spec; the controller is not running.
  std::function<void(sim::Harness&)> given;
  // Runs `given` settle first, without faults.
  enum class Begins { kCold, kSettled } begins = Begins::kSettled;
  // Whether the fault may come while the story is told, or only while the controller deals with it.
  enum class Armed { kAfterWhen, kBeforeWhen } armed = Armed::kAfterWhen;
  std::function<void(sim::Harness&, Watchman&)> when = [](sim::Harness&, Watchman&) {};
  std::function<bool(sim::Harness&)> then;
  // How often each unit may be started by the controller; -1 = not counted.
  int most_starts = 1;
  absl::Duration longest = absl::Minutes(40);
};

inline void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

const std::vector<Scenario>& Scenarios();
const Scenario& ScenarioOf(const std::string& name);

// What a run showed.
struct Story {
  int calls = 0;  // of the world, from `when` on
  std::map<sim::Point, int> passed;
  std::string trouble;  // "" when every rule held and it came to rest
};
using Disturb = std::function<void(sim::Faults&)>;
// How many silent rounds it must keep in the end.
enum class Rest { kTenRounds, kFiftyRounds };
// One run: `disturb` is asked after `when`. A process that dies is started again, with `seed` for what the
// disk kept.
Story Play(const Scenario& scenario, const Disturb& disturb, Rest rest, uint32_t seed = 0);

}  // namespace holdfast::contract
