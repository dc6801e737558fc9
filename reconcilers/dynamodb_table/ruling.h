// What each capacity should be, as the spec's rules and the datapoints say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/plan/plan.h"
#include "reconcilers/dynamodb_table/picture.h"

namespace holdfast::dynamodb {

// Of the table or an index, in one dimension.
struct Ruling {
  std::string index;
  Dimension dimension = Dimension::kRead;
  int64_t seen = 0, want = 0;
  std::string why;
  // kHotKey: a raise while less was used than there is; no second one. kPlanned: for a time, and back after
  // it.
  enum class Cause : uint8_t { kSpec, kRefused, kHotKey, kUnused, kPlanned } cause = Cause::kSpec;
  // The most units a second that were used lately; below 0: no datapoint told.
  double used = -1;
  bool is_raise() const { return want > seen; }
  bool is_decrease() const { return want < seen; }
};

struct Rulings {
  std::vector<Ruling> changes;  // only where `want` differs from `seen`
  std::vector<Wait> waits;      // what holds a change, or asks for a person
};
// Pure; looks at everything but budgets, limits and statuses.
Rulings RuleOn(const Picture& p);

// Below so much of the capacity, refused requests are a hot key's.
inline constexpr double kHotKeyBelow = 0.5;
// A raise of ours on a hot key, in the past of the resource.
std::string HotKeyMeter(const std::string& index, Dimension dimension);
// "read", "by-user write": how a capacity is called in steps' keys.
std::string CapacityText(const std::string& index, Dimension dimension);
// When it was raised last, by us or by anybody.
absl::Time LastRaise(const Picture& p, const Unit& unit, Dimension dimension);

}  // namespace holdfast::dynamodb
