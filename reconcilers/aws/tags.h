// The tags of a thing: what people call it, and whether we made it.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>
#include <string_view>

#include "controller/base/json.h"
#include "controller/base/task.h"
#include "controller/plan/observed.h"
#include "reconcilers/clients/aws/client.h"

namespace holdfast::aws {

using Tags = std::map<std::string, std::string>;

// What we make carries this with the kind's name as its value, where the service has tags.
inline constexpr std::string_view kOwnerTag = "holdfast";
bool AreOurs(const Tags& tags, std::string_view kind);
// [{"Key": …, "Value": …}, …], as services take them.
json::array TagList(const Tags& tags);

// `listing` is the service's operation that lists one thing's tags. `client` outlives this.
Task<Observed<Tags>> ReadTags(Client& client, Call listing, absl::Duration deadline);

}  // namespace holdfast::aws
