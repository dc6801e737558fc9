// Local processes by number and incarnation: looking at one, and signalling the one that was meant.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/status.h"

namespace holdfast {

// Which process a number stands for: "<first 8 digits of the boot id>:<start time in ticks since boot>". Two
// processes never share one, because the kernel does not give a number away again within one tick. NotFound
// when there is no such process; a zombie has none either: there is nothing left to signal.
Result<std::string> Incarnation(pid_t pid);

// Sends `signal` to the process only if it is still that incarnation; nothing can come between, because the
// check is made on a handle of the process. NotFound: gone. Aborted: the number is another process's now.
// PermissionDenied: not ours to signal.
Status SignalProcess(pid_t pid, const std::string& incarnation, int signal);

struct ProcessFacts {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';  // R S D Z T …, as /proc tells
  std::string name;
  std::string incarnation;
  uint64_t started_ticks = 0;  // since boot
  int threads = 0;
  uint64_t resident_bytes = 0;
  std::optional<size_t> open_descriptors;    // nothing when we may not look
  std::optional<uint64_t> most_descriptors;  // its soft limit; nothing when unlimited or hidden
  std::vector<std::string> command_line;     // at most kMostCommandLine bytes in all

  static constexpr size_t kMostCommandLine = 4096;
};

// NotFound when there is no such process. Zombies have facts (state Z, no descriptors).
Result<ProcessFacts> ReadProcess(pid_t pid);

}  // namespace holdfast
