#include "controller/world/real/real_http.h"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/error.hpp>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/world/real/answer_parser.h"
#include "controller/world/real/errno_status.h"
#include "controller/world/real/http_text.h"
#include "controller/world/real/http_url.h"
#include "controller/world/real/transport.h"
#include "controller/world/real/within.h"

namespace holdfast {
namespace asio = boost::asio;
using boost::system::error_code;

struct RealHttp::Call {
  HttpRequest request;
  HttpUrl url;
  Limits limits;
  HttpSink* sink = nullptr;
  std::string peer;       // key of the idle connections
  std::string bytes;      // the whole request
  std::string doing;      // for the message when the time is up
  bool stale = false;     // the connection ended before the first byte of an answer
  bool sent = false;      // all of the request
  bool reusable = false;  // the connection, after this answer
};

namespace {

constexpr size_t kMostUnused = 256 << 10;  // bytes that the parser keeps asking more for
constexpr size_t kReadPiece = 64 << 10;

absl::Duration SteadyNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

Result<std::string> Serialized(const HttpRequest& request, const HttpUrl& url) {
  if (!IsHttpToken(request.method)) return InvalidArgument("the method is not a word");
  std::string fields;
  bool has_host = false, has_authorization = false;
  for (const auto& [name, value] : request.headers) {
    const std::string lower = Lower(name);
    if (!IsHttpToken(name) || !IsHttpFieldValue(value))
      return InvalidArgument(Cat("header ", Excerpt(name, 40), ": not allowed in HTTP"));
    if (lower == "content-length" || lower == "connection" || lower == "transfer-encoding")
      return InvalidArgument(Cat("header ", name, " is not the caller's to set"));
    has_host |= lower == "host";
    has_authorization |= lower == "authorization";
    Append(fields, name, ": ", value, "\r\n");
  }
  std::string out = Cat(request.method, " ", url.target, " HTTP/1.1\r\n");
  if (!has_host) Append(out, "Host: ", url.authority, "\r\n");
  if (!has_authorization && !url.authorization.empty())
    Append(out, "Authorization: ", url.authorization, "\r\n");
  out += fields;
  const bool says_length = !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
  if (says_length) Append(out, "Content-Length: ", request.body.size(), "\r\n");
  Append(out, "Connection: keep-alive\r\n\r\n", request.body);
  return out;
}

Task<int> SendAll(Transport* transport, std::string_view bytes, error_code* error, bool* sent) {
  *error = co_await transport->Write(bytes);
  *sent = !*error;
  co_return 0;
}

// Never the first to finish: the answer is what is waited for, whether or not all could be sent.
Task<int> SendAndRest(Transport* transport, std::string_view bytes, error_code* error, bool* sent) {
  co_await SendAll(transport, bytes, error, sent);
  asio::steady_timer rest(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await rest.async_wait(asio::use_awaitable);
  co_return 0;
}

Status Lost(const error_code& error, const std::string& peer) {
  if (error == asio::ssl::error::stream_truncated)
    return Unavailable("the peer broke off the TLS connection");
  Status status = FromError(error, Subject::kHost, peer);
  return status;
}

// Reads one answer, the interim ones before it included.
Task<Status> ReadAnswer(Transport* transport, std::unique_ptr<AnswerParser>* parser, HttpRequest* request,
                        Limits limits, HttpSink* sink, bool* clean_end, bool* begun, std::string* doing) {
  const auto body = request->method == "HEAD" ? AnswerParser::Body::kNone : AnswerParser::Body::kExpected;
  std::string buffer;
  const auto space = std::make_unique_for_overwrite<char[]>(kReadPiece);
  for (int interim = 0; interim <= RealHttp::kMostInterim; ++interim) {
    *parser = std::make_unique<AnswerParser>(body, RealHttp::kMostHeaderBytes, limits.max_bytes, sink);
    bool closed = false;
    while (!(*parser)->done() && !closed) {
      size_t used = 0;
      if (!buffer.empty()) used = HF_CO_TRY((*parser)->Take(buffer));
      buffer.erase(0, used);
      if ((*parser)->done() || (used > 0 && !buffer.empty())) continue;
      if (buffer.size() > kMostUnused) co_return Unavailable("the answer is not HTTP");
      size_t count = 0;
      const error_code error = co_await transport->Read(asio::buffer(space.get(), kReadPiece), &count);
      buffer.append(space.get(), count);
      *begun |= count > 0;
      if (*begun)
        *doing = Cat("the answer was not complete, ", (*parser)->body_bytes(), " bytes of the body came,");
      if (!error) continue;
      if (error != asio::error::eof) co_return Lost(error, "the connection");
      if (!buffer.empty()) HF_CO_TRY((*parser)->Take(buffer));
      if (!(*parser)->done()) HF_CO_TRY((*parser)->End());
      closed = true;
    }
    const int status = (*parser)->response().status;
    if (status / 100 == 1 && status != 101 && !closed) continue;
    *clean_end = !closed && buffer.empty();
    co_return Status();
  }
  co_return Unavailable(Cat("more than ", RealHttp::kMostInterim, " interim answers"));
}

}  // namespace

RealHttp::RealHttp(Dialer& dialer) : dialer_(dialer), roots_(std::make_unique<TlsRoots>()) {}
RealHttp::~RealHttp() = default;

Task<Result<HttpResponse>> RealHttp::Converse(Call* call, Transport* transport) {
  using asio::experimental::awaitable_operators::operator||;
  std::unique_ptr<AnswerParser> parser;
  error_code send_error;
  bool clean_end = false, begun = false;
  Status status;
  call->stale = call->sent = call->reusable = false;
  call->doing = "no answer";
  auto answer = [&] {
    return ReadAnswer(transport, &parser, &call->request, call->limits, call->sink, &clean_end, &begun,
                      &call->doing);
  };
  if (call->bytes.size() <= kSentFirst) {
    co_await SendAll(transport, call->bytes, &send_error, &call->sent);
    status = co_await answer();
  } else {
    auto first = co_await (answer() || SendAndRest(transport, call->bytes, &send_error, &call->sent));
    status = std::get<0>(std::move(first));
  }
  if (!status.ok()) {
    call->stale = !begun && status.code() == Code::kUnavailable;
    // A peer that answers nothing and takes nothing: why it does not take says more.
    if (call->stale && send_error) status = Lost(send_error, "the connection");
    co_return status;
  }
  call->reusable = clean_end && call->sent && parser->keeps_alive();
  co_return std::move(parser->response());
}

Task<Result<std::unique_ptr<Transport>>> RealHttp::Open(Call* call) {
  call->doing = "no connection";
  const std::string& socket_path = call->request.unix_socket;
  Socket socket = HF_CO_TRY(co_await dialer_.Dial(socket_path.empty() ? call->url.host : socket_path,
                                                  call->url.port, call->limits.deadline));
  if (call->url.scheme == HttpUrl::Scheme::kHttp) co_return PlainTransport(std::move(socket));
  call->doing = "no TLS handshake";
  auto roots = HF_CO_TRY(roots_->For(call->request.ca_file));
  co_return co_await TlsTransport(std::move(socket), std::move(roots), call->url.host);
}

Task<Result<HttpResponse>> RealHttp::Perform(Call* call) {
  std::unique_ptr<Transport> transport = TakeIdle(call->peer);
  const bool reused = transport != nullptr;
  if (!reused) transport = HF_CO_TRY(co_await Open(call));
  auto response = co_await Converse(call, transport.get());
  const bool harmless = call->request.method == "GET" || call->request.method == "HEAD";
  if (!response.ok() && call->stale && reused && harmless) {
    // Closed by its peer as it lay idle. The other idle ones may be as dead: a fresh one settles it.
    transport = HF_CO_TRY(co_await Open(call));
    response = co_await Converse(call, transport.get());
  }
  if (response.ok() && call->reusable) KeepIdle(call->peer, std::move(transport));
  co_return response;
}

Task<Result<HttpResponse>> RealHttp::Send(HttpRequest request, Limits limits, HttpSink* sink) {
  Call call;
  call.url = HF_CO_TRY(ParseHttpUrl(request.url));
  const std::string shown = Cat(Excerpt(request.method, 20), " ", call.url.shown,
                                request.unix_socket.empty() ? "" : Cat(" (", request.unix_socket, ")"));
  auto bytes = Serialized(request, call.url);
  if (!bytes.ok()) co_return Annotate(bytes.status(), shown);
  call.bytes = *std::move(bytes);
  call.peer = Cat(call.url.scheme == HttpUrl::Scheme::kHttps ? "https" : "http", "\n", call.url.host, "\n",
                  call.url.port, "\n", request.unix_socket, "\n", request.ca_file);
  call.request = std::move(request);
  call.request.body.clear();  // it is in the bytes
  call.limits = limits;
  call.sink = sink;
  auto response = co_await Within(Perform(&call), limits.deadline);
  if (!response) co_return DeadlineExceeded(Cat(shown, ": ", call.doing, " within ", Brief(limits.deadline)));
  if (!response->ok()) co_return Annotate(response->status(), shown);
  co_return *std::move(response);
}

std::unique_ptr<Transport> RealHttp::TakeIdle(const std::string& peer) {
  DropExpired();
  const auto found = idle_.find(peer);
  std::unique_ptr<Transport> taken;
  while (found != idle_.end() && taken == nullptr && !found->second.empty()) {
    taken = std::move(found->second.back().transport);  // the one that was used last lives longest
    found->second.pop_back();
    --idle_count_;
    if (taken->Stale()) taken.reset();
  }
  if (found != idle_.end() && found->second.empty()) idle_.erase(found);
  return taken;
}

void RealHttp::KeepIdle(const std::string& peer, std::unique_ptr<Transport> transport) {
  DropExpired();
  if (idle_count_ >= kMostIdle) return;
  std::vector<Idle>& kept = idle_[peer];
  if (kept.size() >= kMostIdlePerPeer) return;
  kept.push_back({std::move(transport), SteadyNow()});
  ++idle_count_;
}

void RealHttp::DropExpired() {
  const absl::Duration now = SteadyNow();
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    idle_count_ -=
        std::erase_if(entry->second, [&](const Idle& idle) { return now - idle.since > kIdleExpiry; });
    entry = entry->second.empty() ? idle_.erase(entry) : std::next(entry);
  }
}

}  // namespace holdfast
