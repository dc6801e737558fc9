// Reading the texts of Linux's /proc.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::clients {

struct ProcStat {
  int64_t pid = 0, parent = 0, threads = 0, start_ticks = 0, resident_pages = 0;
  char state = '?';
};
// /proc/PID/stat; the program's name in it may contain anything, also brackets and blanks.
std::optional<ProcStat> ParseProcStat(std::string_view text);

// `btime` of /proc/stat: when the machine started, by today's wall clock.
std::optional<absl::Time> ParseBootTime(std::string_view proc_stat);
// Linux reports ticks in hundredths of a second to programs, whatever its own clock does.
inline absl::Time StartTime(absl::Time boot, int64_t start_ticks) {
  return boot + absl::Milliseconds(10) * start_ticks;
}

// "Max open files" of /proc/PID/limits; -1 when unlimited or unreadable.
int64_t ParseDescriptorLimit(std::string_view limits);

}  // namespace holdfast::clients
