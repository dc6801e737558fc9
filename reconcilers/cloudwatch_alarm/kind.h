// The kind CloudWatchAlarm: alarms on metrics, with whom they tell and what they set off.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/kind.h"
#include "controller/kind/permission.h"
#include "reconcilers/aws/need.h"
#include "reconcilers/cloudwatch_alarm/spec.h"
#include "reconcilers/cloudwatch_alarm/state.h"

namespace holdfast {

struct CloudWatchAlarm {
  using Spec = alarm::Spec;
  using State = alarm::State;
  using Trail = NoTrail;
  using Operation = NoOperation;

  static constexpr std::string_view kName = "CloudWatchAlarm";
  static constexpr std::string_view kSummary =
      "Keeps an alarm on a metric as declared, with whom it tells and what it sets off.";

  static const specs::FieldTable<Spec>& Fields() { return alarm::SpecFields(); }
  static std::vector<specs::OperationVerb> OperationFields() { return {}; }
  static std::vector<std::string> Claims(const Spec& spec);
  static std::span<const aws::Need> Needs();
  static std::vector<Permission> Permissions(const Spec& spec) {
    return aws::PermissionsOf(Needs(), spec.location, spec.name);
  }
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look look);
  static Trail Fold(Trail trail, const Fact<State>&) { return trail; }
  static Plan Decide(const View<CloudWatchAlarm>& view);
};

}  // namespace holdfast
