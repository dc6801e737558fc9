// The tables of the journal's file: what they are called, which format they have, how an old file becomes a
// new one.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/journal/sqlite.h"

namespace holdfast {

inline constexpr int64_t kJournalFormat = 1;  // raised with every change of the tables
inline constexpr std::string_view kJournalFile = "journal.db";

std::string JournalPath(const std::string& directory);

// Opens for writing: creates or migrates what is older. FailedPrecondition when the file was made by a newer
// holdfast or is another program's. `writer` and `now` are noted beside a migration.
Result<SqliteDatabase> OpenJournalFile(const std::string& directory, const std::string& vfs,
                                       const std::string& writer, absl::Time now);

// Opens for reading, beside a running writer or after a dead one, also on a medium that cannot be written.
// NotFound when there is no journal.
Result<SqliteDatabase> OpenJournalFileForReading(const std::string& directory, const std::string& vfs);

// Times are nanoseconds since 1970; the ends of the range stand for the infinite ones.
inline int64_t TimeNumber(absl::Time time) { return absl::ToUnixNanos(time); }
absl::Time TimeOfNumber(int64_t number);

}  // namespace holdfast
