// One process at a time in a state directory.
#pragma once

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

  FileLock() = default;  // holds nothing
  // FailedPrecondition when another process, or another FileLock of this one, holds it: names the process.
  static Result<FileLock> Take(const std::string& directory);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace holdfast
