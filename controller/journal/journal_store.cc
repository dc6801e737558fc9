#include "controller/journal/journal_store.h"

#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/memory_reader.h"

namespace holdfast {
namespace {

constexpr int64_t kPageBytes = 4096;  // SQLite's default, which nothing here changes

// Whether the record is to blame, and not the file.
bool IsOfTheRecord(const Status& status) {
  return status.code() == Code::kInvalidArgument || status.code() == Code::kFailedPrecondition ||
         status.code() == Code::kInternal;
}

}  // namespace

Result<std::unique_ptr<JournalStore>> JournalStore::Open(const StoreOptions& options, absl::Time now) {
  SqliteDatabase database = HF_TRY(OpenJournalFile(options.directory, options.vfs, options.writer, now));
  std::unique_ptr<JournalStore> store(new JournalStore(std::move(database)));
  store->retention_ = options.retention;
  store->checkpoint_pages_ = options.checkpoint_pages;
  SqliteDatabase& file = store->database_;
  store->records_ = HF_TRY(RecordWriter::Prepare(file));
  store->begin_ = HF_TRY(file.Prepare("BEGIN IMMEDIATE"));
  store->commit_ = HF_TRY(file.Prepare("COMMIT"));
  store->newest_epoch_ = HF_TRY(file.Prepare("SELECT epoch, writer FROM writer ORDER BY epoch DESC LIMIT 1"));
  store->read_head_ = HF_TRY(file.Prepare("SELECT head_id, head_hash FROM chain"));
  store->set_head_ = HF_TRY(file.Prepare("UPDATE chain SET head_id = ?, head_hash = ?"));
  store->page_count_ = HF_TRY(file.Prepare("PRAGMA page_count"));
  HF_TRY(store->TakeOver(options.writer, now));
  return store;
}

Status JournalStore::TakeOver(const std::string& writer, absl::Time now) {
  HF_TRY(database_.Execute("BEGIN IMMEDIATE"));
  epoch_ = HF_TRY(database_.Number("SELECT ifnull(max(epoch), 0) FROM writer")) + 1;
  SqliteStatement add = HF_TRY(database_.Prepare("INSERT INTO writer VALUES (?, ?, ?, 0)"));
  HF_TRY(add.Bind(epoch_).Bind(writer).Bind(TimeNumber(now)).Run());
  constexpr int64_t kWritersKept = 1'000;
  HF_TRY(database_.Execute(Cat("DELETE FROM writer WHERE epoch <= ", epoch_ - kWritersKept)));
  HF_TRY(ReadHead());
  return database_.Execute("COMMIT");
}

Status JournalStore::ReadHead() {
  if (!HF_TRY(read_head_.Step())) return Unavailable("journal: the row of the chain's head is gone");
  SqliteRow row(read_head_, "chain");
  head_ = ReadLink(row);
  Status status = row.status("1");
  read_head_.Reset();
  return status;
}

Status JournalStore::Begin() {
  HF_TRY(begin_.Run());
  if (!HF_TRY(newest_epoch_.Step())) return Unavailable("journal: the row of the writer is gone");
  if (newest_epoch_.Integer(0) != epoch_) {
    fenced_ = Aborted(Cat("journal: another holdfast writes in this state directory now (",
                          Excerpt(newest_epoch_.Bytes(1)), "): this one writes and acts no more"));
  }
  newest_epoch_.Reset();
  next_head_ = head_;
  return fenced_;
}

Status JournalStore::Finish(absl::Time now) {
  if (next_head_ != head_ && ++transactions_since_prune_ >= kTransactionsBetweenPrunes) {
    stats_.pruned_rows += HF_TRY(Prune(database_, retention_, next_head_, now));
    transactions_since_prune_ = 0;
  }
  if (next_head_ != head_) HF_TRY(set_head_.Bind(next_head_.id).BindBytes(BytesOf(next_head_.hash)).Run());
  HF_TRY(commit_.Run());
  head_ = next_head_;
  return {};
}

void JournalStore::Abandon() {
  // SQLite may have rolled back by itself; what is left open must not reach the next transaction.
  if (database_.InTransaction()) (void)database_.Execute("ROLLBACK").ok();
}

Status JournalStore::WriteOne(const std::vector<Record>& records, Answer& answer) {
  std::vector<int64_t> ids;
  ids.reserve(records.size());
  for (const Record& record : records) {
    Result<int64_t> id = records_.Write(record, epoch_, next_head_);
    if (!id.ok()) {
      answer = id.status();
      return std::move(id).status();
    }
    ids.push_back(*id);
  }
  answer = std::move(ids);
  return {};
}

Status JournalStore::WriteAll(std::span<const std::vector<Record>* const> commits,
                              std::vector<Answer>& answers) {
  for (size_t i = 0; i < commits.size(); ++i) HF_TRY(WriteOne(*commits[i], answers[i]));
  return {};
}

// The slow way, taken only after a record was refused: each commit can be undone alone.
Status JournalStore::WriteEachApart(std::span<const std::vector<Record>* const> commits,
                                    std::vector<Answer>& answers) {
  for (size_t i = 0; i < commits.size(); ++i) {
    HF_TRY(database_.Execute("SAVEPOINT one"));
    const ChainLink before = next_head_;
    if (const Status written = WriteOne(*commits[i], answers[i]); !written.ok()) {
      if (!IsOfTheRecord(written)) return written;
      HF_TRY(database_.Execute("ROLLBACK TO one"));
      next_head_ = before;
    }
    HF_TRY(database_.Execute("RELEASE one"));
  }
  return {};
}

std::vector<JournalStore::Answer> JournalStore::Write(std::span<const std::vector<Record>* const> commits,
                                                      absl::Time now) {
  std::vector<Answer> answers(commits.size());
  const auto attempt = [&](auto write) -> Status {
    HF_TRY(Begin());
    HF_TRY((this->*write)(commits, answers));
    return Finish(now);
  };
  Status status = !fenced_.ok() ? fenced_ : broken_;
  if (status.ok()) {
    status = attempt(&JournalStore::WriteAll);
    if (!status.ok()) Abandon();
    if (!status.ok() && IsOfTheRecord(status) && commits.size() > 1) {
      status = attempt(&JournalStore::WriteEachApart);
      if (!status.ok()) Abandon();
    }
  }
  if (!status.ok()) {
    for (Answer& answer : answers) answer = status;
    if (status.code() == Code::kUnavailable) broken_ = status;
  }
  Count(answers, commits, now);
  return answers;
}

void JournalStore::Count(const std::vector<Answer>& answers,
                         std::span<const std::vector<Record>* const> commits, absl::Time now) {
  bool any = false;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok()) {
      ++stats_.errors;
      stats_.last_error = answers[i].status().message();
      continue;
    }
    any = true;
    ++stats_.commits;
    stats_.records += static_cast<int64_t>(commits[i]->size());
  }
  if (!any) return;
  ++stats_.transactions;
  stats_.last_commit = now;
  if (const Result<bool> counted = page_count_.Step(); counted.ok() && *counted)
    stats_.bytes = page_count_.Integer(0) * kPageBytes;
  page_count_.Reset();
}

Result<Memory> JournalStore::Load(absl::Time now) {
  HF_TRY(Status(fenced_));
  if (!broken_.ok()) {
    // The connection is kept: after a failed fsync the log may hold, in the page cache only, a commit that
    // was answered with an error. A new connection would believe it; this one writes over it.
    Abandon();
    Status proof = Begin();
    if (proof.ok())
      proof = database_.Execute(
          "UPDATE writer SET looks = looks + 1 WHERE epoch = (SELECT max(epoch) FROM writer)");
    if (proof.ok()) proof = commit_.Run();
    if (!proof.ok()) {
      Abandon();
      return proof;
    }
    broken_ = {};
  }
  return ReadMemory(database_, now);
}

void JournalStore::Tidy() {
  if (!broken_.ok() || !fenced_.ok() || database_.log_pages() < checkpoint_pages_) return;
  if (const Status status = database_.Checkpoint(); status.ok()) {
    ++stats_.checkpoints;
  } else {
    ++stats_.checkpoint_errors;
    stats_.last_error = status.message();
  }
}

}  // namespace holdfast
