#include "specs/kind_table.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace holdfast::specs {

void KindTable::Add(KindEntry entry) {
  std::string name(entry.name);
  if (entry.schema != nullptr && name != kOperationKind && kinds_.emplace(name, std::move(entry)).second)
    return;
  std::fprintf(stderr, "the kind %s is there twice, is reserved or has no schema\n", name.c_str());
  std::abort();
}

const KindEntry* KindTable::Find(std::string_view name) const {
  const auto found = kinds_.find(name);
  return found == kinds_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> KindTable::names() const {
  std::vector<std::string_view> out;
  for (const auto& [name, entry] : kinds_) out.push_back(name);
  return out;
}

}  // namespace holdfast::specs
