#include "controller/base/status.h"

#include <string>

namespace holdfast {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalidArgument:
      return "invalid-argument";
    case Code::kNotFound:
      return "not-found";
    case Code::kPermissionDenied:
      return "permission-denied";
    case Code::kUnauthenticated:
      return "unauthenticated";
    case Code::kFailedPrecondition:
      return "failed-precondition";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kDeadlineExceeded:
      return "deadline-exceeded";
    case Code::kResourceExhausted:
      return "resource-exhausted";
    case Code::kAborted:
      return "aborted";
    case Code::kLocal:
      return "local";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

Status Annotate(Status status, std::string_view context) {
  if (status.ok()) return status;
  std::string message;
  message.reserve(context.size() + 2 + status.message().size());
  message.append(context).append(": ").append(status.message());
  return {status.code(), std::move(message)};
}

bool IsTerminal(Code code) { return code == Code::kInvalidArgument || code == Code::kInternal; }

}  // namespace holdfast
