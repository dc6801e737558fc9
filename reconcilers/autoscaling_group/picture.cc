#include "reconcilers/autoscaling_group/picture.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/wanted.h"
#include "reconcilers/aws/location.h"

namespace holdfast::autoscaling_group {

LaunchName WantedLaunchConfiguration(const Spec& spec, const Frame& frame) {
  if (!spec.launch_configuration) return {};
  if (!spec.launch_configuration->ref) return {.name = spec.launch_configuration->name};
  const std::string key = specs::RefText(*spec.launch_configuration->ref);
  const auto found = frame.refs.find(Cat(key, ".name"));
  if (found == frame.refs.end() || found->second.empty()) return {.unresolved = key};
  return {.name = found->second};
}

json::object LaunchParameters(const Picture& p) {
  json::object out;
  if (const LaunchName launch = WantedLaunchConfiguration(p.want, p.frame); launch.name)
    out["LaunchConfigurationName"] = *launch.name;
  if (p.want.launch_template) out["LaunchTemplate"] = WantedTemplate(*p.want.launch_template);
  return out;
}

std::string ProcessObject(std::string_view process) { return Cat("process:", process); }

const Lease* OpenLease(const Frame& frame, std::string_view object) {
  const auto found =
      std::ranges::find_if(frame.past.open, [&](const Lease& lease) { return lease.object == object; });
  return found == frame.past.open.end() ? nullptr : &*found;
}

Step WriteStep(const Spec& spec, std::string_view operation, json::object parameters, std::string verb,
               std::string target, std::string incarnation, std::string why) {
  const bool names_no_group =
      operation == "CreateOrUpdateTags" || operation == "TerminateInstanceInAutoScalingGroup";
  if (!names_no_group) parameters["AutoScalingGroupName"] = spec.group;
  Step step;
  step.key = incarnation.empty() ? Cat(verb, " ", target) : Cat(verb, " ", target, "#", incarnation);
  step.verb = std::move(verb);
  step.target = std::move(target);
  step.action =
      aws::CallOf(spec.location, "autoscaling", operation, Compact(json::value(std::move(parameters))));
  step.danger = Danger::kReversible;
  step.touches = {Cat("group:", spec.group)};
  step.why = std::move(why);
  step.takes = absl::Seconds(30);
  return step;
}

Guard NobodyComesOrGoes(const Picture& p) {
  Guard guard{"nobody comes or goes", {}};
  std::vector<std::string> moving;
  int64_t here = 0;
  for (const Instance& one : p.group().instances) {
    here += one.IsStandby() || one.IsLeaving() ? 0 : 1;
    if (one.lifecycle != "InService" && one.lifecycle != "Standby")
      moving.push_back(Cat(one.id, " is ", one.lifecycle));
  }
  if (!moving.empty())
    guard.verdict = Hold(Enumerate(moving), p.at);
  else if (here != p.group().desired)
    guard.verdict = Hold(Cat(here, " there, ", p.group().desired, " desired"), p.at);
  else
    guard.verdict = Pass(Cat(Count(static_cast<size_t>(here), "instance"), " in service"), p.at);
  return guard;
}

}  // namespace holdfast::autoscaling_group
