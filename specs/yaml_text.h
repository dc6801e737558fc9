// What the text of a YAML file may contain, and what a scalar in it means to different readers.
#pragma once

#include <cstdint>
#include <string_view>

#include "specs/problem.h"
#include "specs/source.h"

namespace holdfast::specs {

// Size, encoding, control characters. False when the file must not be parsed; then one problem was added.
bool CheckBytes(const SourcePtr& source, Problems& problems);
// Says in words what the parser did not like at the byte.
void ReportSyntax(const SourcePtr& source, int64_t offset, std::string_view parser_says, Problems& problems);
// Whether the quoted text that begins at the byte (perhaps after an anchor) ends before the file does: the
// parser takes the end of the file for a closing quote.
bool IsClosedQuote(std::string_view text, size_t offset);
// One past the closing quote of the quoted text at the byte, or npos when there is none.
size_t QuoteEnd(std::string_view text, size_t begin);
// `~` or `null` where one is written at the offset, else "".
std::string_view NullText(std::string_view text, size_t offset);

enum class Reading {
  kText,       // text to every reader
  kBool,       // true, false
  kWhole,      // 12, -3
  kDecimal,    // 1.5, 1.0e+3
  kOddNumber,  // 012, 0x10, 1_000, +1, 1e3, 1:30: a number to some readers, and not the same one
  kOddBool,    // yes, Off, TRUE: a truth value to some readers
};
Reading ReadingOf(std::string_view plain);

}  // namespace holdfast::specs
