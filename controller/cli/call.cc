#include "controller/cli/call.h"

#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/exit_codes.h"
#include "controller/cli/fields.h"

namespace holdfast::cli {
namespace {

constexpr absl::Duration kUsualTimeout = absl::Seconds(30);

Code CodeOf(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code)
    if (CodeName(static_cast<Code>(code)) == name) return static_cast<Code>(code);
  return Code::kInternal;
}

}  // namespace

int ExitOf(Code code) {
  switch (code) {
    case Code::kOk:
      return kDone;
    case Code::kNotFound:
      return kNoSuch;
    case Code::kPermissionDenied:
    case Code::kUnauthenticated:
      return kNotPermitted;
    case Code::kFailedPrecondition:
      return kBlocked;
    case Code::kDeadlineExceeded:
      return kTimedOut;
    default:
      return kFailed;
  }
}

Call::Call(Surroundings& surroundings, const Parsed& parsed, Settings settings, Output output, Style style)
    : surroundings_(surroundings),
      parsed_(parsed),
      settings_(std::move(settings)),
      output_(output),
      style_(style) {}

std::string Call::Flag(std::string_view name) const {
  const auto found = parsed_.flags.find(name);
  return found == parsed_.flags.end() ? std::string() : found->second;
}

absl::Duration Call::Timeout(absl::Duration otherwise) const {
  if (!settings_.IsGiven("timeout")) return otherwise;
  return ParseDuration(settings_.Get("timeout")).value_or(otherwise);
}

void Call::Remark(std::string_view text) {
  if (style_.detail != Detail::kQuiet) surroundings_.err << text << "\n";
}

int Call::Fail(int code, std::string_view message, std::string_view remedy) {
  surroundings_.err << "error: " << message << "\n";
  if (!remedy.empty()) surroundings_.err << "  = help: " << remedy << "\n";
  return code;
}

int Call::Fail(const Status& status, std::string_view remedy) {
  if (daemon_ && daemon_->signal() != 0) {
    constexpr int kSignalBase = 128;
    return Fail(kSignalBase + daemon_->signal(), "interrupted; what the daemon has begun goes on there");
  }
  return Fail(ExitOf(status.code()), status.message(), remedy);
}

void Call::Tell(const json::object& document, std::string_view text) {
  Out(output_ == Output::kJson ? Pretty(document) : std::string(text));
}

Daemon& Call::daemon() {
  if (!daemon_) daemon_ = surroundings_.daemon(settings_.Get("socket"));
  return *daemon_;
}

Result<json::object> Call::Taken(Result<Answer> answer) {
  if (!answer.ok()) {
    const Code code = answer.status().code();
    down_ = code == Code::kNotFound || code == Code::kUnavailable;
    if (!down_) return answer.status();
    // The socket is told beside it; what is new is the system's own word at the end.
    const std::string& message = answer.status().message();
    const size_t colon = message.rfind(": ");
    return Status(code, colon == std::string::npos ? message : message.substr(colon + 2));
  }
  down_ = false;
  if (!answer->document.is_object())
    return Internal(Cat("the daemon at ", settings_.Get("socket"), " answered no document"));
  json::object& document = answer->document.get_object();
  if (const json::object* error = Object(document, "error"))
    return Status(CodeOf(Text(*error, "code")), std::string(Text(*error, "message")));
  return std::move(document);
}

Result<json::object> Call::Get(const std::string& path) {
  return Taken(daemon().Get(path, Timeout(kUsualTimeout)));
}
Result<json::object> Call::Post(const std::string& path, const json::object& body) {
  return Taken(daemon().Post(path, body, Timeout(kUsualTimeout)));
}

int Call::FailForDaemon(const Status& status) {
  if (!down_) return Fail(status);
  return Fail(kFailed, Cat("no daemon answers at ", settings_.Get("socket"), " (", status.message(), ")"),
              "start it (holdfast run), or name its socket with --socket or HOLDFAST_SOCKET");
}

}  // namespace holdfast::cli
