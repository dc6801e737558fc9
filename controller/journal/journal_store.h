// The journal's file, opened for writing by one writer.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "controller/base/status.h"
#include "controller/journal/history_chain.h"
#include "controller/journal/record.h"
#include "controller/journal/record_writer.h"
#include "controller/journal/retention.h"
#include "controller/journal/sqlite.h"

namespace holdfast {

struct JournalStats {
  int64_t commits = 0;            // answered with ids
  int64_t records = 0;            // in them
  int64_t transactions = 0;       // that reached the disk: one fsync each
  int64_t errors = 0;             // commits answered with an error
  int64_t checkpoints = 0;        // two more fsyncs each
  int64_t checkpoint_errors = 0;  // the log grows, nothing is lost
  int64_t pruned_rows = 0;
  int64_t bytes = 0;                              // of the database, without its log
  absl::Time last_commit = absl::InfinitePast();  // on disk
  std::string last_error;
};

struct StoreOptions {
  std::string directory;
  std::string writer;  // who writes, for people
  Retention retention;
  int checkpoint_pages = 1'000;  // of 4 KiB in the log, before they are moved into the database
  std::string vfs;
};

// One thread at a time.
class JournalStore {
 public:
  using Answer = Result<std::vector<int64_t>>;

  static constexpr int kTransactionsBetweenPrunes = 64;

  // Becomes the writer: whoever opened before is refused from its next transaction on.
  static Result<std::unique_ptr<JournalStore>> Open(const StoreOptions& options, absl::Time now);

  // One transaction for all commits; one answer each, in order. A commit whose record is refused fails alone;
  // when the disk fails, all do. `now` is for retention and stats.
  std::vector<Answer> Write(std::span<const std::vector<Record>* const> commits, absl::Time now);
  // After a failure of the disk also proves by a write that it works again.
  Result<Memory> Load(absl::Time now);
  // What may take its time and hinders no answer: moving the log into the database.
  void Tidy();

  const JournalStats& stats() const { return stats_; }
  int64_t epoch() const { return epoch_; }

 private:
  explicit JournalStore(SqliteDatabase database) : database_(std::move(database)) {}
  Status Begin();
  Status Finish(absl::Time now);
  void Abandon();
  Status WriteOne(const std::vector<Record>& records, Answer& answer);
  Status WriteAll(std::span<const std::vector<Record>* const> commits, std::vector<Answer>& answers);
  Status WriteEachApart(std::span<const std::vector<Record>* const> commits, std::vector<Answer>& answers);
  Status TakeOver(const std::string& writer, absl::Time now);
  Status ReadHead();
  void Count(const std::vector<Answer>& answers, std::span<const std::vector<Record>* const> commits,
             absl::Time now);

  SqliteDatabase database_;
  RecordWriter records_;
  SqliteStatement begin_, commit_, newest_epoch_, read_head_, set_head_, page_count_;
  Retention retention_;
  int checkpoint_pages_ = 0;
  int64_t epoch_ = 0;
  ChainLink head_;       // as of the last transaction on disk
  ChainLink next_head_;  // in the transaction under way
  int64_t transactions_since_prune_ = 0;
  Status broken_;  // the disk failed: nothing more until Load
  Status fenced_;  // another writer took over: nothing more ever
  JournalStats stats_;
};

}  // namespace holdfast
