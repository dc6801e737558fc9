// One row of history, chained to the row before it by a hash.
#pragma once

#include <cstdint>
#include <string_view>

#include "controller/base/sha256.h"
#include "controller/journal/sqlite.h"

namespace holdfast {

// The columns of the table `history`, in their order. Texts belong to whoever filled the row.
struct HistoryRow {
  int64_t id = 0;
  std::string_view what;  // "intent", "outcome", "noted"
  int64_t epoch = 0, at = 0;
  std::string_view kind, name, verb, target, step_key, action, danger, why, revision, actor, plan_digest,
      meter, lease, puts_back, line;
  int64_t intent = 0;  // of an outcome: whose; else 0
  std::string_view outcome, detail, receipt;
};

inline constexpr std::string_view kHistoryColumns =
    "id, what, epoch, at, kind, name, verb, target, step_key, action, danger, why, revision, actor, "
    "plan_digest, meter, "
    "lease, puts_back, line, intent, outcome, detail, receipt";

// Ids are dense, so that a row cannot vanish from the middle without a gap, nor from the end without the
// head's count.
struct ChainLink {
  int64_t id = 0;
  Sha256Bytes hash{};
  bool operator==(const ChainLink&) const = default;
};

Sha256Bytes HashOf(const Sha256Bytes& before, const HistoryRow& row);
// For "INSERT INTO history VALUES (?, … ?)" of 24 columns.
void BindHistoryRow(SqliteStatement& insert, const HistoryRow& row, const Sha256Bytes& hash);
// Reads kHistoryColumns; texts are valid until the statement moves on.
HistoryRow ReadHistoryRow(SqliteRow& from);

inline std::string_view BytesOf(const Sha256Bytes& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}
// The head or base of the chain, read as two columns: id and hash.
ChainLink ReadLink(SqliteRow& from);

}  // namespace holdfast
