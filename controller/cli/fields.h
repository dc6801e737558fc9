// Reading documents: a field that is missing or of another type reads as nothing, because a newer daemon may
// differ.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string_view>

#include "controller/base/json.h"

namespace holdfast::cli {

std::string_view Text(const json::object& object, std::string_view name);
int64_t Number(const json::object& object, std::string_view name);
bool IsSet(const json::object& object, std::string_view name);  // true is true, all else is not
const json::object* Object(const json::object& object, std::string_view name);
// The objects of a list; an empty list when there is none.
const json::array& List(const json::object& object, std::string_view name);
// InfinitePast when there is none.
absl::Time Moment(const json::object& object, std::string_view name);

}  // namespace holdfast::cli
