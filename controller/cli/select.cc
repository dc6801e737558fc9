#include "controller/cli/select.h"

#include <algorithm>
#include <optional>

#include "controller/base/percent.h"
#include "controller/base/text.h"
#include "controller/cli/fields.h"

namespace holdfast::cli {
namespace {

ResourceKey KeyOf(const json::object& resource) {
  return {std::string(Text(resource, "kind")), std::string(Text(resource, "name"))};
}

std::optional<ResourceKey> Split(std::string_view word) {
  const size_t slash = word.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return ResourceKey{std::string(word.substr(0, slash)), std::string(word.substr(slash + 1))};
}

Status NoSuch(const std::string& word, const std::vector<ResourceKey>& all) {
  std::vector<std::string> texts;
  for (const ResourceKey& key : all) {
    texts.push_back(key.Text());
    texts.push_back(key.name);
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const std::string_view meant = DidYouMean(word, views);
  return NotFound(
      Cat("no resource ", Excerpt(word, 100), meant.empty() ? "" : Cat("; did you mean ", meant, "?")));
}

Result<std::vector<ResourceKey>> Meant(const std::string& word, const std::vector<ResourceKey>& all) {
  std::vector<ResourceKey> found;
  const auto whole = Split(word);
  for (const ResourceKey& key : all)
    if (whole ? key == *whole : key.kind == word) found.push_back(key);
  if (!found.empty()) return found;
  if (!whole)
    for (const ResourceKey& key : all)
      if (key.name == word) found.push_back(key);
  if (found.size() > 1) {
    std::vector<std::string> texts;
    for (const ResourceKey& key : found) texts.push_back(key.Text());
    return InvalidArgument(Cat(word, " may mean ", Enumerate(texts), ": write KIND/NAME"));
  }
  if (found.empty()) return NoSuch(word, all);
  return found;
}

}  // namespace

Result<std::vector<ResourceKey>> Select(const json::array& resources, const std::vector<std::string>& words) {
  std::vector<ResourceKey> all, chosen;
  for (const json::value& resource : resources)
    if (resource.is_object()) all.push_back(KeyOf(resource.get_object()));
  if (words.empty()) return all;
  for (const std::string& word : words)
    for (const ResourceKey& key : HF_TRY(Meant(word, all)))
      if (std::find(chosen.begin(), chosen.end(), key) == chosen.end()) chosen.push_back(key);
  return chosen;
}

bool IsMeant(const ResourceKey& key, const std::vector<std::string>& words) {
  return words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& word) {
           return word == key.kind || word == key.name || word == key.Text();
         });
}

Result<ResourceKey> SelectOne(Call& call, const std::string& word) {
  if (const auto whole = Split(word)) return *whole;
  const json::object document = HF_TRY(call.Get("/api/v1/status"));
  const std::vector<ResourceKey> chosen = HF_TRY(Select(List(document, "resources"), {word}));
  if (chosen.size() != 1)
    return InvalidArgument(Cat(word, " means ", Count(chosen.size(), "resource"), ": write KIND/NAME"));
  return chosen[0];
}

Result<std::vector<ResourceKey>> SelectToChange(Call& call) {
  if (call.words().empty() != call.Has("all"))
    return InvalidArgument("name resources as KIND/NAME, or say --all");
  const json::object document = HF_TRY(call.Get("/api/v1/status"));
  std::vector<ResourceKey> chosen = HF_TRY(Select(List(document, "resources"), call.words()));
  std::erase_if(chosen, [](const ResourceKey& key) { return key.kind == "Operation"; });
  return chosen;
}

void KeepOnly(json::object& document, std::string_view list, const std::vector<ResourceKey>& keys) {
  json::array kept;
  for (const json::value& resource : List(document, list))
    if (resource.is_object() &&
        std::find(keys.begin(), keys.end(), KeyOf(resource.get_object())) != keys.end())
      kept.push_back(resource);
  document[JsonView(list)] = std::move(kept);
  document.erase("summary");
}

std::string PathTo(std::string_view route, const ResourceKey& key) {
  return Cat("/api/v1/", route, "/", PercentEncoded(key.kind), "/", PercentEncoded(key.name));
}

}  // namespace holdfast::cli
