// A kind as the rest of the house knows it: a row of a list.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/kind/held.h"
#include "controller/kind/permission.h"
#include "specs/kind_table.h"

namespace holdfast {

// Where a system stands whose own notes say what was put aside in it, and how it is reached. But for `from`
// each is what a spec's field of that name would say, or "".
struct RecoveryFrom {
  std::string from, auth, ca, control;
};

struct AnyKind {
  specs::KindEntry entry;  // name, fields, claims, verbs, example
  // `spec` was decoded by the entry's schema. `systems` outlives what is made.
  std::unique_ptr<Resource> (*make)(std::shared_ptr<const void> spec, Systems& systems);
  // Everything that looking at and acting on the spec may need to be allowed, in accounts with permissions.
  // Null for kinds that need none.
  std::vector<Permission> (*permissions)(const void* spec) = nullptr;
  // Files of this machine whose texts are part of what an Operation declares; a word in braces stands for
  // anything. Null for kinds whose Operations say everything themselves.
  std::vector<std::string> (*texts_of_operation)(const void* operation) = nullptr;
  // The `spec` (YAML, two blanks in) that declares nothing but where the system is. Null for kinds that note
  // nothing in the world.
  std::string (*recovery)(const RecoveryFrom& from) = nullptr;
};

// `static std::vector<Permission> Permissions(const Spec& spec)`, for kinds that have it.
template <class K>
constexpr auto PermissionsOf() -> std::vector<Permission> (*)(const void*) {
  if constexpr (requires(const typename K::Spec& spec) { K::Permissions(spec); })
    return [](const void* spec) { return K::Permissions(*static_cast<const typename K::Spec*>(spec)); };
  else
    return nullptr;
}

// `static std::vector<std::string> TextsOf(const Operation& operation)`, for kinds that have it.
template <class K>
constexpr auto TextsOfOperation() -> std::vector<std::string> (*)(const void*) {
  if constexpr (requires(const typename K::Operation& operation) { K::TextsOf(operation); })
    return [](const void* operation) {
      return K::TextsOf(*static_cast<const typename K::Operation*>(operation));
    };
  else
    return nullptr;
}

// `static std::string Recovery(const RecoveryFrom&)`, for kinds that have it.
template <class K>
constexpr auto RecoveryOf() -> std::string (*)(const RecoveryFrom&) {
  if constexpr (requires(const RecoveryFrom& from) { K::Recovery(from); })
    return &K::Recovery;
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
      .permissions = PermissionsOf<K>(),
      .texts_of_operation = TextsOfOperation<K>(),
      .recovery = RecoveryOf<K>()};
}

}  // namespace holdfast
