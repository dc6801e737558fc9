#include "controller/world/real/real_clock.h"

#include <absl/time/clock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>

#include "controller/world/real/within.h"

namespace holdfast {

absl::Time RealClock::Now() const { return absl::Now(); }

absl::Duration RealClock::Steady() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

Task<void> RealClock::Sleep(absl::Duration duration) {
  if (duration <= absl::ZeroDuration()) co_return;
  boost::asio::steady_timer timer(executor_, TimerDuration(duration));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace holdfast
