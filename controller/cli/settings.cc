#include "controller/cli/settings.h"

#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "specs/node.h"
#include "specs/problem.h"

namespace holdfast::cli {

std::span<const Setting> AllSettings() {
  static constexpr Setting kSettings[] = {
      {"specs", "HOLDFAST_SPECS", "/etc/holdfast/specs", "directory with the specs"},
      {"state", "HOLDFAST_STATE", "/var/lib/holdfast", "directory of the journal"},
      {"socket", "HOLDFAST_SOCKET", "/run/holdfast/holdfast.sock", "the daemon's unix socket"},
      {"listen", "HOLDFAST_LISTEN", "127.0.0.1:9750", "where the daemon answers HTTP"},
      {"timeout", "HOLDFAST_TIMEOUT", "", "how long an answer may take"},
      {"color", "HOLDFAST_COLOR", "auto", "colours: auto, always, never"},
      {"output", "HOLDFAST_OUTPUT", "text", "how to answer: text, json"},
  };
  return kSettings;
}

std::string EnvironmentText() {
  std::string out =
      "ENVIRONMENT\n  A flag wins over the environment, the environment over the config file, that over the "
      "default.\n\n";
  const auto row = [&](std::string_view name, std::string_view doc) {
    Append(out, "  ", name, std::string(name.size() < 18 ? 18 - name.size() : 1, ' '), doc, "\n");
  };
  row(kConfigVariable,
      Cat("config file, YAML, its keys are names of flags (default ", kDefaultConfig, ", if it is there)"));
  for (const Setting& setting : AllSettings())
    row(setting.variable,
        Cat(setting.doc, setting.otherwise.empty() ? "" : Cat(" (default ", setting.otherwise, ")")));
  row("NO_COLOR", "when not empty: no colours");
  row("FORCE_COLOR", "when not empty: colours, also into files and pipes");
  row("TERM", "`dumb`: no colours");
  row("TZ", "the time zone in which times are shown; --utc overrides");
  return out;
}

namespace {

const Setting* FindSetting(std::string_view name) {
  for (const Setting& setting : AllSettings())
    if (setting.name == name) return &setting;
  return nullptr;
}

using Values = std::map<std::string, std::string, std::less<>>;

Result<Values> ReadConfig(const std::string& path, std::string text) {
  specs::Problems problems;
  const auto tree =
      specs::Tree::Parse(std::make_shared<specs::Source>(specs::Source{path, std::move(text)}), problems);
  if (problems.errors() > 0) return InvalidArgument(specs::ProblemLine(problems.list()[0]));
  Values values;
  if (tree == nullptr || tree->documents().empty()) return values;
  const specs::Node document = tree->documents()[0];
  const auto wrong = [&](const specs::Node& node, std::string what) {
    const specs::Span span = node.key_span();
    return InvalidArgument(Cat(path, ":", span.line, ":", span.column, ": ", what));
  };
  if (!document.IsMap()) return wrong(document, "a config file is a mapping of settings");
  for (const specs::Node node : document) {
    if (FindSetting(node.key()) == nullptr) {
      std::vector<std::string_view> names;
      for (const Setting& setting : AllSettings()) names.push_back(setting.name);
      const std::string_view meant = DidYouMean(node.key(), names);
      return wrong(node, Cat("there is no setting `", Excerpt(node.key(), 60), "`",
                             meant.empty() ? "" : Cat("; did you mean `", meant, "`?")));
    }
    if (!node.IsScalar()) return wrong(node, Cat("`", node.key(), "` is one text"));
    values[std::string(node.key())] = node.text();
  }
  return values;
}

}  // namespace

Result<Settings> Settings::From(const Parsed& parsed, const std::map<std::string, std::string>& environment,
                                const std::function<Result<std::string>(const std::string&)>& read) {
  const auto variable = [&](std::string_view name) -> const std::string* {
    const auto found = environment.find(std::string(name));
    return found == environment.end() || found->second.empty() ? nullptr : &found->second;
  };
  std::string path(kDefaultConfig);
  enum class Config { kIfThere, kAsked } config = Config::kIfThere;
  if (const std::string* named = variable(kConfigVariable)) path = *named, config = Config::kAsked;
  if (parsed.Has("config")) path = parsed.flags.find("config")->second, config = Config::kAsked;

  Values from_file;
  Result<std::string> text = read(path);
  if (text.ok())
    from_file = HF_TRY(ReadConfig(path, *std::move(text)));
  else if (config == Config::kAsked)
    return InvalidArgument(Cat("config file ", path, ": ", text.status().message()));

  Settings settings;
  for (const Setting& setting : AllSettings()) {
    const std::string name(setting.name);
    if (const auto found = from_file.find(name); found != from_file.end())
      settings.given_[name] = found->second;
    if (const std::string* value = variable(setting.variable)) settings.given_[name] = *value;
    if (const auto found = parsed.flags.find(name); found != parsed.flags.end())
      settings.given_[name] = found->second;
    const auto given = settings.given_.find(name);
    settings.values_[name] = given != settings.given_.end() ? given->second : std::string(setting.otherwise);
  }
  return settings;
}

const std::string& Settings::Get(std::string_view name) const {
  static const std::string kNothing;
  const auto found = values_.find(name);
  return found == values_.end() ? kNothing : found->second;
}

bool Settings::IsGiven(std::string_view name) const { return given_.contains(name); }

}  // namespace holdfast::cli
