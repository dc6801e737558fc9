#include "reconcilers/aws/need.h"

#include <cstdio>
#include <cstdlib>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/service.h"

namespace holdfast::aws {

namespace {

constexpr std::string_view kName = "{name}";

[[noreturn]] void WrongTable(const Need& need) {
  (void)std::fputs(Cat(need.service, " ", need.operation, " is no row of service.h\n").c_str(), stderr);
  std::abort();
}

std::string Filled(std::string_view thing, std::string_view name) {
  const size_t at = thing.find(kName);
  if (at == std::string_view::npos) return std::string(thing);
  return Cat(thing.substr(0, at), name, thing.substr(at + kName.size()));
}

}  // namespace

std::string_view PartitionOf(std::string_view region) {
  struct Partition {
    std::string_view prefix, name;
  };
  constexpr Partition kPartitions[] = {{"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"},
                                       {"us-isob-", "aws-iso-b"}, {"us-isof-", "aws-iso-f"},
                                       {"eu-isoe-", "aws-iso-e"}, {"us-iso-", "aws-iso"},
                                       {"eusc-", "aws-eusc"}};
  for (const Partition& partition : kPartitions)
    if (region.starts_with(partition.prefix)) return partition.name;
  return "aws";
}

std::string ArnOf(std::string_view region, std::string_view account, std::string_view service,
                  std::string_view thing) {
  return Cat("arn:", PartitionOf(region), ":", service, ":", region, ":", account, ":", thing);
}

std::vector<Permission> PermissionsOf(std::span<const Need> needs, const Location& location,
                                      std::string_view name) {
  std::vector<Permission> permissions;
  for (const Need& need : needs) {
    const Operation* operation = FindOperation(need.service, need.operation);
    if (operation == nullptr) WrongTable(need);
    Permission permission{.action = IamAction(*operation)};
    if (!need.thing.empty())
      permission.resource = ArnOf(location.region, location.account.value_or("*"),
                                  std::string_view(permission.action).substr(0, permission.action.find(':')),
                                  Filled(need.thing, name));
    permissions.push_back(std::move(permission));
  }
  return permissions;
}

}  // namespace holdfast::aws
