// What main tells the clients about this process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "controller/base/status.h"

namespace holdfast::clients {

// Filled in once, before the first look: `systems.Use<Clients>().settings = …`. Everything is optional; what
// is missing is refused with a sentence that says so when it is needed.
struct ClientSettings {
  // For `env:NAME` secrets: the environment as main read it.
  std::map<std::string, std::string> environment;
  // For `credential:NAME` secrets: $CREDENTIALS_DIRECTORY as main read it.
  std::string credentials_directory;
  // The permission bits of a file, so that a secret which everybody may read is refused.
  std::function<Result<int>(const std::string& path)> file_mode;
  // Signals a process of this machine when its incarnation is still the given one. Aborted: it is another
  // one; NotFound: it is gone.
  std::function<Status(int64_t pid, const std::string& incarnation, int number)> signal_process;
  // A directory of ours, mode 0700, for ssh's control sockets; empty, or longer than kMostControlDirectory:
  // every command makes a connection of its own.
  std::string ssh_directory;
  // Programs that reach elsewhere; tests put others here.
  std::string ssh_program = "ssh";
  // A client configuration instead of the user's own ("" = ~/.ssh/config).
  std::string ssh_config;

  static constexpr size_t kMostControlDirectory = 60;
};

}  // namespace holdfast::clients
