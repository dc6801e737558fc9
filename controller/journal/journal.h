// The controller's durable memory.
#pragma once

#include <cstdint>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/journal/record.h"

namespace holdfast {

class Journal {
 public:
  virtual ~Journal() = default;

  // Writes all records in one transaction, or none, and returns once they are on disk. The answer holds one
  // id per record, in order: the history id of an Intent or Noted, else 0. Several commits under way share
  // one fsync. An empty list touches nothing. Errors: ResourceExhausted (disk full), Unavailable (the disk
  // failed; every later commit fails too until Load succeeds again), Internal. Engine thread only.
  virtual Task<Result<std::vector<int64_t>>> Commit(std::vector<Record> records) = 0;

  // Everything that survives, as of the last commit. Once, before the first commit.
  virtual Result<Memory> Load() = 0;

  // Newest first. May be called at any time; reads what was committed.
  virtual Result<std::vector<HistoryEntry>> History(const HistoryQuery& query) = 0;
};

}  // namespace holdfast
