// The fields of a struct that people write, each declared once.
//
//   struct RedisProbe { int port = 6379; absl::Duration deadline = absl::Seconds(2); };
//   const FieldTable<RedisProbe>& RedisProbeFields() {
//     static const FieldTable<RedisProbe> table = FieldTable<RedisProbe>("Asks a Redis server PING.")
//         .Field("port", &RedisProbe::port, "Port the server listens on.", {.min = 1, .max = 65535, .example
//         = "6379"}) .Field("deadline", &RedisProbe::deadline, "How long an answer may take.", {.example =
//         "2s"});
//     return table;
//   }
//
// A default is what the struct's member is initialised with. A field that is `required` has none.
// std::optional, and Boxed, stays empty when the field is not written; Usual keeps its usual value. A table
// that is wrong in itself (a name twice, a union that forgets a type) ends the program when it is built:
// every kind's tests build it.
#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "specs/shape_of.h"
#include "specs/spec_schema.h"

namespace holdfast::specs {

// "RedisProbe", from what the compiler calls T.
template <class T>
constexpr std::string_view TypeName() {
  std::string_view text = __PRETTY_FUNCTION__;  // "… TypeName() [T = holdfast::RedisProbe]"
  text = text.substr(text.find("T = ") + 4);
  text = text.substr(0, text.find_first_of(";]"));
  return text.substr(text.rfind(':') + 1);
}

template <class S>
class FieldTable : public SpecSchema {
 public:
  explicit FieldTable(std::string_view doc)
      : SpecSchema(TypeName<S>(), doc, [] { return std::shared_ptr<void>(std::make_shared<S>()); }) {}

  // Another name in schemas and reference pages, where two structs would have the same.
  FieldTable& Named(std::string_view name) { return Rename(name), *this; }

  // A value of any type that ShapeOf knows, also in std::optional, Boxed, Usual, std::vector or
  // std::map<std::string, …>.
  template <class M, class B>
    requires std::derived_from<S, B>
  FieldTable& Field(std::string_view name, M B::* member, std::string_view doc,
                    const FieldOptions& options = {}) {
    AddRow(name, Offset(member), Around<M>::Wrap(Unowned(ShapeOf<typename Around<M>::Core>::Get())), doc,
           options);
    return *this;
  }

  // A struct with a table of its own, also optional, a list or a map of them.
  template <class M, class B, class T>
    requires std::derived_from<S, B> && std::same_as<typename Around<M>::Core, T>
  FieldTable& Table(std::string_view name, M B::* member, const FieldTable<T>& (*fields)(),
                    std::string_view doc, const FieldOptions& options = {}) {
    AddRow(name, Offset(member), Around<M>::Wrap(TableOf(fields())), doc, options);
    return *this;
  }
  // The same, for lists: reads better.
  template <class M, class B, class T>
    requires std::derived_from<S, B> && std::same_as<M, std::vector<T>>
  FieldTable& List(std::string_view name, M B::* member, const FieldTable<T>& (*fields)(),
                   std::string_view doc, const FieldOptions& options = {}) {
    return Table(name, member, fields, doc, options);
  }

  // The fields of another struct on this level, so that several tables share them.
  template <class T, class B>
    requires std::derived_from<S, B>
  FieldTable& Inline(T B::* member, const FieldTable<T>& (*fields)()) {
    AddInline(fields(), Offset(member));
    return *this;
  }

  // One word of a list: `{{"heal", On::kHeal}, {"hold", On::kHold}}`. Also optional, lists, maps.
  template <class M, class B>
    requires std::derived_from<S, B> && std::is_enum_v<typename Around<M>::Core>
  FieldTable& Enum(std::string_view name, M B::* member,
                   std::initializer_list<std::pair<std::string_view, typename Around<M>::Core>> words,
                   std::string_view doc, const FieldOptions& options = {}) {
    std::vector<EnumWord> list;
    for (const auto& [text, value] : words) list.push_back({text, static_cast<int64_t>(value)});
    AddRow(name, Offset(member), Around<M>::Wrap(EnumOf(sizeof(typename Around<M>::Core), std::move(list))),
           doc, options);
    return *this;
  }

  // A std::variant: each of its types is written in its own way, never guessed. Also optional, lists, maps.
  // `{Key<Systemd>("systemd", SystemdFields), Key<Sysv>("sysv", SysvFields)}` reads `{systemd: {…}}`.
  template <class M, class B>
    requires std::derived_from<S, B>
  FieldTable& Union(std::string_view name, M B::* member, std::vector<Alternative> alternatives,
                    std::string_view doc, const FieldOptions& options = {}) {
    using V = typename Around<M>::Core;
    AddRow(name, Offset(member), Around<M>::Wrap(UnionOf(UnionOpsOf<V>::Get(), std::move(alternatives))), doc,
           options);
    return *this;
  }

  // Rules between fields of this level; they are in the JSON Schema too.
  FieldTable& ExactlyOneOf(std::initializer_list<std::string_view> fields) {
    return AddGroup(GroupRule::kExactlyOne, fields), *this;
  }
  FieldTable& AtLeastOneOf(std::initializer_list<std::string_view> fields) {
    return AddGroup(GroupRule::kAtLeastOne, fields), *this;
  }
  FieldTable& AtMostOneOf(std::initializer_list<std::string_view> fields) {
    return AddGroup(GroupRule::kAtMostOne, fields), *this;
  }
  // Whoever writes `field` must write `needed` too.
  FieldTable& Needs(std::string_view field, std::string_view needed) {
    return AddGroup(GroupRule::kNeeds, {field, needed}), *this;
  }

  // Any other rule. Called after the struct was read without an error; `node` is its mapping
  // (node.Find("port")). Use ProblemCode::kRule unless a code fits.
  FieldTable& Check(void (*check)(const S& value, const Node& node, Problems& problems)) {
    checks_.push_back({reinterpret_cast<void (*)()>(check),
                       [](void (*f)(), const void* object, const Node& node, Decoding& decoding) {
                         reinterpret_cast<void (*)(const S&, const Node&, Problems&)>(f)(
                             *static_cast<const S*>(object), node, decoding.problems);
                       }});
    return *this;
  }
  FieldTable& Check(void (*check)(const S& value, const Node& node, Problems& problems,
                                  const DecodeContext& context)) {
    checks_.push_back({reinterpret_cast<void (*)()>(check),
                       [](void (*f)(), const void* object, const Node& node, Decoding& decoding) {
                         reinterpret_cast<void (*)(const S&, const Node&, Problems&, const DecodeContext&)>(
                             f)(*static_cast<const S*>(object), node, decoding.problems, decoding.context);
                       }});
    return *this;
  }

  // Reads a mapping into a default-constructed struct; false when there was an error.
  bool Decode(const Node& node, S& value, Problems& problems, const DecodeContext& context = {}) const {
    const size_t before = problems.errors();
    Decoding decoding(problems, context);
    DecodeInto(node, &value, decoding);
    return problems.errors() == before;
  }
  std::string Canonical(const S& value) const { return SpecSchema::Canonical(&value); }
  const SpecSchema& Erase() const { return *this; }

 private:
  template <class M, class B>
  size_t Offset(M B::* member) const {
    const S& whole = *static_cast<const S*>(defaults());
    return static_cast<size_t>(reinterpret_cast<const char*>(&(whole.*member)) -
                               reinterpret_cast<const char*>(&whole));
  }
};

// ── the ways in which a union's types are written ──

// `{systemd: {unit: …}}`
template <class T>
Alternative Key(std::string_view name, const FieldTable<T>& (*fields)()) {
  return {Alternative::Form::kKey, TypeTag<T>(),
          Row{.name = name, .doc = fields().doc(), .shape = TableOf(fields())}};
}
// `{hold: 1h}`: the value under the key is one member of T.
template <class T, class M>
Alternative Key(std::string_view name, M T::* member, std::string_view doc,
                const FieldOptions& options = {}) {
  static const T whole{};
  const auto offset = reinterpret_cast<const char*>(&(whole.*member)) - reinterpret_cast<const char*>(&whole);
  return {Alternative::Form::kKey, TypeTag<T>(),
          Row{.name = name,
              .doc = doc,
              .offset = static_cast<size_t>(offset),
              .shape = Around<M>::Wrap(Unowned(ShapeOf<typename Around<M>::Core>::Get())),
              .options = options}};
}
// `heal`: a bare word that stands for a default T.
template <class T>
Alternative Word(std::string_view word, std::string_view doc) {
  return {Alternative::Form::kWord, TypeTag<T>(), Row{.name = word, .doc = doc}};
}
// `50%`: anything else is read as a T, a type that ShapeOf knows. At most one in a union.
template <class T>
Alternative Plain(std::string_view doc, const FieldOptions& options = {}) {
  return {Alternative::Form::kPlain, TypeTag<T>(),
          Row{.doc = doc, .shape = Unowned(ShapeOf<T>::Get()), .options = options}};
}

}  // namespace holdfast::specs
