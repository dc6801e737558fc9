#include "reconcilers/elasticsearch/disk.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kThreshold = "cluster.routing.allocation.disk.threshold_enabled";
struct Mark {
  std::string_view key, headroom;
  int64_t default_headroom;
};
constexpr Mark kLow{"cluster.routing.allocation.disk.watermark.low",
                    "cluster.routing.allocation.disk.watermark.low.max_headroom", int64_t{200} << 30};
constexpr Mark kHigh{"cluster.routing.allocation.disk.watermark.high",
                     "cluster.routing.allocation.disk.watermark.high.max_headroom", int64_t{150} << 30};
constexpr Version kKnowsHeadroom{8, 5, 0};

struct Unit {
  std::string_view name;
  int shift;
};
constexpr std::array<Unit, 6> kUnits = {
    {{"pb", 50}, {"tb", 40}, {"gb", 30}, {"mb", 20}, {"kb", 10}, {"b", 0}}};

bool InForce(const std::map<std::string, std::string>& scope, std::string_view key) {
  return scope.contains(std::string(key));
}

std::optional<double> Number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
    return std::nullopt;
  return value;
}

std::string Digits(double value) {
  std::array<char, 32> out{};
  const bool whole = value == std::floor(value);
  const int length = std::snprintf(out.data(), out.size(), whole ? "%.0f" : "%.1f", value);
  return {out.data(), static_cast<size_t>(length)};
}

}  // namespace

std::optional<int64_t> ParseBytes(std::string_view text) {
  const std::string lower = Lower(Trim(text));
  if (lower == "0" || lower == "-1") return lower == "0" ? 0 : -1;
  for (const Unit& unit : kUnits) {
    if (!lower.ends_with(unit.name)) continue;
    const auto number = Number(Trim(std::string_view(lower).substr(0, lower.size() - unit.name.size())));
    if (!number) return std::nullopt;
    const double bytes = std::ldexp(*number, unit.shift);
    if (bytes >= 9e18) return std::nullopt;
    return static_cast<int64_t>(bytes);
  }
  return std::nullopt;
}

std::string BytesText(int64_t bytes) {
  for (const Unit& unit : kUnits)
    if (bytes >= int64_t{1} << unit.shift)
      return Cat(Digits(std::floor(std::ldexp(static_cast<double>(bytes), -unit.shift) * 10) / 10),
                 unit.name);
  return "0b";
}

std::optional<Watermark> ParseWatermark(std::string_view text) {
  const std::string_view trimmed = Trim(text);
  Watermark watermark;
  if (trimmed.ends_with('%')) {
    const auto percent = Number(Trim(trimmed.substr(0, trimmed.size() - 1)));
    if (!percent || *percent > 100) return std::nullopt;
    watermark.used = *percent / 100;
    return watermark;
  }
  if (const auto ratio = Number(trimmed); ratio && trimmed != "0") {
    if (*ratio > 1) return std::nullopt;
    watermark.used = *ratio;
    return watermark;
  }
  const auto bytes = ParseBytes(trimmed);
  if (!bytes || *bytes < 0) return std::nullopt;
  watermark.free_bytes = *bytes;
  return watermark;
}

std::string WatermarkText(const Watermark& watermark) {
  if (watermark.free_bytes >= 0) return Cat(BytesText(watermark.free_bytes), " free");
  std::string text = Cat(Digits(watermark.used * 100), "%");
  if (watermark.max_headroom >= 0) Append(text, " or ", BytesText(watermark.max_headroom), " free");
  return text;
}

int64_t Watermark::FreeBytes(int64_t disk_total) const {
  if (free_bytes >= 0) return free_bytes;
  const int64_t share = disk_total - std::llround(static_cast<double>(disk_total) * used);
  return max_headroom >= 0 ? std::min(share, max_headroom) : share;
}

namespace {

// Into `watermark`, which holds the default. Returns the value that says nothing to us, or "".
std::string Take(const View& view, const Mark& mark, Watermark& watermark) {
  std::string unreadable;
  const std::string* told = view.settings.Effective(std::string(mark.key));
  if (told != nullptr && !told->empty()) {
    if (const auto parsed = ParseWatermark(*told))
      watermark = *parsed;
    else
      unreadable = *told;
  }
  if (watermark.free_bytes >= 0) return unreadable;
  // A server limits only its own default, never a written fraction; but the defaults that it tells are made
  // from its file alone, so that they still name the limit when the fraction was put by a call.
  const auto in_force = [&](std::string_view key) {
    return InForce(view.settings.persistent, key) || InForce(view.settings.transient, key);
  };
  const std::string* headroom = view.settings.Effective(std::string(mark.headroom));
  if (headroom != nullptr && (in_force(mark.headroom) || !in_force(mark.key))) {
    if (const auto bytes = ParseBytes(*headroom); bytes && *bytes >= 0) watermark.max_headroom = *bytes;
  } else if (told == nullptr && BehavesSince(view, kKnowsHeadroom)) {
    watermark.max_headroom = mark.default_headroom;
  }
  return unreadable;
}

}  // namespace

DiskRule DiskRuleOf(const View& view) {
  DiskRule rule;
  const std::string* enabled = view.settings.Effective(std::string(kThreshold));
  if (enabled != nullptr && Lower(*enabled) == "false") rule.decider = DiskRule::Decider::kOff;
  rule.unreadable = Take(view, kLow, rule.low);
  (void)Take(view, kHigh, rule.high);
  return rule;
}

std::optional<int64_t> RoomOnDisk(const DiskRule& rule, const Node& node) {
  if (node.disk_available < 0) return std::nullopt;
  if (rule.decider == DiskRule::Decider::kOff) return node.disk_available;
  if (node.disk_total < 0 && rule.low.free_bytes < 0) return std::nullopt;
  return std::max<int64_t>(node.disk_available - rule.low.FreeBytes(node.disk_total), 0);
}

std::optional<int64_t> OverHigh(const DiskRule& rule, const Node& node) {
  if (node.disk_available < 0 || (node.disk_total < 0 && rule.high.free_bytes < 0)) return std::nullopt;
  return std::max<int64_t>(rule.high.FreeBytes(node.disk_total) - node.disk_available, 0);
}

}  // namespace holdfast::elasticsearch
