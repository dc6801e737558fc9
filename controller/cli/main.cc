#include "controller/cli/main.h"

#include <exception>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/call.h"
#include "controller/cli/completion.h"
#include "controller/cli/fields.h"
#include "controller/cli/help.h"
#include "controller/cli/machine.h"
#include "controller/cli/render.h"

namespace holdfast::cli {
namespace {

constexpr size_t kMostConfigBytes = 1 << 20;

Result<std::string> ReadFile(const std::string& path) {
  boost::asio::io_context loop(1);
  return RealFiles(loop.get_executor()).Read(path, kMostConfigBytes);
}

int UsageError(Surroundings& surroundings, const Status& status, const Command* command) {
  surroundings.err << "error: " << status.message() << "\n  = help: holdfast help"
                   << (command != nullptr ? Cat(" ", command->name) : "") << "\n";
  return kUsage;
}

bool IsSaid(const std::map<std::string, std::string>& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found != environment.end() && !found->second.empty();
}

Result<Colors> ColorsFor(const Settings& settings, const Surroundings& surroundings) {
  const std::string& asked = settings.Get("color");
  if (asked == "always") return Colors::kYes;
  if (asked == "never") return Colors::kNo;
  if (asked != "auto")
    return InvalidArgument(Cat("--color ", Excerpt(asked, 40), " is none of auto, always, never"));
  if (IsSaid(surroundings.environment, "NO_COLOR")) return Colors::kNo;
  if (IsSaid(surroundings.environment, "FORCE_COLOR")) return Colors::kYes;
  const auto terminal = surroundings.environment.find("TERM");
  const bool dumb = terminal != surroundings.environment.end() && terminal->second == "dumb";
  return surroundings.out_is == StreamIs::kTerminal && !dumb ? Colors::kYes : Colors::kNo;
}

Result<Output> OutputFor(const Settings& settings, const Command& command) {
  const std::string& asked = settings.Get("output");
  if (asked == "text") return Output::kText;
  if (asked == "json") return Output::kJson;
  if (asked == "github" && command.run == RunValidate) return Output::kGithub;
  return InvalidArgument(
      Cat("-o ", Excerpt(asked, 40), " is none of text, json", command.run == RunValidate ? ", github" : ""));
}

// For shells: what could stand where a resource is wanted. Silent when nobody answers.
int TellResources(Surroundings& surroundings) {
  constexpr absl::Duration kShellPatience = absl::Seconds(1);
  const auto settings = Settings::From({}, surroundings.environment, ReadFile);
  if (!settings.ok()) return kFailed;
  const auto answer = surroundings.daemon(settings->Get("socket"))->Get("/api/v1/status", kShellPatience);
  if (!answer.ok() || !answer->document.is_object()) return kFailed;
  for (const json::value& resource : List(answer->document.get_object(), "resources"))
    if (resource.is_object()) surroundings.out << KeyText(resource.get_object()) << "\n";
  return kDone;
}

int RunCommand(const Parsed& parsed, Surroundings& surroundings) {
  const Command& command = *parsed.command;
  Result<Settings> settings = Settings::From(parsed, surroundings.environment, ReadFile);
  if (!settings.ok()) return UsageError(surroundings, settings.status(), nullptr);
  const Result<Output> output = OutputFor(*settings, command);
  if (!output.ok()) return UsageError(surroundings, output.status(), &command);
  const Result<Colors> colors = ColorsFor(*settings, surroundings);
  if (!colors.ok()) return UsageError(surroundings, colors.status(), &command);
  if (settings->IsGiven("timeout") && !ParseDuration(settings->Get("timeout")))
    return UsageError(surroundings,
                      InvalidArgument(Cat("--timeout ", Excerpt(settings->Get("timeout"), 40),
                                          " is not a duration such as 30s or 5m")),
                      &command);
  const Style style{.colors = *colors,
                    .detail = parsed.Has("quiet")     ? Detail::kQuiet
                              : parsed.Has("verbose") ? Detail::kVerbose
                                                      : Detail::kUsual,
                    .zone = parsed.Has("utc") ? absl::UTCTimeZone() : surroundings.zone};
  Call call(surroundings, parsed, *std::move(settings), *output, style);
  return command.run(call);
}

}  // namespace

int Main(const std::vector<std::string>& arguments, Surroundings& surroundings) {
  if (arguments.size() == 1 && arguments[0] == kCompleteCommand) return TellResources(surroundings);
  if (arguments.size() == 1 && arguments[0] == "--version") return Main({"version"}, surroundings);
  const Result<Parsed> parsed = ParseLine(arguments);
  if (!parsed.ok()) return UsageError(surroundings, parsed.status(), nullptr);
  if (parsed->command == nullptr && !parsed->Has("help")) {
    surroundings.err << OverviewText();
    return kUsage;
  }
  if (parsed->Has("help")) {
    surroundings.out << (parsed->command != nullptr ? CommandText(*parsed->command) : OverviewText());
    return kDone;
  }
  try {
    return RunCommand(*parsed, surroundings);
  } catch (const std::exception& error) {
    surroundings.err << "error: holdfast itself failed: " << Excerpt(error.what()) << "\n";
    return kFailed;
  }
}

}  // namespace holdfast::cli
