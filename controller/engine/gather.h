// Several pieces of work at once.
#pragma once

#include <vector>

#include "controller/base/task.h"

namespace holdfast {

// Returns when all have returned. A piece that throws counts as returned: pieces that can fail say so in what
// they write. Not cancellable: what was begun is waited for.
Task<void> All(std::vector<Task<void>> pieces);

}  // namespace holdfast
