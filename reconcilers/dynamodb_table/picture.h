// One decision's view: what is wanted, what is seen, how old it is.
#pragma once

#include <absl/time/time.h>

#include "controller/kind/frame.h"
#include "reconcilers/dynamodb_table/spec.h"
#include "reconcilers/dynamodb_table/state.h"

namespace holdfast::dynamodb {

// A step goes only on a description as young as this.
inline constexpr absl::Duration kFreshFor = absl::Seconds(5);

struct Picture {
  const Spec& want;
  const State& state;
  const Frame& frame;
  const Table& table;
  absl::Time at;  // when the table was described

  bool is_fresh() const { return at >= frame.now - kFreshFor; }
};

}  // namespace holdfast::dynamodb
