// Capacity for a time that is known beforehand: there before it begins, given back when it is over.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reconcilers/dynamodb_table/draft.h"
#include "reconcilers/dynamodb_table/picture.h"

namespace holdfast::dynamodb {

// What was put aside is the table's capacity before it; one for a table, however many plans there are.
inline constexpr std::string_view kPlannedObject = "planned capacity";

// The plan that asks the most of the table now, its time ahead included; null when none does.
const Planned* PlannedNow(const Spec& spec, Dimension dimension, absl::Time now);
// The units that the spec and its plans say now, of the table (`index` "") or an index; nothing when the spec
// does not say. A plan lifts both bounds of a range.
std::optional<Units> UnitsNow(const Picture& p, std::string_view index, Dimension dimension);

// The ledger's row for raises that follow a plan: what the table has now, and what it will have.
Lease PlannedLease(const Picture& p, const Provisioned& wanted, std::string why);
const Lease* OpenPlan(const Frame& frame);
// What the dimension goes back to, within the spec's bounds: the plan that raised it is over and nobody has
// changed it since.
std::optional<int64_t> GivenBack(const Picture& p, Dimension dimension);

// What is in force, what is over, what is late; closes what is as it was. Says when the next one is due.
void TellPlanned(const Picture& p, Draft& draft);
// The same where nothing is wanted any more: the engine gives back what is not named.
void ReleasePlanned(const Picture& p, Draft& draft);

}  // namespace holdfast::dynamodb
