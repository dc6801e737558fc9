// What people write in an AutoScalingGroup.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/aws/location.h"
#include "specs/field_table.h"
#include "specs/values.h"

namespace holdfast::autoscaling_group {

inline constexpr size_t kMostPolicies = 50;         // of a group, by AWS
inline constexpr size_t kMostStepAdjustments = 20;  // of a policy, by AWS
inline constexpr size_t kMostHooks = 50;
inline constexpr int kMostInstances = 100'000;

// Each is the group's own when it is left out.
struct Size {
  std::optional<int> min, max, desired;
  bool operator==(const Size&) const = default;
};

// Exactly one of the two.
struct LaunchConfigurationChoice {
  std::optional<specs::Ref> ref;  // of the kind LaunchConfiguration, by its output `name`
  std::string name;
  bool operator==(const LaunchConfigurationChoice&) const = default;
};

// The version is a number: what `$Latest` stands for changes behind one's back.
struct LaunchTemplateChoice {
  std::string name, id;  // exactly one
  int64_t version = 1;
  bool operator==(const LaunchTemplateChoice&) const = default;
};

struct HealthCheck {
  enum class Type : uint8_t { kEc2, kElb };
  std::optional<Type> type;
  std::optional<absl::Duration> grace;
  bool operator==(const HealthCheck&) const = default;
};

struct Tag {
  std::string key, value;
  bool propagate = true;
  bool operator==(const Tag&) const = default;
};

enum class AdjustmentType : uint8_t { kChangeInCapacity, kExactCapacity, kPercentChangeInCapacity };

struct SimplePolicy {
  int adjustment = 0;
  AdjustmentType type = AdjustmentType::kChangeInCapacity;
  std::optional<absl::Duration> cooldown;
  std::optional<int> min_magnitude;
  bool operator==(const SimplePolicy&) const = default;
};

struct StepAdjustment {
  std::optional<double> from, to;  // how far beyond the alarm's threshold; open where left out
  int adjustment = 0;
  bool operator==(const StepAdjustment&) const = default;
};
struct StepPolicy {
  enum class Aggregation : uint8_t { kAverage, kMinimum, kMaximum };
  AdjustmentType type = AdjustmentType::kChangeInCapacity;
  std::vector<StepAdjustment> steps;
  std::optional<Aggregation> aggregation;
  std::optional<absl::Duration> warmup;
  std::optional<int> min_magnitude;
  bool operator==(const StepPolicy&) const = default;
};

struct TrackingPolicy {
  enum class Metric : uint8_t { kCpu, kNetworkIn, kNetworkOut, kRequestsPerTarget } metric = Metric::kCpu;
  std::string resource_label;  // of kRequestsPerTarget
  double target = 0;
  bool scale_in = true;
  std::optional<absl::Duration> warmup;
  bool operator==(const TrackingPolicy&) const = default;
};

// Exactly one of the three.
struct Policy {
  std::string name;
  std::optional<SimplePolicy> simple;
  std::optional<StepPolicy> step;
  std::optional<TrackingPolicy> tracking;
  bool operator==(const Policy&) const = default;
};

struct ScheduledAction {
  std::string name, recurrence, time_zone;
  std::optional<absl::Time> start, end;
  Size size;
  bool operator==(const ScheduledAction&) const = default;
};

struct Hook {
  enum class Transition : uint8_t { kLaunching, kTerminating } transition = Transition::kLaunching;
  enum class Result : uint8_t { kAbandon, kContinue };
  std::string name, target, role, metadata;
  std::optional<absl::Duration> heartbeat;
  std::optional<Result> otherwise;
  bool operator==(const Hook&) const = default;
};

// The words of AWS, in its own order.
enum class Process : uint8_t {
  kLaunch,
  kTerminate,
  kAddToLoadBalancer,
  kAlarmNotification,
  kAzRebalance,
  kHealthCheck,
  kInstanceRefresh,
  kReplaceUnhealthy,
  kScheduledActions,
};
inline constexpr int kProcesses = 9;
std::string_view ProcessText(Process process);  // "AZRebalance"

struct Suspension {
  Process process = Process::kLaunch;
  std::string reason;
  absl::Time until;
  bool InForce(absl::Time now) const { return now < until; }
  bool operator==(const Suspension&) const = default;
};

// A program that puts a downtime page up or takes it down; never through a shell.
struct PageCommand {
  specs::Argv command;
  bool operator==(const PageCommand&) const = default;
};
struct DowntimePage {
  PageCommand on, off;
  bool operator==(const DowntimePage&) const = default;
};

// How instances that run something else come to run what is declared.
struct Rollout {
  enum class Strategy : uint8_t { kSerial, kFull, kInstanceRefresh } strategy = Strategy::kSerial;
  bool compatible = false;  // old and new may serve together
  absl::Duration settle = absl::Minutes(2);
  absl::Duration within = absl::Minutes(15);
  std::optional<DowntimePage> page;
  // Of kInstanceRefresh. What is left out is AWS' own.
  std::optional<specs::Percentage> min_healthy;
  std::optional<absl::Duration> warmup;
  // What becomes of instances that somebody set apart; neither takes any of them away.
  enum class Apart : uint8_t { kIgnore, kWait } protected_ones = Apart::kIgnore, standby = Apart::kIgnore;
  bool operator==(const Rollout&) const = default;
};

struct Spec {
  aws::Location location;
  std::string group;
  std::optional<Size> size;
  std::optional<LaunchConfigurationChoice> launch_configuration;
  std::optional<LaunchTemplateChoice> launch_template;
  std::vector<std::string> zones, subnets;
  std::optional<HealthCheck> health_check;
  std::optional<absl::Duration> cooldown;
  std::vector<std::string> load_balancers, target_groups;
  std::vector<Tag> tags;
  std::vector<Policy> policies;
  std::vector<ScheduledAction> scheduled_actions;
  std::vector<Hook> lifecycle_hooks;
  std::vector<Suspension> suspended;
  std::optional<Rollout> rollout;
};
const specs::FieldTable<Spec>& SpecFields();

}  // namespace holdfast::autoscaling_group
