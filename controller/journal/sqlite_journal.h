// The journal in a SQLite file of the state directory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/journal/journal.h"
#include "controller/journal/journal_store.h"
#include "controller/world/clock.h"
#include "controller/world/files.h"

namespace holdfast {

// Destroyed on the engine's thread after its coroutines are gone and before its executor: commits that still
// wait are written first. Load, History and stats: engine thread only.
class SqliteJournal : public Journal {
 public:
  enum class Threads {
    kOwn,     // a writer thread gathers the commits that wait into one transaction
    kInline,  // Commit writes before it returns: for the virtual clock
  };
  struct Options {
    StoreOptions store;  // the directory exists; its lock is held by the caller for as long as this lives;
                         // the writer is for people: "holdfast 0.1.0, pid 4711 on host-3"
    Clock* clock = nullptr;  // outlives this
    Files* files = nullptr;  // when given, the file is made readable by its owner alone
    Threads threads = Threads::kOwn;
  };
  static constexpr size_t kMostRecordsTogether = 4'096;  // in one transaction, so that no answer waits long
  static constexpr size_t kMostCommitsWaiting = 65'536;

  // FailedPrecondition: a newer holdfast wrote the file, or it is another program's. A second writer is kept
  // out by the directory's lock; one that comes in all the same ends this one: its commits are Aborted from
  // then on.
  static Result<std::unique_ptr<SqliteJournal>> Open(Options options);
  ~SqliteJournal() override;

  Task<Result<std::vector<int64_t>>> Commit(std::vector<Record> records) override;
  Result<Memory> Load() override;
  Result<std::vector<HistoryEntry>> History(const HistoryQuery& query) override;

  JournalStats stats() const;

 private:
  using Answer = JournalStore::Answer;
  struct Waiting;

  SqliteJournal(Options options, std::unique_ptr<JournalStore> store);
  Task<Answer> Enqueue(std::vector<Record> records);
  void WriterThread();
  std::vector<std::unique_ptr<Waiting>> TakeGroup();  // empty: time to end
  void WriteGroup(std::vector<std::unique_ptr<Waiting>> group);

  Options options_;
  mutable std::mutex store_mutex_;  // held while the store works
  std::unique_ptr<JournalStore> store_;
  std::optional<SqliteDatabase> history_;  // opened on first use; engine thread

  mutable std::mutex stats_mutex_;
  JournalStats stats_;  // a copy, so that reading it never waits for the disk

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::deque<std::unique_ptr<Waiting>> queue_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace holdfast
