#include "controller/cli/remembered.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <utility>

#include "controller/api/documents.h"
#include "controller/api/why.h"
#include "controller/base/text.h"
#include "controller/journal/journal_reader.h"
#include "controller/world/real/real_clock.h"

namespace holdfast::cli {
namespace {

constexpr int kLastActions = 5;

struct Opened {
  boost::asio::io_context loop{1};
  RealClock clock{loop.get_executor()};
  std::unique_ptr<Journal> journal;
};

Result<std::unique_ptr<Opened>> Open(Call& call, const Status& why_down) {
  const std::string& state = call.settings().Get("state");
  auto opened = std::make_unique<Opened>();
  Result<std::unique_ptr<Journal>> journal = OpenForReading(state, opened->clock);
  if (!journal.ok())
    return Status(journal.status().code() == Code::kNotFound ? Code::kUnavailable : journal.status().code(),
                  Cat("no daemon answers at ", call.settings().Get("socket"), " (", why_down.message(),
                      "), and the journal cannot be read: ", journal.status().message()));
  opened->journal = *std::move(journal);
  call.Remark(Cat("no daemon answers at ", call.settings().Get("socket"), " (", why_down.message(),
                  "): told from the journal in ", state));
  return opened;
}

// The last moment of which the journal knows anything.
absl::Time AsOf(const Memory& memory, const std::vector<HistoryEntry>& newest) {
  absl::Time as_of = absl::InfinitePast();
  for (const auto& [key, remembered] : memory.resources)
    if (remembered.spec) as_of = std::max(as_of, remembered.spec->at);
  for (const HistoryEntry& entry : newest) {
    as_of = std::max(as_of, entry.intent_at);
    if (entry.outcome_at != absl::InfiniteFuture()) as_of = std::max(as_of, entry.outcome_at);
  }
  return as_of;
}

}  // namespace

Result<json::object> RememberedStatus(Call& call, const Status& why_down) {
  const std::unique_ptr<Opened> opened = HF_TRY(Open(call, why_down));
  const Memory memory = HF_TRY(opened->journal->Load());
  const std::vector<HistoryEntry> newest = HF_TRY(opened->journal->History({.limit = 1}));
  return StaleStatusDocument(memory, AsOf(memory, newest), opened->clock.Now());
}

Result<json::object> RememberedWhy(Call& call, const Status& why_down, const ResourceKey& key) {
  const std::unique_ptr<Opened> opened = HF_TRY(Open(call, why_down));
  const Memory memory = HF_TRY(opened->journal->Load());
  const std::vector<HistoryEntry> newest = HF_TRY(opened->journal->History({.limit = 1}));
  const std::vector<HistoryEntry> last =
      HF_TRY(opened->journal->History({.kind = key.kind, .name = key.name, .limit = kLastActions}));
  return StaleWhyDocument(memory, last, key, AsOf(memory, newest), opened->clock.Now());
}

Result<json::object> RememberedHistory(Call& call, const Status& why_down, const HistoryQuery& query) {
  const std::unique_ptr<Opened> opened = HF_TRY(Open(call, why_down));
  const std::vector<HistoryEntry> entries = HF_TRY(opened->journal->History(query));
  json::object document = HistoryDocument(entries);
  document["stale"] = true;
  document["asOf"] = TimeJson(AsOf({}, entries));
  document["now"] = TimeJson(opened->clock.Now());
  return document;
}

}  // namespace holdfast::cli
