// Connections and statements of SQLite, owned and told apart by house codes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace holdfast {

// One prepared statement. Bound texts are not copied: they must live until Run, Step or Reset has returned.
// Must be destroyed before its database.
class SqliteStatement {
 public:
  SqliteStatement() = default;
  SqliteStatement(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}

  // Parameters from the first on; after Run or Reset from the first again.
  SqliteStatement& Bind(std::string_view text);
  SqliteStatement& Bind(int64_t number);
  SqliteStatement& BindBytes(std::string_view bytes);

  // True when there is a row. After an error or the last row the statement is as if Reset.
  Result<bool> Step();
  // Steps to the end.
  Status Run();
  void Reset();

  enum class Type { kNull, kInteger, kText, kBytes, kOther };
  Type TypeOf(int column) const;
  int64_t Integer(int column) const;
  std::string_view Bytes(int column) const;  // of a text or blob; valid until the next Step or Reset

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int next_ = 1;
};

// One connection, for one thread at a time. Codes: NotFound (no such file), PermissionDenied,
// ResourceExhausted (disk full), Unavailable (the disk failed, or the file is not a sound database), Aborted
// (another program holds it), InvalidArgument (a value too long), Internal (a statement that breaks a
// constraint: our bug).
class SqliteDatabase {
 public:
  enum class Access {
    kReadWrite,  // created when missing
    kReadOnly,
    kFrozen,  // read-only and promised not to change: no lock, no shared memory, no write-ahead log
  };
  static constexpr int kBusyMilliseconds = 5'000;

  // `vfs` names a registered SQLite file layer; "" is the system's. The path is taken as it is, with any
  // bytes but NUL.
  static Result<SqliteDatabase> Open(const std::string& path, Access access, const std::string& vfs);

  static bool FileExists(const std::string& path, const std::string& vfs);

  SqliteDatabase() = default;
  Result<SqliteStatement> Prepare(std::string_view sql);
  // Runs all statements in `sql`, ignoring rows.
  Status Execute(const std::string& sql);
  // The one number that `sql` gives.
  Result<int64_t> Number(std::string_view sql);
  bool InTransaction() const;

  // Pages in the write-ahead log after the last commit of this connection; 0 once Checkpoint was called.
  int log_pages() const { return *log_pages_; }
  // Moves what it can from the log into the database, hindering no reader.
  Status Checkpoint();

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<int> log_pages_ = std::make_unique<int>(0);
  std::unique_ptr<sqlite3, Close> database_;
};

// Reads the columns of a row from a file that is not trusted: notes the first value of a wrong type and gives
// a default from then on.
class SqliteRow {
 public:
  // `table` and the row's `name` are for the message: "lease ServiceStack/site redis".
  SqliteRow(const SqliteStatement& statement, std::string_view table)
      : statement_(statement), table_(table) {}

  std::string Text() { return std::string(View()); }
  std::string_view View();
  int64_t Integer();
  std::string_view Bytes();
  // The row is not what it should be: `what` says why.
  void Wrong(std::string_view what);
  // Names the row in the message of a problem that was found in it.
  Status status(std::string_view row_name) const;
  bool ok() const { return problem_.empty(); }

 private:
  const SqliteStatement& statement_;
  std::string_view table_;
  std::string problem_;
  int column_ = 0;
};

}  // namespace holdfast
