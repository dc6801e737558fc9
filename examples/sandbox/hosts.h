// A model of hosts with supervised processes that start, serve, hang, crash and die as time goes by.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sandbox {

enum class Supervisor { kSupervisord, kSystemd, kSysv };
enum class Speaks { kNothing, kHttp, kRedis, kZookeeper, kPostgresql };

// A program as its supervisor's configuration has it, and how its process behaves.
struct Program {
  std::string name;     // "redis", "flask:flask_1", "zookeeper.service"
  std::string service;  // what others need it as; "" = the name
  std::string host;     // "" = the controller's own machine
  std::string address;  // where it listens; "" = the host's name
  Supervisor by = Supervisor::kSupervisord;
  std::string endpoint;  // of its supervisord: "/run/supervisor.sock" or "http://10.0.0.3:9001"

  Speaks speaks = Speaks::kNothing;
  uint16_t port = 0;
  std::vector<std::string> needs;  // services of which one member must serve, else it answers wrong

  absl::Duration comes_up = absl::Seconds(2);                // from its start until it answers rightly
  absl::Duration goes_down = absl::Milliseconds(300);        // from TERM until it ends
  absl::Duration dies_after = absl::InfiniteDuration();      // of its own
  absl::Duration freezes_after = absl::InfiniteDuration();   // of its own, as by SIGSTOP
  enum class File { kThere, kMissing } file = File::kThere;  // what there is to run
  enum class OnTerm { kEnds, kIgnores } on_term = OnTerm::kEnds;
  enum class OnKill { kEnds, kSurvives } on_kill = OnKill::kEnds;  // kSurvives: waits in the kernel for ever

  absl::Duration startsecs = absl::Seconds(1);
  absl::Duration stopwaitsecs = absl::Seconds(10);
  int startretries = 3;
  enum class AutoStart { kNo, kYes } autostart = AutoStart::kNo;
};

enum class UnitState {
  kStopped = 0,
  kStarting = 10,
  kRunning = 20,
  kBackoff = 30,
  kStopping = 40,
  kExited = 100,
  kFatal = 200
};
std::string_view UnitStateName(UnitState state);

struct Process {
  int64_t pid = 0;
  std::string unit;
  absl::Time started;
  absl::Time serves_at;                            // from then on it answers rightly
  absl::Time ends_at = absl::InfiniteFuture();     // it is on its way out, or will die of its own
  absl::Time freezes_at = absl::InfiniteFuture();  // of its own
  enum class Is { kRuns, kHangs } is = Is::kRuns;  // kHangs: SIGSTOP
  enum class Parent { kSupervisor, kNobody } parent = Parent::kSupervisor;
};

// A program with what its supervisor knows of it. `id` is NAME@HOST, or NAME on the controller's own machine.
struct Unit {
  std::string id;
  Program program;
  UnitState state = UnitState::kStopped;
  int64_t pid = 0;  // 0 = the supervisor has no process of it
  absl::Time started = absl::InfinitePast(), stopped = absl::InfinitePast();
  absl::Time due = absl::InfiniteFuture();  // when the supervisor does the next thing
  int tries = 0;
  int64_t lives = 0;  // how often it was started
  enum class Ended { kNever, kByRequest, kByItself } ended = Ended::kNever;
  std::string spawn_error;
};

// Who did it. Everything that comes in through a protocol is the controller's.
enum class By { kController, kPerson, kSupervisor, kNature };

struct Effect {
  absl::Time at;
  std::string unit;
  enum class What { kStart, kStop, kKill, kTerm, kEnd, kServes } what;
  By by;
  int64_t pid = 0;
};

// The ground truth. Time goes on only by Advance, which every request should be preceded by. One thread.
class Hosts {
 public:
  static constexpr int64_t kFirstPid = 4000;
  explicit Hosts(absl::Time now, int64_t first_pid = kFirstPid) : now_(now), next_pid_(first_pid) {}

  // A program that nobody has started yet.
  Unit& Add(Program program);
  void Advance(absl::Time now);
  absl::Time now() const { return now_; }
  // When something happens next by itself.
  absl::Time NextEvent() const;

  // What supervisors are asked.
  enum class Answer { kDone, kAlready, kNotRunning, kNoFile, kNoSuch, kDaemonDown };
  Answer Start(const std::string& id, By by);
  Answer Stop(const std::string& id, By by);
  Answer Signal(const std::string& id, int number, By by);

  // What befalls processes and machines.
  void Crash(const std::string& id);
  void Hang(const std::string& id);
  void Continue(const std::string& id);
  void HostDown(const std::string& host) { hosts_down_[host] = true; }
  void HostUp(const std::string& host) { hosts_down_[host] = false; }
  bool IsHostUp(const std::string& host) const;
  // kill -9 of a supervisord: its children live on without a parent. A new one knows nothing of them.
  void KillSupervisord(const std::string& endpoint);
  void StartSupervisord(const std::string& endpoint);
  bool IsDaemonUp(const std::string& endpoint) const;
  int64_t DaemonPid(const std::string& endpoint) const;
  // As after a reboot: everything of the supervisor that starts by itself starts at once.
  void StartAllAtOnce();

  Unit* Find(const std::string& id);
  const Unit* Find(const std::string& id) const;
  // By name on one host, under one supervisord ("" = any).
  const Unit* FindProgram(const std::string& host, const std::string& endpoint, std::string_view name) const;
  const std::map<std::string, Unit>& units() const { return units_; }
  const std::map<int64_t, Process>& processes() const { return processes_; }
  // The process that listens there, when one does.
  const Process* Listening(const std::string& host, uint16_t port) const;

  // At least one process of it lives, whoever is its parent.
  bool IsAlive(const std::string& id) const;
  // One of its processes answers, and rightly.
  bool Serves(const std::string& id) const;
  bool ServesProcess(const Process& process) const;
  bool NeedsMet(const Unit& unit) const;
  // For an ensemble: most of the members of its service run.
  bool HasQuorum(const Unit& unit) const;

  const std::vector<Effect>& effects() const { return effects_; }
  // Called at each of them, when it has taken effect.
  std::function<void(const Effect&)> on_effect;

  static constexpr size_t kMostEffects = 1 << 20;

 private:
  struct Daemon {
    int64_t pid = 0;
    absl::Time started;
    enum class Is { kUp, kDown } is = Is::kUp;
  };
  void Tell(const Unit& unit, Effect::What what, By by, int64_t pid);
  void Spawn(Unit& unit, By by);
  void FailToSpawn(Unit& unit);
  void Retry(Unit& unit);
  void End(Process process);
  void Due(Unit& unit);
  void SendTerm(Unit& unit, By by);
  void SendKill(Unit& unit, By by);

  absl::Time now_;
  std::map<std::string, Unit> units_;
  std::map<int64_t, Process> processes_;
  std::map<std::string, Daemon> daemons_;
  std::map<std::string, bool> hosts_down_;
  std::vector<Effect> effects_;
  int64_t next_pid_;
};

}  // namespace holdfast::sandbox
