// A journal whose disk is a vector.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/journal/journal.h"
#include "controller/world/clock.h"

namespace holdfast::sim {

// What is on the disk: it outlives the process that wrote it.
struct MemoryDisk {
  struct Written {
    int64_t id = 0;  // of an Intent or Noted, else 0
    Record record;
  };
  std::vector<Written> records;
  int64_t last_id = 0;
  int64_t commits = 0;
  int epoch = 0;

  Memory Load();
};

class MemoryJournal : public Journal {
 public:
  // Both outlive this.
  MemoryJournal(MemoryDisk& disk, Clock& clock) : disk_(disk), clock_(clock) {}

  Task<Result<std::vector<int64_t>>> Commit(std::vector<Record> records) override;
  Result<Memory> Load() override { return disk_.Load(); }
  Result<std::vector<HistoryEntry>> History(const HistoryQuery& query) override;

  absl::Duration takes = absl::Milliseconds(2);  // an fsync
  Status failure;                                // what Commit answers instead of writing, unless ok
  int64_t failed_commits = 0;

 private:
  MemoryDisk& disk_;
  Clock& clock_;
};

}  // namespace holdfast::sim
