#include "reconcilers/clients/aws/document.h"

#include <charconv>
#include <cmath>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::aws {

namespace {

template <class T>
std::optional<T> Parsed(std::string_view text) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

const json::value* At(const json::value& of, std::string_view path) {
  const json::value* at = &of;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const json::object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(JsonView(path.substr(0, dot)));
    if (at == nullptr) return nullptr;
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return at;
}

std::optional<std::string> TextAt(const json::value& of, std::string_view path) {
  const json::value* at = At(of, path);
  if (at == nullptr || !at->is_string()) return std::nullopt;
  return std::string(Chars(at->get_string()));
}

std::optional<int64_t> WholeAt(const json::value& of, std::string_view path) {
  const json::value* at = At(of, path);
  if (at == nullptr) return std::nullopt;
  if (const int64_t* number = at->if_int64()) return *number;
  if (at->is_string()) return Parsed<int64_t>(Chars(at->get_string()));
  return std::nullopt;
}

std::optional<double> NumberAt(const json::value& of, std::string_view path) {
  const json::value* at = At(of, path);
  if (at == nullptr) return std::nullopt;
  if (at->is_number()) return at->to_number<double>();
  if (!at->is_string()) return std::nullopt;
  const std::optional<double> number = Parsed<double>(Chars(at->get_string()));
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<bool> FlagAt(const json::value& of, std::string_view path) {
  const json::value* at = At(of, path);
  if (at == nullptr) return std::nullopt;
  if (const bool* flag = at->if_bool()) return *flag;
  if (!at->is_string()) return std::nullopt;
  const std::string_view text = Chars(at->get_string());
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<absl::Time> TimeAt(const json::value& of, std::string_view path) {
  const json::value* at = At(of, path);
  if (at == nullptr) return std::nullopt;
  if (at->is_string()) return ParseRfc3339(Chars(at->get_string()));
  if (!at->is_number()) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(at->to_number<double>());
}

std::optional<std::vector<const json::value*>> ListAt(const json::value& of, std::string_view path) {
  const json::value* at = At(of, path);
  if (at == nullptr) return std::nullopt;
  std::vector<const json::value*> items;
  if (const json::array* list = at->if_array()) {
    for (const json::value& item : *list) items.push_back(&item);
  } else if (!at->is_null() && !(at->is_string() && at->get_string().empty())) {
    items.push_back(at);
  }
  return items;
}

}  // namespace holdfast::aws
