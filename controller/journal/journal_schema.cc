#include "controller/journal/journal_schema.h"

#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {
namespace {

constexpr int64_t kApplicationId = 0x484F4C44;  // "HOLD": told by file(1), and proof that the file is ours

// An intent's outcome is a row of its own, because rows of history are chained and never changed.
constexpr std::string_view kFormat1 = R"(
CREATE TABLE migration (
  format INTEGER PRIMARY KEY, writer TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE writer (
  epoch INTEGER PRIMARY KEY, writer TEXT NOT NULL, since INTEGER NOT NULL, looks INTEGER NOT NULL) STRICT;
CREATE TABLE chain (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  base_id INTEGER NOT NULL, base_hash BLOB NOT NULL, head_id INTEGER NOT NULL, head_hash BLOB NOT NULL) STRICT;
CREATE TABLE history (
  id INTEGER PRIMARY KEY, what TEXT NOT NULL, epoch INTEGER NOT NULL, at INTEGER NOT NULL,
  kind TEXT NOT NULL, name TEXT NOT NULL, verb TEXT NOT NULL, target TEXT NOT NULL, step_key TEXT NOT NULL,
  action TEXT NOT NULL, danger TEXT NOT NULL, why TEXT NOT NULL, revision TEXT NOT NULL, actor TEXT NOT NULL,
  plan_digest TEXT NOT NULL, meter TEXT NOT NULL, lease TEXT NOT NULL, puts_back TEXT NOT NULL, line TEXT NOT NULL,
  intent INTEGER NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL, receipt TEXT NOT NULL,
  hash BLOB NOT NULL) STRICT;
CREATE INDEX history_of_resource ON history (kind, name) WHERE intent = 0;
CREATE INDEX history_outcome ON history (intent) WHERE intent <> 0;
CREATE INDEX history_attempt ON history (at) WHERE what = 'intent';
CREATE TABLE open_intent (
  id INTEGER PRIMARY KEY REFERENCES history (id)) STRICT;
CREATE TABLE lease (
  kind TEXT NOT NULL, name TEXT NOT NULL, object TEXT NOT NULL, intent INTEGER NOT NULL,
  before TEXT NOT NULL, wrote TEXT NOT NULL, restore TEXT NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (kind, name, object)) STRICT, WITHOUT ROWID;
CREATE TABLE spec (
  kind TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, digest TEXT NOT NULL, head TEXT NOT NULL, file TEXT NOT NULL,
  revision TEXT NOT NULL, line INTEGER NOT NULL, generation INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)) STRICT;
CREATE TABLE suspension (
  kind TEXT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL, reason TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID;
CREATE TABLE stop_all (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  reach TEXT NOT NULL, owner TEXT NOT NULL, reason TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE pin (
  kind TEXT NOT NULL, name TEXT NOT NULL, pin TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (kind, name, pin)) STRICT, WITHOUT ROWID;
CREATE TABLE operation (
  kind TEXT NOT NULL, name TEXT NOT NULL, operation TEXT NOT NULL, phase TEXT NOT NULL, digest TEXT NOT NULL,
  since INTEGER NOT NULL, message TEXT NOT NULL,
  PRIMARY KEY (kind, name, operation)) STRICT, WITHOUT ROWID;
CREATE TABLE approval (
  kind TEXT NOT NULL, name TEXT NOT NULL, plan_digest TEXT NOT NULL, actor TEXT NOT NULL,
  at INTEGER NOT NULL, until INTEGER NOT NULL, steps TEXT NOT NULL,
  PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID;
INSERT INTO chain VALUES (1, 0, zeroblob(32), 0, zeroblob(32));
)";

// Row N brings format N to format N + 1.
constexpr std::string_view kMigrations[] = {kFormat1};
static_assert(std::size(kMigrations) == kJournalFormat);

// Zero when the file is new.
Result<int64_t> FormatOf(SqliteDatabase& database, const std::string& path) {
  const int64_t application = HF_TRY(database.Number("PRAGMA application_id"));
  const int64_t format = HF_TRY(database.Number("PRAGMA user_version"));
  const int64_t tables = HF_TRY(database.Number("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && format == 0 && tables == 0) return int64_t{0};
  if (application != kApplicationId)
    return FailedPrecondition(
        Cat(path, " is another program's database, not a journal of holdfast; name another state directory"));
  if (format < 1)
    return Unavailable(
        Cat(path, " says that its format is ", format, ", which never was one; it is damaged"));
  if (format <= kJournalFormat) return format;
  std::string by = "a newer holdfast";
  if (auto migration = database.Prepare("SELECT writer FROM migration ORDER BY format DESC LIMIT 1");
      migration.ok()) {
    const Result<bool> found = migration->Step();
    if (found.ok() && *found) by = Excerpt(migration->Bytes(0));
  }
  return FailedPrecondition(Cat(path, " has format ", format, ", written by ", by,
                                "; this holdfast knows formats up to ", kJournalFormat,
                                ": run the newer one, nothing was changed"));
}

Status Migrate(SqliteDatabase& database, int64_t from, const std::string& writer, absl::Time now) {
  HF_TRY(database.Execute("BEGIN IMMEDIATE"));
  for (int64_t format = from; format < kJournalFormat; ++format) {
    HF_TRY(database.Execute(std::string(kMigrations[format])));
    SqliteStatement note = HF_TRY(database.Prepare("INSERT INTO migration VALUES (?, ?, ?)"));
    HF_TRY(note.Bind(format + 1).Bind(writer).Bind(TimeNumber(now)).Run());
  }
  HF_TRY(database.Execute(Cat("PRAGMA application_id = ", kApplicationId)));
  HF_TRY(database.Execute(Cat("PRAGMA user_version = ", kJournalFormat)));
  return database.Execute("COMMIT");
}

// What every connection promises itself about a file that someone else may have written.
constexpr const char* kCareful =
    "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY";

Status UseWriteAheadLog(SqliteDatabase& database, const std::string& path) {
  SqliteStatement mode = HF_TRY(database.Prepare("PRAGMA journal_mode = WAL"));
  if (!HF_TRY(mode.Step()) || mode.Bytes(0) != "wal")
    return Unavailable(
        Cat(path,
            ": this file system has no shared memory for SQLite's write-ahead log (a network share?); "
            "put the state directory on a local disk"));
  return {};
}

}  // namespace

std::string JournalPath(const std::string& directory) { return Cat(directory, "/", kJournalFile); }

absl::Time TimeOfNumber(int64_t number) {
  if (number == std::numeric_limits<int64_t>::max()) return absl::InfiniteFuture();
  if (number == std::numeric_limits<int64_t>::min()) return absl::InfinitePast();
  return absl::FromUnixNanos(number);
}

Result<SqliteDatabase> OpenJournalFile(const std::string& directory, const std::string& vfs,
                                       const std::string& writer, absl::Time now) {
  const std::string path = JournalPath(directory);
  SqliteDatabase database = HF_TRY(SqliteDatabase::Open(path, SqliteDatabase::Access::kReadWrite, vfs));
  HF_TRY(database.Execute(kCareful));
  // Before the first write of any sort, so that a file that is not ours or newer stays as it is.
  int64_t format = HF_TRY(FormatOf(database, path));
  // EXTRA is FULL, and syncs the directory after the rollback journal is taken away that guards the step to
  // the write-ahead log: one that came back with a crash would undo everything since.
  HF_TRY(database.Execute("PRAGMA synchronous = EXTRA; PRAGMA journal_size_limit = 67108864"));
  HF_TRY(UseWriteAheadLog(database, path));
  if (format < kJournalFormat) HF_TRY(Migrate(database, format, writer, now));
  return database;
}

Result<SqliteDatabase> OpenJournalFileForReading(const std::string& directory, const std::string& vfs) {
  const std::string path = JournalPath(directory);
  const auto open = [&](SqliteDatabase::Access access) -> Result<SqliteDatabase> {
    SqliteDatabase database = HF_TRY(SqliteDatabase::Open(path, access, vfs));
    HF_TRY(database.Execute(kCareful));
    if (HF_TRY(FormatOf(database, path)) == 0) return NotFound(Cat(path, " is empty"));
    return database;
  };
  Result<SqliteDatabase> database = open(SqliteDatabase::Access::kReadOnly);
  if (database.ok()) return database;
  const Code code = database.status().code();
  if (code == Code::kNotFound)
    return NotFound(Cat("no journal in ", directory, ": holdfast has not run with this state directory (",
                        database.status().message(), ")"));
  // A read-only medium has no place for the shared memory. Without a log beside it the file is complete in
  // itself.
  if (code == Code::kUnavailable || code == Code::kPermissionDenied) {
    const bool has_log = SqliteDatabase::FileExists(path + "-wal", vfs);
    if (!has_log) {
      Result<SqliteDatabase> frozen = open(SqliteDatabase::Access::kFrozen);
      if (frozen.ok()) return frozen;
    }
  }
  return Annotate(std::move(database).status(), "cannot read the journal");
}

}  // namespace holdfast
