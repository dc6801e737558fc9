// Hosts, arguments of programs, secrets and references: values that are text or lists of text.
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <unordered_set>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/reading.h"
#include "specs/shape_of.h"

namespace holdfast::specs {
namespace {

void AppendTexts(const std::vector<std::string>& texts, std::string& out) {
  out.push_back('[');
  for (const std::string& text : texts) {
    if (out.back() != '[') out.push_back(',');
    AppendJsonText(text, out);
  }
  out.push_back(']');
}

// Sets the index of the step in hand while a list's items are read.
class ItemSteps {
 public:
  explicit ItemSteps(Decoding& decoding) : decoding_(decoding) {}
  ~ItemSteps() { Set(Decoding::kNoIndex); }
  void Set(size_t index) {
    if (!decoding_.steps.empty()) decoding_.steps.back().index = index;
  }

 private:
  Decoding& decoding_;
};

bool CheckCount(const Node& node, size_t most, Decoding& decoding) {
  if (node.size() > 0 && node.size() <= most) return true;
  BadValue(ProblemCode::kWrongCount, node, decoding,
           node.size() == 0 ? "must not be empty"
                            : Cat("has ", node.size(), " items; at most ", most, " are allowed"));
  return false;
}

// The items of a list of texts; an item may be empty.
void DecodeTexts(const Node& node, Decoding& decoding, std::vector<std::string>& out) {
  ItemSteps steps(decoding);
  size_t index = 0;
  for (Node item : node) {
    steps.Set(index++);
    const auto text = PlainText(item, decoding, "text");
    if (!text) continue;
    if (text->size() > kMaxTextLength)
      BadValue(ProblemCode::kBadText, item, decoding, Cat("longer than ", kMaxTextLength, " bytes"));
    else
      out.emplace_back(*text);
  }
}

json::object TextSchema(size_t least) {
  return {{"type", "string"}, {"minLength", least}, {"maxLength", kMaxTextLength}};
}

class HostsShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    Hosts hosts;
    if (node.IsList()) {
      if (!CheckCount(node, kMaxHosts, decoding)) return;
      ItemSteps steps(decoding);
      size_t index = 0;
      for (Node item : node) {
        steps.Set(index++);
        Add(item, decoding, hosts);
      }
    } else {
      Add(node, decoding, hosts);
    }
    std::unordered_set<std::string_view> seen;
    for (const std::string& name : hosts.names) {
      if (seen.insert(name).second) continue;
      BadValue(ProblemCode::kBadHosts, node, decoding, Cat("`", name, "` is named twice"))
          .Help("name each host once");
      return;
    }
    *static_cast<Hosts*>(value) = std::move(hosts);
  }
  void Encode(const void* value, std::string& out) const override {
    AppendTexts(static_cast<const Hosts*>(value)->names, out);
  }
  json::object Schema(const Row&, SchemaWriter&) const override {
    const json::object host = {
        {"type", "string"},
        {"minLength", 1},
        {"pattern", "^([A-Za-z0-9._:-]|\\[[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*\\])+$"}};
    return {{"anyOf",
             json::array{host,
                         json::object{
                             {"type", "array"}, {"minItems", 1}, {"maxItems", kMaxHosts}, {"items", host}}}}};
  }
  std::string TypeText(const Row&) const override {
    return "hosts: names, addresses or ranges such as \"dn[01-20]\", one or a list";
  }

 private:
  static void Add(const Node& node, Decoding& decoding, Hosts& hosts) {
    const auto text = PlainText(node, decoding, "a host, a range or a list of them");
    if (!text) return;
    const Status status = ExpandHosts(*text, hosts.names);
    if (!status.ok()) BadValue(ProblemCode::kBadHosts, node, decoding, status.message());
    hosts.written.emplace_back(*text);
  }
};

class ArgvShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    if (node.IsScalar()) {
      BadValue(ProblemCode::kShellLine, node, decoding, "a program with its arguments is a list")
          .Labelled("there is never a shell that would take this apart")
          .Help(Cat("write each argument by itself: ", AsList(node.text())));
      return;
    }
    if (!node.IsList()) return WrongShape(node, decoding, "a list: the program and its arguments");
    Argv argv;
    if (!CheckCount(node, kMaxItems, decoding)) return;
    DecodeTexts(node, decoding, argv.words);
    if (!argv.words.empty() && argv.words[0].empty())
      BadValue(ProblemCode::kBadText, node, decoding, "the program's name is empty");
    *static_cast<Argv*>(value) = std::move(argv);
  }
  void Encode(const void* value, std::string& out) const override {
    AppendTexts(static_cast<const Argv*>(value)->words, out);
  }
  json::object Schema(const Row&, SchemaWriter&) const override {
    return {{"type", "array"}, {"minItems", 1}, {"maxItems", kMaxItems}, {"items", TextSchema(0)}};
  }
  std::string TypeText(const Row&) const override { return "program and arguments, as a list"; }

 private:
  static std::string AsList(std::string_view line) {
    std::string out = "[";
    for (const std::string& word : Split(line.substr(0, 120), ' ')) {
      if (word.empty()) continue;
      if (out.size() > 1) out.append(", ");
      AppendJsonText(word, out);
    }
    return out + "]";
  }
};

class StringOrListShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row& row, Decoding& decoding) const override {
    StringOrList out;
    if (node.IsList()) {
      if (!CheckCount(node, row.options.max_items, decoding)) return;
      DecodeTexts(node, decoding, out.items);
    } else if (const auto text = PlainText(node, decoding, "text or a list of texts")) {
      out.items.emplace_back(*text);
    }
    *static_cast<StringOrList*>(value) = std::move(out);
  }
  void Encode(const void* value, std::string& out) const override {
    AppendTexts(static_cast<const StringOrList*>(value)->items, out);
  }
  json::object Schema(const Row& row, SchemaWriter&) const override {
    return {{"anyOf", json::array{TextSchema(0), json::object{{"type", "array"},
                                                              {"minItems", 1},
                                                              {"maxItems", row.options.max_items},
                                                              {"items", TextSchema(0)}}}}};
  }
  std::string TypeText(const Row&) const override { return "text or list of texts"; }
};

class RefShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    const auto text = PlainText(node, decoding, "KIND/NAME");
    if (!text) return;
    auto ref = ParseRef(*text);
    if (!ref.ok())
      BadValue(ProblemCode::kBadRef, node, decoding, ref.status().message());
    else
      *static_cast<Ref*>(value) = *std::move(ref);
  }
  void Encode(const void* value, std::string& out) const override {
    AppendJsonText(RefText(*static_cast<const Ref*>(value)), out);
  }
  json::object Schema(const Row&, SchemaWriter&) const override {
    return {{"type", "string"}, {"pattern", "^[A-Z][A-Za-z0-9]*/[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$"}};
  }
  std::string TypeText(const Row&) const override { return "KIND/NAME"; }
};

struct SecretWay {
  std::string_view key;
  Secret::From from;
  std::string_view doc;
};
constexpr std::array<SecretWay, 4> kSecretWays = {{
    {"file", Secret::From::kFile, "Path of a file that holds it; a line break at the end is left out."},
    {"credential", Secret::From::kCredential, "Name of a systemd credential (LoadCredential=)."},
    {"exec", Secret::From::kExec, "Program, with its arguments as a list, that prints it."},
    {"env", Secret::From::kEnv,
     "Variable of the controller's environment. Prefer a file: others may read an environment."},
}};

class SecretShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    constexpr std::string_view kExpected = "{valueFrom: {file: PATH}}";
    if (node.IsScalar()) {
      decoding.problems
          .Error(ProblemCode::kSecretInClear, node.span(),
                 Cat(FieldName(decoding), " is a secret and must not stand in a spec"))
          .Labelled("say where it is kept instead")
          .Help(
              "write {valueFrom: {file: PATH}}, or credential, exec or env in place of file; if this one was "
              "committed, change it");
      return;
    }
    if (!node.IsMap()) return WrongShape(node, decoding, kExpected);
    const Node from = node.Find("valueFrom");
    for (Node entry : node) {
      if (entry.key() != "valueFrom")
        decoding.problems
            .Error(ProblemCode::kUnknownField, entry.key_span(),
                   Cat("unknown field `", Excerpt(entry.key(), 60), "` in ", decoding.Where()))
            .Labelled("only `valueFrom` stands here");
    }
    if (!from) {
      decoding.problems
          .Error(ProblemCode::kMissingField, node.key_span(), Cat(FieldName(decoding), " lacks `valueFrom`"))
          .Help(Cat("write ", kExpected));
      return;
    }
    if (!from.IsMap()) return WrongShape(from, decoding, kExpected);
    if (from.size() != 1) {
      BadValue(ProblemCode::kNotOneKey, from, decoding,
               "exactly one of `file`, `credential`, `exec` and `env`");
      return;
    }
    DecodeWay(*from.begin(), decoding, *static_cast<Secret*>(value));
  }

  void Encode(const void* value, std::string& out) const override {
    const Secret& secret = *static_cast<const Secret*>(value);
    for (const SecretWay& way : kSecretWays) {
      if (way.from != secret.from) continue;
      Append(out, "{\"valueFrom\":{\"", way.key, "\":");
      if (way.from == Secret::From::kExec)
        AppendTexts(secret.argv, out);
      else
        AppendJsonText(secret.where, out);
      out.append("}}");
      return;
    }
    out.append("null");
  }
  bool IsUnset(const void* value) const override { return !static_cast<const Secret*>(value)->given(); }

  json::object Schema(const Row&, SchemaWriter&) const override {
    json::object ways;
    for (const SecretWay& way : kSecretWays) {
      json::object schema = TextSchema(1);
      if (way.from == Secret::From::kExec)
        schema = {{"type", "array"}, {"minItems", 1}, {"maxItems", kMaxItems}, {"items", TextSchema(0)}};
      schema["description"] = JsonView(way.doc);
      ways[JsonView(way.key)] = std::move(schema);
    }
    json::object from = {{"type", "object"},
                         {"minProperties", 1},
                         {"maxProperties", 1},
                         {"additionalProperties", false},
                         {"properties", std::move(ways)}};
    return {{"type", "object"},
            {"required", json::array{"valueFrom"}},
            {"additionalProperties", false},
            {"properties", json::object{{"valueFrom", std::move(from)}}}};
  }
  std::string TypeText(const Row&) const override {
    return "secret: {valueFrom: {file | credential | exec | env: …}}, never the secret itself";
  }

 private:
  static void DecodeWay(const Node& node, Decoding& decoding, Secret& out) {
    Secret secret;
    for (const SecretWay& way : kSecretWays)
      if (way.key == node.key()) secret.from = way.from;
    decoding.steps.push_back({nullptr, node.key(), Decoding::kNoIndex});
    if (secret.from == Secret::From::kNone) {
      constexpr std::array<std::string_view, 4> kKeys = {"file", "credential", "exec", "env"};
      decoding.problems
          .Error(ProblemCode::kUnknownWord, node.key_span(),
                 Cat("a secret cannot come from `", Excerpt(node.key(), 60), "`"))
          .Labelled(DidYouMeanText(node.key(), kKeys))
          .Help("it comes from `file`, `credential`, `exec` or `env`");
    } else if (secret.from == Secret::From::kExec) {
      Argv argv;
      ShapeOf<Argv>::Get().Decode(node, &argv, Row{}, decoding);
      secret.argv = std::move(argv.words);
    } else if (const auto text = PlainText(node, decoding, "text")) {
      if (text->empty() || text->size() > kMaxTextLength)
        BadValue(ProblemCode::kBadText, node, decoding, text->empty() ? "must not be empty" : "too long");
      secret.where = *text;
    }
    decoding.steps.pop_back();
    out = std::move(secret);
  }
};

}  // namespace

const Shape& ShapeOf<Hosts>::Get() {
  static const HostsShape shape;
  return shape;
}
const Shape& ShapeOf<Argv>::Get() {
  static const ArgvShape shape;
  return shape;
}
const Shape& ShapeOf<StringOrList>::Get() {
  static const StringOrListShape shape;
  return shape;
}
const Shape& ShapeOf<Secret>::Get() {
  static const SecretShape shape;
  return shape;
}
const Shape& ShapeOf<Ref>::Get() {
  static const RefShape shape;
  return shape;
}

}  // namespace holdfast::specs
