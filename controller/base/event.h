// Something that coroutines wait for until it is rung.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <memory>

#include "controller/base/task.h"

namespace holdfast {

// Rings are counted, not flagged, so that none is lost: read `rings()`, look at your condition, then wait for
// a ring since. One thread's; the waiters may outlive it and are rung by its end.
class Event {
 public:
  Event();
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void Ring();
  uint64_t rings() const { return rings_; }

  // Returns at the next ring; there is no memory, so check your condition before and after.
  Task<void> Wait();
  // Returns at once when it was rung since `rings()` was `heard`, else at the next ring.
  Task<void> WaitSince(uint64_t heard);
  // Returns when rung or when `longest` has passed, whichever comes first. `clock` has Sleep(absl::Duration).
  template <class Clock>
  Task<void> Wait(Clock& clock, absl::Duration longest) {
    using namespace boost::asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace)
    if (longest <= absl::ZeroDuration()) co_return;
    if (longest == absl::InfiniteDuration()) co_return co_await Wait();
    co_await (Rung() || clock.Sleep(longest));
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
      throw boost::system::system_error(boost::asio::error::operation_aborted);
  }

 private:
  struct Waiters;
  // As Wait, but ends with false where that would throw: a time that has passed is nothing rare.
  Task<bool> Rung();
  std::shared_ptr<Waiters> waiters_;
  uint64_t rings_ = 0;
};

}  // namespace holdfast
