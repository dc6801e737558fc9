// Moments and durations as people and machines write them.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// RFC 3339 in UTC with milliseconds when there are any: "2026-11-23T18:00:00Z". Infinite times are "".
std::string Rfc3339(absl::Time time);
// Accepts RFC 3339 with a zone (`Z` or an offset) only.
std::optional<absl::Time> ParseRfc3339(std::string_view text);

// For people, two units at most: "850ms", "9s", "4m 10s", "2h 5m", "3d 4h".
std::string Brief(absl::Duration duration);

// As specs write them: 500ms, 30s, 5m, 1h30m, 2d, 1w. Never negative, never without a unit.
std::optional<absl::Duration> ParseDuration(std::string_view text);
// The shortest form that ParseDuration reads back as the same: "1h30m".
std::string DurationText(absl::Duration duration);

}  // namespace holdfast
