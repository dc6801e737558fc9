#include "controller/journal/retention.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "controller/base/text.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/memory_reader.h"

namespace holdfast {
namespace {

// The first of the rows up to `last` that is not older than `oldest`, or the one after `last`.
Result<int64_t> FirstYoung(SqliteDatabase& database, std::string_view which, int64_t base, int64_t last,
                           absl::Time oldest) {
  SqliteStatement statement = HF_TRY(database.Prepare(
      Cat("SELECT ifnull(min(id), ?) FROM history WHERE id > ? AND id <= ? AND at >= ?", which)));
  if (!HF_TRY(statement.Bind(last + 1).Bind(base).Bind(last).Bind(TimeNumber(oldest)).Step()))
    return last + 1;
  return statement.Integer(0);
}

// The last row that may go; below `base` when none may.
Result<int64_t> LastToGo(SqliteDatabase& database, const Retention& retention, int64_t base, int64_t head,
                         absl::Time now) {
  int64_t reach = std::min(head - retention.least_rows, base + kPruneAtOnce);
  constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  const int64_t open = HF_TRY(database.Number(Cat("SELECT ifnull(min(id), ", kNone, ") FROM open_intent")));
  reach = std::min(reach, open - 1);
  if (reach <= base) return base;
  // Attempts of the last day are memory, however many there are.
  const int64_t attempts_from =
      HF_TRY(FirstYoung(database, " AND +what = 'intent'", base, reach, now - kAttemptsKept));
  reach = std::min(reach, attempts_from - 1);
  const int64_t too_many = head - retention.most_rows;
  if (reach <= too_many) return reach;
  const int64_t young_from = HF_TRY(FirstYoung(database, "", base, reach, now - retention.longest));
  return std::min(reach, std::max(too_many, young_from - 1));
}

}  // namespace

Result<int64_t> Prune(SqliteDatabase& database, const Retention& retention, const ChainLink& head,
                      absl::Time now) {
  const int64_t base = HF_TRY(database.Number("SELECT base_id FROM chain"));
  const int64_t last = HF_TRY(LastToGo(database, retention, base, head.id, now));
  if (last <= base) return int64_t{0};
  HF_TRY(database.Execute(Cat("UPDATE chain SET base_id = ", last,
                              ", base_hash = (SELECT hash FROM history WHERE id = ", last,
                              "); DELETE FROM history WHERE id <= ", last)));
  return last - base;
}

}  // namespace holdfast
