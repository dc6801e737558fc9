#include "reconcilers/clients/control/proc.h"

#include <absl/strings/numbers.h>

#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/control/processes.h"

namespace holdfast::clients {

namespace {

// Places in /proc/PID/stat after the closing bracket of the name, counted from the state.
constexpr size_t kParent = 1, kThreads = 17, kStartTicks = 19, kResident = 21;

std::optional<int64_t> NumberIn(std::string_view text) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number)) return std::nullopt;
  return number;
}

}  // namespace

std::optional<ProcStat> ParseProcStat(std::string_view text) {
  const size_t open = text.find(" ("), close = text.rfind(") ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  const std::vector<std::string> fields = Split(Trim(text.substr(close + 2)), ' ');
  if (fields.size() <= kResident || fields[0].size() != 1) return std::nullopt;
  const auto pid = NumberIn(text.substr(0, open)), parent = NumberIn(fields[kParent]),
             threads = NumberIn(fields[kThreads]), ticks = NumberIn(fields[kStartTicks]),
             resident = NumberIn(fields[kResident]);
  if (!pid || !parent || !threads || !ticks || !resident) return std::nullopt;
  return ProcStat{*pid, *parent, *threads, *ticks, *resident, fields[0][0]};
}

std::optional<absl::Time> ParseBootTime(std::string_view proc_stat) {
  const size_t at = proc_stat.find("btime ");
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = proc_stat.substr(at + 6);
  const auto seconds = NumberIn(rest.substr(0, rest.find('\n')));
  if (!seconds) return std::nullopt;
  return absl::FromUnixSeconds(*seconds);
}

int64_t ParseDescriptorLimit(std::string_view limits) {
  constexpr std::string_view kName = "Max open files";
  const size_t at = limits.find(kName);
  if (at == std::string_view::npos) return -1;
  std::string_view rest = Trim(limits.substr(at + kName.size()));
  return NumberIn(rest.substr(0, rest.find(' '))).value_or(-1);
}

}  // namespace holdfast::clients
