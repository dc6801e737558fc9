// Who of an account's alarms is written next, when the rate does not allow all at once.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>

#include "controller/kind/systems.h"
#include "reconcilers/cloudwatch_alarm/spec.h"

namespace holdfast::alarm {

// `systems.Use<WriteTurns>()`. Forgets who does not come again. Loop thread only.
class WriteTurns {
 public:
  WriteTurns(World& world, Waker&) : clock_(world.clock) {}

  // `self` wants to write. Gives how many more severe ones of the same `account` want to, too. One that could
  // have gone for kPatience, and did not, is held by something else and is not counted.
  size_t Want(const std::string& account, Severity severity, const ResourceKey& self);
  void Done(const ResourceKey& self) { waiting_.erase(self); }

  static constexpr absl::Duration kPatience = absl::Minutes(2);
  static constexpr absl::Duration kForgotten = absl::Minutes(1);

 private:
  struct Waiting {
    std::string account;
    Severity severity = Severity::kNormal;
    absl::Duration since, seen;  // on the steady clock
  };
  Clock& clock_;
  std::map<ResourceKey, Waiting> waiting_;
  absl::Duration swept_at_;
};

}  // namespace holdfast::alarm
