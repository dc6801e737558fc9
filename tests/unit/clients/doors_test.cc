#include "reconcilers/clients/control/doors.h"

#include <gmock/gmock.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/unit/clients/fake_supervisord.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Kind = Outcome::Kind;

struct DoorsTest : testing::Test {
  DoorsTest() {
    rig.http.answer = [this](const HttpRequest& request) { return server.Answer(request); };
    rig.files.content["/run/s.sock"] = "";
  }
  Outcome Perform(Action action, absl::Duration deadline = absl::Seconds(10)) {
    return rig.Wait(doors.Perform(std::move(action), deadline));
  }
  static XmlRpcCall Call(std::string method, std::string program, std::string only_if = {}) {
    XmlRpcCall call;
    call.unix_socket = "/run/s.sock";
    call.method = Cat("supervisor.", method);
    call.params = {std::move(program), false};
    call.only_if_incarnation = std::move(only_if);
    return call;
  }
  Rig rig;
  ControlDoors doors{rig.world, rig.clients};
  FakeSupervisord server;
};

TEST_F(DoorsTest, CallsOfOneTurnTravelTogetherAfterOneComparison) {
  std::vector<std::shared_ptr<std::optional<Outcome>>> outcomes;
  for (int i = 0; i < 100; ++i) server.Add(Cat("p", i)).pid = 100 + i;
  for (int i = 0; i < 100; ++i)
    outcomes.push_back(rig.Spawn(
        doors.Perform(Call("stopProcess", Cat("p", i), Cat(100 + i, "@1799999000")), absl::Seconds(10))));
  rig.Run();
  for (const auto& one : outcomes) EXPECT_EQ((*one)->kind, Kind::kDone) << (*one)->detail;
  EXPECT_EQ(server.exchanges, 2);
  EXPECT_EQ(server.acted.size(), 100);
}

TEST_F(DoorsTest, AProcessThatIsAnotherOneNowIsNotTouched) {
  server.Add("redis").pid = 200;
  const Outcome outcome = Perform(Call("stopProcess", "redis", "100@1799999000"));
  EXPECT_EQ(outcome.kind, Kind::kRefused);
  EXPECT_THAT(outcome.detail, HasSubstr("200@1799999000 instead of 100@1799999000"));
  EXPECT_THAT(server.acted, IsEmpty());
}

TEST_F(DoorsTest, WhatCannotBeComparedIsNotDone) {
  server.Add("redis");
  server.faults["supervisor.getProcessInfo"] = 6;
  EXPECT_EQ(Perform(Call("stopProcess", "redis", "100@1799999000")).kind, Kind::kRefused);
  EXPECT_THAT(server.acted, IsEmpty());
}

TEST_F(DoorsTest, FaultsAreRefusalsExceptThoseThatSayItIsSoAlready) {
  server.Add("redis");
  const std::vector<std::pair<int64_t, Kind>> table = {
      {60, Kind::kDone},    {70, Kind::kDone},    {6, Kind::kRefused},  {10, Kind::kRefused},
      {20, Kind::kRefused}, {21, Kind::kRefused}, {40, Kind::kRefused}, {50, Kind::kRefused}};
  for (const auto& [fault, kind] : table) {
    server.faults["supervisor.startProcess"] = fault;
    const Outcome outcome = Perform(Call("startProcess", "redis"));
    EXPECT_EQ(outcome.kind, kind) << fault;
    EXPECT_THAT(outcome.detail, HasSubstr(Cat("fault ", fault))) << fault;
  }
}

TEST_F(DoorsTest, OneRefusalDoesNotSpoilTheOthers) {
  server.Add("a");
  server.Add("b");
  server.faults["supervisor.startProcess a"] = 50;
  const auto a = rig.Spawn(doors.Perform(Call("startProcess", "a"), absl::Seconds(10)));
  const auto b = rig.Spawn(doors.Perform(Call("startProcess", "b"), absl::Seconds(10)));
  rig.Run();
  EXPECT_EQ((*a)->kind, Kind::kRefused);
  EXPECT_EQ((*b)->kind, Kind::kDone);
}

TEST_F(DoorsTest, ALostConnectionIsUnknownAndARefusedOneIsARefusal) {
  rig.http.answer = [](const HttpRequest&) { return Unavailable("connection reset by peer"); };
  EXPECT_EQ(Perform(Call("startProcess", "redis")).kind, Kind::kUnknown);
  rig.http.answer = [](const HttpRequest&) { return Unavailable("Connection refused"); };
  EXPECT_EQ(Perform(Call("startProcess", "redis")).kind, Kind::kRefused);
  rig.http.answer = [](const HttpRequest&) { return HttpResponse{401, {}, ""}; };
  EXPECT_EQ(Perform(Call("startProcess", "redis")).kind, Kind::kRefused);
  rig.http.answer = [](const HttpRequest&) { return HttpResponse{200, {}, "<html>"}; };
  EXPECT_EQ(Perform(Call("startProcess", "redis")).kind, Kind::kUnknown) << "it may have been done";
}

TEST_F(DoorsTest, NeverSendsAWriteTwice) {
  rig.http.answer = [](const HttpRequest&) { return Unavailable("connection reset by peer"); };
  Perform(Call("startProcess", "redis"));
  EXPECT_EQ(rig.http.requests.size(), 1);
}

TEST_F(DoorsTest, AHangingPeerCostsNoMoreThanTheDeadline) {
  rig.http.takes = absl::Hours(1);
  rig.commands.takes = absl::Hours(1);
  Command command;
  command.argv = {Text("x")};
  HttpCall http;
  http.url = "http://10.0.0.1/";
  for (const Action& action : {Action(Call("startProcess", "redis")), Action(command), Action(http)}) {
    const absl::Duration begun = rig.clock.Steady();
    EXPECT_EQ(Perform(action, absl::Seconds(7)).kind, Kind::kUnknown);
    EXPECT_LE(rig.clock.Steady() - begun, absl::Seconds(7));
  }
}

TEST_F(DoorsTest, HttpStatusTellsWhetherItWasDone) {
  HttpCall call;
  call.method = "PUT";
  call.url = "http://10.0.0.1/x";
  for (const auto& [status, kind] : std::vector<std::pair<int, Kind>>{{200, Kind::kDone},
                                                                      {204, Kind::kDone},
                                                                      {302, Kind::kRefused},
                                                                      {409, Kind::kRefused},
                                                                      {500, Kind::kUnknown},
                                                                      {503, Kind::kUnknown}}) {
    rig.http.answer = [status = status](const HttpRequest&) { return HttpResponse{status, {}, "words"}; };
    EXPECT_EQ(Perform(call).kind, kind) << status;
  }
}

TEST_F(DoorsTest, SecretsAreFilledInAndNeverComeBack) {
  rig.clients.settings.environment["PW"] = "hunter22";
  HttpCall call;
  call.url = "http://10.0.0.1/x";
  call.headers.emplace_back("Authorization", Text(SecretRef{"env:PW"}));
  rig.http.answer = [](const HttpRequest&) { return HttpResponse{403, {}, "hunter22 is not allowed"}; };
  const Outcome outcome = Perform(call);
  EXPECT_EQ(rig.http.requests.back().headers.front().second, "hunter22");
  EXPECT_THAT(outcome.detail, AllOf(HasSubstr("<secret>"), Not(HasSubstr("hunter22"))));
  call.headers.front().second = Text(SecretRef{"env:MISSING"});
  EXPECT_EQ(Perform(call).kind, Kind::kRefused) << "without its secret nothing is sent";
}

TEST_F(DoorsTest, CommandsSucceedByTheirDeclaredCodes) {
  Command command;
  command.argv = {Text("service"), Text("x"), Text("start")};
  command.done_codes = {0, 5};
  for (const auto& [code, kind] :
       std::vector<std::pair<int, Kind>>{{0, Kind::kDone}, {5, Kind::kDone}, {1, Kind::kRefused}}) {
    rig.commands.answer = [code = code](const CommandLine&) {
      return Exit{code, 0, "", "chatter\nthe reason\n"};
    };
    const Outcome outcome = Perform(command);
    EXPECT_EQ(outcome.kind, kind) << code;
    EXPECT_THAT(outcome.detail, HasSubstr("the reason"));
  }
}

TEST_F(DoorsTest, AKilledCommandAndAnSsh255AreUnknown) {
  Command command;
  command.argv = {Text("x")};
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 9}; };
  EXPECT_EQ(Perform(command).kind, Kind::kUnknown);
  command.where.host = "db1";
  rig.commands.answer = [](const CommandLine&) { return Exit{255, 0}; };
  EXPECT_EQ(Perform(command).kind, Kind::kUnknown);
  command.done_codes = {0, 255};
  EXPECT_EQ(Perform(command).kind, Kind::kUnknown) << "255 is never believed through ssh";
  rig.commands.answer = [](const CommandLine&) {
    return Exit{255, 0, "", "ssh: connect to host db1 port 22: Connection refused\r\n"};
  };
  EXPECT_EQ(Perform(command).kind, Kind::kRefused) << "it never ran";
}

TEST_F(DoorsTest, OnlyIfIsComparedJustBefore) {
  Command command;
  command.argv = {Text("systemctl"), Text("restart"), Text("x")};
  command.only_if = OnlyIf{{"systemctl", "show"}, "abc"};
  rig.commands.answer = [](const CommandLine& line) {
    return Exit{0, 0, line.argv.size() == 2 ? "abd\n" : ""};
  };
  EXPECT_EQ(Perform(command).kind, Kind::kRefused);
  EXPECT_EQ(rig.commands.lines.size(), 1);
  rig.commands.answer = [](const CommandLine& line) {
    return Exit{0, 0, line.argv.size() == 2 ? "abc\n" : ""};
  };
  EXPECT_EQ(Perform(command).kind, Kind::kDone);
  rig.commands.answer = [](const CommandLine& line) -> Result<Exit> {
    if (line.argv.size() == 2) return DeadlineExceeded("late");
    return Exit{0, 0};
  };
  EXPECT_EQ(Perform(command).kind, Kind::kRefused) << "what cannot be compared is not done";
}

TEST_F(DoorsTest, SignalsOfThisMachineGoThroughMainsFunction) {
  Signal signal;
  signal.pid = 12;
  signal.incarnation = "0a1b:5000";
  signal.number = SIGKILL;
  EXPECT_EQ(Perform(signal).kind, Kind::kRefused) << "main has not given one";
  std::string sent;
  rig.clients.settings.signal_process = [&](int64_t pid, const std::string& incarnation, int number) {
    sent = Cat(pid, " ", incarnation, " ", number);
    return Status();
  };
  EXPECT_EQ(Perform(signal).kind, Kind::kDone);
  EXPECT_EQ(sent, "12 0a1b:5000 9");
  rig.clients.settings.signal_process = [](int64_t, const std::string&, int) {
    return Aborted("another one");
  };
  EXPECT_EQ(Perform(signal).kind, Kind::kRefused);
}

TEST_F(DoorsTest, SignalsElsewhereCompareAndActInOneCommand) {
  Signal signal;
  signal.where.host = "db1";
  signal.pid = 12;
  signal.incarnation = "0a1b:5000";
  signal.number = SIGTERM;
  rig.commands.answer = [](const CommandLine&) { return Exit{42, 0}; };
  const Outcome outcome = Perform(signal);
  EXPECT_EQ(outcome.kind, Kind::kRefused);
  EXPECT_THAT(outcome.detail, HasSubstr("another one"));
  EXPECT_EQ(rig.commands.lines.size(), 1);
}

}  // namespace
}  // namespace holdfast::clients
