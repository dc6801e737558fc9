// The envelope of a document, as a field table: everything but what the kind itself reads.
#pragma once

#include <string>
#include <vector>

#include "specs/document.h"

namespace holdfast::specs {

// Takes the place of a value that is read elsewhere: keeps its node, which lives as long as the tree.
struct Hole {
  Node node;
};
template <>
struct ShapeOf<Hole> {
  static const Shape& Get();
};

struct DocumentHead {
  std::string api_version;
  std::string kind;
  Metadata metadata;
  std::vector<Ref> depends_on;
  Policy policy;
  Hole spec;
};
const FieldTable<DocumentHead>& DocumentHeadFields();

// An Operation's `spec`, but for its verb.
struct OperationHead {
  Ref target;
  std::optional<absl::Time> not_after;
};
const FieldTable<OperationHead>& OperationHeadFields();

}  // namespace holdfast::specs
