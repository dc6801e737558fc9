#include "reconcilers/aws/packed.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::aws {

// A list is written as [null, ITEM, …], an object as [SHAPE, VALUE, …], where SHAPE is a number or the list
// of its members' names.

Packed Packer::Pack(const json::value& item) {
  Packed packed;
  Write(item, packed);
  packed.shrink_to_fit();
  return packed;
}

void Packer::Write(const json::value& value, std::string& out) {
  if (const json::array* list = value.if_array()) {
    out.append("[null");
    for (const json::value& item : *list) out.push_back(','), Write(item, out);
    out.push_back(']');
  } else if (const json::object* object = value.if_object()) {
    out.push_back('[');
    WriteHead(*object, out);
    for (const auto& member : *object) out.push_back(','), Write(member.value(), out);
    out.push_back(']');
  } else {
    out.append(Compact(value));
  }
}

void Packer::WriteHead(const json::object& object, std::string& out) {
  const size_t begin = out.size();
  char separator = '[';
  for (const auto& member : object) {
    out.push_back(separator);
    out.append(json::serialize(member.key()));
    separator = ',';
  }
  out.append(object.empty() ? "[]" : "]");
  const auto known = numbers_.find(absl::string_view(out.data() + begin, out.size() - begin));
  size_t number = shapes_.size();
  if (known != numbers_.end()) {
    number = known->second;
  } else {
    if (number >= kMostShapes) return;
    numbers_.emplace(out.substr(begin), number);
    std::vector<std::string>& names = shapes_.emplace_back();
    for (const auto& member : object) names.emplace_back(Chars(member.key()));
  }
  out.resize(begin);
  Append(out, number);
}

Item Packer::Unpack(const Packed& packed) const {
  // In few pieces, because nothing is ever put into it.
  const json::storage_ptr storage = json::make_shared_resource<json::monotonic_resource>(2 * packed.size());
  return std::make_shared<const json::value>(Read(*ParseJson(packed, storage), storage));
}

json::value Packer::Read(json::value coded, const json::storage_ptr& storage) const {
  json::array* list = coded.if_array();
  if (list == nullptr) return coded;
  const json::value& head = list->front();
  if (head.is_null()) {
    json::array items(storage);
    items.reserve(list->size() - 1);
    for (size_t i = 1; i < list->size(); ++i) items.push_back(Read(std::move((*list)[i]), storage));
    return items;
  }
  json::object object(storage);
  object.reserve(list->size() - 1);
  for (size_t i = 1; i < list->size(); ++i) {
    const json::string_view name = head.is_array() ? json::string_view(head.get_array()[i - 1].get_string())
                                                   : JsonView(shapes_[head.to_number<size_t>()][i - 1]);
    object.emplace(name, Read(std::move((*list)[i]), storage));
  }
  return object;
}

}  // namespace holdfast::aws
