// Which resources a command's arguments mean.
#pragma once

#include <string>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/cli/call.h"

namespace holdfast::cli {

// KIND/NAME, KIND (all of them), or NAME when only one has it. No word means all. In the order of the list,
// each once. NotFound with a suggestion; InvalidArgument when a name is not unique.
Result<std::vector<ResourceKey>> Select(const json::array& resources, const std::vector<std::string>& words);
// Whether one of the words means it; no word means all.
bool IsMeant(const ResourceKey& key, const std::vector<std::string>& words);
// One that is meant by `word`, asking the daemon when only a name was given.
Result<ResourceKey> SelectOne(Call& call, const std::string& word);
// For commands that change something: words, or --all, never nothing.
Result<std::vector<ResourceKey>> SelectToChange(Call& call);
// Leaves only these in document[list]; totals of the rest go too.
void KeepOnly(json::object& document, std::string_view list, const std::vector<ResourceKey>& keys);

// "/api/v1/why/ServiceStack/site", with what is odd in names escaped.
std::string PathTo(std::string_view route, const ResourceKey& key);

}  // namespace holdfast::cli
