#include "controller/api/reply.h"

#include <string_view>

#include "controller/api/documents.h"
#include "controller/base/text.h"

namespace holdfast {
namespace {

int HttpStatusOf(Code code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kInvalidArgument:
      return 400;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kFailedPrecondition:
    case Code::kAborted:
      return 409;
    case Code::kUnavailable:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    case Code::kResourceExhausted:
      return 507;
    case Code::kLocal:
    case Code::kInternal:
      return 500;
  }
  return 500;
}

std::string_view RemedyFor(Code code) {
  switch (code) {
    case Code::kNotFound:
      return "holdfast status lists every resource";
    case Code::kInvalidArgument:
      return "holdfast help COMMAND shows what is expected";
    case Code::kFailedPrecondition:
      return "look at it again: holdfast plan, holdfast why";
    case Code::kPermissionDenied:
      return "use the daemon's unix socket; changes are made there only";
    case Code::kResourceExhausted:
    case Code::kUnavailable:
      return "nothing was changed that is not told; see the daemon's log and the disk of its state directory";
    default:
      return "see the daemon's log";
  }
}

}  // namespace

HttpReply JsonReply(const json::object& document, int status) {
  return {.status = status, .content_type = "application/json", .body = Cat(Compact(document), "\n")};
}

HttpReply Refused(const Status& status) {
  return JsonReply(ErrorDocument(status, RemedyFor(status.code())), HttpStatusOf(status.code()));
}

HttpReply ReplyOf(const Result<json::object>& document) {
  return document.ok() ? JsonReply(*document) : Refused(document.status());
}

}  // namespace holdfast
