// An HTTP answer, taken apart while it arrives.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "controller/base/status.h"
#include "controller/world/http.h"
#include "controller/world/real/chunks.h"

namespace holdfast {

// Keeps no bytes: what Take does not use must be given again, with more behind it. Reads one answer; 1xx
// answers count as answers of their own.
class AnswerParser {
 public:
  enum class Body { kExpected, kNone };  // kNone: the answer to HEAD

  AnswerParser(Body body, size_t most_header_bytes, size_t most_body_bytes, HttpSink* sink);
  ~AnswerParser();

  // Uses up some of `bytes` and says how many. Errors: Unavailable (not HTTP), ResourceExhausted (header or
  // body too long), or what the sink returned.
  Result<size_t> Take(std::string_view bytes);
  // The peer has closed: ok when that ends the answer properly.
  Status End();

  bool done() const { return state_ == State::kDone; }
  bool keeps_alive() const;  // only when done
  size_t body_bytes() const { return body_bytes_; }
  HttpResponse& response();

 private:
  class Head;
  enum class State { kHead, kLength, kChunks, kUntilEnd, kDone };

  Result<size_t> TakeHead(std::string_view bytes);
  Result<size_t> TakeBody(std::string_view bytes);
  Status BeginBody();
  Status Deliver(std::string_view piece);

  std::unique_ptr<Head> head_;
  Body body_;
  size_t most_header_bytes_, most_body_bytes_;
  HttpSink* sink_;
  State state_ = State::kHead;
  State framing_ = State::kDone;  // how the end of the body was told
  uint64_t left_ = 0;             // with kLength
  ChunkDecoder chunks_;
  size_t body_bytes_ = 0;
  bool begun_ = false;
};

}  // namespace holdfast
