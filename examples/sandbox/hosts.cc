#include "examples/sandbox/hosts.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::sandbox {
namespace {

constexpr absl::Duration kBackoff = absl::Seconds(1);
constexpr int kTerm = 15, kKill = 9, kCont = 18, kStop = 19;

std::string IdOf(const Program& program) {
  return program.host.empty() ? program.name : Cat(program.name, "@", program.host);
}

}  // namespace

std::string_view UnitStateName(UnitState state) {
  switch (state) {
    case UnitState::kStopped:
      return "STOPPED";
    case UnitState::kStarting:
      return "STARTING";
    case UnitState::kRunning:
      return "RUNNING";
    case UnitState::kBackoff:
      return "BACKOFF";
    case UnitState::kStopping:
      return "STOPPING";
    case UnitState::kExited:
      return "EXITED";
    case UnitState::kFatal:
      return "FATAL";
  }
  return "UNKNOWN";
}

Unit& Hosts::Add(Program program) {
  if (program.service.empty()) program.service = program.name;
  if (!program.endpoint.empty() && !daemons_.contains(program.endpoint))
    daemons_[program.endpoint] = {next_pid_++, now_};
  std::string id = IdOf(program);
  Unit& unit = units_[id];
  unit.id = std::move(id);
  unit.program = std::move(program);
  return unit;
}

Unit* Hosts::Find(const std::string& id) {
  const auto found = units_.find(id);
  return found == units_.end() ? nullptr : &found->second;
}
const Unit* Hosts::Find(const std::string& id) const {
  const auto found = units_.find(id);
  return found == units_.end() ? nullptr : &found->second;
}

const Unit* Hosts::FindProgram(const std::string& host, const std::string& endpoint,
                               std::string_view name) const {
  for (const auto& [id, unit] : units_)
    if (unit.program.name == name && unit.program.host == host &&
        (endpoint.empty() || unit.program.endpoint == endpoint))
      return &unit;
  return nullptr;
}

void Hosts::Tell(const Unit& unit, Effect::What what, By by, int64_t pid) {
  const Effect effect{now_, unit.id, what, by, pid};
  if (effects_.size() < kMostEffects) effects_.push_back(effect);
  if (on_effect) on_effect(effect);
}

// ── time ──

absl::Time Hosts::NextEvent() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [id, unit] : units_) next = std::min(next, unit.due);
  for (const auto& [pid, process] : processes_)
    if (process.is == Process::Is::kRuns) next = std::min({next, process.ends_at, process.freezes_at});
  return next;
}

void Hosts::Advance(absl::Time now) {
  for (absl::Time next = NextEvent(); next <= now; next = NextEvent()) {
    now_ = std::max(now_, next);
    std::vector<Process> ended;
    for (auto& [pid, process] : processes_) {
      if (process.is == Process::Is::kRuns && process.ends_at <= now_) ended.push_back(process);
      if (process.freezes_at > now_) continue;
      process.is = Process::Is::kHangs;
      process.freezes_at = absl::InfiniteFuture();
    }
    for (Process& process : ended) End(std::move(process));
    for (auto& [id, unit] : units_)
      if (unit.due <= now_) Due(unit);
  }
  now_ = std::max(now_, now);
}

void Hosts::Spawn(Unit& unit, By by) {
  if (unit.program.file == Program::File::kMissing) return FailToSpawn(unit);
  Process process;
  process.pid = next_pid_++;
  process.unit = unit.id;
  process.started = now_;
  process.serves_at = now_ + unit.program.comes_up;
  process.ends_at = now_ + unit.program.dies_after;
  process.freezes_at = now_ + unit.program.freezes_after;
  unit.pid = process.pid;
  unit.started = now_;
  unit.state = unit.program.by == Supervisor::kSupervisord ? UnitState::kStarting : UnitState::kRunning;
  unit.due =
      unit.program.by == Supervisor::kSupervisord ? now_ + unit.program.startsecs : absl::InfiniteFuture();
  ++unit.lives;
  processes_[process.pid] = process;
  Tell(unit, Effect::What::kStart, by, process.pid);
}

void Hosts::FailToSpawn(Unit& unit) {
  unit.started = now_;
  unit.ended = Unit::Ended::kByItself;
  unit.spawn_error = Cat("can't find command '/srv/", unit.program.name, "'");
  Retry(unit);
}

// Of a start that did not last.
void Hosts::Retry(Unit& unit) {
  const bool again = ++unit.tries <= unit.program.startretries;
  unit.state = again ? UnitState::kBackoff : UnitState::kFatal;
  unit.due = again ? now_ + kBackoff * unit.tries : absl::InfiniteFuture();
}

void Hosts::End(Process process) {
  processes_.erase(process.pid);
  Unit& unit = units_.at(process.unit);
  if (unit.pid == process.pid) {
    unit.pid = 0;
    unit.stopped = now_;
    unit.due = absl::InfiniteFuture();
    if (unit.state == UnitState::kStopping) {
      unit.state = UnitState::kStopped;
      unit.ended = Unit::Ended::kByRequest;
    } else {
      unit.ended = Unit::Ended::kByItself;
      if (unit.state == UnitState::kStarting) {
        unit.spawn_error = "Exited too quickly (process log may have details)";
        Retry(unit);
      } else {
        unit.state = UnitState::kExited;
      }
    }
  }
  Tell(unit, Effect::What::kEnd, By::kNature, process.pid);
}

// What the supervisor does by itself when its time has come.
void Hosts::Due(Unit& unit) {
  unit.due = absl::InfiniteFuture();
  switch (unit.state) {
    case UnitState::kStarting:
      unit.state = UnitState::kRunning;
      unit.tries = 0;
      break;
    case UnitState::kBackoff:
      Spawn(unit, By::kSupervisor);
      break;
    case UnitState::kStopping:
      SendKill(unit, By::kSupervisor);
      break;
    default:
      break;
  }
}

// ── requests ──

Hosts::Answer Hosts::Start(const std::string& id, By by) {
  Unit* unit = Find(id);
  if (unit == nullptr) return Answer::kNoSuch;
  if (!IsDaemonUp(unit->program.endpoint)) return Answer::kDaemonDown;
  if (unit->program.file == Program::File::kMissing) return Answer::kNoFile;
  if (unit->pid != 0 || unit->state == UnitState::kBackoff) return Answer::kAlready;
  unit->tries = 0;
  Spawn(*unit, by);
  return Answer::kDone;
}

Hosts::Answer Hosts::Stop(const std::string& id, By by) {
  Unit* unit = Find(id);
  if (unit == nullptr) return Answer::kNoSuch;
  if (!IsDaemonUp(unit->program.endpoint)) return Answer::kDaemonDown;
  if (unit->state == UnitState::kBackoff) {
    unit->state = UnitState::kStopped;
    unit->due = absl::InfiniteFuture();
    Tell(*unit, Effect::What::kStop, by, 0);
    return Answer::kDone;
  }
  if (unit->pid == 0) return Answer::kNotRunning;
  if (unit->state == UnitState::kStopping) return Answer::kDone;
  const int64_t pid = unit->pid;
  unit->state = UnitState::kStopping;
  unit->due = now_ + unit->program.stopwaitsecs;
  SendTerm(*unit, by);
  Tell(*unit, Effect::What::kStop, by, pid);
  return Answer::kDone;
}

void Hosts::SendTerm(Unit& unit, By) {
  const auto found = processes_.find(unit.pid);
  if (found == processes_.end() || unit.program.on_term == Program::OnTerm::kIgnores) return;
  // One that hangs takes it when it is continued.
  found->second.ends_at = std::min(found->second.ends_at, now_ + unit.program.goes_down);
}

void Hosts::SendKill(Unit& unit, By by) {
  const auto found = processes_.find(unit.pid);
  if (found == processes_.end()) return;
  Tell(unit, Effect::What::kKill, by, unit.pid);
  if (unit.program.on_kill == Program::OnKill::kSurvives) return;
  const Process process = found->second;
  End(process);
}

Hosts::Answer Hosts::Signal(const std::string& id, int number, By by) {
  Unit* unit = Find(id);
  if (unit == nullptr) return Answer::kNoSuch;
  if (!IsDaemonUp(unit->program.endpoint)) return Answer::kDaemonDown;
  if (unit->pid == 0) return Answer::kNotRunning;
  if (number == kStop) Hang(id);
  if (number == kCont) Continue(id);
  if (number == kKill) SendKill(*unit, by);
  if (number == kTerm) {
    Tell(*unit, Effect::What::kTerm, by, unit->pid);
    SendTerm(*unit, by);
  }
  return Answer::kDone;
}

// ── what befalls them ──

void Hosts::Crash(const std::string& id) {
  std::vector<Process> mine;
  for (const auto& [pid, process] : processes_)
    if (process.unit == id) mine.push_back(process);
  for (Process& process : mine) End(std::move(process));
}

void Hosts::Hang(const std::string& id) {
  for (auto& [pid, process] : processes_)
    if (process.unit == id) process.is = Process::Is::kHangs;
}
void Hosts::Continue(const std::string& id) {
  for (auto& [pid, process] : processes_)
    if (process.unit == id) process.is = Process::Is::kRuns;
}

bool Hosts::IsHostUp(const std::string& host) const {
  const auto found = hosts_down_.find(host);
  return found == hosts_down_.end() || !found->second;
}

void Hosts::KillSupervisord(const std::string& endpoint) {
  daemons_.at(endpoint).is = Daemon::Is::kDown;
  for (auto& [pid, process] : processes_)
    if (units_.at(process.unit).program.endpoint == endpoint) process.parent = Process::Parent::kNobody;
}

void Hosts::StartSupervisord(const std::string& endpoint) {
  daemons_[endpoint] = {next_pid_++, now_, Daemon::Is::kUp};
  for (auto& [id, unit] : units_) {
    if (unit.program.endpoint != endpoint) continue;
    const Program program = unit.program;
    const int64_t lives = unit.lives;
    unit = {.id = id, .program = program, .lives = lives};
    if (program.autostart == Program::AutoStart::kYes) Spawn(unit, By::kSupervisor);
  }
}

bool Hosts::IsDaemonUp(const std::string& endpoint) const {
  const auto found = daemons_.find(endpoint);
  return found == daemons_.end() || found->second.is == Daemon::Is::kUp;
}
int64_t Hosts::DaemonPid(const std::string& endpoint) const {
  const auto found = daemons_.find(endpoint);
  return found == daemons_.end() ? 0 : found->second.pid;
}

void Hosts::StartAllAtOnce() {
  for (auto& [id, unit] : units_)
    if (unit.pid == 0) Spawn(unit, By::kSupervisor);
}

// ── the truth ──

const Process* Hosts::Listening(const std::string& host, uint16_t port) const {
  for (const auto& [pid, process] : processes_) {
    const Program& program = units_.at(process.unit).program;
    const std::string& address = program.address.empty() ? program.host : program.address;
    if (program.port == port && address == host && port != 0) return &process;
  }
  return nullptr;
}

bool Hosts::IsAlive(const std::string& id) const {
  return std::any_of(processes_.begin(), processes_.end(),
                     [&](const auto& entry) { return entry.second.unit == id; });
}

bool Hosts::HasQuorum(const Unit& unit) const {
  size_t members = 0, running = 0;
  for (const auto& [id, other] : units_) {
    if (other.program.service != unit.program.service) continue;
    ++members;
    for (const auto& [pid, process] : processes_)
      if (process.unit == id && process.is == Process::Is::kRuns && process.serves_at <= now_) {
        ++running;
        break;
      }
  }
  return running * 2 > members;
}

bool Hosts::NeedsMet(const Unit& unit) const {
  return std::all_of(unit.program.needs.begin(), unit.program.needs.end(), [&](const std::string& service) {
    return std::any_of(units_.begin(), units_.end(), [&](const auto& entry) {
      return entry.second.program.service == service && Serves(entry.first);
    });
  });
}

bool Hosts::ServesProcess(const Process& process) const {
  if (process.is != Process::Is::kRuns || process.serves_at > now_) return false;
  const Unit& unit = units_.at(process.unit);
  if (unit.program.speaks == Speaks::kZookeeper && !HasQuorum(unit)) return false;
  return NeedsMet(unit);
}

bool Hosts::Serves(const std::string& id) const {
  return std::any_of(processes_.begin(), processes_.end(), [&](const auto& entry) {
    return entry.second.unit == id && ServesProcess(entry.second);
  });
}

}  // namespace holdfast::sandbox
