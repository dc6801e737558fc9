// Which account and region a resource is in: the keys that every AWS kind has.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/boxed.h"
#include "controller/plan/action.h"
#include "reconcilers/clients/aws/client.h"
#include "specs/field_table.h"

namespace holdfast::aws {

struct Location {
  std::string region;
  Boxed<std::string> account;  // twelve digits
  Boxed<std::string> profile;
  Boxed<std::string> endpoint;
  bool operator==(const Location&) const = default;
};

// `table.Inline(&Spec::location, LocationFields)`.
const specs::FieldTable<Location>& LocationFields();

Target TargetOf(const Location& location);
// The identity of a thing in the world, "aws:123456789012/us-east-1/dynamodb/table/users": two specs that
// say the same are a problem of both. Without an account the profile stands for it.
std::string ClaimOf(const Location& location, std::string_view service, std::string_view sort,
                    std::string_view name);
// A write. `parameters` is a JSON object as `--cli-input-json` takes it.
AwsCall CallOf(const Location& location, std::string_view service, std::string_view operation,
               Text parameters);

}  // namespace holdfast::aws
