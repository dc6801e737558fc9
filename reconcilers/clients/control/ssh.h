// Running a command where it belongs: on this machine, or on another one through OpenSSH's client.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/plan/action.h"
#include "controller/world/world.h"
#include "reconcilers/clients/settings.h"
#include "reconcilers/clients/turns.h"

namespace holdfast::clients {

enum class Become { kNobody, kSudo };
// With `sudo -n --` in front when asked for.
std::vector<std::string> As(Become become, std::vector<std::string> argv);

// "this machine" or "ops@db1:2222".
std::string PlaceText(const Reach& where);

// What the client is given; the words of `argv` arrive at the remote program as they are, through whatever
// shell. Refuses hosts and users that ssh would take for options.
Result<std::vector<std::string>> SshArgv(const Reach& where, const std::vector<std::string>& argv,
                                         const ClientSettings& settings, absl::Duration deadline);

class Ssh {
 public:
  // `settings` outlives this.
  Ssh(World world, const ClientSettings& settings);

  // A program that ran is an Exit, whatever its code. Errors:
  //   DeadlineExceeded   it may have run, and may still be running over there: no answer in time, or ssh said
  //   255
  //                      without telling why (a lost connection and a killed program look the same)
  //   Unavailable        it did not run: the host is down, unreachable or refuses; nothing is known about its
  //   programs PermissionDenied, Unauthenticated, FailedPrecondition (host key), NotFound, InvalidArgument,
  //   Local: it did not run
  // The message names the place and the remedy. Reports to world.vitals. Cancelling kills the client, not
  // what it runs over there.
  Task<Result<Exit>> Run(Reach where, CommandLine command, Limits limits);

  // One exchange with `host:port` as seen from `where`: sends `bytes`, closes that direction, and gives what
  // came until the other side closed. NotFound: a live `where` says that nothing listens there.
  // DeadlineExceeded: connected but not closed in time, while `where` itself still answers. Everything else
  // is Unavailable and the like.
  Task<Result<std::string>> Exchange(Reach where, std::string host, uint16_t port, std::string bytes,
                                     Limits limits);

  static constexpr size_t kSessionsPerHost = 8;  // sshd's MaxSessions is 10 by default
  static constexpr size_t kClients = 64;
  static constexpr absl::Duration kConnectTimeout = absl::Seconds(5);
  static constexpr absl::Duration kServerAlive = absl::Seconds(5);
  static constexpr absl::Duration kControlPersist = absl::Seconds(60);

 private:
  // The client's own end, also when that was 255.
  Task<Result<Exit>> RunClient(Reach where, std::vector<std::string> client, CommandLine command,
                               Limits limits);
  Task<void> DropMaster(Reach where);
  Slots& SlotsOf(const Reach& where);

  World world_;
  const ClientSettings& settings_;
  Slots clients_{kClients};
  std::map<std::string, std::unique_ptr<Slots>> hosts_;
};

// Why ssh itself failed, read from what it printed: the status and whether the command can have run.
Status SshFailure(const Reach& where, std::string_view errors);

}  // namespace holdfast::clients
