// Reads lines of history for people.
#pragma once

#include <vector>

#include "controller/journal/record.h"
#include "controller/journal/sqlite.h"

namespace holdfast {

inline constexpr int kMostHistoryEntries = 10'000;
// Entries come newest first by id, while `since` is a moment of a wall clock that may have been set back in
// between: so many entries in a row must be older before the search ends.
inline constexpr int kOldInARow = 1'000;

// Newest first. Unavailable, naming the row, when one cannot be understood.
Result<std::vector<HistoryEntry>> ReadHistory(SqliteDatabase& database, const HistoryQuery& query);

}  // namespace holdfast
