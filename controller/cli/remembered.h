// What can be told when no daemon answers: what the journal remembers, marked as old.
#pragma once

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/cli/call.h"
#include "controller/journal/record.h"

namespace holdfast::cli {

// NotFound when there is no journal either. Each says on standard error that the daemon is not running.
Result<json::object> RememberedStatus(Call& call, const Status& why_down);
Result<json::object> RememberedWhy(Call& call, const Status& why_down, const ResourceKey& key);
Result<json::object> RememberedHistory(Call& call, const Status& why_down, const HistoryQuery& query);

}  // namespace holdfast::cli
