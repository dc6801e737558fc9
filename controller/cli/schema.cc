// holdfast schema
#include <utility>

#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/machine.h"
#include "controller/source/site.h"
#include "specs/document.h"

namespace holdfast::cli {
namespace {

constexpr std::string_view kDefinitions = "#/definitions/";
constexpr int kSchemaMode = 0644;

// Puts `before` in front of every name that a $ref mentions.
void Rename(json::value& value, std::string_view before) {
  if (value.is_array())
    for (json::value& item : value.get_array()) Rename(item, before);
  if (!value.is_object()) return;
  for (auto& member : value.get_object()) {
    const json::string_view key = member.key();
    if (key == "$ref" && member.value().is_string()) {
      const std::string_view target(member.value().get_string().data(), member.value().get_string().size());
      if (target.starts_with(kDefinitions))
        member.value() = JsonView(Cat(kDefinitions, before, ".", target.substr(kDefinitions.size())));
    } else {
      Rename(member.value(), before);
    }
  }
}

// One schema for whole files: any of the kinds. Definitions of different kinds may have one name, so each
// gets its kind's.
json::object AnyOf(const std::vector<std::pair<std::string, json::object>>& schemas) {
  json::object definitions;
  json::array any;
  for (const auto& [name, schema] : schemas) {
    json::value renamed = schema;
    Rename(renamed, name);
    json::object& one = renamed.get_object();
    if (json::value* own = one.if_contains("definitions"); own != nullptr && own->is_object())
      for (auto& member : own->get_object())
        definitions[JsonView(Cat(name, ".", std::string_view(member.key().data(), member.key().size())))] =
            std::move(member.value());
    one.erase("definitions");
    one.erase("$schema");
    any.emplace_back(std::move(one));
  }
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "holdfast specs"},
          {"anyOf", std::move(any)},
          {"definitions", std::move(definitions)}};
}

int WriteFiles(Call& call, const std::vector<std::pair<std::string, json::object>>& schemas,
               const std::string& directory) {
  Machine machine;
  for (const auto& [name, schema] : schemas) {
    const std::string path = Cat(directory, "/", name, ".json");
    if (Status written = machine.real.files.Replace(path, Pretty(schema), kSchemaMode); !written.ok())
      return call.Fail(kFailed, Cat(path, ": ", written.message()), "the directory must be there");
    call.Remark(path);
  }
  return kDone;
}

}  // namespace

int RunSchema(Call& call) {
  const std::unique_ptr<specs::KindTable> kinds = TableOf(call.surroundings().kinds);
  std::vector<std::pair<std::string, json::object>> schemas;
  for (const AnyKind& kind : call.surroundings().kinds)
    schemas.emplace_back(std::string(kind.entry.name), specs::DocumentSchema(kind.entry));
  schemas.emplace_back(std::string(specs::kOperationKind), specs::OperationSchema(*kinds));
  if (!call.words().empty()) {
    std::vector<std::string_view> names;
    for (const auto& [name, schema] : schemas) names.push_back(name);
    const std::string meant(DidYouMean(call.words()[0], names));
    std::erase_if(schemas, [&](const auto& schema) { return schema.first != call.words()[0]; });
    if (schemas.empty())
      return call.Fail(kNoSuch, Cat("there is no kind ", Excerpt(call.words()[0], 60)),
                       meant.empty() ? "holdfast explain lists the kinds" : Cat("did you mean ", meant, "?"));
  }
  if (call.words().empty()) schemas.emplace_back("holdfast", AnyOf(schemas));
  const std::string directory = call.Flag("out");
  if (!directory.empty()) return WriteFiles(call, schemas, directory);
  call.Out(Pretty(schemas.back().second));
  return kDone;
}

}  // namespace holdfast::cli
