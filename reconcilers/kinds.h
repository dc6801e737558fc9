// The list of kinds.
#pragma once

#include <vector>

#include "controller/kind/any_kind.h"

namespace holdfast {

// In the order in which help and reference pages show them. A new kind is one line in kinds.cc.
const std::vector<AnyKind>& Kinds();

}  // namespace holdfast
