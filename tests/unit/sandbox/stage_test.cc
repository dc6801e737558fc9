#include "examples/sandbox/stage.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/real_world.h"
#include "examples/sandbox/control.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"

namespace holdfast::sandbox {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kShort = absl::Milliseconds(400), kLong = absl::Seconds(5);

// One world on sockets, with itself as its client.
struct StageTest : testing::Test {
  void SetUp() override {
    const std::string text =
        Cat("hosts:\n- name: here\n  supervisord: {socket: ", scratch / "s.sock", "}\n  programs:\n",
            "  - {name: redis, speaks: redis, listen: \"127.0.0.41:17639\", comesUp: 0s, startsecs: 0s}\n",
            "  - {name: slow, behaviour: {stopsIn: 300ms}, startsecs: 200ms}\n",
            "- name: db1\n  supervisord: {listen: \"127.0.0.42:17901\", user: u, password: p}\n",
            "  programs: [{name: web, speaks: http, listen: \"127.0.0.42:17680\", comesUp: 0s}]\n");
    ReadScenario read = ParseScenario("world.yaml", text);
    ASSERT_EQ(read.is, ReadScenario::Is::kFine) << specs::ProblemsText(read.problems);
    stage.emplace(io.get_executor(), real.clock, std::move(read.scenario));
    const Status opened = stage->Open();
    ASSERT_TRUE(opened.ok()) << opened.message();
    boost::asio::co_spawn(io, stage->Run(), [this](std::exception_ptr) { ended = true; });
  }
  void TearDown() override {
    if (!stage) return;
    stage->End();
    const auto patience = std::chrono::steady_clock::now() + kTestPatience;
    while (!ended && std::chrono::steady_clock::now() < patience) {
      io.restart();
      io.run_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(ended);
  }
  std::string Tell(std::vector<std::string> words) {
    const Result<std::string> told = sandbox::Tell(*stage, words);
    RunTask(io, stage->Settled());
    return told.ok() ? *told : told.status().message();
  }
  // What the port says to one request, or the error.
  Task<std::string> Ask(std::string address, uint16_t port, std::string request, absl::Duration deadline) {
    auto stream = co_await real.net.Connect(address, port, deadline);
    if (!stream.ok()) co_return stream.status().message();
    if (const Status sent = co_await (*stream)->Write(request, deadline); !sent.ok())
      co_return sent.message();
    const auto answer = co_await (*stream)->Read(4096, deadline);
    co_return answer.ok() ? *answer : answer.status().message();
  }
  std::string Redis(absl::Duration deadline = kLong) {
    return RunTask(io, Ask("127.0.0.41", 17639, "PING\r\n", deadline));
  }
  std::string Web(absl::Duration deadline = kLong) {
    return RunTask(io, Ask("127.0.0.42", 17680, "GET / HTTP/1.1\r\n\r\n", deadline));
  }
  Task<Result<HttpResponse>> Post(std::string url, std::string socket, std::string credentials,
                                  std::string call) {
    HttpRequest request{.method = "POST", .url = std::move(url), .unix_socket = std::move(socket)};
    if (!credentials.empty()) request.headers.emplace_back("Authorization", credentials);
    request.body = std::move(call);
    co_return co_await real.http.Send(std::move(request), {.deadline = kLong});
  }
  static std::string CallText(const std::string& method, const std::string& program) {
    return Cat("<?xml version='1.0'?>\n<methodCall><methodName>supervisor.", method,
               "</methodName><params><param><value><string>", program,
               "</string></value></param></params></methodCall>");
  }

  Scratch scratch;
  boost::asio::io_context io{1};
  RealWorld real{io.get_executor(), "/"};
  std::optional<Stage> stage;
  bool ended = false;
};

TEST_F(StageTest, APortIsOpenWhileItsProcessLives) {
  EXPECT_THAT(Redis(), HasSubstr("efused"));
  Tell({"manual-start", "redis"});
  EXPECT_EQ(Redis(), "+PONG\r\n");
  Tell({"kill", "redis"});
  EXPECT_THAT(Redis(), HasSubstr("efused"));
  Tell({"manual-start", "redis"});
  EXPECT_EQ(Redis(), "+PONG\r\n") << "the next life has the same address";
}

TEST_F(StageTest, AProcessThatHangsAcceptsAndAnswersWhenItGoesOn) {
  Tell({"manual-start", "redis"});
  Tell({"hang", "redis"});
  EXPECT_THAT(Redis(kShort), Not(HasSubstr("efused")));
  EXPECT_THAT(Redis(kShort), Not(HasSubstr("PONG")));
  Tell({"continue", "redis"});
  EXPECT_EQ(Redis(), "+PONG\r\n");
}

TEST_F(StageTest, AttemptsToReachAHostThatIsAwayRunIntoTheirDeadline) {
  Tell({"manual-start", "web"});
  EXPECT_THAT(Web(), HasSubstr("200 OK"));
  Tell({"unreachable", "db1"});
  const absl::Duration began = real.clock.Steady();
  EXPECT_THAT(Web(kShort), Not(HasSubstr("efused")));
  EXPECT_GE(real.clock.Steady() - began, kShort);
  const auto rpc =
      RunTask(io, Post("http://127.0.0.42:17901/RPC2", "", "Basic dTpw", CallText("getPID", "")));
  EXPECT_EQ(rpc.status().code(), Code::kDeadlineExceeded) << rpc.status().message();
  Tell({"heal"});
  EXPECT_THAT(Web(), HasSubstr("200 OK"));
  EXPECT_THAT(Tell({"unreachable", "here"}), HasSubstr("always reachable"));
}

TEST_F(StageTest, ASupervisordAsksForItsPasswordOverTcp) {
  const std::string call = CallText("getProcessInfo", "web");
  const std::string url = "http://127.0.0.42:17901/RPC2";
  EXPECT_EQ(RunTask(io, Post(url, "", "", call))->status, 401);
  EXPECT_EQ(RunTask(io, Post(url, "", "Basic dTpx", call))->status, 401);
  const auto answer = RunTask(io, Post(url, "", "Basic dTpw", call));
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, HasSubstr("STOPPED"));
  EXPECT_EQ(RunTask(io, Post("http://127.0.0.42:17901/other", "", "Basic dTpw", call))->status, 404);
}

TEST_F(StageTest, AStartOrStopThatIsWaitedForIsAnsweredWhenItIsDone) {
  const auto ask = [&](const std::string& method) {
    const auto answer =
        RunTask(io, Post("http://localhost/RPC2", scratch / "s.sock", "", CallText(method, "slow")));
    return answer.ok() ? answer->body : answer.status().message();
  };
  EXPECT_THAT(ask("startProcess"), HasSubstr("<boolean>1"));
  EXPECT_EQ(stage->hosts().Find("slow@here")->state, UnitState::kRunning);
  EXPECT_THAT(ask("stopProcess"), HasSubstr("<boolean>1"));
  EXPECT_EQ(stage->hosts().Find("slow@here")->state, UnitState::kStopped);
  Tell({"behave", "slow", "exitsAtOnce"});
  EXPECT_THAT(ask("startProcess"), HasSubstr("ABNORMAL_TERMINATION"));
}

TEST_F(StageTest, AKilledSupervisordIsRefusedAndItsSuccessorKnowsNothing) {
  Tell({"manual-start", "redis"});
  Tell({"kill-supervisord", "here"});
  const auto post = [&] {
    return RunTask(
        io, Post("http://localhost/RPC2", scratch / "s.sock", "", CallText("getProcessInfo", "redis")));
  };
  EXPECT_FALSE(post().ok());
  EXPECT_EQ(Redis(), "+PONG\r\n") << "its processes live on";
  EXPECT_THAT(Tell({"manual-stop", "redis"}), HasSubstr("is down"));
  Tell({"start-supervisord", "here"});
  EXPECT_THAT(post()->body, HasSubstr("STOPPED"));
}

TEST_F(StageTest, StatusAndLogTellWhatIsAndWhatWas) {
  Tell({"manual-start", "redis"});
  EXPECT_THAT(Tell({"status"}), HasSubstr("serves"));
  Tell({"hang", "redis"});
  EXPECT_THAT(Tell({"status"}), HasSubstr("hangs"));
  EXPECT_THAT(Tell({"log"}), HasSubstr("redis@here  started by hand"));
}

TEST_F(StageTest, CommandsThatMakeNoSenseSayWhy) {
  EXPECT_THAT(Tell({"hnag", "redis"}), HasSubstr("did you mean hang?"));
  EXPECT_THAT(Tell({"hang", "reds"}), HasSubstr("did you mean redis?"));
  EXPECT_THAT(Tell({"hang"}), HasSubstr("usage: hang PROGRAM"));
  EXPECT_THAT(Tell({"hang", "redis"}), HasSubstr("does not run"));
  EXPECT_THAT(Tell({"reachable", "db2"}), HasSubstr("here and db1"));
  EXPECT_THAT(Tell({}), HasSubstr("no command"));
  EXPECT_GT(Stage::kFirstPid, 1 << 22) << "Linux gives no process a larger number";
}

}  // namespace
}  // namespace holdfast::sandbox
