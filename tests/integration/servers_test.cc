#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include "controller/base/text.h"
#include "tests/integration/lab.h"
#include "tests/integration/stand_in.h"

namespace holdfast::clients {
namespace {

using testing::HasSubstr;
using Level = ProbeAnswer::Level;

struct RealServer : testing::Test {
  Lab lab;
  RealRig rig{lab.directory()};
  uint16_t port = FreePort();
};

struct RealRedis : RealServer {
  void SetUp() override {
    if (!HasProgram("redis-server")) GTEST_SKIP() << "skipped: redis-server is not installed";
    pid = Start({});
  }
  pid_t Start(std::vector<std::string> more) {
    std::vector<std::string> argv = {"redis-server", "--port", Cat(port), "--bind",       "127.0.0.1",
                                     "--save",       "",       "--dir",   lab.directory()};
    argv.insert(argv.end(), more.begin(), more.end());
    return lab.Start("redis", argv);
  }
  pid_t pid = 0;
};

// A server that a real one passes its test for, too, before it stands in for it.
struct OneServer : testing::TestWithParam<Who> {
  bool IsReal() const { return GetParam() == Who::kReal; }
  void Simulate(const std::string& program) {
    stand_in = std::make_unique<StandIn>(
        lab, Cat("hosts:\n- name: here\n  supervisord: {socket: ", lab.Path("s.sock"),
                 "}\n  programs:\n  - {name: server, autostart: true, listen: \"127.0.0.1:", port, "\", ",
                 program, "}\n"));
  }
  void Freeze() {
    if (IsReal())
      kill(pid, SIGSTOP);
    else
      stand_in->Tell({"hang", "server"});
  }
  void GoOn() {
    if (IsReal())
      kill(pid, SIGCONT);
    else
      stand_in->Tell({"continue", "server"});
  }
  void Kill() {
    if (IsReal())
      kill(pid, SIGKILL);
    else
      stand_in->Tell({"kill", "server"});
  }

  Lab lab;
  RealRig rig{lab.directory()};
  uint16_t port = FreePort();
  pid_t pid = 0;
  std::unique_ptr<StandIn> stand_in;
};

TEST_P(OneServer, RedisServingZombieAndDownAreToldApart) {
  if (IsReal() && !HasProgram("redis-server")) GTEST_SKIP() << "skipped: redis-server is not installed";
  if (IsReal())
    pid = lab.Start("redis", {"redis-server", "--port", Cat(port), "--bind", "127.0.0.1", "--save", "",
                              "--dir", lab.directory()});
  else
    Simulate("speaks: redis");
  const RedisProbe probe{.port = port, .expected_role = "master"};
  const ProbeAnswer serving = rig.AskUntil(probe, Level::kServing);
  ASSERT_EQ(serving.level, Level::kServing) << serving.detail;
  EXPECT_EQ(serving.facts.at("role"), "master");
  EXPECT_EQ(rig.Ask(RedisProbe{.port = port, .expected_role = "slave"}).level, Level::kWrong);
  Freeze();
  const ProbeAnswer zombie = rig.Ask(probe, {}, absl::Seconds(1));
  EXPECT_EQ(zombie.level, Level::kConnects) << zombie.detail;
  EXPECT_LT(zombie.took, absl::Milliseconds(1500));
  GoOn();
  EXPECT_EQ(rig.AskUntil(probe, Level::kServing).level, Level::kServing);
  Kill();
  EXPECT_EQ(rig.AskUntil(probe, Level::kNothingThere).level, Level::kNothingThere);
}

TEST_P(OneServer, AFrozenHttpServerConnectsOnly) {
  if (IsReal() && !HasProgram("python3")) GTEST_SKIP() << "skipped: python3 is not installed";
  if (IsReal())
    pid = lab.Start("http", {"python3", "-m", "http.server", Cat(port), "--bind", "127.0.0.1"});
  else
    Simulate("speaks: http");
  const HttpProbe probe{.port = port, .path = "/"};
  ASSERT_EQ(rig.AskUntil(probe, Level::kServing).level, Level::kServing) << lab.Log("http");
  EXPECT_EQ(rig.Ask(HttpProbe{.port = port, .status = {204}}).level, Level::kWrong);
  EXPECT_EQ(rig.Ask(TcpProbe{.port = port}).level, Level::kServing);
  Freeze();
  EXPECT_EQ(rig.Ask(probe).level, Level::kConnects);
  EXPECT_EQ(rig.Ask(TcpProbe{.port = port}).level, Level::kServing) << "a frozen one accepts";
  GoOn();
  EXPECT_EQ(rig.AskUntil(probe, Level::kServing).level, Level::kServing);
  Kill();
  EXPECT_EQ(rig.AskUntil(probe, Level::kNothingThere).level, Level::kNothingThere);
}

INSTANTIATE_TEST_SUITE_P(OnThe, OneServer, testing::Values(Who::kReal, Who::kSandbox), WhoText);

TEST(Sandbox, WhatIsStartingOrUnreachableOrNeedsAnotherSaysSo) {
  Lab lab;
  RealRig rig{lab.directory()};
  const uint16_t daemon = FreePort(), redis = FreePort(), front = FreePort();
  StandIn world(lab, Cat(R"(
hosts:
- name: db1
  supervisord: {listen: "127.0.0.1:)",
                         daemon, R"("}
  programs:
  - {name: redis, speaks: redis, autostart: true, comesUp: 5s, listen: "127.0.0.1:)",
                         redis, R"("}
  - {name: front, speaks: http, autostart: true, needs: [redis], listen: "127.0.0.1:)",
                         front, "\"}\n"));
  const RedisProbe ping{.port = redis};
  const HttpProbe get{.port = front};
  EXPECT_EQ(rig.AskUntil(ping, Level::kStarting, absl::Seconds(4)).level, Level::kStarting);
  const ProbeAnswer wrong = rig.AskUntil(get, Level::kWrong, absl::Seconds(4));
  EXPECT_EQ(wrong.level, Level::kWrong) << wrong.detail;
  EXPECT_EQ(rig.AskUntil(ping, Level::kServing).level, Level::kServing);
  EXPECT_EQ(rig.AskUntil(get, Level::kServing).level, Level::kServing);
  world.Tell({"unreachable", "db1"});
  const ProbeAnswer away = rig.Ask(ping, {}, absl::Seconds(1));
  EXPECT_EQ(away.level, Level::kUnknown) << "nobody accepts, nobody refuses: " << away.detail;
  const SupervisordEndpoint endpoint{"", Cat("http://127.0.0.1:", daemon), "", {}};
  EXPECT_THAT(Says(rig.Wait(rig.clients.supervisors.Look(endpoint, "redis", rig.world.clock.Now()))),
              testing::StartsWith("unknown"));
  world.Tell({"heal"});
  EXPECT_EQ(rig.AskUntil(ping, Level::kServing).level, Level::kServing);
  EXPECT_EQ(Says(rig.Wait(rig.clients.supervisors.Look(endpoint, "redis", rig.world.clock.Now()))), "known");
}

TEST_F(RealRedis, APasswordIsNotNeededToKnowThatItAnswers) {
  lab.Stop(pid);
  pid = Start({"--requirepass", "a-long-password"});
  EXPECT_EQ(rig.AskUntil(RedisProbe{.port = port}, Level::kServing).facts["auth"], "required");
  rig.clients.settings.environment["PW"] = "a-long-password";
  EXPECT_EQ(rig.Ask(RedisProbe{.port = port, .password = {"env:PW"}, .expected_role = "master"}).level,
            Level::kServing);
  rig.clients.settings.environment["PW"] = "another-password";
  EXPECT_EQ(rig.Ask(RedisProbe{.port = port, .password = {"env:PW"}}).level, Level::kWrong);
}

TEST_F(RealRedis, LoadingIsStarting) {
  lab.Stop(pid);
  // An append-only file that takes its time: each key waits a moment while it is loaded.
  std::string commands;
  for (int i = 0; i < 60000; ++i)
    Append(commands, "*3\r\n$3\r\nSET\r\n$6\r\n", 100000 + i, "\r\n$1\r\nx\r\n");
  lab.Write("appendonlydir/appendonly.aof.1.base.aof", "");
  lab.Write("appendonlydir/appendonly.aof.1.incr.aof", commands);
  lab.Write("appendonlydir/appendonly.aof.manifest",
            "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
  pid = Start({"--appendonly", "yes", "--key-load-delay", "100"});
  const ProbeAnswer answer = rig.AskUntil(RedisProbe{.port = port}, Level::kStarting, absl::Seconds(4));
  EXPECT_EQ(answer.level, Level::kStarting) << answer.detail << lab.Log("redis");
  kill(pid, SIGKILL);
}

struct RealNginx : RealServer {
  void SetUp() override {
    if (!HasProgram("nginx")) GTEST_SKIP() << "skipped: nginx is not installed";
    backend = FreePort();
    lab.Write("nginx.conf", Cat(R"(
daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 64; }
http { access_log off; client_body_temp_path tmp1; proxy_temp_path tmp2; fastcgi_temp_path tmp3; uwsgi_temp_path tmp4; scgi_temp_path tmp5;
 server { listen 127.0.0.1:)",
                                port, R"(;
  location = /ok { default_type application/json; return 200 '{"status":{"state":"green"}}'; }
  location = /big { default_type text/plain; alias )",
                                lab.Path("big"), R"(; }
  location = /slow { default_type text/plain; alias )",
                                lab.Path("big"), R"(; limit_rate 1; }
  location / { proxy_pass http://127.0.0.1:)",
                                backend, "; } } }\n"));
    pid = lab.Start("nginx", {"nginx", "-p", lab.directory(), "-c", lab.Path("nginx.conf"), "-e", "stderr"});
  }
  pid_t pid = 0;
  uint16_t backend = 0;
};

TEST_F(RealNginx, AServerInFrontOfADeadOneIsUpAndNotHealthy) {
  const HttpProbe ok{.port = port, .path = "/ok", .json_pointer = "/status/state", .json_equals = "green"};
  ASSERT_EQ(rig.AskUntil(ok, Level::kServing).level, Level::kServing) << lab.Log("nginx");
  const ProbeAnswer proxied = rig.Ask(HttpProbe{.port = port, .path = "/app"});
  EXPECT_EQ(proxied.level, Level::kWrong);
  EXPECT_EQ(proxied.facts.at("status"), "502");
}

TEST_F(RealNginx, BigAndSlowAnswersAreCutOff) {
  lab.Write("big", "");
  std::filesystem::resize_file(lab.Path("big"), uint64_t{1} << 30);
  ASSERT_EQ(rig.AskUntil(HttpProbe{.port = port, .path = "/ok"}, Level::kServing).level, Level::kServing)
      << lab.Log("nginx");
  const ProbeAnswer big = rig.Ask(HttpProbe{.port = port, .path = "/big"});
  EXPECT_EQ(big.level, Level::kWrong);
  EXPECT_THAT(big.detail, HasSubstr("too long"));
  const ProbeAnswer slow = rig.Ask(HttpProbe{.port = port, .path = "/slow"});
  EXPECT_NE(slow.level, Level::kServing) << slow.detail;
  EXPECT_LT(slow.took, absl::Seconds(3));
}

TEST_F(RealNginx, AFrozenServerConnectsOnly) {
  const HttpProbe ok{.port = port, .path = "/ok"};
  ASSERT_EQ(rig.AskUntil(ok, Level::kServing).level, Level::kServing) << lab.Log("nginx");
  kill(pid, SIGSTOP);
  EXPECT_EQ(rig.Ask(ok).level, Level::kConnects);
  kill(pid, SIGKILL);
  EXPECT_EQ(rig.AskUntil(ok, Level::kNothingThere).level, Level::kNothingThere);
}

struct RealPostgresql : RealServer {
  void SetUp() override {
    for (const char* version : {"17", "16", "15", "14"})
      if (HasProgram(Cat("/usr/lib/postgresql/", version, "/bin/postgres"))) {
        bin = Cat("/usr/lib/postgresql/", version, "/bin/");
        break;
      }
    if (bin.empty()) GTEST_SKIP() << "skipped: postgresql is not installed";
    user = geteuid() == 0 ? "postgres" : "";
    const std::string data = lab.Path("pg/data");
    std::filesystem::create_directory(lab.Path("pg"));
    if (const passwd* owner = user.empty() ? nullptr : getpwnam(user.c_str()))
      ASSERT_EQ(chown(lab.Path("pg").c_str(), owner->pw_uid, owner->pw_gid), 0);
    ASSERT_EQ(lab.Run({bin + "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8",
                       "--locale=C"},
                      user),
              0)
        << lab.Log("run");
    Start();
  }
  void Start() {
    pid = lab.Start("postgres",
                    {bin + "postgres", "-D", lab.Path("pg/data"), "-p", Cat(port), "-c",
                     "listen_addresses=127.0.0.1", "-c", Cat("unix_socket_directories=", lab.Path("pg")),
                     "-c", "fsync=off", "-c", "shared_buffers=16MB"},
                    user);
  }
  std::string bin, user;
  pid_t pid = 0;
};

TEST_F(RealPostgresql, ServingZombieShuttingDownAndDown) {
  const PostgresqlProbe probe{.port = port};
  ASSERT_EQ(rig.AskUntil(probe, Level::kServing).level, Level::kServing) << lab.Log("postgres");
  kill(pid, SIGSTOP);
  EXPECT_EQ(rig.Ask(probe, {}, absl::Seconds(1)).level, Level::kConnects);
  kill(pid, SIGCONT);
  ASSERT_EQ(rig.AskUntil(probe, Level::kServing).level, Level::kServing);
  // With a client connected a smart shutdown waits, and new connections are told so.
  const pid_t client = lab.Start("psql", {bin + "psql", "-h", "127.0.0.1", "-p", Cat(port), "-U", "postgres",
                                          "-c", "select pg_sleep(30)"});
  ASSERT_TRUE(WaitUntil([&] { return Family(pid).size() > 6; })) << "the client's backend";
  kill(pid, SIGTERM);
  const ProbeAnswer leaving = rig.AskUntil(probe, Level::kStarting);
  EXPECT_EQ(leaving.level, Level::kStarting) << leaving.detail;
  EXPECT_THAT(leaving.detail, HasSubstr("shutting down"));
  lab.Stop(client);
  kill(pid, SIGINT);  // the backend would sleep on without its client
  EXPECT_EQ(rig.AskUntil(probe, Level::kNothingThere).level, Level::kNothingThere);
}

TEST_F(RealPostgresql, StartingUpIsStartingHoweverLongItTakes) {
  const PostgresqlProbe probe{.port = port};
  ASSERT_EQ(rig.AskUntil(probe, Level::kServing).level, Level::kServing) << lab.Log("postgres");
  // A standby without its primary's history stays "starting up" for ever, as one does that replays a long
  // log.
  kill(pid, SIGINT);
  ASSERT_TRUE(WaitUntil([&] { return rig.Ask(probe).level == Level::kNothingThere; }));
  lab.Stop(pid);
  lab.Write("pg/data/recovery.signal", "");
  const std::string wait = lab.Write("wait.sh", "#!/bin/sh\nsleep 30\nexit 1\n", 0755);
  pid = lab.Start(
      "postgres",
      {bin + "postgres", "-D", lab.Path("pg/data"), "-p", Cat(port), "-c", "listen_addresses=127.0.0.1", "-c",
       Cat("unix_socket_directories=", lab.Path("pg")), "-c", Cat("restore_command=", wait, " %f")},
      user);
  const ProbeAnswer starting = rig.AskUntil(probe, Level::kStarting);
  EXPECT_EQ(starting.level, Level::kStarting) << starting.detail << lab.Log("postgres");
  EXPECT_EQ(starting.facts.at("sqlstate"), "57P03");
  kill(pid, SIGQUIT);
}

}  // namespace
}  // namespace holdfast::clients
