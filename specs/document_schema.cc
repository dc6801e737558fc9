// Whole documents of a kind for editors and readers: schema, `explain`, reference page.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/document.h"
#include "specs/document_head.h"
#include "specs/reading.h"
#include "specs/schema_writer.h"

namespace holdfast::specs {
namespace {

// The head's schema with the kind's name and its spec put in.
json::object Envelope(std::string_view kind, std::string_view doc, json::object spec, SchemaWriter& writer) {
  json::object out = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", JsonView(kind)}};
  for (auto& member : DocumentHeadFields().Schema(writer)) out[member.key()] = std::move(member.value());
  out["description"] = JsonView(doc);
  json::object& properties = out["properties"].as_object();
  properties["apiVersion"] =
      json::object{{"description", "The version of the language."}, {"const", JsonView(kApiVersion)}};
  properties["kind"] = json::object{{"description", JsonView(doc)}, {"const", JsonView(kind)}};
  properties["spec"] = std::move(spec);
  if (json::object definitions = writer.Definitions(); !definitions.empty())
    out["definitions"] = std::move(definitions);
  return out;
}

}  // namespace

json::object DocumentSchema(const KindEntry& kind) {
  SchemaWriter writer;
  json::object spec = {{"description", JsonView(kind.summary)},
                       {"allOf", json::array{writer.Reference(*kind.schema)}}};
  return Envelope(kind.name, kind.summary, std::move(spec), writer);
}

json::object OperationSchema(const KindTable& kinds) {
  SchemaWriter writer;
  json::array ways;
  for (std::string_view name : kinds.names()) {
    for (const OperationVerb& operation : kinds.Find(name)->operations) {
      json::object way = OperationHeadFields().Schema(writer);
      json::object& properties = way["properties"].as_object();
      properties["target"].as_object()["pattern"] = Cat("^", name, "/[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$");
      properties[JsonView(operation.verb)] =
          json::object{{"description", JsonView(operation.doc)},
                       {"allOf", json::array{writer.Reference(*operation.schema)}}};
      way["required"].as_array().emplace_back(JsonView(operation.verb));
      way["description"] = JsonView(operation.doc);
      ways.emplace_back(std::move(way));
    }
  }
  json::object spec = {{"anyOf", std::move(ways)}};
  return Envelope(kOperationKind, OperationHeadFields().doc(), std::move(spec), writer);
}

Result<std::string> ExplainPath(const KindTable& kinds, std::string_view path) {
  const size_t dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  const std::string_view rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  const KindEntry* kind = kinds.Find(name);
  if (kind == nullptr && name != kOperationKind) {
    std::vector<std::string_view> names = kinds.names();
    names.push_back(kOperationKind);
    const std::string meant = DidYouMeanText(name, names);
    return NotFound(Cat("there is no kind `", Excerpt(name, 60), "`", meant.empty() ? "" : "; ", meant));
  }
  const bool in_spec = rest == "spec" || rest.starts_with("spec.");
  if (!in_spec) return DocumentHeadFields().Explain(name, rest);
  const std::string_view below = rest == "spec" ? std::string_view() : rest.substr(5);
  if (kind != nullptr) return kind->schema->Explain(Cat(name, ".spec"), below);
  if (below.empty() || OperationHeadFields().FindRow(below) != nullptr) {
    auto out = OperationHeadFields().Explain("Operation.spec", below);
    if (!out.ok() || !below.empty()) return out;
    for (std::string_view kind_name : kinds.names())
      for (const OperationVerb& operation : kinds.Find(kind_name)->operations)
        Append(*out, "  ", operation.verb, "  (target: ", kind_name, ")\n      ", operation.doc, "\n");
    return out;
  }
  const size_t next = below.find('.');
  for (std::string_view kind_name : kinds.names()) {
    for (const OperationVerb& operation : kinds.Find(kind_name)->operations) {
      if (operation.verb != below.substr(0, next)) continue;
      return operation.schema->Explain(Cat("Operation.spec.", operation.verb), next == std::string_view::npos
                                                                                   ? std::string_view()
                                                                                   : below.substr(next + 1));
    }
  }
  return NotFound(Cat("no kind knows an operation `", Excerpt(below.substr(0, next), 60), "`"));
}

std::string KindMarkdown(const KindEntry& kind) {
  std::string out = Cat("# ", kind.name, "\n\n", kind.summary, "\n");
  if (!kind.example.empty()) Append(out, "\n```yaml\n", Trim(kind.example), "\n```\n");
  Append(out, kind.schema->Markdown("spec"));
  for (const OperationVerb& operation : kind.operations) {
    Append(out, "\n# Operation: ", operation.verb, "\n\n", operation.doc, "\n",
           operation.schema->Markdown(operation.verb));
  }
  return out;
}

}  // namespace holdfast::specs
