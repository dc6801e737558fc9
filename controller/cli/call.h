// One invocation of a command: what was asked, with which settings, and where the answer goes.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/cli/parse.h"
#include "controller/cli/settings.h"
#include "controller/cli/style.h"
#include "controller/cli/surroundings.h"
#include "controller/kind/systems.h"

namespace holdfast::cli {

enum class Output { kText, kJson, kGithub };

class Call {
 public:
  Call(Surroundings& surroundings, const Parsed& parsed, Settings settings, Output output, Style style);

  const std::vector<std::string>& words() const { return parsed_.words; }
  bool Has(std::string_view flag) const { return parsed_.Has(flag); }
  // The flag's value, or "".
  std::string Flag(std::string_view name) const;
  const Settings& settings() const { return settings_; }
  const Style& style() const { return style_; }
  Output output() const { return output_; }
  Surroundings& surroundings() { return surroundings_; }
  // --timeout, or what the command says. Usage when it is no duration: checked before the command runs.
  absl::Duration Timeout(absl::Duration otherwise) const;

  void Out(std::string_view text) { surroundings_.out << text; }
  // A remark beside the answer: on standard error, not with --quiet.
  void Remark(std::string_view text);
  // "error: …" with the way out on standard error; gives the code back.
  int Fail(int code, std::string_view message, std::string_view remedy = {});
  int Fail(const Status& status, std::string_view remedy = {});
  // With -o json: the document; else the text.
  void Tell(const json::object& document, std::string_view text);

  // The document at `path`; an error document comes back as its status. Unavailable or NotFound with IsDown()
  // true when no daemon answers.
  Result<json::object> Get(const std::string& path);
  Result<json::object> Post(const std::string& path, const json::object& body);
  Daemon& daemon();
  bool IsDown() const { return down_; }
  // What to say when a daemon is needed and there is none.
  int FailForDaemon(const Status& status);

 private:
  Result<json::object> Taken(Result<Answer> answer);

  Surroundings& surroundings_;
  const Parsed& parsed_;
  Settings settings_;
  Output output_;
  Style style_;
  std::unique_ptr<Daemon> daemon_;
  bool down_ = false;
};

// The exit code for a status.
int ExitOf(Code code);

}  // namespace holdfast::cli
