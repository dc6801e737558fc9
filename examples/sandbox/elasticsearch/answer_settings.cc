// _cluster/settings: what is set, what is in force without that, and changing it.
#include <absl/strings/numbers.h>

#include <algorithm>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/call.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

// A list is stored as its text; servers print it as a list again.
json::value ValueOf(const std::string& text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return json::value(JsonView(text));
  json::array list;
  for (const std::string& element : Split(std::string_view(text).substr(1, text.size() - 2), ','))
    list.emplace_back(JsonView(Trim(element)));
  return list;
}

void PutNested(json::object& into, std::string_view key, const std::string& value) {
  const size_t dot = key.find('.');
  if (dot == key.npos) {
    into[JsonView(key)] = ValueOf(value);
    return;
  }
  json::value& member = into[JsonView(key.substr(0, dot))];
  if (!member.is_object()) {
    if (!member.is_null()) {  // it has a value of its own besides: flat, as servers do it
      into[JsonView(key)] = ValueOf(value);
      return;
    }
    member.emplace_object();
  }
  PutNested(member.get_object(), key.substr(dot + 1), value);
}

std::string ScalarText(const json::value& value) {
  if (value.is_string()) return std::string(Chars(value.get_string()));
  if (!value.is_array()) return Compact(value);
  std::vector<std::string> elements;
  for (const json::value& element : value.get_array()) elements.push_back(ScalarText(element));
  return Cat("[", Join(elements, ", "), "]");
}

void Flatten(const json::object& object, const std::string& prefix,
             std::map<std::string, std::optional<std::string>>& into) {
  for (const auto& [name, value] : object) {
    const std::string key = prefix.empty() ? std::string(Chars(name)) : Cat(prefix, ".", Chars(name));
    if (value.is_object())
      Flatten(value.get_object(), key, into);
    else
      into[key] = value.is_null() ? std::nullopt : std::optional(ScalarText(value));
  }
}

// Older servers know an array by its text only, and the text fits no node.
Result<SettingsChange> ReadChange(const std::string& body) {
  const Result<json::value> parsed = ParseJson(body);
  if (!parsed.ok())
    return InvalidArgument(Cat("request body is not valid JSON: ", parsed.status().message()));
  const json::object* object = parsed->if_object();
  if (object == nullptr) return InvalidArgument("request body is no object");
  SettingsChange change;
  for (const auto& [name, value] : *object) {
    const bool known = name == "persistent" || name == "transient";
    if (!known || !value.is_object())
      return InvalidArgument(Cat("unknown field [", Chars(name), "] in the body of cluster settings"));
    Flatten(value.get_object(), "", name == "persistent" ? change.persistent : change.transient);
  }
  if (change.persistent.empty() && change.transient.empty())
    return InvalidArgument("Validation Failed: 1: no settings to update;");
  return change;
}

Texts Taken(const Texts& now, const std::map<std::string, std::optional<std::string>>& change) {
  Texts taken;
  for (const auto& [key, value] : change)
    if (const auto found = now.find(key); value && found != now.end()) taken[key] = found->second;
  return taken;
}

Texts DefaultsNow(const Ground& ground) {
  Texts defaults = AllDefaults();
  if (ground.quirks.voting_configuration) defaults["cluster.auto_shrink_voting_configuration"] = "true";
  if (ground.master != kNowhere)
    for (const auto& [key, value] : ground.nodes[ground.master].yml) defaults[key] = value;
  defaults["cluster.name"] = ground.name;
  for (const Texts* scope : {&ground.persistent, &ground.transient})
    for (const auto& [key, value] : *scope) defaults.erase(key);
  return defaults;
}

}  // namespace

void PutSettings(FilteredJson& out, const Call& call, std::string_view key, const Texts& settings) {
  if (call.Is("flat_settings")) {
    out.Begin(key);
    for (const auto& [name, value] : settings) out.PutValue(name, ValueOf(value));
    out.End();
    return;
  }
  json::object nested;
  for (const auto& [name, value] : settings) PutNested(nested, name, value);
  out.PutValue(key, nested);
}

Answer TellSettings(Call& call) {
  FilteredJson out = call.Document();
  PutSettings(out, call, "persistent", call.ground.persistent);
  PutSettings(out, call, "transient", call.ground.transient);
  if (call.Is("include_defaults") && call.ground.quirks.tells_defaults)
    PutSettings(out, call, "defaults", DefaultsNow(call.ground));
  return Answered(out);
}

Answer PutSettingsRoute(Call& call) {
  const Result<SettingsChange> change = ReadChange(call.request.body);
  if (!change.ok()) return Refuse(400, "action_request_validation_exception", change.status().message());
  const std::optional<WriteAnswer> instead = call.cluster.TakeWriteAnswer();
  if (instead == WriteAnswer::kTimedOutNotApplied)
    return Refuse(503, "process_cluster_event_timeout_exception",
                  "failed to process cluster event (cluster_update_settings) within 30s");
  const Status status = call.cluster.Change(*change, call.by);
  if (!status.ok()) return Refuse(400, "illegal_argument_exception", status.message());
  if (instead == WriteAnswer::kErrorButApplied)
    return Refuse(500, "exception", "reroute after update settings failed");
  const bool unheard = instead == WriteAnswer::kNotAcknowledged || call.Parameter("timeout") == "0s";
  FilteredJson out = call.Document();
  out.PutTruth("acknowledged", unheard ? "false" : "true");
  PutSettings(out, call, "persistent", Taken(call.ground.persistent, change->persistent));
  PutSettings(out, call, "transient", Taken(call.ground.transient, change->transient));
  return Answered(out);
}

// `null` takes a key away, with or without the word `index.` before it.
Answer PutIndexSettings(Call& call) {
  const Result<json::value> parsed = ParseJson(call.request.body);
  const json::object* object = parsed.ok() ? parsed->if_object() : nullptr;
  if (object == nullptr) return Refuse(400, "parse_exception", "request body is required");
  std::map<std::string, std::optional<std::string>> flat;
  Flatten(*object, "", flat);
  const std::vector<std::string> names = Split(call.path[0], ',');
  for (const std::string& name : names)
    if (std::none_of(call.ground.indices.begin(), call.ground.indices.end(),
                     [&](const Index& index) { return index.name == name; }))
      return Refuse(404, "index_not_found_exception", Cat("no such index [", name, "]"));
  for (const auto& [key, value] : flat)
    call.cluster.ChangeIndices(names, key.starts_with("index.") ? key : Cat("index.", key), value, call.by);
  FilteredJson out = call.Document();
  out.PutTruth("acknowledged", "true");
  return Answered(out);
}

}  // namespace holdfast::sandbox::elasticsearch
