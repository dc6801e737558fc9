// Settings of a simulated cluster: which there are, what they may say, and what a change of them does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "examples/sandbox/elasticsearch/ground.h"

namespace holdfast::sandbox::elasticsearch {

inline constexpr std::string_view kFilterPrefix = "cluster.routing.allocation.";

// Of one scope each: a value, or nothing where the key is to be taken away ("prefix.*" takes many).
struct SettingsChange {
  std::map<std::string, std::optional<std::string>> persistent, transient;
};

// The default of a key that the server knows; nothing when it knows none by that name.
std::optional<std::string> DefaultOf(const Quirks& quirks, const std::string& key);
const Texts& AllDefaults();

// Why the server refuses it as a whole, in its words.
Status CheckChange(const Ground& ground, const SettingsChange& change);
// Takes effect on every member: each changes its filters by the rules of its version. The next version of the
// state when anything is different afterwards.
void ApplyChange(Ground& ground, const SettingsChange& change);

// As a node has them that just read everything.
Filters AllFilters(const Ground& ground, const Node& node);
bool Matches(const Node& node, const std::string& attribute, const std::vector<std::string>& tokens);
std::vector<std::string> Tokens(const Quirks& quirks, std::string_view value);

int64_t BytesOf(std::string_view text, int64_t otherwise);               // "40mb"
absl::Duration TimeOf(std::string_view text, absl::Duration otherwise);  // "1m"
int NumberOf(std::string_view text, int otherwise);

}  // namespace holdfast::sandbox::elasticsearch
