#include "reconcilers/clients/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <list>

namespace holdfast::clients {

namespace asio = boost::asio;

Task<void> NextTurn() { co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable); }

namespace {

// A timer that never expires is Asio's way to sleep until somebody cancels it.
struct Waiter {
  explicit Waiter(const asio::any_io_executor& executor)
      : timer(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;
  bool rung = false;
};

}  // namespace

struct Event::Waiters {
  std::list<Waiter*> list;
};

Event::Event() : waiters_(std::make_shared<Waiters>()) {}
Event::~Event() { Ring(); }

Task<void> Event::Wait() {
  struct Listed {
    std::shared_ptr<Waiters> waiters;
    std::list<Waiter*>::iterator at;
    ~Listed() { waiters->list.erase(at); }
  };
  const std::shared_ptr<Waiters> waiters = waiters_;
  Waiter waiter(co_await asio::this_coro::executor);
  const Listed listed{waiters, waiters->list.insert(waiters->list.end(), &waiter)};
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!waiter.rung) throw boost::system::system_error(asio::error::operation_aborted);
}

Task<void> Event::Wait(Clock& clock, absl::Duration longest) {
  using namespace asio::experimental::awaitable_operators;
  if (longest <= absl::ZeroDuration()) co_return;
  if (longest == absl::InfiniteDuration()) co_return co_await Wait();
  co_await (Wait() || clock.Sleep(longest));
}

void Event::Ring() {
  for (Waiter* waiter : waiters_->list) {
    waiter->rung = true;
    waiter->timer.cancel();
  }
}

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
