#include "reconcilers/clients/control/command.h"

#include <utility>

#include "controller/base/text.h"

namespace holdfast::clients {

namespace {

constexpr int kRunning = 0, kDeadPidFile = 1, kDeadLockFile = 2, kStopped = 3, kMayNotRun = 126,
              kNoProgram = 127;

}  // namespace

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

}  // namespace holdfast::clients
