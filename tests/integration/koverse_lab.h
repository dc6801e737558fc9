// The stack of the koverse runbook, made of the real programs, with a holdfast that keeps it.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/lab.h"

namespace holdfast::clients {

// What a listener of supervisord's own events wrote down, in the order in which it happened.
struct ProcessEvent {
  absl::Time at;
  std::string state;    // STARTING, RUNNING, STOPPING, STOPPED, EXITED, …
  std::string program;  // "tserver_127.0.0.31"
};

// Every address is in 127.0.0.0/8, every file in one private directory, every process ends with this.
class KoverseLab {
 public:
  KoverseLab();
  ~KoverseLab();

  // Why the real stack is not run here, or "".
  static std::string WhyNot();

  // Formats HDFS, PostgreSQL and Accumulo with a first supervisord and ends everything again, so that a
  // second one begins with a stack that is down and that nobody stopped.
  void Prepare();
  void StartSupervisord();
  void StopSupervisord();
  void StartHoldfast();

  // The spec in force from now on. `state` is what stands below `spec:`; `zombie` is for tablet servers.
  void Declare(const std::string& state, const std::string& zombie);
  static std::string Up() { return "  state: up\n"; }

  ProcessInfo See(const std::string& program);
  pid_t PidOf(const std::string& program) { return static_cast<pid_t>(See(program).pid); }
  // Incarnation by program, of everything that runs.
  std::map<std::string, std::string> Incarnations();
  // As a person does it.
  void StartByHand(const std::string& program);
  std::vector<ProcessEvent> Events() const;

  // Asks the server that the program is, with the probe that its component has.
  ProbeAnswer Answer(const std::string& program);
  // Status of the stack's condition: "True", "False", or "" when holdfast does not say.
  std::string Condition(std::string_view type);
  bool IsReady() { return Condition("Ready") == "True" && Condition("Reconciling") == "False"; }
  std::string Why();
  // Lets go what is proposed, bound to the plan as it is shown now, as a person does it.
  void Apply();
  // What the shell of Accumulo prints for these commands.
  std::string AccumuloShell(const std::string& commands);
  std::string LogOf(const std::string& program) const { return ReadWhole(lab.Path("log/" + program)); }

  static const std::vector<std::vector<std::string>>& Layers();  // programs, the lowest layer first
  static std::vector<std::string> All();

  Lab lab;
  RealRig rig{lab.directory()};

 private:
  struct Ports {
    uint16_t zookeeper = FreePort(), peers = FreePort(), election = FreePort(), namenode = FreePort(),
             namenode_calls = FreePort(), datanode = FreePort(), postgresql = FreePort(), master = FreePort(),
             tserver = FreePort(), gc = FreePort(), monitor = FreePort(), holdfast = FreePort();
    std::map<std::string, uint16_t> blocks, calls;  // of each DataNode
  };
  void WriteHadoop() const;
  void WriteZookeeper() const;
  void WriteAccumulo() const;
  void WriteSupervisord() const;
  // The words that start each program.
  std::vector<std::string> CommandOf(const std::string& program) const;
  std::vector<std::string> Hdfs(const std::string& folder, const std::string& main_class) const;
  std::vector<std::string> Accumulo(std::vector<std::string> words) const;
  void InitialisePostgresql();
  std::string Ensemble() const;
  std::string SpecText(const std::string& state, const std::string& zombie) const;
  Exit Run(const std::vector<std::string>& argv, absl::Duration longest);

  Ports ports_;
  SupervisordEndpoint endpoint_{lab.Path("s.sock"), "", "", {}};
  pid_t supervisord_ = 0, holdfast_ = 0;
};

}  // namespace holdfast::clients
