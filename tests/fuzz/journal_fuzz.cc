// Whatever stands in the journal's file, reading it ends with values or with a sentence.
//
// The first byte chooses: an even one takes the rest as the whole file; an odd one puts the rest as text into
// one column of one table of a sound journal.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <string>
#include <string_view>

#include "controller/base/text.h"
#include "controller/journal/journal_reader.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/journal/verify_journal.h"
#include "tests/sim/lossy_vfs.h"

namespace holdfast {
namespace {

constexpr const char* kDirectory = "/state";

class FixedClock : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'795'000'000); }
  absl::Duration Steady() const override { return absl::ZeroDuration(); }
  Task<void> Sleep(absl::Duration) override { co_return; }
};

struct Place {
  std::string_view table, column;
};
constexpr Place kPlaces[] = {
    {"history", "action"},  {"history", "lease"}, {"history", "danger"},  {"history", "what"},
    {"history", "outcome"}, {"history", "kind"},  {"history", "hash"},    {"lease", "restore"},
    {"lease", "object"},    {"spec", "text"},     {"operation", "phase"}, {"stop_all", "reach"},
    {"approval", "steps"},  {"writer", "writer"}, {"chain", "head_hash"},
};

// The bytes of a sound journal that holds one of everything.
std::string SoundJournal() {
  LossyDisk disk;
  FixedClock clock;
  auto journal = SqliteJournal::Open({.store = {.directory = kDirectory, .vfs = disk.vfs()},
                                      .clock = &clock,
                                      .threads = SqliteJournal::Threads::kInline});
  if (!journal.ok()) std::abort();
  const ResourceKey key{"ServiceStack", "site"};
  const Action action = Command{.argv = {"true"}};
  std::vector<Record> records = {
      Intent{.resource = key,
             .action = action,
             .puts_aside = Lease{.object = "o", .restore = action},
             .at = clock.Now()},
      IntentOutcome{.intent = 1, .at = clock.Now()},
      Intent{.resource = key,
             .action = action,
             .puts_aside = Lease{.object = "p", .restore = action},
             .at = clock.Now()},
      SpecInForce{.resource = key, .text = "{}"},
      OperationMoved{.target = key, .name = "n"},
      StopAllSet{},
      ApprovalGiven{.resource = key, .steps = {{"k", "d"}}},
      Noted{.resource = key, .at = clock.Now()},
  };
  boost::asio::io_context context;
  boost::asio::co_spawn(context, (*journal)->Commit(std::move(records)),
                        [](std::exception_ptr, Result<std::vector<int64_t>> answer) {
                          if (!answer.ok()) std::abort();
                        });
  context.run();
  journal = Internal("closed");
  return disk.Content(JournalPath(kDirectory));
}

void ReadAll(const LossyDisk& disk, Clock& clock) {
  const auto reader = OpenForReading(kDirectory, clock, disk.vfs());
  if (reader.ok()) {
    (void)(*reader)->Load().ok();
    (void)(*reader)->History({}).ok();
    (void)(*reader)->History({.kind = "ServiceStack", .name = "site", .since = clock.Now()}).ok();
  }
  (void)VerifyJournal(kDirectory, disk.vfs()).ok();
}

void PutIntoColumn(const LossyDisk& disk, Place place, std::string_view text) {
  auto file = SqliteDatabase::Open(JournalPath(kDirectory), SqliteDatabase::Access::kReadWrite, disk.vfs());
  if (!file.ok()) std::abort();
  const bool bytes = place.column.ends_with("hash");
  auto update = file->Prepare(Cat("UPDATE ", place.table, " SET ", place.column, " = ?"));
  if (!update.ok()) std::abort();
  if (bytes)
    update->BindBytes(text);
  else
    update->Bind(text);
  (void)update->Run().ok();
}

}  // namespace
}  // namespace holdfast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace holdfast;
  static const std::string sound = SoundJournal();
  static FixedClock clock;
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  LossyDisk disk;
  disk.SetContent(JournalPath(kDirectory), data[0] % 2 == 0 ? std::string(rest) : sound);
  if (data[0] % 2 == 1) PutIntoColumn(disk, kPlaces[data[0] / 2 % std::size(kPlaces)], rest);
  ReadAll(disk, clock);
  return 0;
}
