// Several pieces of work at once, waited for together.
#pragma once

#include <vector>

#include "controller/base/task.h"

namespace holdfast {

// Returns when all have returned. A piece that throws counts as returned: pieces that can fail say so in what
// they write. Not cancellable: what was begun is waited for. Pieces own what they use, because they outlive a
// caller that is destroyed. One piece alone is simply awaited: what it throws passes.
Task<void> Together(std::vector<Task<void>> pieces);

}  // namespace holdfast
