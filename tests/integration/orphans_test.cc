// What a killed supervisord leaves behind, seen by the kind that would start it a second time.
#include <gmock/gmock.h>

#include <csignal>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "tests/integration/lab.h"
#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

using clients::IsAlive;
using clients::Lab;
using clients::WaitUntil;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct NobodyToWake : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

Service Supervised(const std::string& socket, const std::string& program) {
  Service service;
  service.name = program;
  SupervisordControl control;
  control.socket = socket;
  control.program = program;
  service.control = control;
  return service;
}

struct OrphansOfSupervisord : testing::Test {
  void SetUp() override {
    if (!clients::HasProgram("supervisord")) GTEST_SKIP() << "skipped: supervisord is not installed";
    lab.Write("s.conf", Cat("[unix_http_server]\nfile=", lab.Path("s.sock"),
                            "\n[supervisord]\nlogfile=", lab.Path("s.log"), "\npidfile=", lab.Path("s.pid"),
                            "\nchildlogdir=", lab.directory(), R"(
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:by-hand]
command=/bin/sleep 35001
autostart=false
[program:by-itself]
command=/bin/sh -c "/bin/sleep 35002 & wait"
autostart=true
stopasgroup=true
killasgroup=true
)"));
    spec =
        StackOf({{Supervised(lab.Path("s.sock"), "by-hand"), Supervised(lab.Path("s.sock"), "by-itself")}});
    StartSupervisord();
  }
  void TearDown() override {
    for (const pid_t orphan : orphans) kill(orphan, SIGKILL);
    if (pid != 0)
      for (const pid_t one : clients::Family(pid)) kill(one, SIGKILL);
  }
  void StartSupervisord() {
    pid = lab.Start("supervisord", {"supervisord", "-n", "-c", lab.Path("s.conf")});
    ASSERT_TRUE(WaitUntil([&] { return IsKnown(rig.Wait(Observe())); })) << lab.Log("supervisord");
  }
  // Its children live on.
  void KillSupervisord() {
    for (const pid_t one : clients::Family(pid))
      if (one != pid) orphans.push_back(one);
    kill(pid, SIGKILL);
    ASSERT_TRUE(WaitUntil([&] { return !IsAlive(pid); }));
    for (const pid_t orphan : orphans) ASSERT_TRUE(IsAlive(orphan));
  }
  Task<Observed<State>> Observe() {
    return ServiceStack::Observe(systems, std::make_shared<const Spec>(spec),
                                 holdfast::Look{{"ServiceStack", "site"}, absl::Now(), absl::Now(), {}});
  }
  static bool IsKnown(const Observed<State>& seen) {
    const auto known = [](const Seen& one) {
      return one.process.Match([](const Known<Process>& p) { return p.value.life != Life::kStarting; },
                               [](const Absent&) { return false; }, [](const Unknown&) { return false; });
    };
    return seen.Match([&](const Known<State>& s) { return std::ranges::all_of(s.value.targets, known); },
                      [](const Absent&) { return false; }, [](const Unknown&) { return false; });
  }
  Plan See() {
    static const std::map<std::string, std::string> no_refs;
    const Observed<State> seen = rig.Wait(Observe());
    const Fact<State> fact = seen.Match([](const Known<State>& s) -> Fact<State> { return s; },
                                        [](const Absent& a) -> Fact<State> { return a; },
                                        [](const Unknown&) -> Fact<State> { return Absent{}; });
    trail = ServiceStack::Fold(std::move(trail), fact);
    const std::vector<OperationIn<Restart>> none;
    return ServiceStack::Decide(
        View<ServiceStack>{spec, none, fact, trail, Frame{absl::Now(), Purpose::kConverge, past, no_refs}});
  }

  Lab lab;
  clients::RealRig rig{lab.directory()};
  NobodyToWake nobody;
  Systems systems{rig.world, nobody};
  Spec spec;
  Past past;
  Trail trail;
  pid_t pid = 0;
  std::vector<pid_t> orphans;
};

TEST_F(OrphansOfSupervisord, AreNotDoubledAndAreToldWithTheirPidsUntilTheyAreGone) {
  const Plan first = See();
  ASSERT_EQ(MayGo(first), std::vector<std::string>{"start by-hand"}) << PlanText(first);
  const Action start = first.stages[0].steps[0].action;
  ASSERT_EQ(rig.Wait(rig.doors.Perform(start, absl::Seconds(20))).kind, Outcome::Kind::kDone);
  ASSERT_TRUE(WaitUntil([&] { return See().stages.empty(); }));
  ASSERT_NO_FATAL_FAILURE(KillSupervisord());
  ASSERT_NO_FATAL_FAILURE(StartSupervisord());

  Plan plan = See();
  EXPECT_THAT(Steps(plan), Not(Contains("start by-hand"))) << PlanText(plan);
  for (const char* name : {"by-hand", "by-itself"}) {
    const Wait* wait = FindWait(plan, name);
    ASSERT_NE(wait, nullptr) << PlanText(plan);
    EXPECT_EQ(wait->on, Wait::On::kHuman);
    EXPECT_THAT(wait->remedy, HasSubstr("kill "));
  }
  EXPECT_THAT(FindWait(plan, "by-hand")->detail, HasSubstr("runs all the same: pid "));
  EXPECT_THAT(FindWait(plan, "by-itself")->detail, HasSubstr("a second time: pid "));

  for (const pid_t orphan : orphans) kill(orphan, SIGKILL);
  ASSERT_TRUE(WaitUntil([&] { return MayGo(plan = See()) == std::vector<std::string>{"start by-hand"}; }))
      << PlanText(plan);
  EXPECT_EQ(FindWait(plan, "by-itself"), nullptr) << PlanText(plan);
}

}  // namespace
}  // namespace holdfast::stack
