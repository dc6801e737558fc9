// Auto Scaling's reads of groups, and how a group is made, changed and deleted.
#include <algorithm>
#include <utility>

#include "controller/base/time_text.h"
#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"
#include "examples/sandbox/aws/group_document.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr int64_t kUsualPage = 50, kMostPage = 100;

using Is = Member::Is;

json::object TemplateDocument(const Origin& origin) {
  return {{"LaunchTemplateId", Word(origin.template_id)},
          {"LaunchTemplateName", Word(origin.template_name)},
          {"Version", Word(origin.template_version)}};
}

json::object MemberDocument(const Member& member) {
  json::object out = {{"InstanceId", Word(member.id)},
                      {"AvailabilityZone", Word(member.zone)},
                      {"LifecycleState", Word(LifecycleName(member.is))},
                      {"HealthStatus", member.healthy ? "Healthy" : "Unhealthy"},
                      {"ProtectedFromScaleIn", member.is_protected},
                      {"InstanceType", "t3.micro"}};
  if (!member.origin.configuration.empty())
    out["LaunchConfigurationName"] = Word(member.origin.configuration);
  else
    out["LaunchTemplate"] = TemplateDocument(member.origin);
  return out;
}

json::array SuspendedDocument(const Group& group) {
  json::array out;
  for (const auto& [process, reason] : group.suspended)
    out.push_back(json::object{{"ProcessName", Word(process)}, {"SuspensionReason", Word(reason)}});
  return out;
}

json::object GroupDocument(const Group& group) {
  json::array members, tags;
  for (const Member& member : group.members) members.push_back(MemberDocument(member));
  for (const auto& [key, tag] : group.tags) tags.push_back(TagDocument(group.name, key, tag));
  json::object out = {{"AutoScalingGroupName", Word(group.name)},
                      {"AutoScalingGroupARN", Word(group.arn)},
                      {"MinSize", group.min},
                      {"MaxSize", group.max},
                      {"DesiredCapacity", group.desired},
                      {"DefaultCooldown", absl::ToInt64Seconds(group.cooldown)},
                      {"AvailabilityZones", Words(group.zones)},
                      {"LoadBalancerNames", Words(group.balancers)},
                      {"TargetGroupARNs", Words(group.target_groups)},
                      {"HealthCheckType", Word(group.health_check)},
                      {"HealthCheckGracePeriod", absl::ToInt64Seconds(group.grace)},
                      {"Instances", std::move(members)},
                      {"CreatedTime", Word(Rfc3339(group.created))},
                      {"SuspendedProcesses", SuspendedDocument(group)},
                      {"VPCZoneIdentifier", Word(group.subnets)},
                      {"EnabledMetrics", json::array()},
                      {"Tags", std::move(tags)},
                      {"TerminationPolicies", Words(group.termination_policies)},
                      {"NewInstancesProtectedFromScaleIn", group.protects_new},
                      {"ServiceLinkedRoleARN", "arn:aws:iam::1:role/AWSServiceRoleForAutoScaling"}};
  if (group.is == Group::Is::kDeleting) out["Status"] = "Delete in progress";
  if (!group.origin.configuration.empty())
    out["LaunchConfigurationName"] = Word(group.origin.configuration);
  else
    out["LaunchTemplate"] = TemplateDocument(group.origin);
  return out;
}

// Each filter must fit: tag-key, tag-value, tag:KEY.
bool FitsFilters(const Call& call, const Group& group) {
  for (const json::value* filter :
       ListAt(call.asked.parameters, "Filters").value_or(std::vector<const json::value*>())) {
    const std::string name = TextAt(*filter, "Name").value_or("");
    const std::vector<std::string> values = TextsAt(*filter, "Values");
    const auto is_wanted = [&](const std::string& text) {
      return std::ranges::find(values, text) != values.end();
    };
    const bool fits = std::ranges::any_of(group.tags, [&](const auto& entry) {
      if (name == "tag-key") return is_wanted(entry.first);
      if (name == "tag-value") return is_wanted(entry.second.value);
      return name == Cat("tag:", entry.first) && is_wanted(entry.second.value);
    });
    if (!fits) return false;
  }
  return true;
}

// What a call says about origin, sizes and the rest, laid over the group.
std::optional<Fault> Lay(Call& call, Group& group) {
  if (call.Has("LaunchConfigurationName")) {
    group.origin = {.configuration = call.Text("LaunchConfigurationName")};
    if (!call.truth.groups.configurations.contains(group.origin.configuration))
      return Fault{"ValidationError", Cat("Launch configuration name not found - Launch configuration ",
                                          group.origin.configuration, " not found")};
  } else if (call.Has("LaunchTemplate")) {
    group.origin = {.template_id = call.Text("LaunchTemplate.LaunchTemplateId"),
                    .template_name = call.Text("LaunchTemplate.LaunchTemplateName"),
                    .template_version = call.Text("LaunchTemplate.Version")};
    const LaunchTemplate* found =
        call.truth.machines.Template(group.origin.template_id, group.origin.template_name);
    if (found == nullptr)
      return Fault{"ValidationError",
                   "You must use a valid fully-formed launch template. The specified "
                   "launch template does not exist."};
    group.origin.template_id = found->id;
    group.origin.template_name = found->name;
  }
  group.min = call.Whole("MinSize", group.min);
  group.max = call.Whole("MaxSize", group.max);
  if (call.Has("DefaultCooldown")) group.cooldown = absl::Seconds(call.Whole("DefaultCooldown", 300));
  if (call.Has("HealthCheckGracePeriod"))
    group.grace = absl::Seconds(call.Whole("HealthCheckGracePeriod", 0));
  if (call.Has("HealthCheckType")) group.health_check = call.Text("HealthCheckType");
  if (call.Has("VPCZoneIdentifier")) group.subnets = call.Text("VPCZoneIdentifier");
  if (call.Has("AvailabilityZones")) group.zones = call.Texts("AvailabilityZones");
  if (call.Has("TerminationPolicies")) group.termination_policies = call.Texts("TerminationPolicies");
  if (call.Has("NewInstancesProtectedFromScaleIn"))
    group.protects_new = call.IsSet("NewInstancesProtectedFromScaleIn");
  return std::nullopt;
}

std::optional<Fault> RefuseSize(const Group& group) {
  if (group.min < 0 || group.max < group.min)
    return Fault{"ValidationError",
                 Cat("Max bound, ", group.max, ", must be greater than or equal to min bound, ", group.min)};
  if (group.desired < group.min)
    return Fault{"ValidationError",
                 Cat("Desired capacity:", group.desired, " must be above min bound:", group.min)};
  if (group.desired > group.max)
    return Fault{"ValidationError",
                 Cat("Desired capacity:", group.desired, " must be below max bound:", group.max)};
  return std::nullopt;
}

}  // namespace

Fault NoGroup(const std::string& name) {
  return {"ValidationError",
          Cat("AutoScalingGroup name not found - AutoScalingGroup '", name, "' not found")};
}

Group* GroupOf(Call& call) {
  const auto found = call.truth.groups.all.find(call.Text("AutoScalingGroupName"));
  return found == call.truth.groups.all.end() ? nullptr : &found->second;
}

bool IsBusy(const Ground& ground, const Group& group) {
  return std::ranges::any_of(ground.groups.activities, [&](const auto& entry) {
    return entry.second.group == group.name && entry.second.status == "InProgress";
  });
}

Fault Busy(const Group& group) {
  return {"ScalingActivityInProgress",
          Cat("Scaling activity in progress for AutoScalingGroup: ", group.name)};
}

json::object TagDocument(const std::string& group, const std::string& key, const Group::Tag& tag) {
  return {{"ResourceId", Word(group)},
          {"ResourceType", "auto-scaling-group"},
          {"Key", Word(key)},
          {"Value", Word(tag.value)},
          {"PropagateAtLaunch", tag.propagates}};
}

json::object ActivityDocument(const Activity& activity) {
  json::object out = {{"ActivityId", Word(activity.id)},
                      {"AutoScalingGroupName", Word(activity.group)},
                      {"Description", Word(activity.description)},
                      {"Cause", Word(activity.cause)},
                      {"StartTime", Word(Rfc3339(activity.begun))},
                      {"StatusCode", Word(activity.status)},
                      {"Progress", activity.progress}};
  if (activity.ended != absl::InfiniteFuture()) out["EndTime"] = Word(Rfc3339(activity.ended));
  if (!activity.message.empty()) out["StatusMessage"] = Word(activity.message);
  return out;
}

Said DescribeGroups(Call& call) {
  const std::vector<std::string> names = call.Texts("AutoScalingGroupNames");
  const int64_t limit = std::clamp<int64_t>(call.Whole("MaxRecords", kUsualPage), 1, kMostPage);
  json::array groups;
  const std::string token = PageOf(
      call.seen.groups.all, call.Text("NextToken"), limit,
      [&](const Group& group) {
        const bool is_named = names.empty() || std::ranges::find(names, group.name) != names.end();
        return is_named && FitsFilters(call, group);
      },
      [&](const Group& group) { groups.push_back(GroupDocument(group)); });
  json::object out = {{"AutoScalingGroups", std::move(groups)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

Said DescribeActivities(Call& call) {
  const std::string name = call.Text("AutoScalingGroupName");
  if (!name.empty() && !call.seen.groups.all.contains(name)) return NoGroup(name);
  const std::vector<std::string> ids = call.Texts("ActivityIds");
  const int64_t limit = std::clamp<int64_t>(call.Whole("MaxRecords", kMostPage), 1, kMostPage);
  std::map<std::string, Activity, std::greater<>> newest_first(call.seen.groups.activities.begin(),
                                                               call.seen.groups.activities.end());
  json::array activities;
  const std::string token = PageOf(
      newest_first, call.Text("NextToken"), limit,
      [&](const Activity& one) {
        return (name.empty() || one.group == name) &&
               (ids.empty() || std::ranges::find(ids, one.id) != ids.end());
      },
      [&](const Activity& one) { activities.push_back(ActivityDocument(one)); });
  json::object out = {{"Activities", std::move(activities)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

Said DescribeGroupTags(Call& call) {
  json::array tags;
  for (const auto& [name, group] : call.seen.groups.all)
    for (const auto& [key, tag] : group.tags) tags.push_back(TagDocument(name, key, tag));
  return json::object{{"Tags", std::move(tags)}};
}

Said CreateGroup(Call& call) {
  Ground& ground = call.truth;
  Group group;
  group.name = call.Text("AutoScalingGroupName");
  if (ground.groups.all.contains(group.name))
    return Fault{"AlreadyExists", Cat("AutoScalingGroup by this name already exists - A group with the name ",
                                      group.name, " already exists")};
  for (const char* member : {"AutoScalingGroupName", "MinSize", "MaxSize"})
    if (!call.Has(member))
      return Fault{"ValidationError", Cat("1 validation error detected: Value null at '", member,
                                          "' failed to satisfy constraint: Member must not be null")};
  if (!call.Has("LaunchConfigurationName") && !call.Has("LaunchTemplate"))
    return Fault{"ValidationError",
                 "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or "
                 "MixedInstancesPolicy parameter."};
  if (!call.Has("AvailabilityZones") && !call.Has("VPCZoneIdentifier"))
    return Fault{"ValidationError", "At least one Availability Zone or VPC Subnet is required."};
  if (auto fault = Lay(call, group)) return *fault;
  group.desired = call.Whole("DesiredCapacity", group.min);
  group.desired_by = call.by;
  if (auto fault = RefuseSize(group)) return *fault;
  group.arn = ground.Arn("autoscaling",
                         Cat("autoScalingGroup:", ground.NewUuid(), ":autoScalingGroupName/", group.name));
  group.created = ground.now;
  group.balancers = call.Texts("LoadBalancerNames");
  group.target_groups = call.Texts("TargetGroupARNs");
  for (const json::value* tag :
       ListAt(call.asked.parameters, "Tags").value_or(std::vector<const json::value*>()))
    group.tags[TextAt(*tag, "Key").value_or("")] = {TextAt(*tag, "Value").value_or(""),
                                                    FlagAt(*tag, "PropagateAtLaunch").value_or(false)};
  ground.groups.all[group.name] = std::move(group);
  return json::object();
}

Said UpdateGroup(Call& call) {
  Group* found = GroupOf(call);
  if (found == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  if (call.truth.groups.while_scaling == Groups::WhileScaling::kRefuses && IsBusy(call.truth, *found))
    return Busy(*found);
  Group group = *found;
  if (auto fault = Lay(call, group)) return *fault;
  // Bounds drag along what is not said.
  if (call.Has("DesiredCapacity"))
    group.desired = call.Whole("DesiredCapacity", 0);
  else if (group.min <= group.max)
    group.desired = std::clamp(group.desired, group.min, group.max);
  if (auto fault = RefuseSize(group)) return *fault;
  if (group.desired != found->desired) group.desired_by = call.by;
  *found = std::move(group);
  return json::object();
}

Said DeleteGroup(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  if (group->is == Group::Is::kDeleting) return json::object();
  if (!call.IsSet("ForceDelete")) {
    if (IsBusy(call.truth, *group)) return Busy(*group);
    if (!group->members.empty())
      return Fault{"ResourceInUse",
                   "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance "
                   "request(s) still in the group."};
  }
  group->is = Group::Is::kDeleting;
  group->min = group->desired = 0;
  group->desired_by = call.by;
  for (Member& member : group->members) member.is_protected = false;
  return json::object();
}

}  // namespace holdfast::sandbox::aws
