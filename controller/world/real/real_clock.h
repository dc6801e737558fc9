// The machine's clocks behind Clock.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/any_io_executor.hpp>

#include "controller/world/clock.h"

namespace holdfast {

// Engine thread only. Sleepers must be gone before the executor's context is.
class RealClock : public Clock {
 public:
  explicit RealClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  absl::Time Now() const override;
  absl::Duration Steady() const override;  // CLOCK_MONOTONIC
  Task<void> Sleep(absl::Duration duration) override;

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace holdfast
