// Whatever a client sends to our server: it is understood in one way only, or refused with a sentence.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "controller/world/real/request_body.h"
#include "controller/world/real/request_shape.h"

namespace holdfast {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

// The header as every other reader must understand it.
void CheckHead(const RequestHead& head, std::string_view bytes) {
  Check(head.path.starts_with('/') && head.target.starts_with('/'));
  Check(head.path.find("/../") == std::string::npos && !head.path.ends_with("/.."));
  Check(!head.host.empty());
  Check(head.headers.size() <= kMostHeaders);
  size_t hosts = 0, framings = 0;
  for (const auto& [name, value] : head.headers) {
    Check(value.find_first_of("\r\n") == std::string::npos);
    hosts += name == "host";
    framings += name == "content-length" || name == "transfer-encoding";
  }
  Check(hosts == 1 && framings <= 1);
  Check(head.framing == RequestHead::Framing::kNone || framings == 1);
  // As many line ends as lines, and nothing that is half a line end.
  const auto count = [&](char c) { return std::count(bytes.begin(), bytes.end(), c); };
  Check(count('\r') == count('\n') && static_cast<size_t>(count('\n')) == head.headers.size() + 2);
}

// Reads the body in pieces of `piece` bytes; how it is cut must not matter.
std::string ReadBody(const RequestHead& head, std::string_view rest, size_t piece, size_t* used,
                     int* refused) {
  RequestBody body(head);
  std::string buffer;
  *used = 0;
  *refused = 0;
  for (size_t at = 0; at < rest.size() && !body.done() && *refused == 0; at += piece) {
    buffer.append(rest.substr(at, piece));
    size_t took = 0;
    if (const auto problem = body.Take(buffer, &took)) *refused = problem->status;
    Check(took <= buffer.size());
    buffer.erase(0, took);
    *used += took;
  }
  Check(body.body().size() <= kMostBodyBytes);
  return body.done() ? body.body() : "(unfinished)";
}

void TryOne(std::string_view bytes) {
  const std::optional<size_t> length = HeadLength(bytes);
  for (size_t known = 0; known <= std::min<size_t>(bytes.size(), length.value_or(1) - 1); known += 7)
    Check(HeadLength(bytes, known) == length);
  if (!length) return;
  Check(*length <= bytes.size());
  const auto parsed = ParseRequestHead(bytes.substr(0, *length));
  if (const auto* problem = std::get_if<RequestProblem>(&parsed)) {
    Check(problem->status >= 400 && problem->status < 600 && !problem->message.empty() &&
          !problem->remedy.empty());
    return;
  }
  const auto& head = std::get<RequestHead>(parsed);
  CheckHead(head, bytes.substr(0, *length));
  const std::string_view rest = bytes.substr(*length);
  size_t used_whole = 0, used_bytes = 0;
  int refused_whole = 0, refused_bytes = 0;
  const std::string whole =
      ReadBody(head, rest, std::max<size_t>(rest.size(), 1), &used_whole, &refused_whole);
  const std::string by_bytes = ReadBody(head, rest, 1, &used_bytes, &refused_bytes);
  Check(refused_whole == refused_bytes);
  if (refused_whole == 0) Check(whole == by_bytes && used_whole == used_bytes);
}

}  // namespace
}  // namespace holdfast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  holdfast::TryOne({reinterpret_cast<const char*>(data), size});
  return 0;
}
