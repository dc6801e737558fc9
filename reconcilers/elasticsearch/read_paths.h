// What a look asks for, word by word.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace holdfast::elasticsearch {

// Cluster settings are not in the state. Versions before 1.6 ignore filter_path and send everything.
std::string StatePath();
std::string SettingsPath();
// With the defaults of the answering node. A filter sees a flat key as one word, so only its beginning can be
// named; `more_keys` are those of the spec.
std::string SettingsWithDefaultsPath(std::span<const std::string> more_keys);
// True of the keys that are kept of defaults and files.
bool IsAskedFor(std::string_view key, std::span<const std::string> more_keys);
std::string StatsPath();
std::string InfoPath(std::span<const std::string> node_ids);
// The files of the elected master and of the node that answers.
std::string FilesPath();
// Closed indices have copies from 7.2 on; before, the parameter that asks for them is refused.
enum class ClosedIndices { kHaveCopies, kHaveNone };
std::string SizesPath(ClosedIndices closed);
std::string RecoveriesPath();
std::string PendingPath();
std::string ClusterUuidPath();
std::string ExplainPath();

}  // namespace holdfast::elasticsearch
