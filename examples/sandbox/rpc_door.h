// A supervisord of the model, asked over its socket.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/clock.h"
#include "controller/world/http_query.h"
#include "examples/sandbox/hosts.h"
#include "examples/sandbox/scenario.h"
#include "examples/sandbox/silence.h"

namespace holdfast {
class HttpServer;
}

namespace holdfast::sandbox {

// Engine thread only. What it refers to outlives the loop.
class RpcDoor {
 public:
  // A start or stop that is to be waited for is answered after this at the latest.
  static constexpr absl::Duration kLongestWait = absl::Minutes(10);

  RpcDoor(boost::asio::any_io_executor executor, Hosts& hosts, Clock& clock, Supervisord supervisord);
  ~RpcDoor();

  const Supervisord& supervisord() const { return supervisord_; }
  // One with a unix socket is on this machine, so it can always be reached.
  bool CanBeMute() const { return supervisord_.socket.empty(); }

  // Each may be called again and again. Closing cuts off requests under way.
  Status Open();
  Task<void> Close();
  // Attempts to connect get no answer; only when it CanBeMute.
  Task<Status> Mute();

 private:
  Task<HttpReply> Answer(HttpQuery query);
  bool IsAllowed(const HttpQuery& query) const;
  // What a start or stop with `wait` comes to; nothing when there is nothing to wait for.
  Task<std::optional<std::string>> Outcome(std::string request);

  boost::asio::any_io_executor executor_;
  Hosts& hosts_;
  Clock& clock_;
  const Supervisord supervisord_;
  std::unique_ptr<HttpServer> server_;
  std::optional<Silence> silence_;
};

}  // namespace holdfast::sandbox
