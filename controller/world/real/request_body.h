// The body of a request whose header has passed the shape check.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/world/real/chunks.h"
#include "controller/world/real/request_shape.h"

namespace holdfast {

class RequestBody {
 public:
  explicit RequestBody(const RequestHead& head)
      : framing_(head.framing), left_(head.framing == RequestHead::Framing::kLength ? head.length : 0) {}

  // Uses up some of `bytes`; what is left must be given again, with more behind it, until done.
  std::optional<RequestProblem> Take(std::string_view bytes, size_t* used);
  bool done() const { return framing_ == RequestHead::Framing::kChunked ? chunks_.done() : left_ == 0; }
  std::string& body() { return body_; }

 private:
  RequestHead::Framing framing_;
  uint64_t left_;
  ChunkDecoder chunks_;
  std::string body_;
};

}  // namespace holdfast
