#include "reconcilers/clients/probe/answers.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
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
      ReadAccumuloMonitor(R"({"onlineTabletServers":2,"managerState":"NORMAL"})", "m").facts.at("tservers"),
      "2");
  EXPECT_EQ(ReadAccumuloMonitor("{}", "m").level, Level::kWrong);
}

TEST(Accumulo, EveryReplyInAWholeFrameIsAnAnswer) {
  const auto framed = [](std::string_view message) {
    return Cat(std::string(3, '\0'), std::string(1, static_cast<char>(message.size())), message);
  };
  const std::string refusal = framed("\x82\x61\x01\x08holdfast\x18\x07unknown\x15\x02");
  EXPECT_EQ(ReadAccumuloServer(refusal, "t").level, Level::kServing);
  EXPECT_EQ(ReadAccumuloServer(framed("\x82\x41\x01\x08holdfast"), "t").level, Level::kServing);
  EXPECT_TRUE(IsWholeAccumulo(refusal));
  EXPECT_FALSE(IsWholeAccumulo(refusal.substr(0, refusal.size() - 1)));
  EXPECT_FALSE(IsWholeAccumulo("\0\0"));
  for (const std::string& wrong :
       {std::string(), std::string("\0\0\0\0", 4), framed("\x82"), framed("\x82\x21\x01"),
        framed("\x80\x01\x00"), std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), refusal.substr(0, 9),
        std::string("\xff\xff\xff\xff\x82\x61")})
    EXPECT_EQ(ReadAccumuloServer(wrong, "t").level, Level::kWrong) << Excerpt(wrong);
}

TEST(Accumulo, EachServerIsCalledForAServiceThatItHas) {
  using Server = AccumuloServerProbe::Server;
  EXPECT_EQ(AccumuloCall({Server::kTserver, 9997}), std::string("\0\0\0\x14\x82\x21\x01\x0f"
                                                                "client:holdfast\0",
                                                                24));
  EXPECT_THAT(AccumuloCall({Server::kMaster, 9999}), HasSubstr("mgr:holdfast"));
  EXPECT_THAT(AccumuloCall({Server::kGc, 9998}), HasSubstr("gc:holdfast"));
}

// What real servers said: HDFS 3.4.1, Accumulo 2.1.3, ZooKeeper 3.8.0.
std::string Recorded(const std::string& name) {
  std::ifstream file("tests/unit/clients/recorded/" + name);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RecordedAnswers, OfANameNode) {
  const std::string status = Recorded("namenode_status.json");
  const ProbeAnswer serving = ReadNameNode(Recorded("namenode_system.json"), status, "nn");
  EXPECT_EQ(serving.level, Level::kServing) << serving.detail;
  EXPECT_EQ(serving.facts.at("state"), "active");
  EXPECT_EQ(serving.facts.at("safemode"), "off");
  EXPECT_EQ(serving.facts.at("missingBlocks"), "0");
  EXPECT_EQ(serving.facts.at("liveDataNodes"), "2");
  EXPECT_EQ(serving.facts.at("deadDataNodes"), "0");

  const ProbeAnswer missing = ReadNameNode(Recorded("namenode_system_blocks_missing.json"), status, "nn");
  EXPECT_EQ(missing.level, Level::kServing) << "it does serve; the blocks are told beside it";
  EXPECT_NE(missing.facts.at("missingBlocks"), "0");
  EXPECT_EQ(missing.facts.at("liveDataNodes"), "0");
  EXPECT_EQ(missing.facts.at("deadDataNodes"), "2");

  EXPECT_EQ(ReadNameNode(Recorded("namenode_system_loading.json"), status, "nn").level, Level::kStarting);
  const ProbeAnswer safe = ReadNameNode(Recorded("namenode_system_safe_mode.json"), status, "nn");
  EXPECT_EQ(safe.level, Level::kStarting);
  EXPECT_EQ(safe.facts.at("safemode"), "on");
}

TEST(RecordedAnswers, OfADataNode) {
  const ProbeAnswer answer = ReadDataNode(Recorded("datanode_dataset.json"), "dn");
  EXPECT_EQ(answer.level, Level::kServing) << answer.detail;
  EXPECT_EQ(answer.facts.at("volumesFailed"), "0");
  EXPECT_NE(answer.facts.at("remaining"), "");
}

TEST(RecordedAnswers, OfAccumulosMonitor) {
  const ProbeAnswer all = ReadAccumuloMonitor(Recorded("accumulo_manager.json"), "m");
  EXPECT_EQ(all.level, Level::kServing);
  EXPECT_EQ(all.facts.at("tservers"), "2");
  EXPECT_EQ(all.facts.at("unassignedTablets"), "0");
  EXPECT_EQ(all.facts.at("deadTabletServers"), "0");
  EXPECT_EQ(all.facts.at("managerState"), "NORMAL");
  EXPECT_EQ(ReadAccumuloMonitor(Recorded("accumulo_manager_one_dead.json"), "m").facts.at("tservers"), "1");
  // It says that no tablet server is online, while one is.
  const ProbeAnswer blind = ReadAccumuloMonitor(Recorded("accumulo_manager_gone.json"), "m");
  EXPECT_EQ(blind.level, Level::kServing);
  EXPECT_FALSE(blind.facts.contains("tservers")) << "a count that nobody took is no count";
}

TEST(RecordedAnswers, OfZookeeper) {
  EXPECT_EQ(ReadZookeeper(Recorded("zookeeper_srvr.txt"), "zk").facts.at("mode"), "follower");
  EXPECT_EQ(ReadZookeeper(Recorded("zookeeper_srvr_no_quorum.txt"), "zk").level, Level::kStarting);
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
