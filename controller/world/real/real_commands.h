// Programs of this machine behind Commands.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "controller/world/commands.h"

namespace holdfast {

class Morgue;

// Engine thread only. The environment of a program is PATH, HOME, LANG=C.UTF-8 and what the command adds; its
// directory is `/`. A coroutine that is cancelled leaves its program's group to SIGTERM and, `kTermGrace`
// later, SIGKILL. SIGPIPE is ignored in this process from the first object on. A program that has ended while
// something that it started keeps its output open (a daemon, ssh's control master) is waited for `kDrain`
// only, and what it started is left alone.
class RealCommands : public Commands {
 public:
  static constexpr absl::Duration kTermGrace = absl::Seconds(2);
  static constexpr absl::Duration kDrain = absl::Milliseconds(200);
  static constexpr size_t kMostErrors = 64 << 10;
  static constexpr std::string_view kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  // `home`: HOME of the programs, such as the state directory or the user's own.
  RealCommands(boost::asio::any_io_executor executor, std::string home);
  // Kills what a cancelled coroutine has left behind.
  ~RealCommands() override;

  Task<Result<Exit>> Run(CommandLine command, Limits limits) override;

 private:
  boost::asio::any_io_executor executor_;
  std::string home_;
  std::shared_ptr<Morgue> morgue_;
};

}  // namespace holdfast
