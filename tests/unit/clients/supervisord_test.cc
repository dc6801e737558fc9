#include "reconcilers/clients/control/supervisord.h"

#include <gmock/gmock.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <string>
#include <variant>
#include <vector>

#include "tests/unit/clients/fake_supervisord.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct SupervisordTest : testing::Test {
  SupervisordTest() {
    rig.http.answer = [this](const HttpRequest& request) { return server.Answer(request); };
    rig.files.content["/run/s.sock"] = "";
  }
  Observed<ProcessInfo> Look(std::string program) {
    return rig.Wait(rig.clients.supervisors.Look(endpoint, std::move(program), rig.clock.Now()));
  }
  Rig rig;
  FakeSupervisord server;
  SupervisordEndpoint endpoint{"/run/s.sock", "", "", {}};
};

TEST_F(SupervisordTest, KnowsAProgramAndItsIncarnation) {
  server.Add("redis").pid = 4711;
  const Observed<ProcessInfo> seen = Look("redis");
  ASSERT_EQ(Says(seen), "known");
  EXPECT_EQ(ValueOf(seen).incarnation, "4711@1799999000");
  EXPECT_EQ(ValueOf(seen).state, ProcessState::kRunning);
  EXPECT_EQ(ValueOf(seen).daemon_pid, 4242);
}

TEST_F(SupervisordTest, AThousandProgramsAskedAtOnceCostTwoExchanges) {
  std::vector<std::shared_ptr<std::optional<Observed<ProcessInfo>>>> seen;
  for (int i = 0; i < 1000; ++i) server.Add(Cat("p", i));
  for (int i = 0; i < 1000; ++i)
    seen.push_back(rig.Spawn(rig.clients.supervisors.Look(endpoint, Cat("p", i), rig.clock.Now())));
  rig.Run();
  for (const auto& one : seen) EXPECT_EQ(Says(**one), "known");
  EXPECT_LE(server.exchanges, 2);
  EXPECT_EQ(server.calls["supervisor.getAllProcessInfo"], 1);
}

TEST_F(SupervisordTest, FewOfManyAreAskedByName) {
  for (int i = 0; i < 100; ++i) server.Add(Cat("p", i));
  std::vector<std::shared_ptr<std::optional<Observed<ProcessInfo>>>> seen;
  for (int i = 0; i < 100; ++i)
    seen.push_back(rig.Spawn(rig.clients.supervisors.Look(endpoint, Cat("p", i), rig.clock.Now())));
  rig.Run();
  server.calls.clear();
  rig.clock.Pass(absl::Seconds(1));
  for (int i = 0; i < 10; ++i)
    seen.push_back(rig.Spawn(rig.clients.supervisors.Look(endpoint, Cat("p", i), rig.clock.Now())));
  rig.Run();
  EXPECT_EQ(server.calls["supervisor.getAllProcessInfo"], 0);
  EXPECT_EQ(server.calls["supervisor.getProcessInfo"], 10);
}

TEST_F(SupervisordTest, AnAnswerIsServedAgainOnlyWhenItWasAskedForLateEnough) {
  server.Add("redis");
  const absl::Time before = rig.clock.Now();
  Look("redis");
  EXPECT_EQ(server.exchanges, 1);
  rig.Wait(rig.clients.supervisors.Look(endpoint, "redis", before));
  EXPECT_EQ(server.exchanges, 1);
  rig.clock.Pass(absl::Seconds(1));
  Look("redis");
  EXPECT_EQ(server.exchanges, 2);
}

TEST_F(SupervisordTest, AbsentNeedsTheListingToLackItToo) {
  server.Add("worker_00", "worker");
  const Observed<ProcessInfo> seen = Look("worker_00");
  EXPECT_THAT(Says(seen), AllOf(StartsWith("absent"), HasSubstr("did you mean worker:worker_00")));
  EXPECT_EQ(server.calls["supervisor.getAllProcessInfo"], 1);
  EXPECT_EQ(server.calls["supervisor.getProcessInfo"], 1);
}

TEST_F(SupervisordTest, ANameThatTheLaterListingHasIsKnown) {
  server.Add("redis");
  server.faults["supervisor.getProcessInfo redis"] = 10;
  EXPECT_EQ(Says(Look("redis")), "known") << "it was added between the two reads";
}

TEST_F(SupervisordTest, ShutdownStateIsUnknownNotAbsent) {
  server.Add("redis");
  server.faults["supervisor.getProcessInfo"] = 6;
  EXPECT_THAT(Says(Look("redis")), AllOf(StartsWith("unknown"), HasSubstr("shutting down")));
}

TEST_F(SupervisordTest, MissingRpcInterfaceSaysWhatToConfigure) {
  server.faults["supervisor.getProcessInfo"] = 1;
  EXPECT_THAT(Says(Look("redis")), AllOf(StartsWith("unknown"), HasSubstr("[rpcinterface:supervisor]")));
}

TEST_F(SupervisordTest, MissingSocketNamesItAndTheRemedy) {
  rig.files.content.clear();
  rig.http.answer = [](const HttpRequest&) { return NotFound("no such file"); };
  EXPECT_THAT(Says(Look("redis")), AllOf(StartsWith("unknown: supervisord at unix:///run/s.sock"),
                                         HasSubstr("start supervisord")));
}

TEST_F(SupervisordTest, WrongPasswordIsUnknown) {
  rig.http.answer = [](const HttpRequest&) { return HttpResponse{401, {}, "Unauthorized"}; };
  EXPECT_THAT(Says(Look("redis")), AllOf(StartsWith("unknown"), HasSubstr("wrong user or password")));
}

TEST_F(SupervisordTest, GarbageIsUnknown) {
  for (const std::string& body :
       {std::string("<html>hello</html>"), std::string("\xff\xfe\x00", 3), std::string(), XmlAnswer("x"),
        XmlAnswer(json::array{1}), XmlAnswer(json::array{1, json::object{{"state", "?"}}})}) {
    rig.http.answer = [body](const HttpRequest&) { return HttpResponse{200, {}, body}; };
    EXPECT_THAT(Says(Look("redis")), StartsWith("unknown: supervisord at unix:///run/s.sock")) << body;
  }
}

TEST_F(SupervisordTest, AReadWhoseIdleConnectionWasClosedIsMadeOnceMore) {
  server.Add("redis");
  int failures = 1;
  rig.http.answer = [&](const HttpRequest& request) -> Result<HttpResponse> {
    if (failures-- > 0) return Unavailable("connection reset by peer");
    return server.Answer(request);
  };
  EXPECT_EQ(Says(Look("redis")), "known");
}

TEST_F(SupervisordTest, AHangingDaemonIsUnknownForAllInBoundedTime) {
  rig.http.takes = absl::Hours(1);
  const absl::Duration begun = rig.clock.Steady();
  std::vector<std::shared_ptr<std::optional<Observed<ProcessInfo>>>> seen;
  for (int i = 0; i < 50; ++i)
    seen.push_back(rig.Spawn(rig.clients.supervisors.Look(endpoint, Cat("p", i), rig.clock.Now())));
  rig.Run();
  for (const auto& one : seen) EXPECT_THAT(Says(**one), StartsWith("unknown"));
  EXPECT_LE(rig.clock.Steady() - begun, 2 * Supervisors::kReadDeadline);
}

Task<bool> LookOrGiveUp(Rig* rig, SupervisordEndpoint endpoint, absl::Duration patience) {
  using namespace boost::asio::experimental::awaitable_operators;
  const auto first = co_await (rig->clients.supervisors.Look(endpoint, "redis", rig->clock.Now()) ||
                               rig->clock.Sleep(patience));
  co_return first.index() == 0;
}

TEST_F(SupervisordTest, WhoAskedWithSomeoneThatWasCancelledAsksAgain) {
  server.Add("redis");
  rig.http.takes = absl::Seconds(2);
  const auto impatient = rig.Spawn(LookOrGiveUp(&rig, endpoint, absl::Seconds(1)));
  const auto patient = rig.Spawn(rig.clients.supervisors.Look(endpoint, "redis", rig.clock.Now()));
  rig.Run();
  EXPECT_FALSE(**impatient);
  EXPECT_EQ(Says(**patient), "known");
}

TEST_F(SupervisordTest, SendsBasicAuthorizationAndNeverShowsThePassword) {
  server.Add("redis");
  rig.files.content["/etc/pw"] = "hunter22\n";
  endpoint.user = "hf";
  endpoint.password.name = "file:/etc/pw";
  Look("redis");
  EXPECT_EQ(rig.http.requests.back().headers.back(),
            std::make_pair(std::string("Authorization"), std::string("Basic aGY6aHVudGVyMjI=")));
  EXPECT_EQ(endpoint.Text().find("hunter22"), std::string::npos);
}

TEST_F(SupervisordTest, TheDaemonsStartIsReadFromTheProcessTable) {
  server.Add("redis");
  rig.files.content["/proc/4242/stat"] =
      "4242 (supervisord) S 1 1 1 0 -1 4194560 1 1 0 0 1 1 0 0 20 0 1 0 5000 1000 100 0 0";
  rig.files.content["/proc/stat"] = "cpu 1 2 3\nbtime 1799990000\n";
  EXPECT_EQ(ValueOf(Look("redis")).daemon_started_at, absl::FromUnixSeconds(1'799'990'050));
}

TEST_F(SupervisordTest, ANewListingForgetsWhatLeftTheConfiguration) {
  server.Add("redis");
  Look("redis");
  server.programs.clear();
  server.Add("other");
  rig.clock.Pass(absl::Seconds(1));
  EXPECT_THAT(Says(Look("redis")), StartsWith("absent"));
}

}  // namespace
}  // namespace holdfast::clients
