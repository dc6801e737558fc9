#include "controller/journal/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <limits>
#include <string>
#include <utility>

#include "controller/base/percent.h"
#include "controller/base/text.h"

namespace holdfast {
namespace {

Status ErrorOf(sqlite3* database, std::string_view doing) {
  const int code = sqlite3_extended_errcode(database);
  const int system = sqlite3_system_errno(database);
  std::string message = Cat(doing, ": ", sqlite3_errmsg(database), " (SQLite ", code, ")");
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return ResourceExhausted(std::move(message));
    case SQLITE_IOERR:
      if (system == ENOSPC || system == EDQUOT) return ResourceExhausted(std::move(message));
      return Unavailable(std::move(message));
    case SQLITE_CANTOPEN:
      if (system == EACCES || system == EPERM) return PermissionDenied(std::move(message));
      if (system == ENOENT) return NotFound(std::move(message));
      if (system == ENOSPC || system == EDQUOT) return ResourceExhausted(std::move(message));
      return Unavailable(std::move(message));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
      return Unavailable(std::move(message));
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return PermissionDenied(std::move(message));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Aborted(std::move(message));
    case SQLITE_NOMEM:
      return Local(std::move(message));
    case SQLITE_TOOBIG:
      return InvalidArgument(std::move(message));
    default:
      return Internal(std::move(message));
  }
}

// A path may hold '?', '#' and '%', which mean something in a URI.
std::string UriOf(const std::string& path, std::string_view query) {
  return Cat("file:", PercentEncoded(path, "/"), query);
}

int RememberLogPages(void* to, sqlite3*, const char*, int pages) {
  *static_cast<int*>(to) = pages;
  return SQLITE_OK;
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

// A failing bind (too many parameters, a text beyond SQLite's limit) shows up as an error of the step that
// follows, because the parameter stays NULL and every column is NOT NULL.
SqliteStatement& SqliteStatement::Bind(std::string_view text) {
  sqlite3_bind_text64(statement_.get(), next_++, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int64_t number) {
  sqlite3_bind_int64(statement_.get(), next_++, number);
  return *this;
}

SqliteStatement& SqliteStatement::BindBytes(std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), next_++, bytes.empty() ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
  return *this;
}

Result<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  Status error;
  if (code != SQLITE_DONE) error = ErrorOf(database_, "journal");
  Reset();
  if (!error.ok()) return error;
  return false;
}

Status SqliteStatement::Run() {
  while (HF_TRY(Step())) {
  }
  return {};
}

void SqliteStatement::Reset() {
  sqlite3_reset(statement_.get());
  next_ = 1;
}

SqliteStatement::Type SqliteStatement::TypeOf(int column) const {
  switch (sqlite3_column_type(statement_.get(), column)) {
    case SQLITE_NULL:
      return Type::kNull;
    case SQLITE_INTEGER:
      return Type::kInteger;
    case SQLITE_TEXT:
      return Type::kText;
    case SQLITE_BLOB:
      return Type::kBytes;
    default:
      return Type::kOther;
  }
}

int64_t SqliteStatement::Integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view SqliteStatement::Bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return {bytes, bytes == nullptr ? 0 : static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void SqliteDatabase::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<SqliteDatabase> SqliteDatabase::Open(const std::string& path, Access access, const std::string& vfs) {
  if (path.find('\0') != std::string::npos) return InvalidArgument("the path of a journal holds a NUL byte");
  int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::kReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const std::string uri = UriOf(path, access == Access::kFrozen ? "?immutable=1" : "");
  SqliteDatabase out;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  out.database_.reset(handle);
  if (handle == nullptr) return Local(Cat("open ", path, ": out of memory"));
  if (code != SQLITE_OK) return ErrorOf(handle, Cat("open ", path));
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  // In place of the automatic checkpoint, which would run inside a commit and hide its errors.
  sqlite3_wal_hook(handle, RememberLogPages, out.log_pages_.get());
  return out;
}

bool SqliteDatabase::FileExists(const std::string& path, const std::string& vfs) {
  sqlite3_vfs* layer = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  int exists = 0;
  if (layer != nullptr) layer->xAccess(layer, path.c_str(), SQLITE_ACCESS_EXISTS, &exists);
  return exists != 0;
}

Result<SqliteStatement> SqliteDatabase::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return ErrorOf(database_.get(), "journal");
  return SqliteStatement(database_.get(), statement);
}

Status SqliteDatabase::Execute(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return ErrorOf(database_.get(), "journal");
}

Result<int64_t> SqliteDatabase::Number(std::string_view sql) {
  SqliteStatement statement = HF_TRY(Prepare(sql));
  if (!HF_TRY(statement.Step()) || statement.TypeOf(0) != SqliteStatement::Type::kInteger)
    return Unavailable(Cat("journal: \"", sql, "\" gives no number"));
  return statement.Integer(0);
}

bool SqliteDatabase::InTransaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

Status SqliteDatabase::Checkpoint() {
  const int code =
      sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  *log_pages_ = 0;
  if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) return {};
  return ErrorOf(database_.get(), "journal: checkpoint");
}

std::string_view SqliteRow::View() {
  const int column = column_++;
  if (statement_.TypeOf(column) == SqliteStatement::Type::kText) return statement_.Bytes(column);
  Wrong(Cat("column ", column, " is not a text"));
  return {};
}

int64_t SqliteRow::Integer() {
  const int column = column_++;
  if (statement_.TypeOf(column) == SqliteStatement::Type::kInteger) return statement_.Integer(column);
  Wrong(Cat("column ", column, " is not an integer"));
  return 0;
}

std::string_view SqliteRow::Bytes() {
  const int column = column_++;
  if (statement_.TypeOf(column) == SqliteStatement::Type::kBytes) return statement_.Bytes(column);
  Wrong(Cat("column ", column, " is not a blob"));
  return {};
}

void SqliteRow::Wrong(std::string_view what) {
  if (problem_.empty()) problem_ = what;
}

Status SqliteRow::status(std::string_view row_name) const {
  if (problem_.empty()) return {};
  return Unavailable(Cat("journal: ", table_, " ", Excerpt(row_name), ": ", Excerpt(problem_)));
}

}  // namespace holdfast
