// Work with a deadline: the work is cancelled when the time is up.
#pragma once

#include <absl/time/time.h>

#include <algorithm>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "controller/base/task.h"

namespace holdfast {

// Longer waits would overflow the timer's clock.
inline constexpr absl::Duration kLongestTimer = absl::Hours(24 * 3650);

inline std::chrono::nanoseconds TimerDuration(absl::Duration duration) {
  return absl::ToChronoNanoseconds(std::clamp(duration, absl::ZeroDuration(), kLongestTimer));
}

// What `work` returned, or nothing when `deadline` passed first (what the work returns then is thrown away);
// by then the work has ended and its locals are gone. Cancellation from outside passes as
// boost::system::system_error, never as Asio's multiple_exceptions.
template <class T>
Task<std::optional<T>> Within(Task<T> work, absl::Duration deadline) {
  namespace asio = boost::asio;
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, TimerDuration(deadline));
  auto [order, failure, value, late] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, std::move(work), asio::deferred), timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (order[0] == 1 && !late) co_return std::nullopt;
  // Work that takes its errors as values may return one that says "cancelled": that must not pass for an
  // answer.
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
  if (failure) std::rethrow_exception(failure);
  co_return std::optional<T>(std::move(value));
}

}  // namespace holdfast
