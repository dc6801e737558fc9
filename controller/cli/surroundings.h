// What a command is given of the machine: streams, environment, time, the daemon.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "controller/cli/daemon.h"
#include "controller/kind/any_kind.h"

namespace holdfast::cli {

enum class StreamIs { kFile, kTerminal };

struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  StreamIs out_is = StreamIs::kFile;
  std::map<std::string, std::string> environment;  // read once by main
  absl::TimeZone zone = absl::UTCTimeZone();       // for people; --utc overrides
  const std::vector<AnyKind>& kinds;
  std::string version;
  // How the daemon behind a unix socket is asked. Tests put another one.
  std::function<std::unique_ptr<Daemon>(const std::string& socket)> daemon = AskBySocket;
};

}  // namespace holdfast::cli
