// One connection to our HTTP server, from its first request to its last.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controller/world/http_query.h"
#include "controller/world/real/dialer.h"
#include "controller/world/real/http_server.h"
#include "controller/world/real/request_shape.h"

namespace holdfast {

class HttpConnection {
 public:
  enum class Busy { kNo, kYes };

  // `listener`, `handler` and `limits` must outlive it. Nothing when the peer has gone again.
  static std::unique_ptr<HttpConnection> Make(boost::asio::any_io_executor executor, Descriptor descriptor,
                                              const Listener& listener, const HttpHandler& handler,
                                              const HttpServerLimits& limits);
  // Says 503 as far as that goes without waiting.
  static void TurnAway(int descriptor);

  Task<void> Run();
  // The request under way is the last; kNo when there is none.
  Busy Finish() {
    finishing_ = true;
    return busy_;
  }

 private:
  enum class Next { kRequest, kClose };

  HttpConnection(Socket socket, HttpPeer peer, const Listener& listener, const HttpHandler& handler,
                 const HttpServerLimits& limits)
      : socket_(std::move(socket)),
        peer_(std::move(peer)),
        listener_(listener),
        handler_(handler),
        limits_(limits) {}

  Task<Next> OneRequest();
  Task<int> FillHead();  // until the header is in the buffer, is too long, or the peer has closed
  Task<Next> Refuse(RequestProblem problem);
  std::optional<RequestProblem> Policy(const RequestHead& head) const;
  Task<std::optional<RequestProblem>> TakeBody(const RequestHead* head, std::string* body);
  Task<HttpReply> Answer(HttpQuery query);
  Task<Status> Reply(HttpReply reply, const RequestHead* head, RequestHead::After after);
  Task<Status> Pieces(HttpReply* reply, RequestHead::Version version);
  Task<Status> Write(std::string_view bytes);
  Task<Status> ReadMore();
  Task<int> Linger();

  Socket socket_;
  HttpPeer peer_;
  const Listener& listener_;
  const HttpHandler& handler_;
  const HttpServerLimits& limits_;
  std::string buffer_;  // bytes that have come and are not used yet
  std::optional<size_t> head_length_;
  Busy busy_ = Busy::kNo;
  size_t answered_ = 0;
  bool finishing_ = false;
};

}  // namespace holdfast
