#include "reconcilers/clients/aws/profile.h"

#include <utility>

#include "controller/base/text.h"

namespace holdfast::aws {

namespace {

// A comment begins a line, or follows a blank after a value.
std::string_view WithoutComment(std::string_view value) {
  for (size_t i = 1; i < value.size(); ++i)
    if ((value[i] == '#' || value[i] == ';') && (value[i - 1] == ' ' || value[i - 1] == '\t'))
      return Trim(value.substr(0, i));
  return value;
}

class ConfigReader {
 public:
  ConfigReader(ConfigKind kind, SharedConfig& config) : kind_(kind), config_(config) {}

  Status Line(std::string_view line) {
    const std::string_view text = Trim(line);
    if (text.empty() || text.starts_with('#') || text.starts_with(';')) return {};
    if (line[0] == ' ' || line[0] == '\t') return Continued(text);
    if (text.starts_with('[')) return Section(text);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return InvalidArgument("neither a section nor a property");
    if (!is_in_section_) return InvalidArgument("a property before the first section");
    last_ = Lower(Trim(text.substr(0, equals)));
    const std::string value(WithoutComment(Trim(text.substr(equals + 1))));
    if (section_ != nullptr) (*section_)[last_] = value;
    return {};
  }

 private:
  // Below a property without a value stand nested ones; else the value goes on.
  Status Continued(std::string_view text) {
    if (last_.empty()) return InvalidArgument("an indented line that continues nothing");
    if (section_ == nullptr) return {};
    std::string& value = (*section_)[last_];
    const size_t equals = text.find('=');
    if (!value.empty()) {
      Append(value, "\n", text);
    } else if (equals == std::string_view::npos || equals == 0) {
      return InvalidArgument("a nested line that is no property");
    } else {
      (*section_)[Cat(last_, ".", Lower(Trim(text.substr(0, equals))))] =
          std::string(WithoutComment(Trim(text.substr(equals + 1))));
    }
    return {};
  }

  Status Section(std::string_view text) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return InvalidArgument("a section without `]`");
    std::string_view name = Trim(text.substr(1, end - 1));
    last_.clear();
    is_in_section_ = true;
    section_ = nullptr;
    if (kind_ == ConfigKind::kCredentials || name == "default") {
      section_ = &config_.profiles[std::string(name)];
      return {};
    }
    const size_t blank = name.find_first_of(" \t");
    if (blank == std::string_view::npos) return {};  // such as [preview]: of another program
    const std::string_view type = name.substr(0, blank);
    const std::string own(Trim(name.substr(blank)));
    if (type == "profile") section_ = &config_.profiles[own];
    if (type == "sso-session") section_ = &config_.sso_sessions[own];
    if (type == "services") section_ = &config_.services[own];
    return {};
  }

  const ConfigKind kind_;
  SharedConfig& config_;
  Properties* section_ = nullptr;
  bool is_in_section_ = false;
  std::string last_;
};

std::string PathOf(const clients::ClientSettings& settings, std::string_view variable,
                   std::string_view below_home) {
  const std::string home = EnvironmentOf(settings, "HOME");
  const std::string named = EnvironmentOf(settings, variable);
  if (named.starts_with("~/")) return home + named.substr(1);
  if (!named.empty()) return named;
  return home.empty() ? "" : Cat(home, below_home);
}

Status LoadOne(Files& files, const std::string& path, ConfigKind kind, SharedConfig& config) {
  if (path.empty()) return {};
  Result<std::string> text = files.Read(path, kMostConfigBytes);
  if (!text.ok() && text.status().code() == Code::kNotFound) return {};
  HF_TRY(text.status());
  config.found = SharedConfig::Found::kSome;
  return Annotate(ReadConfig(*text, kind, config), path);
}

}  // namespace

Status ReadConfig(std::string_view text, ConfigKind kind, SharedConfig& config) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  ConfigReader reader(kind, config);
  size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    // The line itself may hold a secret, so only its number is told.
    if (!line.empty()) HF_TRY(Annotate(reader.Line(line), Cat("line ", number)));
  }
  return {};
}

Result<SharedConfig> LoadSharedConfig(Files& files, const clients::ClientSettings& settings) {
  SharedConfig config;
  config.config_path = PathOf(settings, "AWS_CONFIG_FILE", "/.aws/config");
  config.credentials_path = PathOf(settings, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
  HF_TRY(LoadOne(files, config.config_path, ConfigKind::kConfig, config));
  HF_TRY(LoadOne(files, config.credentials_path, ConfigKind::kCredentials, config));
  return config;
}

std::string EnvironmentOf(const clients::ClientSettings& settings, std::string_view name) {
  const auto found = settings.environment.find(std::string(name));
  return found == settings.environment.end() ? "" : found->second;
}

std::optional<std::string> PropertyOf(const Properties& properties, std::string_view name) {
  const auto found = properties.find(std::string(name));
  if (found == properties.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace holdfast::aws
