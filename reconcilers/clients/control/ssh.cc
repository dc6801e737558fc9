#include "reconcilers/clients/control/ssh.h"

#include <algorithm>
#include <utility>

#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::clients {

namespace {

constexpr int kSshFailed = 255;
constexpr absl::Duration kAliveCheck = absl::Seconds(3);
constexpr absl::Duration kControlDeadline = absl::Seconds(2);

// A word that ssh would take for an option, or that cannot be part of a name.
bool IsSafeWord(std::string_view word) {
  return !word.starts_with('-') &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) { return c > ' ' && c != 0x7f; });
}

Status CheckReach(const Reach& where) {
  if (where.host.empty() || !IsSafeWord(where.host))
    return InvalidArgument(Cat("ssh: not a host name: '", Excerpt(where.host, 80), "'"));
  if (!IsSafeWord(where.user))
    return InvalidArgument(Cat("ssh: not a user name: '", Excerpt(where.user, 80), "'"));
  for (const std::string& path : {where.identity_file, where.known_hosts})
    if (path.find_first_of("\"\n\\%") != std::string::npos)
      return InvalidArgument(Cat("ssh: this path cannot be given to ssh: '", Excerpt(path, 80), "'"));
  return {};
}

// Masters are shared by those who use the same key and the same list of hosts only, which ssh's own %C does
// not see.
std::string ControlPath(const Reach& where, const ClientSettings& settings) {
  if (settings.ssh_directory.empty() || settings.ssh_directory.size() > ClientSettings::kMostControlDirectory)
    return "none";
  Canonical bytes;
  bytes.Add(where.host)
      .Add(where.user)
      .Add(int64_t{where.port})
      .Add(where.identity_file)
      .Add(where.known_hosts);
  return Cat(settings.ssh_directory, "/", Sha256Hex(bytes.bytes()).substr(0, 16));
}

// Over a shared connection ssh does not tell why a forwarding failed, nor does it at the level ERROR.
enum class Connection { kShared, kOwn };

std::vector<std::string> Options(const Reach& where, const ClientSettings& settings, absl::Duration deadline,
                                 Connection connection) {
  const int64_t connect =
      std::max<int64_t>(1, absl::ToInt64Seconds(std::min(Ssh::kConnectTimeout, deadline)));
  std::vector<std::string> argv = {settings.ssh_program, "-T", "-x", "-a", "-o", "BatchMode=yes"};
  const auto option = [&](std::string text) {
    argv.push_back("-o");
    argv.push_back(std::move(text));
  };
  if (!settings.ssh_config.empty()) argv.insert(argv.begin() + 1, {"-F", settings.ssh_config});
  option(Cat("ConnectTimeout=", connect));
  option("ConnectionAttempts=1");
  option(Cat("ServerAliveInterval=", absl::ToInt64Seconds(Ssh::kServerAlive)));
  option("ServerAliveCountMax=2");
  option("StrictHostKeyChecking=yes");
  option(connection == Connection::kShared ? "LogLevel=ERROR" : "LogLevel=INFO");
  const std::string control = connection == Connection::kShared ? ControlPath(where, settings) : "none";
  option(Cat("ControlPath=", control));
  if (control != "none") {
    option("ControlMaster=auto");
    option(Cat("ControlPersist=", absl::ToInt64Seconds(Ssh::kControlPersist)));
  }
  if (where.port != 0) argv.insert(argv.end(), {"-p", Cat(where.port)});
  if (!where.user.empty()) argv.insert(argv.end(), {"-l", where.user});
  if (!where.identity_file.empty()) {
    argv.insert(argv.end(), {"-i", where.identity_file});
    option("IdentitiesOnly=yes");
  }
  if (!where.known_hosts.empty()) {
    option(Cat("UserKnownHostsFile=\"", where.known_hosts, "\""));
    option("GlobalKnownHostsFile=none");
  }
  return argv;
}

// Answers of the way to the program that come with the program's own exit codes.
Status NeverRan(const Reach& where, const CommandLine& command, const Exit& exit) {
  if (exit.signal != 0 || exit.code != 1) return {};
  if (!command.argv.empty() && command.argv.front() == "sudo" && exit.errors.starts_with("sudo: "))
    return PermissionDenied(Cat(PlaceText(where), ": ", Excerpt(exit.errors, 160),
                                "; allow this command without a password in sudoers (NOPASSWD)"));
  if (!where.host.empty() && exit.output.starts_with("This account is currently not available"))
    return PermissionDenied(
        Cat(PlaceText(where), ": the account's login shell refuses; give the user a shell"));
  return {};
}

// What the end of the client says about the way; ok when a program ran.
Status FailureOf(const Reach& where, const std::string& ssh_program, const Result<Exit>& ran) {
  if (ran.ok() && ran->signal != 0)
    return DeadlineExceeded(Cat(PlaceText(where), ": the ssh client was ended by signal ", ran->signal));
  if (ran.ok()) return ran->code == kSshFailed ? SshFailure(where, ran->errors) : Status();
  switch (ran.status().code()) {
    case Code::kDeadlineExceeded:
      return DeadlineExceeded(
          Cat(PlaceText(where), ": no answer through ssh in time; it may still be running there"));
    case Code::kNotFound:
      return Local(Cat("cannot run ", ssh_program, "; install openssh-client"));
    default:
      return ran.status();
  }
}

void ReportTo(Vitals& vitals, const Reach& where, const Status& status, absl::Time now) {
  if (where.host.empty()) return;
  const bool says_nothing =
      status.code() == Code::kDeadlineExceeded ||
      (status.code() == Code::kUnavailable && status.message().find("refused") == std::string::npos);
  Vitals::Answer answer = says_nothing ? Vitals::Answer::kSilent : Vitals::Answer::kAnswered;
  if (status.code() == Code::kLocal) answer = Vitals::Answer::kLocal;
  vitals.Report(Cat("ssh ", PlaceText(where)), answer, now);
}

}  // namespace

std::vector<std::string> As(Become become, std::vector<std::string> argv) {
  if (become == Become::kSudo) argv.insert(argv.begin(), {"sudo", "-n", "--"});
  return argv;
}

std::string PlaceText(const Reach& where) {
  if (where.host.empty()) return "this machine";
  std::string text = where.user.empty() ? where.host : Cat(where.user, "@", where.host);
  if (where.port != 0) Append(text, ":", where.port);
  return text;
}

Result<std::vector<std::string>> SshArgv(const Reach& where, const std::vector<std::string>& argv,
                                         const ClientSettings& settings, absl::Duration deadline) {
  HF_TRY(CheckReach(where));
  std::vector<std::string> client = Options(where, settings, deadline, Connection::kShared);
  client.insert(client.end(), {"--", where.host, ShellLine(argv)});
  return client;
}

Ssh::Ssh(World world, const ClientSettings& settings) : world_(world), settings_(settings) {}

Slots& Ssh::SlotsOf(const Reach& where) {
  std::unique_ptr<Slots>& slots = hosts_[Cat(where.host, " ", where.port)];
  if (!slots) slots = std::make_unique<Slots>(kSessionsPerHost);
  return *slots;
}

Task<Result<Exit>> Ssh::Run(Reach where, CommandLine command, Limits limits) {
  Result<Exit> ran = Internal("never run");
  if (where.host.empty()) {
    CommandLine line = command;
    ran = co_await world_.commands.Run(std::move(line), limits);
  } else {
    std::vector<std::string> client = HF_CO_TRY(SshArgv(where, command.argv, settings_, limits.deadline));
    CommandLine line{std::move(client), command.input, command.environment};
    ran = co_await RunClient(where, line.argv, line, limits);
    if (Status failure = FailureOf(where, settings_.ssh_program, ran); ran.ok() && !failure.ok())
      co_return failure;
  }
  if (!ran.ok()) co_return ran;
  if (Status refused = NeverRan(where, command, *ran); !refused.ok()) co_return refused;
  co_return ran;
}

Task<Result<Exit>> Ssh::RunClient(Reach where, std::vector<std::string> client, CommandLine command,
                                  Limits limits) {
  const absl::Duration until = world_.clock.Steady() + limits.deadline;
  const auto not_in_time = [&] {
    return Unavailable(Cat(PlaceText(where), ": no free ssh session within ", Brief(limits.deadline),
                           "; earlier commands hang"));
  };
  Slots::Held host = co_await SlotsOf(where).Take(world_.clock, limits.deadline);
  if (!host.ok()) co_return not_in_time();
  Slots::Held any = co_await clients_.Take(world_.clock, until - world_.clock.Steady());
  if (!any.ok()) co_return not_in_time();
  limits.deadline = until - world_.clock.Steady();
  if (limits.deadline <= absl::ZeroDuration()) co_return not_in_time();
  command.argv = std::move(client);
  Result<Exit> ran = co_await world_.commands.Run(std::move(command), limits);
  const Status status = FailureOf(where, settings_.ssh_program, ran);
  ReportTo(world_.vitals, where, status, world_.clock.Now());
  if (!ran.ok() && status.code() == Code::kDeadlineExceeded) co_await DropMaster(where);
  if (!ran.ok()) co_return status;
  co_return ran;
}

// A master whose connection is frozen would hold up every later command for its whole deadline.
Task<void> Ssh::DropMaster(Reach where) {
  const std::string control = ControlPath(where, settings_);
  if (control == "none") co_return;
  CommandLine line{
      {settings_.ssh_program, "-o", Cat("ControlPath=", control), "-O", "exit", "--", where.host}, "", {}};
  Limits limits;
  limits.deadline = kControlDeadline;
  (void)co_await world_.commands.Run(std::move(line), limits);
}

Task<Result<std::string>> Ssh::Exchange(Reach where, std::string host, uint16_t port, std::string bytes,
                                        Limits limits) {
  HF_CO_TRY(CheckReach(where));
  if (!IsSafeWord(host)) co_return InvalidArgument(Cat("ssh: not a host name: '", Excerpt(host, 80), "'"));
  const std::string target =
      host.find(':') == std::string::npos ? Cat(host, ":", port) : Cat("[", host, "]:", port);
  std::vector<std::string> client = Options(where, settings_, limits.deadline, Connection::kOwn);
  client.insert(client.end(), {"-W", target, "--", where.host});
  // The whole exchange keeps to the limit, also when it must be told apart afterwards who was silent.
  const absl::Duration until = world_.clock.Steady() + limits.deadline;
  limits.deadline = std::max(limits.deadline - kAliveCheck, limits.deadline / 2);
  CommandLine line{client, std::move(bytes), {}};
  Result<Exit> ran = co_await RunClient(where, client, std::move(line), limits);
  if (ran.ok()) {
    Status failure = FailureOf(where, settings_.ssh_program, ran);
    // Only a real time-out tells of a connection that was accepted.
    if (failure.code() == Code::kDeadlineExceeded) co_return Unavailable(failure.message());
    if (!failure.ok()) co_return failure;
    if (ran->truncated) co_return ResourceExhausted(Cat(target, ": more than ", limits.max_bytes, " bytes"));
    co_return std::move(ran->output);
  }
  if (ran.status().code() != Code::kDeadlineExceeded) co_return ran.status();
  // Frozen server or frozen way? The same way is asked for something trivial.
  Limits check;
  check.deadline = until - world_.clock.Steady();
  CommandLine trivial{{"true"}, "", {}};
  const Result<Exit> alive = co_await Run(where, std::move(trivial), check);
  if (alive.ok())
    co_return DeadlineExceeded(Cat(target, " on ", PlaceText(where), ": connected, no answer in time"));
  co_return Unavailable(Cat(PlaceText(where), ": ssh itself does not answer"));
}

}  // namespace holdfast::clients
