// A small HTTP/1.1 server for people's tools and for monitoring.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "controller/world/http_query.h"
#include "controller/world/real/listener.h"

namespace holdfast {

// How much one server takes upon itself.
struct HttpServerLimits {
  size_t most_connections = 256;             // per listener; one more gets 503 at once
  size_t most_requests = 1000;               // per connection
  absl::Duration head = absl::Seconds(10);   // for the whole header, from its first byte or the connection
  absl::Duration body = absl::Seconds(30);   // for the whole body
  absl::Duration idle = absl::Seconds(60);   // between two requests
  absl::Duration write = absl::Seconds(30);  // for each kWritePiece of the answer to be taken
  // kReading: any method but GET and HEAD is 403. kEverything is for servers that stand in for others.
  enum class OverTcp { kReading, kEverything } over_tcp = OverTcp::kReading;
};

// What has not the right shape (request_shape.h) never reaches the handler. Over TCP a Host that is not ours
// is 403, and so is, unless its limits say otherwise, every method that changes something. Engine thread
// only.
class HttpServer {
 public:
  static constexpr size_t kWritePiece = 256 << 10;

  HttpServer(boost::asio::any_io_executor executor, HttpHandler handler, HttpServerLimits limits = {});
  // Breaks off everything; handlers under way are cancelled and end when the loop runs next. Call Stop
  // before, so that what the handler refers to may go.
  ~HttpServer();

  // From now on, until Stop.
  void Serve(Listener listener);
  // No new connections, idle ones are closed, requests under way get `grace` to be answered; then they are
  // cancelled. Returns when no handler runs any more.
  Task<void> Stop(absl::Duration grace);

  size_t connections() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace holdfast
