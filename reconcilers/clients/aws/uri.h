// Percent-encoding as AWS signs and reads it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::aws {

using Pairs = std::vector<std::pair<std::string, std::string>>;

enum class Slash { kEncoded, kKept };
// Everything but letters, digits and `-._~` becomes %XX with upper-case digits; a blank becomes %20.
std::string UriEncoded(std::string_view text, Slash slash = Slash::kEncoded);
// application/x-www-form-urlencoded: as above, but a blank is `+`.
std::string FormEncoded(const Pairs& pairs);
// `a=b&c=d` with blanks as %20, for a URL's query.
std::string QueryText(const Pairs& pairs);

}  // namespace holdfast::aws
