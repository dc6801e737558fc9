// The server's side of XML-RPC, as far as a supervisord's clients speak it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"

namespace holdfast::sandbox {

struct RpcCall {
  std::string method;
  json::array params;
};
// Nothing when it cannot be read.
std::optional<RpcCall> ReadCall(std::string_view xml);

// A fault is an object with faultCode and faultString, as in a multicall's answer.
std::string WriteAnswer(const json::value& answer);
json::object Fault(int64_t code, std::string_view text);

}  // namespace holdfast::sandbox
