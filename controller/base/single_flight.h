// A piece of work that one does for all who want it meanwhile.
#pragma once

#include <absl/time/time.h>

#include "controller/base/event.h"
#include "controller/base/task.h"

namespace holdfast {

// Whoever finds it idle constructs a Flight and does the work; the others wait for its end and look again.
// One thread's; outlives its flights.
class SingleFlight {
 public:
  bool under_way() const { return under_way_; }

  // Ends however the work ends, also when whoever does it is cancelled.
  class Flight {
   public:
    explicit Flight(SingleFlight& of) : of_(of) { of_.under_way_ = true; }
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;
    ~Flight() {
      of_.under_way_ = false;
      of_.ended_.Ring();
    }

   private:
    SingleFlight& of_;
  };

  // Returns at the next end.
  Task<void> End() { return ended_.Wait(); }
  // Or when `longest` has passed.
  template <class Clock>
  Task<void> End(Clock& clock, absl::Duration longest) {
    return ended_.Wait(clock, longest);
  }

 private:
  bool under_way_ = false;
  Event ended_;
};

}  // namespace holdfast
