// Where a command's settings come from: flags > environment > config file > defaults.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/cli/parse.h"

namespace holdfast::cli {

// One row per setting that has a place besides its flag.
struct Setting {
  std::string_view name;       // of the flag, and the key in the config file
  std::string_view variable;   // of the environment
  std::string_view otherwise;  // default
  std::string_view doc;
};
std::span<const Setting> AllSettings();
inline constexpr std::string_view kConfigVariable = "HOLDFAST_CONFIG";
inline constexpr std::string_view kDefaultConfig = "/etc/holdfast/holdfast.yaml";
// What `holdfast help environment` prints.
std::string EnvironmentText();

class Settings {
 public:
  // `read` gives a file's bytes; NotFound for a default config file is no error. InvalidArgument names file,
  // line and key.
  static Result<Settings> From(const Parsed& parsed, const std::map<std::string, std::string>& environment,
                               const std::function<Result<std::string>(const std::string&)>& read);

  const std::string& Get(std::string_view name) const;
  // Whether someone said it, rather than the default.
  bool IsGiven(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_, given_;
};

}  // namespace holdfast::cli
