// IAM policies: what a controller's credentials must be allowed to do.
#pragma once

#include <cstddef>
#include <vector>

#include "controller/base/json.h"
#include "controller/kind/permission.h"

namespace holdfast::cli {

// IAM takes no more in one managed policy, blanks not counted.
inline constexpr size_t kMostPolicyBytes = 6144;

// A policy that allows these and nothing else, each once: what is allowed on everything is not allowed again
// on something.
json::object PolicyOf(const std::vector<Permission>& permissions);

}  // namespace holdfast::cli
