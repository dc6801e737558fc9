// Why something does not move: the chain of reasons across dependencies, down to the root.
#pragma once

#include <absl/time/time.h>

#include <cstddef>
#include <vector>

#include "controller/api/documents.h"
#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/engine/board.h"
#include "controller/journal/record.h"

namespace holdfast {

// Beyond these the chain is cut, and says so.
inline constexpr size_t kWhyDepth = 32;
inline constexpr size_t kWhyNodes = 500;

// {formatVersion, kind, name, headline, node, roots, plan, commands}. A node is a resource: how ready it is,
// its waits (since, until, detail, evidence, remedy) and, under `because`, the nodes of what it depends on
// that is not ready. A resource met a second time is named with "repeated" and not followed again, so that
// cycles end.
Result<json::object> WhyDocument(const Board& board, const DocumentFrame& frame, const ResourceKey& key);

// The same from the journal alone, when no daemon answers: "stale": true, the last lines of history under
// `entries`.
Result<json::object> StaleWhyDocument(const Memory& memory, const std::vector<HistoryEntry>& last,
                                      const ResourceKey& key, absl::Time as_of, absl::Time now);

}  // namespace holdfast
