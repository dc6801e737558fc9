#include "reconcilers/clients/control/command.h"

#include <gmock/gmock.h>

#include <string>

#include "reconcilers/clients/control/sysv.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using State = ServiceStatus::State;

TEST(ServiceStatus, ReadsLsbCodes) {
  const auto state = [](int code) {
    return ValueOf(ReadStatus(Exit{code, 0}, "status", absl::UnixEpoch())).state;
  };
  EXPECT_EQ(state(0), State::kRunning);
  EXPECT_EQ(state(1), State::kDead);
  EXPECT_EQ(state(2), State::kDead);
  EXPECT_EQ(state(3), State::kStopped);
}

TEST(ServiceStatus, EveryOtherCodeIsUnknown) {
  for (const int code : {4, 5, 99, 126, 127, 150, 200, 255})
    EXPECT_THAT(Says(ReadStatus(Exit{code, 0}, "status", absl::UnixEpoch())), StartsWith("unknown")) << code;
  EXPECT_THAT(Says(ReadStatus(Exit{0, 9}, "status", absl::UnixEpoch())), HasSubstr("signal 9"));
}

TEST(ServiceStatus, AServiceThatDoesNotExistIsNotADeadOne) {
  // Debian's `service` says so with the code that LSB gave to "dead, and a pid file is left".
  EXPECT_THAT(
      Says(ReadStatus(Exit{1, 0, "", "koverse: unrecognized service\n"}, "status", absl::UnixEpoch())),
      StartsWith("absent"));
  EXPECT_THAT(
      Says(ReadStatus(Exit{4, 0, "Unit koverse.service could not be found.\n"}, "status", absl::UnixEpoch())),
      StartsWith("absent"));
}

TEST(ServiceStatus, NamesTheProcessOnlyWhenThereIsNoDoubt) {
  EXPECT_EQ(PidNamedIn("redis-server (pid  4711) is running..."), 4711);
  EXPECT_EQ(PidNamedIn("     Main PID: 812 (nginx)\n      Tasks: 2 (pid 99)\n"), 812);
  EXPECT_EQ(PidNamedIn("running, PID=33"), 33);
  EXPECT_EQ(PidNamedIn("httpd (pids 12 14 15) are running"), 0)
      << "which one the others belong to is not told";
  EXPECT_EQ(PidNamedIn("a (pid 12) runs, b (pid 13) runs"), 0);
  EXPECT_EQ(PidNamedIn("a (pid 12) runs, its pid file says pid 12"), 12);
  EXPECT_EQ(PidNamedIn("stupid 17 running since 12:00"), 0);
  EXPECT_EQ(PidNamedIn("nginx is running."), 0);
  EXPECT_EQ(PidNamedIn("pid"), 0);
  EXPECT_EQ(ValueOf(ReadStatus(Exit{0, 0, "web (pid 7) is running"}, "status", absl::UnixEpoch())).pid, 7);
  EXPECT_EQ(ValueOf(ReadStatus(Exit{1, 0, "web dead, pid file says pid 7"}, "status", absl::UnixEpoch())).pid,
            0);
}

TEST(StatusCommands, ReadAPidFile) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, " 4711 \n/var/lib\n"}; };
  EXPECT_EQ(rig.Wait(rig.clients.status_commands.ReadPidFile({}, Become::kNobody, "/run/x.pid")), 4711);
  EXPECT_THAT(rig.commands.lines[0].argv, testing::ElementsAre("cat", "--", "/run/x.pid"));
  rig.commands.answer = [](const CommandLine&) { return Exit{1, 0, "4711", "no such file"}; };
  EXPECT_EQ(rig.Wait(rig.clients.status_commands.ReadPidFile({}, Become::kNobody, "/run/x.pid")), 0);
}

TEST(StatusCommands, ARefusalOfSudoIsNotADeadService) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) { return Exit{1, 0, "", "sudo: a password is required\n"}; };
  const auto seen = rig.Wait(
      rig.clients.status_commands.Look({}, Become::kSudo, ServiceArgv("redis", "status"), rig.clock.Now()));
  EXPECT_THAT(Says(seen), AllOf(StartsWith("unknown"), HasSubstr("NOPASSWD")));
  EXPECT_THAT(rig.commands.lines[0].argv,
              testing::ElementsAre("sudo", "-n", "--", "service", "redis", "status"));
}

TEST(StatusCommands, AnAccountWithoutAShellIsNotADeadService) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) {
    return Exit{1, 0, "This account is currently not available.\n"};
  };
  Reach where;
  where.host = "db1";
  EXPECT_THAT(
      Says(rig.Wait(rig.clients.status_commands.Look(where, Become::kNobody, {"st"}, rig.clock.Now()))),
      StartsWith("unknown"));
}

TEST(StatusCommands, AMissingProgramAndAHangingOneAreUnknown) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) { return NotFound("/opt/x: no such program"); };
  EXPECT_THAT(
      Says(rig.Wait(rig.clients.status_commands.Look({}, Become::kNobody, {"/opt/x"}, rig.clock.Now()))),
      StartsWith("unknown"));
  rig.commands.takes = absl::Hours(1);
  EXPECT_THAT(
      Says(rig.Wait(rig.clients.status_commands.Look({}, Become::kNobody, {"/opt/x"}, rig.clock.Now()))),
      StartsWith("unknown"));
}

TEST(StatusCommands, AnAnswerIsServedAgainOnlyWhenItWasAskedForLateEnough) {
  Rig rig;
  const absl::Time before = rig.clock.Now();
  for (int i = 0; i < 2; ++i) rig.Wait(rig.clients.status_commands.Look({}, Become::kNobody, {"st"}, before));
  EXPECT_EQ(rig.commands.lines.size(), 1);
  rig.clock.Pass(absl::Seconds(1));
  rig.Wait(rig.clients.status_commands.Look({}, Become::kNobody, {"st"}, rig.clock.Now()));
  EXPECT_EQ(rig.commands.lines.size(), 2);
}

}  // namespace
}  // namespace holdfast::clients
