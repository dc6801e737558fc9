#include "controller/world/real/signal_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/descriptor.h"
#include "controller/world/real/errno_status.h"

namespace holdfast {
namespace {

constexpr size_t kMostProcBytes = 64 << 10;
constexpr size_t kBootIdDigits = 8;

std::string Name(pid_t pid) { return Cat("process ", static_cast<long long>(pid)); }

// Cut at `most` bytes.
Result<std::string> ReadProc(const std::string& path, size_t most, std::string_view whose) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return FromErrno(errno, Subject::kProcess, whose);
  std::string out;
  char piece[4096];
  while (out.size() < most) {
    const ssize_t got = ::read(file.number(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FromErrno(errno, Subject::kProcess, whose);  // ESRCH: it ended meanwhile
    if (got == 0) break;
    out.append(piece, static_cast<size_t>(got));
  }
  if (out.size() > most) out.resize(most);
  return out;
}

template <class N>
N Number(const std::vector<std::string>& fields, size_t index) {
  N value{};
  if (index < fields.size())
    std::from_chars(fields[index].data(), fields[index].data() + fields[index].size(), value);
  return value;
}

Result<std::string> BootId() {
  const std::string text = HF_TRY(ReadProc("/proc/sys/kernel/random/boot_id", 64, "the boot id"));
  if (text.size() < kBootIdDigits) return Local("the boot id is empty");
  return text.substr(0, kBootIdDigits);
}

// What /proc/PID/stat tells.
Result<ProcessFacts> ReadStat(pid_t pid) {
  if (pid <= 0) return InvalidArgument(Cat(static_cast<long long>(pid), " is not the number of a process"));
  const std::string stat =
      HF_TRY(ReadProc(Cat("/proc/", static_cast<long long>(pid), "/stat"), kMostProcBytes, Name(pid)));
  // The name may hold anything, also spaces and parentheses; what follows its last ')' is fields.
  const size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 2 > stat.size())
    return Local(Cat(Name(pid), ": /proc tells nothing that can be understood"));
  const std::vector<std::string> fields = Split(Trim(std::string_view(stat).substr(close + 2)), ' ');
  constexpr size_t kState = 0, kParent = 1, kThreads = 17, kStarted = 19,
                   kResident = 21;  // field 3 is number 0
  ProcessFacts facts;
  facts.pid = pid;
  facts.name = stat.substr(open + 1, close - open - 1);
  facts.state = fields[kState].empty() ? '?' : fields[kState][0];
  facts.parent = Number<pid_t>(fields, kParent);
  facts.threads = Number<int>(fields, kThreads);
  facts.started_ticks = Number<uint64_t>(fields, kStarted);
  facts.resident_bytes = Number<uint64_t>(fields, kResident) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  facts.incarnation = Cat(HF_TRY(BootId()), ":", facts.started_ticks);
  return facts;
}

std::optional<size_t> CountEntries(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
  if (open == nullptr) return std::nullopt;
  size_t count = 0;
  while (const dirent* entry = ::readdir(open.get())) count += entry->d_name[0] != '.';
  return count;
}

std::optional<uint64_t> MostDescriptors(pid_t pid) {
  const auto limits =
      ReadProc(Cat("/proc/", static_cast<long long>(pid), "/limits"), kMostProcBytes, "limits");
  if (!limits.ok()) return std::nullopt;
  constexpr std::string_view kRow = "Max open files";
  const size_t at = limits->find(kRow);
  if (at == std::string::npos) return std::nullopt;
  const std::string_view soft = Trim(std::string_view(*limits).substr(at + kRow.size()));
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(soft.data(), soft.data() + soft.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

Status Gone(pid_t pid) { return NotFound(Cat(Name(pid), ": there is no such process")); }

}  // namespace

Result<std::string> Incarnation(pid_t pid) {
  const ProcessFacts facts = HF_TRY(ReadStat(pid));
  if (facts.state == 'Z' || facts.state == 'X') return Gone(pid);
  return facts.incarnation;
}

Status SignalProcess(pid_t pid, const std::string& incarnation, int signal) {
  if (pid <= 0) return InvalidArgument(Cat(static_cast<long long>(pid), " is not the number of a process"));
  // The handle first: whatever process it stands for cannot be exchanged from here on.
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!handle.open() && (errno == ESRCH || errno == EINVAL)) return Gone(pid);  // EINVAL: a thread's number
  if (!handle.open()) return FromErrno(errno, Subject::kProcess, Name(pid));
  const std::string now = HF_TRY(Incarnation(pid));
  if (now != incarnation)
    return Aborted(Cat(Name(pid), ": it is not the process that was meant (", now, " instead of ",
                       Excerpt(incarnation), ")"));
  if (::syscall(SYS_pidfd_send_signal, handle.number(), signal, nullptr, 0) == 0) return {};
  if (errno == ESRCH) return Gone(pid);
  return FromErrno(errno, Subject::kProcess, Name(pid));
}

Result<ProcessFacts> ReadProcess(pid_t pid) {
  ProcessFacts facts = HF_TRY(ReadStat(pid));
  const std::string folder = Cat("/proc/", static_cast<long long>(pid));
  if (facts.state != 'Z') facts.open_descriptors = CountEntries(Cat(folder, "/fd"));
  facts.most_descriptors = MostDescriptors(pid);
  const auto line = ReadProc(Cat(folder, "/cmdline"), ProcessFacts::kMostCommandLine, Name(pid));
  if (line.ok() && !line->empty()) {
    std::string_view words = *line;
    if (words.back() == '\0') words.remove_suffix(1);
    facts.command_line = Split(words, '\0');
  }
  return facts;
}

}  // namespace holdfast
