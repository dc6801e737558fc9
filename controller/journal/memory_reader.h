// Reads everything that survives a restart.
#pragma once

#include <absl/time/time.h>

#include "controller/journal/record.h"
#include "controller/journal/sqlite.h"

namespace holdfast {

inline constexpr absl::Duration kAttemptsKept = absl::Hours(24);

// In one snapshot. Unavailable, naming table and row, when something in the file cannot be understood: a
// restore that is not understood whole must not be forgotten.
Result<Memory> ReadMemory(SqliteDatabase& database, absl::Time now);

}  // namespace holdfast
