#include "controller/world/real/chunks.h"

#include <algorithm>
#include <charconv>

#include "controller/base/text.h"
#include "controller/world/real/http_text.h"

namespace holdfast {

Status ChunkDecoder::TakeSize(std::string_view line) {
  constexpr size_t kMostDigits = 15;
  const size_t end = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
  if (end == 0 || end > kMostDigits) return InvalidArgument("a chunk does not begin with its size");
  if (end < line.size() && line[end] != ';')
    return InvalidArgument("a chunk's size is followed by something else");
  std::from_chars(line.begin(), line.begin() + end, left_, 16);
  return {};
}

Result<size_t> ChunkDecoder::Take(std::string_view bytes, std::string_view* data) {
  *data = {};
  if (state_ == State::kDone || bytes.empty()) return size_t{0};
  if (state_ == State::kData) {
    *data = bytes.substr(0, std::min<uint64_t>(left_, bytes.size()));
    left_ -= data->size();
    if (left_ == 0) state_ = State::kDataEnd;
    return data->size();
  }
  const size_t end = bytes.find_first_of("\r\n");
  if (end == std::string_view::npos || end + 1 == bytes.size()) {
    if (bytes.size() > kLongestLine) return InvalidArgument("a line between the chunks is too long");
    if (end != std::string_view::npos && bytes[end] == '\n')
      return InvalidArgument("a line between the chunks does not end with CR LF");
    return size_t{0};
  }
  if (bytes[end] != '\r' || bytes[end + 1] != '\n')
    return InvalidArgument("a line between the chunks does not end with CR LF");
  const std::string_view line = bytes.substr(0, end);
  if (line.size() > kLongestLine || !IsHttpFieldValue(line))
    return InvalidArgument("a line between the chunks is too long or has control characters in it");
  if (state_ == State::kSize) {
    HF_TRY(TakeSize(line));
    state_ = left_ > 0 ? State::kData : State::kTrailer;
  } else if (state_ == State::kDataEnd) {
    if (!line.empty()) return InvalidArgument("a chunk is longer than it said");
    state_ = State::kSize;
  } else {
    trailer_bytes_ += line.size() + 2;
    if (trailer_bytes_ > kMostTrailerBytes) return InvalidArgument("there are too many trailers");
    if (line.empty()) state_ = State::kDone;
  }
  return end + 2;
}

}  // namespace holdfast
