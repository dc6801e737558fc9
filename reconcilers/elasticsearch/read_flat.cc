#include "reconcilers/elasticsearch/read_flat.h"

#include "controller/base/text.h"

namespace holdfast::elasticsearch {

bool IsAllocationFilter(std::string_view key) {
  for (const std::string_view prefix :
       {"cluster.routing.allocation.exclude.", "cluster.routing.allocation.include.",
        "cluster.routing.allocation.require."})
    if (key.starts_with(prefix)) return true;
  return false;
}

void FlatKeys::Clear() {
  path_.clear();
  lengths_.clear();
  list_depth_ = 0;
}

void FlatKeys::Open() {
  if (list_depth_ > 0)
    ++list_depth_;
  else
    lengths_.push_back(path_.size());
}

void FlatKeys::Key(std::string_view key) {
  if (list_depth_ > 0 || lengths_.empty()) return;
  path_.resize(lengths_.back());
  if (!path_.empty()) path_ += '.';
  path_ += key;
}

void FlatKeys::OpenList() {
  if (++list_depth_ > 1) return;
  list_.clear();
  is_empty_ = true;
  if (IsAllocationFilter(path_)) list_ = "[";
}

bool FlatKeys::Close() {
  if (list_depth_ == 0) {
    if (!lengths_.empty()) lengths_.pop_back();
    return false;
  }
  if (--list_depth_ > 0) return false;
  if (IsAllocationFilter(path_)) list_ += "]";
  return true;
}

void FlatKeys::Item(const Scalar& item) {
  if (!is_empty_) list_ += IsAllocationFilter(path_) ? ", " : ",";
  is_empty_ = false;
  list_ += item.text;
}

}  // namespace holdfast::elasticsearch
