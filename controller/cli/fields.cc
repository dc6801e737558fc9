#include "controller/cli/fields.h"

#include <string>

#include "controller/base/time_text.h"

namespace holdfast::cli {

std::string_view Text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(JsonView(name));
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

int64_t Number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(JsonView(name));
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  if (value->is_uint64()) return static_cast<int64_t>(value->get_uint64());
  return 0;
}

bool IsSet(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(JsonView(name));
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object* Object(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(JsonView(name));
  return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

const json::array& List(const json::object& object, std::string_view name) {
  static const json::array kNone;
  const json::value* value = object.if_contains(JsonView(name));
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

absl::Time Moment(const json::object& object, std::string_view name) {
  const auto time = ParseRfc3339(Text(object, name));
  return time ? *time : absl::InfinitePast();
}

}  // namespace holdfast::cli
