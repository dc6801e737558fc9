// What a service answered: a document, or an error with a code.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/world/http.h"
#include "reconcilers/clients/aws/service.h"

namespace holdfast::aws {

struct ServiceError {
  std::string code;     // "ResourceNotFoundException"; "" when the answer is not of AWS's making
  std::string message;  // the service's words, one line, bounded
  std::string request_id;
  int http_status = 0;
  bool operator==(const ServiceError&) const = default;
};

// The document of a 2xx: the content of JSON, of <OperationResult>, or of EC2's <OperationResponse>. An
// answer that is truncated, empty, not of this operation or fails its checksum is Unavailable: an empty
// document would be taken for "there is nothing".
Result<json::value> DecodeAnswer(const Service& service, const Operation& operation,
                                 const HttpResponse& response);
ServiceError DecodeError(const HttpResponse& response);
std::string RequestId(const HttpResponse& response);

inline constexpr size_t kMostErrorMessage = 400;

}  // namespace holdfast::aws
