// An HTTP answer, taken apart while it arrives.
#pragma once

#include <memory>
#include <string_view>

#include "controller/base/status.h"
#include "controller/world/http.h"

namespace holdfast {

// Keeps no bytes: what Take does not use must be given again, with more behind it. Reads one answer; 1xx answers count
// as answers of their own.
class AnswerParser {
 public:
  enum class Body { kExpected, kNone };  // kNone: the answer to HEAD

  AnswerParser(Body body, size_t most_header_bytes, size_t most_body_bytes, HttpSink* sink);
  ~AnswerParser();

  // Uses up some of `bytes` and says how many. Errors: Unavailable (not HTTP), ResourceExhausted (header or body too
  // long), or what the sink returned.
  Result<size_t> Take(std::string_view bytes);
  // The peer has closed: ok when that ends the answer properly.
  Status End();

  bool done() const;
  bool begun() const;        // at least one byte has come
  bool keeps_alive() const;  // only when done
  size_t body_bytes() const;
  HttpResponse& response();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast
