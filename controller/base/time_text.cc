#include "controller/base/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "controller/base/text.h"

namespace holdfast {

std::string Rfc3339(absl::Time time) {
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return {};
  const bool whole = absl::ToUnixMillis(time) % 1000 == 0;
  return absl::FormatTime(whole ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%E3SZ",
                          absl::FromUnixMillis(absl::ToUnixMillis(time)), absl::UTCTimeZone());
}

std::optional<absl::Time> ParseRfc3339(std::string_view text) {
  // absl is laxer than RFC 3339 (spaces, "infinite-future"), so the shape is checked first.
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() < kShape.size() + 1 || text.size() > 40) return std::nullopt;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) return std::nullopt;
  }
  std::string_view tail = text.substr(kShape.size());
  if (tail[0] == '.') {
    const size_t digits = std::min(tail.find_first_not_of("0123456789", 1), tail.size());
    if (digits == 1) return std::nullopt;
    tail.remove_prefix(digits);
  }
  const auto is_digit = [&](size_t at) { return tail[at] >= '0' && tail[at] <= '9'; };
  const bool is_offset = tail.size() == 6 && (tail[0] == '+' || tail[0] == '-') && is_digit(1) &&
                         is_digit(2) && tail[3] == ':' && is_digit(4) && is_digit(5);
  if (tail != "Z" && !is_offset) return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &time, &error))
    return std::nullopt;
  return time;
}

std::string Brief(absl::Duration duration) {
  if (duration < absl::ZeroDuration()) return Cat("-", Brief(-duration));
  if (duration == absl::InfiniteDuration()) return "for ever";
  if (duration < absl::Seconds(1)) return Cat(absl::ToInt64Milliseconds(duration), "ms");
  const int64_t seconds = absl::ToInt64Seconds(duration);
  const auto pair = [](int64_t big, std::string_view big_unit, int64_t small, std::string_view small_unit) {
    return small == 0 ? Cat(big, big_unit) : Cat(big, big_unit, " ", small, small_unit);
  };
  if (seconds < 60) return Cat(seconds, "s");
  if (seconds < 3600) return pair(seconds / 60, "m", seconds % 60, "s");
  if (seconds < 86400) return pair(seconds / 3600, "h", seconds % 3600 / 60, "m");
  return pair(seconds / 86400, "d", seconds % 86400 / 3600, "h");
}

namespace {
struct Unit {
  std::string_view name;
  int64_t milliseconds;
};
constexpr std::array<Unit, 6> kUnits = {
    {{"w", 604'800'000}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
}  // namespace

std::optional<absl::Duration> ParseDuration(std::string_view text) {
  constexpr int64_t kLongestMilliseconds = int64_t{3'660} * 86'400'000;  // ten years: more is a typing error
  if (text == "0") return absl::ZeroDuration();
  int64_t total = 0;
  size_t next_unit = 0;  // units fall strictly: 1h30m, never 30m1h
  const char* at = text.data();
  const char* end = at + text.size();
  if (at == end) return std::nullopt;
  while (at != end) {
    int64_t number = 0;
    auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc() || after == at || *at == '-') return std::nullopt;
    const char* name_end = after;
    while (name_end != end && *name_end >= 'a' && *name_end <= 'z') ++name_end;
    const std::string_view name(after, static_cast<size_t>(name_end - after));
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size() || number > kLongestMilliseconds / kUnits[next_unit].milliseconds)
      return std::nullopt;
    total += number * kUnits[next_unit++].milliseconds;
    if (total > kLongestMilliseconds) return std::nullopt;
    at = name_end;
  }
  return absl::Milliseconds(total);
}

std::string DurationText(absl::Duration duration) {
  int64_t left = absl::ToInt64Milliseconds(duration);
  if (left == 0) return "0s";
  std::string out;
  for (const Unit& unit : kUnits) {
    if (left < unit.milliseconds || (unit.name == "w" && left % unit.milliseconds != 0)) continue;
    Append(out, left / unit.milliseconds, unit.name);
    left %= unit.milliseconds;
  }
  return out;
}

}  // namespace holdfast
