#include "controller/cli/policy.h"

#include <map>
#include <set>
#include <string>

namespace holdfast::cli {
namespace {

constexpr std::string_view kEverything = "*";

json::array Array(const std::set<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(JsonView(text));
  return array;
}

}  // namespace

json::object PolicyOf(const std::vector<Permission>& permissions) {
  std::set<std::string> everywhere;
  for (const Permission& permission : permissions)
    if (permission.resource == kEverything) everywhere.insert(permission.action);
  std::map<std::string, std::set<std::string>> actions_on;
  for (const Permission& permission : permissions)
    if (permission.resource == kEverything || !everywhere.contains(permission.action))
      actions_on[permission.resource].insert(permission.action);
  std::map<std::set<std::string>, std::set<std::string>> resources_of;
  for (auto& [resource, actions] : actions_on) resources_of[actions].insert(resource);
  json::array statements;
  for (const auto& [actions, resources] : resources_of)
    statements.emplace_back(
        json::object{{"Effect", "Allow"}, {"Action", Array(actions)}, {"Resource", Array(resources)}});
  return {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
}

}  // namespace holdfast::cli
