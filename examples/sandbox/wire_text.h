// The texts that travel, as every simulated server reads and writes them.
#pragma once

#include <string>
#include <string_view>

#include "controller/world/http.h"

namespace holdfast::sandbox {

// `name` in lower case; "" when there is no such header.
std::string HeaderOf(const HttpRequest& request, std::string_view name);
// A part of application/x-www-form-urlencoded, with `+` for a blank; what is no %XX stays as it is.
std::string FormDecoded(std::string_view text);
// Text between tags.
std::string XmlEscaped(std::string_view text);

}  // namespace holdfast::sandbox
