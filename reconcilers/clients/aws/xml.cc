#include "reconcilers/clients/aws/xml.h"

#include <array>
#include <pugixml.hpp>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::aws {

namespace {

std::string_view LocalName(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

enum class Shape { kText, kList, kMap, kObject };

Shape ShapeOf(const pugi::xml_node& node) {
  size_t children = 0, members = 0, items = 0, entries = 0;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    ++children;
    const std::string_view name = child.name();
    if (name == "member") ++members;
    if (name == "item") ++items;
    if (name == "entry" && child.child("key") && child.child("value")) ++entries;
  }
  if (children == 0) return Shape::kText;
  if (members == children || items == children) return Shape::kList;
  return entries == children ? Shape::kMap : Shape::kObject;
}

Result<json::value> ValueOf(const pugi::xml_node& node, int depth);

// Several of one name become a list.
void Put(json::object& object, std::string_view name, json::value value, std::string_view last) {
  json::value* there = object.if_contains(JsonView(name));
  if (there == nullptr)
    object.emplace(JsonView(name), std::move(value));
  else if (name == last && there->is_array())
    there->get_array().push_back(std::move(value));
  else
    *there = json::array{std::move(*there), std::move(value)};
}

Result<json::value> ObjectOf(const pugi::xml_node& node, int depth) {
  json::object object;
  std::string_view last_repeated;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string_view name = LocalName(child);
    const bool is_again = object.contains(JsonView(name));
    Put(object, name, HF_TRY(ValueOf(child, depth + 1)), last_repeated);
    if (is_again) last_repeated = name;
  }
  return json::value(std::move(object));
}

Result<json::value> ValueOf(const pugi::xml_node& node, int depth) {
  if (depth > kMostXmlDepth) return FailedPrecondition("XML: nested too deeply");
  switch (ShapeOf(node)) {
    case Shape::kText:
      return json::value(node.text().get());
    case Shape::kObject:
      return ObjectOf(node, depth);
    case Shape::kList: {
      json::array list;
      for (const pugi::xml_node child : node.children())
        if (child.type() == pugi::node_element) list.push_back(HF_TRY(ValueOf(child, depth + 1)));
      return json::value(std::move(list));
    }
    case Shape::kMap:
      break;
  }
  json::object map;
  for (const pugi::xml_node child : node.children("entry"))
    map[child.child("key").text().get()] = HF_TRY(ValueOf(child.child("value"), depth + 1));
  return json::value(std::move(map));
}

}  // namespace

Result<XmlDocument> ParseXml(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(body.data(), body.size());
  if (!parsed)
    return FailedPrecondition(Cat("not complete XML at byte ", parsed.offset, ": ", parsed.description()));
  const pugi::xml_node root = document.document_element();
  if (!root) return FailedPrecondition("XML without an element");
  if (root.next_sibling()) return FailedPrecondition("XML with more than one document");
  return XmlDocument{std::string(LocalName(root)), HF_TRY(ValueOf(root, 0))};
}

}  // namespace holdfast::aws
