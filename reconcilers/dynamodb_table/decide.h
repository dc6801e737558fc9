// The parts of the decision about one table, in the order in which they are asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reconcilers/dynamodb_table/draft.h"
#include "reconcilers/dynamodb_table/picture.h"

namespace holdfast::dynamodb {

inline constexpr std::string_view kPinnedTable = "table_id";

// ── whether anything may change at all ──
// A change is under way, or the table is in a state that takes none; told as a wait.
bool IsAtRest(const Picture& p, Draft& draft);
// Whether a change of this unit would be taken: an index that is filled up is left alone, and does not stop
// its table.
bool TakesChanges(const Unit& unit);

// ── what is declared ──
void WantRaises(const Picture& p, Draft& draft);
void WantDecreases(const Picture& p, Draft& draft);
void WantBounds(const Picture& p, Draft& draft);
void WantProtection(const Picture& p, Draft& draft);
// False when capacity has no meaning until the mode has been switched.
bool WantBilling(const Picture& p, Draft& draft);
void WantTags(const Picture& p, Draft& draft);
void WantIndexes(const Picture& p, Draft& draft);

// ── when it is not there, and when it is to go ──
void WantTable(const Spec& want, const Frame& frame, const Absent& absent, Draft& draft);
void WantGone(const Picture& p, Draft& draft);

// ── rules that several steps share ──
Guard NobodyElseOwnsIt(const Picture& p);
Step UpdateStep(const Picture& p, std::string verb, std::string effect, std::string incarnation,
                Action action, std::string why);

}  // namespace holdfast::dynamodb
