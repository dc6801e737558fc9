// A kind of one field, to see what the house does with any kind.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/any_kind.h"

namespace holdfast {

struct ToySpec {
  std::string value;
  std::string claims;
};

// What the toys of a test see; the key is the wanted value's owner.
struct ToyWorld {
  explicit ToyWorld(World&, Waker&) {}
  Observed<std::string> seen;
};

struct Toy {
  using Spec = ToySpec;
  using State = std::string;
  struct Trail {
    int sightings = 0;
    bool operator==(const Trail&) const = default;
  };
  struct Paint {
    std::string colour;
    std::string like;  // a file that says more about it
  };
  using Operation = Paint;

  static constexpr std::string_view kName = "Toy";
  static constexpr std::string_view kSummary = "Holds one value.";

  static const specs::FieldTable<ToySpec>& Fields() {
    static const auto table =
        specs::FieldTable<ToySpec>("A toy.")
            .Field("value", &ToySpec::value, "What it should be.", {.required = true, .example = "red"})
            .Field("claims", &ToySpec::claims, "What it claims in the world.");
    return table;
  }
  static const specs::FieldTable<Paint>& PaintFields() {
    static const auto table =
        specs::FieldTable<Paint>("Paints it once.")
            .Field("colour", &Paint::colour, "Which.", {.required = true, .example = "red"})
            .Field("like", &Paint::like, "A file that says more about it.");
    return table;
  }
  static std::vector<std::string> TextsOf(const Paint& paint) {
    return paint.like.empty() ? std::vector<std::string>() : std::vector{paint.like};
  }
  static std::vector<specs::OperationVerb> OperationFields() {
    return {{"paint", &PaintFields(), "Paints it once."}};
  }
  static std::vector<std::string> Claims(const Spec& spec) {
    return spec.claims.empty() ? std::vector<std::string>{} : std::vector<std::string>{spec.claims};
  }
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec>, Look) {
    co_return systems.Use<ToyWorld>().seen;
  }
  static Trail Fold(Trail trail, const Fact<State>&) { return {trail.sightings + 1}; }
  static Plan Decide(const View<Toy>& view) {
    Plan plan;
    const auto* known = std::get_if<Known<State>>(&view.seen);
    const std::string seen = known == nullptr ? "nothing" : known->value;
    plan.readiness = {seen == view.want.value ? Readiness::Is::kYes : Readiness::Is::kNo, "Compared", seen};
    if (seen != view.want.value) plan.diffs.push_back({"value", view.want.value, seen});
    plan.outputs.emplace_back("sightings", std::to_string(view.trail.sightings));
    for (const auto& operation : view.operations) {
      plan.outputs.emplace_back(operation.name, operation.want.colour);
      if (operation.want.colour == seen)
        plan.operations.push_back({operation.name, OperationProgress::Phase::kSucceeded, "painted"});
    }
    return plan;
  }
};

}  // namespace holdfast
