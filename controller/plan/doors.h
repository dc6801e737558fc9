// The only way to change the world.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "controller/base/task.h"
#include "controller/plan/action.h"

namespace holdfast {

struct Outcome {
  // kDone: the other side said that it did it, or that it was so already. kRefused: it said no, or was never
  // asked. kUnknown: it may or may not have happened; only an observation can tell.
  enum class Kind { kUnknown, kDone, kRefused } kind = Kind::kUnknown;
  std::string detail;   // for people: what the other side said, bounded, without secrets
  std::string receipt;  // a token of the other side, when it gives one
  bool operator==(const Outcome&) const = default;
};

class Doors {
 public:
  virtual ~Doors() = default;
  // Performs one action and returns within `deadline` whatever happens. Never throws, never retries a write.
  // May be called for several actions at once; what was begun is finished or given up, never repeated.
  virtual Task<Outcome> Perform(Action action, absl::Duration deadline) = 0;

  // How long it takes until the other side's rate has room for the action; zero when it has now, and when
  // nobody counts. Asking takes a place in the line; asking again with the same action tells of the same
  // place.
  virtual absl::Duration RoomIn(const Action& action) {
    (void)action;
    return absl::ZeroDuration();
  }
};

}  // namespace holdfast
