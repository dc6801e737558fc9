// A clock under which nobody waits for real.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "controller/world/clock.h"

namespace holdfast::sim {

// Time stands still until AdvanceTo. One thread.
class VirtualClock : public Clock {
 public:
  explicit VirtualClock(absl::Time start = absl::FromUnixSeconds(1'795'000'000)) : wall_at_zero_(start) {}

  absl::Time Now() const override { return wall_at_zero_ + steady_; }
  absl::Duration Steady() const override { return steady_; }
  Task<void> Sleep(absl::Duration duration) override;

  // When the next sleeper wants to wake; nothing when nobody sleeps.
  std::optional<absl::Duration> NextWake() const;
  // Wakes everybody whose time has come; never goes backwards.
  void AdvanceTo(absl::Duration steady);
  // Someone sets the wall clock.
  void JumpWall(absl::Duration by) { wall_at_zero_ += by; }

 private:
  struct Sleeper {
    boost::asio::steady_timer* timer;
    enum class Is { kAsleep, kWoken } is = Is::kAsleep;
  };
  // The second number keeps the order in which they went to sleep.
  using Key = std::pair<absl::Duration, uint64_t>;

  absl::Time wall_at_zero_;
  absl::Duration steady_ = absl::ZeroDuration();
  std::map<Key, Sleeper*> sleepers_;
  uint64_t next_ = 0;
};

}  // namespace holdfast::sim
