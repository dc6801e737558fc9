#include "controller/world/real/request_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "controller/base/text.h"
#include "controller/world/real/request_body.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Row {
  const char* name;
  std::string head;
  int status;  // 0: taken
};

const std::string kHost = "Host: localhost\r\n";
std::string Get(const std::string& fields) { return Cat("GET / HTTP/1.1\r\n", kHost, fields, "\r\n"); }
std::string Post(const std::string& fields) { return Cat("POST /x HTTP/1.1\r\n", kHost, fields, "\r\n"); }
std::string Line(const std::string& line) { return Cat(line, "\r\n", kHost, "\r\n"); }

TEST(ParseRequestHead, RefusesWhatTwoReadersCouldUnderstandDifferently) {
  const std::string nul(1, '\0');
  const Row rows[] = {
      {"plain", Get(""), 0},
      {"1.0", Cat("GET / HTTP/1.0\r\n", kHost, "\r\n"), 0},
      {"a body by length", Post("Content-Length: 3\r\n"), 0},
      {"a body by chunks", Post("Transfer-Encoding: chunked\r\n"), 0},
      {"blanks around a value", Get("X:  \t a b \t \r\n"), 0},
      {"an empty value", Get("X:\r\n"), 0},
      {"an IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:9090\r\n\r\n", 0},

      {"HTTP/1.0 with chunks", Cat("POST / HTTP/1.0\r\n", kHost, "Transfer-Encoding: chunked\r\n\r\n"), 400},
      {"chunked, identity", Post("Transfer-Encoding: chunked, identity\r\n"), 501},
      {"identity", Post("Transfer-Encoding: identity\r\n"), 501},
      {"identity with a length", Post("Transfer-Encoding: identity\r\nContent-Length: 3\r\n"), 400},
      {"gzip, chunked", Post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"Chunked", Post("Transfer-Encoding: Chunked\r\n"), 501},
      {"chunked with a tail", Post("Transfer-Encoding: chunked;q=1\r\n"), 501},
      {"chunked twice", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501},
      {"an empty coding", Post("Transfer-Encoding:\r\n"), 501},
      {"chunks and a length", Post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
      {"a length and chunks", Post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"two lengths", Post("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
      {"two equal lengths", Post("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
      {"a list of lengths", Post("Content-Length: 3, 3\r\n"), 400},
      {"a signed length", Post("Content-Length: +3\r\n"), 400},
      {"a negative length", Post("Content-Length: -1\r\n"), 400},
      {"a hexadecimal length", Post("Content-Length: 0x3\r\n"), 400},
      {"an empty length", Post("Content-Length:\r\n"), 400},
      {"a length with a blank in it", Post("Content-Length: 1 2\r\n"), 400},
      {"a length beyond 64 bits", Post("Content-Length: 99999999999999999999\r\n"), 400},
      {"too much", Post("Content-Length: 1048577\r\n"), 413},

      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"no host in 1.0", "GET / HTTP/1.0\r\n\r\n", 400},
      {"two hosts", Get("Host: localhost\r\n"), 400},
      {"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"a host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"a host with a word for a port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"a broken IPv6 host", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"no IPv6 in brackets", "GET / HTTP/1.1\r\nHost: [evil]\r\n\r\n", 400},

      {"folded", Get("X: a\r\n b\r\n"), 400},
      {"folded by a tab", Get("X: a\r\n\tb\r\n"), 400},
      {"folded first line", Cat("GET / HTTP/1.1\r\n ", kHost, "\r\n"), 400},
      {"a bare LF", Cat("GET / HTTP/1.1\n", kHost, "\r\n"), 400},
      {"a bare LF at a field", Get("X: a\nY: b\r\n"), 400},
      {"a bare CR", Get("X: a\rY: b\r\n"), 400},
      {"a bare CR before CR LF", Get("X: a\r\r\n"), 400},
      {"an end with LF only", Cat("GET / HTTP/1.1\r\n", kHost, "\n"), 400},
      {"an empty line first", Cat("\r\n", Get("")), 400},
      {"a NUL in a value", Get(Cat("X: a", nul, "b\r\n")), 400},
      {"a control character in a value", Get("X: a\x01\r\n"), 400},
      {"a DEL in a value", Get("X: a\x7f\r\n"), 400},
      {"a blank before the colon", Get("X : a\r\n"), 400},
      {"a blank in a name", Get("X Y: a\r\n"), 400},
      {"a name with a letter of no token", Get("X\xc3\xa4: a\r\n"), 400},
      {"no name", Get(": a\r\n"), 400},
      {"no colon", Get("nonsense\r\n"), 400},
      {"a length hidden by a blank", Post("Content-Length : 3\r\n"), 400},

      {"absolute form", Line("GET http://localhost/ HTTP/1.1"), 400},
      {"authority form", Line("GET localhost:80 HTTP/1.1"), 400},
      {"asterisk form", Line("GET * HTTP/1.1"), 400},
      {"CONNECT", Line("CONNECT localhost:80 HTTP/1.1"), 405},
      {"OPTIONS", Line("OPTIONS / HTTP/1.1"), 405},
      {"TRACE", Line("TRACE / HTTP/1.1"), 405},
      {"an unknown method", Line("BREW / HTTP/1.1"), 501},
      {"a small method", Line("get / HTTP/1.1"), 501},
      {"no method", Line(" / HTTP/1.1"), 400},
      {"a method with a comma", Line("GE,T / HTTP/1.1"), 400},
      {"no target", Line("GET HTTP/1.1"), 400},
      {"an empty target", Line("GET  HTTP/1.1"), 400},
      {"two blanks", Line("GET /  HTTP/1.1"), 400},
      {"a tab", Line("GET\t/\tHTTP/1.1"), 400},
      {"no version", Line("GET /"), 400},
      {"something behind the version", Line("GET / HTTP/1.1 x"), 400},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505},
      {"HTTP/1.2", Line("GET / HTTP/1.2"), 505},
      {"HTTP/01.1", Line("GET / HTTP/01.1"), 505},
      {"another protocol", Line("GET / RTSP/1.0"), 400},
      {"a blank in the target", Line("GET /a b HTTP/1.1"), 400},
      {"a fragment", Line("GET /a#b HTTP/1.1"), 400},
      {"bytes in the target", Line("GET /\xc3\xa4 HTTP/1.1"), 400},
      {"a broken escape", Line("GET /%zz HTTP/1.1"), 400},
      {"half an escape", Line("GET /%4 HTTP/1.1"), 400},
      {"an escaped NUL", Line("GET /%00 HTTP/1.1"), 400},
      {"an escaped line end", Line("GET /%0d%0a HTTP/1.1"), 400},
      {"an escaped slash", Line("GET /a%2Fb HTTP/1.1"), 400},
      {"a reversed slash", Line("GET /a\\b HTTP/1.1"), 400},
      {"up", Line("GET /a/../b HTTP/1.1"), 400},
      {"up, escaped", Line("GET /a/%2e%2E/b HTTP/1.1"), 400},
      {"overlong UTF-8", Line("GET /%c0%af HTTP/1.1"), 400},
      {"a broken escape in a parameter", Line("GET /?a=%x HTTP/1.1"), 400},
      {"an escaped line end in a parameter", Line("GET /?a=%0A HTTP/1.1"), 400},
      {"a wish that is not met", Post("Expect: 200-ok\r\nContent-Length: 1\r\n"), 417},
      {"too long", Get(Cat("X: ", std::string(kMostHeadBytes, 'a'), "\r\n")), 431},
  };
  for (const Row& row : rows) {
    const auto parsed = ParseRequestHead(row.head);
    const auto* problem = std::get_if<RequestProblem>(&parsed);
    EXPECT_EQ(problem == nullptr ? 0 : problem->status, row.status)
        << row.name << ": " << (problem == nullptr ? "" : problem->message);
    if (problem != nullptr) {
      EXPECT_NE(problem->message, "") << row.name;
      EXPECT_NE(problem->remedy, "") << row.name;
      EXPECT_NE(problem->code, "") << row.name;
    }
  }
}

TEST(ParseRequestHead, RefusesTooManyHeaders) {
  std::string fields;
  for (size_t i = 0; i < kMostHeaders; ++i) fields += "X: y\r\n";
  EXPECT_EQ(std::get<RequestProblem>(ParseRequestHead(Get(fields))).status, 431);
}

TEST(ParseRequestHead, TakesItApart) {
  const auto head = std::get<RequestHead>(ParseRequestHead(
      "POST /api/v1/a%20b/%C3%A4?x=1&y=a+b%26c&flag&&x=2 HTTP/1.1\r\nHost: LocalHost:9090\r\nX-Thing:  v \r\n"
      "Content-Length: 12\r\nConnection: foo, Close\r\nExpect: 100-Continue\r\n\r\n"));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/api/v1/a b/ä");
  EXPECT_THAT(head.parameters,
              ElementsAre(Pair("x", "1"), Pair("y", "a b&c"), Pair("flag", ""), Pair("x", "2")));
  EXPECT_EQ(head.host, "localhost");
  EXPECT_EQ(head.framing, RequestHead::Framing::kLength);
  EXPECT_EQ(head.length, 12u);
  EXPECT_EQ(head.after, RequestHead::After::kClose);
  EXPECT_EQ(head.expects, RequestHead::Expects::kContinue);
  EXPECT_THAT(head.headers, testing::Contains(Pair("x-thing", "v")));
}

TEST(ParseRequestHead, KnowsWhatToDoAfterwards) {
  EXPECT_EQ(std::get<RequestHead>(ParseRequestHead(Get(""))).after, RequestHead::After::kKeep);
  EXPECT_EQ(std::get<RequestHead>(ParseRequestHead(Cat("GET /? HTTP/1.0\r\n", kHost, "\r\n"))).after,
            RequestHead::After::kClose);
  EXPECT_THAT(std::get<RequestHead>(ParseRequestHead(Get("Content-Length: 0\r\n"))).parameters, IsEmpty());
}

TEST(HeadLength, FindsTheEndHoweverTheBytesCome) {
  const std::string head = Get("X: y\r\n");
  for (size_t n = 0; n < head.size(); ++n)
    EXPECT_EQ(HeadLength(std::string_view(head).substr(0, n)), std::nullopt);
  for (size_t known = 0; known < head.size(); ++known)
    EXPECT_EQ(HeadLength(head + "body", known), head.size()) << known;
  EXPECT_EQ(HeadLength("GET / HTTP/1.1\n\nrest"), 16u);
  EXPECT_EQ(HeadLength("\r\nGET"), 2u);
  EXPECT_EQ(HeadLength("\nGET"), 1u);
}

struct BodyRow {
  const char* name;
  std::string bytes;
  const char* body;  // nullptr: refused
};

TEST(RequestBody, ReadsChunks) {
  const std::string head = Post("Transfer-Encoding: chunked\r\n");
  const BodyRow rows[] = {
      {"two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
      {"nothing", "0\r\n\r\n", ""},
      {"a trailer", "1\r\na\r\n0\r\nX: y\r\n\r\n", "a"},
      {"no number", "x\r\nabc\r\n0\r\n\r\n", nullptr},
      {"no line end behind the data", "3\r\nabcd\r\n0\r\n\r\n", nullptr},
      {"an extension", "1;name=value\r\na\r\n0;x\r\n\r\n", "a"},
      {"a size with a blank", "1 \r\na\r\n0\r\n\r\n", nullptr},
      {"a signed size", "+1\r\na\r\n0\r\n\r\n", nullptr},
      {"a size with 0x", "0x1\r\na\r\n0\r\n\r\n", nullptr},
      {"an empty size", "\r\na\r\n0\r\n\r\n", nullptr},
      {"a bare LF", "1\na\n0\n\n", nullptr},
      {"a bare LF behind the data", "1\r\na\n0\r\n\r\n", nullptr},
      {"a bare CR in an extension", "1;\rx\r\na\r\n0\r\n\r\n", nullptr},
      {"an extension without an end", "1;" + std::string(5000, 'x'), nullptr},
      {"trailers without an end",
       [] {
         std::string out = "0\r\n";
         for (int i = 0; i < 1000; ++i) out += "X: yyyyyyyyyyyyyy\r\n";
         return out;
       }(),
       nullptr},
      {"a number beyond 64 bits", "fffffffffffffffff\r\n", nullptr},
  };
  for (const BodyRow& row : rows) {
    RequestBody body(std::get<RequestHead>(ParseRequestHead(head)));
    std::string buffer;
    std::optional<RequestProblem> problem;
    for (size_t i = 0; i < row.bytes.size() && !problem && !body.done(); ++i) {
      buffer.push_back(row.bytes[i]);
      size_t used = 0;
      problem = body.Take(buffer, &used);
      buffer.erase(0, used);
    }
    EXPECT_EQ(problem.has_value(), row.body == nullptr) << row.name;
    if (row.body != nullptr) {
      EXPECT_TRUE(body.done()) << row.name;
      EXPECT_EQ(body.body(), row.body) << row.name;
    }
  }
}

TEST(RequestBody, RefusesTooMuch) {
  RequestBody body(std::get<RequestHead>(ParseRequestHead(Post("Transfer-Encoding: chunked\r\n"))));
  size_t used = 0;
  const auto problem = body.Take(Cat("200000\r\n", std::string(0x200000, 'x')), &used);
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->status, 413);
}

}  // namespace
}  // namespace holdfast
