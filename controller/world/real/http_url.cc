#include "controller/world/real/http_url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <string>

#include "controller/base/text.h"

namespace holdfast {
namespace {

std::string Base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i)
      group = group << 8 | (at + i < bytes.size() ? static_cast<uint8_t>(bytes[at + i]) : 0u);
    for (size_t i = 0; i < 4; ++i)
      out.push_back(at + i <= bytes.size() ? kDigits[group >> (18 - 6 * i) & 63] : '=');
  }
  return out;
}

std::string_view View(boost::urls::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Result<HttpUrl> ParseHttpUrl(std::string_view url) {
  const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed) return InvalidArgument("not a URL such as http://host:port/path");
  const boost::urls::url_view& parts = *parsed;
  HttpUrl out;
  const std::string scheme = Lower(View(parts.scheme()));
  if (scheme == "https")
    out.scheme = HttpUrl::Scheme::kHttps;
  else if (scheme != "http")
    return InvalidArgument(Cat("the URL's scheme is ", Excerpt(scheme, 20), ", not http or https"));
  if (!parts.has_authority() || parts.host_address().empty()) return InvalidArgument("the URL has no host");
  out.host = parts.host_address();
  const std::string host(View(parts.encoded_host()));
  const uint16_t usual = out.scheme == HttpUrl::Scheme::kHttps ? 443 : 80;
  out.port = usual;
  if (parts.has_port() && !parts.port().empty()) {
    // Boost 1.81 counts beyond 65535 from 0 again.
    const std::string_view digits = View(parts.port());
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (error != std::errc() || out.port == 0)
      return InvalidArgument("the URL's port is not between 1 and 65535");
  }
  out.authority = out.port == usual ? host : Cat(host, ":", out.port);
  const std::string path(View(parts.encoded_path()));
  // Boost 1.81 takes "http://host:x/" for an empty port and a path "x/".
  if (!path.empty() && path[0] != '/') return InvalidArgument("the URL's port is not a number");
  out.target = path.empty() ? "/" : path;
  if (parts.has_query()) Append(out.target, "?", View(parts.encoded_query()));
  if (parts.has_userinfo())
    out.authorization = Cat("Basic ", Base64(Cat(parts.user(), ":", parts.password())));
  out.shown = Cat(scheme, "://", out.authority, path);
  return out;
}

}  // namespace holdfast
