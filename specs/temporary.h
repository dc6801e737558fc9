// A state that ends by itself: whoever asks for it says until when, and why.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>

#include "specs/field_table.h"

namespace holdfast::specs {

// Put into a table with `.Inline(&Exclusion::temporary, TemporaryFields)`, or under a key with
// `.Table("downtime", …)`. Both are written or none; `until` in the past is legal, because the text may
// outlive the state: it is Expired.
struct Temporary {
  std::optional<absl::Time> until;
  std::string reason;

  bool given() const { return until.has_value(); }
  bool InForce(absl::Time now) const { return !until || now < *until; }
  bool operator==(const Temporary&) const = default;
};
const FieldTable<Temporary>& TemporaryFields();

}  // namespace holdfast::specs
