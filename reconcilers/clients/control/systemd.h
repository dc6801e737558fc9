// Reading what systemd knows of its units.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/plan/observed.h"
#include "controller/world/world.h"
#include "reconcilers/clients/control/ssh.h"

namespace holdfast::clients {

// As `systemctl show` prints it. A masked unit is known (load_state "masked"); "not-found" is Absent.
struct UnitInfo {
  std::string id;
  std::string load_state;     // loaded, masked, error, bad-setting
  std::string active_state;   // active, reloading, inactive, failed, activating, deactivating, maintenance
  std::string sub_state;      // depends on the unit's type
  std::string invocation_id;  // the incarnation; "" when it never ran since boot
  std::string
      result;       // success, exit-code, signal, timeout, core-dump, watchdog, start-limit-hit, oom-kill, …
  std::string job;  // the number of a queued job, "" when there is none
  std::string unit_file_state;
  int64_t main_pid = 0;
  int64_t restarts = 0;
  int64_t exec_main_code = 0, exec_main_status = 0;
  absl::Time state_changed_at = absl::InfinitePast();
  absl::Time active_since = absl::InfinitePast();
  absl::Time inactive_since =
      absl::InfinitePast();  // infinite past also when it was never stopped since boot
  bool operator==(const UnitInfo&) const = default;
  // Stopped by a stop job (a person's, or ours) and not by a failure: inactive with result success, having
  // run before.
  bool StoppedCleanly() const;
};

class Units {
 public:
  // `ssh` outlives this.
  Units(World world, Ssh& ssh);
  ~Units();
  Units(const Units&) = delete;
  Units& operator=(const Units&) = delete;

  // `unit` without a suffix is a service. All units of a host that are asked for meanwhile travel in one
  // `systemctl show`, which needs no privilege; its exit code is not believed.
  Task<Observed<UnitInfo>> Look(Reach where, std::string unit, absl::Time not_older_than);

  static constexpr absl::Duration kReadDeadline = absl::Seconds(10);
  static constexpr size_t kMostPerCall = 256;
  static constexpr size_t kMostAnswerBytes = 4 << 20;

 private:
  class Host;
  Host& Of(const Reach& where);

  World world_;
  Ssh& ssh_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
};

// As systemd names it: without a suffix it is a service.
std::string WholeUnitName(std::string unit);

// The argv that Units uses, and what it prints for `units` in their order: one observation each.
std::vector<std::string> ShowUnitsArgv(const std::vector<std::string>& units);
std::vector<Observed<UnitInfo>> ReadUnits(std::string_view output, const std::vector<std::string>& units,
                                          std::string_view place, absl::Time sent_at);
// Prints InvocationID alone: for Command::only_if.
std::vector<std::string> ShowInvocationArgv(std::string_view unit);

}  // namespace holdfast::clients
