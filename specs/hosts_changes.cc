#include "specs/hosts_changes.h"

#include <utility>

#include "controller/base/text.h"
#include "specs/shape_of.h"
#include "specs/values.h"

namespace holdfast::specs {
namespace {

const json::value* Member(const json::value& of, std::string_view name) {
  return of.is_object() ? of.get_object().if_contains(JsonView(name)) : nullptr;
}

std::string NameOf(const json::value& item) {
  const json::value* name = Member(item, "name");
  return name != nullptr && name->is_string() ? std::string(Chars(name->get_string())) : "";
}

Hosts HostsIn(const json::value& value) {
  Hosts hosts;
  if (!value.is_array()) return hosts;
  for (const json::value& name : value.get_array())
    if (name.is_string()) hosts.names.emplace_back(Chars(name.get_string()));
  return hosts;
}

bool IsHosts(const Row& row) { return row.shape->TypeText(row) == ShapeOf<Hosts>::Get().TypeText(row); }

class Comparison {
 public:
  void Table(const SpecSchema& schema, const json::value& before, const json::value& after,
             const std::string& path) {
    for (const Row& row : schema.rows()) {
      const json::value* was = Member(before, row.name);
      const json::value* is = Member(after, row.name);
      if (was == nullptr || is == nullptr) continue;
      const std::string here = path.empty() ? std::string(row.name) : Cat(path, ".", row.name);
      if (IsHosts(row))
        Leaf(HostsIn(*was), HostsIn(*is), here);
      else if (const SpecSchema* table = row.shape->table())
        Below(*table, *was, *is, here);
    }
  }
  std::vector<HostsDiffer> Take() { return std::move(differ_); }

 private:
  void Leaf(const Hosts& was, const Hosts& is, const std::string& path) {
    if (std::string change = HostsChange(was, is); !change.empty())
      differ_.push_back({path, std::move(change)});
  }
  void Below(const SpecSchema& table, const json::value& was, const json::value& is,
             const std::string& path) {
    if (!was.is_array() || !is.is_array()) return Table(table, was, is, path);
    const json::array& before = was.get_array();
    for (size_t i = 0; i < is.get_array().size(); ++i) {
      const json::value& item = is.get_array()[i];
      const std::string name = NameOf(item);
      const json::value* other = i < before.size() ? &before[i] : nullptr;
      if (!name.empty()) {
        other = nullptr;
        for (const json::value& candidate : before)
          if (NameOf(candidate) == name) other = &candidate;
      }
      if (other != nullptr) Table(table, *other, item, Cat(path, "[", name.empty() ? Cat(i) : name, "]"));
    }
  }

  std::vector<HostsDiffer> differ_;
};

}  // namespace

std::vector<HostsDiffer> HostsChanges(const SpecSchema& schema, const json::value& before,
                                      const json::value& after) {
  Comparison comparison;
  comparison.Table(schema, before, after, "");
  return comparison.Take();
}

}  // namespace holdfast::specs
