#include <gmock/gmock.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "tests/integration/lab.h"
#include "tests/integration/stand_in.h"

namespace holdfast::clients {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Kind = Outcome::Kind;

constexpr int kMany = 200;

// The same on a real supervisord and on a simulated one: what stands in must have passed what it stands for.
struct Supervisord : testing::TestWithParam<Who> {
  void SetUp() override {
    if (IsReal() && !HasProgram("supervisord")) GTEST_SKIP() << "skipped: supervisord is not installed";
    port = FreePort();
    if (IsReal()) lab.Write("s.conf", Configuration());
    Start();
  }
  // A graceful end would wait for those who ignore TERM.
  void TearDown() override {
    for (const pid_t one : Family(pid)) kill(one, SIGKILL);
  }
  bool IsReal() const { return GetParam() == Who::kReal; }
  void Start() {
    if (IsReal()) {
      pid = lab.Start("supervisord", {"supervisord", "-n", "-c", lab.Path("s.conf")});
    } else {
      stand_in = std::make_unique<StandIn>(lab, Scenario());
      pid = stand_in->pid();
    }
    ASSERT_TRUE(WaitUntil([&] { return rig.Wait(rig.clients.supervisors.Facts(unix)).ok(); }))
        << lab.Log("supervisord") << lab.Log("sandbox");
  }
  void Freeze(const std::string& program) {
    if (IsReal())
      kill(static_cast<pid_t>(See(program).pid), SIGSTOP);
    else
      stand_in->Tell({"hang", program});
  }
  // Its children live on.
  void KillSupervisord() {
    if (!IsReal()) return stand_in->Tell({"kill-supervisord", "here"});
    for (const pid_t one : Family(pid))
      if (one != pid) lab.Adopt(one);
    kill(pid, SIGKILL);
    ASSERT_TRUE(WaitUntil([&] { return !IsAlive(pid); })) << "its children have another parent only then";
    lab.Stop(pid);
  }
  void StartAgain() {
    if (IsReal())
      Start();
    else
      stand_in->Tell({"start-supervisord", "here"});
  }
  std::string Scenario() const {
    return Cat("hosts:\n  - name: here\n    supervisord: {socket: ", lab.Path("s.sock"),
               ", listen: \"127.0.0.1:", port, R"(", user: hf, password: secret-word}
    programs:
      - {name: low, autostart: true}
      - {name: "off"}
      - {name: crash, behaviour: exitsAtOnce, autostart: true, startsecs: 2s, startretries: 0}
      - {name: missing, behaviour: missing, autostart: true}
      - {name: trapper, behaviour: ignoresTerm, autostart: true, stopwaitsecs: 2s}
      - {name: "worker:worker_[000-)",
               kMany - 1, "]\"}\n");
  }
  std::string Configuration() const {
    std::string text = Cat("[unix_http_server]\nfile=", lab.Path("s.sock"),
                           "\nchmod=0700\n[inet_http_server]\nport=127.0.0.1:", port,
                           "\nusername=hf\npassword=secret-word\n[supervisord]\nlogfile=", lab.Path("s.log"),
                           "\npidfile=", lab.Path("s.pid"), "\nchildlogdir=", lab.directory(), R"(
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:low]
command=/bin/sleep 34001
[program:off]
command=/bin/sleep 34002
autostart=false
[program:crash]
command=/bin/sh -c "echo the last words >&2; exit 3"
startsecs=2
startretries=0
[program:missing]
command=/nonexistent/bin
[program:trapper]
command=/bin/sh -c "trap '' TERM; while :; do sleep 1; done"
stopwaitsecs=2
[program:worker]
command=/bin/sleep 34003
process_name=%(program_name)s_%(process_num)03d
)");
    return Cat(text, "autostart=false\nnumprocs=", kMany, "\n");
  }
  ProcessInfo See(const std::string& program) {
    return ValueOf(rig.Wait(rig.clients.supervisors.Look(unix, program, rig.world.clock.Now())));
  }
  bool SeesState(const std::string& program, ProcessState state) {
    return WaitUntil([&] { return See(program).state == state; });
  }
  XmlRpcCall Call(const std::string& method, const std::string& program,
                  const std::string& only_if = {}) const {
    XmlRpcCall call;
    call.unix_socket = unix.unix_socket;
    call.method = Cat("supervisor.", method);
    call.params = {program, false};
    call.only_if_incarnation = only_if;
    return call;
  }
  Outcome Perform(Action action) { return rig.Wait(rig.doors.Perform(std::move(action), absl::Seconds(20))); }

  Lab lab;
  RealRig rig{lab.directory()};
  uint16_t port = 0;
  pid_t pid = 0;  // of the supervisord, or of the world
  std::unique_ptr<StandIn> stand_in;
  SupervisordEndpoint unix{lab.Path("s.sock"), "", "", {}};
};

TEST_P(Supervisord, ProgramsOfEveryTemper) {
  EXPECT_TRUE(SeesState("low", ProcessState::kRunning));
  EXPECT_NE(See("low").pid, 0);
  if (IsReal()) {
    EXPECT_EQ(See("low").daemon_pid, pid);
    EXPECT_GT(See("low").daemon_started_at, absl::Now() - absl::Minutes(5));
  }
  EXPECT_EQ(See("off").state, ProcessState::kStopped);
  EXPECT_EQ(See("off").stop, absl::InfinitePast()) << "it never ran, so nobody stopped it";
  EXPECT_TRUE(SeesState("crash", ProcessState::kFatal));
  EXPECT_THAT(rig.Wait(rig.clients.supervisors.TailLog(unix, "crash", 1000)).ok() ? "the last words" : "",
              HasSubstr("last words"));
  EXPECT_TRUE(SeesState("missing", ProcessState::kFatal));
  EXPECT_NE(See("missing").spawnerr, "");
  const auto absent = rig.Wait(rig.clients.supervisors.Look(unix, "worker_000", rig.world.clock.Now()));
  EXPECT_THAT(Says(absent), AllOf(StartsWith("absent"), HasSubstr("worker:worker_000")));
}

TEST_P(Supervisord, StopsAndStartsByComparison) {
  ASSERT_TRUE(SeesState("low", ProcessState::kRunning));
  const ProcessInfo before = See("low");
  EXPECT_EQ(Perform(Call("stopProcess", "low", "1@1")).kind, Kind::kRefused);
  EXPECT_EQ(See("low").pid, before.pid);
  EXPECT_EQ(IsAlive(static_cast<pid_t>(before.pid)), IsReal())
      << "no simulated one has a number of this machine";
  EXPECT_EQ(Perform(Call("stopProcess", "low", before.incarnation)).kind, Kind::kDone);
  EXPECT_TRUE(SeesState("low", ProcessState::kStopped));
  EXPECT_EQ(Perform(Call("stopProcess", "low")).kind, Kind::kDone) << "it was so already";
  EXPECT_EQ(Perform(Call("startProcess", "low")).kind, Kind::kDone);
  EXPECT_TRUE(SeesState("low", ProcessState::kRunning));
  EXPECT_EQ(Perform(Call("startProcess", "low")).kind, Kind::kDone) << "it was so already";
  EXPECT_NE(See("low").incarnation, before.incarnation);
  const Outcome missing = Perform(Call("startProcess", "missing"));
  EXPECT_EQ(missing.kind, Kind::kRefused);
  EXPECT_THAT(missing.detail, HasSubstr("NO_FILE"));
  EXPECT_EQ(Perform(Call("startProcess", "nothere")).kind, Kind::kRefused);
}

TEST_P(Supervisord, AStoppedProcessLooksAliveAndATrapperIsKilledInTheEnd) {
  ASSERT_TRUE(SeesState("trapper", ProcessState::kRunning));
  Freeze("trapper");
  EXPECT_EQ(See("trapper").state, ProcessState::kRunning);
  const auto seen = rig.Wait(rig.clients.processes.Look({}, See("trapper").pid, "/"));
  EXPECT_EQ(IsReal() ? ValueOf(seen).state : Says(seen).substr(0, 6), IsReal() ? "T" : "absent");
  EXPECT_EQ(Perform(Call("stopProcess", "trapper", See("trapper").incarnation)).kind, Kind::kDone);
  EXPECT_EQ(See("trapper").state, ProcessState::kStopping);
  EXPECT_TRUE(SeesState("trapper", ProcessState::kStopped));
}

TEST_P(Supervisord, TwoHundredStartsTravelTogether) {
  std::vector<std::shared_ptr<std::optional<Outcome>>> outcomes;
  for (int i = 0; i < kMany; ++i) {
    const std::string program = Cat("worker:worker_", i < 10 ? "00" : i < 100 ? "0" : "", i);
    outcomes.push_back(rig.Spawn(rig.doors.Perform(Call("startProcess", program), absl::Seconds(30))));
  }
  const absl::Time begun = absl::Now();
  WaitUntil([&] {
    rig.loop.restart();
    rig.loop.run_for(std::chrono::milliseconds(20));
    return outcomes.back()->has_value();
  });
  const absl::Duration took = absl::Now() - begun;
  for (const auto& one : outcomes) ASSERT_EQ((*one)->kind, Kind::kDone) << (*one)->detail;
  RecordProperty("milliseconds", static_cast<int>(absl::ToInt64Milliseconds(took)));
  EXPECT_TRUE(SeesState("worker:worker_199", ProcessState::kRunning));
}

TEST_P(Supervisord, WrongPasswordsAndMissingSocketsSaySo) {
  SupervisordEndpoint tcp{"", Cat("http://127.0.0.1:", port), "hf", {"env:PW"}};
  rig.clients.settings.environment["PW"] = "secret-word";
  const absl::Time past = absl::InfinitePast();
  EXPECT_EQ(Says(rig.Wait(rig.clients.supervisors.Look(tcp, "low", past))), "known");
  rig.clients.settings.environment["PW"] = "another-word";
  EXPECT_THAT(Says(rig.Wait(rig.clients.supervisors.Look(tcp, "low", rig.world.clock.Now()))),
              HasSubstr("wrong user or password"));
  tcp.user.clear();
  EXPECT_THAT(Says(rig.Wait(rig.clients.supervisors.Look(tcp, "low", rig.world.clock.Now()))),
              HasSubstr("401"));
  const SupervisordEndpoint missing{lab.Path("other.sock"), "", "", {}};
  EXPECT_THAT(Says(rig.Wait(rig.clients.supervisors.Look(missing, "low", past))),
              HasSubstr("there is no such socket"));
  tcp.url = Cat("http://127.0.0.1:", FreePort());
  EXPECT_THAT(Says(rig.Wait(rig.clients.supervisors.Look(tcp, "low", past))),
              HasSubstr("connection refused"));
}

TEST_P(Supervisord, OrphansOfAKilledSupervisordAreFound) {
  ASSERT_TRUE(SeesState("low", ProcessState::kRunning));
  const ProcessInfo before = See("low");
  const auto orphan = static_cast<pid_t>(before.pid);
  ASSERT_NO_FATAL_FAILURE(KillSupervisord());
  EXPECT_THAT(Says(rig.Wait(rig.clients.supervisors.Look(unix, "low", rig.world.clock.Now()))),
              StartsWith("unknown"));
  EXPECT_EQ(rig.Wait(rig.doors.Perform(Call("stopProcess", "low"), absl::Seconds(1))).kind, Kind::kRefused);
  StartAgain();
  ASSERT_TRUE(SeesState("low", ProcessState::kRunning));
  EXPECT_NE(See("low").incarnation, before.incarnation) << "a second one, beside the first";
  EXPECT_NE(See("low").daemon_pid, before.daemon_pid);
  if (!IsReal()) return;  // the process table of this machine has no simulated ones
  ASSERT_TRUE(IsAlive(orphan));
  const auto found = rig.Wait(rig.clients.processes.Find({}, {"/bin/sleep", "34001"}));
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_EQ(found->size(), 2);
  const FoundProcess& old = (*found)[0].pid == orphan ? (*found)[0] : (*found)[1];
  EXPECT_EQ(old.pid, orphan);
  EXPECT_LT(old.start, See("low").daemon_started_at + absl::Seconds(1))
      << "older than the daemon that should be its parent";
  Signal signal;
  signal.pid = orphan;
  signal.number = SIGKILL;
  signal.incarnation = "00000000:1";
  EXPECT_EQ(Perform(signal).kind, Kind::kRefused);
  signal.incarnation = old.incarnation;
  EXPECT_EQ(Perform(signal).kind, Kind::kDone);
  EXPECT_TRUE(WaitUntil([&] { return !IsAlive(orphan); }));
}

TEST_P(Supervisord, AFrozenDaemonIsUnknownWithinItsDeadline) {
  kill(pid, SIGSTOP);
  const absl::Time begun = absl::Now();
  EXPECT_THAT(Says(rig.Wait(rig.clients.supervisors.Look(unix, "low", rig.world.clock.Now()))),
              StartsWith("unknown"));
  EXPECT_LT(absl::Now() - begun, 3 * Supervisors::kReadDeadline);
  EXPECT_EQ(rig.Wait(rig.doors.Perform(Call("stopProcess", "low"), absl::Seconds(1))).kind, Kind::kUnknown);
  kill(pid, SIGCONT);
}

INSTANTIATE_TEST_SUITE_P(OnThe, Supervisord, testing::Values(Who::kReal, Who::kSandbox), WhoText);

}  // namespace
}  // namespace holdfast::clients
