#include "reconcilers/clients/control/ssh.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Reach Db1() {
  Reach where;
  where.host = "db1";
  where.user = "ops";
  return where;
}

TEST(SshArgv, WordsArriveBehindTwoDashesAsOneQuotedLine) {
  ClientSettings settings;
  settings.ssh_directory = "/run/holdfast/ssh";
  Reach where = Db1();
  where.port = 2222;
  where.identity_file = "/etc/holdfast/id";
  where.known_hosts = "/etc/holdfast/known hosts";
  const auto argv = SshArgv(where, {"printf", "%s", "a b'c"}, settings, absl::Seconds(10));
  ASSERT_TRUE(argv.ok());
  const std::string line = Join(*argv, " ");
  EXPECT_THAT(line, HasSubstr("-o BatchMode=yes"));
  EXPECT_THAT(line, HasSubstr("-o StrictHostKeyChecking=yes"));
  EXPECT_THAT(line, HasSubstr("-o ControlMaster=auto"));
  EXPECT_THAT(line, HasSubstr("-o ControlPath=/run/holdfast/ssh/"));
  EXPECT_THAT(line, HasSubstr("-p 2222 -l ops -i /etc/holdfast/id"));
  EXPECT_THAT(line, HasSubstr("UserKnownHostsFile=\"/etc/holdfast/known hosts\""));
  ASSERT_GE(argv->size(), 3);
  EXPECT_EQ((*argv)[argv->size() - 3], "--");
  EXPECT_EQ((*argv)[argv->size() - 2], "db1");
  EXPECT_EQ(argv->back(), ShellLine(std::vector<std::string>{"printf", "%s", "a b'c"}));
}

TEST(SshArgv, AHostThatLooksLikeAnOptionIsRefused) {
  for (const char* host : {"-oProxyCommand=evil", "a b", "a\nb", ""}) {
    Reach where;
    where.host = host;
    EXPECT_EQ(SshArgv(where, {"true"}, {}, absl::Seconds(1)).status().code(), Code::kInvalidArgument) << host;
  }
  Reach where = Db1();
  where.user = "-l";
  EXPECT_FALSE(SshArgv(where, {"true"}, {}, absl::Seconds(1)).ok());
  where = Db1();
  where.known_hosts = "/a\" -o ProxyCommand=x \"";
  EXPECT_FALSE(SshArgv(where, {"true"}, {}, absl::Seconds(1)).ok());
}

TEST(SshArgv, WithoutARoomForSocketsEveryCommandConnectsAnew) {
  ClientSettings settings;
  EXPECT_THAT(*SshArgv(Db1(), {"true"}, settings, absl::Seconds(1)), Contains("ControlPath=none"));
  settings.ssh_directory = std::string(80, 'x');
  EXPECT_THAT(*SshArgv(Db1(), {"true"}, settings, absl::Seconds(1)), Contains("ControlPath=none"));
}

TEST(SshFailures, AreToldApartByWhatOpensshPrints) {
  struct Case {
    std::string_view errors;
    Code code;
    std::string_view says;
  };
  for (const Case& one : {
           Case{"ops@db1: Permission denied (publickey).\r\n", Code::kPermissionDenied, "authorized_keys"},
           Case{"@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification "
                "failed.\r\n",
                Code::kFailedPrecondition, "ssh-keygen -R"},
           Case{"No ED25519 host key is known for db1 and you have requested strict checking.\r\nHost key "
                "verification failed.\r\n",
                Code::kFailedPrecondition, "not known"},
           Case{"ssh: connect to host db1 port 22: Connection refused\r\n", Code::kUnavailable, "sshd"},
           Case{"ssh: connect to host db1 port 22: Connection timed out\r\n", Code::kUnavailable,
                "cannot be reached"},
           Case{"ssh: connect to host db1 port 22: No route to host\r\n", Code::kUnavailable,
                "cannot be reached"},
           Case{"ssh: connect to host db1 port 22: Network is unreachable\r\n", Code::kLocal, "no route"},
           Case{"ssh: Could not resolve hostname db1: Name or service not known\r\n", Code::kUnavailable,
                "no such host"},
           Case{"ssh: Could not resolve hostname db1: Temporary failure in name resolution\r\n", Code::kLocal,
                "DNS"},
           Case{"kex_exchange_identification: Connection closed by remote host\r\n", Code::kUnavailable,
                "MaxStartups"},
           Case{"Connection timed out during banner exchange\r\n", Code::kUnavailable, "frozen"},
           Case{"", Code::kDeadlineExceeded, "may have run"},
           Case{"Timeout, server db1 not responding.\r\n", Code::kDeadlineExceeded, "may have run"},
           Case{"client_loop: send disconnect: Broken pipe\r\n", Code::kDeadlineExceeded, "may have run"},
       }) {
    const Status status = SshFailure(Db1(), one.errors);
    EXPECT_EQ(status.code(), one.code) << one.errors;
    EXPECT_THAT(status.message(), HasSubstr(one.says)) << one.errors;
    EXPECT_THAT(status.message(), HasSubstr("ops@db1")) << one.errors;
  }
}

TEST(SshRun, AProgramsOwnFailureIsAnExit) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) { return Exit{7, 0, "out", "err"}; };
  const auto ran = rig.Wait(rig.clients.ssh.Run(Db1(), {{"x"}, "", {}}, {}));
  ASSERT_TRUE(ran.ok());
  EXPECT_EQ(ran->code, 7);
}

TEST(SshRun, AtMostSoManySessionsPerHost) {
  Rig rig;
  std::vector<std::shared_ptr<std::optional<Result<Exit>>>> all;
  for (int i = 0; i < 40; ++i) all.push_back(rig.Spawn(rig.clients.ssh.Run(Db1(), {{"x"}, "", {}}, {})));
  rig.Run();
  EXPECT_EQ(rig.commands.lines.size(), 40);
  EXPECT_EQ(rig.commands.most_running, static_cast<int>(Ssh::kSessionsPerHost));
  for (const auto& one : all) EXPECT_TRUE((*one)->ok());
}

TEST(SshRun, WhoWaitsForASessionKeepsToHisDeadline) {
  Rig rig;
  rig.commands.takes = absl::Seconds(30);
  std::vector<std::shared_ptr<std::optional<Result<Exit>>>> all;
  for (int i = 0; i < 9; ++i)
    all.push_back(rig.Spawn(rig.clients.ssh.Run(Db1(), {{"x"}, "", {}}, {absl::Seconds(20), 1024})));
  const absl::Duration begun = rig.clock.Steady();
  rig.Run();
  EXPECT_EQ((*all[0])->status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ((*all[8])->status().code(), Code::kUnavailable) << "it was never begun";
  EXPECT_LE(rig.clock.Steady() - begun, absl::Seconds(45));
}

TEST(SshRun, AFrozenMasterIsDropped) {
  Rig rig;
  rig.clients.settings.ssh_directory = "/run/x";
  rig.commands.takes = absl::Hours(1);
  (void)rig.Wait(rig.clients.ssh.Run(Db1(), {{"x"}, "", {}}, {absl::Seconds(3), 1024}));
  EXPECT_THAT(rig.commands.lines.back().argv, Contains("exit"));
}

TEST(SshRun, ReportsTheHostToVitals) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) {
    return Exit{255, 0, "", "ssh: connect to host h port 22: Network is unreachable\r\n"};
  };
  (void)rig.Wait(rig.clients.ssh.Run(Db1(), {{"x"}, "", {}}, {}));
  EXPECT_TRUE(rig.vitals.Sick(rig.clock.Now())) << "no route from here is our own sickness";
}

TEST(SshExchange, AFrozenServerIsToldFromAFrozenHost) {
  Rig rig;
  rig.commands.answer = [](const CommandLine& line) -> Result<Exit> {
    if (testing::Value(line.argv, Contains("-W"))) return DeadlineExceeded("late");
    return Exit{0, 0};
  };
  EXPECT_EQ(rig.Wait(rig.clients.ssh.Exchange(Db1(), "127.0.0.1", 6379, "PING\r\n", {})).status().code(),
            Code::kDeadlineExceeded);
  rig.commands.answer = [](const CommandLine&) -> Result<Exit> { return DeadlineExceeded("late"); };
  EXPECT_EQ(rig.Wait(rig.clients.ssh.Exchange(Db1(), "127.0.0.1", 6379, "PING\r\n", {})).status().code(),
            Code::kUnavailable);
}

TEST(SshExchange, AnEndWithoutAReasonIsNoAcceptedConnection) {
  Rig rig;
  rig.commands.answer = [](const CommandLine& line) {
    return Exit{testing::Value(line.argv, Contains("-W")) ? 255 : 0, 0, "", "stdio forwarding failed\r\n"};
  };
  EXPECT_EQ(rig.Wait(rig.clients.ssh.Exchange(Db1(), "127.0.0.1", 1, "", {})).status().code(),
            Code::kUnavailable);
}

TEST(SshExchange, NothingListeningThereIsNotFound) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) {
    return Exit{255, 0, "",
                "channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed\r\n"};
  };
  EXPECT_EQ(rig.Wait(rig.clients.ssh.Exchange(Db1(), "127.0.0.1", 1, "", {})).status().code(),
            Code::kNotFound);
}

}  // namespace
}  // namespace holdfast::clients
