// The chunked framing of an HTTP body, taken apart while it arrives.
#pragma once

#include <cstdint>
#include <string_view>

#include "controller/base/status.h"

namespace holdfast {

// Strict: line ends are CR LF, sizes are hexadecimal digits alone, extensions and trailers are bounded and
// thrown away. Not Beast's: that of Boost 1.81 ends the process when "0\r\n" and the rest of the last chunk
// come separately.
class ChunkDecoder {
 public:
  static constexpr size_t kLongestLine = 1024;
  static constexpr size_t kMostTrailerBytes = 8 << 10;

  // One step: uses up some of `bytes` and says how many; `data` is the part of them that belongs to the body.
  // 0 means that more bytes are needed: what was not used must be given again. InvalidArgument when the
  // framing is broken.
  Result<size_t> Take(std::string_view bytes, std::string_view* data);
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone };

  Status TakeSize(std::string_view line);

  State state_ = State::kSize;
  uint64_t left_ = 0;  // of the chunk
  size_t trailer_bytes_ = 0;
};

}  // namespace holdfast
