// A decision about a group in a few words: what is wanted, what is seen, what is remembered.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/autoscaling_group/kind.h"
#include "reconcilers/autoscaling_group/rollout.h"

namespace holdfast::autoscaling_group {

// A group `web` with three instances i-1 … i-3 of the launch configuration `v1`, in service; min 2, max 8,
// desired 3. What is told as text comes as XML tells it: without types.
struct Scene {
  Spec want;
  json::object item;
  json::array policies, schedule, hooks;
  Goings goings;
  State::Read read = State::Read::kTargeted;
  std::optional<std::string> policies_unknown;
  Trail trail;
  Past past;
  Purpose purpose = Purpose::kConverge;
  std::map<std::string, std::string> refs;
  absl::Time now = absl::FromUnixSeconds(1'795'000'000);  // 2026-11-18

  Scene() {
    want.location.region = "us-east-1";
    want.group = "web";
    item = {{"AutoScalingGroupName", "web"},
            {"AutoScalingGroupARN", "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:u:web"},
            {"LaunchConfigurationName", "v1"},
            {"MinSize", "2"},
            {"MaxSize", "8"},
            {"DesiredCapacity", "3"},
            {"DefaultCooldown", "300"},
            {"HealthCheckType", "EC2"},
            {"HealthCheckGracePeriod", "0"},
            {"AvailabilityZones", json::array{"us-east-1a", "us-east-1b"}},
            {"VPCZoneIdentifier", ""},
            {"LoadBalancerNames", ""},
            {"TargetGroupARNs", ""},
            {"SuspendedProcesses", ""},
            {"Tags", ""},
            {"Instances", json::array{}}};
    for (const char* id : {"i-1", "i-2", "i-3"}) Add(id, "v1");
  }
  json::object& Add(std::string_view id, std::string_view launch_configuration) {
    json::array& instances = item["Instances"].as_array();
    instances.push_back(json::object{{"InstanceId", JsonView(id)},
                                     {"LifecycleState", "InService"},
                                     {"HealthStatus", "Healthy"},
                                     {"AvailabilityZone", "us-east-1a"},
                                     {"LaunchConfigurationName", JsonView(launch_configuration)},
                                     {"ProtectedFromScaleIn", "false"}});
    return instances.back().as_object();
  }
  json::object& Instance(size_t index) { return item["Instances"].as_array()[index].as_object(); }
  // Told as a rollout needs it: nobody at work, and the load balancer `front` finds everybody well.
  Scene& Told() {
    goings.activities = Known<std::vector<Activity>>{{}, now};
    goings.refreshes = Known<std::vector<Refresh>>{{}, now};
    item["LoadBalancerNames"] = json::array{"front"};
    Health health;
    for (const json::value& one : item["Instances"].as_array())
      health.states[std::string(Chars(one.at("InstanceId").as_string()))] = "InService";
    goings.balancers["front"] = Known<Health>{health, now};
    return *this;
  }
  Scene& Finds(const std::string& id, const std::string& state) {
    Health health;
    goings.balancers["front"].Match([&](const Known<Health>& known) { health = known.value; },
                                    [](const Absent&) {}, [](const Unknown&) {});
    health.states[id] = state;
    goings.balancers["front"] = Known<Health>{health, now};
    return *this;
  }
  Scene& Happened(Activity activity) {
    goings.activities = Known<std::vector<Activity>>{{std::move(activity)}, now};
    return *this;
  }
  void Gone(std::string_view id) {
    json::array& all = item["Instances"].as_array();
    for (auto one = all.begin(); one != all.end(); ++one)
      if (one->at("InstanceId").as_string() == JsonView(id)) {
        all.erase(one);
        return;
      }
  }
  // What the plan's first stage does, as AWS would: processes rest and run, instances go, the launch changes.
  void Perform(const Plan& plan) {
    if (plan.stages.empty()) return;
    for (const Step& step : plan.stages[0].steps) {
      Performed(step);
      const auto* call = std::get_if<AwsCall>(&step.action);
      if (call == nullptr) continue;
      const json::object sent = ParseJson(Printed(call->parameters))->as_object();
      if (call->operation == "SuspendProcesses")
        Suspended(Chars(sent.at("ScalingProcesses").as_array()[0].as_string()));
      if (call->operation == "ResumeProcesses")
        Resumed(sent.at("ScalingProcesses").as_array()[0].as_string());
      if (call->operation == "UpdateAutoScalingGroup" && sent.contains("LaunchConfigurationName"))
        item["LaunchConfigurationName"] = sent.at("LaunchConfigurationName");
      if (call->operation == "TerminateInstanceInAutoScalingGroup")
        Gone(Chars(sent.at("InstanceId").as_string()));
    }
  }
  void Resumed(const json::string& process) {
    json::array& all = item["SuspendedProcesses"].as_array();
    for (auto one = all.begin(); one != all.end(); ++one)
      if (one->at("ProcessName").as_string() == process) {
        all.erase(one);
        return;
      }
  }
  Scene& Suspended(std::string_view process,
                   std::string_view reason = "User suspended at 2026-11-18T07:00:00Z") {
    if (!item["SuspendedProcesses"].is_array()) item["SuspendedProcesses"] = json::array{};
    item["SuspendedProcesses"].as_array().push_back(
        json::object{{"ProcessName", JsonView(process)}, {"SuspensionReason", JsonView(reason)}});
    return *this;
  }
  Suspension& Rest(Process process, absl::Duration how_long = absl::Hours(2)) {
    want.suspended.push_back({.process = process, .reason = "debate night", .until = now + how_long});
    return want.suspended.back();
  }
  Scene& Lease(std::string object, std::string wrote = "until 2026-11-18T09:00:00Z") {
    past.open.push_back({.object = std::move(object), .before = "running", .wrote = std::move(wrote)});
    return *this;
  }
  // What `step` would leave behind once it was performed.
  void Performed(const Step& step, Outcome::Kind kind = Outcome::Kind::kDone) {
    past.attempts.push_back({.key = step.key, .sent = now, .outcome = {kind, "", ""}, .target = step.target});
    if (step.puts_aside) past.open.push_back(*step.puts_aside);
  }

  State state() const {
    State state;
    state.group = *ReadGroup(std::make_shared<const json::value>(item));
    state.read = read;
    if (policies_unknown)
      state.policies = Unknown{*policies_unknown};
    else
      state.policies = Known<Parts>{*ReadParts(policies, "PolicyName"), now};
    state.scheduled_actions = Known<Parts>{*ReadParts(schedule, "ScheduledActionName"), now};
    state.hooks = Known<Parts>{*ReadParts(hooks, "LifecycleHookName"), now};
    state.goings = goings;
    return state;
  }
  Plan Decide() {
    const Fact<State> seen(Known<State>{state(), now});
    trail = Fold(std::move(trail), seen);
    return DecideOn(seen);
  }
  Plan DecideAbsent() {
    return DecideOn(Fact<State>(Absent{"neither among 3 in DescribeAutoScalingGroups nor found", now}));
  }
  Plan DecideOn(const Fact<State>& seen) const {
    const Frame frame{.now = now, .purpose = purpose, .past = past, .refs = refs};
    return AutoScalingGroup::Decide({want, {}, seen, trail, frame});
  }
};

inline std::vector<const Step*> StepsOf(const Plan& plan) {
  std::vector<const Step*> steps;
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) steps.push_back(&step);
  return steps;
}
inline const Step* StepTo(const Plan& plan, std::string_view verb_and_target) {
  for (const Step* step : StepsOf(plan))
    if (Cat(step->verb, " ", step->target) == verb_and_target) return step;
  return nullptr;
}
// "OPERATION {…}": exactly what would be sent.
inline std::string Sent(const Step* step) {
  if (step == nullptr) return "no step";
  const auto* call = std::get_if<AwsCall>(&step->action);
  return call == nullptr ? Line(step->action) : Cat(call->operation, " ", Printed(call->parameters));
}
inline std::string HeldBy(const Step* step) {
  if (step == nullptr) return "no step";
  for (const Guard& guard : step->guards)
    if (guard.verdict.is != Verdict::Is::kPass) return Cat(guard.name, ": ", guard.verdict.evidence);
  return "";
}
inline std::string WaitCalled(const Plan& plan, std::string_view name) {
  for (const Wait& wait : plan.waits)
    if (wait.name.starts_with(name)) return Cat(OnText(wait.on), ": ", wait.detail);
  return "none";
}
inline std::string Restored(const Plan& plan, std::string_view object) {
  for (const auto& [name, how] : plan.restored)
    if (name == object) return how;
  return "no";
}
inline std::string DiffOf(const Plan& plan, std::string_view path) {
  for (const Diff& diff : plan.diffs)
    if (diff.path == path) return Cat(diff.seen, " → ", diff.want);
  return "none";
}

}  // namespace holdfast::autoscaling_group
