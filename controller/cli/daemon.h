// Asking a running daemon over its unix socket.
#pragma once

#include <absl/time/time.h>

#include <memory>
#include <string>

#include "controller/base/json.h"
#include "controller/base/status.h"

namespace holdfast::cli {

struct Answer {
  int status = 0;  // of HTTP
  json::value document;
};

class Daemon {
 public:
  virtual ~Daemon() = default;
  // Errors: NotFound or Unavailable (nobody is there), PermissionDenied (of the socket), DeadlineExceeded,
  // Internal (what came back is no document), Aborted (interrupted, see `signal`). An answer of any HTTP
  // status is an answer. Blocks.
  virtual Result<Answer> Get(const std::string& path, absl::Duration deadline) = 0;
  virtual Result<Answer> Post(const std::string& path, const json::object& body, absl::Duration deadline) = 0;
  // Waits; Aborted when a signal came meanwhile.
  virtual Status Pause(absl::Duration duration) = 0;
  // The signal that interrupted, or 0.
  virtual int signal() const = 0;
};

std::unique_ptr<Daemon> AskBySocket(const std::string& socket);

}  // namespace holdfast::cli
