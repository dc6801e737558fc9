// A kind as the rest of the house knows it: a row of a list.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/kind/held.h"
#include "controller/kind/permission.h"
#include "specs/kind_table.h"

namespace holdfast {

struct AnyKind {
  specs::KindEntry entry;  // name, fields, claims, verbs, example
  // `spec` was decoded by the entry's schema. `systems` outlives what is made.
  std::unique_ptr<Resource> (*make)(std::shared_ptr<const void> spec, Systems& systems);
  // Everything that looking at and acting on the spec may need to be allowed, in accounts with permissions.
  // Null for kinds that need none.
  std::vector<Permission> (*permissions)(const void* spec) = nullptr;
};

// `static std::vector<Permission> Permissions(const Spec& spec)`, for kinds that have it.
template <class K>
constexpr auto PermissionsOf() -> std::vector<Permission> (*)(const void*) {
  if constexpr (requires(const typename K::Spec& spec) { K::Permissions(spec); })
    return [](const void* spec) { return K::Permissions(*static_cast<const typename K::Spec*>(spec)); };
  else
    return nullptr;
}

// `example` is a whole document that lives as long as the program.
template <Kind K>
AnyKind Erase(std::string_view example) {
  return {
      .entry = {.name = K::kName,
                .summary = K::kSummary,
                .schema = &K::Fields().Erase(),
                .claims =
                    [](const void* spec) { return K::Claims(*static_cast<const typename K::Spec*>(spec)); },
                .operations = K::OperationFields(),
                .example = example},
      .make = [](std::shared_ptr<const void> spec, Systems& systems) -> std::unique_ptr<Resource> {
        return std::make_unique<Held<K>>(std::static_pointer_cast<const typename K::Spec>(std::move(spec)),
                                         systems);
      },
      .permissions = PermissionsOf<K>()};
}

}  // namespace holdfast
