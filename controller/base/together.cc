#include "controller/base/together.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "controller/base/log.h"

namespace holdfast {

Task<void> Together(std::vector<Task<void>> pieces) {
  namespace asio = boost::asio;
  if (pieces.empty()) co_return;
  if (pieces.size() == 1) {
    co_await std::move(pieces[0]);
    co_return;
  }
  const auto executor = co_await asio::this_coro::executor;
  // Shared, so that a piece that ends while this frame is being destroyed still finds them. The timer never
  // expires: cancelling it is how Asio wakes who sleeps.
  struct Shared {
    explicit Shared(const asio::any_io_executor& on) : over(on, asio::steady_timer::time_point::max()) {}
    asio::steady_timer over;
    size_t left = 0;
  };
  const auto shared = std::make_shared<Shared>(executor);
  shared->left = pieces.size();
  for (Task<void>& piece : pieces)
    asio::co_spawn(executor, std::move(piece), [shared](std::exception_ptr error) {
      if (error) Log(Severity::kError, "a piece of work threw");
      if (--shared->left == 0) shared->over.cancel();
    });
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  while (shared->left > 0) co_await shared->over.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace holdfast
