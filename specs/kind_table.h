// The kinds that a spec can be of, as far as reading specs needs to know them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "specs/spec_schema.h"

namespace holdfast::specs {

// Something that can be done once to a resource of a kind: `restart: {…}` of an Operation document.
struct OperationVerb {
  std::string_view verb;
  const SpecSchema* schema = nullptr;
  std::string_view doc;
};

struct KindEntry {
  std::string_view name;     // lives as long as the table
  std::string_view summary;  // one sentence
  const SpecSchema* schema = nullptr;
  // The world's own identities that the spec is about; two specs that claim one are a problem of both.
  std::function<std::vector<std::string>(const void* spec)> claims;
  std::vector<OperationVerb> operations;
  std::string_view example;  // a whole document
};

inline constexpr std::string_view kOperationKind = "Operation";

// Filled at the start, then read by many threads. Addresses of entries stay.
class KindTable {
 public:
  // Ends the program when the name is there already.
  void Add(KindEntry entry);
  const KindEntry* Find(std::string_view name) const;
  // In alphabetical order, without Operation.
  std::vector<std::string_view> names() const;

 private:
  std::map<std::string, KindEntry, std::less<>> kinds_;
};

}  // namespace holdfast::specs
