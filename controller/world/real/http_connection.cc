#include "controller/world/real/http_connection.h"

#include <absl/time/clock.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"
#include "controller/world/real/http_text.h"
#include "controller/world/real/peer.h"
#include "controller/world/real/request_body.h"
#include "controller/world/real/within.h"

namespace holdfast {
namespace asio = boost::asio;
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr size_t kReadPiece = 16 << 10;
constexpr absl::Duration kLinger = absl::Milliseconds(500);
constexpr size_t kMostLingered = 1 << 20;

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

std::string Date() { return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()); }

bool HasBody(int status) { return status / 100 != 1 && status != 204 && status != 304; }

std::string ReplyHead(const HttpReply& reply, RequestHead::Version version, RequestHead::After after) {
  std::string out = Cat("HTTP/1.1 ", reply.status, " ", Reason(reply.status), "\r\nDate: ", Date(), "\r\n");
  if (HasBody(reply.status)) Append(out, "Content-Type: ", reply.content_type, "\r\n");
  // What a browser must not guess or keep.
  out += "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n";
  for (const auto& [name, value] : reply.headers) Append(out, name, ": ", value, "\r\n");
  if (reply.more) {
    if (version == RequestHead::Version::k11) out += "Transfer-Encoding: chunked\r\n";
  } else if (HasBody(reply.status)) {
    Append(out, "Content-Length: ", reply.body.size(), "\r\n");
  }
  out += after == RequestHead::After::kClose ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
  return out;
}

HttpReply Own(HttpReply reply) {
  bool fine = reply.status >= 200 && reply.status <= 599 && IsHttpFieldValue(reply.content_type);
  for (const auto& [name, value] : reply.headers) fine = fine && IsHttpToken(name) && IsHttpFieldValue(value);
  if (fine) return reply;
  Log(Severity::kError, "the answer to a request could not be written as HTTP");
  return ErrorReply(500, "internal", "the answer could not be written",
                    "this is a fault of holdfast: please report it");
}

std::string What(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "something that is no exception";
  }
}

HttpPeer PeerOverTcp(int descriptor) {
  asio::ip::tcp::endpoint endpoint;
  socklen_t size = static_cast<socklen_t>(endpoint.capacity());
  if (::getpeername(descriptor, endpoint.data(), &size) != 0) return {.name = ""};
  endpoint.resize(size);
  return {.way = HttpPeer::Way::kTcp, .name = endpoint.address().to_string()};
}

}  // namespace

std::unique_ptr<HttpConnection> HttpConnection::Make(asio::any_io_executor executor, Descriptor descriptor,
                                                     const Listener& listener, const HttpHandler& handler,
                                                     const HttpServerLimits& limits) {
  HttpPeer peer;
  const bool is_unix = listener.way() == Listener::Way::kUnixSocket;
  if (is_unix) {
    const auto known = PeerOf(descriptor.number());
    if (!known.ok()) return nullptr;
    peer = {.way = HttpPeer::Way::kUnixSocket, .uid = known->uid, .pid = known->pid, .name = known->name};
  } else {
    peer = PeerOverTcp(descriptor.number());
    if (peer.name.empty()) return nullptr;
    const int on = 1;
    ::setsockopt(descriptor.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(descriptor.number(), reinterpret_cast<sockaddr*>(&own), &size) != 0) return nullptr;
  Socket socket(executor);
  boost::system::error_code error;
  socket.assign(asio::generic::stream_protocol(own.ss_family, is_unix ? 0 : IPPROTO_TCP), descriptor.number(),
                error);
  if (error) return nullptr;
  descriptor.Release();
  return std::unique_ptr<HttpConnection>(
      new HttpConnection(std::move(socket), std::move(peer), listener, handler, limits));
}

void HttpConnection::TurnAway(int descriptor) {
  const HttpReply reply =
      ErrorReply(503, "tooManyConnections", "there are too many connections", "try again shortly");
  const std::string text =
      ReplyHead(reply, RequestHead::Version::k11, RequestHead::After::kClose) + reply.body;
  ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

Task<void> HttpConnection::Run() {
  for (Next next = Next::kRequest; next == Next::kRequest && !finishing_;) {
    next = co_await OneRequest();
    busy_ = Busy::kNo;
  }
}

Task<Status> HttpConnection::ReadMore() {
  const size_t before = buffer_.size();
  buffer_.resize(before + kReadPiece);
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(buffer_.data() + before, kReadPiece), kTuple);
  buffer_.resize(before + count);
  co_return FromError(error, Subject::kHost, "the peer");
}

Task<int> HttpConnection::FillHead() {
  size_t known = 0;
  for (;;) {
    head_length_ = HeadLength(buffer_, known);
    if (head_length_ || buffer_.size() > kMostHeadBytes) co_return 0;
    known = buffer_.size();
    const Status read = co_await ReadMore();
    if (!read.ok()) co_return 0;
  }
}

std::optional<RequestProblem> HttpConnection::Policy(const RequestHead& head) const {
  if (peer_.way == HttpPeer::Way::kUnixSocket) return std::nullopt;
  if (!listener_.TakesHost(head.host))
    return RequestProblem{403, "hostNotAllowed",
                          Cat("the host ", Excerpt(head.host, 80), " is not served here"),
                          "use the address that holdfast listens on, or localhost"};
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (!reads && limits_.over_tcp == HttpServerLimits::OverTcp::kReading)
    return RequestProblem{403, "readOnly", "nothing can be changed over TCP",
                          "use the unix socket, as the holdfast commands do"};
  return std::nullopt;
}

Task<std::optional<RequestProblem>> HttpConnection::TakeBody(const RequestHead* head, std::string* body) {
  RequestBody parts(*head);
  if (head->expects == RequestHead::Expects::kContinue && head->framing != RequestHead::Framing::kNone &&
      buffer_.empty() && !(co_await Write("HTTP/1.1 100 Continue\r\n\r\n")).ok())
    co_return RequestProblem{408, "requestTimeout", "the peer has gone", ""};
  for (;;) {
    size_t used = 0;
    if (auto problem = parts.Take(buffer_, &used)) co_return problem;
    buffer_.erase(0, used);
    if (parts.done()) break;
    if (used > 0 && !buffer_.empty()) continue;
    if (buffer_.size() > kMostHeadBytes)
      co_return RequestProblem{400, "badRequest", "a chunk's header is too long",
                               "send a plain HTTP/1.1 request"};
    if (!(co_await ReadMore()).ok())
      co_return RequestProblem{400, "badRequest", "the body ended too early",
                               "send as much as Content-Length says"};
  }
  *body = std::move(parts.body());
  co_return std::nullopt;
}

Task<HttpReply> HttpConnection::Answer(HttpQuery query) {
  const std::string asked = Cat(query.method, " ", query.path);
  std::exception_ptr thrown;
  try {
    co_return Own(co_await handler_(std::move(query)));
  } catch (...) {
    thrown = std::current_exception();
  }
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
    std::rethrow_exception(thrown);
  Log(Severity::kError, "answering a request failed", {{"request", Excerpt(asked)}, {"why", What(thrown)}});
  co_return ErrorReply(500, "internal", "answering failed", "this is a fault of holdfast: its log says more");
}

Task<HttpConnection::Next> HttpConnection::OneRequest() {
  head_length_.reset();
  if (buffer_.empty() && busy_ == Busy::kNo) {
    const auto begun = co_await Within(ReadMore(), answered_ == 0 ? limits_.head : limits_.idle);
    if (!begun || !begun->ok()) co_return Next::kClose;
  }
  busy_ = Busy::kYes;
  if (!co_await Within(FillHead(), limits_.head))
    co_return co_await Refuse(
        {408, "requestTimeout", "the header did not come in time", "send the request at once"});
  if (!head_length_ && buffer_.size() > kMostHeadBytes)
    co_return co_await Refuse({431, "headersTooLarge",
                               Cat("the header is longer than ", kMostHeadBytes, " bytes"),
                               "send shorter headers"});
  if (!head_length_) co_return Next::kClose;  // the peer has gone in the middle of it
  const std::string head_bytes = buffer_.substr(0, *head_length_);
  buffer_.erase(0, *head_length_);
  auto parsed = ParseRequestHead(head_bytes);
  if (auto* problem = std::get_if<RequestProblem>(&parsed)) co_return co_await Refuse(std::move(*problem));
  RequestHead head = std::get<RequestHead>(std::move(parsed));
  if (auto problem = Policy(head)) co_return co_await Refuse(*std::move(problem));

  HttpQuery query;
  auto taken = co_await Within(TakeBody(&head, &query.body), limits_.body);
  if (!taken)
    co_return co_await Refuse(
        {408, "requestTimeout", "the body did not come in time", "send the request at once"});
  if (*taken) co_return co_await Refuse(**std::move(taken));
  query.method = head.method == "HEAD" ? "GET" : head.method;
  query.target = head.target;
  query.path = head.path;
  query.parameters = head.parameters;
  query.headers = head.headers;
  query.peer = peer_;
  HttpReply reply = co_await Answer(std::move(query));
  ++answered_;
  const bool last = finishing_ || answered_ == limits_.most_requests;
  const auto after = last ? RequestHead::After::kClose : head.after;
  const Status written = co_await Reply(std::move(reply), &head, after);
  co_return written.ok() && after == RequestHead::After::kKeep ? Next::kRequest : Next::kClose;
}

Task<HttpConnection::Next> HttpConnection::Refuse(RequestProblem problem) {
  HttpReply reply = ErrorReply(problem.status, problem.code, problem.message, problem.remedy);
  if (problem.status == 405) reply.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
  const RequestHead plain;
  if ((co_await Reply(std::move(reply), &plain, RequestHead::After::kClose)).ok())
    co_await Within(Linger(), kLinger);
  co_return Next::kClose;
}

// A close with unread bytes would reset the connection and take the answer away from under its reader.
Task<int> HttpConnection::Linger() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  buffer_.clear();
  for (size_t thrown_away = 0; thrown_away < kMostLingered; thrown_away += buffer_.size(), buffer_.clear())
    if (!(co_await ReadMore()).ok()) break;
  co_return 0;
}

Task<Status> HttpConnection::Write(std::string_view bytes) {
  struct Whole {
    static Task<Status> Send(Socket* socket, std::string_view piece) {
      const auto [error, count] =
          co_await asio::async_write(*socket, asio::buffer(piece.data(), piece.size()), kTuple);
      co_return FromError(error, Subject::kHost, "the peer");
    }
  };
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), HttpServer::kWritePiece))) {
    auto sent =
        co_await Within(Whole::Send(&socket_, bytes.substr(0, HttpServer::kWritePiece)), limits_.write);
    if (!sent) co_return DeadlineExceeded("the peer does not take its answer");
    HF_CO_TRY(*std::move(sent));
  }
  co_return Status();
}

Task<Status> HttpConnection::Pieces(HttpReply* reply, RequestHead::Version version) {
  const bool chunked = version == RequestHead::Version::k11;
  std::string piece = std::move(reply->body);
  for (;;) {
    if (!piece.empty()) {
      std::array<char, 20> digits{};
      const auto end = std::to_chars(digits.begin(), digits.end(), piece.size(), 16).ptr;
      HF_CO_TRY(
          co_await Write(chunked ? Cat(std::string_view(digits.data(), end), "\r\n", piece, "\r\n") : piece));
    }
    piece = HF_CO_TRY(co_await reply->more());
    if (piece.empty()) break;
  }
  co_return chunked ? co_await Write("0\r\n\r\n") : Status();
}

Task<Status> HttpConnection::Reply(HttpReply reply, const RequestHead* head, RequestHead::After after) {
  std::string text = ReplyHead(reply, head->version, after);
  const bool with_body = head->method != "HEAD" && HasBody(reply.status);
  if (with_body && !reply.more) text += reply.body;
  HF_CO_TRY(co_await Write(text));
  if (with_body && reply.more) HF_CO_TRY(co_await Pieces(&reply, head->version));
  co_return Status();
}

}  // namespace holdfast
