#include "controller/world/real/dialer.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <ctime>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/world/real/errno_status.h"
#include "controller/world/real/within.h"

namespace holdfast {
namespace asio = boost::asio;
using asio::generic::stream_protocol;
namespace {

absl::Duration SteadyNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

std::string NameOf(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? Cat("[", address, "]:", endpoint.port())
                                    : Cat(address, ":", endpoint.port());
}

// Its own result type, because a socket has no default.
Task<Status> ConnectTo(Socket* socket, stream_protocol::endpoint endpoint, Subject subject,
                       std::string name) {
  boost::system::error_code error;
  socket->open(endpoint.protocol(), error);
  if (!error) std::tie(error) = co_await socket->async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
  co_return FromError(error, subject, name);
}

Status TooLate(const std::string& name, absl::Duration deadline) {
  return DeadlineExceeded(Cat(name, ": no connection within ", Brief(deadline)));
}

}  // namespace

Task<Result<Socket>> Dialer::DialUnix(std::string path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    co_return InvalidArgument(Cat(path, ": the path of a unix socket has at most 107 bytes"));
  Socket socket(executor_);
  HF_CO_TRY(
      co_await ConnectTo(&socket, asio::local::stream_protocol::endpoint(path), Subject::kUnixSocket, path));
  co_return socket;
}

Task<Result<Socket>> Dialer::DialHost(std::string host, uint16_t port, absl::Duration deadline) {
  const absl::Duration end = SteadyNow() + deadline;
  const auto addresses = HF_CO_TRY(co_await resolver_.Resolve(host));
  Status last;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const asio::ip::tcp::endpoint endpoint(addresses[i], port);
    const std::string name =
        endpoint.address().to_string() == host ? NameOf(endpoint) : Cat(host, " (", NameOf(endpoint), ")");
    const absl::Duration share = (end - SteadyNow()) / static_cast<int64_t>(addresses.size() - i);
    Socket socket(executor_);
    const auto connected =
        co_await Within(ConnectTo(&socket, stream_protocol::endpoint(endpoint), Subject::kHost, name), share);
    if (connected && connected->ok()) {
      const int on = 1;
      ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      co_return socket;
    }
    const Status failed = connected ? *connected : TooLate(name, deadline);
    // What the other side did says more than that we have, for example, no IPv6 route to its other address.
    if (last.ok() || last.code() == Code::kLocal) last = failed;
    if (failed.code() == Code::kLocal && last.code() == Code::kLocal) last = failed;
  }
  co_return last;
}

Task<Result<Socket>> Dialer::Dial(std::string host, uint16_t port, absl::Duration deadline) {
  const bool is_path = host.starts_with('/');
  const std::string name = is_path ? host : Cat(host, ":", port);
  auto dialled = co_await Within(is_path ? DialUnix(host) : DialHost(host, port, deadline), deadline);
  if (!dialled) co_return TooLate(name, deadline);
  co_return *std::move(dialled);
}

}  // namespace holdfast
