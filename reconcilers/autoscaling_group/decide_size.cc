// How many instances: one request, so that min ≤ desired ≤ max at every moment.
#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/decide.h"

namespace holdfast::autoscaling_group {
namespace {

struct Wanted {
  int64_t min, max, desired;
};

std::string SizeText(int64_t min, int64_t max, int64_t desired) {
  return Cat("min ", min, ", max ", max, ", desired ", desired);
}

// A bound that pushes `desired` does so in AWS silently; here it is said.
std::string Why(const Picture& p, const Wanted& want) {
  const Group& group = p.group();
  if (want.desired == group.desired || (p.want.size->desired && want.desired == *p.want.size->desired))
    return Cat("the spec says ", SizeText(want.min, want.max, want.desired));
  return want.desired > group.desired
             ? Cat("min ", want.min, " raises desired from ", group.desired, " to ", want.desired)
             : Cat("max ", want.max, " takes ", group.desired - want.desired, " of ", group.desired,
                   " instances away");
}

Step SizeStep(const Picture& p, const Wanted& want) {
  const Group& group = p.group();
  if (want.min == group.min && want.max == group.max)
    return WriteStep(p.want, "SetDesiredCapacity",
                     {{"DesiredCapacity", want.desired}, {"HonorCooldown", true}}, "set", "size", "",
                     Why(p, want));
  json::object parameters{{"MinSize", want.min}, {"MaxSize", want.max}};
  // Wider bounds cannot push `desired`, and naming it would undo what a policy did a moment ago.
  const bool narrower = want.min > group.min || want.max < group.max;
  if (narrower || want.desired != group.desired) parameters["DesiredCapacity"] = want.desired;
  return WriteStep(p.want, "UpdateAutoScalingGroup", std::move(parameters), "set", "size", "", Why(p, want));
}

}  // namespace

void WantSize(const Picture& p, Draft& draft) {
  if (!p.want.size) return;
  const Group& group = p.group();
  const Size& size = *p.want.size;
  Wanted want{size.min.value_or(static_cast<int>(group.min)), size.max.value_or(static_cast<int>(group.max)),
              0};
  if (want.min > want.max)
    return draft.Wait({.on = Wait::On::kSpec,
                       .name = "size contradicts the group's own",
                       .detail = Cat("min ", want.min, " is above max ", want.max,
                                     size.min ? ", which is the group's own" : ""),
                       .remedy = "write both `min` and `max`"});
  want.desired = size.desired ? *size.desired : std::clamp(group.desired, want.min, want.max);
  if (want.desired < want.min || want.desired > want.max)
    return draft.Wait(
        {.on = Wait::On::kSpec,
         .name = "size contradicts the group's own",
         .detail = Cat("desired ", want.desired, " is not between min ", want.min, " and max ", want.max),
         .remedy = "write `min` and `max` too"});
  const auto differs = [&](std::string_view field, int64_t wanted, int64_t seen) {
    if (wanted != seen) draft.plan().diffs.push_back({Cat("size.", field), Cat(wanted), Cat(seen)});
    return wanted != seen;
  };
  const bool min = differs("min", want.min, group.min), max = differs("max", want.max, group.max),
             desired = differs("desired", want.desired, group.desired);
  if (!min && !max && !desired) return;
  Step step = SizeStep(p, want);
  step.key = Cat("set size to ", SizeText(want.min, want.max, want.desired), "#",
                 SizeText(group.min, group.max, group.desired));
  if (want.desired < group.desired) {
    step.danger = Danger::kDisruptive;
    step.guards.push_back(NobodyComesOrGoes(p));
  }
  draft.Add(want.desired < group.desired ? Turn::kShrink : Turn::kSettings, std::move(step), "size");
}

}  // namespace holdfast::autoscaling_group
