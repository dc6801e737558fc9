// Several pieces of work at once, waited for together.
#pragma once

#include <cstddef>
#include <vector>

#include "controller/base/task.h"

namespace holdfast::stack {

// Returns when all have returned. A piece that throws counts as returned, so pieces say in what they write
// how they fared. Pieces must own what they use: they may outlive a caller that is destroyed.
Task<void> Together(std::vector<Task<void>> pieces);

}  // namespace holdfast::stack
