#include "controller/engine/unkept.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast {

void Unkept::Add(Record record) {
  if (const auto* spec = std::get_if<SpecInForce>(&record))
    waiting_.emplace_back(Pack(*spec));
  else
    waiting_.emplace_back(std::make_unique<Record>(std::move(record)));
}

std::vector<Record> Unkept::Take(size_t most) {
  const size_t end = std::min(waiting_.size(), next_ + std::min(most, waiting_.size()));
  std::vector<Record> taken;
  taken.reserve(end - next_);
  for (; next_ < end; ++next_) {
    if (auto* packed = std::get_if<Packed>(&waiting_[next_]))
      taken.emplace_back(Unpack(std::move(*packed)));
    else
      taken.push_back(std::move(*std::get<std::unique_ptr<Record>>(waiting_[next_])));
  }
  if (empty()) {
    waiting_ = std::vector<Waiting>();
    std::string().swap(block_);  // assigning an empty one would keep the memory
    next_ = 0;
  }
  return taken;
}

void Unkept::PutBack(std::vector<Record> records) {
  std::vector<Waiting> later(std::make_move_iterator(waiting_.begin() + static_cast<std::ptrdiff_t>(next_)),
                             std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  next_ = 0;
  for (Record& record : records) Add(std::move(record));
  std::move(later.begin(), later.end(), std::back_inserter(waiting_));
}

Unkept::Packed Unkept::Pack(const SpecInForce& spec) {
  Packed packed{spec.resource, spec.line, spec.generation, spec.at, block_.size()};
  size_t field = 0;
  for (const std::string* text : {&spec.text, &spec.digest, &spec.head, &spec.file, &spec.revision}) {
    block_ += *text;
    packed.sizes[field++] = static_cast<uint32_t>(text->size());
  }
  return packed;
}

SpecInForce Unkept::Unpack(Packed packed) const {
  SpecInForce spec{.resource = std::move(packed.resource),
                   .line = packed.line,
                   .generation = packed.generation,
                   .at = packed.at};
  size_t begin = packed.begin, field = 0;
  for (std::string* text : {&spec.text, &spec.digest, &spec.head, &spec.file, &spec.revision}) {
    *text = block_.substr(begin, packed.sizes[field]);
    begin += packed.sizes[field++];
  }
  return spec;
}

}  // namespace holdfast
