// The kind SnsTopic: topics and who is told of what is published to them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/kind.h"
#include "controller/kind/permission.h"
#include "reconcilers/aws/need.h"
#include "reconcilers/sns_topic/spec.h"
#include "reconcilers/sns_topic/state.h"

namespace holdfast {

struct SnsTopic {
  using Spec = topic::Spec;
  using State = topic::State;
  using Trail = NoTrail;
  using Operation = NoOperation;

  static constexpr std::string_view kName = "SnsTopic";
  static constexpr std::string_view kSummary =
      "Keeps a topic and its subscriptions, and says who has not confirmed yet.";

  static const specs::FieldTable<Spec>& Fields() { return topic::SpecFields(); }
  static std::vector<specs::OperationVerb> OperationFields() { return {}; }
  static std::vector<std::string> Claims(const Spec& spec);
  static std::span<const aws::Need> Needs();
  static std::vector<Permission> Permissions(const Spec& spec) {
    return aws::PermissionsOf(Needs(), spec.location, spec.name);
  }
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look look);
  static Trail Fold(Trail trail, const Fact<State>&) { return trail; }
  static Plan Decide(const View<SnsTopic>& view);
};

}  // namespace holdfast
