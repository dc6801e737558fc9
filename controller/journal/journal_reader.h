// The journal as someone who only reads sees it: the commands, when the daemon is down.
#pragma once

#include <memory>
#include <string>

#include "controller/journal/journal.h"
#include "controller/world/clock.h"

namespace holdfast {

// Works beside a running daemon and after a dead one, also on a medium that cannot be written. Load and
// History answer as of the last commit; Commit is FailedPrecondition. NotFound when there is no journal in
// `directory`. `clock` outlives the journal.
Result<std::unique_ptr<Journal>> OpenForReading(const std::string& directory, Clock& clock,
                                                const std::string& vfs = {});

}  // namespace holdfast
