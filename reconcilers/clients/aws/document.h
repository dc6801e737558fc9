// Reads members of an answer alike, whether it came as JSON with types or as XML without any.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"

namespace holdfast::aws {

// All take a path of member names, "Table.ProvisionedThroughput.ReadCapacityUnits", and give nothing when a
// member is not there or is not of that form.
const json::value* At(const json::value& of, std::string_view path);
std::optional<std::string> TextAt(const json::value& of, std::string_view path);
std::optional<int64_t> WholeAt(const json::value& of, std::string_view path);
std::optional<double> NumberAt(const json::value& of, std::string_view path);
std::optional<bool> FlagAt(const json::value& of, std::string_view path);
// Seconds since 1970 or RFC 3339.
std::optional<absl::Time> TimeAt(const json::value& of, std::string_view path);
// The items of a list, which XML writes as an empty text when there are none and as the item itself when
// there is one. Nothing when the member is missing.
std::optional<std::vector<const json::value*>> ListAt(const json::value& of, std::string_view path);

}  // namespace holdfast::aws
