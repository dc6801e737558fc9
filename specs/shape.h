// How one type of value is read, checked, written and described, without knowing where it stands.
#pragma once

#include <absl/time/time.h>

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "specs/node.h"
#include "specs/problem.h"

namespace holdfast::specs {

class SpecSchema;
class SchemaWriter;
struct Alternative;
struct Row;

// A limit of a number, a duration, a size or a percentage; not given by default.
struct Bound {
  constexpr Bound() = default;
  template <class N>
    requires std::is_arithmetic_v<N>
  constexpr Bound(N n) : number(static_cast<double>(n)), given(true) {}  // NOLINT: `.min = 1`
  Bound(absl::Duration d)
      : number(absl::ToDoubleSeconds(d)), given(true) {}  // NOLINT: `.min = absl::Seconds(1)`

  double number = 0;
  bool given = false;
};

inline constexpr size_t kMaxTextLength = 4096;
inline constexpr size_t kMaxItems = 1000;

// What a declaration says of a value beside its type.
struct FieldOptions {
  bool required = false;
  Bound min = {};  // smallest number, duration, size (bytes) or percentage that is allowed
  Bound max = {};
  std::string_view pattern = {};       // RE2; the whole text must match
  std::string_view pattern_says = {};  // the pattern in words: "a DNS name"
  size_t min_length = 1;               // of a text, in bytes: text is not empty unless a field allows it
  size_t max_length = kMaxTextLength;
  size_t min_items = 0;  // of a list or map
  size_t max_items = kMaxItems;
  bool not_after_now = false;     // a time that must not lie in the future
  std::string_view example = {};  // as it stands in YAML
};

struct DecodeContext {
  absl::Time now = absl::InfiniteFuture();  // of this run, for times that must have passed
  std::string_view where = {};              // what the root is called in messages: "ServiceStack.spec"
};

// The work of reading one document: where its problems go, and the way from its root to the value in hand.
class Decoding {
 public:
  struct Step {
    const SpecSchema* table;  // whose field it is
    std::string_view name;
    size_t index;  // in a list, else kNoIndex
  };
  static constexpr size_t kNoIndex = SIZE_MAX;

  Decoding(Problems& problems, const DecodeContext& context) : problems(problems), context(context) {}

  // "ServiceStack.spec.layers[0].services[2]"
  std::string Where() const;

  Problems& problems;
  const DecodeContext& context;
  std::vector<Step> steps;
};

// Stateless or immutable; shared by all rows of its type and by all threads.
class Shape {
 public:
  virtual ~Shape() = default;

  // Reads `node` into `value` (which holds a default). Every error is told; after one the value is not to be
  // used.
  virtual void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const = 0;
  // Appends the value as JSON in the one form that equal values share; Decode reads it back as the same.
  virtual void Encode(const void* value, std::string& out) const = 0;
  // True for an optional that holds nothing: such a field is left out.
  virtual bool IsUnset(const void*) const { return false; }
  // JSON Schema draft-07 of the value.
  virtual boost::json::object Schema(const Row& row, SchemaWriter& writer) const = 0;
  // "duration", "list of Service": for people.
  virtual std::string TypeText(const Row& row) const = 0;

  // What lies below, through lists, maps and optionals.
  virtual const SpecSchema* table() const { return nullptr; }
  virtual std::span<const Alternative> alternatives() const;
};
using ShapePtr = std::shared_ptr<const Shape>;

class Pattern;  // a compiled FieldOptions::pattern

// One field of a table, erased from the struct's type.
struct Row {
  std::string_view name;
  std::string_view doc;
  size_t offset = 0;  // of the member in its struct
  ShapePtr shape;
  FieldOptions options;
  std::shared_ptr<const Pattern> pattern;
  std::string default_json;  // "" when the default is "nothing"
};

// One way in which a keyed union can be written.
struct Alternative {
  enum class Form {
    kWord,   // `heal`
    kKey,    // `{hold: …}`
    kPlain,  // any value of the type: `50%`
  };
  Form form = Form::kKey;
  const void* type = nullptr;  // which of the variant's types
  Row row;                     // name, doc, how the value is read; the offset is within the variant's type
};

}  // namespace holdfast::specs
