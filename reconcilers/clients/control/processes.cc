#include "reconcilers/clients/control/processes.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/control/proc.h"

namespace holdfast::clients {

namespace {

constexpr size_t kMostProcBytes = 1 << 20;
constexpr int64_t kPageKb = 4;
constexpr size_t kWordsBeforeArguments = 7;  // pid, parent, and the five words of lstart

// Everything that a diagnosis needs in one command, each part under a heading. $1 is the pid, $2 a path or
// nothing.
constexpr std::string_view kDiagnosis =
    R"(for f in /proc/sys/kernel/random/boot_id /proc/$1/stat /proc/$1/limits /proc/loadavg; do
  echo "== $f"; cat "$f" 2>/dev/null; done
echo "== descriptors"; l=$(ls /proc/$1/fd 2>/dev/null) && printf '%s\n' "$l" | grep -c .
echo "== disk"; if [ -n "$2" ]; then df -Pk -- "$2" 2>/dev/null; fi
echo "== end")";

std::optional<int64_t> NumberIn(std::string_view text) {
  text = Trim(text);
  int64_t number = 0;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number)) return std::nullopt;
  return number;
}

std::string_view AfterFirstWord(std::string_view text) {
  const size_t blank = text.find(' ');
  return blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
}

bool Begins(std::string_view text, std::string_view pattern) {
  return text.starts_with(pattern) && (text.size() == pattern.size() || text[pattern.size()] == ' ');
}

// The arguments begin with those of `pattern`, or do so after a script's interpreter. A script that was found
// by its bare name is shown by its path.
bool Fits(std::string_view command_line, std::string_view pattern) {
  if (Begins(command_line, pattern)) return true;
  std::string_view script = AfterFirstWord(command_line);
  while (script.starts_with('-')) script = AfterFirstWord(script);
  if (Begins(script, pattern)) return true;
  if (pattern.substr(0, pattern.find(' ')).find('/') != std::string_view::npos) return false;
  const std::string_view path = script.substr(0, script.find(' '));
  const size_t slash = path.rfind('/');
  return slash != std::string_view::npos && Begins(script.substr(slash + 1), pattern);
}

bool FitsAny(std::string_view command_line, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return Fits(command_line, pattern); });
}

std::string CommandLineOf(std::string bytes) {
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  std::replace(bytes.begin(), bytes.end(), '\0', ' ');
  if (bytes.size() > Processes::kMostCommandLine) bytes.resize(Processes::kMostCommandLine);
  return bytes;
}

// Nothing when the process is gone meanwhile, or is not one that we look for.
std::optional<FoundProcess> ReadHere(Files& files, const std::string& pid,
                                     const std::vector<std::string>& patterns, std::string_view boot_id,
                                     absl::Time boot) {
  const std::string directory = Cat("/proc/", pid);
  Result<std::string> arguments = files.Read(directory + "/cmdline", kMostProcBytes);
  if (!arguments.ok()) return std::nullopt;
  FoundProcess found;
  found.command_line = CommandLineOf(*std::move(arguments));
  if (!FitsAny(found.command_line, patterns)) return std::nullopt;
  const Result<std::string> stat = files.Read(directory + "/stat", kMostProcBytes);
  const std::optional<ProcStat> parsed = stat.ok() ? ParseProcStat(*stat) : std::nullopt;
  if (!parsed || parsed->state == 'Z') return std::nullopt;
  found.pid = parsed->pid;
  found.parent = parsed->parent;
  found.start = StartTime(boot, parsed->start_ticks);
  found.incarnation = IncarnationText(boot_id, *stat);
  return found;
}

Result<std::vector<FoundProcess>> FindHere(Files& files, const std::vector<std::string>& patterns) {
  const std::vector<FileInfo> entries = HF_TRY(files.List("/proc"));
  const std::string machine = HF_TRY(files.Read("/proc/stat", kMostProcBytes));
  const std::string boot_id = HF_TRY(files.Read("/proc/sys/kernel/random/boot_id", kMostProcBytes));
  const std::optional<absl::Time> boot = ParseBootTime(machine);
  if (!boot) return Unavailable("/proc/stat does not say when this machine started");
  std::vector<FoundProcess> out;
  bool sees_others = false;
  for (const FileInfo& entry : entries) {
    const std::string pid = entry.path.substr(entry.path.rfind('/') + 1);
    if (!NumberIn(pid)) continue;
    sees_others = sees_others || pid == "1";
    if (auto found = ReadHere(files, pid, patterns, boot_id, *boot)) out.push_back(*std::move(found));
  }
  // Mounted with hidepid, /proc lists our own processes only.
  if (!sees_others)
    return PermissionDenied("/proc hides the processes of others here (hidepid); run as root");
  return out;
}

// "  12    1 Sat Nov 21 09:35:58 2026 /bin/sleep 100".
std::optional<FoundProcess> ReadPsLine(std::string_view line) {
  std::vector<std::string_view> words;
  std::string_view rest = line;
  while (words.size() < kWordsBeforeArguments) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const size_t end = std::min(rest.find(' '), rest.size());
    if (end == 0) return std::nullopt;
    words.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  FoundProcess found;
  const auto pid = NumberIn(words[0]), parent = NumberIn(words[1]);
  std::string ignored;
  const std::string start = Cat(words[3], " ", words[4], " ", words[5], " ", words[6]);
  if (!pid || !parent || !absl::ParseTime("%b %d %H:%M:%S %Y", start, &found.start, &ignored))
    return std::nullopt;
  found.pid = *pid;
  found.parent = *parent;
  found.command_line = std::string(Trim(rest).substr(0, Processes::kMostCommandLine));
  return found;
}

using Parts = std::map<std::string, std::string, std::less<>>;

Parts PartsOf(std::string_view output) {
  Parts parts;
  std::string* part = nullptr;
  for (const std::string& line : Split(output, '\n')) {
    if (line.starts_with("== "))
      part = &parts[line.substr(3)];
    else if (part != nullptr && !line.empty())
      part->append(line).append("\n");
  }
  return parts;
}

// "Filesystem 1024-blocks Used Available Capacity Mounted on", then one line.
void ReadDisk(std::string_view df, ProcessFacts& facts) {
  const std::vector<std::string> lines = Split(Trim(df), '\n');
  if (lines.size() < 2) return;
  std::vector<std::string> words;
  for (std::string& word : Split(lines.back(), ' '))
    if (!word.empty()) words.push_back(std::move(word));
  if (words.size() < 6) return;
  facts.disk_free_kb = NumberIn(words[3]).value_or(-1);
  facts.disk_used_percent = NumberIn(words[4].substr(0, words[4].find('%'))).value_or(-1);
}

Observed<ProcessFacts> ReadDiagnosis(const Parts& parts, int64_t pid, std::string disk_path,
                                     std::string_view place, absl::Time at) {
  const auto part = [&](const std::string& name) {
    const auto found = parts.find(name);
    return found == parts.end() ? std::string() : found->second;
  };
  const std::string boot_id = part("/proc/sys/kernel/random/boot_id"),
                    stat = part(Cat("/proc/", pid, "/stat"));
  if (!parts.contains("end") || boot_id.empty()) return Unknown{Cat(place, ": /proc cannot be read there")};
  if (stat.empty()) return Absent{Cat(place, " has no process ", pid), at};
  const std::optional<ProcStat> parsed = ParseProcStat(stat);
  if (!parsed) return Unknown{Cat(place, ": /proc/", pid, "/stat cannot be read")};
  ProcessFacts facts;
  facts.pid = parsed->pid;
  facts.parent = parsed->parent;
  facts.incarnation = IncarnationText(boot_id, stat);
  facts.state = std::string(1, parsed->state);
  facts.threads = parsed->threads;
  facts.resident_kb = parsed->resident_pages * kPageKb;
  facts.descriptors = NumberIn(part("descriptors")).value_or(-1);
  facts.descriptor_limit = ParseDescriptorLimit(part(Cat("/proc/", pid, "/limits")));
  const std::vector<std::string> load = Split(part("/proc/loadavg"), ' ');
  if (load.size() >= 3) facts.load = Cat(load[0], " ", load[1], " ", load[2]);
  facts.disk_path = std::move(disk_path);
  ReadDisk(part("disk"), facts);
  return {std::move(facts), at};
}

}  // namespace

std::string IncarnationText(std::string_view boot_id, std::string_view stat) {
  const std::optional<ProcStat> parsed = ParseProcStat(stat);
  const std::string_view prefix = Trim(boot_id).substr(0, Trim(boot_id).find('-'));
  return parsed && !prefix.empty() ? Cat(prefix, ":", parsed->start_ticks) : std::string();
}

std::string ProcessFacts::Text() const {
  std::string text = Cat("pid ", pid, ": state ", state);
  if (state == "T") text += " (stopped by a signal)";
  if (state == "D") text += " (waits in the kernel, cannot be killed)";
  if (descriptors >= 0)
    Append(text, ", ", descriptors, descriptor_limit < 0 ? "" : Cat(" of ", descriptor_limit),
           " descriptors");
  if (resident_kb >= 0) Append(text, ", ", resident_kb / 1024, " MiB");
  if (!load.empty()) Append(text, ", load ", load);
  if (disk_used_percent >= 0) Append(text, ", ", disk_path, " ", 100 - disk_used_percent, " % free");
  return text;
}

bool IsStartedBy(std::string_view command_line, const std::vector<std::string>& argv) {
  return Fits(command_line, Join(argv, " "));
}

Task<Result<std::vector<FoundProcess>>> Processes::Find(Reach where, std::vector<std::string> argv) {
  std::vector<std::vector<std::string>> programs;
  programs.push_back(std::move(argv));
  return FindAny(std::move(where), std::move(programs));
}

Task<Result<std::vector<FoundProcess>>> Processes::FindAny(Reach where,
                                                           std::vector<std::vector<std::string>> programs) {
  std::vector<std::string> patterns;
  for (const std::vector<std::string>& argv : programs) patterns.push_back(Join(argv, " "));
  std::ranges::sort(patterns);
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  if (patterns.empty() || patterns.front().empty())
    co_return InvalidArgument("an empty pattern would be every process");
  if (where.host.empty()) co_return FindHere(world_.files, patterns);
  CommandLine line{
      {"env", "TZ=UTC", "LC_ALL=C", "ps", "-ww", "-e", "-o", "pid=,ppid=,lstart=,args="}, "", {}};
  const Exit exit = HF_CO_TRY(co_await ssh_.Run(where, std::move(line), {kReadDeadline, kMostListingBytes}));
  if (exit.code != 0 || exit.truncated || exit.output.empty())
    co_return Unavailable(Cat(PlaceText(where), ": ps: ", Excerpt(Trim(exit.errors), 160)));
  std::vector<FoundProcess> out;
  for (const std::string& text : Split(Trim(exit.output), '\n')) {
    std::optional<FoundProcess> found = ReadPsLine(text);
    if (!found)
      co_return Unavailable(Cat(PlaceText(where), ": ps: a line that cannot be read: ", Excerpt(text, 80)));
    if (FitsAny(found->command_line, patterns)) out.push_back(*std::move(found));
  }
  co_return out;
}

Task<Observed<ProcessFacts>> Processes::Look(Reach where, int64_t pid, std::string disk_path) {
  const absl::Time sent_at = world_.clock.Now();
  CommandLine line{{"sh", "-c", std::string(kDiagnosis), "sh", Cat(pid), disk_path}, "", {}};
  const Result<Exit> ran = co_await ssh_.Run(where, std::move(line), {kReadDeadline, kMostProcBytes});
  if (!ran.ok()) co_return Unknown{ran.status().message()};
  co_return ReadDiagnosis(PartsOf(ran->output), pid, std::move(disk_path), PlaceText(where), sent_at);
}

}  // namespace holdfast::clients
