#include "reconcilers/clients/probe/answers.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "controller/base/text.h"

namespace holdfast::clients {
namespace {

using testing::HasSubstr;
using Level = ProbeAnswer::Level;

std::string PgError(std::string_view state, std::string_view message) {
  std::string body = Cat("SFATAL", std::string(1, '\0'), "C", state, std::string(1, '\0'), "M", message,
                         std::string(2, '\0'));
  const auto length = static_cast<char>(body.size() + 4);
  return Cat("E", std::string(3, '\0'), std::string(1, length), body);
}

TEST(Postgresql, AnswersByCode) {
  struct Case {
    std::string bytes;
    Level level;
  };
  for (const Case& one : {Case{std::string("R\0\0\0\x08\0\0\0\0", 9), Level::kServing},
                          Case{PgError("57P03", "the database system is starting up"), Level::kStarting},
                          Case{PgError("57P03", "the database system is shutting down"), Level::kStarting},
                          Case{PgError("28000", "no pg_hba.conf entry"), Level::kServing},
                          Case{PgError("3D000", "database \"x\" does not exist"), Level::kServing},
                          Case{"HTTP/1.1 400 Bad Request\r\n\r\n", Level::kWrong}, Case{"E", Level::kWrong},
                          Case{std::string("E\0\0\0\x05\0", 6), Level::kWrong},
                          Case{std::string("E\xff\xff\xff\xff", 5), Level::kWrong}}) {
    EXPECT_EQ(ReadPostgresql(one.bytes, "pg").level, one.level) << Excerpt(one.bytes);
  }
  EXPECT_EQ(ReadPostgresql(PgError("57P03", "the database system is starting up"), "pg").facts.at("sqlstate"),
            "57P03");
}

TEST(Postgresql, StartupMessageCarriesItsOwnLength) {
  const std::string message = PostgresqlStartup({5432, "u", "d"});
  EXPECT_EQ(static_cast<unsigned char>(message[3]), message.size());
  EXPECT_EQ(message.substr(4, 4), std::string("\0\x03\0\0", 4));
}

TEST(Redis, AnswersByTheirFirstWord) {
  struct Case {
    std::string_view bytes;
    Level level;
  };
  for (const Case& one :
       {Case{"+PONG\r\n", Level::kServing},
        Case{"-LOADING Redis is loading the dataset in memory\r\n", Level::kStarting},
        Case{"-NOAUTH Authentication required.\r\n", Level::kServing},
        Case{"-MASTERDOWN Link with MASTER is down\r\n", Level::kWrong},
        Case{"-BUSY Redis is busy running a script\r\n", Level::kWrong},
        Case{"-ERR max number of clients reached\r\n", Level::kWrong},
        Case{"-DENIED Redis is running in protected mode\r\n", Level::kWrong},
        Case{"HTTP/1.1 400\r\n", Level::kWrong}, Case{"", Level::kWrong}, Case{"\r\n", Level::kWrong}})
    EXPECT_EQ(ReadRedis(one.bytes, {}, "redis").level, one.level) << one.bytes;
}

TEST(Redis, TheRoleIsComparedWhenOneIsExpected) {
  RedisProbe probe;
  probe.expected_role = "master";
  const std::string replica =
      "+PONG\r\n$51\r\n# Replication\r\nrole:slave\r\nmaster_link_status:down\r\n\r\n";
  ASSERT_FALSE(IsWholeRedis("+PONG\r\n", probe));
  const std::string info = "# Replication\r\nrole:slave\r\nmaster_link_status:down\r\n";
  const std::string bytes = Cat("+PONG\r\n$", info.size(), "\r\n", info, "\r\n");
  ASSERT_TRUE(IsWholeRedis(bytes, probe));
  const ProbeAnswer answer = ReadRedis(bytes, probe, "redis");
  EXPECT_EQ(answer.level, Level::kWrong);
  EXPECT_EQ(answer.facts.at("role"), "slave");
  EXPECT_EQ(answer.facts.at("masterLink"), "down");
  probe.expected_role = "slave";
  EXPECT_EQ(ReadRedis(bytes, probe, "redis").level, Level::kServing);
}

TEST(Redis, LyingLengthsAreNotBelieved) {
  RedisProbe probe;
  probe.expected_role = "master";
  for (const char* bytes :
       {"+PONG\r\n$99999999999\r\n", "+PONG\r\n$-5\r\nx\r\n", "+PONG\r\n$x\r\n", "+PONG\r\n$-1\r\n"})
    EXPECT_NE(ReadRedis(bytes, probe, "redis").level, Level::kServing) << bytes;
}

TEST(Zookeeper, ImokIsNotEnoughAndAWhitelistIsNoAnswer) {
  EXPECT_EQ(ReadZookeeper(
                "Zookeeper version: 3.8.0\nLatency\nConnections: 1\nMode: follower\nNode count: 5\n", "zk")
                .facts.at("mode"),
            "follower");
  EXPECT_EQ(ReadZookeeper("This ZooKeeper instance is not currently serving requests\n", "zk").level,
            Level::kStarting);
  EXPECT_EQ(ReadZookeeper("srvr is not executed because it is not in the whitelist.\n", "zk").level,
            Level::kUnknown);
  EXPECT_EQ(ReadZookeeper("imok", "zk").level, Level::kWrong);
}

constexpr std::string_view kOperational = R"({"beans":[
  {"name":"Hadoop:service=NameNode,name=FSNamesystemState","FSState":"Operational","NumLiveDataNodes":3,"NumDeadDataNodes":0},
  {"name":"Hadoop:service=NameNode,name=FSNamesystem","MissingBlocks":1}]})";
constexpr std::string_view kActive =
    R"({"beans":[{"name":"Hadoop:service=NameNode,name=NameNodeStatus","State":"active"}]})";

TEST(NameNode, SafeModeAndAnEmptyAnswerAreStarting) {
  const ProbeAnswer serving = ReadNameNode(kOperational, kActive, "nn");
  EXPECT_EQ(serving.level, Level::kServing);
  EXPECT_EQ(serving.facts.at("missingBlocks"), "1")
      << "safe mode is off although a block is missing: both are told";
  EXPECT_EQ(serving.facts.at("state"), "active");
  EXPECT_EQ(ReadNameNode(R"({"beans":[]})", kActive, "nn").level, Level::kStarting);
  std::string safe(kOperational);
  safe.replace(safe.find("Operational"), 11, "safeMode");
  EXPECT_EQ(ReadNameNode(safe, kActive, "nn").facts.at("safemode"), "on");
  EXPECT_EQ(ReadNameNode(safe, kActive, "nn").level, Level::kStarting);
  for (const char* wrong : {"", "<html>", "[]", R"({"beans":7})", R"({"beans":[1,"x",{"name":7}]})"})
    EXPECT_NE(ReadNameNode(wrong, kActive, "nn").level, Level::kServing) << wrong;
}

TEST(DataNode, ReadsItsVolumes) {
  EXPECT_EQ(ReadDataNode(R"({"beans":[{"name":"x","Remaining":7,"NumFailedVolumes":1}]})", "dn")
                .facts.at("volumesFailed"),
            "1");
  EXPECT_EQ(ReadDataNode(R"({"beans":[]})", "dn").level, Level::kStarting);
  EXPECT_EQ(ReadDataNode("nonsense", "dn").level, Level::kWrong);
}

TEST(Accumulo, CountsTabletServers) {
  EXPECT_EQ(
      ReadAccumuloMonitor(R"({"onlineTabletServers":2,"unassignedTablets":0})", "m").facts.at("tservers"),
      "2");
  EXPECT_EQ(ReadAccumuloMonitor("{}", "m").level, Level::kWrong);
}

TEST(HttpAnswers, AreJudgedByStatusBodyAndPointer) {
  HttpResponse response{200, {}, R"({"status":{"state":"green","n":3}})"};
  HttpProbe probe;
  EXPECT_EQ(ReadHttp(response, probe, "h").level, Level::kServing);
  probe.body_regex = "gr..n";
  EXPECT_EQ(ReadHttp(response, probe, "h").level, Level::kServing);
  probe.body_regex = "^red";
  EXPECT_EQ(ReadHttp(response, probe, "h").level, Level::kWrong);
  probe.body_regex.clear();
  probe.json_pointer = "/status/state";
  probe.json_equals = "green";
  EXPECT_EQ(ReadHttp(response, probe, "h").level, Level::kServing);
  probe.json_equals = "yellow";
  EXPECT_THAT(ReadHttp(response, probe, "h").detail, HasSubstr("is green, not yellow"));
  probe.json_pointer = "/status/n";
  probe.json_equals = "3";
  EXPECT_EQ(ReadHttp(response, probe, "h").level, Level::kServing);
  probe.json_pointer = "/nothing/here";
  EXPECT_EQ(ReadHttp(response, probe, "h").level, Level::kWrong);
  response.body = "<html>";
  EXPECT_THAT(ReadHttp(response, probe, "h").detail, HasSubstr("not JSON"));
  response.status = 502;
  EXPECT_THAT(ReadHttp(response, probe, "h").detail, HasSubstr("HTTP 502"));
  probe.status = {502};
  probe.json_pointer.clear();
  EXPECT_EQ(ReadHttp(response, probe, "h").level, Level::kServing);
}

TEST(HttpAnswers, AreReadFromTheWire) {
  const auto body = [](std::string_view wire) {
    return ParseHttpAnswer(wire).ok() ? ParseHttpAnswer(wire)->body : "refused";
  };
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "hi");
  EXPECT_EQ(body("HTTP/1.0 200 OK\r\n\r\nto the end"), "to the end");
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3;x=y\r\n ho\r\n0\r\n\r\n"),
            "hi ho");
  for (const char* wire :
       {"", "HTTP/1.1 200 OK\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nhi",
        "HTTP/1.1 200 OK\r\nbroken\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi"})
    EXPECT_EQ(body(wire), "refused") << wire;
}

TEST(Regexes, AWrongOneIsNamed) {
  EXPECT_EQ(RegexProblem("^ok$"), "");
  EXPECT_NE(RegexProblem("(unclosed"), "");
}

}  // namespace
}  // namespace holdfast::clients
