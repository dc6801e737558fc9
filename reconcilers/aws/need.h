// What a kind may send to AWS, as the rows from which the policy that allows it is made.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/permission.h"
#include "reconcilers/aws/location.h"

namespace holdfast::aws {

struct Need {
  std::string_view service, operation;  // a row of service.h
  // What stands behind the account in the name of the thing, with {name} for its name:
  // "alarm:{name}". "" for an operation that knows no single thing.
  std::string_view thing;
  bool operator==(const Need&) const = default;
};

// `static std::vector<Permission> Permissions(const Spec& spec)` of a kind is this over its table. Ends the
// program when a row names an operation that is never sent.
std::vector<Permission> PermissionsOf(std::span<const Need> needs, const Location& location,
                                      std::string_view name);

// "aws", "aws-cn", "aws-us-gov".
std::string_view PartitionOf(std::string_view region);
// "arn:aws:sns:us-east-1:123456789012:ops".
std::string ArnOf(std::string_view region, std::string_view account, std::string_view service,
                  std::string_view thing);

}  // namespace holdfast::aws
