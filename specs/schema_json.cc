// JSON Schema (draft-07) from field tables.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/schema_writer.h"
#include "specs/spec_schema.h"
#include "specs/yaml_text.h"

namespace holdfast::specs {
namespace {

// `{`, `[` and `""` say "nothing" and need no mention.
bool WorthMentioning(std::string_view default_json) {
  return !default_json.empty() && default_json != "{}" && default_json != "[]" && default_json != "\"\"";
}

json::value ExampleJson(std::string_view example) {
  Problems problems;
  const auto tree =
      Tree::Parse(std::make_shared<Source>(Source{"example", Cat("example: ", example)}), problems);
  if (!tree || tree->documents().empty()) return JsonView(example);
  return NodeJson(tree->documents()[0].Find("example"));
}

}  // namespace

json::value NodeJson(const Node& node) {
  switch (node.type()) {
    case NodeType::kAbsent:
    case NodeType::kNull:
      return nullptr;
    case NodeType::kScalar: {
      const Reading reading = node.quoted() ? Reading::kText : ReadingOf(node.text());
      const bool literal =
          reading == Reading::kBool || reading == Reading::kWhole || reading == Reading::kDecimal;
      if (literal)
        if (auto value = ParseJson(node.text()); value.ok()) return *std::move(value);
      return JsonView(node.text());
    }
    case NodeType::kList: {
      json::array out;
      for (Node item : node) out.emplace_back(NodeJson(item));
      return out;
    }
    case NodeType::kMap: {
      json::object out;
      for (Node entry : node) out[JsonView(entry.key())] = NodeJson(entry);
      return out;
    }
  }
  return nullptr;
}

json::object RowSchema(const Row& row, SchemaWriter& writer) {
  json::object shape = row.shape->Schema(row, writer);
  json::object out;
  std::string doc(row.doc);
  const std::string type = row.shape->TypeText(row);
  if (row.shape->table() == nullptr) Append(doc, doc.empty() ? "(" : " (", type, ")");
  out["description"] = doc;
  if (WorthMentioning(row.default_json))
    if (auto value = ParseJson(row.default_json); value.ok()) out["default"] = *std::move(value);
  if (!row.options.example.empty()) out["examples"] = json::array{ExampleJson(row.options.example)};
  // Draft-07 ignores what stands beside a $ref.
  if (shape.contains("$ref")) {
    out["allOf"] = json::array{std::move(shape)};
  } else {
    for (auto& member : shape) out[member.key()] = std::move(member.value());
  }
  return out;
}

json::object SchemaWriter::Reference(const SpecSchema& table) {
  auto found = names_.find(&table);
  if (found == names_.end()) {
    std::string name(table.name());
    const auto taken = [&] {
      return std::any_of(names_.begin(), names_.end(), [&](const auto& n) { return n.second == name; });
    };
    for (int number = 2; taken(); ++number) name = Cat(table.name(), number);
    found = names_.emplace(&table, name).first;
    json::object schema = table.Schema(*this);
    definitions_.emplace_back(name, std::move(schema));
  }
  return {{"$ref", Cat("#/definitions/", found->second)}};
}

json::object SchemaWriter::Definitions() {
  std::sort(definitions_.begin(), definitions_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  json::object out;
  for (auto& [name, schema] : definitions_) out[name] = std::move(schema);
  definitions_.clear();
  return out;
}

json::object SpecSchema::Schema(SchemaWriter& writer) const {
  json::object out = {{"type", "object"}, {"description", JsonView(doc_)}, {"additionalProperties", false}};
  json::object& properties = out["properties"].emplace_object();
  json::array required, rules;
  for (const Row& row : rows_) {
    properties[JsonView(row.name)] = RowSchema(row, writer);
    if (row.options.required) required.emplace_back(JsonView(row.name));
  }
  if (!required.empty()) out["required"] = std::move(required);
  const auto requires_fields = [](std::initializer_list<std::string_view> fields) {
    json::array names;
    for (std::string_view field : fields) names.emplace_back(JsonView(field));
    return json::object{{"required", std::move(names)}};
  };
  for (const Group& group : groups_) {
    const std::vector<std::string_view>& fields = group.fields;
    if (group.rule == GroupRule::kNeeds) {
      rules.emplace_back(json::object{
          {"dependencies", json::object{{JsonView(fields[0]), json::array{JsonView(fields[1])}}}}});
    } else if (group.rule == GroupRule::kAtMostOne) {
      for (size_t i = 0; i < fields.size(); ++i)
        for (size_t j = i + 1; j < fields.size(); ++j)
          rules.emplace_back(json::object{{"not", requires_fields({fields[i], fields[j]})}});
    } else {
      json::array ways;
      for (std::string_view field : fields) ways.emplace_back(requires_fields({field}));
      rules.emplace_back(
          json::object{{group.rule == GroupRule::kExactlyOne ? "oneOf" : "anyOf", std::move(ways)}});
    }
  }
  if (!rules.empty()) out["allOf"] = std::move(rules);
  return out;
}

json::object SpecSchema::Schema() const {
  SchemaWriter writer;
  json::object out = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", JsonView(name_)}};
  for (auto& member : Schema(writer)) out[member.key()] = std::move(member.value());
  if (json::object definitions = writer.Definitions(); !definitions.empty())
    out["definitions"] = std::move(definitions);
  return out;
}

}  // namespace holdfast::specs
