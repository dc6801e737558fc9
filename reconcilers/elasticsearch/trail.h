// What only repeated looks can tell: what has been empty for how long, how fast shards move, whose claim is
// alive.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <string>

#include "controller/plan/observed.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

struct Trail {
  // Of a node that holds no copy: the first and the last look in a row that said so.
  struct Empty {
    uint64_t first_version = 0, last_version = 0;
    absl::Time first_at, last_at;
    bool operator==(const Empty&) const = default;
  };
  std::map<std::string, Empty> empty;  // by node id

  // Copies on nodes that are excluded, by node id: how many there were, and since when that has not shrunk.
  struct Draining {
    int64_t copies = 0;
    int64_t bytes = -1;
    int64_t first_bytes = -1;
    absl::Time first_at, moved_at;
    bool operator==(const Draining&) const = default;
  };
  std::map<std::string, Draining> draining;

  // The claim as the cluster shows it, and since when it has been exactly this.
  std::string claim;
  absl::Time claim_since = absl::InfinitePast();
  // Whether it has been renewed while we looked on: its owner is alive.
  enum class Renewed : uint8_t { kNo, kSeen } claim_renewed = Renewed::kNo;

  absl::Time last_look = absl::InfinitePast();
  bool operator==(const Trail&) const = default;
};

// Pure. A look that failed never comes here, so it neither proves nor disproves anything.
Trail Fold(Trail trail, const Fact<View>& seen);

// Two looks, and between them either another state of the cluster or kEmptyFor.
inline constexpr absl::Duration kEmptyFor = absl::Seconds(5);
bool IsProvenEmpty(const Trail& trail, const std::string& node_id);

inline constexpr std::string_view kClaimKey = "cluster.metadata.holdfast.owner";
inline constexpr std::string_view kHoldKey = "cluster.metadata.holdfast.hold";

}  // namespace holdfast::elasticsearch
