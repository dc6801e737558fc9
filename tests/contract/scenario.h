// What every kind must be shown to survive: a story in its own world, and who judges it there.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/systems.h"
#include "tests/sim/harness.h"

namespace holdfast::contract {

// Looks at the ground truth of one kind's world after every effect.
class Judge {
 public:
  virtual ~Judge() = default;
  // Every broken rule with its moment, or nothing. Grows only.
  virtual const std::vector<std::string>& complaints() const = 0;
  // How often the controller has changed the world.
  virtual int effects() const = 0;
  // What is wrong in the end although no effect was: "redis was started 3 times"; "" when nothing is.
  virtual std::string InTheEnd() const { return {}; }
  // What the controller and others did, for the message of a failure.
  virtual std::string Tell() const { return {}; }
};

// A story that has been laid out in one harness: its world stands there, the spec is on the disk, and the
// controller is not running yet.
struct Told {
  std::shared_ptr<Judge> judge;
  std::function<void()> when = [] {};  // what happens; the controller runs
  std::function<bool()> then;          // where it must come to, and stay
  std::set<std::string> stays_aside;   // leases that the declaration itself keeps open in the end
};

struct Scenario {
  std::string name;
  // Whose Ready and leases count.
  ResourceKey resource;
  // Lays the story out. Called anew for every run; what it captures by reference is the harness.
  std::function<Told(sim::Harness&)> tell;
  // With kSettled the controller first finds everything in order, without faults, and touches nothing.
  enum class Begins { kCold, kSettled } begins = Begins::kSettled;
  // Whether the fault may come while the story is told, or only while the controller deals with it.
  enum class Armed { kAfterWhen, kBeforeWhen } armed = Armed::kAfterWhen;
  // Where it is remembered what is put aside. A kind that also notes it in the world finishes it without a
  // journal, in steps that the journal's leases do not name.
  enum class Remembers { kInTheJournal, kInTheWorldToo } remembers = Remembers::kInTheJournal;
  absl::Duration longest = absl::Minutes(40);
  // Of the resource's policy: how long a silent round is.
  absl::Duration interval = absl::Seconds(5);
};

inline void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

// One row per kind: a new kind adds its row in scenarios.cc and a file with its stories.
struct KindScenarios {
  std::string_view kind;
  std::vector<Scenario> (*make)();
};
std::span<const KindScenarios> ScenariosByKind();
// All of them, each named KIND_NAME.
const std::vector<Scenario>& Scenarios();

// The stories of each kind, each in a file of its own.
std::vector<Scenario> AutoScalingGroupScenarios();
std::vector<Scenario> CloudWatchAlarmScenarios();
std::vector<Scenario> DynamoDBTableScenarios();
std::vector<Scenario> ElasticsearchScenarios();
std::vector<Scenario> LaunchConfigurationScenarios();
std::vector<Scenario> ServiceStackScenarios();
std::vector<Scenario> SnsTopicScenarios();

}  // namespace holdfast::contract
