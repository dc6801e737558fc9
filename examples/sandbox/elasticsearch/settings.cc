#include "examples/sandbox/elasticsearch/settings.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

constexpr std::string_view kMetadata = "cluster.metadata.";
constexpr std::string_view kArchived = "archived.";
constexpr std::string_view kForced = "cluster.routing.allocation.awareness.force.";

bool IsFilterKey(std::string_view key) {
  if (!key.starts_with(kFilterPrefix)) return false;
  key.remove_prefix(kFilterPrefix.size());
  return key.starts_with("exclude.") || key.starts_with("include.") || key.starts_with("require.");
}

// "_ip" of "cluster.routing.allocation.exclude._ip".
std::string AttributeOf(std::string_view key) {
  return std::string(key.substr(key.find('.', kFilterPrefix.size()) + 1));
}

bool IsIp(std::string_view text) {
  if (text.find(':') != text.npos)
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':' || c == '.'; });
  const std::vector<std::string> parts = Split(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
           int value = 0;
           return absl::SimpleAtoi(part, &value) && value >= 0 && value <= 255;
         });
}

// As the server's own simple patterns: `*` stands for any text.
bool Like(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  pattern.remove_prefix(star + 1);
  text.remove_prefix(star);
  for (size_t skip = 0; skip <= text.size(); ++skip)
    if (Like(pattern, text.substr(skip))) return true;
  return false;
}

bool MayLackStar(const Quirks& quirks) {
  return quirks.flavor == Flavor::kElasticsearch && quirks.version >= Version{5, 2, 0} &&
         quirks.version < Version{5, 6, 0};
}

Status CheckFilter(const Ground& ground, const std::string& key, const std::string& value) {
  const std::string attribute = AttributeOf(key);
  if (attribute != "_ip" && attribute != "_host_ip" && attribute != "_publish_ip") return {};
  if (ground.quirks.flavor == Flavor::kElasticsearch && ground.quirks.version < Version{5, 2, 0}) return {};
  for (const std::string& token : Tokens(ground.quirks, value)) {
    const bool star = token.find('*') != token.npos && !MayLackStar(ground.quirks);
    if (!star && !IsIp(token))
      return InvalidArgument(Cat("invalid IP address [", token, "] for [", key, "]"));
  }
  return {};
}

Status CheckValue(const Ground& ground, const std::string& key, const std::string& value) {
  if (IsFilterKey(key)) return CheckFilter(ground, key, value);
  if (key == "cluster.routing.allocation.enable" || key == "cluster.routing.rebalance.enable") {
    constexpr std::array<std::string_view, 5> kModes = {"all", "primaries", "new_primaries", "replicas",
                                                        "none"};
    const bool rebalance = key.find("rebalance") != key.npos;
    const std::string mode = Lower(value);
    const bool known = std::find(kModes.begin(), kModes.end(), mode) != kModes.end() &&
                       mode != (rebalance ? "new_primaries" : "replicas");
    if (!known) {
      std::string upper = value;
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      return InvalidArgument(
          Cat("Illegal ", rebalance ? "rebalance" : "allocation", ".enable value [", upper, "]"));
    }
  }
  const std::string otherwise = DefaultOf(ground.quirks, key).value_or("");
  int number = 0;
  if (absl::SimpleAtoi(otherwise, &number) && !absl::SimpleAtoi(value, &number))
    return InvalidArgument(Cat("Failed to parse value [", value, "] for setting [", key, "]"));
  if (otherwise.ends_with("mb") && BytesOf(value, -1) < 0)
    return InvalidArgument(Cat("failed to parse setting [", key, "] with value [", value,
                               "] as a size in bytes: unit is missing or unrecognized"));
  return {};
}

bool IsKnown(const Quirks& quirks, const std::string& key) {
  if (IsFilterKey(key) || key.starts_with(kForced) || key.starts_with("logger.")) return true;
  if (key.starts_with(kMetadata)) return quirks.keeps_metadata_settings;
  return DefaultOf(quirks, key).has_value();
}

void Take(Texts& scope, const std::string& key) {
  if (!key.ends_with('*')) {
    scope.erase(key);
    return;
  }
  const std::string_view prefix = std::string_view(key).substr(0, key.size() - 1);
  std::erase_if(scope, [&](const auto& entry) { return entry.first.starts_with(prefix); });
}

void Put(Texts& scope, const std::map<std::string, std::optional<std::string>>& change) {
  for (const auto& [key, value] : change) {
    if (value)
      scope[key] = *value;
    else
      Take(scope, key);
  }
}

// Filter keys with the text that is in force for this node.
Texts FilterTexts(const Ground& ground, const Node& node) {
  Texts texts;
  for (const Texts* scope : {&node.yml, &ground.persistent, &ground.transient})
    for (const auto& [key, value] : *scope)
      if (IsFilterKey(key)) texts[key] = value;
  return texts;
}

std::map<std::string, std::vector<std::string>>& KindOf(Filters& filters, std::string_view key) {
  key.remove_prefix(kFilterPrefix.size());
  return key.starts_with("exclude.")   ? filters.exclude
         : key.starts_with("include.") ? filters.include
                                       : filters.require;
}

// What a running server makes of a change. The three kinds of filters are updated each on its own.
void ChangeFilters(const Quirks& quirks, const Texts& before, const Texts& after, Filters& filters) {
  for (const std::string_view kind : {"exclude.", "include.", "require."}) {
    const std::string prefix = Cat(kFilterPrefix, kind);
    auto& in_force = KindOf(filters, prefix);
    std::set<std::string> touched;
    for (const Texts* texts : {&before, &after})
      for (const auto& [key, value] : *texts)
        if (key.starts_with(prefix)) touched.insert(key);
    std::erase_if(touched, [&](const std::string& key) {
      const auto old = before.find(key), now = after.find(key);
      return old != before.end() && now != after.end() && old->second == now->second;
    });
    if (touched.empty()) continue;
    if (quirks.only_changed_filters_stay) in_force.clear();
    for (const std::string& key : touched) {
      const auto old = before.find(key), now = after.find(key);
      const std::vector<std::string> was =
          old == before.end() ? std::vector<std::string>() : Tokens(quirks, old->second);
      const std::vector<std::string> is =
          now == after.end() ? std::vector<std::string>() : Tokens(quirks, now->second);
      if (quirks.filters_are_lists && was == is) continue;
      in_force.erase(AttributeOf(key));
      if (!is.empty()) in_force[AttributeOf(key)] = is;
    }
  }
}

}  // namespace

const Texts& AllDefaults() {
  static const Texts all = {
      {"action.auto_create_index", "true"},
      {"action.destructive_requires_name", "false"},
      {"cluster.blocks.read_only", "false"},
      {"cluster.blocks.read_only_allow_delete", "false"},
      {"cluster.info.update.interval", "30s"},
      {"cluster.max_shards_per_node", "1000"},
      {"cluster.routing.allocation.allow_rebalance", "indices_all_active"},
      {"cluster.routing.allocation.awareness.attributes", ""},
      {"cluster.routing.allocation.balance.index", "0.55"},
      {"cluster.routing.allocation.balance.shard", "0.45"},
      {"cluster.routing.allocation.balance.threshold", "1.0"},
      {"cluster.routing.allocation.cluster_concurrent_rebalance", "2"},
      {"cluster.routing.allocation.disk.include_relocations", "true"},
      {"cluster.routing.allocation.disk.threshold_enabled", "true"},
      {"cluster.routing.allocation.disk.watermark.flood_stage", "95%"},
      {"cluster.routing.allocation.disk.watermark.high", "90%"},
      {"cluster.routing.allocation.disk.watermark.low", "85%"},
      {"cluster.routing.allocation.enable", "all"},
      {"cluster.routing.allocation.node_concurrent_incoming_recoveries", "2"},
      {"cluster.routing.allocation.node_concurrent_outgoing_recoveries", "2"},
      {"cluster.routing.allocation.node_concurrent_recoveries", "2"},
      {"cluster.routing.allocation.node_initial_primaries_recoveries", "4"},
      {"cluster.routing.allocation.same_shard.host", "false"},
      {"cluster.routing.allocation.total_shards_per_node", "-1"},
      {"cluster.routing.rebalance.enable", "all"},
      {"indices.recovery.max_bytes_per_sec", "40mb"},
      {"indices.recovery.max_concurrent_file_chunks", "2"},
      {"search.default_search_timeout", "-1"},
  };
  return all;
}

std::optional<std::string> DefaultOf(const Quirks& quirks, const std::string& key) {
  if (key == "discovery.zen.minimum_master_nodes" && !quirks.voting_configuration) return "-1";
  if (key == "cluster.auto_shrink_voting_configuration" && quirks.voting_configuration) return "true";
  const auto found = AllDefaults().find(key);
  return found == AllDefaults().end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> Tokens(const Quirks& quirks, std::string_view value) {
  std::string text(value);
  if (quirks.filters_are_lists && text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
    std::erase(text, '"');
  }
  std::vector<std::string> tokens;
  for (const std::string& piece : Split(text, ','))
    if (const std::string_view token = Trim(piece); !token.empty()) tokens.emplace_back(token);
  return tokens;
}

bool Matches(const Node& node, const std::string& attribute, const std::vector<std::string>& tokens) {
  const auto any = [&](std::string_view value) {
    return std::any_of(tokens.begin(), tokens.end(),
                       [&](const std::string& token) { return Like(token, value); });
  };
  if (attribute == "_ip" || attribute == "_host_ip" || attribute == "_publish_ip") return any(node.ip);
  if (attribute == "_host") return any(node.host) || any(node.ip);
  if (attribute == "_id") return std::find(tokens.begin(), tokens.end(), node.id) != tokens.end();
  if (attribute == "_name" || attribute == "name") return any(node.name);
  const auto found = node.attributes.find(attribute);
  return found != node.attributes.end() && any(found->second);
}

Status CheckChange(const Ground& ground, const SettingsChange& change) {
  const Quirks& quirks = ground.quirks;
  const auto lifts_archived = [](const auto& scope) {
    const auto found = scope.find("archived.*");
    return found != scope.end() && !found->second;
  };
  if (quirks.archived_block_updates && !lifts_archived(change.persistent) &&
      !lifts_archived(change.transient))
    for (const Texts* scope : {&ground.transient, &ground.persistent})
      for (const auto& [key, value] : *scope)
        if (key.starts_with(kArchived))
          return InvalidArgument(Cat(scope == &ground.transient ? "transient" : "persistent", " setting [",
                                     key, "], not recognized"));
  for (const auto* scope : {&change.transient, &change.persistent}) {
    const std::string_view name = scope == &change.transient ? "transient" : "persistent";
    for (const auto& [key, value] : *scope) {
      if (!value && !quirks.null_resets)
        return InvalidArgument(Cat(name, " setting [", key, "]: null is not a value"));
      if (!value && key.ends_with('*')) continue;
      if (quirks.refuses_unknown_settings && !IsKnown(quirks, key) && !(key.starts_with(kArchived) && !value))
        return InvalidArgument(Cat(name, " setting [", key, "], not recognized"));
      if (value) HF_TRY(CheckValue(ground, key, *value));
    }
  }
  return {};
}

void ApplyChange(Ground& ground, const SettingsChange& change) {
  std::vector<Texts> before;
  before.reserve(ground.nodes.size());
  for (const Node& node : ground.nodes) before.push_back(FilterTexts(ground, node));
  const auto was = std::pair(ground.persistent, ground.transient);
  Put(ground.persistent, change.persistent);
  Put(ground.transient, change.transient);
  if (was == std::pair(ground.persistent, ground.transient)) return;
  ++ground.version;
  for (size_t i = 0; i < ground.nodes.size(); ++i)
    if (ground.nodes[i].IsMember())
      ChangeFilters(ground.quirks, before[i], FilterTexts(ground, ground.nodes[i]), ground.nodes[i].filters);
}

Filters AllFilters(const Ground& ground, const Node& node) {
  Filters filters;
  for (const auto& [key, value] : FilterTexts(ground, node))
    if (std::vector<std::string> tokens = Tokens(ground.quirks, value); !tokens.empty())
      KindOf(filters, key)[AttributeOf(key)] = std::move(tokens);
  return filters;
}

int64_t BytesOf(std::string_view text, int64_t otherwise) {
  const std::string lower = Lower(Trim(text));
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"tb", int64_t{1} << 40}, {"gb", int64_t{1} << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}, {"b", 1}};
  for (const auto& [unit, factor] : kUnits)
    if (double number = 0;
        lower.ends_with(unit) && absl::SimpleAtod(lower.substr(0, lower.size() - unit.size()), &number))
      return static_cast<int64_t>(number * static_cast<double>(factor));
  int64_t number = 0;
  return absl::SimpleAtoi(lower, &number) && number <= 0 ? number : otherwise;
}

absl::Duration TimeOf(std::string_view text, absl::Duration otherwise) {
  constexpr std::pair<std::string_view, absl::Duration> kUnits[] = {{"ms", absl::Milliseconds(1)},
                                                                    {"s", absl::Seconds(1)},
                                                                    {"m", absl::Minutes(1)},
                                                                    {"h", absl::Hours(1)},
                                                                    {"d", absl::Hours(24)}};
  for (const auto& [unit, factor] : kUnits)
    if (int64_t number = 0; text.ends_with(unit) &&
                            absl::SimpleAtoi(std::string(text.substr(0, text.size() - unit.size())), &number))
      return number * factor;
  return text == "0" ? absl::ZeroDuration() : otherwise;
}

int NumberOf(std::string_view text, int otherwise) {
  int number = 0;
  return absl::SimpleAtoi(std::string(text), &number) ? number : otherwise;
}

}  // namespace holdfast::sandbox::elasticsearch
