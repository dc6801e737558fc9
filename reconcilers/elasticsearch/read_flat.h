// Settings as flat keys with text, however the server nests them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconcilers/elasticsearch/read_json.h"

namespace holdfast::elasticsearch {

// {"index": {"routing": {"x": 1}}} and {"index.routing.x": "1"} are the same. A list is its items with commas
// between; in an allocation filter it is "[a, b]", because that is what most versions take it for.
class FlatKeys {
 public:
  void Clear();
  void Open();                     // an object
  void Key(std::string_view key);  // of that object
  void OpenList();
  // True when a list ended: `key` and `list` are what it said.
  bool Close();
  void Item(const Scalar& item);
  bool in_list() const { return list_depth_ > 0; }
  const std::string& key() const { return path_; }
  const std::string& list() const { return list_; }

 private:
  std::string path_;
  std::vector<size_t> lengths_;
  int list_depth_ = 0;
  bool is_empty_ = true;
  std::string list_;
};

// True of `cluster.routing.allocation.{exclude,include,require}.*`.
bool IsAllocationFilter(std::string_view key);

}  // namespace holdfast::elasticsearch
