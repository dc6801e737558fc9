#include "specs/reading.h"

#include <re2/re2.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "controller/base/text.h"
#include "specs/spec_schema.h"
#include "specs/yaml_text.h"

namespace holdfast::specs {

struct Pattern::Compiled {
  re2::RE2 expression;
};

Pattern::Pattern(std::string_view pattern)
    : compiled_(new Compiled{re2::RE2(re2::StringPiece(pattern.data(), pattern.size()), re2::RE2::Quiet)}) {
  if (compiled_->expression.ok()) return;
  std::fprintf(stderr, "a field's pattern is wrong: %s\n", compiled_->expression.error().c_str());
  std::abort();
}
Pattern::~Pattern() = default;

bool Pattern::Matches(std::string_view whole) const {
  return re2::RE2::FullMatch(re2::StringPiece(whole.data(), whole.size()), compiled_->expression);
}

std::span<const Alternative> Shape::alternatives() const { return {}; }

std::string Decoding::Where() const {
  std::string out(context.where);
  for (const Step& step : steps) {
    if (!step.name.empty()) Append(out, out.empty() ? "" : ".", Excerpt(step.name, 60));
    if (step.index != kNoIndex) Append(out, "[", step.index, "]");
  }
  return out;
}

std::string FieldName(const Decoding& decoding) {
  if (decoding.steps.empty()) return Cat("`", decoding.context.where, "`");
  const Decoding::Step& last = decoding.steps.back();
  std::string out = Cat("`", Excerpt(last.name, 60));
  if (last.index != Decoding::kNoIndex) Append(out, "[", last.index, "]");
  return out + "`";
}

void WrongShape(const Node& node, Decoding& decoding, std::string_view expected) {
  std::string_view is = "text";
  switch (node.type()) {
    case NodeType::kNull:
      decoding.problems.Error(ProblemCode::kNoValue, node.span(), Cat(FieldName(decoding), " has no value"))
          .Labelled(Cat("expected ", expected))
          .Help("give it a value or leave the field out");
      return;
    case NodeType::kList:
      is = "a list";
      break;
    case NodeType::kMap:
      is = "a mapping";
      break;
    case NodeType::kAbsent:
    case NodeType::kScalar:
      break;
  }
  decoding.problems
      .Error(ProblemCode::kWrongShape, node.span(), Cat(FieldName(decoding), " is ", is, " here"))
      .Labelled(Cat("expected ", expected));
}

Diagnostic& BadValue(ProblemCode code, const Node& node, Decoding& decoding, std::string_view why) {
  return decoding.problems.Error(code, node.span(), Cat(FieldName(decoding), ": ", why));
}

std::optional<std::string_view> ScalarText(const Node& node, Decoding& decoding, std::string_view expected) {
  if (node.IsScalar()) return node.text();
  WrongShape(node, decoding, expected);
  return std::nullopt;
}

std::optional<std::string_view> PlainText(const Node& node, Decoding& decoding, std::string_view expected) {
  const auto text = ScalarText(node, decoding, expected);
  if (!text || node.quoted() || ReadingOf(*text) == Reading::kText) return text;
  const bool number = ReadingOf(*text) != Reading::kBool && ReadingOf(*text) != Reading::kOddBool;
  decoding.problems
      .Error(ProblemCode::kAmbiguousScalar, node.span(),
             Cat(FieldName(decoding), " is ", expected, ", but `", *text, "` is not text to every reader"))
      .Labelled(number ? "read as a number" : "read as true or false")
      .Help(Cat("write it in quotes: \"", *text, "\""));
  return std::nullopt;
}

std::string NumberText(double number) {
  if (std::floor(number) == number && std::fabs(number) < 1e15) return Cat(static_cast<int64_t>(number));
  return Cat(number);
}

std::string BoundsText(const FieldOptions& options, std::string (*text)(double number)) {
  if (options.min.given && options.max.given)
    return Cat(text(options.min.number), "–", text(options.max.number));
  if (options.min.given) return Cat("at least ", text(options.min.number));
  if (options.max.given) return Cat("at most ", text(options.max.number));
  return {};
}

bool CheckBounds(double number, const Node& node, const Row& row, Decoding& decoding,
                 std::string (*text)(double number)) {
  const bool low = row.options.min.given && number < row.options.min.number;
  const bool high = row.options.max.given && number > row.options.max.number;
  if (!low && !high) return true;
  decoding.problems
      .Error(ProblemCode::kOutOfBounds, node.span(),
             Cat(FieldName(decoding), " is ", low ? "too small" : "too large"))
      .Labelled(Cat("allowed: ", BoundsText(row.options, text)));
  return false;
}

void AppendJsonText(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  size_t copied = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, copied, at - copied);
    copied = at + 1;
    out.push_back('\\');
    if (c == '"' || c == '\\')
      out.push_back(static_cast<char>(c));
    else if (c == '\n')
      out.push_back('n');
    else if (c == '\t')
      out.push_back('t');
    else if (c == '\r')
      out.push_back('r');
    else
      out.append({'u', '0', '0', kHex[c >> 4], kHex[c & 15]});
  }
  out.append(text, copied);
  out.push_back('"');
}

std::string DidYouMeanText(std::string_view written, std::span<const std::string_view> candidates) {
  const std::string_view meant = DidYouMean(written, candidates);
  return meant.empty() ? std::string() : Cat("did you mean `", meant, "`?");
}

}  // namespace holdfast::specs
