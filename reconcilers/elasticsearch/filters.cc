#include "reconcilers/elasticsearch/filters.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr Version kTrimsTokens{5, 2, 0};

// Adds the keys of one scope that begin with `prefix` and are not there yet.
void Collect(const std::map<std::string, std::string>& scope, std::string_view prefix, const View& view,
             Filter& filter) {
  for (auto it = scope.lower_bound(std::string(prefix)); it != scope.end() && it->first.starts_with(prefix);
       ++it)
    filter.try_emplace(it->first.substr(prefix.size()), FilterTokens(it->second, view));
}

bool MatchesAddress(std::string_view token, std::string_view address) {
  return !address.empty() && MatchesPattern(token, CanonicalIp(address));
}

}  // namespace

std::string CanonicalIp(std::string_view address) {
  const std::string text(address);
  std::array<char, INET6_ADDRSTRLEN> out{};
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return text;
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  if (IN6_IS_ADDR_V4MAPPED(&six))
    return inet_ntop(AF_INET, &six.s6_addr[12], out.data(), out.size()) != nullptr ? out.data() : text;
  return inet_ntop(AF_INET6, &six, out.data(), out.size()) != nullptr ? out.data() : text;
}

std::vector<std::string> FilterTokens(std::string_view value) {
  std::vector<std::string> tokens;
  for (const std::string& piece : Split(value, ','))
    if (const std::string_view token = Trim(piece); !token.empty()) tokens.emplace_back(token);
  return tokens;
}

std::vector<std::string> FilterTokens(std::string_view value, const View& view) {
  if (BehavesSince(view, kTrimsTokens)) return FilterTokens(value);
  std::vector<std::string> tokens;
  for (const std::string& piece : Split(value, ','))
    if (!piece.empty() && Trim(piece) == piece) tokens.push_back(piece);
  return tokens;
}

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool TokenMatches(std::string_view key, std::string_view token, const Node& node) {
  if (key == "_ip") return MatchesAddress(token, node.ip) || MatchesAddress(token, node.publish_ip);
  if (key == "_host_ip") return MatchesAddress(token, node.ip);
  if (key == "_publish_ip") return MatchesAddress(token, node.publish_ip);
  if (key == "_host") return MatchesPattern(token, node.host) || MatchesAddress(token, node.ip);
  if (key == "_name" || key == "name") return MatchesPattern(token, node.name);
  if (key == "_id") return token == node.id;
  for (const auto& [name, value] : node.attributes)
    if (name == key) return MatchesPattern(token, value);
  return false;
}

Filter EffectiveFilter(const View& view, std::string_view prefix) {
  Filter filter;
  Collect(view.settings.transient, prefix, view, filter);
  Collect(view.settings.persistent, prefix, view, filter);
  Collect(view.settings.defaults, prefix, view, filter);
  return filter;
}

bool MatchesAny(const Filter& filter, const Node& node) {
  return std::any_of(filter.begin(), filter.end(), [&](const auto& entry) {
    return std::any_of(entry.second.begin(), entry.second.end(),
                       [&](const std::string& token) { return TokenMatches(entry.first, token, node); });
  });
}

bool MatchesEvery(const Filter& filter, const Node& node) {
  return std::all_of(filter.begin(), filter.end(), [&](const auto& entry) {
    return std::all_of(entry.second.begin(), entry.second.end(),
                       [&](const std::string& token) { return TokenMatches(entry.first, token, node); });
  });
}

bool Matches(const Selector& selector, const Node& node) {
  if (selector.empty()) return false;
  if (!selector.ip.empty() && !TokenMatches("_ip", CanonicalIp(selector.ip), node)) return false;
  if (!selector.name.empty() && !TokenMatches("_name", selector.name, node)) return false;
  if (!selector.host.empty() && !TokenMatches("_host", selector.host, node)) return false;
  if (!selector.id.empty() && selector.id != node.id) return false;
  return std::all_of(selector.attributes.begin(), selector.attributes.end(), [&](const auto& wanted) {
    return std::any_of(node.attributes.begin(), node.attributes.end(), [&](const auto& has) {
      return has.first == wanted.first && MatchesPattern(wanted.second, has.second);
    });
  });
}

std::vector<uint32_t> MatchedNodes(const View& view, const Selector& selector) {
  std::vector<uint32_t> matched;
  for (uint32_t n = 0; n < view.nodes.size(); ++n)
    if (Matches(selector, view.nodes[n])) matched.push_back(n);
  return matched;
}

std::pair<std::string, std::string> KeyAndToken(const Exclusion& exclusion) {
  if (!exclusion.ip.empty()) return {"_ip", CanonicalIp(exclusion.ip)};
  if (!exclusion.name.empty()) return {"_name", exclusion.name};
  if (!exclusion.host.empty()) return {"_host", exclusion.host};
  if (!exclusion.id.empty()) return {"_id", exclusion.id};
  if (exclusion.attributes.empty()) return {};
  return *exclusion.attributes.begin();
}

std::vector<uint32_t> ExcludedNodes(const View& view) {
  const Filter filter = EffectiveFilter(view);
  std::vector<uint32_t> excluded;
  for (uint32_t n = 0; n < view.nodes.size(); ++n)
    if (MatchesAny(filter, view.nodes[n])) excluded.push_back(n);
  return excluded;
}

}  // namespace holdfast::elasticsearch
