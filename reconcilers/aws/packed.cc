#include "reconcilers/aws/packed.h"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::aws {

// A list is written as [null, ITEM, …], an object as [SHAPE, VALUE, …], where SHAPE is a number or the list
// of its members' names.

namespace {

// Serialised by hand where it is as it stands: that is most of all.
void WriteScalar(const json::value& value, std::string& out) {
  const auto is_plain = [](unsigned char c) { return c >= ' ' && c != '"' && c != '\\'; };
  if (const json::string* text = value.if_string(); text != nullptr && std::ranges::all_of(*text, is_plain))
    Append(out, "\"", Chars(*text), "\"");
  else if (const int64_t* number = value.if_int64())
    Append(out, *number);
  else
    out.append(Compact(value));
}

}  // namespace

Packed Packer::Pack(const json::value& item) {
  scratch_.clear();
  Write(item, scratch_);
  return scratch_;
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
    WriteScalar(value, out);
  }
}

void Packer::WriteHead(const json::object& object, std::string& out) {
  names_.clear();
  for (const auto& member : object) Append(names_, member.key().size(), ":", Chars(member.key()));
  auto known = numbers_.find(names_);
  if (known == numbers_.end() && shapes_.size() < kMostShapes) {
    known = numbers_.emplace(names_, shapes_.size()).first;
    std::vector<std::string>& shape = shapes_.emplace_back();
    for (const auto& member : object) shape.emplace_back(Chars(member.key()));
  }
  if (known != numbers_.end()) return Append(out, known->second);
  char separator = '[';
  for (const auto& member : object) {
    out.push_back(separator);
    WriteScalar(json::string(member.key()), out);
    separator = ',';
  }
  out.append(object.empty() ? "[]" : "]");
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
