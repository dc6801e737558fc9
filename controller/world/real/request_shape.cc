#include "controller/world/real/request_shape.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/http_text.h"

namespace holdfast {
namespace {

using Problem = std::optional<RequestProblem>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

RequestProblem Bad(std::string message, std::string_view remedy = "send a plain HTTP/1.1 request") {
  return {400, "badRequest", std::move(message), remedy};
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { kIsPlus, kIsBlank };

// Nothing when an escape is broken or hides a control character.
std::optional<std::string> Decoded(std::string_view text, Plus plus) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus == Plus::kIsBlank) {
      c = ' ';
    } else if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) return std::nullopt;
    out.push_back(c);
  }
  if (!IsValidUtf8(out)) return std::nullopt;
  return out;
}

Problem TakePath(std::string_view encoded, RequestHead& head) {
  if (Lower(encoded).find("%2f") != std::string::npos || encoded.find('\\') != std::string_view::npos)
    return Bad("the path has an escaped or reversed slash", "separate the parts of the path with /");
  auto path = Decoded(encoded, Plus::kIsPlus);
  if (!path) return Bad("the path has a broken % escape, a control character or bytes that are not UTF-8");
  for (const std::string& part : Split(*path, '/'))
    if (part == ".." || part == ".") return Bad("the path has . or .. in it", "send the path that you mean");
  head.path = *std::move(path);
  return std::nullopt;
}

Problem TakeTarget(std::string_view target, RequestHead& head) {
  if (target.empty() || target[0] != '/')
    return Bad("the request's target is not a path", "send GET /path, not a whole URL, an authority or *");
  for (const char c : target)
    if (c <= ' ' || c >= 0x7F || c == '#')
      return Bad("the request's target has a character that must be escaped");
  head.target = target;
  const size_t mark = target.find('?');
  if (auto problem = TakePath(target.substr(0, mark), head)) return problem;
  if (mark == std::string_view::npos || mark + 1 == target.size()) return std::nullopt;
  for (const std::string& one : Split(target.substr(mark + 1), '&')) {
    if (one.empty()) continue;
    const size_t equals = one.find('=');
    auto name = Decoded(std::string_view(one).substr(0, equals), Plus::kIsBlank);
    auto value = equals == std::string::npos
                     ? std::optional<std::string>("")
                     : Decoded(std::string_view(one).substr(equals + 1), Plus::kIsBlank);
    if (!name || !value) return Bad("a query parameter has a broken % escape or a control character");
    head.parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return std::nullopt;
}

Problem TakeMethod(std::string_view method, RequestHead& head) {
  static constexpr std::array<std::string_view, 6> kTaken = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  static constexpr std::array<std::string_view, 3> kKnown = {"OPTIONS", "TRACE", "CONNECT"};
  if (!IsHttpToken(method)) return Bad("the method is not a word");
  head.method = method;
  if (std::find(kTaken.begin(), kTaken.end(), method) != kTaken.end()) return std::nullopt;
  if (std::find(kKnown.begin(), kKnown.end(), method) != kKnown.end())
    return RequestProblem{405, "methodNotAllowed", Cat(method, " is not served here"),
                          "use GET, HEAD, POST, PUT, PATCH or DELETE"};
  return RequestProblem{501, "methodUnknown", Cat(Excerpt(method, 40), " is not a method of HTTP/1.1"),
                        "methods are written in capital letters: GET, POST"};
}

Problem TakeRequestLine(std::string_view line, RequestHead& head) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return Bad("the first line is not METHOD TARGET HTTP/1.1");
  const std::string_view version = line.substr(last + 1);
  if (version == "HTTP/1.1")
    head.version = RequestHead::Version::k11;
  else if (version == "HTTP/1.0")
    head.version = RequestHead::Version::k10;
  else if (version.starts_with("HTTP/"))
    return RequestProblem{505, "versionNotSupported", Cat(Excerpt(version, 20), " is not spoken here"),
                          "use HTTP/1.1"};
  else
    return Bad("the first line is not METHOD TARGET HTTP/1.1");
  if (head.version == RequestHead::Version::k10) head.after = RequestHead::After::kClose;
  if (auto problem = TakeMethod(line.substr(0, first), head)) return problem;
  return TakeTarget(line.substr(first + 1, last - first - 1), head);
}

Problem TakeField(std::string_view line, RequestHead& head) {
  if (line[0] == ' ' || line[0] == '\t')
    return Bad("a header line is folded", "write each header on one line");
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Bad("a header line has no colon");
  const std::string_view name = line.substr(0, colon);
  if (!IsHttpToken(name))
    return Bad(Cat("the header name ", Excerpt(name, 40), " has a character that is not allowed"));
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (!IsHttpFieldValue(value)) return Bad(Cat("the header ", name, " has a control character in it"));
  if (head.headers.size() == kMostHeaders)
    return RequestProblem{431, "headersTooLarge", Cat("more than ", kMostHeaders, " headers"),
                          "send fewer headers"};
  head.headers.emplace_back(Lower(name), std::string(value));
  return std::nullopt;
}

std::vector<std::string_view> All(const Pairs& headers, std::string_view name) {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : headers)
    if (key == name) out.push_back(value);
  return out;
}

Problem TakeHost(RequestHead& head) {
  const auto hosts = All(head.headers, "host");
  if (hosts.size() != 1)
    return Bad(hosts.empty() ? "there is no Host header" : "there are several Host headers",
               "send one Host header");
  std::string_view name = hosts[0];
  std::string_view port;
  const Problem bad =
      Bad("the Host header is not a name or an address with an optional port", "send Host: localhost:PORT");
  const size_t bracket = name.starts_with('[') ? name.find(']') : std::string_view::npos;
  if (name.starts_with('[') && bracket == std::string_view::npos) return bad;
  const size_t colon = name.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) port = name.substr(colon + 1), name = name.substr(0, colon);
  if (port.size() > 5 || !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return bad;
  if (bracket != std::string_view::npos) {
    if (name.size() != bracket + 1) return bad;
    boost::system::error_code error;
    name = name.substr(1, bracket - 1);
    boost::asio::ip::make_address_v6(std::string(name), error);
    if (error) return bad;
  } else if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '.' || c == '-' || c == '_';
             })) {
    return bad;
  }
  head.host = Lower(name);
  return std::nullopt;
}

Problem TakeFraming(RequestHead& head) {
  const auto lengths = All(head.headers, "content-length");
  const auto codings = All(head.headers, "transfer-encoding");
  constexpr std::string_view kOne = "say the length of the body once, by Content-Length or by chunks";
  if (!codings.empty()) {
    if (!lengths.empty()) return Bad("both Content-Length and Transfer-Encoding are given", kOne);
    if (head.version == RequestHead::Version::k10)
      return Bad("HTTP/1.0 has no Transfer-Encoding", "use HTTP/1.1");
    if (codings.size() != 1 || codings[0] != "chunked")
      return RequestProblem{501, "transferEncodingUnknown", "Transfer-Encoding is not exactly \"chunked\"",
                            kOne};
    head.framing = RequestHead::Framing::kChunked;
  } else if (!lengths.empty()) {
    constexpr size_t kMostDigits = 18;
    if (lengths.size() != 1) return Bad("there are several Content-Length headers", kOne);
    const std::string_view digits = lengths[0];
    if (digits.empty() || digits.size() > kMostDigits ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return Bad("Content-Length is not a number", kOne);
    std::from_chars(digits.data(), digits.data() + digits.size(), head.length);
    if (head.length > kMostBodyBytes)
      return RequestProblem{413, "bodyTooLarge", Cat("the body is longer than ", kMostBodyBytes, " bytes"),
                            "send less at a time"};
    head.framing = head.length == 0 ? RequestHead::Framing::kNone : RequestHead::Framing::kLength;
  }
  return std::nullopt;
}

Problem TakeConnection(RequestHead& head) {
  for (const std::string_view value : All(head.headers, "connection"))
    for (const std::string& word : Split(value, ','))
      if (Lower(Trim(word)) == "close") head.after = RequestHead::After::kClose;
  const auto expected = All(head.headers, "expect");
  if (expected.empty()) return std::nullopt;
  if (expected.size() != 1 || Lower(expected[0]) != "100-continue")
    return RequestProblem{417, "expectationFailed", "the Expect header is not 100-continue",
                          "leave out Expect"};
  if (head.version == RequestHead::Version::k11) head.expects = RequestHead::Expects::kContinue;
  return std::nullopt;
}

}  // namespace

std::optional<size_t> HeadLength(std::string_view bytes, size_t known) {
  if (bytes.starts_with('\n')) return 1;
  if (bytes.starts_with("\r\n")) return 2;
  constexpr size_t kLongestEnd = 3;  // "\n\r\n" may have been cut anywhere
  for (size_t at = bytes.find('\n', known - std::min(known, kLongestEnd)); at != std::string_view::npos;
       at = bytes.find('\n', at + 1)) {
    if (bytes.substr(at + 1).starts_with('\n')) return at + 2;
    if (bytes.substr(at + 1).starts_with("\r\n")) return at + 3;
  }
  return std::nullopt;
}

std::variant<RequestHead, RequestProblem> ParseRequestHead(std::string_view bytes) {
  RequestHead head;
  if (bytes.size() > kMostHeadBytes)
    return RequestProblem{431, "headersTooLarge", Cat("the header is longer than ", kMostHeadBytes, " bytes"),
                          "send shorter headers"};
  bool first = true;
  for (std::string_view rest = bytes;;) {
    const size_t end = rest.find_first_of("\r\n");
    if (end == std::string_view::npos) return Bad("the header does not end with an empty line");
    if (!rest.substr(end).starts_with("\r\n")) return Bad("a line of the header does not end with CR LF");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (line.empty() && first) return Bad("the request begins with an empty line");
    if (line.empty()) {
      if (!rest.empty()) return Bad("there is something behind the end of the header");
      break;
    }
    if (auto problem = first ? TakeRequestLine(line, head) : TakeField(line, head))
      return *std::move(problem);
    first = false;
  }
  for (const auto take : {TakeHost, TakeFraming, TakeConnection})
    if (auto problem = take(head)) return *std::move(problem);
  return head;
}

}  // namespace holdfast
