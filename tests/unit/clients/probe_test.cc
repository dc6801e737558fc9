#include "reconcilers/clients/probe/probe.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::HasSubstr;
using Level = ProbeAnswer::Level;

constexpr absl::Duration kDeadline = absl::Seconds(5);

struct ProbeTest : testing::Test {
  ProbeAnswer Ask(Probe probe) {
    const absl::Duration begun = rig.clock.Steady();
    ProbeAnswer answer = rig.Wait(rig.clients.probes.Ask(std::move(probe), place, kDeadline));
    EXPECT_LE(rig.clock.Steady() - begun, kDeadline) << "a probe must keep to its deadline";
    return answer;
  }
  Rig rig;
  ProbePlace place;
};

TEST_F(ProbeTest, ServesWhenItAnswers) {
  rig.net.script.pieces = {{absl::Milliseconds(10), "+PO"}, {absl::Milliseconds(10), "NG\r\n"}};
  const absl::Time before = rig.clock.Now();
  const ProbeAnswer answer = Ask(RedisProbe{});
  EXPECT_EQ(answer.level, Level::kServing) << answer.detail;
  EXPECT_EQ(answer.at, before) << "the time of sending counts";
  EXPECT_EQ(answer.took, absl::Milliseconds(20));
  EXPECT_EQ(rig.net.asked.front(), "127.0.0.1:6379");
}

TEST_F(ProbeTest, AZombieConnectsAndDoesNotAnswer) {
  rig.net.script = {{}, Script::End::kSilent};
  for (const Probe& probe : {Probe(RedisProbe{}), Probe(PostgresqlProbe{}), Probe(ZookeeperProbe{}),
                             Probe(TcpProbe{25, "", "220"})})
    EXPECT_EQ(Ask(probe).level, Level::kConnects);
}

TEST_F(ProbeTest, ARefusedConnectionIsNothingThereAndATimeOutIsUnknown) {
  rig.net.refuses = Unavailable("connect 127.0.0.1:6379: Connection refused");
  EXPECT_EQ(Ask(RedisProbe{}).level, Level::kNothingThere);
  rig.net.refuses = DeadlineExceeded("connect: timed out");
  EXPECT_EQ(Ask(RedisProbe{}).level, Level::kUnknown);
  rig.net.refuses = Unavailable("connect 10.0.0.9:6379: No route to host");
  EXPECT_EQ(Ask(RedisProbe{}).level, Level::kUnknown);
  EXPECT_FALSE(rig.vitals.Sick(rig.clock.Now()));
  rig.net.refuses = Local("connect: Too many open files");
  EXPECT_EQ(Ask(RedisProbe{}).level, Level::kUnknown);
  EXPECT_TRUE(rig.vitals.Sick(rig.clock.Now()));
}

TEST_F(ProbeTest, OneByteASecondIsNoAnswerAndIsTold) {
  for (int i = 0; i < 100; ++i) rig.net.script.pieces.push_back({absl::Seconds(1), "x"});
  const ProbeAnswer answer = Ask(ZookeeperProbe{});
  EXPECT_EQ(answer.level, Level::kConnects);
  EXPECT_THAT(answer.detail, HasSubstr("bytes of an answer in"));
}

TEST_F(ProbeTest, AGibibyteIsCutOffAndTold) {
  for (int i = 0; i < 1024; ++i)
    rig.net.script.pieces.push_back({absl::Microseconds(1), std::string(16 << 10, 'x')});
  const ProbeAnswer answer = Ask(ZookeeperProbe{});
  EXPECT_EQ(answer.level, Level::kWrong);
  EXPECT_THAT(answer.detail, HasSubstr("too long"));
}

TEST_F(ProbeTest, GarbageIsWrongNotACrash) {
  rig.net.script.pieces = {{absl::Milliseconds(1), std::string("\0\xff\x80garbage\r\n", 12)}};
  for (const Probe& probe : {Probe(RedisProbe{}), Probe(PostgresqlProbe{}), Probe(ZookeeperProbe{}),
                             Probe(TcpProbe{25, "", "^220"})})
    EXPECT_EQ(Ask(probe).level, Level::kWrong);
}

TEST_F(ProbeTest, TcpSendsAndExpects) {
  rig.net.script = {{{absl::Milliseconds(1), "220 ma"}, {absl::Milliseconds(1), "il ESMTP"}},
                    Script::End::kSilent};
  EXPECT_EQ(Ask(TcpProbe{25, "EHLO x\r\n", "220 mail"}).level, Level::kServing);
  EXPECT_EQ(rig.net.written, "EHLO x\r\n");
  EXPECT_EQ(Ask(TcpProbe{25, "", "^554"}).level, Level::kWrong);
  EXPECT_EQ(Ask(TcpProbe{25, "", ""}).level, Level::kServing)
      << "without an expectation a connection is enough";
  EXPECT_EQ(Ask(TcpProbe{25, "", "(unclosed"}).level, Level::kUnknown);
}

TEST_F(ProbeTest, HttpTimeOutIsAZombieOnlyWhenItAcceptsConnections) {
  rig.http.takes = absl::Hours(1);
  EXPECT_EQ(Ask(HttpProbe{.port = 80}).level, Level::kConnects);
  rig.net.refuses = DeadlineExceeded("connect: timed out");
  EXPECT_EQ(Ask(HttpProbe{.port = 80}).level, Level::kUnknown);
}

TEST_F(ProbeTest, HttpAsksThePlaceByItsAddress) {
  rig.http.answer = [](const HttpRequest&) { return HttpResponse{200, {}, "ok"}; };
  place.host = "10.0.0.3";
  EXPECT_EQ(Ask(HttpProbe{.port = 8080, .path = "/health?x=1"}).level, Level::kServing);
  EXPECT_EQ(rig.http.requests.back().url, "http://10.0.0.3:8080/health?x=1");
  EXPECT_EQ(Ask(HttpProbe{.port = 80, .path = "/a\r\nEvil: 1"}).level, Level::kUnknown);
}

TEST_F(ProbeTest, NameNodeNeedsItsBeans) {
  rig.http.answer = [](const HttpRequest&) { return HttpResponse{200, {}, R"({"beans":[]})"}; };
  EXPECT_EQ(Ask(NameNodeProbe{}).level, Level::kStarting);
  rig.http.answer = [](const HttpRequest&) { return HttpResponse{404, {}, ""}; };
  EXPECT_EQ(Ask(NameNodeProbe{}).level, Level::kWrong);
}

TEST_F(ProbeTest, CommandsAreJudgedByCodeAndOutput) {
  CommandProbe probe;
  probe.argv = {"pg_isready"};
  probe.starting_codes = {1};
  probe.output_regex = "accepting";
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, "accepting connections\n"}; };
  EXPECT_EQ(Ask(probe).level, Level::kServing);
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, "rejecting\n"}; };
  EXPECT_EQ(Ask(probe).level, Level::kWrong);
  rig.commands.answer = [](const CommandLine&) { return Exit{1, 0}; };
  EXPECT_EQ(Ask(probe).level, Level::kStarting);
  rig.commands.answer = [](const CommandLine&) { return Exit{2, 0}; };
  EXPECT_EQ(Ask(probe).level, Level::kWrong);
  rig.commands.answer = [](const CommandLine&) { return NotFound("pg_isready: no such program"); };
  EXPECT_EQ(Ask(probe).level, Level::kUnknown);
  rig.commands.takes = absl::Hours(1);
  EXPECT_EQ(Ask(probe).level, Level::kConnects);
}

struct OnHostTest : ProbeTest {
  OnHostTest() {
    place.from = ProbePlace::From::kOnHost;
    place.where.host = "db1";
  }
};

TEST_F(OnHostTest, AsksThroughSshFromTheHostItself) {
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, "+PONG\r\n"}; };
  EXPECT_EQ(Ask(RedisProbe{}).level, Level::kServing);
  EXPECT_THAT(rig.commands.lines.front().argv, testing::Contains("127.0.0.1:6379"));
  EXPECT_TRUE(rig.net.asked.empty());
}

TEST_F(OnHostTest, AFrozenHostIsNoWitnessAgainstItsServer) {
  rig.commands.takes = absl::Hours(1);
  EXPECT_EQ(Ask(RedisProbe{}).level, Level::kUnknown);
  CommandProbe probe;
  probe.argv = {"x"};
  EXPECT_EQ(Ask(probe).level, Level::kUnknown);
}

TEST_F(OnHostTest, A255WithoutAReasonIsNoWitness) {
  rig.commands.answer = [](const CommandLine& line) { return Exit{line.argv.back() == "true" ? 0 : 255, 0}; };
  CommandProbe probe;
  probe.argv = {"x"};
  EXPECT_EQ(Ask(probe).level, Level::kUnknown);
  EXPECT_EQ(Ask(RedisProbe{}).level, Level::kUnknown);
}

TEST_F(OnHostTest, AnEndWithoutAByteIsNoWitnessEither) {
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, ""}; };
  EXPECT_EQ(Ask(RedisProbe{}).level, Level::kUnknown);
}

TEST_F(OnHostTest, HttpIsReadFromTheStream) {
  rig.commands.answer = [](const CommandLine&) {
    return Exit{0, 0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
  };
  EXPECT_EQ(Ask(HttpProbe{.port = 8080}).level, Level::kServing);
  EXPECT_THAT(rig.commands.lines.front().input, HasSubstr("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"));
  EXPECT_EQ(Ask(HttpProbe{.scheme = "https", .port = 8443}).level, Level::kUnknown);
}

}  // namespace
}  // namespace holdfast::clients
