#include "controller/journal/sqlite_journal.h"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/journal/history_reader.h"
#include "controller/journal/journal_schema.h"

namespace holdfast {
namespace asio = boost::asio;

struct SqliteJournal::Waiting {
  std::vector<Record> records;
  absl::Time at;  // taken by the engine's thread: a clock is not for others
  asio::any_completion_handler<void(Answer)> handler;
  asio::executor_work_guard<asio::any_io_executor> home;

  void AnswerWith(Answer answer) {
    asio::post(home.get_executor(), [handler = std::move(handler), answer = std::move(answer)]() mutable {
      std::move(handler)(std::move(answer));
    });
  }
};

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::Open(Options options) {
  if (options.clock == nullptr) return Internal("a journal without a clock");
  if (options.files != nullptr) {
    // SQLite gives its log and shared memory the mode of the database, which must therefore exist with the
    // right one.
    const std::string path = JournalPath(options.store.directory);
    const Result<FileInfo> there = options.files->Stat(path);
    if (!there.ok() && there.status().code() != Code::kNotFound) return Annotate(there.status(), "journal");
    if (!there.ok()) HF_TRY(Annotate(options.files->Replace(path, "", 0600), "journal"));
  }
  std::unique_ptr<JournalStore> store = HF_TRY(JournalStore::Open(options.store, options.clock->Now()));
  return std::unique_ptr<SqliteJournal>(new SqliteJournal(std::move(options), std::move(store)));
}

SqliteJournal::SqliteJournal(Options options, std::unique_ptr<JournalStore> store)
    : options_(std::move(options)), store_(std::move(store)) {
  if (options_.threads == Threads::kOwn) thread_ = std::thread([this] { WriterThread(); });
}

SqliteJournal::~SqliteJournal() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(queue_mutex_);
    ending_ = true;
  }
  queue_changed_.notify_one();
  thread_.join();
}

Task<Result<std::vector<int64_t>>> SqliteJournal::Commit(std::vector<Record> records) {
  if (records.empty()) co_return std::vector<int64_t>{};
  if (options_.threads == Threads::kOwn) co_return co_await Enqueue(std::move(records));
  std::lock_guard lock(store_mutex_);
  const std::vector<Record>* one = &records;
  std::vector<Answer> answers = store_->Write({&one, 1}, options_.clock->Now());
  store_->Tidy();
  stats_ = store_->stats();
  co_return std::move(answers[0]);
}

Task<SqliteJournal::Answer> SqliteJournal::Enqueue(std::vector<Record> records) {
  auto initiate = [this, &records]<class Handler>(Handler handler) {
    asio::any_io_executor home = asio::get_associated_executor(handler);
    auto waiting = std::make_unique<Waiting>(
        Waiting{std::move(records), options_.clock->Now(), std::move(handler), asio::make_work_guard(home)});
    std::unique_lock lock(queue_mutex_);
    if (queue_.size() >= kMostCommitsWaiting) {
      lock.unlock();
      waiting->AnswerWith(
          ResourceExhausted(Cat("journal: more than ", kMostCommitsWaiting, " commits wait for the disk")));
      return;
    }
    queue_.push_back(std::move(waiting));
    lock.unlock();
    queue_changed_.notify_one();
  };
  co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Answer)>(initiate,
                                                                                       asio::use_awaitable);
}

std::vector<std::unique_ptr<SqliteJournal::Waiting>> SqliteJournal::TakeGroup() {
  std::unique_lock lock(queue_mutex_);
  queue_changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
  std::vector<std::unique_ptr<Waiting>> group;
  for (size_t records = 0; !queue_.empty() && records < kMostRecordsTogether; queue_.pop_front()) {
    records += queue_.front()->records.size();
    group.push_back(std::move(queue_.front()));
  }
  return group;
}

void SqliteJournal::WriteGroup(std::vector<std::unique_ptr<Waiting>> group) {
  std::vector<const std::vector<Record>*> commits;
  commits.reserve(group.size());
  for (const auto& waiting : group) commits.push_back(&waiting->records);
  std::vector<Answer> answers;
  {
    std::lock_guard lock(store_mutex_);
    answers = store_->Write(commits, group.back()->at);
    std::lock_guard stats_lock(stats_mutex_);
    stats_ = store_->stats();
  }
  for (size_t i = 0; i < group.size(); ++i) group[i]->AnswerWith(std::move(answers[i]));
}

void SqliteJournal::WriterThread() {
  for (;;) {
    std::vector<std::unique_ptr<Waiting>> group = TakeGroup();
    if (group.empty()) return;
    WriteGroup(std::move(group));
    std::lock_guard lock(store_mutex_);
    const int64_t errors = store_->stats().checkpoint_errors;
    store_->Tidy();
    if (store_->stats().checkpoint_errors > errors)
      Log(Severity::kError, "journal cannot be moved from its log into the database; the log grows",
          {{"error", store_->stats().last_error}});
    std::lock_guard stats_lock(stats_mutex_);
    stats_ = store_->stats();
  }
}

Result<Memory> SqliteJournal::Load() {
  std::lock_guard lock(store_mutex_);
  return store_->Load(options_.clock->Now());
}

Result<std::vector<HistoryEntry>> SqliteJournal::History(const HistoryQuery& query) {
  if (!history_) history_ = HF_TRY(OpenJournalFileForReading(options_.store.directory, options_.store.vfs));
  return ReadHistory(*history_, query);
}

JournalStats SqliteJournal::stats() const {
  std::lock_guard lock(stats_mutex_);
  return stats_;
}

}  // namespace holdfast
