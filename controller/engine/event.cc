#include "controller/engine/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace holdfast {

Event::Event(const boost::asio::any_io_executor& executor)
    : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

void Event::Set() {
  set_ = true;
  timer_.cancel();
}

Task<void> Event::Wait() {
  if (!set_) co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  set_ = false;
}

}  // namespace holdfast
