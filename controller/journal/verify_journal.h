// Whether the journal's file still says what was written.
#pragma once

#include <cstdint>
#include <string>

#include "controller/base/status.h"

namespace holdfast {

struct VerifyReport {
  int64_t format = 0;
  int64_t first_id = 0, last_id = 0;  // of the rows of history; 0 when there are none
  int64_t rows = 0;                   // that were found sound
  std::string head;                   // the chain's last hash, to be compared with one kept elsewhere
  int64_t broken_at = 0;              // the id of the first row that is not as it was written
  std::string problem;                // "" = sound
};

// Looks at the whole file: SQLite's own structure, the chain of history, open intents against it. Reads only,
// beside a running daemon too. NotFound when there is no journal in `directory`; a damage is a report, not an
// error, as long as the file can be opened.
Result<VerifyReport> VerifyJournal(const std::string& directory, const std::string& vfs = {});

}  // namespace holdfast
