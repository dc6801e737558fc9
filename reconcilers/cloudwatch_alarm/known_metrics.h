// The metrics that AWS's own namespaces have, as far as a typing error in them must be noticed.
#pragma once

#include <span>
#include <string_view>

namespace holdfast::alarm {

struct KnownNamespace {
  std::string_view name;  // "AWS/ELB"
  std::span<const std::string_view> metrics;
  std::span<const std::string_view> dimensions;
};

std::span<const KnownNamespace> KnownNamespaces();
// Null for one that is not in the table: nothing is said of it.
const KnownNamespace* FindNamespace(std::string_view name);

}  // namespace holdfast::alarm
