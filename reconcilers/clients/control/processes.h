// Looking at processes themselves, past whoever supervises them.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/plan/action.h"
#include "controller/plan/observed.h"
#include "controller/world/world.h"
#include "reconcilers/clients/control/ssh.h"

namespace holdfast::clients {

struct FoundProcess {
  int64_t pid = 0, parent = 0;
  absl::Time start = absl::InfinitePast();
  std::string command_line;  // the arguments with blanks between, bounded
  std::string incarnation;   // what Signal::incarnation compares; this machine only
  bool operator==(const FoundProcess&) const = default;
};

// For the evidence of a diagnosis. What could not be read is -1 or "".
struct ProcessFacts {
  int64_t pid = 0, parent = 0;
  std::string incarnation;  // what Signal::incarnation compares
  std::string state;        // R, S, D (unkillable), T (stopped), Z …
  int64_t threads = -1, resident_kb = -1;
  int64_t descriptors = -1, descriptor_limit = -1;
  std::string load;  // "0.42 0.40 0.38"
  int64_t disk_free_kb = -1, disk_used_percent = -1;
  std::string disk_path;
  // "pid 4711: state T, 12 of 1024 descriptors, 40 MiB, load 0.4, /var 3 % free": for people.
  std::string Text() const;
};

class Processes {
 public:
  // `ssh` outlives this.
  Processes(World world, Ssh& ssh) : world_(world), ssh_(ssh) {}

  // Every process whose arguments begin with `argv`, the interpreter of a script and its options in front of
  // it not counted. A complete listing, or an error. Who rewrites its own arguments is not found.
  Task<Result<std::vector<FoundProcess>>> Find(Reach where, std::vector<std::string> argv);
  // The same for any of several programs, in one reading of the process table.
  Task<Result<std::vector<FoundProcess>>> FindAny(Reach where,
                                                  std::vector<std::vector<std::string>> programs);
  // Absent: there is no such process (the listing of the machine was readable). `disk_path` may be "".
  Task<Observed<ProcessFacts>> Look(Reach where, int64_t pid, std::string disk_path);

  static constexpr absl::Duration kReadDeadline = absl::Seconds(10);
  static constexpr size_t kMostListingBytes = 8 << 20;
  static constexpr size_t kMostCommandLine = 4096;

 private:
  World world_;
  Ssh& ssh_;
};

// Whether a process that shows `command_line` is what `argv` starts.
bool IsStartedBy(std::string_view command_line, const std::vector<std::string>& argv);

// "boot-id-prefix:starttime" from the texts of /proc/sys/kernel/random/boot_id and /proc/PID/stat; "" when
// unreadable.
std::string IncarnationText(std::string_view boot_id, std::string_view stat);

}  // namespace holdfast::clients
