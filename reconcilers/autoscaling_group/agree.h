// Whether what a request would set is what an answer tells already.
#pragma once

#include <optional>
#include <string>

#include "controller/base/json.h"

namespace holdfast::autoscaling_group {

// A member that differs, with both values as text; `seen` is "not set" where there is none.
struct Disagreement {
  std::string path, want, seen;
  bool operator==(const Disagreement&) const = default;
};

// The first member of `want` that `seen` has otherwise. What `want` does not mention does not count. Answers
// in XML have no types: "2" is 2 there, "true" is true, and an empty text is an empty list. Moments are
// compared as such.
std::optional<Disagreement> FirstDisagreement(const json::value& want, const json::value& seen);

}  // namespace holdfast::autoscaling_group
