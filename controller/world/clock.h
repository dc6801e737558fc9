// The time, and waiting for it.
#pragma once

#include <absl/time/time.h>

#include "controller/base/task.h"

namespace holdfast {

class Clock {
 public:
  virtual ~Clock() = default;
  // The wall clock: for `until`, time stamps and what people read. It may jump.
  virtual absl::Time Now() const = 0;
  // Since an arbitrary start, never backwards, standing still while the machine sleeps: for waiting and for
  // noticing that the wall clock jumped or that this process was stopped.
  virtual absl::Duration Steady() const = 0;
  // Returns when `duration` has passed on the steady clock; at once when it is not positive. Cancellable.
  virtual Task<void> Sleep(absl::Duration duration) = 0;
};

}  // namespace holdfast
