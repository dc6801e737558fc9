// What is done to a group's instances, processes, balancers and tags.
#include <algorithm>
#include <array>
#include <utility>

#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"
#include "examples/sandbox/aws/group_document.h"

namespace holdfast::sandbox::aws {
namespace {

using Is = Member::Is;

constexpr std::array<std::string_view, 9> kProcesses = {
    "Launch",      "Terminate",       "AddToLoadBalancer", "AlarmNotification", "AZRebalance",
    "HealthCheck", "InstanceRefresh", "ReplaceUnhealthy",  "ScheduledActions"};
constexpr size_t kMostProtected = 50, kMostStandby = 20, kMostBalancers = 10;

struct Place {
  Group* group = nullptr;
  Member* member = nullptr;
};
Place PlaceOf(Call& call, const std::string& instance) {
  for (auto& [name, group] : call.truth.groups.all)
    if (Member* member = group.Find(instance)) return {&group, member};
  return {};
}
Fault NoInstance(const std::string& id) {
  return {"ValidationError", Cat("Instance Id not found - No managed instance found for instance ID: ", id)};
}

Said ChangeProcesses(Call& call, const auto& change) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  std::vector<std::string> processes = call.Texts("ScalingProcesses");
  if (processes.empty()) processes.assign(kProcesses.begin(), kProcesses.end());
  for (const std::string& process : processes)
    if (std::ranges::find(kProcesses, process) == kProcesses.end())
      return Fault{"ValidationError", Cat("Unsupported process type: ", process)};
  for (const std::string& process : processes) change(*group, process);
  return json::object();
}

Said ChangeList(Call& call, std::vector<std::string> Group::* list, std::string_view member,
                const auto& change) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  const std::vector<std::string> names = call.Texts(member);
  if (names.empty() || names.size() > kMostBalancers)
    return Fault{"ValidationError", Cat("Between 1 and 10 ", member, " are taken at once")};
  for (const std::string& name : names) change(*group, group->*list, name);
  return json::object();
}

void AddTo(Group&, std::vector<std::string>& list, const std::string& name) {
  if (std::ranges::find(list, name) == list.end()) list.push_back(name);
}

json::object LastActivity(const Ground& ground, std::string_view member) {
  return {{member == "Activity" ? "Activity" : "Activities",
           member == "Activity"
               ? json::value(ActivityDocument(ground.groups.activities.rbegin()->second))
               : json::value(json::array{ActivityDocument(ground.groups.activities.rbegin()->second)})}};
}

}  // namespace

Said SetDesiredCapacity(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  const Ground& ground = call.truth;
  if (ground.groups.while_scaling == Groups::WhileScaling::kRefuses && IsBusy(ground, *group))
    return Busy(*group);
  if (call.IsSet("HonorCooldown") && group->scaled_at + group->cooldown > ground.now)
    return Fault{"ScalingActivityInProgress",
                 Cat("You cannot set the desired capacity of ", group->name, " during its cooldown")};
  const int64_t desired = call.Whole("DesiredCapacity", -1);
  if (desired < group->min || desired > group->max)
    return Fault{"ValidationError",
                 Cat("New SetDesiredCapacity value ", desired,
                     desired < group->min ? " is below min value " : " is above max value ",
                     desired < group->min ? group->min : group->max, " for the AutoScalingGroup.")};
  if (desired != group->desired) group->desired_by = call.by;
  group->desired = desired;
  return json::object();
}

Said TerminateInstance(Call& call) {
  const std::string id = call.Text("InstanceId");
  const Place place = PlaceOf(call, id);
  if (place.group == nullptr) return NoInstance(id);
  if (!call.Has("ShouldDecrementDesiredCapacity"))
    return Fault{"ValidationError", "ShouldDecrementDesiredCapacity must not be null"};
  Group& group = *place.group;
  const bool is_less = call.IsSet("ShouldDecrementDesiredCapacity");
  if (is_less && group.desired - 1 < group.min)
    return Fault{
        "ValidationError",
        Cat("Currently, desiredSize equals minSize (", group.min,
            "). Terminating instance without replacement will violate group's min size constraint.")};
  const bool is_leaving = place.member->is == Is::kTerminating || place.member->is == Is::kTerminatingWait;
  if (!is_leaving) {
    const bool counts = place.member->Counts();
    BeginTermination(call.truth, group, *place.member, "instance was taken out of service by a user request");
    if (is_less && counts) {
      --group.desired;
      group.desired_by = call.by;
    }
  }
  return LastActivity(call.truth, "Activity");
}

Said SetInstanceHealth(Call& call) {
  const Place place = PlaceOf(call, call.Text("InstanceId"));
  if (place.group == nullptr) return NoInstance(call.Text("InstanceId"));
  place.member->healthy = call.Text("HealthStatus") == "Healthy";
  return json::object();
}

Said SetInstanceProtection(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  const std::vector<std::string> ids = call.Texts("InstanceIds");
  if (ids.size() > kMostProtected) return Fault{"ValidationError", "At most 50 instances are taken at once"};
  for (const std::string& id : ids)
    if (group->Find(id) == nullptr) return NoInstance(id);
  for (const std::string& id : ids) group->Find(id)->is_protected = call.IsSet("ProtectedFromScaleIn");
  return json::object();
}

Said EnterStandby(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  const std::vector<std::string> ids = call.Texts("InstanceIds");
  const bool is_less = call.IsSet("ShouldDecrementDesiredCapacity");
  if (ids.size() > kMostStandby) return Fault{"ValidationError", "At most 20 instances are taken at once"};
  for (const std::string& id : ids) {
    const Member* member = group->Find(id);
    if (member == nullptr) return NoInstance(id);
    if (member->is != Is::kInService)
      return Fault{"ValidationError", Cat("The instance ", id, " is not in InService")};
  }
  const auto count = static_cast<int64_t>(ids.size());
  if (is_less && group->desired - count < group->min)
    return Fault{"ValidationError", "AutoScalingGroup's desired capacity would fall below its minimum"};
  for (const std::string& id : ids) {
    Member& member = *group->Find(id);
    member.is = Is::kEnteringStandby;
    member.due = call.truth.now + absl::Seconds(5);
    for (auto& [name, balancer] : call.truth.balancers.classic) balancer.registered.erase(id);
    for (auto& [arn, balancer] : call.truth.balancers.targets) balancer.registered.erase(id);
  }
  if (is_less) group->desired -= count;
  return json::object{{"Activities", json::array()}};
}

Said ExitStandby(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  for (const std::string& id : call.Texts("InstanceIds")) {
    Member* member = group->Find(id);
    if (member == nullptr || member->is != Is::kStandby) return NoInstance(id);
    member->is = Is::kPending;
    member->due = call.truth.now + absl::Seconds(5);
    ++group->desired;
    group->max = std::max(group->max, group->desired);
  }
  return json::object{{"Activities", json::array()}};
}

Said SuspendProcesses(Call& call) {
  return ChangeProcesses(call, [&](Group& group, const std::string& process) {
    group.suspended.try_emplace(
        process, Cat("User suspended at ",
                     absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", call.truth.now, absl::UTCTimeZone())));
  });
}
Said ResumeProcesses(Call& call) {
  return ChangeProcesses(call,
                         [](Group& group, const std::string& process) { group.suspended.erase(process); });
}

Said AttachBalancers(Call& call) { return ChangeList(call, &Group::balancers, "LoadBalancerNames", AddTo); }
Said AttachTargetGroups(Call& call) {
  return ChangeList(call, &Group::target_groups, "TargetGroupARNs", AddTo);
}
Said DetachBalancers(Call& call) {
  return ChangeList(call, &Group::balancers, "LoadBalancerNames",
                    [](Group&, auto& list, const std::string& name) { std::erase(list, name); });
}
Said DetachTargetGroups(Call& call) {
  return ChangeList(call, &Group::target_groups, "TargetGroupARNs",
                    [](Group&, auto& list, const std::string& name) { std::erase(list, name); });
}

namespace {

Said ChangeGroupTags(Call& call, const auto& change) {
  for (const json::value* tag :
       ListAt(call.asked.parameters, "Tags").value_or(std::vector<const json::value*>())) {
    const std::string name = TextAt(*tag, "ResourceId").value_or("");
    const auto group = call.truth.groups.all.find(name);
    if (group == call.truth.groups.all.end()) return NoGroup(name);
    change(group->second, TextAt(*tag, "Key").value_or(""), *tag);
  }
  return json::object();
}

}  // namespace

Said CreateOrUpdateTags(Call& call) {
  return ChangeGroupTags(call, [](Group& group, const std::string& key, const json::value& tag) {
    group.tags[key] = {TextAt(tag, "Value").value_or(""), FlagAt(tag, "PropagateAtLaunch").value_or(false)};
  });
}
Said DeleteTags(Call& call) {
  return ChangeGroupTags(
      call, [](Group& group, const std::string& key, const json::value&) { group.tags.erase(key); });
}

Said CompleteLifecycleAction(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  Member* member = group->Find(call.Text("InstanceId"));
  if (member == nullptr || (member->is != Is::kPendingWait && member->is != Is::kTerminatingWait))
    return Fault{"ValidationError",
                 Cat("No active Lifecycle Action found with instance ID ", call.Text("InstanceId"))};
  member->due = call.truth.now;
  return json::object();
}

void CheckHealth(Ground& ground) {
  for (auto& [name, group] : ground.groups.all) {
    if (!group.Runs("HealthCheck")) continue;
    for (Member& member : group.members) {
      if (member.is != Is::kInService || member.since + group.grace > ground.now) continue;
      const bool is_running = ground.machines.all[member.id].is == Machine::Is::kRunning;
      if (!is_running) member.healthy = false;
      if (group.health_check != "ELB") continue;
      const auto check = [&](const auto& balancers, const std::string& key) {
        const auto found = balancers.find(key);
        if (found != balancers.end() && HealthIn(ground.balancers, found->second, ground.machines, member.id,
                                                 ground.now) == Health::kUnhealthy)
          member.healthy = false;
      };
      for (const std::string& balancer : group.balancers) check(ground.balancers.classic, balancer);
      for (const std::string& arn : group.target_groups) check(ground.balancers.targets, arn);
    }
  }
}

}  // namespace holdfast::sandbox::aws
