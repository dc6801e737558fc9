#include "reconcilers/elasticsearch/read_words.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/filters.h"

namespace holdfast::elasticsearch {

std::string AddressIp(std::string_view address) {
  if (address.starts_with("inet[")) {  // before 2.0
    address.remove_prefix(5);
    if (address.ends_with(']')) address.remove_suffix(1);
  }
  if (const size_t slash = address.rfind('/'); slash != address.npos) address.remove_prefix(slash + 1);
  if (address.starts_with('[')) {
    const size_t close = address.find(']');
    if (close == address.npos) return {};
    return CanonicalIp(address.substr(1, close - 1));
  }
  const size_t colon = address.find(':');
  // More than one colon without brackets is an IPv6 address without a port.
  if (colon != address.npos && address.find(':', colon + 1) == address.npos)
    address = address.substr(0, colon);
  return CanonicalIp(address);
}

Version ReadVersion(std::string_view text) {
  const std::vector<std::string> words = Split(text.substr(0, text.find('-')), '.');
  Version version;
  int* const parts[] = {&version.major, &version.minor, &version.patch};
  if (words.size() < 2) return {};
  for (size_t i = 0; i < std::size(parts) && i < words.size(); ++i)
    if (!absl::SimpleAtoi(words[i], parts[i]) || *parts[i] < 0) return {};
  return version;
}

absl::Time ReadMoment(std::string_view text) { return ParseRfc3339(text).value_or(absl::InfinitePast()); }

std::string_view RoleWord(std::string_view role) { return role == "cluster_manager" ? "master" : role; }

void SettleRoles(Node& node) {
  std::ranges::sort(node.roles);
  node.roles.erase(std::unique(node.roles.begin(), node.roles.end()), node.roles.end());
  const auto has = [&](std::string_view role) { return std::ranges::count(node.roles, role) > 0; };
  node.master_eligible = has("master");
  // data_hot, data_content and the other tiers hold copies as well.
  node.data = std::ranges::any_of(
      node.roles, [](const std::string& role) { return role == "data" || role.starts_with("data_"); });
}

}  // namespace holdfast::elasticsearch
