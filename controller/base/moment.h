// A time that takes eight bytes.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <limits>

namespace holdfast {

// Reads like an absl::Time, to the microsecond; both infinities stay what they are. For times that there are
// many of.
class Moment {
 public:
  Moment() = default;  // InfinitePast
  // What lies beyond the range becomes its end.
  Moment(absl::Time time) : micros_(absl::ToUnixMicros(time)) {}  // NOLINT: `since = now`
  operator absl::Time() const {                                   // NOLINT: it is one
    if (micros_ == kPast) return absl::InfinitePast();
    if (micros_ == kFuture) return absl::InfiniteFuture();
    return absl::FromUnixMicros(micros_);
  }

 private:
  static constexpr int64_t kPast = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kFuture = std::numeric_limits<int64_t>::max();

  int64_t micros_ = kPast;
};

}  // namespace holdfast
