// The event loop of a simulated process, which can be dropped as by kill -9.
#pragma once

#include <absl/time/time.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "controller/base/task.h"
#include "tests/sim/virtual_clock.h"

namespace holdfast::sim {

class Loop {
 public:
  explicit Loop(VirtualClock& clock) : clock_(clock) {}

  boost::asio::any_io_executor executor() { return io_->get_executor(); }

  // Destroys every coroutine where it stands. What they refer to must still be there; what they were made on
  // may be destroyed afterwards. A new context follows with Renew.
  void Drop() { io_->Shutdown(); }
  void Renew() {
    io_ = std::make_unique<Context>();
    halted_ = Halted::kNo;
  }

  // From within a coroutine: nothing else runs on this loop any more. What is suspended stays where it is.
  void Halt() {
    halted_ = Halted::kYes;
    io_->stop();
  }
  bool halted() const { return halted_ == Halted::kYes; }

  // Runs everything that is ready now.
  void Settle() {
    if (halted()) return;
    do io_->restart();
    while (io_->poll() > 0 && !halted());
  }

  // Runs until `done` says so or `longest` of simulated time has passed; tells whether `done`. `done` is
  // asked whenever everything waits.
  bool RunUntil(const std::function<bool()>& done, absl::Duration longest) {
    const absl::Duration end = clock_.Steady() + longest;
    while (true) {
      Settle();
      if (halted()) return false;
      if (done()) return true;
      const std::optional<absl::Duration> next = clock_.NextWake();
      if (clock_.Steady() >= end) return false;
      clock_.AdvanceTo(next ? std::min(*next, end) : end);
    }
  }
  void RunFor(absl::Duration duration) {
    (void)RunUntil([] { return false; }, duration);
  }

  // The task's value; time passes as far as the task needs.
  template <class T>
  T Await(Task<T> task, absl::Duration longest = absl::Hours(1)) {
    std::optional<T> value;
    std::exception_ptr failure;
    boost::asio::co_spawn(executor(), std::move(task), [&](std::exception_ptr thrown, T result) {
      failure = thrown;
      value = std::move(result);
    });
    if (!RunUntil([&] { return value.has_value(); }, longest))
      throw std::runtime_error("the task did not end");
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }

 private:
  struct Context : boost::asio::io_context {
    Context() : io_context(1) {}
    void Shutdown() { shutdown(); }
  };
  VirtualClock& clock_;
  enum class Halted { kNo, kYes } halted_ = Halted::kNo;
  std::unique_ptr<Context> io_ = std::make_unique<Context>();
};

}  // namespace holdfast::sim
