// The words of the servers: addresses, versions, moments, roles.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>

#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// The canonical address of "127.0.0.1:9300", "[::1]:9300", "inet[/127.0.0.1:9300]", "host/127.0.0.1:9300" or
// of an address without a port. "" when there is none in it.
std::string AddressIp(std::string_view address);

// "7.17.29", "8.19.0-SNAPSHOT"; {} when it is no version.
Version ReadVersion(std::string_view text);

// RFC 3339; InfinitePast when it is none.
absl::Time ReadMoment(std::string_view text);

// OpenSearch's cluster_manager is "master".
std::string_view RoleWord(std::string_view role);

// Sorts, drops doubles, and sets what follows from the roles.
void SettleRoles(Node& node);

}  // namespace holdfast::elasticsearch
