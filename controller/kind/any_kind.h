// A kind as the rest of the house knows it: a row of a list.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "controller/kind/held.h"
#include "specs/kind_table.h"

namespace holdfast {

struct AnyKind {
  specs::KindEntry entry;  // name, fields, claims, verbs, example
  // `spec` was decoded by the entry's schema. `systems` outlives what is made.
  std::unique_ptr<Resource> (*make)(std::shared_ptr<const void> spec, Systems& systems);
};

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
      }};
}

}  // namespace holdfast
