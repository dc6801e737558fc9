// Words of a list, tables, and keyed unions of them.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/reading.h"
#include "specs/schema_writer.h"
#include "specs/shape_of.h"
#include "specs/spec_schema.h"
#include "specs/yaml_text.h"

namespace holdfast::specs {
namespace {

[[noreturn]] void Broken(std::string_view what) {
  std::fprintf(stderr, "a field table is wrong: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

std::string Quoted(std::span<const std::string_view> words) {
  std::vector<std::string> quoted;
  for (std::string_view word : words) quoted.push_back(Cat("`", word, "`"));
  return Enumerate(quoted, 12);
}

class EnumShape final : public Shape {
 public:
  EnumShape(size_t bytes, std::vector<EnumWord> words) : bytes_(bytes), words_(std::move(words)) {
    for (const EnumWord& word : words_) {
      if (ReadingOf(word.text) != Reading::kText)
        Broken(Cat("`", word.text, "` is no word to every reader of YAML"));
      texts_.push_back(word.text);
    }
  }
  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    const auto text = ScalarText(node, decoding, Cat("one of ", Quoted(texts_)));
    if (!text) return;
    for (const EnumWord& word : words_) {
      if (word.text != *text) continue;
      std::memcpy(value, &word.value, bytes_);  // little endian: the low bytes come first
      return;
    }
    BadValue(ProblemCode::kUnknownWord, node, decoding,
             Cat("`", Excerpt(*text, 40), "` is not one of ", Quoted(texts_)))
        .Labelled(DidYouMeanText(*text, texts_));
  }
  void Encode(const void* value, std::string& out) const override {
    int64_t number = 0;
    std::memcpy(&number, value, bytes_);
    for (const EnumWord& word : words_)
      if (std::memcmp(&word.value, value, bytes_) == 0) return AppendJsonText(word.text, out);
    Append(out, number);
  }
  json::object Schema(const Row&, SchemaWriter&) const override {
    json::array words;
    for (std::string_view text : texts_) words.emplace_back(JsonView(text));
    return {{"enum", std::move(words)}};
  }
  std::string TypeText(const Row&) const override {
    std::string out;
    for (std::string_view text : texts_) Append(out, out.empty() ? "" : " | ", text);
    return out;
  }

 private:
  size_t bytes_;
  std::vector<EnumWord> words_;
  std::vector<std::string_view> texts_;
};

class TableShape final : public Shape {
 public:
  explicit TableShape(const SpecSchema& table) : table_(table) {}
  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    table_.DecodeInto(node, value, decoding);
  }
  void Encode(const void* value, std::string& out) const override { table_.AppendCanonical(value, out); }
  json::object Schema(const Row&, SchemaWriter& writer) const override { return writer.Reference(table_); }
  std::string TypeText(const Row&) const override { return std::string(table_.name()); }
  const SpecSchema* table() const override { return &table_; }

 private:
  const SpecSchema& table_;
};

class UnionShape final : public Shape {
 public:
  UnionShape(const std::vector<UnionOps>& types, std::vector<Alternative> alternatives)
      : alternatives_(std::move(alternatives)) {
    for (Alternative& alternative : alternatives_) {
      const UnionOps* found = nullptr;
      for (const UnionOps& type : types)
        if (type.type == alternative.type) found = &type;
      if (found == nullptr) Broken(Cat("`", alternative.row.name, "` is of no type of the variant"));
      ops_.push_back(*found);
      if (!alternative.row.options.pattern.empty())
        alternative.row.pattern = std::make_shared<Pattern>(alternative.row.options.pattern);
      if (alternative.form == Alternative::Form::kKey) keys_.push_back(alternative.row.name);
      if (alternative.form == Alternative::Form::kWord) words_.push_back(alternative.row.name);
      if (alternative.form == Alternative::Form::kPlain) plain_ = &alternative - alternatives_.data();
    }
    if (alternatives_.size() != types.size())
      Broken("a union must say how each type of its variant is written, once");
  }

  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    if (node.IsMap() && !keys_.empty()) return DecodeKey(node, value, decoding);
    if (node.IsScalar() && !words_.empty()) {
      for (size_t i = 0; i < alternatives_.size(); ++i) {
        if (alternatives_[i].form != Alternative::Form::kWord || alternatives_[i].row.name != node.text())
          continue;
        ops_[i].emplace(value);
        return;
      }
    }
    const bool like_a_word =
        node.IsScalar() && ReadingOf(node.text()) == Reading::kText && !node.text().ends_with('%');
    if (plain_ >= 0 && (words_.empty() || !like_a_word)) {
      const auto at = static_cast<size_t>(plain_);
      return alternatives_[at].row.shape->Decode(node, ops_[at].emplace(value), alternatives_[at].row,
                                                 decoding);
    }
    if (!node.IsScalar() || (words_.empty() && plain_ < 0)) return WrongShape(node, decoding, Expected());
    BadValue(ProblemCode::kUnknownWord, node, decoding,
             Cat("`", Excerpt(node.text(), 40), "` is not ", Expected()))
        .Labelled(DidYouMeanText(node.text(), words_));
  }

  void Encode(const void* value, std::string& out) const override {
    for (size_t i = 0; i < alternatives_.size(); ++i) {
      const void* held = ops_[i].get(value);
      if (held == nullptr) continue;
      const Alternative& alternative = alternatives_[i];
      if (alternative.form == Alternative::Form::kWord) return AppendJsonText(alternative.row.name, out);
      const void* inner = static_cast<const char*>(held) + alternative.row.offset;
      if (alternative.form == Alternative::Form::kPlain) return alternative.row.shape->Encode(inner, out);
      out.push_back('{');
      AppendJsonText(alternative.row.name, out);
      out.push_back(':');
      alternative.row.shape->Encode(inner, out);
      out.push_back('}');
      return;
    }
    out.append("null");
  }

  json::object Schema(const Row&, SchemaWriter& writer) const override {
    json::array ways;
    if (!words_.empty()) {
      json::array words;
      for (std::string_view word : words_) words.emplace_back(JsonView(word));
      ways.emplace_back(json::object{{"enum", std::move(words)}});
    }
    if (!keys_.empty()) {
      json::object properties;
      for (const Alternative& alternative : alternatives_)
        if (alternative.form == Alternative::Form::kKey)
          properties[JsonView(alternative.row.name)] = RowSchema(alternative.row, writer);
      ways.emplace_back(json::object{{"type", "object"},
                                     {"minProperties", 1},
                                     {"maxProperties", 1},
                                     {"additionalProperties", false},
                                     {"properties", std::move(properties)}});
    }
    if (plain_ >= 0)
      ways.emplace_back(alternatives_[static_cast<size_t>(plain_)].row.shape->Schema(
          alternatives_[static_cast<size_t>(plain_)].row, writer));
    if (ways.size() == 1) return std::move(ways[0].as_object());
    return {{"anyOf", std::move(ways)}};
  }

  std::string TypeText(const Row&) const override {
    std::string out;
    for (const Alternative& alternative : alternatives_) {
      if (!out.empty()) out.append(" | ");
      if (alternative.form == Alternative::Form::kWord)
        Append(out, alternative.row.name);
      else if (alternative.form == Alternative::Form::kKey)
        Append(out, "{", alternative.row.name, ": …}");
      else
        Append(out, alternative.row.shape->TypeText(alternative.row));
    }
    return out;
  }
  std::span<const Alternative> alternatives() const override { return alternatives_; }

 private:
  void DecodeKey(const Node& node, void* value, Decoding& decoding) const {
    if (node.size() != 1) {
      Diagnostic& problem =
          BadValue(ProblemCode::kNotOneKey, node, decoding, Cat("needs exactly one of ", Quoted(keys_)));
      if (node.size() == 0) return;
      problem.span = (*node.begin()).key_span();
      problem.label = "one";
      size_t shown = 0;
      for (Node entry : node)
        if (shown++ > 0 && shown < 4) problem.Also(entry.key_span(), "another");
      problem.Help("keep one of them");
      return;
    }
    const Node entry = *node.begin();
    for (size_t i = 0; i < alternatives_.size(); ++i) {
      const Alternative& alternative = alternatives_[i];
      if (alternative.form != Alternative::Form::kKey || alternative.row.name != entry.key()) continue;
      decoding.steps.push_back({nullptr, alternative.row.name, Decoding::kNoIndex});
      char* held = static_cast<char*>(ops_[i].emplace(value));
      alternative.row.shape->Decode(entry, held + alternative.row.offset, alternative.row, decoding);
      decoding.steps.pop_back();
      return;
    }
    decoding.problems
        .Error(ProblemCode::kUnknownWord, entry.key_span(),
               Cat(FieldName(decoding), ": `", Excerpt(entry.key(), 60), "` is not one of ", Quoted(keys_)))
        .Labelled(DidYouMeanText(entry.key(), keys_));
  }

  std::string Expected() const {
    std::string out;
    if (!words_.empty()) out = Quoted(words_);
    if (plain_ >= 0)
      Append(out, out.empty() ? "" : " or ",
             alternatives_[static_cast<size_t>(plain_)].row.shape->TypeText({}));
    if (!keys_.empty()) Append(out, out.empty() ? "" : " or ", "a mapping with one of ", Quoted(keys_));
    return out;
  }

  std::vector<Alternative> alternatives_;
  std::vector<UnionOps> ops_;  // of each alternative
  std::vector<std::string_view> keys_, words_;
  ptrdiff_t plain_ = -1;
};

}  // namespace

ShapePtr EnumOf(size_t bytes, std::vector<EnumWord> words) {
  return std::make_shared<EnumShape>(bytes, std::move(words));
}
ShapePtr TableOf(const SpecSchema& table) { return std::make_shared<TableShape>(table); }
ShapePtr UnionOf(std::vector<UnionOps> types, std::vector<Alternative> alternatives) {
  return std::make_shared<UnionShape>(types, std::move(alternatives));
}

}  // namespace holdfast::specs
