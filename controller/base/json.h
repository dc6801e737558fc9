// JSON for people and for machines: Boost.JSON's value with a pretty writer.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "controller/base/status.h"

namespace holdfast {

namespace json = boost::json;

// Two blanks a level, keys in the order they were put in, short lists of scalars on one line, one newline at
// the end.
std::string Pretty(const json::value& value);
// One line, no blanks, keys in the order they were put in.
std::string Compact(const json::value& value);
// Refuses more than 256 levels and trailing text with a sentence that names the byte. Of duplicate keys the
// last wins. The value lives in `storage`, which it keeps.
Result<json::value> ParseJson(std::string_view text, json::storage_ptr storage = {});

inline json::string_view JsonView(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view Chars(json::string_view text) { return {text.data(), text.size()}; }

}  // namespace holdfast
