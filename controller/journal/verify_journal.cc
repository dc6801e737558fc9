#include "controller/journal/verify_journal.h"

#include <string>
#include <string_view>
#include <utility>

#include "controller/base/text.h"
#include "controller/journal/history_chain.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/sqlite.h"

namespace holdfast {
namespace {

std::string StructureProblem(SqliteDatabase& database) {
  Result<SqliteStatement> check = database.Prepare("PRAGMA integrity_check(1)");
  if (!check.ok()) return check.status().message();
  const Result<bool> found = check->Step();
  if (!found.ok()) return found.status().message();
  const std::string_view answer = *found ? check->Bytes(0) : "no answer";
  return answer == "ok" ? std::string() : Cat("the file is damaged: ", Excerpt(answer));
}

struct Ends {
  ChainLink base, head;
};

Result<Ends> ReadEnds(SqliteDatabase& database) {
  SqliteStatement statement =
      HF_TRY(database.Prepare("SELECT base_id, base_hash, head_id, head_hash FROM chain"));
  if (!HF_TRY(statement.Step())) return Unavailable("journal: the row of the chain's ends is gone");
  SqliteRow row(statement, "chain");
  Ends ends;
  ends.base = ReadLink(row);
  ends.head = ReadLink(row);
  HF_TRY(row.status("1"));
  return ends;
}

// What is wrong with a row that follows `before`, or nothing.
std::string RowProblem(const SqliteRow& row, const HistoryRow& read, const Sha256Bytes& stored,
                       const ChainLink& before) {
  if (!row.ok()) return row.status(Cat("row ", before.id + 1)).message();
  if (read.id > before.id + 1) {
    const int64_t missing = read.id - before.id - 1;
    return missing == 1 ? Cat("row ", before.id + 1, " is gone")
                        : Cat("rows ", before.id + 1, " to ", read.id - 1, " are gone");
  }
  if (read.id <= before.id) return Cat("row ", read.id, " stands below the first one kept");
  if (HashOf(before.hash, read) != stored)
    return Cat("row ", read.id,
               " is not as it was written, or follows another row than it was written after");
  return {};
}

Status WalkChain(SqliteDatabase& database, const Ends& ends, VerifyReport& report) {
  SqliteStatement rows =
      HF_TRY(database.Prepare(Cat("SELECT ", kHistoryColumns, ", id, hash FROM history ORDER BY id")));
  ChainLink at = ends.base;
  while (HF_TRY(rows.Step())) {
    SqliteRow row(rows, "history");
    const HistoryRow read = ReadHistoryRow(row);
    const ChainLink stored = ReadLink(row);
    report.problem = RowProblem(row, read, stored.hash, at);
    if (!report.problem.empty()) {
      report.broken_at = row.ok() && read.id > at.id + 1 ? at.id + 1 : read.id;
      return {};
    }
    if (report.rows++ == 0) report.first_id = read.id;
    report.last_id = read.id;
    at = stored;
  }
  report.head = Hex(at.hash);
  if (at == ends.head) return {};
  if (at.id < ends.head.id) {
    report.broken_at = at.id + 1;
    report.problem = Cat("the history ends with row ", at.id, ", but was written up to row ", ends.head.id);
  } else {
    report.broken_at = ends.head.id + 1;
    report.problem = Cat("rows were added after row ", ends.head.id, " by someone else");
  }
  return {};
}

// Open intents are kept beside the history, and both must tell the same.
Status CompareOpenIntents(SqliteDatabase& database, VerifyReport& report) {
  struct Rule {
    std::string_view sql, problem;
  };
  constexpr Rule kRules[] = {
      {"SELECT ifnull(min(id), 0) FROM history AS i WHERE what = 'intent' AND NOT EXISTS (SELECT 1 FROM "
       "history AS o WHERE "
       "o.intent = i.id AND o.intent <> 0) AND id NOT IN (SELECT id FROM open_intent)",
       "is an intent without outcome that is not listed as open"},
      {"SELECT ifnull(min(id), 0) FROM open_intent WHERE id NOT IN (SELECT id FROM history WHERE what = "
       "'intent') OR EXISTS "
       "(SELECT 1 FROM history AS o WHERE o.intent = open_intent.id AND o.intent <> 0)",
       "is listed as an open intent and is none"},
  };
  for (const Rule& rule : kRules) {
    const int64_t id = HF_TRY(database.Number(rule.sql));
    if (id == 0) continue;
    report.broken_at = id;
    report.problem = Cat("row ", id, " ", rule.problem);
    return {};
  }
  return {};
}

Status Look(SqliteDatabase& database, VerifyReport& report) {
  report.format = HF_TRY(database.Number("PRAGMA user_version"));
  report.problem = StructureProblem(database);
  if (!report.problem.empty()) return {};
  const Ends ends = HF_TRY(ReadEnds(database));
  HF_TRY(WalkChain(database, ends, report));
  if (report.problem.empty()) HF_TRY(CompareOpenIntents(database, report));
  return {};
}

}  // namespace

Result<VerifyReport> VerifyJournal(const std::string& directory, const std::string& vfs) {
  SqliteDatabase database = HF_TRY(OpenJournalFileForReading(directory, vfs));
  VerifyReport report;
  HF_TRY(database.Execute("BEGIN"));  // one snapshot for all questions
  const Status looked = Look(database, report);
  (void)database.Execute("ROLLBACK").ok();
  if (!looked.ok() && report.problem.empty()) report.problem = looked.message();
  return report;
}

}  // namespace holdfast
