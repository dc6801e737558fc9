// The sentences that all shapes share when they refuse a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "specs/shape.h"

namespace holdfast::specs {

// A compiled FieldOptions::pattern. Safe in many threads.
class Pattern {
 public:
  // Ends the program when the pattern is wrong: patterns stand in the source, not in specs.
  explicit Pattern(std::string_view pattern);
  ~Pattern();
  bool Matches(std::string_view whole) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

// "`hosts[2]`": what is being read.
std::string FieldName(const Decoding& decoding);

// The text of a scalar, or nothing after telling that there is none. `expected` with its article: "a
// duration".
std::optional<std::string_view> ScalarText(const Node& node, Decoding& decoding, std::string_view expected);
// The same for a value that other readers must take for text too: plain `no` and `012` are refused.
std::optional<std::string_view> PlainText(const Node& node, Decoding& decoding, std::string_view expected);

// "`x` is a list; expected a duration".
void WrongShape(const Node& node, Decoding& decoding, std::string_view expected);
// "`x`: <why>".
Diagnostic& BadValue(ProblemCode code, const Node& node, Decoding& decoding, std::string_view why);

// Tells when `number` is beyond the row's limits, which `text` writes as people do.
bool CheckBounds(double number, const Node& node, const Row& row, Decoding& decoding,
                 std::string (*text)(double number));
// "1–65535", "at least 1s", "" without limits.
std::string BoundsText(const FieldOptions& options, std::string (*text)(double number));
std::string NumberText(double number);

// `"` + the text as JSON has it + `"`.
void AppendJsonText(std::string_view text, std::string& out);

// One of these was probably meant: "did you mean `x`?", or "".
std::string DidYouMeanText(std::string_view written, std::span<const std::string_view> candidates);

}  // namespace holdfast::specs
