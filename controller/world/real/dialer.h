// Connections to hosts and unix sockets.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <string>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/real/resolver.h"

namespace holdfast {

using Socket = boost::asio::generic::stream_protocol::socket;

// Shared by RealNet and RealHttp; outlives both. Engine thread only.
class Dialer {
 public:
  explicit Dialer(boost::asio::any_io_executor executor) : executor_(executor), resolver_(executor) {}

  // As Net::Connect. Of several addresses each gets its share of the time, so that a dead one does not use it
  // up.
  Task<Result<Socket>> Dial(std::string host, uint16_t port, absl::Duration deadline);

 private:
  Task<Result<Socket>> DialHost(std::string host, uint16_t port, absl::Duration deadline);
  Task<Result<Socket>> DialUnix(std::string path);

  boost::asio::any_io_executor executor_;
  Resolver resolver_;
};

}  // namespace holdfast
