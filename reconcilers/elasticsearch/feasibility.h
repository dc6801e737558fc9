// Whether nodes can be emptied, said before anything is written.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// What may stand in the way; the order is that in which a person is told. Each is a row with a sentence.
enum class Hazard : uint8_t {
  kH4_MatchesNothing,
  kH3_LeavesTooFew,
  kH20_Red,
  kH13_Disabled,
  kH25_ClosedIndices,
  kH49_LastOfARole,
  kH5_TooFewNodes,
  kH10_IndexFilters,
  kH46_OlderNodes,
  kH8_Awareness,
  kH9_ForcedAwareness,
  kH38_AutoExpand,
  kH11_IndexDisabled,
  kH12_ShardsPerNode,
  kH6_Disk,
  kH26_GaveUp,
  kH24_Snapshot,
  kH14_FileUnknown,
};
struct HazardRow {
  Hazard hazard;
  std::string_view code;      // "H8"
  std::string_view sentence;  // what is true when it does not stand in the way
};
std::span<const HazardRow> HazardRows();  // in the enum's order
const HazardRow& RowOf(Hazard hazard);

// An index of which copies cannot leave.
struct StuckIndex {
  uint32_t index = 0;  // of View::indices
  int64_t shards = 0;  // so many of its shards are stuck
  int copies = 0;      // that such a shard has,
  int fit = 0;         // and that would find a place
  bool operator==(const StuckIndex&) const = default;
};
inline constexpr size_t kMostStuckIndices = 100;

struct Obstacle {
  Hazard hazard = Hazard::kH20_Red;
  // kBlocks: emptying would never end, or must not begin. kUnknown: it cannot be told yet. kWarns: it will
  // take its time, or has a side that a person should know.
  enum class Weight : uint8_t { kBlocks, kUnknown, kWarns } weight = Weight::kBlocks;
  std::string fact;                 // with its numbers and the indices concerned
  std::string remedy;               // what a person can do about it, "" for nothing
  std::vector<StuckIndex> indices;  // most shards first, at most kMostStuckIndices
  size_t indices_total = 0;
};

// How fast data moves, and how that is known.
struct Rate {
  double bytes_per_second = 2e12 / 86400;
  std::string basis = "2 TB a day, until a rate is seen";
};

struct Feasibility {
  std::vector<Obstacle> obstacles;
  std::vector<uint32_t> nodes;                         // that would be emptied
  int64_t shards = 0;                                  // copies that would have to move
  int64_t bytes = -1;                                  // their size; -1 = sizes were not asked for
  absl::Duration estimate = absl::InfiniteDuration();  // Infinite = sizes are not known
  std::string basis;                                   // of the estimate
  std::vector<std::string> ask;  // what a further look should ask for, so that nothing stays unknown

  bool possible() const;  // nothing blocks and nothing is unknown
};

// For excluding `nodes` besides those that the cluster's filters exclude already. Pure. 50,000 shards on 500
// nodes take a few milliseconds.
Feasibility CanEmpty(const View& view, const Spec& spec, std::vector<uint32_t> nodes, const Rate& rate = {});
// The same for exclusions as they are written; one that matches no node is an obstacle unless it may.
Feasibility CanExclude(const View& view, const Spec& spec, std::span<const Exclusion> exclusions,
                       const Rate& rate = {});

// "41 copies, 1.2tb, about 14h (2 TB a day, until a rate is seen)".
std::string EstimateText(const Feasibility& feasibility);

}  // namespace holdfast::elasticsearch
