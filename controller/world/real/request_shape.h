// The shape of an HTTP request's header: everything that two readers could understand differently is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast {

struct RequestHead {
  std::string method;  // one of the known
  std::string target, path;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, values trimmed
  std::string host;  // of the Host header, without the port, IPv6 without brackets, lower case
  enum class Version { k10, k11 } version = Version::k11;
  enum class Framing { kNone, kLength, kChunked } framing = Framing::kNone;
  uint64_t length = 0;  // of the body, with kLength
  enum class After { kKeep, kClose } after = After::kKeep;
  enum class Expects { kNothing, kContinue } expects = Expects::kNothing;
};

// Why a request is not even looked at; the connection is closed after it, because where the next one begins
// is unsure.
struct RequestProblem {
  int status = 400;
  std::string_view code;
  std::string message;
  std::string_view remedy;
};

inline constexpr size_t kMostHeadBytes = 16 << 10;
inline constexpr size_t kMostHeaders = 100;
inline constexpr uint64_t kMostBodyBytes = 1 << 20;

// How many of the bytes make up the header, its empty line included; nothing as long as that has not come. A
// broken line end counts as one here, so that it is refused now and not waited for. `known` bytes have been
// looked at before in vain.
std::optional<size_t> HeadLength(std::string_view bytes, size_t known = 0);

// `head` is exactly what HeadLength counted. Pure.
std::variant<RequestHead, RequestProblem> ParseRequestHead(std::string_view head);

}  // namespace holdfast
