#include "controller/world/real/real_commands.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/world/real/child.h"
#include "controller/world/real/errno_status.h"
#include "controller/world/real/morgue.h"
#include "controller/world/real/within.h"

namespace holdfast {
namespace asio = boost::asio;
namespace {

using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace): `&&`, `||`
using Pipe = asio::posix::stream_descriptor;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// A program under way; one that is still alive at the end of its coroutine goes to the morgue.
class Running {
 public:
  Running(asio::any_io_executor executor, Spawned child, std::shared_ptr<Morgue> morgue)
      : pid_(child.pid),
        pidfd_(executor),
        input_(executor),
        output_(executor),
        errors_(executor),
        morgue_(std::move(morgue)) {
    pidfd_.assign(child.pidfd.Release());
    input_.assign(child.input.Release());
    output_.assign(child.output.Release());
    errors_.assign(child.errors.Release());
  }
  ~Running() {
    if (!reaped_) morgue_->Take(pid_, Descriptor(pidfd_.release()));
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // Until the program has ended and its output as well, or `drain` after it has ended.
  Task<int> Converse(absl::Duration drain) {
    co_await (AllPipesAndEnd() || EndAnd(drain));
    co_return 0;
  }
  Task<int> End() {
    co_await pidfd_.async_wait(Pipe::wait_read, kTuple);
    co_return 0;
  }
  void Signal(int number) const { ::kill(-pid_, number); }

  // Fills in how it ended; an error when it has not ended.
  Status Reap(Exit& exit) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG) != 0) {
      reaped_ = true;
      return Local("someone else has taken the exit code");
    }
    if (info.si_pid == 0) return Local("the process does not end, not even by SIGKILL");
    reaped_ = true;
    if (info.si_code == CLD_EXITED)
      exit.code = info.si_status;
    else
      exit.signal = info.si_status;
    return {};
  }

  std::string input;  // what is written to it
  size_t most_output = 0;
  std::string output, errors;
  bool truncated = false;

 private:
  Task<int> AllPipesAndEnd() {
    co_await (Feed() && Drain(&output_, &output, most_output, &truncated) &&
              Drain(&errors_, &errors, RealCommands::kMostErrors, nullptr));
    co_return co_await End();
  }
  Task<int> EndAnd(absl::Duration drain) {
    co_await End();
    asio::steady_timer timer(pidfd_.get_executor(), TimerDuration(drain));
    co_await timer.async_wait(kTuple);
    co_return 0;
  }
  Task<int> Feed() {
    // A program that does not read its input is its own affair: it will say so by its exit code.
    if (input_.is_open()) co_await asio::async_write(input_, asio::buffer(input), kTuple);
    boost::system::error_code ignored;
    input_.close(ignored);
    co_return 0;
  }
  static Task<int> Drain(Pipe* from, std::string* to, size_t most, bool* truncated) {
    std::vector<char> piece(kPiece);
    while (from->is_open()) {
      const auto [error, got] = co_await from->async_read_some(asio::buffer(piece), kTuple);
      const size_t kept = std::min(got, most - std::min(most, to->size()));
      to->append(piece.data(), kept);
      if (kept < got && truncated != nullptr) *truncated = true;
      if (error) break;
    }
    co_return 0;
  }

  static constexpr size_t kPiece = 16 << 10;

  pid_t pid_;
  Pipe pidfd_, input_, output_, errors_;
  std::shared_ptr<Morgue> morgue_;
  bool reaped_ = false;
};

std::string Said(const std::string& errors) {
  const std::string_view text = Trim(errors);
  return text.empty() ? std::string() : Cat("; it said: ", Excerpt(text));
}

Task<Status> Stop(Running* running, Exit* exit, std::string name, absl::Duration deadline) {
  running->Signal(SIGTERM);
  const bool obeyed =
      (co_await Within(running->Converse(RealCommands::kTermGrace), RealCommands::kTermGrace)).has_value();
  // Also when the leader obeyed: of its group there may be others, and until it is reaped the number is
  // theirs.
  running->Signal(SIGKILL);
  co_await Within(running->End(), RealCommands::kTermGrace);
  const Status reaped = running->Reap(*exit);
  const std::string_view how = !reaped.ok() ? "it could not be killed"
                               : obeyed     ? "it was ended"
                                            : "it was killed";
  co_return DeadlineExceeded(
      Cat(name, ": not finished within ", Brief(deadline), "; ", how, Said(running->errors)));
}

}  // namespace

RealCommands::RealCommands(asio::any_io_executor executor, std::string home)
    : executor_(executor), home_(std::move(home)), morgue_(std::make_shared<Morgue>(executor, kTermGrace)) {
  ::signal(SIGPIPE, SIG_IGN);  // a write to a program that has ended must be an error, not our end
}

RealCommands::~RealCommands() { morgue_->Close(); }

Task<Result<Exit>> RealCommands::Run(CommandLine command, Limits limits) {
  std::string path(kPath);
  std::vector<std::string> environment = {Cat("HOME=", home_), "LANG=C.UTF-8"};
  for (const auto& [name, value] : command.environment) {
    if (name == "PATH") {
      path = value;
      continue;
    }
    std::erase_if(environment, [&](const std::string& e) { return e.starts_with(Cat(name, "=")); });
    environment.push_back(Cat(name, "=", value));
  }
  environment.push_back(Cat("PATH=", path));
  auto spawned = HF_CO_TRY(Spawn(command.argv, environment, path));

  Running running(executor_, std::move(spawned), morgue_);
  running.input = std::move(command.input);
  running.most_output = limits.max_bytes;
  Exit exit;
  if (!co_await Within(running.Converse(kDrain), limits.deadline))
    co_return co_await Stop(&running, &exit, command.argv[0], limits.deadline);
  HF_CO_TRY(Annotate(running.Reap(exit), command.argv[0]));
  exit.output = std::move(running.output);
  exit.errors = std::move(running.errors);
  exit.truncated = running.truncated;
  co_return exit;
}

}  // namespace holdfast
