// Something that coroutines wait for until it is rung.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
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
    co_await (Wait() || clock.Sleep(longest));
  }

 private:
  struct Waiters;
  std::shared_ptr<Waiters> waiters_;
  uint64_t rings_ = 0;
};

}  // namespace holdfast
