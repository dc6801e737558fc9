// Percent-encoding of parts of a URL, as RFC 3986 §2 has it.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// Everything but letters, digits, `-._~` and what is in `kept` becomes %XX with upper-case digits.
std::string PercentEncoded(std::string_view text, const char* kept = "");

}  // namespace holdfast
