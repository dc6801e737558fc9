// Optionals, lists and maps around any other shape.
#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/reading.h"
#include "specs/schema_writer.h"
#include "specs/shape_of.h"

namespace holdfast::specs {
namespace {

constexpr size_t kLongestMapKey = 253;

// What is around an inner shape passes on what lies below it.
class AroundShape : public Shape {
 public:
  explicit AroundShape(ShapePtr inner) : inner_(std::move(inner)) {}
  const SpecSchema* table() const override { return inner_->table(); }
  std::span<const Alternative> alternatives() const override { return inner_->alternatives(); }

 protected:
  // Counts as written, not as usable: ten items of which one is wrong are ten.
  static bool CheckCount(const Node& node, const Row& row, Decoding& decoding) {
    const FieldOptions& options = row.options;
    if (node.size() >= options.min_items && node.size() <= options.max_items) return true;
    const std::string allowed = node.size() < options.min_items
                                    ? Cat("at least ", Count(options.min_items, "entry", "entries"))
                                    : Cat("at most ", Count(options.max_items, "entry", "entries"));
    BadValue(ProblemCode::kWrongCount, node, decoding, Cat("has ", Count(node.size(), "entry", "entries")))
        .Labelled(Cat("allowed: ", allowed));
    return false;
  }

  ShapePtr inner_;
};

class OptionalShape final : public AroundShape {
 public:
  OptionalShape(const OptionalOps& ops, ShapePtr inner) : AroundShape(std::move(inner)), ops_(ops) {}
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    inner_->Decode(node, ops_.emplace(value), row, decoding);
  }
  void Encode(const void* value, std::string& out) const override {
    if (const void* inner = ops_.get(value))
      inner_->Encode(inner, out);
    else
      out.append("null");
  }
  bool IsUnset(const void* value) const override { return ops_.get(value) == nullptr; }
  json::object Schema(const Row& row, SchemaWriter& writer) const override {
    return inner_->Schema(row, writer);
  }
  std::string TypeText(const Row& row) const override { return inner_->TypeText(row); }

 private:
  OptionalOps ops_;
};

class ListShape final : public AroundShape {
 public:
  ListShape(const ListOps& ops, ShapePtr inner) : AroundShape(std::move(inner)), ops_(ops) {}
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    if (!node.IsList()) return WrongShape(node, decoding, "a list");
    ops_.clear(value);
    if (!CheckCount(node, row, decoding)) return;
    size_t index = 0;
    for (Node item : node) {
      if (!decoding.steps.empty()) decoding.steps.back().index = index++;
      inner_->Decode(item, ops_.append(value), row, decoding);
    }
    if (!decoding.steps.empty()) decoding.steps.back().index = Decoding::kNoIndex;
  }
  void Encode(const void* value, std::string& out) const override {
    out.push_back('[');
    for (size_t i = 0; i < ops_.size(value); ++i) {
      if (i > 0) out.push_back(',');
      inner_->Encode(ops_.at(value, i), out);
    }
    out.push_back(']');
  }
  json::object Schema(const Row& row, SchemaWriter& writer) const override {
    json::object out = {{"type", "array"}, {"maxItems", row.options.max_items}};
    if (row.options.min_items > 0) out["minItems"] = row.options.min_items;
    out["items"] = inner_->Schema(row, writer);
    return out;
  }
  std::string TypeText(const Row& row) const override { return Cat("list of ", inner_->TypeText(row)); }

 private:
  ListOps ops_;
};

class MapShape final : public AroundShape {
 public:
  MapShape(const MapOps& ops, ShapePtr inner) : AroundShape(std::move(inner)), ops_(ops) {}
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    if (!node.IsMap()) return WrongShape(node, decoding, "a mapping");
    ops_.clear(value);
    if (!CheckCount(node, row, decoding)) return;
    for (Node entry : node) {
      decoding.steps.push_back({nullptr, entry.key(), Decoding::kNoIndex});
      if (entry.key().empty() || entry.key().size() > kLongestMapKey)
        decoding.problems.Error(
            ProblemCode::kBadText, entry.key_span(),
            entry.key().empty() ? "a key is empty" : Cat("a key is longer than ", kLongestMapKey, " bytes"));
      inner_->Decode(entry, ops_.insert(value, entry.key()), row, decoding);
      decoding.steps.pop_back();
    }
  }
  void Encode(const void* value, std::string& out) const override {
    struct To {
      std::string& out;
      const Shape& inner;
    } to{out, *inner_};
    out.push_back('{');
    ops_.each(value, &to, [](void* opaque, std::string_view key, const void* entry) {
      const To& to = *static_cast<To*>(opaque);
      if (to.out.back() != '{') to.out.push_back(',');
      AppendJsonText(key, to.out);
      to.out.push_back(':');
      to.inner.Encode(entry, to.out);
    });
    out.push_back('}');
  }
  json::object Schema(const Row& row, SchemaWriter& writer) const override {
    json::object out = {{"type", "object"}, {"maxProperties", row.options.max_items}};
    if (row.options.min_items > 0) out["minProperties"] = row.options.min_items;
    out["propertyNames"] = json::object{{"minLength", 1}, {"maxLength", kLongestMapKey}};
    out["additionalProperties"] = inner_->Schema(row, writer);
    return out;
  }
  std::string TypeText(const Row& row) const override {
    return Cat("mapping of names to ", inner_->TypeText(row));
  }

 private:
  MapOps ops_;
};

}  // namespace

ShapePtr OptionalOf(const OptionalOps& ops, ShapePtr inner) {
  return std::make_shared<OptionalShape>(ops, std::move(inner));
}
ShapePtr ListOf(const ListOps& ops, ShapePtr inner) {
  return std::make_shared<ListShape>(ops, std::move(inner));
}
ShapePtr MapOf(const MapOps& ops, ShapePtr inner) {
  return std::make_shared<MapShape>(ops, std::move(inner));
}

}  // namespace holdfast::specs
