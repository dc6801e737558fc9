#include "examples/sandbox/aws/groups.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "controller/base/time_text.h"
#include "examples/sandbox/aws/call.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {

using Is = Member::Is;

std::string_view LifecycleName(Is is) {
  static constexpr std::string_view kNames[] = {"Pending",     "Pending:Wait",     "InService",
                                                "Terminating", "Terminating:Wait", "EnteringStandby",
                                                "Standby",     "Detaching"};
  return kNames[static_cast<size_t>(is)];
}

Member* Group::Find(const std::string& instance) {
  const auto found = std::ranges::find(members, instance, &Member::id);
  return found == members.end() ? nullptr : &*found;
}
const Member* Group::Find(const std::string& instance) const {
  const auto found = std::ranges::find(members, instance, &Member::id);
  return found == members.end() ? nullptr : &*found;
}

int64_t Group::Counting() const { return std::ranges::count_if(members, &Member::Counts); }

absl::Time Groups::NextEvent() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [name, group] : all) {
    const bool is_short = group.Runs("Launch") && group.Counting() < group.desired;
    if (is_short) next = std::min(next, group.next_launch);
    for (const Member& member : group.members) next = std::min(next, member.due);
  }
  return next;
}

Origin Resolved(const Ground& ground, const Origin& origin) {
  if (!origin.configuration.empty()) return origin;
  Origin out = origin;
  const LaunchTemplate* found = ground.machines.Template(origin.template_id, origin.template_name);
  if (found == nullptr) return out;
  out.template_id = found->id;
  out.template_name = found->name;
  if (out.template_version == "$Latest") out.template_version = Cat(found->versions.size());
  if (out.template_version == "$Default" || out.template_version.empty())
    out.template_version = Cat(found->usual);
  return out;
}

std::string ImageOf(const Ground& ground, const Origin& origin) {
  if (!origin.configuration.empty()) {
    const auto found = ground.groups.configurations.find(origin.configuration);
    return found == ground.groups.configurations.end() ? "" : found->second.image;
  }
  const Origin resolved = Resolved(ground, origin);
  const LaunchTemplate* found = ground.machines.Template(resolved.template_id, resolved.template_name);
  const auto version = static_cast<size_t>(std::atoll(resolved.template_version.c_str()));
  if (found == nullptr || version == 0 || version > found->versions.size()) return "";
  return TextAt(json::value(found->versions[version - 1]), "ImageId").value_or("");
}

bool IsServing(const Ground& ground, const Group& group, const Member& member) {
  if (member.is != Is::kInService || !member.healthy) return false;
  const auto machine = ground.machines.all.find(member.id);
  if (machine == ground.machines.all.end() || !machine->second.ServesAt(ground.now)) return false;
  const auto is_in = [&](const std::map<std::string, Balancer>& balancers, const std::string& name) {
    const auto found = balancers.find(name);
    return found != balancers.end() && HealthIn(ground.balancers, found->second, ground.machines, member.id,
                                                ground.now) == Health::kHealthy;
  };
  return std::ranges::all_of(group.balancers,
                             [&](const auto& name) { return is_in(ground.balancers.classic, name); }) &&
         std::ranges::all_of(group.target_groups,
                             [&](const auto& arn) { return is_in(ground.balancers.targets, arn); });
}

int64_t Serving(const Ground& ground, const Group& group) {
  return std::ranges::count_if(group.members,
                               [&](const Member& member) { return IsServing(ground, group, member); });
}

namespace {

void ForBalancers(Ground& ground, const Group& group, const auto& act) {
  for (const std::string& name : group.balancers)
    if (const auto found = ground.balancers.classic.find(name); found != ground.balancers.classic.end())
      act(found->second);
  for (const std::string& arn : group.target_groups)
    if (const auto found = ground.balancers.targets.find(arn); found != ground.balancers.targets.end())
      act(found->second);
}

constexpr size_t kActivityDigits = 20;

Activity& BeginActivity(Ground& ground, const Group& group, std::string description, std::string cause) {
  Activity activity;
  const std::string number = Cat(ground.next_id);  // later ones sort behind
  activity.id = Cat(std::string(kActivityDigits - number.size(), '0'), number, "-", ground.NewUuid());
  activity.group = group.name;
  activity.description = std::move(description);
  activity.cause = std::move(cause);
  activity.begun = ground.now;
  return ground.groups.activities[activity.id] = activity;
}

void EndActivity(Ground& ground, const std::string& id, std::string_view status, std::string message = "") {
  const auto found = ground.groups.activities.find(id);
  if (found == ground.groups.activities.end()) return;
  found->second.status = status;
  found->second.progress = 100;
  found->second.ended = ground.now;
  found->second.message = std::move(message);
}

Image::Quality QualityOf(const Ground& ground, const std::string& image) {
  const auto found = ground.machines.images.find(image);
  return found == ground.machines.images.end() ? Image::Quality::kDoesNotLaunch : found->second.quality;
}

std::string ZoneFor(const Ground& ground, const Group& group) {
  std::string best = group.zones.empty() ? ground.region + "a" : group.zones.front();
  int64_t fewest = -1;
  for (const std::string& zone : group.zones) {
    const int64_t there = std::ranges::count_if(
        group.members, [&](const Member& member) { return member.zone == zone && member.Counts(); });
    if (fewest >= 0 && there >= fewest) continue;
    fewest = there;
    best = zone;
  }
  return best;
}

void Launch(Ground& ground, Group& group) {
  const Origin origin = Resolved(ground, group.origin);
  const std::string image = ImageOf(ground, origin);
  Member member;
  member.id = ground.NewId("i-");
  Activity& activity = BeginActivity(
      ground, group, Cat("Launching a new EC2 instance: ", member.id),
      Cat("At ", Rfc3339(ground.now),
          " an instance was started in response to a difference between desired and actual capacity."));
  if (QualityOf(ground, image) == Image::Quality::kDoesNotLaunch) {
    activity.description = "Launching a new EC2 instance.  Status Reason: the image cannot be launched.";
    EndActivity(ground, activity.id, "Failed",
                Cat("The image id '[", image, "]' does not exist. Launching EC2 instance failed."));
    group.next_launch = ground.now + ground.groups.after_failure;
    ground.Happened("LaunchFailed", group.name);
    return;
  }
  member.activity = activity.id;
  member.zone = ZoneFor(ground, group);
  member.origin = origin;
  member.is_protected = group.protects_new;
  member.due = ground.now + ground.groups.launch_takes;
  ground.machines.all[member.id] = {.id = member.id,
                                    .image = image,
                                    .zone = member.zone,
                                    .launched = ground.now,
                                    .tags = {{"aws:autoscaling:groupName", group.name}}};
  group.members.push_back(std::move(member));
  ground.Happened("Launching", group.name);
}

const Hook* HookOf(const Group& group, std::string_view transition) {
  for (const auto& [name, hook] : group.hooks)
    if (hook.transition == transition) return &hook;
  return nullptr;
}

void GoIntoService(Ground& ground, Group& group, Member& member) {
  member.is = Is::kInService;
  member.since = ground.now;
  member.due = absl::InfiniteFuture();
  Machine& machine = ground.machines.all[member.id];
  machine.is = Machine::Is::kRunning;
  if (QualityOf(ground, machine.image) == Image::Quality::kServes &&
      machine.serves_from == absl::InfiniteFuture())
    machine.serves_from = ground.now + ground.machines.begins_to_serve;
  EndActivity(ground, member.activity, "Successful");
  group.scaled_at = ground.now;
  if (group.Runs("AddToLoadBalancer"))
    ForBalancers(ground, group,
                 [&](Balancer& balancer) { balancer.registered.try_emplace(member.id, ground.now); });
  ground.Happened("InService", member.id);
}

// True when it is gone.
bool MemberIsDue(Ground& ground, Group& group, Member& member) {
  member.due = absl::InfiniteFuture();
  switch (member.is) {
    case Is::kPending:
      if (const Hook* hook = HookOf(group, "autoscaling:EC2_INSTANCE_LAUNCHING")) {
        member.is = Is::kPendingWait;
        member.due = ground.now + hook->heartbeat;
        return false;
      }
      GoIntoService(ground, group, member);
      return false;
    case Is::kPendingWait:
      GoIntoService(ground, group, member);
      return false;
    case Is::kEnteringStandby:
      member.is = Is::kStandby;
      return false;
    case Is::kTerminating:
    case Is::kTerminatingWait: {
      Machine& machine = ground.machines.all[member.id];
      machine.is = Machine::Is::kTerminated;
      machine.serves_until = std::min(machine.serves_until, ground.now);
      EndActivity(ground, member.activity, "Successful");
      group.scaled_at = ground.now;
      ground.Happened("Terminated", member.id);
      return true;
    }
    case Is::kDetaching:
      return true;
    default:
      return false;
  }
}

// Who goes first when there are too many: as the group's policies say, then whoever is longest there.
Member* Victim(Ground& ground, Group& group) {
  const std::string policy =
      group.termination_policies.empty() ? "Default" : group.termination_policies.front();
  const Origin wanted = Resolved(ground, group.origin);
  Member* best = nullptr;
  const auto rank = [&](const Member& member) {
    const bool is_old = policy != "OldestInstance" && policy != "NewestInstance" && member.origin != wanted;
    const absl::Time launched = ground.machines.all[member.id].launched;
    const int64_t age = absl::ToUnixMillis(launched) * (policy == "NewestInstance" ? -1 : 1);
    return std::tuple(is_old ? 0 : 1, age, member.id);
  };
  for (Member& member : group.members)
    if (member.is == Is::kInService && !member.is_protected &&
        (best == nullptr || rank(member) < rank(*best)))
      best = &member;
  return best;
}

void ReplaceUnhealthy(Ground& ground, Group& group) {
  if (!group.Runs("HealthCheck") || !group.Runs("ReplaceUnhealthy")) return;
  for (Member& member : group.members)
    if (member.is == Is::kInService && !member.healthy)
      BeginTermination(ground, group, member,
                       "an instance was taken out of service in response to a health check failure");
}

void SettleSize(Ground& ground, Group& group) {
  if (group.is == Group::Is::kDeleting) group.desired = 0;
  if (group.Runs("Launch") && group.is == Group::Is::kThere)
    while (group.Counting() < group.desired && group.next_launch <= ground.now) Launch(ground, group);
  while (group.Runs("Terminate") && group.Counting() > group.desired) {
    Member* victim = Victim(ground, group);
    if (victim == nullptr) return;
    BeginTermination(ground, group, *victim,
                     Cat("a user request changed the desired capacity to ", group.desired));
  }
}

}  // namespace

void BeginTermination(Ground& ground, Group& group, Member& member, std::string cause) {
  ground.Happened("Terminating", member.id);
  Activity& activity = BeginActivity(ground, group, Cat("Terminating EC2 instance: ", member.id),
                                     Cat("At ", Rfc3339(ground.now), " ", cause));
  member.activity = activity.id;
  const Hook* hook = HookOf(group, "autoscaling:EC2_INSTANCE_TERMINATING");
  member.is = hook == nullptr ? Is::kTerminating : Is::kTerminatingWait;
  member.due = ground.now + (hook == nullptr ? ground.groups.terminate_takes : hook->heartbeat);
  Machine& machine = ground.machines.all[member.id];
  machine.is = Machine::Is::kShuttingDown;
  machine.serves_until = std::min(machine.serves_until, ground.now);
  ForBalancers(ground, group, [&](Balancer& balancer) { balancer.registered.erase(member.id); });
}

void SettleGroups(Ground& ground) {
  for (auto at = ground.groups.all.begin(); at != ground.groups.all.end();) {
    Group& group = at->second;
    std::erase_if(group.members, [&](Member& member) {
      return member.due <= ground.now && MemberIsDue(ground, group, member);
    });
    ReplaceUnhealthy(ground, group);
    SettleSize(ground, group);
    SettleRefresh(ground, group);
    const bool is_gone = group.is == Group::Is::kDeleting && group.members.empty();
    at = is_gone ? ground.groups.all.erase(at) : std::next(at);
  }
}

namespace {

int64_t Adjusted(const Group& group, const std::string& type, int64_t by) {
  if (type == "ExactCapacity") return by;
  if (type != "PercentChangeInCapacity") return group.desired + by;
  const double change = static_cast<double>(group.desired) * static_cast<double>(by) / 100;
  const auto whole = static_cast<int64_t>(change);
  return group.desired + (whole == 0 && by != 0 ? (by > 0 ? 1 : -1) : whole);
}

}  // namespace

std::string RunPolicy(Ground& ground, Group& group, const Policy& policy) {
  if (!group.Runs("AlarmNotification")) return "AlarmNotification is suspended";
  const json::value put(policy.put);
  const auto cooldown =
      absl::Seconds(WholeAt(put, "Cooldown").value_or(absl::ToInt64Seconds(group.cooldown)));
  if (policy.type == "SimpleScaling" && group.scaled_at + cooldown > ground.now) return "in its cooldown";
  int64_t by = WholeAt(put, "ScalingAdjustment").value_or(0);
  const auto steps = ListAt(put, "StepAdjustments").value_or(std::vector<const json::value*>());
  if (policy.type == "StepScaling" && !steps.empty())
    by = WholeAt(*steps.front(), "ScalingAdjustment").value_or(0);
  const int64_t to = std::clamp(
      Adjusted(group, TextAt(put, "AdjustmentType").value_or("ChangeInCapacity"), by), group.min, group.max);
  if (to == group.desired) return "at its bound";
  group.desired = to;
  group.desired_by = By::kNature;
  group.scaled_at = ground.now;
  ground.Happened("PolicyRan", Cat(group.name, " ", policy.name));
  return "";
}

void RunPolicyByArn(Ground& ground, const std::string& arn) {
  for (auto& [name, group] : ground.groups.all)
    for (const auto& [policy_name, policy] : group.policies)
      if (policy.arn == arn) (void)RunPolicy(ground, group, policy);
}

}  // namespace holdfast::sandbox::aws
