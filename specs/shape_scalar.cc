// Truth values, numbers, text, and types that are written as one piece of text.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cstdint>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/reading.h"
#include "specs/shape_of.h"
#include "specs/yaml_text.h"

namespace holdfast::specs {
namespace {

class BoolShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    const auto text = ScalarText(node, decoding, "true or false");
    if (!text) return;
    if (!node.quoted() && (*text == "true" || *text == "false")) {
      *static_cast<bool*>(value) = *text == "true";
      return;
    }
    const bool odd = !node.quoted() && ReadingOf(*text) == Reading::kOddBool;
    BadValue(odd ? ProblemCode::kAmbiguousScalar : ProblemCode::kWrongShape, node, decoding,
             "only `true` and `false` are truth values")
        .Labelled(node.quoted() ? "text, because of the quotes" : "")
        .Help(odd ? "write true or false; for the word itself, put it in quotes where text is expected"
                  : "write true or false");
  }
  void Encode(const void* value, std::string& out) const override {
    Append(out, *static_cast<const bool*>(value));
  }
  json::object Schema(const Row&, SchemaWriter&) const override { return {{"type", "boolean"}}; }
  std::string TypeText(const Row&) const override { return "true or false"; }
};

void PutBounds(const FieldOptions& options, json::object& schema) {
  const auto put = [&](const char* name, const Bound& bound) {
    if (!bound.given) return;
    const auto whole = static_cast<int64_t>(bound.number);
    if (static_cast<double>(whole) == bound.number)
      schema[name] = whole;
    else
      schema[name] = bound.number;
  };
  put("minimum", options.min);
  put("maximum", options.max);
}

// Tells why a scalar is not the plain decimal number it should be; true when it is one.
bool CheckNumber(const Node& node, std::string_view text, Decoding& decoding, bool whole) {
  const Reading reading = node.quoted() ? Reading::kText : ReadingOf(text);
  if (reading == Reading::kWhole || (reading == Reading::kDecimal && !whole)) return true;
  const std::string_view expected = whole ? "a whole number" : "a number";
  if (reading == Reading::kOddNumber) {
    BadValue(ProblemCode::kAmbiguousScalar, node, decoding,
             Cat("`", Excerpt(text, 40), "` is not the same number to every reader"))
        .Help(Cat(
            "write it as a decimal number without leading zeros, signs and underscores; if it is text: \"",
            Excerpt(text, 40), "\""));
  } else {
    Diagnostic& problem = BadValue(ProblemCode::kNotANumber, node, decoding, Cat("expected ", expected));
    if (node.quoted() && ReadingOf(text) == Reading::kWhole)
      problem.Labelled("text, because of the quotes").Help("leave the quotes out");
  }
  return false;
}

template <class N>
class WholeShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    const auto text = ScalarText(node, decoding, "a whole number");
    if (!text || !CheckNumber(node, *text, decoding, true)) return;
    N number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) {
      BadValue(ProblemCode::kOutOfBounds, node, decoding, "too many digits");
      return;
    }
    if (CheckBounds(static_cast<double>(number), node, row, decoding, NumberText))
      *static_cast<N*>(value) = number;
  }
  void Encode(const void* value, std::string& out) const override {
    Append(out, int64_t{*static_cast<const N*>(value)});
  }
  json::object Schema(const Row& row, SchemaWriter&) const override {
    json::object out = {{"type", "integer"}};
    PutBounds(row.options, out);
    return out;
  }
  std::string TypeText(const Row& row) const override {
    const std::string bounds = BoundsText(row.options, NumberText);
    return bounds.empty() ? "whole number" : Cat("whole number, ", bounds);
  }
};

class DoubleShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    const auto text = ScalarText(node, decoding, "a number");
    if (!text || !CheckNumber(node, *text, decoding, false)) return;
    double number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) {
      BadValue(ProblemCode::kOutOfBounds, node, decoding, "beyond what a number can hold");
      return;
    }
    if (CheckBounds(number, node, row, decoding, NumberText)) *static_cast<double*>(value) = number;
  }
  // With an exponent only after a point, as the decoder wants it.
  void Encode(const void* value, std::string& out) const override {
    std::string text = Cat(*static_cast<const double*>(value));
    const size_t exponent = text.find('e');
    if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
    out.append(text);
  }
  json::object Schema(const Row& row, SchemaWriter&) const override {
    json::object out = {{"type", "number"}};
    PutBounds(row.options, out);
    return out;
  }
  std::string TypeText(const Row& row) const override {
    const std::string bounds = BoundsText(row.options, NumberText);
    return bounds.empty() ? "number" : Cat("number, ", bounds);
  }
};

class StringShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    const auto text = PlainText(node, decoding, "text");
    if (!text) return;
    const FieldOptions& options = row.options;
    if (text->size() < options.min_length) {
      BadValue(ProblemCode::kBadText, node, decoding,
               text->empty() ? "must not be empty" : Cat("at least ", options.min_length, " bytes"));
    } else if (text->size() > options.max_length) {
      BadValue(ProblemCode::kBadText, node, decoding,
               Cat("has ", text->size(), " bytes; at most ", options.max_length, " are allowed"));
    } else if (row.pattern && !row.pattern->Matches(*text)) {
      Diagnostic& problem =
          BadValue(ProblemCode::kBadPattern, node, decoding,
                   Cat("`", Excerpt(*text, 60), "` is not ",
                       options.pattern_says.empty() ? "what is expected here" : options.pattern_says));
      problem.Note(Cat("the whole text must match ", options.pattern));
      if (!options.example.empty()) problem.Help(Cat("for example: ", options.example));
    } else {
      *static_cast<std::string*>(value) = *text;
    }
  }
  void Encode(const void* value, std::string& out) const override {
    AppendJsonText(*static_cast<const std::string*>(value), out);
  }
  json::object Schema(const Row& row, SchemaWriter&) const override {
    json::object out = {{"type", "string"}};
    if (row.options.min_length > 0) out["minLength"] = row.options.min_length;
    out["maxLength"] = row.options.max_length;
    if (!row.options.pattern.empty()) out["pattern"] = Cat("^(?:", row.options.pattern, ")$");
    return out;
  }
  std::string TypeText(const Row& row) const override {
    return row.options.pattern_says.empty() ? "text" : Cat("text: ", row.options.pattern_says);
  }
};

}  // namespace

const Shape& ShapeOf<bool>::Get() {
  static const BoolShape shape;
  return shape;
}
const Shape& ShapeOf<int>::Get() {
  static const WholeShape<int> shape;
  return shape;
}
const Shape& ShapeOf<int64_t>::Get() {
  static const WholeShape<int64_t> shape;
  return shape;
}
const Shape& ShapeOf<double>::Get() {
  static const DoubleShape shape;
  return shape;
}
const Shape& ShapeOf<std::string>::Get() {
  static const StringShape shape;
  return shape;
}

void TextShape::Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const {
  const auto text = PlainText(node, decoding, ops_.type_name);
  if (!text) return;
  if (text->size() > row.options.max_length) {
    BadValue(ProblemCode::kBadText, node, decoding,
             Cat("has ", text->size(), " bytes; at most ", row.options.max_length, " are allowed"));
    return;
  }
  const Status status = ops_.parse(*text, value);
  if (!status.ok()) BadValue(ops_.code, node, decoding, status.message());
}
void TextShape::Encode(const void* value, std::string& out) const { AppendJsonText(ops_.format(value), out); }
json::object TextShape::Schema(const Row&, SchemaWriter&) const {
  json::object out = {{"type", "string"}, {"minLength", 1}};
  if (!ops_.pattern.empty()) out["pattern"] = Cat("^(?:", ops_.pattern, ")$");
  return out;
}
std::string TextShape::TypeText(const Row&) const {
  const std::string_view name = ops_.type_name;
  return std::string(name.starts_with("a ")    ? name.substr(2)
                     : name.starts_with("an ") ? name.substr(3)
                                               : name);
}

}  // namespace holdfast::specs
