#include "specs/source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::specs {
namespace {

struct Position {
  uint32_t line;
  uint32_t column;
};

Position PositionOf(std::string_view text, size_t offset) {
  uint32_t line = 1;
  size_t line_begin = 0;
  for (size_t at = 0; at < offset;) {
    const void* found = std::memchr(text.data() + at, '\n', offset - at);
    if (found == nullptr) break;
    line_begin = at = static_cast<size_t>(static_cast<const char*>(found) - text.data()) + 1;
    ++line;
  }
  return {line, static_cast<uint32_t>(CodePoints(text.substr(line_begin, offset - line_begin))) + 1};
}

}  // namespace

Span SpanOf(SourcePtr source, size_t begin, size_t end) {
  const std::string_view text = source->text;
  begin = std::min(begin, text.size());
  end = std::clamp(end, begin, text.size());
  const Position first = PositionOf(text, begin);
  Span span{.line = first.line, .column = first.column};
  const std::string_view between = text.substr(begin, end - begin);
  if (between.find('\n') == std::string_view::npos) {
    span.end_line = first.line;
    span.end_column = first.column + static_cast<uint32_t>(CodePoints(between));
  } else {
    const Position last = PositionOf(text, end);
    span.end_line = last.line;
    span.end_column = last.column;
  }
  span.source = std::move(source);
  return span;
}

std::string_view LineText(const Source& source, uint32_t line) {
  std::string_view rest = source.text;
  for (uint32_t at = 1; at < line; ++at) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

}  // namespace holdfast::specs
