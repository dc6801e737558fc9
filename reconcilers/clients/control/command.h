// Asking a declared command whether its service runs.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/task.h"
#include "controller/plan/observed.h"
#include "controller/world/world.h"
#include "reconcilers/clients/control/ssh.h"

namespace holdfast::clients {

// The exit codes of LSB's `status` action: 0 running; 1 and 2 dead but a pid or lock file is left; 3 stopped.
// Every other one, and a command that could not be run (also by sudo), is Unknown.
struct ServiceStatus {
  enum class State { kRunning, kDead, kStopped } state = State::kStopped;
  int code = 0;
  std::string output;  // bounded, one line
  bool operator==(const ServiceStatus&) const = default;
};
Observed<ServiceStatus> ReadStatus(const Exit& exit, std::string_view what, absl::Time sent_at);

class StatusCommands {
 public:
  // `ssh` outlives this.
  StatusCommands(World world, Ssh& ssh);
  ~StatusCommands();
  StatusCommands(const StatusCommands&) = delete;
  StatusCommands& operator=(const StatusCommands&) = delete;

  // Served from the last answer when that was asked for at or after `not_older_than`.
  Task<Observed<ServiceStatus>> Look(Reach where, Become become, std::vector<std::string> argv,
                                     absl::Time not_older_than, absl::Duration deadline = kReadDeadline);

  static constexpr absl::Duration kReadDeadline = absl::Seconds(10);
  static constexpr size_t kMostAnswerBytes = 64 << 10;
  static constexpr size_t kMostRemembered = 100'000;

 private:
  World world_;
  Ssh& ssh_;
  struct Last {
    Observed<ServiceStatus> seen;
    absl::Time sent_at = absl::InfinitePast();
  };
  std::map<std::string, Last> last_;
};

}  // namespace holdfast::clients
