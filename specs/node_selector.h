// The one way in which specs name machines and nodes.
#pragma once

#include <map>
#include <string>

#include "specs/field_table.h"

namespace holdfast::specs {

// All that is given must match; at least one is given. "" and an empty map are "not given".
struct NodeSelector {
  std::string name;
  std::string ip;
  std::string host;
  std::string id;
  std::map<std::string, std::string> attributes;
  bool operator==(const NodeSelector&) const = default;
};
const FieldTable<NodeSelector>& NodeSelectorFields();
// "ip=10.0.0.3 attributes.zone=spot", for plans.
std::string NodeSelectorText(const NodeSelector& selector);

}  // namespace holdfast::specs
