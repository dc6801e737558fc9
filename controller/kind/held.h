// One spec of kind K in force, with its streaks: what stands between the engine and the kind's typed
// functions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "controller/kind/kind.h"

namespace holdfast {

template <Kind K>
class Held final : public Resource {
 public:
  Held(std::shared_ptr<const typename K::Spec> want, Systems& systems)
      : want_(std::move(want)), systems_(systems) {}

  Task<std::unique_ptr<Sighting>> Observe(Look look) override {
    Observed<State> seen = co_await K::Observe(systems_, want_, std::move(look));
    auto sighting = std::make_unique<Seen>(*this, std::move(seen));
    if (const Fact<State>* fact = sighting->fact()) trail_ = K::Fold(std::move(trail_), *fact);
    co_return sighting;
  }
  void Forget() override { trail_ = typename K::Trail(); }
  void SetOperations(std::vector<ErasedOperation> operations) override {
    operations_.clear();
    for (ErasedOperation& operation : operations)
      operations_.push_back({.name = std::move(operation.name),
                             .want = *std::static_pointer_cast<const typename K::Operation>(operation.want),
                             .phase = operation.phase,
                             .not_after = operation.not_after,
                             .reason = std::move(operation.reason)});
  }

 private:
  using State = typename K::State;

  // Unknown ends here, once, for every kind: Decide never sees it.
  class Seen final : public Sighting {
   public:
    Seen(const Held& held, Observed<State> seen) : held_(held) {
      std::move(seen).Consume(
          [&](Known<State>&& known) { at_ = known.at, fact_ = Fact<State>(std::move(known)); },
          [&](Absent&& absent) { at_ = absent.at, fact_ = Fact<State>(std::move(absent)); },
          [&](Unknown&& unknown) { reason_ = std::move(unknown.reason); });
    }
    const Fact<State>* fact() const { return fact_ ? &*fact_ : nullptr; }
    Sight sight() const override {
      if (!fact_) return Sight::kUnknown;
      return std::holds_alternative<Absent>(*fact_) ? Sight::kAbsent : Sight::kKnown;
    }
    absl::Time at() const override { return at_; }
    std::string unknown_reason() const override { return reason_; }
    Plan Decide(const Frame& frame) const override {
      if (fact_) return K::Decide(View<K>{*held_.want_, held_.operations_, *fact_, held_.trail_, frame});
      Plan plan;
      plan.waits.push_back({.on = Wait::On::kObservation, .name = "unknown", .detail = reason_});
      return plan;
    }

   private:
    const Held& held_;
    std::optional<Fact<State>> fact_;
    absl::Time at_ = absl::InfinitePast();
    std::string reason_;
  };

  const std::shared_ptr<const typename K::Spec> want_;
  typename K::Trail trail_{};
  std::vector<OperationIn<typename K::Operation>> operations_;
  Systems& systems_;
};

}  // namespace holdfast
