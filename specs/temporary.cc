#include "specs/temporary.h"

namespace holdfast::specs {

const FieldTable<Temporary>& TemporaryFields() {
  static const FieldTable<Temporary> table =
      FieldTable<Temporary>("A state that ends by itself.")
          .Field("until", &Temporary::until,
                 "When the normal state holds again; the text may stay in the file.",
                 {.example = "2026-11-23T18:00:00Z"})
          .Field("reason", &Temporary::reason, "Why, for those who find it.",
                 {.max_length = 500, .example = "\"disk, CHG-812\""})
          .Needs("until", "reason")
          .Needs("reason", "until");
  return table;
}

}  // namespace holdfast::specs
