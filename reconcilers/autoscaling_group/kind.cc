#include "reconcilers/autoscaling_group/kind.h"

#include <utility>

#include "reconcilers/autoscaling_group/observe.h"

namespace holdfast {

std::vector<std::string> AutoScalingGroup::Claims(const Spec& spec) {
  return {aws::ClaimOf(spec.location, "autoscaling", "group", spec.group)};
}

Task<Observed<autoscaling_group::State>> AutoScalingGroup::Observe(Systems& systems,
                                                                   std::shared_ptr<const Spec> want,
                                                                   Look look) {
  co_return co_await autoscaling_group::LookAtGroup(systems, std::move(want), std::move(look));
}

}  // namespace holdfast
