// What DynamoDB's operations share: how a table is told, and how they refuse.
#pragma once

#include <string>
#include <string_view>

#include "examples/sandbox/aws/call.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {

json::object TableDocument(const Ground& ground, const Table& table, absl::Time now);
Throughput ThroughputIn(const json::value& of, std::string_view member);
Fault NoTable(const std::string& name);
Fault InUse(const Table& table);

}  // namespace holdfast::sandbox::aws
