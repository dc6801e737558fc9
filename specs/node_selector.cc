#include "specs/node_selector.h"

#include "controller/base/text.h"

namespace holdfast::specs {

const FieldTable<NodeSelector>& NodeSelectorFields() {
  static const FieldTable<NodeSelector> table =
      FieldTable<NodeSelector>("Which nodes are meant: all that is given must match.")
          .Field("name", &NodeSelector::name, "The node's own name.", {.example = "es-data-3"})
          .Field("ip", &NodeSelector::ip, "Its address.", {.example = "10.0.0.39"})
          .Field("host", &NodeSelector::host, "Its host's name.", {.example = "worker7"})
          .Field("id", &NodeSelector::id, "The identity that the system gave it.", {.example = "Xq3vZk0T"})
          .Field("attributes", &NodeSelector::attributes, "Attributes that it must have, with their values.",
                 {.min_items = 1, .max_items = 32, .example = "{zone: spot}"})
          .AtLeastOneOf({"name", "ip", "host", "id", "attributes"});
  return table;
}

std::string NodeSelectorText(const NodeSelector& selector) {
  std::string out;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) Append(out, out.empty() ? "" : " ", key, "=", value);
  };
  add("name", selector.name);
  add("ip", selector.ip);
  add("host", selector.host);
  add("id", selector.id);
  for (const auto& [key, value] : selector.attributes) add(Cat("attributes.", key), value);
  return out;
}

}  // namespace holdfast::specs
