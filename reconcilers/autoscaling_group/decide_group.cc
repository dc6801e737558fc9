// A group that is not there: made when the spec says enough.
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/decide.h"
#include "reconcilers/autoscaling_group/wanted.h"

namespace holdfast::autoscaling_group {
namespace {

json::array Texts(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

std::vector<std::string> MissingFields(const Spec& want) {
  std::vector<std::string> missing;
  if (!want.size || !want.size->min) missing.emplace_back("size.min");
  if (!want.size || !want.size->max) missing.emplace_back("size.max");
  if (!want.launch_configuration && !want.launch_template)
    missing.emplace_back("launchConfiguration or launchTemplate");
  if (want.zones.empty() && want.subnets.empty()) missing.emplace_back("zones or subnets");
  return missing;
}

json::object Creation(const Spec& want, const LaunchName& launch) {
  json::object out = WantedSettings(want);
  out["MinSize"] = *want.size->min;
  out["MaxSize"] = *want.size->max;
  if (want.size->desired) out["DesiredCapacity"] = *want.size->desired;
  if (launch.name) out["LaunchConfigurationName"] = *launch.name;
  if (want.launch_template) out["LaunchTemplate"] = WantedTemplate(*want.launch_template);
  if (!want.zones.empty()) out["AvailabilityZones"] = Texts(want.zones);
  if (!want.subnets.empty()) out["VPCZoneIdentifier"] = Join(want.subnets, ",");
  if (!want.load_balancers.empty()) out["LoadBalancerNames"] = Texts(want.load_balancers);
  if (!want.target_groups.empty()) out["TargetGroupARNs"] = Texts(want.target_groups);
  json::array tags, hooks;
  for (const Tag& tag : want.tags) tags.push_back(WantedTag(tag, want.group));
  if (!tags.empty()) out["Tags"] = std::move(tags);
  // The first instances wait for them already.
  for (const Hook& hook : want.lifecycle_hooks) hooks.push_back(Wanted(hook).parameters);
  if (!hooks.empty()) out["LifecycleHookSpecificationList"] = std::move(hooks);
  return out;
}

}  // namespace

void WantGroup(const Spec& want, const Frame& frame, const Absent& absent, Draft& draft) {
  draft.plan().readiness = {Readiness::Is::kNo, "Absent", absent.proof};
  for (const Lease& lease : frame.past.open)
    if (lease.object.starts_with(ProcessObject("")))
      draft.plan().restored.emplace_back(lease.object, "the group is gone");
    else
      draft.Wait({.on = Wait::On::kHuman,
                  .name = RestoreName(lease.object),
                  .detail = "the group is gone, and nobody serves",
                  .remedy = Line(lease.restore)});
  if (frame.purpose != Purpose::kConverge) return;
  draft.plan().diffs.push_back({"group", want.group, "absent"});
  const std::vector<std::string> missing = MissingFields(want);
  if (!missing.empty())
    return draft.Wait(
        {.on = Wait::On::kGuard,
         .name = Cat("missing: ", Join(missing, ", ")),
         .detail = Cat("the group ", want.group, " is not there, and the spec says too little to make it"),
         .remedy = "write what is missing, or make the group by hand"});
  const LaunchName launch = WantedLaunchConfiguration(want, frame);
  if (!launch.unresolved.empty())
    return draft.Wait(
        {.on = Wait::On::kDependency, .name = launch.unresolved, .detail = "it has not told its name yet"});
  Step step = WriteStep(want, "CreateAutoScalingGroup", Creation(want, launch), "create", "group", want.group,
                        Cat("it is not there: ", absent.proof));
  draft.Add(Turn::kSettings, std::move(step), "create");
}

}  // namespace holdfast::autoscaling_group
