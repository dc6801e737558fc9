// The configuration files that the `aws` program and the SDKs share.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/world/files.h"
#include "reconcilers/clients/settings.h"

namespace holdfast::aws {

// Property names are in lower case; a nested property is "outer.inner".
using Properties = std::map<std::string, std::string>;

struct SharedConfig {
  std::map<std::string, Properties> profiles;      // both files together; the credentials file wins
  std::map<std::string, Properties> sso_sessions;  // [sso-session NAME]
  std::map<std::string, Properties> services;      // [services NAME]
  std::string config_path, credentials_path;
  enum class Found { kNone, kSome } found = Found::kNone;
};

enum class ConfigKind { kConfig, kCredentials };
// Adds the sections of one file. InvalidArgument names the line that is not understood.
Status ReadConfig(std::string_view text, ConfigKind kind, SharedConfig& config);

// $AWS_CONFIG_FILE and $AWS_SHARED_CREDENTIALS_FILE, or ~/.aws/config and ~/.aws/credentials. Files that are
// not there are no error.
Result<SharedConfig> LoadSharedConfig(Files& files, const clients::ClientSettings& settings);

inline constexpr size_t kMostConfigBytes = 1 << 20;

// A variable's value, or "".
std::string EnvironmentOf(const clients::ClientSettings& settings, std::string_view name);
// The property, or nothing when it is missing or empty.
std::optional<std::string> PropertyOf(const Properties& properties, std::string_view name);

}  // namespace holdfast::aws
