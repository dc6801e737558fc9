// What people tell an account that is being served.
#pragma once

#include <span>
#include <string>

#include "controller/base/status.h"
#include "examples/sandbox/stage.h"

namespace holdfast::sandbox {

// All of these: FailedPrecondition when the scenario has no account. Words are those of the table in
// control.cc.

// Tables, groups, alarms, topics, and what happened to them last.
Result<std::string> TellAccount(Stage& stage, std::span<const std::string> words);
// What clients want of a table from now on: TABLE READ WRITE.
Result<std::string> LoadTable(Stage& stage, std::span<const std::string> words);
// An action that the key may not do any more ("dynamodb:UpdateTable"), or may again.
Result<std::string> DenyAction(Stage& stage, std::span<const std::string> words);
Result<std::string> AllowAction(Stage& stage, std::span<const std::string> words);

}  // namespace holdfast::sandbox
