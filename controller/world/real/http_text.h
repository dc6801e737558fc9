// The alphabet of HTTP's header.
#pragma once

#include <string_view>

namespace holdfast {

// A method or the name of a field.
bool IsHttpToken(std::string_view text);
// What may stand in a field's value: no control characters but the tab.
bool IsHttpFieldValue(std::string_view text);

}  // namespace holdfast
