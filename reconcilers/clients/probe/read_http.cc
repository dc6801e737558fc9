#include <absl/strings/numbers.h>
#include <re2/re2.h>

#include <algorithm>
#include <boost/json/value.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "reconcilers/clients/probe/answers.h"

namespace holdfast::clients {

namespace {

using Level = ProbeAnswer::Level;

constexpr int64_t kMostRegexMemory = 1 << 20;
constexpr size_t kMostHeaders = 200;

RE2::Options Quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostRegexMemory);
  return options;
}
re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

bool IsStatusDemanded(int status, const std::vector<int>& demanded) {
  if (demanded.empty()) return status >= 200 && status < 400;
  return std::ranges::count(demanded, status) > 0;
}

// "" when the value is there and is the demanded one.
std::string JsonProblem(const HttpProbe& probe, std::string_view body) {
  const Result<json::value> parsed = ParseJson(body);
  if (!parsed.ok()) return Cat("not JSON: ", Excerpt(body, 60));
  boost::system::error_code error;
  const json::value* found = parsed->find_pointer(JsonView(probe.json_pointer), error);
  if (found == nullptr) return Cat("no ", probe.json_pointer, " in the answer");
  const std::string text = found->is_string() ? std::string(Chars(found->get_string())) : Compact(*found);
  if (text == probe.json_equals) return {};
  return Cat(probe.json_pointer, " is ", Excerpt(text, 60), ", not ", probe.json_equals);
}

Result<std::string> Dechunked(std::string_view body) {
  std::string out;
  while (true) {
    const size_t line = body.find("\r\n");
    if (line == std::string_view::npos) return FailedPrecondition("HTTP: the answer ends within a chunk");
    std::string_view size_text = body.substr(0, line);
    size_text = Trim(size_text.substr(0, size_text.find(';')));
    uint64_t size = 0;
    if (size_text.empty() || size_text.size() > 8 ||
        !absl::SimpleHexAtoi(absl::string_view(size_text.data(), size_text.size()), &size))
      return FailedPrecondition("HTTP: not the size of a chunk");
    body.remove_prefix(line + 2);
    if (size == 0) return out;
    if (body.size() < size + 2) return FailedPrecondition("HTTP: the answer ends within a chunk");
    out.append(body.substr(0, size));
    body.remove_prefix(size + 2);
  }
}

// "HTTP/1.1 200 OK".
Result<int> StatusOf(std::string_view line) {
  int status = 0;
  if (!line.starts_with("HTTP/1.") || line.size() < 12 ||
      !absl::SimpleAtoi(absl::string_view(line.data() + 9, 3), &status) || status < 100)
    return FailedPrecondition(Cat("not HTTP: ", Excerpt(line, 60)));
  return status;
}

}  // namespace

std::string RegexProblem(std::string_view pattern) {
  const RE2 compiled(Piece(pattern), Quiet());
  return compiled.ok() ? std::string() : compiled.error();
}

bool Matches(std::string_view pattern, std::string_view text) {
  const RE2 compiled(Piece(pattern), Quiet());
  return compiled.ok() && RE2::PartialMatch(Piece(text), compiled);
}

ProbeAnswer ReadHttp(const HttpResponse& response, const HttpProbe& probe, std::string_view whom) {
  ProbeAnswer answer;
  answer.facts["status"] = Cat(response.status);
  std::string problem;
  if (!IsStatusDemanded(response.status, probe.status))
    problem = Cat("HTTP ", response.status);
  else if (!probe.body_regex.empty() && !Matches(probe.body_regex, response.body))
    problem = Cat("the body does not match ", probe.body_regex, ": ", Excerpt(response.body, 60));
  else if (!probe.json_pointer.empty())
    problem = JsonProblem(probe, response.body);
  answer.level = problem.empty() ? Level::kServing : Level::kWrong;
  answer.detail = Cat(whom, ": ", problem.empty() ? Cat("HTTP ", response.status) : problem);
  return answer;
}

Result<HttpResponse> ParseHttpAnswer(std::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return FailedPrecondition(Cat("not a whole HTTP header: ", Excerpt(bytes, 60)));
  const std::vector<std::string> lines = Split(bytes.substr(0, end), '\n');
  if (lines.size() > kMostHeaders) return FailedPrecondition("HTTP: too many headers");
  HttpResponse response;
  response.status = HF_TRY(StatusOf(Trim(lines.front())));
  for (size_t i = 1; i < lines.size(); ++i) {
    const size_t colon = lines[i].find(':');
    if (colon == std::string::npos)
      return FailedPrecondition(Cat("HTTP: not a header: ", Excerpt(lines[i], 60)));
    response.headers.emplace_back(Lower(Trim(lines[i].substr(0, colon))),
                                  std::string(Trim(lines[i].substr(colon + 1))));
  }
  std::string_view body = bytes.substr(end + 4);
  if (Lower(response.Header("transfer-encoding")) == "chunked") {
    response.body = HF_TRY(Dechunked(body));
    return response;
  }
  const std::string_view length_text = response.Header("content-length");
  uint64_t length = body.size();
  if (!length_text.empty() &&
      !absl::SimpleAtoi(absl::string_view(length_text.data(), length_text.size()), &length))
    return FailedPrecondition("HTTP: not a length");
  if (body.size() < length)
    return FailedPrecondition(Cat("HTTP: ", body.size(), " of ", length, " bytes came"));
  response.body = std::string(body.substr(0, length));
  return response;
}

}  // namespace holdfast::clients
