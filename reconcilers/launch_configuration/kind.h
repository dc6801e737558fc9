// The kind LaunchConfiguration: what new instances of a group are like, also from an image that is made for
// it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/kind.h"
#include "controller/kind/permission.h"
#include "reconcilers/aws/need.h"
#include "reconcilers/launch_configuration/spec.h"
#include "reconcilers/launch_configuration/state.h"

namespace holdfast {

struct LaunchConfiguration {
  using Spec = launch::Spec;
  using State = launch::State;
  using Trail = NoTrail;
  using Operation = NoOperation;

  static constexpr std::string_view kName = "LaunchConfiguration";
  static constexpr std::string_view kSummary =
      "Makes a launch configuration, if need be from an image of a running instance; it cannot be changed.";

  static const specs::FieldTable<Spec>& Fields() { return launch::SpecFields(); }
  static std::vector<specs::OperationVerb> OperationFields() { return {}; }
  static std::vector<std::string> Claims(const Spec& spec);
  // Of every spec, and of one whose image is made of an instance.
  static std::span<const aws::Need> Needs();
  static std::span<const aws::Need> NeedsForImage();
  static std::vector<Permission> Permissions(const Spec& spec);
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look look);
  static Trail Fold(Trail trail, const Fact<State>&) { return trail; }
  static Plan Decide(const View<LaunchConfiguration>& view);
};

}  // namespace holdfast
