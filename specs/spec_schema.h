// A table of fields erased from its struct: the one declaration from which reading, checking, JSON Schema,
// `explain` and the reference pages come.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "specs/shape.h"

namespace holdfast::specs {

// Immutable once built (FieldTable builds it, in a function-local static), then safe in many threads.
class SpecSchema {
 public:
  // What the struct is called in schemas and reference pages: the C++ type's own name.
  std::string_view name() const { return name_; }
  std::string_view doc() const { return doc_; }
  const std::vector<Row>& rows() const { return rows_; }
  const Row* FindRow(std::string_view name) const;

  // A new struct read from a mapping, or nullptr when `problems` got an error.
  std::shared_ptr<const void> Decode(const Node& node, Problems& problems,
                                     const DecodeContext& context) const;
  // The same into a default-constructed struct.
  void DecodeInto(const Node& node, void* object, Decoding& decoding) const;

  // The struct as JSON on one line: fields by name, defaults left out, lists expanded. Equal specs give equal
  // text, however and wherever they were written; Decode reads it back as the same struct.
  std::string Canonical(const void* object) const;
  void AppendCanonical(const void* object, std::string& out) const;

  // JSON Schema draft-07 of the struct, with `definitions` for every table below it.
  boost::json::object Schema() const;
  // Only the struct, definitions going to the writer: for schemas that enclose this one.
  boost::json::object Schema(SchemaWriter& writer) const;

  // What `holdfast explain KIND.path` prints. `root` names this table ("ServiceStack.spec"), `path` leads on
  // from it
  // ("layers.services.probe"; "" is the table itself). NotFound with a suggestion for a path that leads
  // nowhere.
  Result<std::string> Explain(std::string_view root, std::string_view path) const;
  // A reference page: every field below this table.
  std::string Markdown(std::string_view root) const;

 protected:
  using Make = std::shared_ptr<void> (*)();
  struct Check {
    void (*function)();  // of the type that `call` knows
    void (*call)(void (*function)(), const void* object, const Node& node, Decoding& decoding);
    size_t offset = 0;  // of the struct that the function takes
  };
  enum class GroupRule { kExactlyOne, kAtLeastOne, kAtMostOne, kNeeds };
  struct Group {
    GroupRule rule;
    std::vector<std::string_view> fields;
  };

  SpecSchema(std::string_view name, std::string_view doc, Make make);
  void AddRow(std::string_view name, size_t offset, ShapePtr shape, std::string_view doc,
              const FieldOptions& options);
  void AddInline(const SpecSchema& inner, size_t offset);
  void AddGroup(GroupRule rule, std::initializer_list<std::string_view> fields);
  const void* defaults() const { return defaults_.get(); }

  std::vector<Check> checks_;

 private:
  void Rename(std::string_view name) { name_ = name; }
  void ReportUnknown(const Node& entry, Decoding& decoding) const;
  void CheckGroup(const Group& group, const Node& node, Decoding& decoding) const;
  template <class S>
  friend class FieldTable;

  std::string_view name_;
  std::string_view doc_;
  Make make_;
  std::shared_ptr<const void> defaults_;
  std::vector<Row> rows_;
  std::vector<uint16_t> by_name_;  // rows in the order of their names
  std::vector<Group> groups_;
};

}  // namespace holdfast::specs
