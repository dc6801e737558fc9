#include "controller/api/server.h"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/world/real/http_server.h"

namespace holdfast {

ApiServer::ApiServer(boost::asio::any_io_executor executor, Clock& clock, Api& api)
    : clock_(clock), server_(std::make_unique<HttpServer>(executor, [&api](HttpQuery query) {
        return api.Answer(std::move(query));
      })) {}

ApiServer::~ApiServer() = default;

Status ApiServer::Listen(const ListenAt& at) {
  if (!at.socket.empty()) {
    Result<Listener> listener = Listener::Unix(at.socket, kSocketMode);
    if (!listener.ok()) return Annotate(listener.status(), Cat("socket ", at.socket));
    server_->Serve(*std::move(listener));
  }
  if (!at.listen.empty()) {
    Result<Listener> listener = Listener::Tcp(at.listen);
    if (!listener.ok()) return Annotate(listener.status(), Cat("listen ", at.listen));
    Log(Severity::kInfo, "answering", {{"listen", listener->shown()}});
    server_->Serve(*std::move(listener));
  }
  return {};
}

Task<void> ApiServer::Run() {
  namespace asio = boost::asio;
  constexpr absl::Duration kNever = absl::Hours(24);
  co_await asio::this_coro::throw_if_cancelled(false);
  try {
    for (;;) co_await clock_.Sleep(kNever);
  } catch (const boost::system::system_error&) {
    // Cancelled: the answers under way are given first.
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await server_->Stop(kGrace);
}

}  // namespace holdfast
