// Things of an account at rest: there are many of them, each told in the same words.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/json.h"

namespace holdfast::aws {

// An item as the service told it.
using Item = std::shared_ptr<const json::value>;

// JSON in one piece of memory, without the names of members: those are kept once for all objects that have
// the same. Takes a fifth of what the json::value takes. "" is nothing. Of one Packer, two are the same text
// when their items have the same members in the same order.
using Packed = std::string;

class Packer {
 public:
  Packed Pack(const json::value& item);
  // `packed` is of this Packer, and not "".
  Item Unpack(const Packed& packed) const;

  // Names that belong to one thing only ("tag:…") must not fill the memory: an object that comes later with
  // names of its own brings them along.
  static constexpr size_t kMostShapes = 1000;
  size_t shapes() const { return shapes_.size(); }

 private:
  void Write(const json::value& value, std::string& out);
  void WriteHead(const json::object& object, std::string& out);
  json::value Read(json::value coded, const json::storage_ptr& storage) const;

  absl::flat_hash_map<std::string, size_t> numbers_;  // of shapes, by their names one after the other
  std::vector<std::vector<std::string>> shapes_;      // the members' names, in their order
  std::string scratch_, names_;
};

}  // namespace holdfast::aws
