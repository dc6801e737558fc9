#include "reconcilers/elasticsearch/settings_put.h"

#include <algorithm>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr Version kNullSince{5, 0, 0};

// Whether a key can be taken away at all.
bool TakesNull(const View& view) { return BehavesSince(view, kNullSince); }

std::string TokensKey(std::string_view key) { return Cat(kExcludePrefix, key); }

// Another text for the same tokens than `now`.
std::string Toggled(const std::vector<std::string>& tokens, std::string_view now) {
  std::string plain = TokensText(tokens);
  return plain != now ? plain : Cat(plain, ",", tokens.back());
}

}  // namespace

Filter TokensInForce(const View& view) {
  Filter filter = EffectiveFilter(view);
  for (auto& [key, tokens] : filter) {
    std::vector<std::string> once;
    for (std::string& token : tokens)
      if (std::find(once.begin(), once.end(), token) == once.end()) once.push_back(std::move(token));
    tokens = std::move(once);
  }
  std::erase_if(filter, [](const auto& entry) { return entry.second.empty(); });
  return filter;
}

std::string TokensText(const std::vector<std::string>& tokens) { return Join(tokens, ","); }

void SettingsPut::Set(std::string key, std::string value) { persistent_[std::move(key)] = std::move(value); }

void SettingsPut::Clear(std::string key, std::string otherwise) {
  if (TakesNull(view_))
    persistent_[std::move(key)] = std::nullopt;
  else
    persistent_[std::move(key)] = std::move(otherwise);
}

void SettingsPut::Exclude(const Filter& wanted) {
  const Filter in_force = TokensInForce(view_);
  for (const auto& [key, tokens] : wanted) {
    if (tokens.empty()) continue;
    const std::string* now = view_.settings.Effective(TokensKey(key));
    Set(TokensKey(key), Toggled(tokens, now == nullptr ? std::string_view() : *now));
  }
  for (const auto& [key, tokens] : in_force) {
    const auto found = wanted.find(key);
    if (found != wanted.end() && !found->second.empty()) continue;
    // Without a value of ours the node's own file would speak again.
    const auto own = view_.settings.defaults.find(TokensKey(key));
    if (own != view_.settings.defaults.end() && !own->second.empty())
      Set(TokensKey(key), "");
    else
      Clear(TokensKey(key), "");
  }
}

Action SettingsPut::Build(const Spec& spec) const {
  json::object persistent, transient;
  for (const auto& [key, value] : persistent_) {
    persistent[JsonView(key)] = value ? json::value(JsonView(*value)) : json::value(nullptr);
    if (!view_.settings.transient.contains(key)) continue;
    transient[JsonView(key)] =
        TakesNull(view_) || !value ? json::value(nullptr) : json::value(JsonView(*value));
  }
  json::object body{{"persistent", std::move(persistent)}};
  if (!transient.empty()) body["transient"] = std::move(transient);
  HttpCall call = CallTo(spec, view_, "PUT", "/_cluster/settings?flat_settings=true");
  call.headers.emplace_back("Content-Type", Text("application/json"));
  call.body = Compact(body);
  return call;
}

HttpCall CallTo(const Spec& spec, const View& view, std::string method, std::string path_and_query) {
  HttpCall call;
  call.method = std::move(method);
  std::string endpoint = view.endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  call.url = Cat(endpoint, path_and_query);
  call.ca_file = spec.ca_file;
  if (!spec.auth) return call;
  if (const auto* basic = std::get_if<BasicLogin>(&*spec.auth)) {
    call.auth = BasicAuth{basic->user, {specs::SecretName(basic->password)}};
  } else {
    Text header("ApiKey ");
    header.pieces.emplace_back(SecretRef{specs::SecretName(std::get<ApiKeyLogin>(*spec.auth).key)});
    call.headers.emplace_back("Authorization", std::move(header));
  }
  return call;
}

}  // namespace holdfast::elasticsearch
