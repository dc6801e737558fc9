#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "tests/integration/lab.h"

namespace holdfast::clients {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Kind = Outcome::Kind;
using Level = ProbeAnswer::Level;

// An sshd of an ordinary user, who may only log in as himself.
struct RealSsh : testing::Test {
  void SetUp() override {
    if (!HasProgram("/usr/sbin/sshd") || !HasProgram("ssh"))
      GTEST_SKIP() << "skipped: openssh-server is not installed";
    // As root the server needs /run/sshd, which is not ours to make.
    const passwd* owner = geteuid() == 0 ? getpwnam("postgres") : getpwuid(geteuid());
    if (owner == nullptr) GTEST_SKIP() << "skipped: no ordinary user with a shell (postgres) to run sshd as";
    user = owner->pw_name;
    for (const char* key : {"host", "id", "other"})
      ASSERT_EQ(lab.Run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", lab.Path(key)}), 0)
          << lab.Log("run");
    lab.Write("server/authorized", ReadWhole(lab.Path("id.pub")));
    lab.Write("server/host", ReadWhole(lab.Path("host")), 0600);
    for (const char* path : {"server", "server/host", "server/authorized"})
      if (geteuid() == 0) ASSERT_EQ(chown(lab.Path(path).c_str(), owner->pw_uid, owner->pw_gid), 0);
    port = FreePort();
    lab.Write("known_hosts", Cat("[127.0.0.1]:", port, " ", ReadWhole(lab.Path("host.pub"))));
    lab.Write("sshd.conf",
              Cat("Port ", port, "\nListenAddress 127.0.0.1\nHostKey ", lab.Path("server/host"),
                  "\nPidFile none\nAuthorizedKeysFile ", lab.Path("server/authorized"),
                  "\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                  "UsePAM no\nMaxStartups 30:30:60\n"));
    pid = lab.Start("sshd", {"/usr/sbin/sshd", "-D", "-e", "-f", lab.Path("sshd.conf")},
                    geteuid() == 0 ? user : "");
    std::filesystem::create_directory(lab.Path("ctl"));
    std::filesystem::permissions(lab.Path("ctl"), std::filesystem::perms::owner_all);
    rig.clients.settings.ssh_directory = lab.Path("ctl");
    rig.clients.settings.ssh_config = "/dev/null";
    ASSERT_TRUE(WaitUntil([&] { return Run({"true"}).ok(); }))
        << Run({"true"}).status().message() << lab.Log("sshd");
  }
  void TearDown() override {
    // The master of the shared connection belongs to nobody by now.
    for (const auto& entry : std::filesystem::directory_iterator(lab.Path("ctl")))
      lab.Run({"ssh", "-F", "/dev/null", "-o", Cat("ControlPath=", entry.path().string()), "-O", "exit",
               "127.0.0.1"});
  }
  Reach There() const { return {"127.0.0.1", user, port, lab.Path("id"), lab.Path("known_hosts")}; }
  Result<Exit> Run(std::vector<std::string> argv, absl::Duration deadline = absl::Seconds(20)) {
    return RunAt(There(), std::move(argv), deadline);
  }
  Result<Exit> RunAt(Reach where, std::vector<std::string> argv,
                     absl::Duration deadline = absl::Seconds(20)) {
    return rig.Wait(rig.clients.ssh.Run(std::move(where), {std::move(argv), "", {}}, {deadline, 1 << 20}));
  }
  std::vector<pid_t> Sessions() const {
    std::vector<pid_t> family = Family(pid);
    std::erase(family, pid);
    return family;
  }

  Lab lab;
  RealRig rig{lab.directory()};
  std::string user;
  uint16_t port = 0;
  pid_t pid = 0;
};

TEST_F(RealSsh, ArgumentsArriveAsTheyWereDeclared) {
  const std::vector<std::string> words = {"plain",     "",          "two words", "it's",  "\"quoted\"",
                                          "$HOME",     "`id`",      "a;b|c&d",   "*?[x]", "back\\slash",
                                          "new\nline", "tab\there", "~",         "-n",    "!history",
                                          "#comment",  "umlaut ü",  "{a,b}",     "(x)",   "<>"};
  std::vector<std::string> argv = {"printf", "%s\\0"};
  argv.insert(argv.end(), words.begin(), words.end());
  const Result<Exit> ran = Run(argv);
  ASSERT_TRUE(ran.ok()) << ran.status().message();
  std::string expected;
  for (const std::string& word : words) expected += word + '\0';
  EXPECT_EQ(ran->output, expected);
}

TEST_F(RealSsh, CodesAndOutputsComeBack) {
  const Result<Exit> ran = Run({"sh", "-c", "echo out; echo err >&2; exit 7"});
  ASSERT_TRUE(ran.ok()) << ran.status().message();
  EXPECT_EQ(ran->code, 7);
  EXPECT_EQ(ran->output, "out\n");
  EXPECT_THAT(ran->errors, HasSubstr("err\n"));
  EXPECT_EQ(Run({"sh", "-c", "kill -9 $$"}).status().code(), Code::kDeadlineExceeded)
      << "255 may be anything";
}

TEST_F(RealSsh, ManyCommandsShareOneConnection) {
  ASSERT_TRUE(Run({"true"}).ok());
  const size_t before = Sessions().size();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Run({"true"}).ok());
  EXPECT_LE(Sessions().size(), before + 1);
  EXPECT_FALSE(std::filesystem::is_empty(lab.Path("ctl")));
}

TEST_F(RealSsh, RefusedKeysAndStrangeHostsSayWhatToDo) {
  Reach where = There();
  where.identity_file = lab.Path("other");
  Result<Exit> ran = RunAt(where, {"true"});
  EXPECT_EQ(ran.status().code(), Code::kPermissionDenied);
  EXPECT_THAT(ran.status().message(), HasSubstr("authorized_keys"));
  where = There();
  where.known_hosts = lab.Write("changed", Cat("[127.0.0.1]:", port, " ", ReadWhole(lab.Path("other.pub"))));
  ran = RunAt(where, {"true"});
  EXPECT_EQ(ran.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(ran.status().message(), HasSubstr("has changed"));
  where.known_hosts = lab.Write("empty", "");
  ran = RunAt(where, {"true"});
  EXPECT_EQ(ran.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(ran.status().message(), HasSubstr("not known"));
  where = There();
  where.port = FreePort();
  lab.Write("known_hosts", Cat("[127.0.0.1]:", where.port, " ", ReadWhole(lab.Path("host.pub"))));
  EXPECT_EQ(RunAt(where, {"true"}).status().code(), Code::kUnavailable);
  where.host = "no-such-host.invalid";
  EXPECT_FALSE(RunAt(where, {"true"}).ok());
}

TEST_F(RealSsh, AFrozenHostCostsTheDeadlineAndIsUnknown) {
  ASSERT_TRUE(Run({"true"}).ok());
  for (const pid_t one : Family(pid)) kill(one, SIGSTOP);
  const absl::Time begun = absl::Now();
  EXPECT_EQ(Run({"true"}, absl::Seconds(3)).status().code(), Code::kDeadlineExceeded)
      << "through the shared connection";
  EXPECT_LT(absl::Now() - begun, absl::Seconds(9));
  Command command;
  command.where = There();
  command.argv = {Text("true")};
  EXPECT_NE(rig.Wait(rig.doors.Perform(command, absl::Seconds(2))).kind, Kind::kDone)
      << "the frozen connection was dropped";
  for (const pid_t one : Family(pid)) kill(one, SIGCONT);
  EXPECT_TRUE(WaitUntil([&] { return Run({"true"}).ok(); })) << "and it heals when the host does";
}

TEST_F(RealSsh, TheSecondWitnessAsksFromTheHostItself) {
  if (!HasProgram("redis-server")) GTEST_SKIP() << "skipped: redis-server is not installed";
  const uint16_t redis_port = FreePort();
  const pid_t redis = lab.Start("redis", {"redis-server", "--port", Cat(redis_port), "--bind", "127.0.0.1",
                                          "--save", "", "--dir", lab.directory()});
  ASSERT_EQ(rig.AskUntil(RedisProbe{.port = redis_port}, Level::kServing).level, Level::kServing);
  const ProbePlace place{ProbePlace::From::kOnHost, There(), ""};
  const auto ask = [&](absl::Duration deadline) {
    return rig.Ask(RedisProbe{.port = redis_port}, place, deadline);
  };
  EXPECT_EQ(ask(absl::Seconds(10)).level, Level::kServing) << ask(absl::Seconds(10)).detail;
  kill(redis, SIGSTOP);
  const ProbeAnswer frozen = ask(absl::Seconds(6));
  EXPECT_EQ(frozen.level, Level::kConnects) << frozen.detail;
  kill(redis, SIGCONT);
  lab.Stop(redis);
  const ProbeAnswer gone = ask(absl::Seconds(10));
  EXPECT_EQ(gone.level, Level::kNothingThere) << gone.detail;
}

TEST_F(RealSsh, SignalsElsewhereHitTheirProcessOnly) {
  const Result<Exit> started = Run({"sh", "-c", "sleep 34100 </dev/null >/dev/null 2>&1 & echo $!"});
  ASSERT_TRUE(started.ok()) << started.status().message();
  const auto sleeper = static_cast<pid_t>(std::stol(started->output));
  lab.Adopt(sleeper);
  const auto found = rig.Wait(rig.clients.processes.Find(There(), {"sleep", "34100"}));
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_EQ(found->size(), 1);
  EXPECT_EQ((*found)[0].pid, sleeper);
  const ProcessFacts facts = ValueOf(rig.Wait(rig.clients.processes.Look(There(), sleeper, "/")));
  EXPECT_EQ(facts.state, "S");
  EXPECT_GE(facts.descriptors, 3);
  EXPECT_GE(facts.disk_free_kb, 0);
  Signal signal;
  signal.where = There();
  signal.pid = sleeper;
  signal.number = SIGTERM;
  signal.incarnation = "00000000:1";
  EXPECT_EQ(rig.Wait(rig.doors.Perform(signal, absl::Seconds(10))).kind, Kind::kRefused);
  EXPECT_TRUE(IsAlive(sleeper));
  signal.incarnation = facts.incarnation;
  EXPECT_EQ(rig.Wait(rig.doors.Perform(signal, absl::Seconds(10))).kind, Kind::kDone);
  EXPECT_TRUE(WaitUntil([&] { return !IsAlive(sleeper); }));
  EXPECT_THAT(Says(rig.Wait(rig.clients.processes.Look(There(), 1 << 30, ""))), StartsWith("absent"));
  EXPECT_EQ(rig.Wait(rig.doors.Perform(signal, absl::Seconds(10))).kind, Kind::kRefused);
}

// A System V script, here and over there, asked as `service NAME status` would ask it.
TEST_F(RealSsh, ScriptsAreReadByTheirLsbCodes) {
  const std::string script = lab.Write("init.d/worker", R"(#!/bin/sh
p=)" + lab.directory() + R"(/worker.pid
case $1 in
start) [ -f $p ] && kill -0 $(cat $p) 2>/dev/null && exit 0; sleep 34200 </dev/null >/dev/null 2>&1 & echo $! >$p;;
stop) [ -f $p ] && kill $(cat $p) 2>/dev/null; rm -f $p; exit 0;;
status) [ -f $p ] || exit 3; kill -0 $(cat $p) 2>/dev/null || exit 1; echo running;;
*) exit 4;;
esac
)",
                                       0755);
  std::filesystem::permissions(lab.directory(), std::filesystem::perms::all);
  using State = ServiceStatus::State;
  for (const Reach& where : {Reach{}, There()}) {
    const auto status = [&] {
      return rig.Wait(rig.clients.status_commands.Look(where, Become::kNobody, {script, "status"},
                                                       rig.world.clock.Now()));
    };
    const auto act = [&](const char* verb) {
      Command command;
      command.where = where;
      command.argv = {Text(script), Text(verb)};
      return rig.Wait(rig.doors.Perform(command, absl::Seconds(10))).kind;
    };
    EXPECT_EQ(Says(status()), "known");
    EXPECT_EQ(ValueOf(status()).state, State::kStopped);
    EXPECT_EQ(act("start"), Kind::kDone);
    EXPECT_EQ(ValueOf(status()).state, State::kRunning);
    const pid_t worker = static_cast<pid_t>(std::stol(ReadWhole(lab.Path("worker.pid"))));
    kill(worker, SIGKILL);
    EXPECT_TRUE(WaitUntil([&] { return ValueOf(status()).state == State::kDead; }));
    EXPECT_EQ(act("stop"), Kind::kDone);
    EXPECT_EQ(ValueOf(status()).state, State::kStopped);
    EXPECT_EQ(act("frobnicate"), Kind::kRefused);
  }
  EXPECT_THAT(Says(rig.Wait(rig.clients.status_commands.Look(
                  There(), Become::kNobody, {"/nonexistent/x", "status"}, rig.world.clock.Now()))),
              StartsWith("unknown"));
}

}  // namespace
}  // namespace holdfast::clients
