// Reading what supervisord knows of its programs.
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
#include "controller/plan/action.h"
#include "controller/plan/observed.h"
#include "controller/world/world.h"
#include "reconcilers/clients/secrets.h"

namespace holdfast::clients {

struct SupervisordEndpoint {
  std::string unix_socket;  // either this …
  std::string url;          // … or http://host:port
  std::string user;         // "" = no authorization
  SecretRef password;
  bool operator==(const SupervisordEndpoint&) const = default;
  // "unix:///run/supervisor.sock" or "http://10.0.0.3:9001"; never the password.
  std::string Text() const;
  // On this machine: reached by a unix socket or a loopback address.
  bool IsLocal() const;
};
SupervisordEndpoint EndpointOf(const XmlRpcCall& call);

enum class ProcessState {
  kStopped = 0,
  kStarting = 10,
  kRunning = 20,
  kBackoff = 30,
  kStopping = 40,
  kExited = 100,
  kFatal = 200,
  kUnknown = 1000,
};

// As getProcessInfo says it. `exitstatus` is 0 for many failures and `spawnerr` outlives its cause: judge by
// neither.
struct ProcessInfo {
  std::string name, group;
  ProcessState state = ProcessState::kUnknown;
  std::string statename;
  int64_t pid = 0;                          // 0 = no process
  absl::Time start = absl::InfinitePast();  // infinite past = never
  absl::Time stop = absl::InfinitePast();
  absl::Time now = absl::InfinitePast();  // supervisord's own clock, seconds
  std::string spawnerr, description;
  int64_t exitstatus = 0;
  std::string incarnation;  // "PID@START", what XmlRpcCall::only_if_incarnation compares
  // The supervisord that said so. `daemon_started_at` is known on this machine only: a daemon younger than
  // the processes that are expected of it may have left orphans of its predecessor behind.
  int64_t daemon_pid = 0;
  absl::Time daemon_started_at = absl::InfinitePast();
  bool operator==(const ProcessInfo&) const = default;
};

struct SupervisordFacts {
  int64_t pid = 0;
  absl::Time started_at = absl::InfinitePast();
  int64_t state_code = 0;  // FATAL 2, RUNNING 1, RESTARTING 0, SHUTDOWN -1
  std::string state_name, version, identification;
};

// As supervisord addresses a program: GROUP:NAME, or NAME alone when its group is called the same.
std::string ProgramAddress(std::string program);

class Supervisors {
 public:
  // `secrets` outlives this.
  Supervisors(World world, Secrets& secrets);
  ~Supervisors();
  Supervisors(const Supervisors&) = delete;
  Supervisors& operator=(const Supervisors&) = delete;

  // `program` is NAME, or GROUP:NAME when it is a member of a group of another name. Served from the cache
  // when that read was sent at or after `not_older_than`; else all who ask meanwhile share one call. Absent:
  // a complete listing and a targeted read both lack it. Unknown names the endpoint and what to do.
  Task<Observed<ProcessInfo>> Look(SupervisordEndpoint endpoint, std::string program,
                                   absl::Time not_older_than);
  // supervisord itself; one call, not cached.
  Task<Result<SupervisordFacts>> Facts(SupervisordEndpoint endpoint);
  // The last bytes that the program wrote to standard error, or standard output when there is none: evidence.
  Task<Result<std::string>> TailLog(SupervisordEndpoint endpoint, std::string program, size_t most_bytes);

  // What each program is started with, by its address and as its configuration says it. NotFound when this
  // supervisord does not tell (before 4.0). One call, not cached.
  Task<Result<std::map<std::string, std::string>>> CommandsOf(SupervisordEndpoint endpoint);

  // ── supervisords that began since we looked, of which processes of a predecessor may be left ──
  size_t NewOnes() const { return new_ones_; }
  bool IsNew(const SupervisordEndpoint& endpoint) const;
  // Someone has looked, and there is nothing to fear until the next one begins.
  void NoLongerNew(const SupervisordEndpoint& endpoint);
  // The process of supervisord itself, as it was last told; 0 = never told.
  int64_t DaemonPid(const SupervisordEndpoint& endpoint) const;

  static constexpr absl::Duration kReadDeadline = absl::Seconds(5);
  static constexpr size_t kMostAnswerBytes = 32 << 20;
  static constexpr size_t kMostTailBytes = 16 << 10;
  static constexpr size_t kMostPerCall = 4096;
  // Never having seen a listing, this many names are worth one.
  static constexpr size_t kListFrom = 8;

 private:
  class Endpoint;
  Endpoint& Of(const SupervisordEndpoint& endpoint);
  Endpoint* Find(const SupervisordEndpoint& endpoint) const;

  World world_;
  Secrets& secrets_;
  size_t new_ones_ = 0;  // of the endpoints
  std::map<std::string, std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace holdfast::clients
