// What the spec says and refuses, and what the layout makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "examples/embedded.h"
#include "reconcilers/service_stack/actions.h"
#include "reconcilers/service_stack/reading.h"
#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

struct Decoded {
  std::unique_ptr<Spec> spec = std::make_unique<Spec>();
  std::vector<std::string> errors, warnings;
};

Decoded Read(std::string text, std::string_view below = {}) {
  Decoded decoded;
  specs::Problems problems;
  const auto tree =
      specs::Tree::Parse(std::make_shared<specs::Source>(specs::Source{"a.yaml", std::move(text)}), problems);
  if (tree != nullptr && !tree->documents().empty()) {
    specs::Node node = tree->documents()[0];
    if (!below.empty()) node = node.Find(below);
    SpecFields().Decode(node, *decoded.spec, problems, {.now = *ParseRfc3339("2026-11-21T12:00:00Z")});
  }
  for (const specs::Diagnostic& problem : problems.list())
    (problem.level == specs::Level::kError ? decoded.errors : decoded.warnings)
        .push_back(Cat(problem.message, " | ", problem.help));
  return decoded;
}

constexpr std::string_view kOk = "control: {systemd: {unit: x}}";
std::string OneLayer(std::string services) { return Cat("layers:\n- services:\n", services); }
std::string One(std::string_view more, std::string_view control = kOk) {
  return OneLayer(Cat("  - {name: a, ", control, more.empty() ? "" : ", ", more, "}\n"));
}

TEST(StackSpec, TheExampleIsReadWhole) {
  const Decoded decoded = Read(std::string(kServiceStackExample), "spec");
  EXPECT_THAT(decoded.errors, IsEmpty());
  const Layout& layout = LayoutOf(*decoded.spec);
  EXPECT_EQ(layout.layers.size(), 4u);
  EXPECT_EQ(layout.targets[0].name, "zookeeper@zk1");
  EXPECT_EQ(layout.services[*layout.FindService("zookeeper")].required, 2);
  EXPECT_EQ(layout.services[*layout.FindService("datanode")].members, 19) << "dn05 is retired";
  EXPECT_THAT(ServiceStack::Claims(*decoded.spec), Contains("host:zk1/unit:zookeeper.service"));
  EXPECT_THAT(ServiceStack::Claims(*decoded.spec),
              Contains("supervisord:/run/supervisor.sock/program:redis"));
  EXPECT_THAT(ServiceStack::Claims(*decoded.spec),
              Contains("supervisord:http://127.0.0.1:9001/program:flask:flask_2"));
}

struct Bad {
  const char* name;
  std::string text;
  const char* says;
};
class RefusedSpec : public testing::TestWithParam<Bad> {};
TEST_P(RefusedSpec, WithAReasonAndARemedy) {
  EXPECT_THAT(Read(GetParam().text).errors, Contains(HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RefusedSpec,
    testing::Values(
        Bad{"NoLayers", "layers: []", "layers"}, Bad{"EmptyLayer", "layers: [{services: []}]", "services"},
        Bad{"TwoOfOneName",
            OneLayer("  - {name: a, control: {systemd: {unit: x}}}\n  - {name: a, control: {systemd: {unit: "
                     "other}}}\n"),
            "there twice"},
        Bad{"DownWithoutAnEnd", Cat("state: down\n", One("")), "does not say until when"},
        Bad{"IndefiniteWithoutReason", Cat("state: down\nindefinite: true\n", One("")), "without a `reason`"},
        Bad{"DowntimeWhileUp", Cat("downtime: {until: 2026-12-01T00:00:00Z, reason: x}\n", One("")),
            "`state` is up"},
        Bad{"BothEnds",
            Cat("state: down\nreason: r\nindefinite: true\ndowntime: {until: 2026-12-01T00:00:00Z, reason: "
                "x}\n",
                One("")),
            "contradict"},
        Bad{"NoneLeft",
            One("hosts: \"127.0.0.[1-3]\", maxUnavailable: 3", "control: {systemd: {unit: \"x@{index}\"}}"),
            "leaves none"},
        Bad{"MoreThanThereAre", One("layerReadyWhen: 2"), "more than the 1 member"},
        Bad{"UnknownNeed", One("needs: [b]"), "no service of this stack"},
        Bad{"NeedsUpwards",
            "layers:\n- services: [{name: a, control: {systemd: {unit: x}}, needs: [b]}]\n- services: "
            "[{name: b, control: {systemd: {unit: other}}}]\n",
            "higher layer"},
        Bad{"Cycle",
            OneLayer("  - {name: a, control: {systemd: {unit: x}}, needs: [b]}\n  - {name: b, control: "
                     "{systemd: {unit: other}}, waitsFor: [a]}\n"),
            "a → b → a"},
        Bad{"ElsewhereWithoutAWay", One("hosts: [db1]"), "nothing says how to reach it"},
        Bad{"SocketThroughSsh",
            Cat("via: {ssh: {user: ops}}\n",
                One("hosts: [db1]", "control: {supervisord: {socket: /s, program: \"{host}\"}}")),
            "unix socket"},
        Bad{"OneProgramForAll",
            One("hosts: [\"127.0.0.1\", \"127.0.0.2\"]", "control: {supervisord: {socket: /s, program: x}}"),
            "one and the same program"},
        Bad{"RetiredStranger", One("retired: [x]"), "not among the hosts"},
        Bad{"GroupStop", One("", "control: {supervisord: {socket: /s, program: \"web:*\"}}"), "program"},
        Bad{"NeverFormat",
            One("component: hdfs-namenode",
                "control: {command: {start: [hdfs, namenode, -format], stop: [a], status: [b]}}"),
            "never done to hdfs-namenode"},
        Bad{"NeverImmediate",
            One("component: postgresql",
                "control: {command: {start: [a], stop: [pg_ctl, -m, immediate, stop], status: [b]}}"),
            "never done to postgresql"},
        Bad{"NeverRm", One("", "control: {command: {start: [/bin/rm, -rf, /x], stop: [a], status: [b]}}"),
            "never done to generic"},
        Bad{"NeverInAProbe",
            One("component: hdfs-namenode, probe: {command: {argv: [hdfs, dfsadmin, -safemode, leave]}}"),
            "safemode leave"}),
    [](const auto& info) { return info.param.name; });

TEST(StackSpec, ADowntimeInThePastIsOnlyAWarning) {
  const Decoded decoded =
      Read(Cat("state: down\ndowntime: {until: 2026-11-20T00:00:00Z, reason: x}\n", One("")));
  EXPECT_THAT(decoded.errors, IsEmpty());
  EXPECT_THAT(decoded.warnings, Contains(HasSubstr("ended at 2026-11-20")));
}

TEST(StackSpec, EveryActionOfEveryComponentAndControlKeepsTheNeverList) {
  for (const Component& component : Components()) {
    EXPECT_EQ(&component, &ComponentOf(component.name));
    for (const Control& control :
         {Control(SupervisordControl{.socket = "/s", .program = "p"}), Control(SystemdControl{"u"}),
          Control(SysvControl{"s"}),
          Control(CommandControl{{{"a", "start"}}, {{"a", "stop"}}, {{"a", "status"}}})}) {
      Spec spec = StackOf({{ServiceNamed("x", 0, {.component = component.name})}});
      spec.layers[0].services[0].control = control;
      const Layout& layout = LayoutOf(spec);
      std::vector<Action> actions = {StartAction(layout, 0), StopAction(layout, 0, "1@2")};
      if (auto kill = KillAction(layout, 0, "1@2", nullptr)) actions.push_back(*kill);
      for (const Action& action : actions) {
        EXPECT_EQ(NeverSays(component, action), "") << Line(action);
        if (const auto* call = std::get_if<XmlRpcCall>(&action)) {
          EXPECT_EQ(call->method.find("Group"), std::string::npos) << "a group's stop has no order";
        }
      }
    }
  }
}

TEST(StackSpec, ActionsSayWhatAnOperatorWouldType) {
  const Decoded decoded = Read(std::string(kServiceStackExample), "spec");
  const Layout& layout = LayoutOf(*decoded.spec);
  EXPECT_EQ(Line(StartAction(layout, *layout.FindTarget("cache"))),
            "supervisorctl -s unix:///run/supervisor.sock start redis");
  EXPECT_THAT(Line(StopAction(layout, *layout.FindTarget("zookeeper@zk1"), "abc")),
              HasSubstr("ops@zk1 -- 'sudo -n -- systemctl stop --no-block -- zookeeper.service'"));
  EXPECT_EQ(KillAction(layout, *layout.FindTarget("mailer"), "4711", nullptr), std::nullopt)
      << "a command cannot kill one particular run";
}

TEST(StackSpec, AScriptIsStoppedAndKilledByTheProcessThatItsStatusNames) {
  for (const Control& control :
       {Control(SysvControl{"app"}),
        Control(CommandControl{{{"app", "start"}}, {{"app", "stop"}}, {{"app", "st"}}})}) {
    Spec spec = StackOf({{ServiceNamed("app")}});
    spec.layers[0].services[0].control = control;
    const Layout& layout = LayoutOf(spec);
    const auto stop = std::get<Command>(StopAction(layout, 0, "4711"));
    ASSERT_TRUE(stop.only_if.has_value());
    EXPECT_THAT(stop.only_if->argv, testing::ElementsAre("stat", "-c", "%n", "/proc/4711"));
    EXPECT_EQ(stop.only_if->output, "/proc/4711");
    EXPECT_FALSE(std::get<Command>(StopAction(layout, 0, "")).only_if.has_value()) << "nothing to compare";

    const Finding looked_at{.pid = 4711, .run = "0a1b2c3d:5000"};
    const auto kill = KillAction(layout, 0, "4711", &looked_at);
    ASSERT_TRUE(kill.has_value());
    const auto& signal = std::get<Signal>(*kill);
    EXPECT_EQ(signal.pid, 4711);
    EXPECT_EQ(signal.incarnation, "0a1b2c3d:5000");
    EXPECT_EQ(signal.number, SIGKILL);
    EXPECT_EQ(KillAction(layout, 0, "4712", &looked_at), std::nullopt) << "another one was looked at";
    EXPECT_EQ(KillAction(layout, 0, "", &looked_at), std::nullopt);
    EXPECT_EQ(KillAction(layout, 0, "4711", nullptr), std::nullopt);
  }
}

TEST(StackSpec, AKillAsAnotherUserComparesTheStartTime) {
  Spec spec = StackOf({{ServiceNamed("app")}});
  spec.layers[0].services[0].control = SysvControl{"app"};
  spec.layers[0].services[0].become = Become::kSudo;
  const Finding looked_at{.pid = 4711, .run = "0a1b2c3d:5000"};
  const auto kill = std::get<Command>(*KillAction(LayoutOf(spec), 0, "4711", &looked_at));
  EXPECT_EQ(Line(kill),
            "[ \"$(cut -d ' ' -f 22 /proc/4711/stat)\" = 5000 ] && sudo -n -- kill -KILL -- 4711");
  ASSERT_TRUE(kill.only_if.has_value());
  EXPECT_THAT(kill.only_if->argv, testing::ElementsAre("cut", "-d", " ", "-f", "22", "/proc/4711/stat"));
  EXPECT_EQ(kill.only_if->output, "5000");
}

// ── what the clients say, in our words ──
TEST(Reading, SupervisordsStates) {
  const absl::Time at = absl::FromUnixSeconds(1'800'000'000);
  clients::ProcessInfo info{.name = "p", .state = clients::ProcessState::kStopped, .statename = "STOPPED"};
  const auto life = [&] {
    return ProcessOf({.process = FromSupervisord(Known<clients::ProcessInfo>{info, at}, {})}).life;
  };
  EXPECT_EQ(life(), Life::kNever) << "never started is not stopped by hand";
  info.start = at - absl::Hours(1);
  EXPECT_EQ(life(), Life::kStopped);
  info.state = clients::ProcessState::kFatal;
  EXPECT_EQ(life(), Life::kFailed);
  info.state = clients::ProcessState::kBackoff;
  EXPECT_EQ(life(), Life::kStarting);
}

TEST(Reading, SupervisordsClockIsTranslated) {
  const absl::Time at = absl::FromUnixSeconds(1'800'000'000);
  clients::ProcessInfo info{.state = clients::ProcessState::kStopped,
                            .start = at - absl::Hours(3),
                            .stop = at - absl::Hours(2),
                            .now = at - absl::Hours(2)};
  const Observed<Process> seen =
      FromSupervisord(Known<clients::ProcessInfo>{info, at}, {.url = "http://10.0.0.3:9001"});
  EXPECT_EQ(ProcessOf({.process = seen}).stopped, at);
}

TEST(Reading, SystemdsStopJobAndFailure) {
  clients::UnitInfo unit{.id = "u.service",
                         .load_state = "loaded",
                         .active_state = "failed",
                         .invocation_id = "i",
                         .result = "exit-code"};
  const auto life = [&] {
    return ProcessOf({.process = FromSystemd(Known<clients::UnitInfo>{unit, absl::UnixEpoch()})}).life;
  };
  EXPECT_EQ(life(), Life::kFailed);
  unit.active_state = "inactive";
  unit.invocation_id = "";
  unit.result = "success";
  EXPECT_EQ(life(), Life::kNever);
}

}  // namespace
}  // namespace holdfast::stack
