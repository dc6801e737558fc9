// One look at a table.
#pragma once

#include <absl/time/time.h>

#include <memory>
#include <string_view>
#include <vector>

#include "controller/kind/resource.h"
#include "controller/kind/systems.h"
#include "controller/plan/observed.h"
#include "reconcilers/dynamodb_table/spec.h"
#include "reconcilers/dynamodb_table/state.h"
#include "reconcilers/dynamodb_table/throttles.h"

namespace holdfast::dynamodb {

// That the table is there is told by a listing for everybody. What it is like is read by itself every
// kDescribedFor, and at once when somebody demands or asks for it, or has changed it, or it is changing. What
// the rules need besides is read only when the spec has such a rule.
Task<Observed<State>> LookAtTable(Systems& systems, std::shared_ptr<const Spec> want, Look look);

// What the rules of the spec need from CloudWatch, of what is there.
std::vector<WantedSeries> SeriesFor(const Spec& spec, const Table& table);
// Whether the spec names any capacity.
bool NamesCapacity(const Spec& spec);

// What a decision asks for beside Inventory::kFresh: the table alone, because it is changing.
inline constexpr std::string_view kTableAnew = "table";

inline constexpr absl::Duration kDescribedFor = absl::Minutes(5);
inline constexpr absl::Duration kTagsFor = absl::Minutes(10);
inline constexpr absl::Duration kLimitsFor = absl::Minutes(10);
inline constexpr absl::Duration kSummedFor = absl::Minutes(1);  // what all tables together have
inline constexpr absl::Duration kLookFor = absl::Seconds(50);   // everything together
// How far back use speaks against a lower number that the spec gives.
inline constexpr absl::Duration kInUse = absl::Minutes(15);
// How far back more than `max` must have been unused before it is taken back.
inline constexpr absl::Duration kUnusedFor = absl::Hours(1);

}  // namespace holdfast::dynamodb
