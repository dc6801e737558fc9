// Whether nodes can be stopped now without taking the last safe copy of anything away.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/plan.h"
#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// A copy is relied on only while its node has itself answered within this time: a frozen node stays STARTED
// in the routing table for half a minute.
inline constexpr absl::Duration kAnsweredWithin = absl::Seconds(5);

// Why a node cannot be stopped.
enum class StopRule : uint8_t {
  kViewTooOld,
  kPrimaryUnassigned,     // H20
  kNotGreen,              // H22: before 5.0 nothing tells whether a copy is in sync
  kOnlyCopy,              // H1
  kOtherCopyRisky,        // H2
  kOtherCopyNotInSync,    // H22
  kOtherCopyNotStarted,   // H23: still being copied
  kOtherCopySilent,       // its node did not answer within kAnsweredWithin
  kWriteQuorum,           // H39
  kMovingOntoIt,          // H23
  kSnapshotReadsIt,       // H24
  kMasterQuorum,          // H27
  kVotingExclusionFirst,  // H27
  kMinimumMasters,        // H28
  kLastOfRole,            // H49
};
struct StopRuleRow {
  StopRule rule;
  std::string_view code;  // "H1"
  std::string_view has,
      have;  // of one shard and of several: "has its only copy on"; "" of what is no shard's
};
const StopRuleRow& RowOf(StopRule rule);

inline constexpr uint32_t kNoShard = UINT32_MAX;
struct InTheWay {
  StopRule rule = StopRule::kViewTooOld;
  uint32_t shard = kNoShard;  // of View::shards
  uint32_t node = kNoNode;    // of those to be stopped
  bool operator==(const InTheWay&) const = default;
};

inline constexpr std::string_view kEnoughMasters = "enough masters stay";  // of a guard

struct StopAnswer {
  // One a rule, all of them; the first sentence of each is the name of a row. A rule that cannot tell lets
  // nothing go.
  std::vector<Guard> guards;
  std::vector<InTheWay> in_the_way;  // every shard that stands in the way, in the view's order
};
// `nodes` are stopped together. `now` is when the decision is made.
StopAnswer JudgeStop(const View& view, const std::vector<uint32_t>& nodes, const Spec& spec, absl::Time now);
// The same as one verdict: the worst guard's, naming the first shard in the way and how many more.
Verdict SafeToStop(const View& view, const std::vector<uint32_t>& nodes, const Spec& spec, absl::Time now);

// "i3: 12 shards have their only copy on es-3"; most shards first, at most `most` lines and one for the rest.
std::vector<std::string> Grouped(const View& view, std::span<const InTheWay> in_the_way, size_t most = 20);

// No shard has copies on two of `nodes` (H44): only then may nodes of different hosts be down together.
Verdict NoSharedShard(const View& view, const std::vector<uint32_t>& nodes);

// The node has itself answered lately.
bool AnswersNow(const View& view, uint32_t node, absl::Time now);
// "i3[2]".
std::string ShardText(const View& view, uint32_t shard);

}  // namespace holdfast::elasticsearch
