// How an answer or a refusal becomes a reply of HTTP.
#pragma once

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/world/http_query.h"

namespace holdfast {

HttpReply JsonReply(const json::object& document, int status = 200);
// The error's document with the way out, and the status of HTTP that its code means.
HttpReply Refused(const Status& status);
HttpReply ReplyOf(const Result<json::object>& document);

}  // namespace holdfast
