// Telling systemd how we are.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/world/real/descriptor.h"

namespace holdfast {

// What systemd has put into the environment; main reads it once.
struct NotifySettings {
  std::string socket;  // NOTIFY_SOCKET: a path or, with a leading '@', an abstract name; "" = nobody listens
  std::string watchdog_usec;  // WATCHDOG_USEC
  std::string watchdog_pid;   // WATCHDOG_PID
};

// Every call is one datagram that never waits; without a socket all calls do nothing and are ok.
class Notify {
 public:
  explicit Notify(NotifySettings settings);

  Status Ready(std::string_view status) { return Send("READY=1\n", status); }
  Status Text(std::string_view status) { return Send("", status); }
  Status Stopping(std::string_view status) { return Send("STOPPING=1\n", status); }
  Status Watchdog() { return Send("WATCHDOG=1\n", {}); }

  // How often Watchdog is to be called: half of what systemd waits; nothing when it does not wait for us.
  std::optional<absl::Duration> watchdog_interval() const { return interval_; }

 private:
  Status Send(std::string_view word, std::string_view status);

  std::string socket_;
  std::optional<absl::Duration> interval_;
  Descriptor descriptor_;
};

}  // namespace holdfast
