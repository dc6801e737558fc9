// How much more a node's disk may take before the cluster stops giving it shards, or takes some away.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// The low watermark in one of the forms that servers take: "85%" and "0.85" say how much may be used, "500mb"
// how much must stay free.
struct Watermark {
  double used = 0.85;         // of the whole, 0 to 1; of no meaning when free_bytes is given
  int64_t free_bytes = -1;    // -1 = it is written as a fraction
  int64_t max_headroom = -1;  // a fraction asks for no more free bytes than that; -1 = no such limit
  bool operator==(const Watermark&) const = default;

  int64_t FreeBytes(int64_t disk_total) const;  // what must stay free on a disk of that size
};
std::optional<Watermark> ParseWatermark(std::string_view text);
// "85%", "500mb free", "85% or 200gb free".
std::string WatermarkText(const Watermark& watermark);

// Bytes as the servers write them: "1.5tb", "12mb", "0b"; and back: "500mb", "1.5tb", "0". Powers of 1024.
std::string BytesText(int64_t bytes);
std::optional<int64_t> ParseBytes(std::string_view text);

struct DiskRule {
  enum class Decider : uint8_t { kOn, kOff } decider = Decider::kOn;  // off: only what is free counts
  Watermark low;
  Watermark high{.used = 0.9};
  std::string unreadable;  // the value of `low` that says nothing to us; the default stands in for it
};
// From the effective settings, else the defaults of the view's version.
DiskRule DiskRuleOf(const View& view);

// What `node` may still be given: what is available, less what must stay free, never below 0. Nothing when
// the node did not tell its disk. Shards on their way to it are not yet taken off.
std::optional<int64_t> RoomOnDisk(const DiskRule& rule, const Node& node);
// What must be freed on `node` until it is no longer over the high watermark, 0 when it is not, whether or
// not the cluster minds. Nothing when the node did not tell its disk.
std::optional<int64_t> OverHigh(const DiskRule& rule, const Node& node);

}  // namespace holdfast::elasticsearch
