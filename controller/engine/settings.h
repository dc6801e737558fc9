// Every number of the engine, named.
#pragma once

#include <absl/time/time.h>

#include <cstddef>

namespace holdfast {

struct Settings {
  int rounds_at_once = 64;                     // W
  size_t most_slow_rounds = 8192;              // rounds that hang in Observe and do not count against W
  absl::Duration patience = absl::Seconds(1);  // longer in Observe: slow, its place goes to another
  absl::Duration observe_deadline = absl::Seconds(60);    // longer: unknown, "the look did not come back"
  absl::Duration share_within = absl::Milliseconds(500);  // reads this young may serve several resources
  // Due times closer than this are served by one turn of the loop; what is asked for starts at once.
  absl::Duration tick = absl::Milliseconds(20);
  double jitter = 0.1;  // of the interval, both ways

  absl::Duration backoff_first = absl::Seconds(1);
  absl::Duration backoff_max = absl::Minutes(5);

  int fight_limit = 3;                           // the same effect undone so often …
  absl::Duration fight_window = absl::Hours(1);  // … in this time: stop and say so

  absl::Duration journal_retry = absl::Seconds(5);  // how often a disk that failed is tried again
  absl::Duration approval_valid = absl::Hours(1);
  absl::Duration attempts_kept = absl::Hours(24);
  size_t most_attempts = 1000;       // per resource
  size_t most_steps_at_once = 2000;  // of one stage; the rest goes in the next round
  absl::Duration calm_after_disturbance =
      absl::Seconds(5);                               // after the clock jumped or this process stood still
  absl::Duration sick_look_again = absl::Seconds(5);  // with steps held by our own sickness: is it over?
  absl::Duration stop_grace = absl::Seconds(25);      // how long a stop waits for steps under way
};

}  // namespace holdfast
