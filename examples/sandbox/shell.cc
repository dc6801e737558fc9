#include "examples/sandbox/shell.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/talk.h"

namespace holdfast::sandbox {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(5);
constexpr int kNoProgram = 127;

Ran Printed(int code, std::string output, std::string errors = {}) {
  Ran ran;
  ran.exit.code = code;
  ran.exit.output = std::move(output);
  ran.exit.errors = std::move(errors);
  return ran;
}

std::string SystemdTime(absl::Time time) {
  return time == absl::InfinitePast()
             ? ""
             : absl::FormatTime("%a %Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

const Unit* Named(const Hosts& hosts, const std::string& host, const std::string& name, Supervisor by) {
  const Unit* unit = hosts.FindProgram(host, "", name);
  if (unit == nullptr && name.ends_with(".service"))
    unit = hosts.FindProgram(host, "", name.substr(0, name.size() - 8));
  return unit != nullptr && unit->program.by == by ? unit : nullptr;
}

std::string InvocationOf(const Unit& unit) { return unit.lives == 0 ? "" : Cat("inv", unit.lives, "0000"); }

std::string ShowUnit(const std::string& name, const Unit* unit) {
  if (unit == nullptr)
    return Cat(
        "Id=", name,
        "\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nResult=success\nMainPID=0\nJob=\n");
  std::string_view active = "active", sub = "running", result = "success";
  if (unit->state == UnitState::kStopped) active = "inactive", sub = "dead";
  if (unit->state == UnitState::kStopping) active = "deactivating", sub = "stop-sigterm";
  if (unit->state == UnitState::kExited || unit->state == UnitState::kFatal)
    active = "failed", sub = "failed", result = "signal";
  const absl::Time changed = std::max(unit->started, unit->stopped);
  return Cat("Id=", name, "\nLoadState=loaded\nActiveState=", active, "\nSubState=", sub,
             "\nInvocationID=", InvocationOf(*unit), "\nMainPID=", unit->pid, "\nResult=", result,
             "\nNRestarts=0\nExecMainCode=0\nExecMainStatus=0\nJob=\nUnitFileState=disabled",
             "\nStateChangeTimestamp=", SystemdTime(changed),
             "\nActiveEnterTimestamp=", SystemdTime(unit->started),
             "\nInactiveEnterTimestamp=", SystemdTime(unit->stopped), "\n");
}

Ran Systemctl(Hosts& hosts, const std::string& host, const std::vector<std::string>& argv) {
  std::vector<std::string> words;
  bool only_invocation = false;
  int signal = 15;
  for (size_t i = 1; i < argv.size(); ++i) {
    only_invocation |= argv[i] == "--property=InvocationID";
    if (argv[i] == "--signal=KILL") signal = 9;
    if (!argv[i].starts_with("-")) words.push_back(argv[i]);
  }
  if (words.empty()) return Printed(1, "", "sandbox: systemctl without a verb");
  if (words[0] == "show") {
    std::string output;
    for (size_t i = 1; i < words.size(); ++i) {
      const Unit* unit = Named(hosts, host, words[i], Supervisor::kSystemd);
      if (only_invocation)
        Append(output, unit == nullptr ? "" : InvocationOf(*unit), "\n");
      else
        Append(output, i > 1 ? "\n" : "", ShowUnit(words[i], unit));
    }
    return Printed(0, output);
  }
  if (words.size() != 2) return Printed(1, "", "sandbox: one unit at a time");
  const Unit* unit = Named(hosts, host, words[1], Supervisor::kSystemd);
  if (unit == nullptr)
    return Printed(5, "", Cat("Failed to ", words[0], " ", words[1], ": Unit ", words[1], " not found."));
  if (words[0] == "start")
    (void)hosts.Start(unit->id, By::kController);
  else if (words[0] == "stop")
    (void)hosts.Stop(unit->id, By::kController);
  else if (words[0] == "kill")
    (void)hosts.Signal(unit->id, signal, By::kController);
  else
    return Printed(1, "", Cat("sandbox: systemctl cannot ", words[0]));
  return Printed(0, "");
}

Ran Service(Hosts& hosts, const std::string& host, const std::vector<std::string>& argv) {
  if (argv.size() != 3) return Printed(1, "", "sandbox: service NAME VERB");
  const Unit* unit = Named(hosts, host, argv[1], Supervisor::kSysv);
  if (unit == nullptr) return Printed(1, "", Cat(argv[1], ": unrecognized service"));
  if (argv[2] == "start") return (void)hosts.Start(unit->id, By::kController), Printed(0, "");
  if (argv[2] == "stop") return (void)hosts.Stop(unit->id, By::kController), Printed(0, "");
  if (argv[2] != "status") return Printed(2, "", "usage: start|stop|status");
  if (unit->pid != 0) return Printed(0, Cat(argv[1], " is running with pid ", unit->pid));
  const bool died = unit->ended == Unit::Ended::kByItself;
  return Printed(died ? 1 : 3,
                 Cat(argv[1], died ? " is not running and the pid file exists" : " is not running"));
}

Ran Ps(const Hosts& hosts, const std::string& host) {
  std::string output =
      Cat("    1     0 ", absl::FormatTime("%a %b %e %H:%M:%S %Y", BootTime(), absl::UTCTimeZone()),
          " /sbin/init\n");
  for (const auto& [pid, process] : hosts.processes()) {
    const Unit& unit = *hosts.Find(process.unit);
    if (unit.program.host != host) continue;
    Append(output, pid, " ", process.parent == Process::Parent::kNobody ? 1 : 2, " ",
           absl::FormatTime("%a %b %e %H:%M:%S %Y", process.started, absl::UTCTimeZone()), " /srv/",
           unit.program.name, "\n");
  }
  return Printed(0, output);
}

// The script that tells about one process, recognised by its heading.
Ran Diagnosis(const Hosts& hosts, const std::string& host, const std::vector<std::string>& argv) {
  int64_t pid = 0;
  if (argv.size() < 5 || !absl::SimpleAtoi(argv[4], &pid))
    return Printed(kNoProgram, "", "sandbox: there is no shell");
  std::string output =
      Cat("== /proc/sys/kernel/random/boot_id\n", BootIdText(), "\n== /proc/", pid, "/stat\n");
  const auto process = hosts.processes().find(pid);
  if (process != hosts.processes().end() && hosts.Find(process->second.unit)->program.host == host)
    Append(output, ProcStatText(hosts, process->second), "\n");
  Append(output, "== /proc/", pid,
         "/limits\nMax open files            1024                 4096                 files\n",
         "== /proc/loadavg\n0.42 0.40 0.38 1/200 4711\n== descriptors\n12\n== disk\n",
         "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 1000000 400000 600000 40% "
         "/\n== end\n");
  return Printed(0, output);
}

Ran Ssh(Hosts& hosts, const std::vector<std::string>& argv, std::string_view input) {
  std::string forward, host, line;
  size_t i = 1;
  for (; i < argv.size() && argv[i] != "--"; ++i) {
    if (argv[i] == "-W" && i + 1 < argv.size())
      forward = argv[++i];
    else if ((argv[i] == "-o" || argv[i] == "-F" || argv[i] == "-p" || argv[i] == "-l" || argv[i] == "-i" ||
              argv[i] == "-O") &&
             i + 1 < argv.size())
      ++i;
  }
  if (i + 1 < argv.size()) host = argv[i + 1];
  if (i + 2 < argv.size()) line = argv[i + 2];
  if (!hosts.IsHostUp(host)) {
    Ran ran = Printed(255, "", Cat("ssh: connect to host ", host, " port 22: Connection timed out\n"));
    ran.took = kConnectTimeout;
    return ran;
  }
  if (forward.empty()) {
    Ran ran = RunOn(hosts, host, ShellWords(line), input);
    ran.took += absl::Milliseconds(200);
    return ran;
  }
  int port = 0;
  const size_t colon = forward.rfind(':');
  (void)absl::SimpleAtoi(forward.substr(colon + 1), &port);
  const Process* process = hosts.Listening(host, static_cast<uint16_t>(port));
  if (process == nullptr)
    return Printed(255, "",
                   "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n");
  if (process->is == Process::Is::kHangs) {
    Ran ran = Printed(0, "");
    ran.took = absl::InfiniteDuration();
    return ran;
  }
  Talk talk(hosts, process->pid);
  return Printed(0, talk.Hear(input).bytes);
}

}  // namespace

std::vector<std::string> ShellWords(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  enum { kBetween, kPlain, kQuoted } in = kBetween;
  for (char c : line) {
    if (in == kQuoted) {
      if (c == '\'')
        in = kPlain;
      else
        word += c;
    } else if (c == '\'') {
      in = kQuoted;
    } else if (c == ' ') {
      if (in == kPlain) words.push_back(std::exchange(word, {}));
      in = kBetween;
    } else {
      if (c != '\\') word += c;
      in = kPlain;
    }
  }
  if (in != kBetween) words.push_back(word);
  return words;
}

absl::Time BootTime() { return absl::FromUnixSeconds(1'794'900'000); }
std::string_view BootIdText() { return "5a9db0c1-0000-4000-8000-000000000001"; }

std::string ProcStatText(const Hosts& hosts, const Process& process) {
  const Unit& unit = *hosts.Find(process.unit);
  const int64_t ticks = (process.started - BootTime()) / absl::Milliseconds(10);
  return Cat(process.pid, " (", unit.program.name, ") ", process.is == Process::Is::kHangs ? "T" : "S", " ",
             process.parent == Process::Parent::kNobody ? int64_t{1} : hosts.DaemonPid(unit.program.endpoint),
             " 1 1 0 -1 4194560 100 0 0 0 1 1 0 0 20 0 1 0 ", ticks,
             " 10000000 1000 18446744073709551615 0 0");
}

Ran RunOn(Hosts& hosts, const std::string& host, std::vector<std::string> argv, std::string_view input) {
  const auto drop = [&](size_t words) {
    argv.erase(argv.begin(), argv.begin() + static_cast<std::ptrdiff_t>(words));
  };
  if (argv.size() > 3 && argv[0] == "sudo") drop(3);
  while (!argv.empty() && (argv[0] == "env" || argv[0].starts_with("TZ=") || argv[0].starts_with("LC_ALL=")))
    drop(1);
  if (argv.empty()) return Printed(kNoProgram, "", "sandbox: an empty command");
  if (argv[0] == "ssh" && host.empty()) return Ssh(hosts, argv, input);
  if (argv[0] == "systemctl") return Systemctl(hosts, host, argv);
  if (argv[0] == "service") return Service(hosts, host, argv);
  if (argv[0] == "ps") return Ps(hosts, host);
  if (argv[0] == "sh") return Diagnosis(hosts, host, argv);
  if (argv[0] == "true") return Printed(0, "");
  return Printed(kNoProgram, "", Cat("sandbox: ", argv[0], ": command not found"));
}

Ran RunHere(Hosts& hosts, const std::vector<std::string>& argv, std::string_view input) {
  return RunOn(hosts, "", argv, input);
}

}  // namespace holdfast::sandbox
