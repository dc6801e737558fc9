// Running a program on this machine and waiting for it.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <utility>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/http.h"

namespace holdfast {

struct CommandLine {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH; never a shell
  std::string input;              // written to standard input, which is then closed
  std::vector<std::pair<std::string, std::string>>
      environment;  // added to a small fixed one (PATH, HOME, LANG=C.UTF-8)
};

struct Exit {
  int code = -1;           // valid when signal == 0
  int signal = 0;          // the signal that ended it
  std::string output;      // standard output
  std::string errors;      // standard error, cut at 64 KiB
  bool truncated = false;  // there was more output than Limits::max_bytes; the rest was read and thrown away
};

class Commands {
 public:
  virtual ~Commands() = default;
  // A program that ran is an Exit, whatever its code. Errors: NotFound (no such program), PermissionDenied
  // (not executable), Local (no descriptors, no processes), DeadlineExceeded (the program and its process
  // group were given SIGTERM and, 2 s later, SIGKILL; what it did until then is done).
  virtual Task<Result<Exit>> Run(CommandLine command, Limits limits) = 0;
};

}  // namespace holdfast
