// A byte stream to a foreign server, for protocols that are not HTTP.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <string>

#include "controller/base/status.h"
#include "controller/base/task.h"

namespace holdfast {

class Stream {
 public:
  virtual ~Stream() = default;  // closes
  // Writes all of it. Errors: Unavailable, DeadlineExceeded.
  virtual Task<Status> Write(std::string bytes, absl::Duration deadline) = 0;
  // At least one byte and at most `most`; an empty string means that the peer closed its side.
  virtual Task<Result<std::string>> Read(size_t most, absl::Duration deadline) = 0;
};

class Net {
 public:
  virtual ~Net() = default;
  // `host` is a name, an address, or a path that begins with `/` (a unix socket; `port` is then ignored).
  // Errors: Unavailable (refused, unreachable host: the message ends with the system's words),
  // DeadlineExceeded, NotFound (unix socket is not there), PermissionDenied (unix socket), Local (no DNS, no
  // route from here, no descriptors).
  virtual Task<Result<std::unique_ptr<Stream>>> Connect(std::string host, uint16_t port,
                                                        absl::Duration deadline) = 0;
};

}  // namespace holdfast
