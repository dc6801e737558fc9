// The kind AutoScalingGroup: sizes, policies and processes as declared, instances replaced in order.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/kind.h"
#include "controller/kind/permission.h"
#include "reconcilers/autoscaling_group/needs.h"
#include "reconcilers/autoscaling_group/spec.h"
#include "reconcilers/autoscaling_group/state.h"
#include "reconcilers/autoscaling_group/trail.h"
#include "specs/kind_table.h"

namespace holdfast {

struct AutoScalingGroup {
  using Spec = autoscaling_group::Spec;
  using State = autoscaling_group::State;
  using Trail = autoscaling_group::Trail;
  using Operation = NoOperation;

  static constexpr std::string_view kName = "AutoScalingGroup";
  static constexpr std::string_view kSummary =
      "Keeps a group's size, policies, schedules and suspended processes as declared, and replaces its "
      "instances in order.";

  static const specs::FieldTable<Spec>& Fields() { return autoscaling_group::SpecFields(); }
  static std::vector<specs::OperationVerb> OperationFields() { return {}; }
  static std::vector<std::string> Claims(const Spec& spec);
  static std::vector<Permission> Permissions(const Spec& spec) {
    return aws::PermissionsOf(autoscaling_group::Needs(), spec.location, spec.group);
  }
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look look);
  static Trail Fold(Trail trail, const Fact<State>& seen) {
    return autoscaling_group::Fold(std::move(trail), seen);
  }
  static Plan Decide(const View<AutoScalingGroup>& view);
};

}  // namespace holdfast
