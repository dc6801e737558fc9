// What the journal is still to be told.
#pragma once

#include <absl/time/time.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "controller/journal/record.h"

namespace holdfast {

// Records in the order in which they came, until a commit has them. A source that is loaded brings as many
// specs as there are resources: their texts lie in one block, because each in a piece of its own, between
// what lives for ever, would leave a hole of its size in the heap.
class Unkept {
 public:
  void Add(Record record);
  bool empty() const { return next_ == waiting_.size(); }

  // The oldest, at most so many; they wait no longer.
  std::vector<Record> Take(size_t most);
  std::vector<Record> TakeAll() { return Take(waiting_.size()); }
  // The commit failed: what Take gave is the oldest again.
  void PutBack(std::vector<Record> records);

 private:
  // A SpecInForce without its strings: text, digest, head, file and revision, one after the other.
  struct Packed {
    ResourceKey resource;
    int line = 0;
    int64_t generation = 0;
    absl::Time at;
    size_t begin = 0;
    std::array<uint32_t, 5> sizes{};
  };
  using Waiting = std::variant<Packed, std::unique_ptr<Record>>;
  Packed Pack(const SpecInForce& spec);
  SpecInForce Unpack(Packed packed) const;

  std::vector<Waiting> waiting_;
  size_t next_ = 0;  // of `waiting_`; what lies before is taken
  std::string block_;
};

}  // namespace holdfast
