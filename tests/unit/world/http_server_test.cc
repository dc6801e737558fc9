#include "controller/world/real/http_server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/world/real/dialer.h"
#include "controller/world/real/real_http.h"
#include "controller/world/real/real_net.h"
#include "controller/world/real/within.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"

namespace holdfast {
namespace {

namespace asio = boost::asio;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kHost = "Host: localhost\r\n";
const std::string kGet = Cat("GET /x?a=b HTTP/1.1\r\n", kHost, "\r\n");

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() { limits.head = limits.body = limits.idle = limits.write = absl::Milliseconds(300); }
  ~HttpServerTest() override {
    if (server != nullptr) RunTask(io, server->Stop(absl::ZeroDuration()));
  }

  void Start() {
    server = std::make_unique<HttpServer>(
        io.get_executor(), [this](HttpQuery q) { return Handle(this, std::move(q)); }, limits);
    auto tcp = Listener::Tcp("127.0.0.1:0");
    ASSERT_TRUE(tcp.ok()) << tcp.status().message();
    port = tcp->port();
    server->Serve(*std::move(tcp));
    auto local = Listener::Unix(dir / "socket", 0600);
    ASSERT_TRUE(local.ok()) << local.status().message();
    server->Serve(*std::move(local));
  }
  static Task<HttpReply> Handle(HttpServerTest* self, HttpQuery query) {
    self->queries.push_back(query);
    if (query.path == "/throws") throw std::runtime_error("on purpose");
    if (query.path == "/slow") {
      asio::steady_timer timer(self->io, self->slow);
      co_await timer.async_wait(asio::use_awaitable);
      ++self->slow_ended;
    }
    if (query.path == "/split") co_return HttpReply{.headers = {{"X", "a\r\nY: b"}}};
    if (query.path == "/large")
      co_return HttpReply{.content_type = "text/plain", .body = std::string(20 << 20, 'x')};
    if (query.path == "/none") co_return HttpReply{.status = 204};
    if (query.path == "/stream") {
      auto left = std::make_shared<int>(3);
      co_return HttpReply{.body = "begin\n", .more = [left] { return Piece(left, ""); }};
    }
    if (query.path == "/breaks") {
      auto left = std::make_shared<int>(1);
      co_return HttpReply{.body = "begin\n", .more = [left] { return Piece(left, "broken"); }};
    }
    co_return HttpReply{.body = Cat("{\"you\": \"", query.peer.name, "\"}")};
  }
  static Task<Result<std::string>> Piece(std::shared_ptr<int> left, std::string error) {
    if ((*left)-- > 0) co_return std::string("piece\n");
    if (!error.empty()) co_return Unavailable(error);
    co_return std::string();
  }

  Task<std::string> Exchange(std::string host, std::vector<std::string> pieces, absl::Duration pause) {
    auto stream = co_await net.Connect(host, port, absl::Seconds(5));
    if (!stream.ok()) co_return stream.status().message();
    std::string heard;
    for (const std::string& piece : pieces) {
      if (!(co_await (*stream)->Write(piece, absl::Seconds(5))).ok()) break;
      if (pause > absl::ZeroDuration()) {
        asio::steady_timer timer(io, TimerDuration(pause));
        co_await timer.async_wait(asio::use_awaitable);
      }
    }
    for (;;) {
      auto got = co_await (*stream)->Read(1 << 20, absl::Seconds(10));
      if (!got.ok()) co_return Cat(heard, "<", got.status().message(), ">");
      if (got->empty()) co_return heard;
      heard += *got;
    }
  }
  // All that comes until the server closes.
  std::string Tcp(std::string bytes) {
    return RunTask(io, Exchange("127.0.0.1", {bytes}, absl::ZeroDuration()));
  }
  std::string Unix(std::string bytes) {
    return RunTask(io, Exchange(dir / "socket", {bytes}, absl::ZeroDuration()));
  }
  std::string Url(std::string_view path) const { return Cat("http://127.0.0.1:", port, path); }

  asio::io_context io;
  Dialer dialer{io.get_executor()};
  RealNet net{dialer};
  RealHttp http{dialer};
  Scratch dir;
  HttpServerLimits limits;
  uint16_t port = 0;
  std::vector<HttpQuery> queries;
  std::chrono::milliseconds slow{50};
  int slow_ended = 0;
  std::unique_ptr<HttpServer> server;
};

TEST_F(HttpServerTest, AnswersOverTcp) {
  Start();
  for (int i = 0; i < 3; ++i) {
    const auto response = RunTask(io, http.Send({.url = Url("/x?a=b")}, {}));
    ASSERT_TRUE(response.ok()) << response.status().message();
    EXPECT_EQ(response->body, "{\"you\": \"127.0.0.1\"}");
    EXPECT_EQ(response->Header("content-type"), "application/json");
    EXPECT_THAT(std::string(response->Header("date")), EndsWith(" GMT"));
  }
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_EQ(queries[0].Parameter("a"), "b");
  EXPECT_EQ(queries[0].peer.way, HttpPeer::Way::kTcp);
}

TEST_F(HttpServerTest, KnowsWhoAsksOverTheUnixSocket) {
  Start();
  const auto response = RunTask(
      io, http.Send(
              {.method = "POST", .url = "http://holdfast/x", .unix_socket = dir / "socket", .body = "hello"},
              {}));
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(queries.at(0).body, "hello");
  EXPECT_EQ(queries[0].method, "POST");
  EXPECT_EQ(queries[0].peer.way, HttpPeer::Way::kUnixSocket);
  EXPECT_EQ(queries[0].peer.uid, ::getuid());
  EXPECT_EQ(queries[0].peer.pid, ::getpid());
}

TEST_F(HttpServerTest, NothingIsChangedOverTcp) {
  Start();
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    const std::string answer = Tcp(Cat(method, " /x HTTP/1.1\r\n", kHost, "Content-Length: 0\r\n\r\n"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 ")) << method;
    EXPECT_THAT(answer, HasSubstr("\"code\": \"readOnly\"")) << method;
  }
  EXPECT_TRUE(queries.empty());
}

TEST_F(HttpServerTest, AStandInTakesEverythingOverTcpButForeignHosts) {
  limits.over_tcp = HttpServerLimits::OverTcp::kEverything;
  Start();
  const std::string body = "Content-Length: 2\r\nConnection: close\r\n\r\nhi";
  EXPECT_THAT(Tcp(Cat("POST /x HTTP/1.1\r\n", kHost, body)), StartsWith("HTTP/1.1 200 "));
  ASSERT_EQ(queries.size(), 1);
  EXPECT_EQ(queries[0].body, "hi");
  EXPECT_THAT(Tcp(Cat("POST /x HTTP/1.1\r\nHost: evil.example\r\n", body)), StartsWith("HTTP/1.1 403 "));
}

TEST_F(HttpServerTest, AForeignHostIsRefusedOverTcpOnly) {
  Start();
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil"})
    EXPECT_THAT(Tcp(Cat("GET / HTTP/1.1\r\nHost: ", host, "\r\n\r\n")), StartsWith("HTTP/1.1 403 ")) << host;
  EXPECT_TRUE(queries.empty());
  for (const char* host : {"localhost", "LOCALHOST:80", "127.0.0.1", "127.8.8.8:1", "[::1]:9090"})
    EXPECT_THAT(Tcp(Cat("GET / HTTP/1.1\r\nHost: ", host, "\r\nConnection: close\r\n\r\n")),
                StartsWith("HTTP/1.1 200 "))
        << host;
  EXPECT_THAT(Unix("GET / HTTP/1.1\r\nHost: anything\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, ABadShapeGetsAClearAnswerAndTheConnectionEnds) {
  Start();
  const std::string answer =
      Unix(Cat("POST /x HTTP/1.1\r\n", kHost,
               "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", kGet));
  const size_t body = answer.find("\r\n\r\n");
  ASSERT_NE(body, std::string::npos);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  const auto document = ParseJson(answer.substr(body + 4));
  ASSERT_TRUE(document.ok()) << document.status().message();
  EXPECT_EQ(document->at("formatVersion"), 1);
  EXPECT_EQ(document->at("error").at("code"), "badRequest");
  EXPECT_EQ(document->at("error").at("message"), "both Content-Length and Transfer-Encoding are given");
  EXPECT_NE(document->at("error").at("remedy"), "");
  EXPECT_TRUE(queries.empty()) << "what stands behind a refused request must not be taken for one";
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Start();
  const std::string last = Cat("GET /last HTTP/1.1\r\n", kHost, "Connection: close\r\n\r\n");
  const std::string post =
      Cat("POST /p HTTP/1.1\r\n", kHost, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  Unix(Cat(kGet, post, kGet, last));
  ASSERT_EQ(queries.size(), 4u);
  EXPECT_EQ(queries[1].body, "abc");
  EXPECT_EQ(queries[3].path, "/last");
}

TEST_F(HttpServerTest, ARequestMayComeByteByByte) {
  limits.head = limits.body = absl::Seconds(20);
  Start();
  const std::string whole =
      Cat("POST /p HTTP/1.1\r\n", kHost,
          "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n");
  std::vector<std::string> bytes;
  for (const char c : whole) bytes.emplace_back(1, c);
  const std::string answer = RunTask(io, Exchange(dir / "socket", bytes, absl::Milliseconds(1)));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(queries.at(0).body, "ab");
}

TEST_F(HttpServerTest, WhoIsTooSlowIsSentAway) {
  Start();
  const std::vector<std::string> drip(25, "G");  // longer than the header may take, shorter than we linger
  EXPECT_THAT(RunTask(io, Exchange("127.0.0.1", drip, absl::Milliseconds(20))), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(Unix(Cat("POST /x HTTP/1.1\r\n", kHost, "Content-Length: 10\r\n\r\nhalf")),
              StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(Unix(""), "");                               // never said a word
  EXPECT_THAT(Unix(kGet), StartsWith("HTTP/1.1 200 "));  // and closed when idle for too long
  EXPECT_EQ(queries.size(), 1u);
}

TEST_F(HttpServerTest, LimitsHold) {
  limits.most_requests = 3;
  limits.most_connections = 2;
  Start();
  EXPECT_THAT(Unix(std::string(100'000, 'a')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Unix(Cat("POST / HTTP/1.1\r\n", kHost, "Content-Length: 99999999\r\n\r\n")),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Unix(Cat("POST / HTTP/1.1\r\n", kHost, "Transfer-Encoding: chunked\r\n\r\n200000\r\n",
                       std::string(0x200000, 'x'))),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_TRUE(queries.empty());
  Unix(Cat(kGet, kGet, kGet, kGet, kGet));
  EXPECT_EQ(queries.size(), 3u);
  auto first = RunTask(io, net.Connect("127.0.0.1", port, absl::Seconds(5)));
  auto second = RunTask(io, net.Connect("127.0.0.1", port, absl::Seconds(5)));
  EXPECT_THAT(Tcp(""), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(Unix(kGet), StartsWith("HTTP/1.1 200 ")) << "the unix socket has its own limit";
}

TEST_F(HttpServerTest, AReaderWhoDoesNotReadIsCutOff) {
  Start();
  auto stream = RunTask(io, net.Connect(dir / "socket", 0, absl::Seconds(5)));
  ASSERT_TRUE(
      RunTask(io, (*stream)->Write(Cat("GET /large HTTP/1.1\r\n", kHost, "\r\n"), absl::Seconds(5))).ok());
  for (int i = 0; i < 200 && (server->connections() > 0 || queries.empty()); ++i) {
    io.restart();
    io.run_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(HttpServerTest, LargeAndStreamedAnswersArriveWhole) {
  Start();
  EXPECT_EQ(RunTask(io, http.Send({.url = Url("/large")}, {.max_bytes = 30 << 20}))->body.size(),
            size_t{20 << 20});
  EXPECT_EQ(RunTask(io, http.Send({.url = Url("/stream")}, {}))->body, "begin\npiece\npiece\npiece\n");
  EXPECT_EQ(RunTask(io, http.Send({.url = Url("/breaks")}, {})).status().code(), Code::kUnavailable);
  EXPECT_EQ(RunTask(io, http.Send({.url = Url("/none")}, {}))->status, 204);
  EXPECT_THAT(Tcp(Cat("GET /stream HTTP/1.0\r\n", kHost, "\r\n")),
              EndsWith("\r\n\r\nbegin\npiece\npiece\npiece\n"));
}

TEST_F(HttpServerTest, HeadHasNoBody) {
  Start();
  const std::string answer = Tcp(Cat("HEAD / HTTP/1.1\r\n", kHost, "Connection: close\r\n\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 20\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  EXPECT_EQ(queries.at(0).method, "GET");
}

TEST_F(HttpServerTest, ContinuesWhoAsksFirst) {
  Start();
  const std::string answer =
      RunTask(io, Exchange(dir / "socket",
                           {Cat("POST / HTTP/1.1\r\n", kHost,
                                "Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
                            "ab"},
                           absl::Milliseconds(20)));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "));
  EXPECT_EQ(queries.at(0).body, "ab");
}

TEST_F(HttpServerTest, AFaultOfTheHandlerIsAnAnswer) {
  Start();
  EXPECT_EQ(RunTask(io, http.Send({.url = Url("/throws")}, {}))->status, 500);
  const auto split = RunTask(io, http.Send({.url = Url("/split")}, {}));
  EXPECT_EQ(split->status, 500);
  EXPECT_EQ(split->Header("y"), "");
}

TEST_F(HttpServerTest, StopLetsRequestsFinishAndClosesTheRest) {
  Start();
  limits.idle = absl::Seconds(30);
  auto idle = RunTask(io, net.Connect(dir / "socket", 0, absl::Seconds(5)));
  Result<HttpResponse> response;
  asio::co_spawn(io, http.Send({.url = Url("/slow")}, {}),
                 [&](std::exception_ptr, auto r) { response = std::move(r); });
  io.restart();
  io.run_for(std::chrono::milliseconds(20));
  RunTask(io, server->Stop(absl::Seconds(10)));
  EXPECT_EQ(slow_ended, 1);
  EXPECT_EQ(server->connections(), 0u);
  io.restart();
  io.run_for(std::chrono::milliseconds(20));
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(response->Header("connection"), "close");
  EXPECT_EQ(RunTask(io, (*idle)->Read(1, absl::Seconds(5))).status(), Status());
  EXPECT_EQ(RunTask(io, net.Connect("127.0.0.1", port, absl::Seconds(1))).status().code(),
            Code::kUnavailable);
  EXPECT_EQ(RunTask(io, net.Connect(dir / "socket", 0, absl::Seconds(1))).status().code(), Code::kNotFound);
}

TEST_F(HttpServerTest, StopCancelsWhatTakesTooLong) {
  slow = std::chrono::hours(1);
  Start();
  asio::co_spawn(io, http.Send({.url = Url("/slow")}, {}), asio::detached);
  io.restart();
  io.run_for(std::chrono::milliseconds(20));
  ASSERT_EQ(queries.size(), 1u);
  RunTask(io, server->Stop(absl::Milliseconds(20)));
  EXPECT_EQ(slow_ended, 0);
  EXPECT_EQ(server->connections(), 0u);
}

TEST(Listener, SetsModeAndReplacesOnlyWhatIsDead) {
  Scratch dir;
  const std::string path = dir / "s";
  {
    auto listener = Listener::Unix(path, 0640);
    ASSERT_TRUE(listener.ok());
    struct stat facts{};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0640u);
    const auto second = Listener::Unix(path, 0600);
    EXPECT_EQ(second.status().code(), Code::kFailedPrecondition);
    EXPECT_THAT(second.status().message(), HasSubstr("another process answers"));
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0) << "its socket file goes with it";
  {
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{.sun_family = AF_UNIX};
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(dead.number(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);
  EXPECT_TRUE(Listener::Unix(path, 0600).ok()) << "left behind by a dead process";
  Put(path, "precious");
  EXPECT_EQ(Listener::Unix(path, 0600).status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(Listener::Unix("relative", 0600).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Listener::Unix(dir / std::string(120, 'x'), 0600).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Listener::Unix(dir / "nosuch/s", 0600).status().code(), Code::kNotFound);
}

TEST(Listener, DoesNotRemoveTheSocketOfItsSuccessor) {
  Scratch dir;
  const std::string path = dir / "s";
  {
    auto listener = Listener::Unix(path, 0600);
    ASSERT_TRUE(listener.ok());
    ::unlink(path.c_str());
    Put(path, "of someone else");
  }
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);
}

TEST(Listener, TakesAddressesOnly) {
  EXPECT_THAT(Listener::Tcp("[::1]:0")->shown(), StartsWith("[::1]:"));
  const auto listener = Listener::Tcp("localhost:0");
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ(Listener::Tcp(listener->shown()).status().code(), Code::kFailedPrecondition);
  for (const char* bad : {"", ":", "9090", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000",
                          "::1:80", "example.org:80"})
    EXPECT_EQ(Listener::Tcp(bad).status().code(), Code::kInvalidArgument) << bad;
  EXPECT_FALSE(listener->TakesHost("example.org"));
  EXPECT_TRUE(Listener::Tcp("0.0.0.0:0")->TakesHost("10.1.2.3"));
  EXPECT_FALSE(Listener::Tcp("0.0.0.0:0")->TakesHost("example.org"));
}

}  // namespace
}  // namespace holdfast
