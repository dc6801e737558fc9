#include "controller/base/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>

namespace holdfast {

namespace asio = boost::asio;

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
  if (!co_await Rung()) throw boost::system::system_error(asio::error::operation_aborted);
}

Task<bool> Event::Rung() {
  struct Listed {
    std::shared_ptr<Waiters> waiters;
    std::list<Waiter*>::iterator at;
    ~Listed() { waiters->list.erase(at); }
  };
  const std::shared_ptr<Waiters> waiters = waiters_;
  Waiter waiter(co_await asio::this_coro::executor);
  const Listed listed{waiters, waiters->list.insert(waiters->list.end(), &waiter)};
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return waiter.rung;
}

Task<void> Event::WaitSince(uint64_t heard) {
  if (rings_ == heard) co_await Wait();
}

void Event::Ring() {
  ++rings_;
  for (Waiter* waiter : waiters_->list) {
    waiter->rung = true;
    waiter->timer.cancel();
  }
}

}  // namespace holdfast
