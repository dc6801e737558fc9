// One process at a time in a state directory.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <utility>

#include "controller/base/status.h"
#include "controller/world/real/descriptor.h"

namespace holdfast {

// Held until destroyed, or until the process ends in whatever way. Not inherited by programs that we start.
class FileLock {
 public:
  static constexpr const char* kName =
      "lock";  // of the file in the directory; it stays when the lock is given back

  // A process that is killed while it starts a program leaves the lock with that until it has begun.
  static constexpr absl::Duration kLetsGo = absl::Seconds(5);

  FileLock() = default;  // holds nothing
  // FailedPrecondition when another process, or another FileLock of this one, holds it: names the process.
  // Waits for at most kLetsGo when that process is gone.
  static Result<FileLock> Take(const std::string& directory);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace holdfast
