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
  int64_t pid = 0;     // of the one that runs, when that is told and there is no doubt which is meant
  bool operator==(const ServiceStatus&) const = default;
};
Observed<ServiceStatus> ReadStatus(const Exit& exit, std::string_view what, absl::Time sent_at);

// The one process that a status names: "Main PID: 4711 (nginx)", "redis (pid 4711) is running". 0 when it
// names none, or several and no main one.
int64_t PidNamedIn(std::string_view status);

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

  // What a pid file says; 0 when that cannot be read.
  Task<int64_t> ReadPidFile(Reach where, Become become, std::string path,
                            absl::Duration deadline = kReadDeadline);

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
