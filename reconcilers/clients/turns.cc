#include "reconcilers/clients/turns.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace holdfast::clients {

namespace asio = boost::asio;

Task<void> NextTurn() { co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable); }

Task<Slots::Held> Slots::Take(Clock& clock, absl::Duration longest) {
  const absl::Duration until = clock.Steady() + longest;
  while (taken_ >= most_) {
    const absl::Duration left = until - clock.Steady();
    if (left <= absl::ZeroDuration()) co_return Held();
    co_await freed_.Wait(clock, left);
  }
  ++taken_;
  co_return Held(this);
}

void Slots::GiveBack() {
  --taken_;
  freed_.Ring();
}

}  // namespace holdfast::clients
