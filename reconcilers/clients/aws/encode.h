// A call's parameters as the bytes that its service wants.
#pragma once

#include <string>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "reconcilers/clients/aws/service.h"
#include "reconcilers/clients/aws/uri.h"

namespace holdfast::aws {

// A request before it is addressed and signed.
struct Encoded {
  std::string method = "POST";
  std::string path = "/";
  Pairs query;
  Pairs headers;
  std::string body;
};

// `parameters` is an object as `aws SERVICE OPERATION --cli-input-json` takes it. InvalidArgument names the
// parameter that cannot be sent: null, or nested more than kMostParameterDepth deep.
Result<Encoded> Encode(const Service& service, const Operation& operation, const json::value& parameters);

inline constexpr int kMostParameterDepth = 16;

}  // namespace holdfast::aws
