// One program that was started in a process group of its own.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/base/status.h"
#include "controller/world/real/descriptor.h"

namespace holdfast {

struct Spawned {
  pid_t pid = -1;    // also the number of its process group; not yet reaped, so nobody else can have it
  Descriptor pidfd;  // readable when it has ended
  Descriptor input, output, errors;  // our ends of its pipes, non-blocking
};

// Starts `argv` with exactly `environment` in directory `/`, all signals at their defaults, no descriptor
// open but the three pipes. argv[0] without a slash is looked up in `path` (colon-separated). Errors as
// Commands::Run tells them.
Result<Spawned> Spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                      const std::string& path);

}  // namespace holdfast
