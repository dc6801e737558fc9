#include "reconcilers/autoscaling_group/state.h"

#include <memory>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::autoscaling_group {
namespace {

using aws::FlagAt;
using aws::ListAt;
using aws::TextAt;
using aws::WholeAt;

Result<Instance> ReadInstance(const json::value& item) {
  const auto id = TextAt(item, "InstanceId");
  const auto lifecycle = TextAt(item, "LifecycleState");
  const auto health = TextAt(item, "HealthStatus");
  if (!id || id->empty() || !lifecycle || !health)
    return Unavailable("an instance of the group is told without its id, lifecycle or health");
  return Instance{.id = *id,
                  .lifecycle = *lifecycle,
                  .health = *health,
                  .zone = TextAt(item, "AvailabilityZone").value_or(""),
                  .launch_configuration = TextAt(item, "LaunchConfigurationName").value_or(""),
                  .template_name = TextAt(item, "LaunchTemplate.LaunchTemplateName").value_or(""),
                  .template_id = TextAt(item, "LaunchTemplate.LaunchTemplateId").value_or(""),
                  .template_version = TextAt(item, "LaunchTemplate.Version").value_or(""),
                  // What is not told may be protected.
                  .protection = FlagAt(item, "ProtectedFromScaleIn").value_or(true)
                                    ? Instance::Protection::kFromScaleIn
                                    : Instance::Protection::kNone};
}

}  // namespace

Result<Group> ReadGroup(aws::Item item) {
  Group group{.item = item};
  const auto name = TextAt(*item, "AutoScalingGroupName");
  const auto min = WholeAt(*item, "MinSize"), max = WholeAt(*item, "MaxSize"),
             desired = WholeAt(*item, "DesiredCapacity");
  if (!name || !min || !max || !desired) return Unavailable("the group is told without its name or size");
  group.name = *name;
  group.arn = TextAt(*item, "AutoScalingGroupARN").value_or("");
  group.status = TextAt(*item, "Status").value_or("");
  group.min = *min, group.max = *max, group.desired = *desired;
  for (const json::value* one : ListAt(*item, "Instances").value_or(std::vector<const json::value*>()))
    group.instances.push_back(HF_TRY(ReadInstance(*one)));
  for (const json::value* one :
       ListAt(*item, "SuspendedProcesses").value_or(std::vector<const json::value*>())) {
    const auto process = TextAt(*one, "ProcessName");
    if (!process) return Unavailable("a suspended process is told without its name");
    group.suspended[*process] = TextAt(*one, "SuspensionReason").value_or("");
  }
  return group;
}

Result<Parts> ReadParts(const json::value& list, std::string_view name_member) {
  Parts parts;
  for (const json::value* item : ListAt(list, "").value_or(std::vector<const json::value*>())) {
    const auto name = TextAt(*item, name_member);
    if (!name) return Unavailable(Cat("something is told without its ", name_member));
    parts[*name] = std::make_shared<const json::value>(*item);
  }
  return parts;
}

}  // namespace holdfast::autoscaling_group
