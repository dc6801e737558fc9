#include "controller/engine/gather.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "controller/base/log.h"
#include "controller/engine/event.h"

namespace holdfast {

Task<void> All(std::vector<Task<void>> pieces) {
  if (pieces.empty()) co_return;
  if (pieces.size() == 1) {
    co_await std::move(pieces[0]);
    co_return;
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  // Shared, so that a piece that ends while this frame is being destroyed still finds them.
  struct Shared {
    explicit Shared(const boost::asio::any_io_executor& on) : done(on) {}
    Event done;
    size_t left = 0;
  };
  const auto shared = std::make_shared<Shared>(executor);
  shared->left = pieces.size();
  for (Task<void>& piece : pieces)
    boost::asio::co_spawn(executor, std::move(piece), [shared](std::exception_ptr error) {
      if (error) Log(Severity::kError, "a piece of work threw");
      if (--shared->left == 0) shared->done.Set();
    });
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  while (shared->left > 0) co_await shared->done.Wait();
}

}  // namespace holdfast
