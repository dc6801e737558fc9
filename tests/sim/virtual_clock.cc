#include "tests/sim/virtual_clock.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace holdfast::sim {

Task<void> VirtualClock::Sleep(absl::Duration duration) {
  if (duration <= absl::ZeroDuration()) co_return;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                  boost::asio::steady_timer::time_point::max());
  Sleeper sleeper{&timer};
  struct Registered {
    VirtualClock& clock;
    Key key;
    ~Registered() { clock.sleepers_.erase(key); }
  } registered{*this, {steady_ + duration, next_++}};
  sleepers_[registered.key] = &sleeper;
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  if (sleeper.is == Sleeper::Is::kAsleep)
    throw boost::system::system_error(boost::asio::error::operation_aborted);
}

std::optional<absl::Duration> VirtualClock::NextWake() const {
  for (const auto& [key, sleeper] : sleepers_)
    if (sleeper->is == Sleeper::Is::kAsleep) return key.first;
  return std::nullopt;
}

void VirtualClock::AdvanceTo(absl::Duration steady) {
  steady_ = std::max(steady_, steady);
  for (const auto& [key, sleeper] : sleepers_) {
    if (key.first > steady_) break;
    if (sleeper->is == Sleeper::Is::kWoken) continue;
    sleeper->is = Sleeper::Is::kWoken;
    sleeper->timer->cancel();
  }
}

}  // namespace holdfast::sim
