// How far an Operation on nodes is, which node comes next, and what must be true of all of them before it
// does.
#pragma once

#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/picture.h"

namespace holdfast::elasticsearch {

inline bool IsChange(const OperationIn<Operation>& operation) {
  return operation.want.verb == Operation::Verb::kConfigChange;
}
inline bool IsDrainedFirst(const OperationIn<Operation>& operation) {
  return IsChange(operation) && operation.want.strategy == Operation::Strategy::kDrainFirst;
}

// Copies that were missing before `since` are none of ours.
Verdict AllCopiesAreBack(const Picture& p, absl::Time since);
// The others follow only when the first ones have run with the new files for a while.
Guard CanariesHaveSettled(const Picture& p, const Roll& roll);

}  // namespace holdfast::elasticsearch
