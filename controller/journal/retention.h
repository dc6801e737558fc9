// How much history is kept.
#pragma once

#include <absl/time/time.h>

#include <cstdint>

#include "controller/journal/history_chain.h"
#include "controller/journal/sqlite.h"

namespace holdfast {

// Older or more than this goes, from the oldest on, except: the newest `least_rows` (a clock that jumped
// ahead must not empty the history), what Load still needs, and everything from the oldest intent without an
// outcome on.
struct Retention {
  absl::Duration longest = absl::Hours(24 * 400);
  int64_t most_rows = 1'000'000;
  int64_t least_rows = 10'000;
};

inline constexpr int64_t kPruneAtOnce = 2'000;  // rows in one transaction, so that no commit waits long

// Inside a transaction: takes rows away and moves the base of the chain up, so that what is left stays
// verifiable. Returns how many rows went.
Result<int64_t> Prune(SqliteDatabase& database, const Retention& retention, const ChainLink& head,
                      absl::Time now);

}  // namespace holdfast
