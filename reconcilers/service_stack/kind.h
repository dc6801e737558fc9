// The kind ServiceStack: services in layers that are kept up, taken down and healed in order.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/kind.h"
#include "reconcilers/service_stack/ladder.h"
#include "reconcilers/service_stack/spec.h"
#include "reconcilers/service_stack/state.h"
#include "specs/kind_table.h"

namespace holdfast {

struct ServiceStack {
  using Spec = stack::Spec;
  using State = stack::State;
  using Trail = stack::Trail;
  using Operation = stack::Restart;

  static constexpr std::string_view kName = "ServiceStack";
  static constexpr std::string_view kSummary =
      "Keeps services in layers up, takes them down and up in order, and heals what breaks.";

  static const specs::FieldTable<Spec>& Fields() { return stack::SpecFields(); }
  // Every verb's arguments decode to `Operation`.
  static std::vector<specs::OperationVerb> OperationFields();
  static std::vector<std::string> Claims(const Spec& spec);
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look look);
  static Trail Fold(Trail trail, const Fact<State>& seen) { return stack::Fold(std::move(trail), seen); }
  static Plan Decide(const View<ServiceStack>& view);
};

}  // namespace holdfast
