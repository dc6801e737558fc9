#include "controller/journal/history_reader.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/journal/history_chain.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/record_words.h"
#include "controller/plan/action_json.h"

namespace holdfast {
namespace {

// Outcomes are rows of their own (intent <> 0), and belong to the entry of their intent.
std::string SqlFor(const HistoryQuery& query) {
  std::string sql = Cat("SELECT ", kHistoryColumns, " FROM history WHERE intent = 0 AND id < ?");
  // A kind alone is sought along the ids, not through the index: that would sort all of the kind to give the
  // newest few.
  if (!query.kind.empty()) sql.append(query.name.empty() ? " AND +kind = ?" : " AND kind = ?");
  if (!query.name.empty()) sql.append(" AND name = ?");
  return sql.append(" ORDER BY id DESC");
}

HistoryEntry EntryOf(SqliteRow& from, const HistoryRow& row) {
  HistoryEntry entry{.id = row.id,
                     .resource = {std::string(row.kind), std::string(row.name)},
                     .action = std::string(row.verb),
                     .target = std::string(row.target),
                     .line = std::string(row.line),
                     .intent_at = TimeOfNumber(row.at),
                     .why = std::string(row.why),
                     .revision = std::string(row.revision),
                     .by = std::string(row.actor),
                     .plan_digest = std::string(row.plan_digest)};
  if (row.what == "noted") {
    entry.outcome_at = entry.intent_at;
    entry.outcome = Outcome::Kind::kDone;
    return entry;
  }
  const Result<json::value> value = ParseJson(row.action);
  const Result<Action> action = value.ok() ? ActionFromJson(*value) : Result<Action>(value.status());
  if (action.ok())
    entry.line = Line(*action);
  else
    from.Wrong(action.status().message());
  return entry;
}

// An intent may have several outcomes (not known at first): the last one holds.
Status AddOutcome(SqliteStatement& outcome_of, HistoryEntry& entry) {
  const bool found = HF_TRY(outcome_of.Bind(entry.id).Step());
  if (!found) return {};
  SqliteRow row(outcome_of, "history");
  entry.outcome_at = TimeOfNumber(row.Integer());
  const std::string_view word = row.View();
  const std::optional<Outcome::Kind> kind = OutcomeOfWord(word);
  if (!kind) row.Wrong(Cat("\"", word, "\" is no outcome"));
  entry.outcome = kind.value_or(Outcome::Kind::kUnknown);
  entry.detail = row.Text();
  Status status = row.status(Cat("outcome of row ", entry.id));
  outcome_of.Reset();
  return status;
}

}  // namespace

Result<std::vector<HistoryEntry>> ReadHistory(SqliteDatabase& database, const HistoryQuery& query) {
  const auto most = static_cast<size_t>(std::clamp(query.limit, 0, kMostHistoryEntries));
  SqliteStatement entries = HF_TRY(database.Prepare(SqlFor(query)));
  SqliteStatement outcome_of = HF_TRY(database.Prepare(
      "SELECT at, outcome, detail FROM history WHERE intent = ? AND intent <> 0 ORDER BY id DESC LIMIT 1"));
  entries.Bind(query.before_id > 0 ? query.before_id : std::numeric_limits<int64_t>::max());
  if (!query.kind.empty()) entries.Bind(query.kind);
  if (!query.name.empty()) entries.Bind(query.name);

  std::vector<HistoryEntry> out;
  int old_in_a_row = 0;
  while (out.size() < most && HF_TRY(entries.Step())) {
    SqliteRow row(entries, "history");
    const HistoryRow read = ReadHistoryRow(row);
    if (TimeOfNumber(read.at) < query.since) {
      if (++old_in_a_row > kOldInARow) break;
      continue;
    }
    old_in_a_row = 0;
    HistoryEntry entry = EntryOf(row, read);
    HF_TRY(row.status(Cat("row ", read.id)));
    if (read.what == "intent") HF_TRY(AddOutcome(outcome_of, entry));
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace holdfast
