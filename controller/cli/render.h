// Documents as text for people: made from the same JSON that scripts are given, so that the two cannot
// differ.
#pragma once

#include <string>

#include "controller/base/json.h"
#include "controller/cli/style.h"

namespace holdfast::cli {

std::string StatusText(const json::object& document, const Style& style);
// What changed, a line for each resource: for `status -w`.
std::string ChangesText(const json::object& document, const Style& style);
std::string PlanText(const json::object& document, const Style& style);
std::string WhyText(const json::object& document, const Style& style);
std::string HistoryText(const json::object& document, const Style& style);
// want and seen of the one plan in the document.
std::string DiffText(const json::object& document, const Style& style);

// "gate mode: mode for disruptive steps is observe"
std::string WaitLine(const json::object& wait);
// One word for what a resource is doing: "Suspended", "NotObserved", "NeedsHuman", "Acting", "Blocked",
// "Drifted", …
std::string StateWord(const json::object& resource);
// The status of one condition: "True", "False", "Unknown".
std::string_view ConditionStatus(const json::object& resource, std::string_view type);
std::string KeyText(const json::object& resource);

}  // namespace holdfast::cli
