#include "controller/world/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/system/system_error.hpp>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/dialer.h"
#include "controller/world/real/http_url.h"
#include "controller/world/real/real_http.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"
#include "tests/unit/world/scripted_server.h"

namespace holdfast {
namespace {

namespace asio = boost::asio;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: 1\r\n\r\nhello";
const Limits kShort{.deadline = absl::Milliseconds(150)};

class RealHttpTest : public testing::Test {
 protected:
  Result<HttpResponse> Send(HttpRequest request, Limits limits = {}, HttpSink* sink = nullptr) {
    return RunTask(io, http.Send(std::move(request), limits, sink));
  }
  Result<HttpResponse> Get(const ScriptedServer& server, Limits limits = {}, HttpSink* sink = nullptr) {
    return Send({.url = server.Url()}, limits, sink);
  }

  asio::io_context io;
  Dialer dialer{io.get_executor()};
  RealHttp http{dialer};
  Scratch dir;
};

TEST_F(RealHttpTest, SendsWhatItWasGivenAndReturnsWhatCame) {
  ScriptedServer server(io, {{kHello}});
  const auto response = Send(
      {.method = "PUT", .url = server.Url("/a/b?c=d%20e#f"), .headers = {{"X-Two", "2"}}, .body = "body"});
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->Header("x-one"), "1");
  EXPECT_EQ(server.requests.at(0),
            Cat("PUT /a/b?c=d%20e HTTP/1.1\r\nHost: 127.0.0.1:", server.port(),
                "\r\nX-Two: 2\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nbody"));
}

TEST_F(RealHttpTest, AnyStatusIsAResponseAndRedirectsAreNotFollowed) {
  ScriptedServer server(io, {{"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"},
                             {"HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nbad"},
                             {"HTTP/1.1 204 None\r\n\r\n"}});
  EXPECT_EQ(Get(server)->status, 302);
  EXPECT_EQ(Get(server)->body, "bad");
  EXPECT_EQ(Get(server)->status, 204);
  EXPECT_EQ(server.connections, 3);
}

TEST_F(RealHttpTest, ReadsEveryKindOfBody) {
  ScriptedServer server(
      io, {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"},
           {"HTTP/1.1 200 OK\r\n\r\nuntil the end"},
           {"HTTP/1.0 200 OK\r\n\r\nold"},
           {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kHello}});
  EXPECT_EQ(Get(server)->body, "abcde");
  EXPECT_EQ(Get(server)->body, "until the end");
  EXPECT_EQ(Get(server)->body, "old");
  const auto last = Get(server);
  EXPECT_EQ(last->status, 200);
  EXPECT_EQ(last->body, "hello");
}

TEST_F(RealHttpTest, ReadsEveryKindOfBodyByteByByte) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::chrono::milliseconds pause{1};
  ScriptedServer server(io,
                        {{.say = head + "0\r\n\r\n", .answers = 2, .between_bytes = pause},
                         {.say = head + "2\r\nab\r\n1\r\nc\r\n0\r\nX: y\r\n\r\n", .between_bytes = pause}});
  EXPECT_EQ(Get(server)->body, "");
  EXPECT_EQ(Get(server)->body, "");
  EXPECT_EQ(server.connections, 1);
  io.restart();
  io.run_for(std::chrono::milliseconds(10));
  EXPECT_EQ(Get(server)->body, "abc");
}

TEST_F(RealHttpTest, HeadHasNoBody) {
  ScriptedServer server(io, {{"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", 2}});
  EXPECT_EQ(Send({.method = "HEAD", .url = server.Url()})->status, 200);
  EXPECT_EQ(Send({.method = "HEAD", .url = server.Url()})->body, "");
  EXPECT_EQ(server.connections, 1);
}

TEST_F(RealHttpTest, ReusesAConnection) {
  ScriptedServer server(io, {{kHello, 100}});
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Get(server)->body, "hello");
  EXPECT_EQ(server.connections, 1);
  EXPECT_EQ(http.idle(), 1u);
}

TEST_F(RealHttpTest, DoesNotReuseWhatTheServerSaysItCloses) {
  ScriptedServer server(io, {{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 100}});
  EXPECT_EQ(Get(server)->body, "ok");
  EXPECT_EQ(http.idle(), 0u);
}

TEST_F(RealHttpTest, DoesNotReuseAConnectionWithUnaskedBytes) {
  ScriptedServer server(io, {{kHello + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", 100}});
  EXPECT_EQ(Get(server)->body, "hello");
  EXPECT_EQ(Get(server)->body, "hello");
  EXPECT_EQ(server.connections, 2);
}

TEST_F(RealHttpTest, AnIdleConnectionThatWasClosedIsReplaced) {
  ScriptedServer server(io, {{kHello, 1}});
  for (const char* method : {"GET", "POST", "GET"}) {
    const auto response = Send({.method = method, .url = server.Url()});
    ASSERT_TRUE(response.ok()) << response.status().message();
    io.restart();
    io.run_for(std::chrono::milliseconds(10));  // for the close to arrive
  }
  EXPECT_EQ(server.connections, 3);
}

TEST_F(RealHttpTest, AReusedConnectionThatIsClosedInsteadOfAnAnswerIsTriedAgainForGetOnly) {
  // The first connection answers once, hears the second request and closes without a word.
  struct Row {
    const char* method;
    bool ok;
  };
  for (const Row& row : {Row{"GET", true}, Row{"HEAD", true}, Row{"POST", false}, Row{"DELETE", false}}) {
    asio::io_context own;
    Dialer own_dialer(own.get_executor());
    RealHttp client(own_dialer);
    asio::ip::tcp::acceptor acceptor(own, {asio::ip::address_v4::loopback(), 0});
    int connections = 0;
    struct Server {
      static Task<void> Run(asio::ip::tcp::acceptor* acceptor, int* connections) {
        for (;;) {
          auto peer = co_await acceptor->async_accept(asio::use_awaitable);
          const bool first = ++*connections == 1;
          std::string heard;
          for (int i = 0; i < 2; ++i) {
            auto [error, n] = co_await asio::async_read_until(peer, asio::dynamic_buffer(heard), "\r\n\r\n",
                                                              asio::as_tuple(asio::use_awaitable));
            if (error) break;
            heard.erase(0, n);
            if (first && i == 1) break;
            co_await asio::async_write(
                peer, asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
                asio::use_awaitable);
          }
        }
      }
    };
    asio::co_spawn(own, Server::Run(&acceptor, &connections), asio::detached);
    const std::string url = Cat("http://127.0.0.1:", acceptor.local_endpoint().port(), "/");
    ASSERT_TRUE(RunTask(own, client.Send({.url = url}, {})).ok());
    const auto second = RunTask(own, client.Send({.method = row.method, .url = url}, {}));
    EXPECT_EQ(second.ok(), row.ok) << row.method << " " << second.status().message();
    EXPECT_EQ(connections, row.ok ? 2 : 1) << row.method;
    if (!row.ok) {
      EXPECT_EQ(second.status().code(), Code::kUnavailable);
    }
  }
}

TEST_F(RealHttpTest, AFreshConnectionThatIsClosedIsNotTriedAgain) {
  ScriptedServer server(io, {{""}});
  const auto response = Get(server);
  EXPECT_EQ(response.status().code(), Code::kUnavailable);
  EXPECT_EQ(response.status().message(),
            Cat("GET ", server.Url(), ": the peer closed the connection without an answer"));
  EXPECT_EQ(server.connections, 1);
}

TEST_F(RealHttpTest, KeepsFewIdleConnectionsPerPeer) {
  ScriptedServer server(io, {{.say = kHello, .answers = 10}});
  std::vector<Result<HttpResponse>> answers;
  for (int i = 0; i < 20; ++i)
    asio::co_spawn(io, http.Send({.url = server.Url()}, {}),
                   [&](std::exception_ptr, auto response) { answers.push_back(std::move(response)); });
  for (int i = 0; i < 1000 && answers.size() < 20; ++i) {
    io.restart();
    io.run_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(answers.size(), 20u);
  EXPECT_EQ(http.idle(), RealHttp::kMostIdlePerPeer);
}

struct BadRow {
  const char* name;
  Script script;
  Code code;
  const char* words;
};

TEST_F(RealHttpTest, BadServersGetAClearAnswer) {
  using Then = Script::Then;
  using std::chrono::milliseconds;
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const BadRow rows[] = {
      {"never answers", {.then = Then::kHang}, Code::kDeadlineExceeded, "no answer within 150ms"},
      {"one byte at a time",
       {.say = kHello, .between_bytes = milliseconds(20)},
       Code::kDeadlineExceeded,
       "was not complete, 0 bytes of the body came, within 150ms"},
      {"half a body",
       {.say = head + "Content-Length: 10\r\n\r\nhalf", .then = Then::kHang},
       Code::kDeadlineExceeded,
       "4 bytes of the body came"},
      {"closes in the header",
       {.say = "HTTP/1.1 200 OK\r\nConte"},
       Code::kUnavailable,
       "in the middle of its answer"},
      {"closes in the body",
       {.say = head + "Content-Length: 10\r\n\r\nhalf"},
       Code::kUnavailable,
       "in the middle of its answer, after 4 bytes"},
      {"closes between chunks",
       {.say = head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"},
       Code::kUnavailable,
       "in the middle"},
      {"resets", {.say = "", .then = Then::kReset}, Code::kUnavailable, "reset by peer"},
      {"garbage", {.say = "\x01\x02garbage\r\n\r\n"}, Code::kUnavailable, "not HTTP"},
      {"another protocol", {.say = "-ERR unknown command\r\n"}, Code::kUnavailable, "-ERR unknown command"},
      {"garbage without an end",
       {.say = std::string(1000, 'x'), .repeat = 1000},
       Code::kUnavailable,
       "not HTTP"},
      {"bad chunk",
       {.say = head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"},
       Code::kUnavailable,
       "not HTTP"},
      {"two lengths",
       {.say = head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
       Code::kUnavailable,
       "not HTTP"},
      {"interim for ever",
       {.say = "HTTP/1.1 100 Continue\r\n\r\n", .repeat = 50},
       Code::kUnavailable,
       "interim"},
      {"says it is too large",
       {.say = head + "Content-Length: 1073741824\r\n\r\nx", .then = Then::kHang},
       Code::kResourceExhausted,
       "1073741824 bytes long"},
  };
  for (const BadRow& row : rows) {
    ScriptedServer server(io, {row.script});
    const auto response = Get(server, kShort);
    ASSERT_FALSE(response.ok()) << row.name;
    EXPECT_EQ(CodeName(response.status().code()), CodeName(row.code)) << row.name;
    EXPECT_THAT(response.status().message(), HasSubstr(row.words)) << row.name;
    EXPECT_THAT(response.status().message(), StartsWith(Cat("GET ", server.Url(), ": "))) << row.name;
    EXPECT_EQ(http.idle(), 0u) << row.name;
  }
}

TEST_F(RealHttpTest, AHeaderThatIsTooLongIsRefused) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < 200'000) head += "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
  ScriptedServer server(io, {{.say = head}});
  const auto response = Get(server);
  EXPECT_EQ(response.status().code(), Code::kResourceExhausted) << response.status().message();
}

TEST_F(RealHttpTest, AGigabyteIsNotTakenIn) {
  for (const char* framing : {"", "Transfer-Encoding: chunked\r\n"}) {
    std::string piece(1 << 20, 'x');
    if (*framing != 0) piece = Cat("100000\r\n", piece, "\r\n");
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    struct Server {
      static Task<void> Run(asio::ip::tcp::acceptor* acceptor, std::string head, std::string piece) {
        auto peer = co_await acceptor->async_accept(asio::use_awaitable);
        co_await asio::async_write(peer, asio::buffer(head), asio::use_awaitable);
        for (int i = 0; i < 1024; ++i) {
          auto [error, n] =
              co_await asio::async_write(peer, asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
          if (error) break;
        }
      }
    };
    asio::co_spawn(io, Server::Run(&acceptor, Cat("HTTP/1.1 200 OK\r\n", framing, "\r\n"), piece),
                   asio::detached);
    const auto response =
        Send({.url = Cat("http://127.0.0.1:", acceptor.local_endpoint().port())}, {.max_bytes = 3 << 20});
    EXPECT_EQ(response.status().code(), Code::kResourceExhausted) << response.status().message();
  }
}

TEST_F(RealHttpTest, AnAnswerBeforeTheRequestIsOutIsTaken) {
  // A server that refuses a large upload: it answers, does not read on and hangs or closes.
  for (const auto then : {Script::Then::kHang, Script::Then::kClose}) {
    ScriptedServer server(io, {{.say = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig",
                                .listen = Script::Listen::kNever,
                                .then = then}});
    const auto response = Send({.method = "POST", .url = server.Url(), .body = std::string(30 << 20, 'x')},
                               {.deadline = absl::Seconds(5)});
    if (then == Script::Then::kHang) {
      ASSERT_TRUE(response.ok()) << response.status().message();
      EXPECT_EQ(response->body, "big");
    } else {
      // A close with unread bytes resets, and the reset may overtake the answer.
      EXPECT_TRUE(response.ok() || response.status().code() == Code::kUnavailable);
    }
    EXPECT_EQ(http.idle(), 0u);
  }
}

TEST_F(RealHttpTest, LargeBodiesGoBothWays) {
  const std::string body(5 << 20, 'y');
  ScriptedServer server(
      io, {{.say = Cat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body), .answers = 2}});
  for (int i = 0; i < 2; ++i) {
    const auto response = Send({.method = "POST", .url = server.Url(), .body = body});
    ASSERT_TRUE(response.ok()) << response.status().message();
    EXPECT_EQ(response->body, body);
  }
  EXPECT_EQ(server.connections, 1);
  EXPECT_THAT(server.requests.at(1), EndsWith(body));
}

class Collector : public HttpSink {
 public:
  Status Take(const HttpResponse& head, std::string_view piece) override {
    status = head.status;
    body += piece;
    return body.size() > most ? ResourceExhausted("enough") : Status();
  }
  int status = 0;
  std::string body;
  size_t most = 1 << 20;
};

TEST_F(RealHttpTest, ASinkTakesTheBodyOfASuccess) {
  ScriptedServer server(io, {{kHello}, {"HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nwhy"}, {kHello}});
  Collector sink;
  EXPECT_EQ(Get(server, {}, &sink)->body, "");
  EXPECT_EQ(sink.body, "hello");
  EXPECT_EQ(sink.status, 200);
  EXPECT_EQ(Get(server, {}, &sink)->body, "why");
  EXPECT_EQ(sink.body, "hello");
  sink.most = 7;
  const auto refused = Get(server, {}, &sink);
  EXPECT_EQ(refused.status().code(), Code::kResourceExhausted);
  EXPECT_THAT(refused.status().message(), EndsWith(": enough"));
}

TEST_F(RealHttpTest, ConnectionErrorsAreNamed) {
  uint16_t port = 0;
  {
    ScriptedServer server(io, {{""}});
    port = server.port();
    io.poll();
  }
  asio::ip::tcp::acceptor probe(io, {asio::ip::address_v4::loopback(), 0});
  port = probe.local_endpoint().port();
  probe.close();
  const auto refused = Send({.url = Cat("http://user:secret@127.0.0.1:", port, "/path?token=secret")});
  EXPECT_EQ(refused.status().code(), Code::kUnavailable);
  EXPECT_EQ(refused.status().message(),
            Cat("GET http://127.0.0.1:", port, "/path: 127.0.0.1:", port, ": Connection refused"));
  EXPECT_EQ(Send({.url = "http://x/", .unix_socket = dir / "nosuch"}).status().code(), Code::kNotFound);
}

TEST_F(RealHttpTest, TalksOverAUnixSocket) {
  asio::local::stream_protocol::acceptor acceptor(io, dir / "socket");
  struct Server {
    static Task<void> Run(asio::local::stream_protocol::acceptor* acceptor, std::string* heard) {
      auto peer = co_await acceptor->async_accept(asio::use_awaitable);
      co_await asio::async_read_until(peer, asio::dynamic_buffer(*heard), "\r\n\r\n", asio::use_awaitable);
      co_await asio::async_write(peer, asio::buffer(kHello), asio::use_awaitable);
    }
  };
  std::string heard;
  asio::co_spawn(io, Server::Run(&acceptor, &heard), asio::detached);
  EXPECT_EQ(Send({.url = "http://supervisor/RPC2", .unix_socket = dir / "socket"})->body, "hello");
  EXPECT_THAT(heard, StartsWith("GET /RPC2 HTTP/1.1\r\nHost: supervisor\r\n"));
}

TEST_F(RealHttpTest, BadRequestsAreNotSent) {
  ScriptedServer server(io, {{kHello}});
  EXPECT_EQ(Send({.url = "nonsense"}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Send({.url = "ftp://host/"}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Send({.url = server.Url("/a b")}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Send({.method = "GET /x HTTP/1.1\r\n", .url = server.Url()}).status().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(Send({.url = server.Url(), .headers = {{"X", "a\r\nY: b"}}}).status().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(Send({.url = server.Url(), .headers = {{"X Y", "a"}}}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Send({.url = server.Url(), .headers = {{"Content-Length", "1"}}}).status().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(server.connections, 0);
}

TEST_F(RealHttpTest, IsCancelled) {
  ScriptedServer server(io, {{.then = Script::Then::kHang}});
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  asio::co_spawn(
      io, http.Send({.url = server.Url()}, {}),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, auto) { failure = e; }));
  io.restart();
  io.run_for(std::chrono::milliseconds(10));
  signal.emit(asio::cancellation_type::terminal);
  io.restart();
  io.run_for(std::chrono::milliseconds(10));
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
}

struct UrlRow {
  const char* url;
  const char* host;
  int port;
  const char* authority;
  const char* target;
  const char* shown;
};

TEST(ParseHttpUrl, TakesItApart) {
  const UrlRow rows[] = {
      {"http://h", "h", 80, "h", "/", "http://h"},
      {"https://h/", "h", 443, "h", "/", "https://h/"},
      {"HTTP://h:8080/x?y=z#f", "h", 8080, "h:8080", "/x?y=z", "http://h:8080/x"},
      {"http://h?q", "h", 80, "h", "/?q", "http://h"},
      {"https://h:443/", "h", 443, "h", "/", "https://h/"},
      {"http://[::1]:9200/_cat", "::1", 9200, "[::1]:9200", "/_cat", "http://[::1]:9200/_cat"},
      {"http://u:p@10.0.0.1/x", "10.0.0.1", 80, "10.0.0.1", "/x", "http://10.0.0.1/x"},
  };
  for (const UrlRow& row : rows) {
    const auto url = ParseHttpUrl(row.url);
    ASSERT_TRUE(url.ok()) << row.url;
    EXPECT_EQ(url->host, row.host) << row.url;
    EXPECT_EQ(url->port, row.port) << row.url;
    EXPECT_EQ(url->authority, row.authority) << row.url;
    EXPECT_EQ(url->target, row.target) << row.url;
    EXPECT_EQ(url->shown, row.shown) << row.url;
  }
  EXPECT_EQ(ParseHttpUrl("http://us%40er:p%3Aw@h/")->authorization, "Basic dXNAZXI6cDp3");
  EXPECT_EQ(ParseHttpUrl("http://a:b@h/")->authorization, "Basic YTpi");
  for (const char* bad :
       {"", "h", "h:80", "//h/", "http://", "http:///x", "http://h:0/", "http://h:99999/", "http://h:x/",
        "file:///etc/passwd", "http://h/\r\nX: y", "http://h/ä", "http://h/%zz"})
    EXPECT_EQ(ParseHttpUrl(bad).status().code(), Code::kInvalidArgument) << bad;
}

}  // namespace
}  // namespace holdfast
