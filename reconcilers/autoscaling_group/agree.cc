#include "reconcilers/autoscaling_group/agree.h"

#include <cmath>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::autoscaling_group {
namespace {

std::string TextOf(const json::value& value) {
  return value.is_string() ? std::string(Chars(value.get_string())) : Compact(value);
}

bool IsSameScalar(const json::value& want, const json::value& seen) {
  if (want.is_bool()) return aws::FlagAt(seen, "") == want.get_bool();
  if (want.is_number()) {
    const auto number = aws::NumberAt(seen, "");
    return number && std::abs(*number - want.to_number<double>()) < 1e-9 * std::max(1.0, std::abs(*number));
  }
  if (!want.is_string() || !seen.is_string()) return want == seen;
  if (want == seen) return true;
  const auto a = ParseRfc3339(Chars(want.get_string())), b = ParseRfc3339(Chars(seen.get_string()));
  return a && b && *a == *b;
}

std::optional<Disagreement> Under(std::string path, const json::value& want, const json::value* seen) {
  const auto differs = [&] {
    return Disagreement{path, TextOf(want), seen == nullptr ? "not set" : TextOf(*seen)};
  };
  if (const json::array* list = want.if_array()) {
    const auto items = seen == nullptr ? std::nullopt : aws::ListAt(*seen, "");
    const size_t there = items ? items->size() : 0;
    if (there != list->size()) return differs();
    for (size_t i = 0; i < there; ++i)
      if (auto found = Under(Cat(path, "[", i, "]"), (*list)[i], (*items)[i])) return found;
    return std::nullopt;
  }
  if (seen == nullptr) return differs();
  const json::object* object = want.if_object();
  if (object == nullptr) {
    if (IsSameScalar(want, *seen)) return std::nullopt;
    return differs();
  }
  for (const auto& [key, value] : *object) {
    const json::value* inner = seen->is_object() ? seen->get_object().if_contains(key) : nullptr;
    if (auto found = Under(path.empty() ? std::string(Chars(key)) : Cat(path, ".", Chars(key)), value, inner))
      return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Disagreement> FirstDisagreement(const json::value& want, const json::value& seen) {
  return Under("", want, &seen);
}

}  // namespace holdfast::autoscaling_group
