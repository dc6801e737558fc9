#include "reconcilers/elasticsearch/obligations.h"

#include <algorithm>

#include "controller/base/json.h"
#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "reconcilers/elasticsearch/read_words.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kLeases = "lease.";
constexpr size_t kReadable = 48;

std::string TextAt(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(JsonView(key));
  return found != nullptr && found->is_string() ? std::string(Chars(found->get_string())) : std::string();
}

json::object ObjectIn(std::string_view text) {
  Result<json::value> parsed = ParseJson(text);
  return parsed.ok() && parsed->is_object() ? std::move(parsed->get_object()) : json::object();
}

}  // namespace

// A key must hold no `*` and no dot that would make one key the parent of another.
std::string MirrorKeyOf(std::string_view object) {
  std::string readable;
  for (const char c : object.substr(0, kReadable)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    readable += plain ? c : '-';
  }
  constexpr size_t kDigits = 10;
  return Cat(kMirrorPrefix, kLeases, readable, "-", Sha256Hex(object).substr(0, kDigits));
}

std::string MirrorText(const Lease& lease) {
  return Compact(json::object{{"object", JsonView(lease.object)},
                              {"before", JsonView(lease.before)},
                              {"wrote", JsonView(lease.wrote)},
                              {"why", JsonView(lease.why)}});
}

std::vector<Obligation> ObligationsOf(const Past& past, const Settings& settings,
                                      std::vector<std::string>* broken) {
  std::vector<Obligation> out;
  out.reserve(past.open.size());
  for (const Lease& lease : past.open)
    out.push_back({.object = lease.object, .before = lease.before, .wrote = lease.wrote, .why = lease.why});
  const std::string prefix = Cat(kMirrorPrefix, kLeases);
  for (auto at = settings.persistent.lower_bound(prefix);
       at != settings.persistent.end() && at->first.starts_with(prefix); ++at) {
    const json::object mirrored = ObjectIn(at->second);
    const std::string object = TextAt(mirrored, "object");
    if (object.empty()) {
      if (broken != nullptr) broken->push_back(at->first);
      continue;
    }
    const auto have =
        std::find_if(out.begin(), out.end(), [&](const Obligation& o) { return o.object == object; });
    if (have != out.end()) {
      have->mirror_key = at->first;
      continue;
    }
    out.push_back({.object = object,
                   .before = TextAt(mirrored, "before"),
                   .wrote = TextAt(mirrored, "wrote"),
                   .why = TextAt(mirrored, "why"),
                   .mirror_key = at->first,
                   .known = Obligation::Known::kMirrorOnly});
  }
  std::sort(out.begin(), out.end(),
            [](const Obligation& a, const Obligation& b) { return a.object < b.object; });
  return out;
}

bool KeepsMirror(const View& view) {
  constexpr Version kSince{7, 0, 0};
  return BehavesSince(view, kSince);
}

NodeIdentity Remember(const Node& node) { return {{IdentityOf(node)}, node.host, node.Incarnation()}; }

std::string IdentityText(const NodeIdentity& identity) {
  json::object attributes;
  for (const auto& [key, value] : identity.attributes) attributes[JsonView(key)] = JsonView(value);
  return Compact(json::object{{"id", JsonView(identity.id)},
                              {"name", JsonView(identity.name)},
                              {"ip", JsonView(identity.ip)},
                              {"host", JsonView(identity.host)},
                              {"incarnation", JsonView(identity.incarnation)},
                              {"version", JsonView(VersionText(identity.version))},
                              {"attributes", std::move(attributes)}});
}

NodeIdentity ParseIdentity(std::string_view text) {
  const json::object object = ObjectIn(text);
  NodeIdentity identity;
  identity.id = TextAt(object, "id");
  identity.name = TextAt(object, "name");
  identity.ip = TextAt(object, "ip");
  identity.host = TextAt(object, "host");
  identity.incarnation = TextAt(object, "incarnation");
  identity.version = ReadVersion(TextAt(object, "version"));
  if (const json::value* attributes = object.if_contains("attributes"); attributes && attributes->is_object())
    for (const auto& [key, value] : attributes->get_object())
      if (value.is_string())
        identity.attributes.emplace_back(std::string(Chars(key)), std::string(Chars(value.get_string())));
  return identity;
}

std::string EnableBeforeText(const EnableBefore& before) {
  return Compact(json::object{{"effective", JsonView(before.effective)},
                              {"persistent", JsonView(before.persistent)},
                              {"node", JsonView(before.node_id)},
                              {"name", JsonView(before.node_name)},
                              {"incarnation", JsonView(before.incarnation)}});
}

EnableBefore ParseEnableBefore(std::string_view text) {
  const json::object object = ObjectIn(text);
  EnableBefore before{.effective = TextAt(object, "effective"),
                      .persistent = TextAt(object, "persistent"),
                      .node_id = TextAt(object, "node"),
                      .node_name = TextAt(object, "name"),
                      .incarnation = TextAt(object, "incarnation")};
  if (before.effective.empty()) before.effective = "all";
  return before;
}

}  // namespace holdfast::elasticsearch
