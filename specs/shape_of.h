// The shapes of the C++ types that a field can have.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "controller/base/boxed.h"
#include "controller/base/status.h"
#include "controller/base/usual.h"
#include "specs/shape.h"
#include "specs/values.h"

namespace holdfast::specs {

// Specialise for a type of your own, with a TextShape or a Shape, and it can be a Field.
template <class T>
struct ShapeOf;

template <>
struct ShapeOf<bool> {
  static const Shape& Get();
};
template <>
struct ShapeOf<int> {
  static const Shape& Get();
};
template <>
struct ShapeOf<int64_t> {
  static const Shape& Get();
};
template <>
struct ShapeOf<double> {
  static const Shape& Get();
};
template <>
struct ShapeOf<std::string> {
  static const Shape& Get();
};
template <>
struct ShapeOf<absl::Duration> {
  static const Shape& Get();
};
template <>
struct ShapeOf<absl::Time> {
  static const Shape& Get();
};
template <>
struct ShapeOf<Percentage> {
  static const Shape& Get();
};
template <>
struct ShapeOf<CountOrPercentage> {
  static const Shape& Get();
};
template <>
struct ShapeOf<Size> {
  static const Shape& Get();
};
template <>
struct ShapeOf<Hosts> {
  static const Shape& Get();
};
template <>
struct ShapeOf<Argv> {
  static const Shape& Get();
};
template <>
struct ShapeOf<StringOrList> {
  static const Shape& Get();
};
template <>
struct ShapeOf<Secret> {
  static const Shape& Get();
};
template <>
struct ShapeOf<Ref> {
  static const Shape& Get();
};

// A shape that lives for ever, as the pointer that rows hold.
inline ShapePtr Unowned(const Shape& shape) { return ShapePtr(std::shared_ptr<const void>(), &shape); }

// ── containers: the erased ends of std::optional, Boxed and Usual, std::vector and std::map ──
struct OptionalOps {
  void* (*emplace)(void* optional);
  const void* (*get)(const void* optional);  // nullptr when empty
};
struct ListOps {
  void* (*append)(void* list);  // a default element
  void (*clear)(void* list);
  size_t (*size)(const void* list);
  const void* (*at)(const void* list, size_t index);
};
struct MapOps {
  void* (*insert)(void* map, std::string_view key);
  void (*clear)(void* map);
  size_t (*size)(const void* map);
  void (*each)(const void* map, void* to, void (*call)(void* to, std::string_view key, const void* value));
};
ShapePtr OptionalOf(const OptionalOps& ops, ShapePtr inner);
ShapePtr ListOf(const ListOps& ops, ShapePtr inner);
ShapePtr MapOf(const MapOps& ops, ShapePtr inner);

// O is std::optional<T> or Boxed<T>.
template <class O>
inline constexpr OptionalOps kOptionalOps = {[](void* o) -> void* { return &static_cast<O*>(o)->emplace(); },
                                             [](const void* o) -> const void* {
                                               const auto& optional = *static_cast<const O*>(o);
                                               return optional ? &*optional : nullptr;
                                             }};
// Never empty: the usual value is told like any other.
template <class O>
inline constexpr OptionalOps kUsualOps = {
    [](void* o) -> void* { return &static_cast<O*>(o)->emplace(); },
    [](const void* o) -> const void* { return &**static_cast<const O*>(o); }};
template <class T>
inline constexpr ListOps kListOps = {
    [](void* l) -> void* { return &static_cast<std::vector<T>*>(l)->emplace_back(); },
    [](void* l) { static_cast<std::vector<T>*>(l)->clear(); },
    [](const void* l) { return static_cast<const std::vector<T>*>(l)->size(); },
    [](const void* l, size_t i) -> const void* { return &(*static_cast<const std::vector<T>*>(l))[i]; }};
template <class Map>
inline constexpr MapOps kMapOps = {
    [](void* m, std::string_view key) -> void* { return &(*static_cast<Map*>(m))[std::string(key)]; },
    [](void* m) { static_cast<Map*>(m)->clear(); },
    [](const void* m) { return static_cast<const Map*>(m)->size(); },
    [](const void* m, void* to, void (*call)(void*, std::string_view, const void*)) {
      for (const auto& [key, value] : *static_cast<const Map*>(m)) call(to, key, &value);
    }};

// The type in the middle of optionals, lists and maps, and the shape of the whole around the shape of the
// middle.
template <class M>
struct Around {
  using Core = M;
  static ShapePtr Wrap(ShapePtr core) { return core; }
};
template <class T>
struct Around<std::optional<T>> {
  using Core = typename Around<T>::Core;
  static ShapePtr Wrap(ShapePtr core) {
    return OptionalOf(kOptionalOps<std::optional<T>>, Around<T>::Wrap(std::move(core)));
  }
};
template <class T>
struct Around<Boxed<T>> {
  using Core = typename Around<T>::Core;
  static ShapePtr Wrap(ShapePtr core) {
    return OptionalOf(kOptionalOps<Boxed<T>>, Around<T>::Wrap(std::move(core)));
  }
};
template <class T, const T& (*kUsual)()>
struct Around<Usual<T, kUsual>> {
  using Core = typename Around<T>::Core;
  static ShapePtr Wrap(ShapePtr core) {
    return OptionalOf(kUsualOps<Usual<T, kUsual>>, Around<T>::Wrap(std::move(core)));
  }
};
template <class T>
struct Around<std::vector<T>> {
  using Core = typename Around<T>::Core;
  static ShapePtr Wrap(ShapePtr core) { return ListOf(kListOps<T>, Around<T>::Wrap(std::move(core))); }
};
template <class Map>
struct AroundMap {
  using Core = typename Around<typename Map::mapped_type>::Core;
  static ShapePtr Wrap(ShapePtr core) {
    return MapOf(kMapOps<Map>, Around<typename Map::mapped_type>::Wrap(std::move(core)));
  }
};
template <class T>
struct Around<std::map<std::string, T>> : AroundMap<std::map<std::string, T>> {};
// A small one takes half the memory.
template <class T>
struct Around<absl::btree_map<std::string, T>> : AroundMap<absl::btree_map<std::string, T>> {};

// ── a type of your own that is written as one piece of text ──
struct TextOps {
  std::string_view type_name;  // "a wildcard"
  ProblemCode code = ProblemCode::kBadText;
  std::string_view pattern;                             // for editors; ECMA syntax, whole text
  Status (*parse)(std::string_view text, void* value);  // the message says what is wrong with it
  std::string (*format)(const void* value);
};
// `template <> struct ShapeOf<Zone> { static const Shape& Get() { static const TextShape shape(kOps); return
// shape; } };`
class TextShape final : public Shape {
 public:
  explicit TextShape(const TextOps& ops) : ops_(ops) {}
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override;
  void Encode(const void* value, std::string& out) const override;
  boost::json::object Schema(const Row& row, SchemaWriter& writer) const override;
  std::string TypeText(const Row& row) const override;

 private:
  TextOps ops_;
};

// ── words, tables and unions ──
struct EnumWord {
  std::string_view text;
  int64_t value;
};
ShapePtr EnumOf(size_t bytes, std::vector<EnumWord> words);
ShapePtr TableOf(const SpecSchema& table);

struct UnionOps {
  const void* type;  // tag of the variant's i-th type
  void* (*emplace)(void* variant);
  const void* (*get)(const void* variant);  // nullptr when it holds another type
};
ShapePtr UnionOf(std::vector<UnionOps> types, std::vector<Alternative> alternatives);

template <class T>
const void* TypeTag() {
  static const char tag = 0;
  return &tag;
}

template <class V>
struct UnionOpsOf;
template <class... T>
struct UnionOpsOf<std::variant<T...>> {
  using V = std::variant<T...>;
  static std::vector<UnionOps> Get() {
    return {
        UnionOps{TypeTag<T>(), [](void* v) -> void* { return &static_cast<V*>(v)->template emplace<T>(); },
                 [](const void* v) -> const void* { return std::get_if<T>(static_cast<const V*>(v)); }}...};
  }
};

}  // namespace holdfast::specs
