// The JSON documents that people and scripts are given: the same over HTTP, from the commands and out of the
// journal.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/engine/board.h"
#include "controller/journal/record.h"

namespace holdfast {

// Raised when a field goes away or gets another meaning. New fields do not raise it: readers ignore what they
// do not know.
inline constexpr int kFormatVersion = 1;

// What a document says besides what the board holds.
struct DocumentFrame {
  absl::Time now;
  std::string revision;  // of the specs in force
  StopAllSet stop_all;
  std::string journal_trouble;  // "" when the journal can be written
  size_t spec_errors = 0;       // of the specs as they are now
};

// RFC 3339 in UTC, or null for a time that is not known or never comes.
json::value TimeJson(absl::Time time);

// {formatVersion, revision, now, version, stopAll?, summary, resources: [...]}
json::object StatusDocument(const Board& board, const DocumentFrame& frame);
// The same with one resource; NotFound when it is not on the board.
Result<json::object> StatusDocument(const Board& board, const DocumentFrame& frame, const ResourceKey& key);
// The same from the journal alone, when no daemon answers: "stale": true and what the journal remembers.
json::object StaleStatusDocument(const Memory& memory, absl::Time as_of, absl::Time now);

// {formatVersion, revision, plans: [...]}: every resource; one that is in order has no stages.
json::object PlanDocument(const Board& board, const DocumentFrame& frame);
Result<json::object> PlanDocument(const Board& board, const DocumentFrame& frame, const ResourceKey& key);

// {formatVersion, entries: [...]}, in the order given.
json::object HistoryDocument(const std::vector<HistoryEntry>& entries);

// {formatVersion, version, complete, resources, gone}: what changed after version `since`. When that is too
// long ago, `complete` is true and `resources` holds everything.
json::object ChangesDocument(const Board& board, const DocumentFrame& frame, uint64_t since);

// {formatVersion, error: {code, message, remedy}}
json::object ErrorDocument(std::string_view code, std::string_view message, std::string_view remedy);
json::object ErrorDocument(const Status& status, std::string_view remedy);

// Pieces that several documents share.
json::object RowJson(const Row& row, absl::Time now);
json::object WaitJson(const ShownWait& wait, absl::Time next_check_at);
json::object PlanJson(const Row& row, absl::Time now);
std::string_view SightText(Sight sight);  // "known", "absent", "unknown"

}  // namespace holdfast
