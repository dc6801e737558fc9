// XML-RPC, the dialect that supervisord speaks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"

namespace holdfast::clients {

struct XmlRpcRequest {
  std::string method;
  std::vector<std::variant<std::string, bool, int64_t>> params;
};
// Characters that XML cannot carry become `?`.
std::string EncodeCall(const XmlRpcRequest& request);
// One `system.multicall` of all of them.
std::string EncodeMulticall(std::span<const XmlRpcRequest> requests);

struct XmlRpcFault {
  int64_t code = 0;
  std::string text;
};
struct XmlRpcAnswer {
  json::value value;  // dates and base64 as text
  std::optional<XmlRpcFault> fault;
};
// Refuses what is not a methodResponse, is deeper than kMostXmlRpcDepth, or has a value of an unknown type.
// External and own entities are not expanded.
Result<XmlRpcAnswer> DecodeAnswer(std::string_view body);
// One answer per call. A fault of the multicall itself is a FailedPrecondition.
Result<std::vector<XmlRpcAnswer>> DecodeMulticall(std::string_view body, size_t calls);

inline constexpr int kMostXmlRpcDepth = 32;

}  // namespace holdfast::clients
