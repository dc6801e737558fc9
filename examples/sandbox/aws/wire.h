// Requests and answers of AWS as they stand on the wire, in each service's own protocol.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/world/http.h"
#include "examples/sandbox/aws/call.h"

namespace holdfast::sandbox::aws {

// Who signed a request and for what, as its Authorization says.
struct Signed {
  std::string key, region, scope;
  absl::Time at;
};

// InvalidArgument says what in it no service would understand.
Result<Asked> DecodeRequest(const HttpRequest& request);
// Unauthenticated when it is not signed in the form of version 4.
Result<Signed> SignatureOf(const HttpRequest& request);

// Whether a good answer has a document in it, be it an empty one.
enum class Output { kDocument, kNothing };
// How an answer is told depends on the question's service.
HttpResponse Answered(const Asked& asked, const json::object& document, Output output,
                      std::string_view request_id, absl::Time now);
HttpResponse Refused(const Asked& asked, const Fault& fault, std::string_view request_id, absl::Time now);

// `a=b&c=d`, decoded and put together: "A.member.1.B", "A.entry.1.key" and EC2's "A.1.B".
json::value FormParameters(std::string_view body);
// The first part of a service's host name, and its name in a signature's scope.
std::string_view HostOf(std::string_view service);
// A service's own way to say that it was asked too often.
Fault Throttled(std::string_view service);

}  // namespace holdfast::sandbox::aws
