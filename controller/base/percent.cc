#include "controller/base/percent.h"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace holdfast {

std::string PercentEncoded(std::string_view text, const char* kept) {
  return boost::urls::encode({text.data(), text.size()},
                             boost::urls::unreserved_chars + boost::urls::grammar::lut_chars(kept));
}

}  // namespace holdfast
