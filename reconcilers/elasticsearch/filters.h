// The cluster's own allocation filters: what their text says, which nodes they match.
//
// The rules are those of the servers: several tokens and several keys exclude a node as soon as one of them
// matches, `*` stands for any text in all but `_id`, and an attribute that a node does not have never
// matches.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// The servers compare addresses as text in their shortest form (elasticsearch#72091). What is no address
// comes back as it is, so that patterns pass.
std::string CanonicalIp(std::string_view address);

// The tokens of one value, as 5.2 and later read them: without blanks around them, none empty.
std::vector<std::string> FilterTokens(std::string_view value);
// As the cluster reads them: before 5.2 a token that follows a blank matches nothing (elasticsearch#22297).
std::vector<std::string> FilterTokens(std::string_view value, const View& view);

// `*` stands for any text; everything else is compared letter by letter.
bool MatchesPattern(std::string_view pattern, std::string_view text);

// `key` without the filter's prefix: "_ip", "_name", "zone".
bool TokenMatches(std::string_view key, std::string_view token, const Node& node);

// A family of keys as it is in force: {"_ip": ["10.0.0.1"], "zone": ["spot"]}. A key with an empty value is
// in it without tokens: it shadows what it stands over and matches nothing.
using Filter = std::map<std::string, std::vector<std::string>>;
inline constexpr std::string_view kRequirePrefix = "cluster.routing.allocation.require.";
inline constexpr std::string_view kIncludePrefix = "cluster.routing.allocation.include.";
Filter EffectiveFilter(const View& view, std::string_view prefix = kExcludePrefix);
bool MatchesAny(const Filter& filter, const Node& node);    // exclude and include
bool MatchesEvery(const Filter& filter, const Node& node);  // require

// ── what the spec says, in the cluster's words ──
bool Matches(const Selector& selector, const Node& node);
std::vector<uint32_t> MatchedNodes(const View& view, const Selector& selector);
// {"_ip", "10.0.0.1"}: the one key of the filters that means the exclusion, and its token.
std::pair<std::string, std::string> KeyAndToken(const Exclusion& exclusion);

// The nodes that the settings as they are written exclude, in the order of View::nodes. Versions with the
// delta bug may leave a written key out of force: whether a node is excluded in fact, only a probe tells.
std::vector<uint32_t> ExcludedNodes(const View& view);

}  // namespace holdfast::elasticsearch
