// Where in the text that people wrote something stands.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::specs {

// One file as it was read. Nodes, spans and problems share it; it goes when the last of them does.
struct Source {
  std::string path;
  std::string text;
};
using SourcePtr = std::shared_ptr<const Source>;

// A stretch of a source's text. Lines and columns count from 1, columns in code points; the end is exclusive.
// Line 0 means "the file as a whole".
struct Span {
  SourcePtr source;
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t end_line = 0;
  uint32_t end_column = 0;

  bool operator==(const Span&) const = default;
  std::string_view path() const { return source ? std::string_view(source->path) : std::string_view(); }
};

// The span of the bytes [begin, end). Counts lines from the top, so it is for problems, not for every node.
Span SpanOf(SourcePtr source, size_t begin, size_t end);
// The line without its line break, or "" when there is none with this number.
std::string_view LineText(const Source& source, uint32_t line);

}  // namespace holdfast::specs
