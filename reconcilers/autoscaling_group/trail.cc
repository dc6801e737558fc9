#include "reconcilers/autoscaling_group/trail.h"

#include <utility>
#include <variant>

#include "reconcilers/autoscaling_group/serving.h"

namespace holdfast::autoscaling_group {

Trail Fold(Trail trail, const Fact<State>& seen) {
  const auto* known = std::get_if<Known<State>>(&seen);
  if (known == nullptr) return {};
  Trail now;
  for (const Instance& one : known->value.group.instances) {
    const auto first = trail.known_since.find(one.id);
    now.known_since[one.id] = first == trail.known_since.end() ? known->at : first->second;
    const auto before = trail.serving_since.find(one.id);
    const Serving serving = ServingOf(known->value, one);
    if (serving.is == Serving::Is::kYes)
      now.serving_since[one.id] = before == trail.serving_since.end() ? known->at : before->second;
    else if (serving.is == Serving::Is::kCannotTell && before != trail.serving_since.end())
      now.serving_since[one.id] = before->second;
  }
  return now;
}

}  // namespace holdfast::autoscaling_group
