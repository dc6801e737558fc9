#include "reconcilers/clients/aws/rates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::aws {

namespace {

enum class Source { kPublished, kGuessed };

// `rate` is Operation::rate, "read" or "write". A published number of calls a second has no burst, because a
// burst beside a second that is used up is one too many.
struct Row {
  std::string_view service, rate;
  Rate limit;
  Source source;
};
constexpr std::array kRows = {
    Row{"cloudwatch", "DeleteAlarms", {3, 1}, Source::kPublished},
    Row{"cloudwatch", "DescribeAlarms", {9, 1}, Source::kPublished},
    Row{"cloudwatch", "DisableAlarmActions", {3, 1}, Source::kPublished},
    Row{"cloudwatch", "EnableAlarmActions", {3, 1}, Source::kPublished},
    Row{"cloudwatch", "GetMetricData", {50, 1}, Source::kPublished},
    Row{"cloudwatch", "ListMetrics", {25, 1}, Source::kPublished},
    Row{"cloudwatch", "PutMetricAlarm", {3, 1}, Source::kPublished},
    Row{"dynamodb", "DescribeLimits", {1.0 / 60, 1}, Source::kPublished},
    Row{"dynamodb", "DescribeTable", {100, 50}, Source::kGuessed},
    Row{"dynamodb", "read", {10, 10}, Source::kGuessed},
    Row{"dynamodb", "write", {1, 3}, Source::kGuessed},  // an account's limiter was measured there
    Row{"ec2", "CreateTags", {10, 100}, Source::kPublished},
    Row{"ec2", "read", {20, 100}, Source::kPublished},
    Row{"ec2", "write", {5, 50}, Source::kPublished},
    Row{"sns", "ListSubscriptions", {30, 1}, Source::kPublished},
    Row{"sns", "ListTopics", {30, 1}, Source::kPublished},
    Row{"sns", "Subscribe", {100, 1}, Source::kPublished},
    Row{"sns", "Unsubscribe", {100, 1}, Source::kPublished},
};
constexpr Rate kGuessedRead = {10, 10}, kGuessedWrite = {5, 5};
constexpr double kReadShare = 0.5;

std::string_view ClassOf(const Operation& operation) {
  if (!operation.rate.empty()) return operation.rate;
  return operation.effect == Effect::kWrite ? "write" : "read";
}

}  // namespace

Rate RateOf(const Operation& operation) {
  const auto row = std::ranges::find_if(kRows, [&](const Row& one) {
    return one.service == operation.service && one.rate == ClassOf(operation);
  });
  const bool is_write = operation.effect == Effect::kWrite;
  if (row == kRows.end()) return is_write ? kGuessedWrite : kGuessedRead;
  if (is_write || row->source == Source::kGuessed) return row->limit;
  return {row->limit.per_second * kReadShare, std::max(1.0, row->limit.burst * kReadShare)};
}

// Holds a place in the line, and lets the next one know when it is given up.
class Bucket::Place {
 public:
  Place(Bucket& bucket, std::list<Waiter*>& line) : bucket_(bucket), line_(line) {
    line_.push_back(&waiter_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    line_.remove(&waiter_);
    if (Waiter* next = bucket_.Next()) next->event.Ring();
  }
  bool is_next() { return bucket_.Next() == &waiter_; }
  Event& event() { return waiter_.event; }

 private:
  Bucket& bucket_;
  std::list<Waiter*>& line_;
  Waiter waiter_;
};

Bucket::Waiter* Bucket::Next() {
  if (!writers_.empty()) return writers_.front();
  return readers_.empty() ? nullptr : readers_.front();
}

void Bucket::Refill(absl::Duration now) {
  if (throttled_at_ > -absl::InfiniteDuration()) {
    // Slow around the rate that was too much, faster away from it; never above the seed.
    const double passed = absl::ToDoubleSeconds(now - throttled_at_);
    const double level_at = std::cbrt(before_throttle_ * (1 - kSlowDown) / kRecovery);
    rate_ = std::clamp(kRecovery * std::pow(passed - level_at, 3) + before_throttle_,
                       std::min(kLeastPerSecond, seed_.per_second), seed_.per_second);
  }
  if (now <= filled_at_) return;
  tokens_ = std::min(seed_.burst, tokens_ + rate_ * absl::ToDoubleSeconds(now - filled_at_));
  filled_at_ = now;
}

// A token that is due in less than a microsecond is there.
absl::Duration Bucket::Due(absl::Duration now) const {
  constexpr double kAlmost = 1 - 1e-6;
  const absl::Duration until_open = std::max(absl::ZeroDuration(), closed_until_ - now);
  if (tokens_ >= kAlmost) return until_open;
  return std::max(until_open, absl::Seconds((1 - tokens_) / rate_));
}

Task<Status> Bucket::Take(Clock& clock, Effect effect, absl::Duration longest) {
  const absl::Duration until = clock.Steady() + longest;
  Place place(*this, effect == Effect::kWrite ? writers_ : readers_);
  while (true) {
    const absl::Duration now = clock.Steady();
    Refill(now);
    const absl::Duration due = place.is_next() ? Due(now) : absl::InfiniteDuration();
    if (due <= absl::ZeroDuration()) break;
    if (now >= until || (place.is_next() && now + due > until))
      co_return ResourceExhausted(Cat("the rate of ", rate_, " calls a second is used up",
                                      place.is_next() ? Cat(" for ", Brief(due)) : " by calls before this"));
    co_await place.event().Wait(clock, std::min(due, until - now));
  }
  tokens_ -= 1;
  co_return Status();
}

// The generic cell rate algorithm: a burst goes at once, the rest at the distance that the rate wants.
absl::Duration Bucket::RoomIn(const std::string& place, absl::Duration now) {
  Refill(now);
  while (!places_.empty() && turns_[places_.front()] + kTurnKept < now) {
    turns_.erase(places_.front());
    places_.pop_front();
  }
  const auto [kept, is_new] = turns_.try_emplace(place, now);
  if (is_new) {
    const absl::Duration gap = absl::Seconds(1 / rate_);
    all_gone_ = std::max(all_gone_, now) + gap;
    kept->second = std::max({now, closed_until_, all_gone_ - seed_.burst * gap});
    places_.push_back(place);
  }
  return std::max(kept->second - now, absl::ZeroDuration());
}

void Bucket::Throttled(absl::Duration now, absl::Duration not_before) {
  Refill(now);
  // Calls that were under way together are refused together; that is one lesson and not ten.
  constexpr absl::Duration kSameLesson = absl::Seconds(1);
  if (now - throttled_at_ > kSameLesson) {
    before_throttle_ = rate_;
    rate_ = std::max(std::min(kLeastPerSecond, seed_.per_second), rate_ * kSlowDown);
    throttled_at_ = now;
  }
  tokens_ = std::min(tokens_, 0.0);
  if (not_before > absl::ZeroDuration())
    closed_until_ = std::max(closed_until_, now + std::min(not_before, kMostAskedWait));
}

void Bucket::Succeeded(absl::Duration now) {
  Refill(now);
  if (rate_ >= seed_.per_second) throttled_at_ = -absl::InfiniteDuration();
}

std::string Buckets::KeyOf(std::string_view account, std::string_view region, const Operation& operation) {
  return Cat(account, "/", region, "/", operation.service, "/", ClassOf(operation));
}

Bucket& Buckets::Of(std::string_view account, std::string_view region, const Operation& operation) {
  std::unique_ptr<Bucket>& bucket = buckets_[KeyOf(account, region, operation)];
  if (!bucket) bucket = std::make_unique<Bucket>(RateOf(operation));
  return *bucket;
}

}  // namespace holdfast::aws
