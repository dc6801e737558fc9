// How often a service may be asked, and the buckets that keep us below it.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "controller/base/event.h"
#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/clock.h"
#include "reconcilers/clients/aws/service.h"

namespace holdfast::aws {

struct Rate {
  double per_second = 1;
  double burst = 1;
  bool operator==(const Rate&) const = default;
};
// The published rate of the operation, or a cautious guess where none is published. Of a rate that is shared
// with everybody else in the account, reads take half.
Rate RateOf(const Operation& operation);

// A token bucket that slows down when the service says so and finds back to its seed.
class Bucket {
 public:
  explicit Bucket(Rate seed) : seed_(seed), rate_(seed.per_second), tokens_(seed.burst) {}
  Bucket(const Bucket&) = delete;
  Bucket& operator=(const Bucket&) = delete;

  // Waits for a token: writes before reads, else in the order of asking. ResourceExhausted when none can come
  // within `longest`; then no token is taken.
  Task<Status> Take(Clock& clock, Effect effect, absl::Duration longest);
  // How long until the turn of what `place` names, when everybody goes in the order of asking here; zero when
  // it has come. A place is kept until kTurnKept after its turn, and takes nothing: Take does.
  absl::Duration RoomIn(const std::string& place, absl::Duration now);
  // The service refused a call for its rate; `not_before` is how long it asked us to wait, or zero.
  void Throttled(absl::Duration now, absl::Duration not_before);
  void Succeeded(absl::Duration now);

  double per_second() const { return rate_; }
  size_t waiting() const { return writers_.size() + readers_.size(); }

  static constexpr double kSlowDown = 0.7;  // of the rate, for each throttled call
  static constexpr double kRecovery = 0.4;  // how steep the way back is; as in the SDKs' cubic function
  static constexpr double kLeastPerSecond = 0.1;
  static constexpr absl::Duration kMostAskedWait = absl::Seconds(20);
  static constexpr absl::Duration kTurnKept = absl::Minutes(1);

 private:
  struct Waiter {
    Event event;
  };
  class Place;

  void Refill(absl::Duration now);
  Waiter* Next();
  absl::Duration Due(absl::Duration now) const;

  const Rate seed_;
  double rate_;
  double tokens_;
  absl::Duration filled_at_;
  absl::Duration closed_until_;
  double before_throttle_ = 0;  // the rate at which it was throttled last
  absl::Duration throttled_at_ = -absl::InfiniteDuration();
  std::list<Waiter*> writers_, readers_;
  absl::flat_hash_map<std::string, absl::Duration> turns_;  // by place
  std::deque<std::string> places_;                          // in the order of their turns
  absl::Duration all_gone_ = -absl::InfiniteDuration();     // when the last of them would have used its share
};

// One bucket for each account, region, service and rate class.
class Buckets {
 public:
  Bucket& Of(std::string_view account, std::string_view region, const Operation& operation);
  static std::string KeyOf(std::string_view account, std::string_view region, const Operation& operation);

 private:
  std::map<std::string, std::unique_ptr<Bucket>> buckets_;
};

}  // namespace holdfast::aws
