// What belongs to groups: launch configurations, policies, hooks, scheduled actions.
#include <algorithm>
#include <utility>

#include "controller/base/time_text.h"
#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"
#include "examples/sandbox/aws/group_document.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr int64_t kUsualPage = 50, kMostPage = 100;

int64_t PageSize(const Call& call) {
  return std::clamp<int64_t>(call.Whole("MaxRecords", kUsualPage), 1, kMostPage);
}

json::object ConfigurationDocument(const LaunchConfiguration& configuration) {
  json::object out = configuration.put;
  out["LaunchConfigurationName"] = Word(configuration.name);
  out["LaunchConfigurationARN"] = Word(configuration.arn);
  out["CreatedTime"] = Word(Rfc3339(configuration.created));
  for (const char* text : {"KeyName", "UserData", "KernelId", "RamdiskId"})
    if (!out.contains(text)) out[text] = "";
  for (const char* list : {"SecurityGroups", "BlockDeviceMappings"})
    if (!out.contains(list)) out[list] = json::array();
  if (!out.contains("EbsOptimized")) out["EbsOptimized"] = false;
  return out;
}

json::object PolicyDocument(const Ground& ground, const Group& group, const Policy& policy) {
  json::object out = policy.put;
  out["AutoScalingGroupName"] = Word(group.name);
  out["PolicyName"] = Word(policy.name);
  out["PolicyARN"] = Word(policy.arn);
  out["PolicyType"] = Word(policy.type);
  out["Enabled"] = FlagAt(json::value(policy.put), "Enabled").value_or(true);
  if (!out.contains("StepAdjustments")) out["StepAdjustments"] = json::array();
  json::array alarms;
  for (const auto& [name, alarm] : ground.alarms.all)
    for (const std::string& action : TextsAt(json::value(alarm.put), "AlarmActions"))
      if (action == policy.arn)
        alarms.push_back(json::object{{"AlarmName", Word(name)}, {"AlarmARN", Word(alarm.arn)}});
  out["Alarms"] = std::move(alarms);
  return out;
}

std::string ImageFault(const Ground& ground, const std::string& image) {
  const auto found = ground.machines.images.find(image);
  if (found == ground.machines.images.end())
    return Cat("AMI ", image, " is invalid: The image id '[", image, "]' does not exist");
  if (found->second.is == Image::Is::kPending) return Cat("AMI ", image, " is pending, and cannot be run");
  return "";
}

}  // namespace

Said CreateLaunchConfiguration(Call& call) {
  Ground& ground = call.truth;
  Groups& groups = ground.groups;
  const std::string name = call.Text("LaunchConfigurationName"), image = call.Text("ImageId");
  if (groups.configurations.contains(name))
    return Fault{"AlreadyExists",
                 Cat("Launch Configuration by this name already exists - A launch configuration already "
                     "exists with the name ",
                     name)};
  if (groups.configurations.size() >= groups.most_configurations)
    return Fault{"LimitExceeded", Cat("Only ", groups.most_configurations,
                                      " LaunchConfigurations are allowed per region for this account")};
  if (name.empty() || image.empty() || !call.Has("InstanceType"))
    return Fault{"ValidationError", "Valid requests must contain ImageId and InstanceType"};
  if (const std::string fault = ImageFault(ground, image); !fault.empty())
    return Fault{"ValidationError", fault};
  LaunchConfiguration& made = groups.configurations[name];
  made.name = name;
  made.image = image;
  made.arn = ground.Arn("autoscaling",
                        Cat("launchConfiguration:", ground.NewUuid(), ":launchConfigurationName/", name));
  made.created = ground.now;
  made.put = call.asked.parameters.get_object();
  return json::object();
}

Said DeleteLaunchConfiguration(Call& call) {
  Ground& ground = call.truth;
  const std::string name = call.Text("LaunchConfigurationName");
  for (const auto& [group_name, group] : ground.groups.all)
    if (group.origin.configuration == name)
      return Fault{"ResourceInUse", Cat("Cannot delete launch configuration ", name,
                                        " because it is attached to AutoScalingGroup ", group_name)};
  if (ground.groups.configurations.erase(name) == 0)
    return Fault{"ValidationError",
                 Cat("Launch configuration name not found - Launch configuration ", name, " not found")};
  return json::object();
}

Said DescribeLaunchConfigurations(Call& call) {
  const std::vector<std::string> names = call.Texts("LaunchConfigurationNames");
  json::array configurations;
  const std::string token = PageOf(
      call.seen.groups.configurations, call.Text("NextToken"), PageSize(call),
      [&](const LaunchConfiguration& one) {
        return names.empty() || std::ranges::find(names, one.name) != names.end();
      },
      [&](const LaunchConfiguration& one) { configurations.push_back(ConfigurationDocument(one)); });
  json::object out = {{"LaunchConfigurations", std::move(configurations)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

Said DescribeAccountLimits(Call& call) {
  const Groups& groups = call.seen.groups;
  return json::object{{"MaxNumberOfAutoScalingGroups", 500},
                      {"MaxNumberOfLaunchConfigurations", groups.most_configurations},
                      {"NumberOfAutoScalingGroups", groups.all.size()},
                      {"NumberOfLaunchConfigurations", groups.configurations.size()}};
}

// ── policies ──

Said PutScalingPolicy(Call& call) {
  Ground& ground = call.truth;
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  const std::string name = call.Text("PolicyName");
  const std::string type = call.Has("PolicyType") ? call.Text("PolicyType") : "SimpleScaling";
  const bool is_tracking = type == "TargetTrackingScaling";
  if (!is_tracking && !call.Has("AdjustmentType"))
    return Fault{"ValidationError", "AdjustmentType must be specified"};
  if (type == "SimpleScaling" && !call.Has("ScalingAdjustment"))
    return Fault{"ValidationError",
                 "You must specify a scaling adjustment value for simple scaling policies"};
  if (type == "StepScaling" && !call.Has("StepAdjustments"))
    return Fault{"ValidationError", "At least one StepAdjustment must be specified for step policies"};
  if (is_tracking && !call.Has("TargetTrackingConfiguration"))
    return Fault{"ValidationError", "TargetTrackingConfiguration must be specified"};
  Policy& policy = group->policies[name];
  if (policy.arn.empty())
    policy.arn = ground.Arn("autoscaling", Cat("scalingPolicy:", ground.NewUuid(), ":autoScalingGroupName/",
                                               group->name, ":policyName/", name));
  policy.name = name;
  policy.type = type;
  policy.put = call.asked.parameters.get_object();
  json::array alarms;
  if (is_tracking && policy.own_alarms.empty())
    for (const char* end : {"AlarmHigh", "AlarmLow"})
      policy.own_alarms.push_back(Cat("TargetTracking-", group->name, "-", end, "-", ground.NewUuid()));
  for (const std::string& own : policy.own_alarms) {
    Alarm& alarm = ground.alarms.all[own];
    alarm.name = own;
    alarm.arn = ground.Arn("cloudwatch", Cat("alarm:", own));
    alarm.state_updated = alarm.configuration_updated = ground.now;
    alarm.put = {{"AlarmName", Word(own)},
                 {"AlarmActions", json::array{Word(policy.arn)}},
                 {"Namespace", "AWS/EC2"},
                 {"MetricName", "CPUUtilization"}};
    alarm.actions_enabled = false;
    alarms.push_back(json::object{{"AlarmName", Word(own)}, {"AlarmARN", Word(alarm.arn)}});
  }
  return json::object{{"PolicyARN", Word(policy.arn)}, {"Alarms", std::move(alarms)}};
}

Said DeletePolicy(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  const std::string wanted = call.Text("PolicyName");
  const auto found = std::ranges::find_if(group->policies, [&](const auto& entry) {
    return entry.first == wanted || entry.second.arn == wanted;
  });
  if (found == group->policies.end())
    return Fault{"ValidationError", Cat("Policy name not found - ", wanted)};
  // The alarm action goes, the alarm stays; a target's own alarms go with it.
  for (const std::string& own : found->second.own_alarms) call.truth.alarms.all.erase(own);
  for (auto& [name, alarm] : call.truth.alarms.all) {
    json::value* actions = alarm.put.if_contains("AlarmActions");
    if (actions == nullptr || !actions->is_array()) continue;
    std::vector<std::string> kept = TextsAt(json::value(alarm.put), "AlarmActions");
    std::erase(kept, found->second.arn);
    *actions = Words(kept);
  }
  group->policies.erase(found);
  return json::object();
}

Said DescribePolicies(Call& call) {
  const std::string of = call.Text("AutoScalingGroupName");
  const std::vector<std::string> names = call.Texts("PolicyNames");
  if (!of.empty() && !call.seen.groups.all.contains(of)) return NoGroup(of);
  std::map<std::string, json::object> found;  // by group and policy
  for (const auto& [group_name, group] : call.seen.groups.all) {
    if (!of.empty() && of != group_name) continue;
    for (const auto& [name, policy] : group.policies)
      if (names.empty() || std::ranges::find(names, name) != names.end())
        found[Cat(group_name, "/", name)] = PolicyDocument(call.seen, group, policy);
  }
  json::array policies;
  const std::string token = PageOf(
      found, call.Text("NextToken"), PageSize(call), [](const json::object&) { return true; },
      [&](const json::object& policy) { policies.push_back(policy); });
  json::object out = {{"ScalingPolicies", std::move(policies)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

// ── hooks and scheduled actions ──

Said PutLifecycleHook(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  const std::string name = call.Text("LifecycleHookName");
  if (!call.Has("LifecycleTransition") && !group->hooks.contains(name))
    return Fault{"ValidationError", "LifecycleTransition must be specified for a new hook"};
  Hook& hook = group->hooks[name];
  hook.name = name;
  if (call.Has("LifecycleTransition")) hook.transition = call.Text("LifecycleTransition");
  hook.heartbeat = absl::Seconds(call.Whole("HeartbeatTimeout", absl::ToInt64Seconds(hook.heartbeat)));
  if (call.Has("DefaultResult")) hook.result = call.Text("DefaultResult");
  for (const auto& one : call.asked.parameters.get_object()) hook.put[one.key()] = one.value();
  return json::object();
}

Said DeleteLifecycleHook(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  if (group->hooks.erase(call.Text("LifecycleHookName")) == 0)
    return Fault{"ValidationError",
                 Cat("No Lifecycle Hook found with name ", call.Text("LifecycleHookName"))};
  return json::object();
}

Said DescribeLifecycleHooks(Call& call) {
  const auto found = call.seen.groups.all.find(call.Text("AutoScalingGroupName"));
  if (found == call.seen.groups.all.end()) return NoGroup(call.Text("AutoScalingGroupName"));
  json::array hooks;
  for (const auto& [name, hook] : found->second.hooks) {
    json::object one = hook.put;
    one["LifecycleTransition"] = Word(hook.transition);
    one["HeartbeatTimeout"] = absl::ToInt64Seconds(hook.heartbeat);
    one["GlobalTimeout"] = 172'800;
    one["DefaultResult"] = Word(hook.result);
    hooks.push_back(std::move(one));
  }
  return json::object{{"LifecycleHooks", std::move(hooks)}};
}

Said PutScheduledAction(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  if (!call.Has("StartTime") && !call.Has("Recurrence"))
    return Fault{"ValidationError", "Either StartTime or Recurrence must be specified"};
  group->scheduled[call.Text("ScheduledActionName")] = call.asked.parameters.get_object();
  return json::object();
}

Said DeleteScheduledAction(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  if (group->scheduled.erase(call.Text("ScheduledActionName")) == 0)
    return Fault{"ValidationError",
                 Cat("Scheduled action name not found - ", call.Text("ScheduledActionName"))};
  return json::object();
}

Said DescribeScheduledActions(Call& call) {
  const std::string of = call.Text("AutoScalingGroupName");
  json::array actions;
  for (const auto& [group_name, group] : call.seen.groups.all) {
    if (!of.empty() && of != group_name) continue;
    for (const auto& [name, put] : group.scheduled) {
      json::object one = put;
      one["ScheduledActionARN"] =
          Word(call.seen.Arn("autoscaling", Cat("scheduledUpdateGroupAction:1:autoScalingGroupName/",
                                                group_name, ":scheduledActionName/", name)));
      actions.push_back(std::move(one));
    }
  }
  return json::object{{"ScheduledUpdateGroupActions", std::move(actions)}};
}

void RunSchedules(Ground& ground) {
  for (auto& [group_name, group] : ground.groups.all) {
    if (!group.Runs("ScheduledActions")) continue;
    for (auto at = group.scheduled.begin(); at != group.scheduled.end();) {
      const json::value put(at->second);
      const auto start = TimeAt(put, "StartTime");
      if (!start || *start > ground.now || TextAt(put, "Recurrence")) {
        ++at;
        continue;
      }
      group.min = WholeAt(put, "MinSize").value_or(group.min);
      group.max = WholeAt(put, "MaxSize").value_or(group.max);
      group.desired =
          std::clamp(WholeAt(put, "DesiredCapacity").value_or(group.desired), group.min, group.max);
      group.desired_by = By::kNature;
      ground.Happened("ScheduledActionRan", Cat(group_name, " ", at->first));
      at = group.scheduled.erase(at);
    }
  }
}

}  // namespace holdfast::sandbox::aws
