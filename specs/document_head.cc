#include "specs/document_head.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/reading.h"
#include "specs/schema_writer.h"

namespace holdfast::specs {

std::string_view ModeText(Mode mode) {
  switch (mode) {
    case Mode::kObserve:
      return "observe";
    case Mode::kPropose:
      return "propose";
    case Mode::kAct:
      return "act";
  }
  return "observe";
}

namespace {

class HoleShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row&, Decoding&) const override {
    static_cast<Hole*>(value)->node = node;
  }
  void Encode(const void*, std::string& out) const override { out.append("{}"); }
  bool IsUnset(const void*) const override { return true; }
  json::object Schema(const Row&, SchemaWriter&) const override { return {{"type", "object"}}; }
  std::string TypeText(const Row&) const override { return "mapping, of the kind"; }
};

// One mode for all classes of danger.
struct ModeWord {
  Mode mode = Mode::kObserve;
};

const FieldTable<ModeByDanger>& ModeByDangerFields() {
  const auto words = {std::pair<std::string_view, Mode>("observe", Mode::kObserve),
                      {"propose", Mode::kPropose},
                      {"act", Mode::kAct}};
  static const FieldTable<ModeByDanger> table =
      FieldTable<ModeByDanger>("A mode for each class of danger; what is left out observes.")
          .Enum("reversible", &ModeByDanger::reversible, words,
                "For what can be undone at once: starting, settings that are put back.")
          .Enum("disruptive", &ModeByDanger::disruptive, words,
                "For what takes something away for a while: stopping, restarting.")
          .Enum("destructive", &ModeByDanger::destructive, words, "For what cannot be undone.");
  return table;
}

class ModeShape final : public Shape {
 public:
  ModeShape()
      : word_(EnumOf(sizeof(Mode), {{"observe", int64_t{0}}, {"propose", int64_t{1}}, {"act", int64_t{2}}})),
        table_(TableOf(ModeByDangerFields())) {}

  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    auto& modes = *static_cast<ModeByDanger*>(value);
    if (node.IsMap()) return table_->Decode(node, value, row, decoding);
    Mode mode = Mode::kObserve;
    word_->Decode(node, &mode, row, decoding);
    modes = {mode, mode, mode};
  }
  void Encode(const void* value, std::string& out) const override {
    const auto& modes = *static_cast<const ModeByDanger*>(value);
    const bool same = modes.reversible == modes.disruptive && modes.disruptive == modes.destructive;
    if (same)
      word_->Encode(&modes.reversible, out);
    else
      table_->Encode(value, out);
  }
  json::object Schema(const Row& row, SchemaWriter& writer) const override {
    return {{"anyOf", json::array{word_->Schema(row, writer), table_->Schema(row, writer)}}};
  }
  std::string TypeText(const Row& row) const override {
    return word_->TypeText(row) + " | {reversible, disruptive, destructive: one of them}";
  }

 private:
  ShapePtr word_, table_;
};

constexpr std::string_view kNamePattern = "[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?";

const FieldTable<Metadata>& MetadataFields() {
  static const FieldTable<Metadata> table =
      FieldTable<Metadata>("What the resource is called.")
          .Field("name", &Metadata::name, "Its name, one of its kind in all files.",
                 {.required = true,
                  .pattern = kNamePattern,
                  .pattern_says = "a name of small letters, digits, - and .",
                  .max_length = 253,
                  .example = "search-prod"})
          .Field("labels", &Metadata::labels, "Words to find it by.",
                 {.max_items = 64, .example = "{team: search}"})
          .Field("annotations", &Metadata::annotations, "Remarks for people and tools.",
                 {.min_length = 0, .max_items = 64, .example = "{reason: \"heap leak\"}"});
  return table;
}

const FieldTable<Policy>& PolicyFields() {
  static const FieldTable<Policy> table =
      FieldTable<Policy>("How the resource is treated.")
          .Field("mode", &Policy::mode,
                 "Whether to look only, to propose actions, or to act; for all, or by class of danger.",
                 {.example = "act"})
          .Field("interval", &Policy::interval, "How often to look when nothing happens.",
                 {.min = absl::Seconds(1), .max = absl::Hours(24), .example = "30s"})
          .Field("prune", &Policy::prune, "Whether removing this document removes what it describes.",
                 {.example = "false"});
  return table;
}

}  // namespace

const Shape& ShapeOf<Hole>::Get() {
  static const HoleShape shape;
  return shape;
}
const Shape& ShapeOf<ModeByDanger>::Get() {
  static const ModeShape shape;
  return shape;
}

const FieldTable<DocumentHead>& DocumentHeadFields() {
  static const FieldTable<DocumentHead> table =
      FieldTable<DocumentHead>("One document: one resource that is kept as it is described.")
          .Field("apiVersion", &DocumentHead::api_version, "The version of the language: holdfast/v1.",
                 {.required = true, .example = "holdfast/v1"})
          .Field("kind", &DocumentHead::kind, "What sort of resource it is.",
                 {.required = true, .example = "ServiceStack"})
          .Table("metadata", &DocumentHead::metadata, MetadataFields, "What it is called.",
                 {.required = true, .example = "{name: search-prod}"})
          .Field("dependsOn", &DocumentHead::depends_on,
                 "Resources that must be Ready before this one is acted upon.",
                 {.max_items = 256, .example = "[ServiceStack/storage]"})
          .Table("policy", &DocumentHead::policy, PolicyFields, "How it is treated.",
                 {.example = "{mode: act}"})
          .Field("spec", &DocumentHead::spec, "What it should be like.", {.required = true});
  return table;
}

const FieldTable<OperationHead>& OperationHeadFields() {
  static const FieldTable<OperationHead> table =
      FieldTable<OperationHead>("Something that is done once; afterwards the document is inert and may stay.")
          .Field("target", &OperationHead::target, "To which resource.",
                 {.required = true, .example = "ServiceStack/site"})
          .Field("notAfter", &OperationHead::not_after,
                 "If it was not begun by then, it is not begun any more.",
                 {.example = "2026-11-21T00:00:00Z"});
  return table;
}

}  // namespace holdfast::specs
