// What a supervisord of the model answers.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/json.h"
#include "examples/sandbox/hosts.h"

namespace holdfast::sandbox {

// The body of a POST to /RPC2. Starts and stops are done as by `by`.
std::string AnswerRpc(Hosts& hosts, const std::string& endpoint, std::string_view body,
                      By by = By::kController);

}  // namespace holdfast::sandbox
