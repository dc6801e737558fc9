// Values with a unit: durations, times, percentages, sizes.
#include <absl/time/time.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "specs/reading.h"
#include "specs/shape_of.h"
#include "specs/yaml_text.h"

namespace holdfast::specs {
namespace {

std::string SecondsText(double seconds) {
  return DurationText(absl::Milliseconds(static_cast<int64_t>(seconds * 1000 + 0.5)));
}
std::string BytesText(double bytes) { return SizeText({static_cast<int64_t>(bytes)}); }
std::string PercentText(double percent) { return Cat(NumberText(percent), "%"); }

std::string WithBounds(std::string_view type, const Row& row, std::string (*text)(double)) {
  const std::string bounds = BoundsText(row.options, text);
  return bounds.empty() ? std::string(type) : Cat(type, ", ", bounds);
}

// A number without its unit is the usual mistake: say what it would be with one.
bool RefuseBareNumber(const Node& node, ProblemCode code, std::string_view what, std::string_view unit,
                      Decoding& decoding) {
  if (!node.IsScalar() || node.quoted() || ReadingOf(node.text()) != Reading::kWhole) return false;
  BadValue(code, node, decoding, Cat(what, " needs a unit")).Help(Cat("for example: ", node.text(), unit));
  return true;
}

class DurationShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    if (RefuseBareNumber(node, ProblemCode::kBadDuration, "a duration", "s", decoding)) return;
    const auto text = PlainText(node, decoding, "a duration");
    if (!text) return;
    const auto duration = *text == "0" ? std::nullopt : ParseDuration(*text);
    if (!duration) {
      BadValue(ProblemCode::kBadDuration, node, decoding, Cat("`", Excerpt(*text, 40), "` is not a duration"))
          .Help("units are ms, s, m, h, d and w, the larger ones first, each with a whole number: 1h30m");
      return;
    }
    if (CheckBounds(absl::ToDoubleSeconds(*duration), node, row, decoding, SecondsText))
      *static_cast<absl::Duration*>(value) = *duration;
  }
  void Encode(const void* value, std::string& out) const override {
    AppendJsonText(DurationText(*static_cast<const absl::Duration*>(value)), out);
  }
  json::object Schema(const Row&, SchemaWriter&) const override {
    return {{"type", "string"},
            {"minLength", 2},
            {"pattern", "^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"}};
  }
  std::string TypeText(const Row& row) const override { return WithBounds("duration", row, SecondsText); }
};

class TimeShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    const auto text = PlainText(node, decoding, "a time");
    if (!text) return;
    const auto time = ParseRfc3339(*text);
    if (!time) {
      BadValue(ProblemCode::kBadTime, node, decoding,
               Cat("`", Excerpt(*text, 40), "` is not a time with a zone"))
          .Help("write date, T, time and zone: 2026-11-23T18:00:00Z or 2026-11-23T19:00:00+01:00");
    } else if (row.options.not_after_now && *time > decoding.context.now) {
      BadValue(ProblemCode::kInTheFuture, node, decoding, "lies in the future")
          .Labelled(Cat("now it is ", Rfc3339(decoding.context.now)))
          .Help("give a moment that has passed");
    } else {
      *static_cast<absl::Time*>(value) = *time;
    }
  }
  void Encode(const void* value, std::string& out) const override {
    AppendJsonText(Rfc3339(*static_cast<const absl::Time*>(value)), out);
  }
  json::object Schema(const Row&, SchemaWriter&) const override {
    return {{"type", "string"},
            {"pattern",
             "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"}};
  }
  std::string TypeText(const Row& row) const override {
    return row.options.not_after_now ? "time with a zone, not in the future" : "time with a zone";
  }
};

// A share of a whole is at most all of it, unless the field says otherwise.
Row WithPercentBounds(const Row& row) {
  Row out{.name = row.name, .options = row.options};
  if (!out.options.min.given) out.options.min = 0;
  if (!out.options.max.given) out.options.max = 100;
  return out;
}

bool DecodePercentage(const Node& node, std::string_view text, const Row& row, Decoding& decoding,
                      Percentage& value) {
  const auto percentage = ParsePercentage(text);
  if (!percentage.ok()) {
    BadValue(ProblemCode::kBadPercentage, node, decoding, percentage.status().message());
    return false;
  }
  if (!CheckBounds(percentage->percent, node, WithPercentBounds(row), decoding, PercentText)) return false;
  value = *percentage;
  return true;
}

json::object PercentageSchema(const Row& row) {
  const bool usual = !row.options.max.given || row.options.max.number == 100;
  return {{"type", "string"},
          {"maxLength", 19},
          {"pattern", usual ? "^(0*100(\\.0+)?|0*[0-9]{1,2}(\\.[0-9]+)?)%$" : "^[0-9]+(\\.[0-9]+)?%$"}};
}

class PercentageShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    if (RefuseBareNumber(node, ProblemCode::kBadPercentage, "a percentage", "%", decoding)) return;
    const auto text = PlainText(node, decoding, "a percentage");
    if (text) DecodePercentage(node, *text, row, decoding, *static_cast<Percentage*>(value));
  }
  void Encode(const void* value, std::string& out) const override {
    AppendJsonText(PercentageText(*static_cast<const Percentage*>(value)), out);
  }
  json::object Schema(const Row& row, SchemaWriter&) const override { return PercentageSchema(row); }
  std::string TypeText(const Row& row) const override {
    return WithBounds("percentage", WithPercentBounds(row), PercentText);
  }
};

// The row's limits are for the count.
class CountOrPercentageShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    auto& out = static_cast<CountOrPercentage*>(value)->value;
    constexpr std::string_view kExpected = "a count or a percentage";
    const auto text = ScalarText(node, decoding, kExpected);
    if (!text) return;
    if (!node.quoted() && ReadingOf(*text) == Reading::kWhole) {
      int64_t count = 0;
      const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
      if (error != std::errc()) {
        BadValue(ProblemCode::kOutOfBounds, node, decoding, "too many digits");
      } else if (CheckBounds(static_cast<double>(count), node, Limits(row), decoding, NumberText)) {
        out = count;
      }
      return;
    }
    Percentage percentage;
    if (!PlainText(node, decoding, kExpected)) return;
    if (!text->ends_with('%')) {
      Diagnostic& problem =
          BadValue(ProblemCode::kBadPercentage, node, decoding, "expected a count (3) or a percentage (50%)");
      if (node.quoted()) problem.Help("a count stands without quotes");
    } else if (DecodePercentage(node, *text, Row{}, decoding, percentage)) {
      out = percentage;
    }
  }
  void Encode(const void* value, std::string& out) const override {
    const auto& either = *static_cast<const CountOrPercentage*>(value);
    if (std::holds_alternative<int64_t>(either.value))
      Append(out, CountOrPercentageText(either));
    else
      AppendJsonText(CountOrPercentageText(either), out);
  }
  json::object Schema(const Row& row, SchemaWriter&) const override {
    const Row limits = Limits(row);
    json::object count = {{"type", "integer"}, {"minimum", static_cast<int64_t>(limits.options.min.number)}};
    if (limits.options.max.given) count["maximum"] = static_cast<int64_t>(limits.options.max.number);
    return {{"anyOf", json::array{count, PercentageSchema({})}}};
  }
  std::string TypeText(const Row&) const override { return "count or percentage"; }

 private:
  static Row Limits(const Row& row) {
    Row out{.name = row.name, .options = row.options};
    if (!out.options.min.given) out.options.min = 0;
    return out;
  }
};

class SizeShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    if (RefuseBareNumber(node, ProblemCode::kBadSize, "a size", "MiB", decoding)) return;
    const auto text = PlainText(node, decoding, "a size");
    if (!text) return;
    const auto size = ParseSize(*text);
    if (!size.ok()) {
      BadValue(ProblemCode::kBadSize, node, decoding,
               Cat("`", Excerpt(*text, 40), "`: ", size.status().message()));
      return;
    }
    if (CheckBounds(static_cast<double>(size->bytes), node, row, decoding, BytesText))
      *static_cast<Size*>(value) = *size;
  }
  void Encode(const void* value, std::string& out) const override {
    AppendJsonText(SizeText(*static_cast<const Size*>(value)), out);
  }
  json::object Schema(const Row&, SchemaWriter&) const override {
    return {{"type", "string"}, {"pattern", "^[0-9]+(B|KiB|MiB|GiB|TiB|PiB|b|kb|mb|gb|tb|pb)$"}};
  }
  std::string TypeText(const Row& row) const override { return WithBounds("size", row, BytesText); }
};

}  // namespace

const Shape& ShapeOf<absl::Duration>::Get() {
  static const DurationShape shape;
  return shape;
}
const Shape& ShapeOf<absl::Time>::Get() {
  static const TimeShape shape;
  return shape;
}
const Shape& ShapeOf<Percentage>::Get() {
  static const PercentageShape shape;
  return shape;
}
const Shape& ShapeOf<CountOrPercentage>::Get() {
  static const CountOrPercentageShape shape;
  return shape;
}
const Shape& ShapeOf<Size>::Get() {
  static const SizeShape shape;
  return shape;
}

}  // namespace holdfast::specs
