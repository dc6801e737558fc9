#include "controller/journal/journal_reader.h"

#include <utility>
#include <vector>

#include "controller/journal/history_reader.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/memory_reader.h"

namespace holdfast {
namespace {

class JournalReader : public Journal {
 public:
  JournalReader(SqliteDatabase database, Clock& clock) : database_(std::move(database)), clock_(clock) {}

  Task<Result<std::vector<int64_t>>> Commit(std::vector<Record> records) override {
    if (records.empty()) co_return std::vector<int64_t>{};
    co_return FailedPrecondition("journal: opened for reading only");
  }
  Result<Memory> Load() override { return ReadMemory(database_, clock_.Now()); }
  Result<std::vector<HistoryEntry>> History(const HistoryQuery& query) override {
    return ReadHistory(database_, query);
  }

 private:
  SqliteDatabase database_;
  Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<Journal>> OpenForReading(const std::string& directory, Clock& clock,
                                                const std::string& vfs) {
  SqliteDatabase database = HF_TRY(OpenJournalFileForReading(directory, vfs));
  return std::unique_ptr<Journal>(std::make_unique<JournalReader>(std::move(database), clock));
}

}  // namespace holdfast
