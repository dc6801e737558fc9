#include "reconcilers/clients/control/command.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>

#include <utility>

#include "controller/base/text.h"

namespace holdfast::clients {

namespace {

constexpr std::string_view kDigits = "0123456789";

int64_t NumberAt(std::string_view text) {
  int64_t number = 0;
  const std::string_view digits = text.substr(0, text.find_first_not_of(kDigits));
  return absl::SimpleAtoi(absl::string_view(digits.data(), digits.size()), &number) ? number : 0;
}

constexpr int kRunning = 0, kDeadPidFile = 1, kDeadLockFile = 2, kStopped = 3, kMayNotRun = 126,
              kNoProgram = 127;

}  // namespace

int64_t PidNamedIn(std::string_view status) {
  constexpr std::string_view kMain = "Main PID: ";
  if (const size_t at = status.find(kMain); at != status.npos)
    return NumberAt(status.substr(at + kMain.size()));
  const std::string text = Lower(status);
  int64_t named = 0;
  for (size_t at = text.find("pid"); at != text.npos; at = text.find("pid", at + 1)) {
    const bool inside_a_word = at > 0 && absl::ascii_isalnum(static_cast<unsigned char>(text[at - 1]));
    size_t next = at + 3 + (text.substr(at + 3).starts_with('s') ? 1 : 0);
    next = text.find_first_not_of(" :=(#'\"", next);
    if (inside_a_word || next == text.npos) continue;
    // A list of them: the first is not always the one that the others belong to.
    for (int64_t pid = NumberAt(text.substr(next)); pid != 0; pid = NumberAt(text.substr(next))) {
      if (named != 0 && named != pid) return 0;
      named = pid;
      next = text.find_first_not_of(kDigits, next);
      next = next == text.npos ? next : text.find_first_not_of(" ,", next);
      if (next == text.npos) break;
    }
  }
  return named;
}

Observed<ServiceStatus> ReadStatus(const Exit& exit, std::string_view what, absl::Time sent_at) {
  const std::string said = Excerpt(Trim(Trim(exit.errors).empty() ? exit.output : exit.errors), 160);
  if (exit.signal != 0) return Unknown{Cat(what, ": ended by signal ", exit.signal)};
  for (const std::string_view not_there : {"unrecognized service", "could not be found"})
    if (exit.code != kRunning && said.find(not_there) != std::string::npos)
      return Absent{Cat(what, ": ", said), sent_at};
  ServiceStatus status{ServiceStatus::State::kStopped, exit.code, said};
  switch (exit.code) {
    case kRunning:
      status.state = ServiceStatus::State::kRunning;
      status.pid = PidNamedIn(exit.output);
      break;
    case kDeadPidFile:
    case kDeadLockFile:
      status.state = ServiceStatus::State::kDead;
      break;
    case kStopped:
      break;
    case kMayNotRun:
    case kNoProgram:
      return Unknown{Cat(what, ": cannot be run there: ", said)};
    default:
      return Unknown{Cat(what, ": exit code ", exit.code, " says neither running nor stopped",
                         said.empty() ? "" : ": ", said)};
  }
  return {std::move(status), sent_at};
}

StatusCommands::StatusCommands(World world, Ssh& ssh) : world_(world), ssh_(ssh) {}
StatusCommands::~StatusCommands() = default;

Task<Observed<ServiceStatus>> StatusCommands::Look(Reach where, Become become, std::vector<std::string> argv,
                                                   absl::Time not_older_than, absl::Duration deadline) {
  if (argv.empty()) co_return Unknown{"an empty status command"};
  argv = As(become, std::move(argv));
  const std::string what = Cat(ShellLine(argv), " on ", PlaceText(where));
  const std::string key = Cat(what, " ", where.identity_file, " ", where.known_hosts);
  if (const auto last = last_.find(key); last != last_.end() && last->second.sent_at >= not_older_than)
    co_return last->second.seen;
  const absl::Time sent_at = world_.clock.Now();
  // Words of tools are read, so their language is fixed where that is ours to say.
  CommandLine line{std::move(argv), "", {{"LC_ALL", "C"}}};
  const Result<Exit> ran = co_await ssh_.Run(where, std::move(line), {deadline, kMostAnswerBytes});
  if (!ran.ok()) co_return Unknown{Cat(what, ": ", ran.status().message())};
  Observed<ServiceStatus> seen = ReadStatus(*ran, what, sent_at);
  if (last_.size() >= kMostRemembered) last_.clear();
  last_[key] = {seen, sent_at};
  co_return seen;
}

Task<int64_t> StatusCommands::ReadPidFile(Reach where, Become become, std::string path,
                                          absl::Duration deadline) {
  constexpr size_t kMostPidBytes = 4096;
  CommandLine line{As(become, {"cat", "--", std::move(path)}), "", {}};
  const Result<Exit> ran = co_await ssh_.Run(std::move(where), std::move(line), {deadline, kMostPidBytes});
  co_return ran.ok() && ran->code == 0 && ran->signal == 0 ? NumberAt(Trim(ran->output)) : 0;
}

}  // namespace holdfast::clients
