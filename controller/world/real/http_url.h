// The parts of an http or https URL that one exchange needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "controller/base/status.h"

namespace holdfast {

struct HttpUrl {
  enum class Scheme { kHttp, kHttps } scheme = Scheme::kHttp;
  std::string host;  // a name or an address, IPv6 without brackets
  uint16_t port = 80;
  std::string authority;      // for the Host header: with brackets, without the scheme's own port
  std::string target = "/";   // path and query
  std::string authorization;  // "Basic …" when the URL has a user; "" otherwise
  std::string shown;          // for messages: without user, password, query and fragment
};

// InvalidArgument says what is wrong, without the URL's secrets.
Result<HttpUrl> ParseHttpUrl(std::string_view url);

}  // namespace holdfast
