#include "reconcilers/service_stack/together.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "controller/base/log.h"
#include "reconcilers/clients/event.h"

namespace holdfast::stack {

Task<void> Together(std::vector<Task<void>> pieces) {
  if (pieces.empty()) co_return;
  if (pieces.size() == 1) {
    co_await std::move(pieces[0]);
    co_return;
  }
  struct Shared {
    clients::Event over;
    size_t left = 0;
  };
  const auto shared = std::make_shared<Shared>();
  shared->left = pieces.size();
  const auto executor = co_await boost::asio::this_coro::executor;
  for (Task<void>& piece : pieces)
    boost::asio::co_spawn(executor, std::move(piece), [shared](std::exception_ptr error) {
      if (error) Log(Severity::kError, "a read of a stack threw");
      if (--shared->left == 0) shared->over.Ring();
    });
  // What was begun is waited for: a look that is given up half-way would leave its readers alone.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  while (shared->left > 0) co_await shared->over.Wait();
}

}  // namespace holdfast::stack
