// One sort of resource, as the people who add kinds write it.
#pragma once

#include <absl/time/time.h>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "controller/base/task.h"
#include "controller/kind/frame.h"
#include "controller/kind/resource.h"
#include "controller/kind/systems.h"
#include "controller/plan/observed.h"
#include "controller/plan/plan.h"
#include "specs/field_table.h"
#include "specs/kind_table.h"

namespace holdfast {

// An Operation that names this resource, handed to Decide as part of what is wanted.
template <class Want>
struct OperationIn {
  std::string name;
  Want want;
  OperationPhase phase = OperationPhase::kPending;  // or Running; a withdrawn one is not handed over: what it
                                                    // put aside is put back through the open leases
  absl::Time not_after =
      absl::InfiniteFuture();  // not begun by then: the engine says Expired and leaves it out
  std::string reason;
};

// A kind without operations says `using Operation = NoOperation` and returns no verbs.
struct NoOperation {};

// A kind that proves nothing by repetition says `using Trail = NoTrail`.
struct NoTrail {
  bool operator==(const NoTrail&) const = default;
};

template <class K>
struct View {
  const typename K::Spec& want;
  const std::vector<OperationIn<typename K::Operation>>& operations;  // Pending and Running ones, by name
  const Fact<typename K::State>& seen;
  const typename K::Trail& trail;
  const Frame& frame;
};

// K is a struct of types and static functions.
//   kName       "ServiceStack"
//   kSummary    what it does for people, one sentence
//   Fields      parser, validator, JSON Schema, explain, reference page
//   OperationFields  the verbs that an Operation on this kind may carry; every verb's arguments decode to
//   K::Operation Claims      identities in the world ("host:db1/unit:postgresql"): two owners are a problem
//   of both Observe     raw facts by I/O, no decisions; never throws; an error is Unknown Fold        streaks
//   over distinct sightings; pure; lost at a crash, which means "not yet proven" Decide      pure, total,
//   deterministic
template <class K>
concept Kind = std::regular<typename K::Trail> &&
               requires(Systems& systems, std::shared_ptr<const typename K::Spec> want, Look look,
                        const Fact<typename K::State>& seen, typename K::Trail trail, const View<K>& view) {
                 { K::kName } -> std::convertible_to<std::string_view>;
                 { K::Fields() } -> std::same_as<const specs::FieldTable<typename K::Spec>&>;
                 { K::kSummary } -> std::convertible_to<std::string_view>;
                 { K::OperationFields() } -> std::same_as<std::vector<specs::OperationVerb>>;
                 { K::Claims(*want) } -> std::same_as<std::vector<std::string>>;
                 { K::Observe(systems, want, look) } -> std::same_as<Task<Observed<typename K::State>>>;
                 { K::Fold(std::move(trail), seen) } -> std::same_as<typename K::Trail>;
                 { K::Decide(view) } -> std::same_as<Plan>;
               };

}  // namespace holdfast
