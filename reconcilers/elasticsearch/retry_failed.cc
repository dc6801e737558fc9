#include "reconcilers/elasticsearch/retry_failed.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/safety.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kFailed = "ALLOCATION_FAILED";
constexpr std::string_view kGaveUp = "max_retry";
constexpr std::string_view kLost = "no_valid_shard_copy";
constexpr Version kRetries{5, 0, 0};
constexpr absl::Duration kCools = absl::Minutes(10);
constexpr size_t kMostAsked = 5;
constexpr std::string_view kVerb = "retry failed allocations";
constexpr int kMostTries = 2;  // in a day
constexpr absl::Duration kBetween = absl::Hours(1);

struct GivenUp {
  size_t copies = 0;
  uint32_t first = 0;  // shard of the first
  absl::Time last_failed = absl::InfinitePast();
};

// Copies that failed too often. Asks the cluster about some of them.
GivenUp FailedCopies(const Picture& p, Draft& draft) {
  GivenUp out;
  for (uint32_t s = 0; s < p.view.shards.size(); ++s) {
    const Shard& shard = p.view.shards[s];
    for (const Copy& copy : p.view.CopiesOf(shard)) {
      if (copy.state != CopyState::kUnassigned || copy.reason != kFailed) continue;
      if (out.copies++ == 0) out.first = s;
      out.last_failed = std::max(out.last_failed, copy.unassigned_at);
      if (out.copies <= kMostAsked)
        draft.Ask(AskExplain(p.view.indices[shard.index].name, shard.number, copy.primary, ""));
    }
  }
  return out;
}

bool Has(const std::vector<std::string>& deciders, std::string_view one) {
  return std::find(deciders.begin(), deciders.end(), one) != deciders.end();
}

// Of those that were explained: given up, and where nothing else is in the way.
Guard OnlyThatTheyFailed(const Picture& p) {
  constexpr std::string_view kName = "nothing but their failures keeps the shards from a place (H26)";
  bool explained = false, gave_up = false;
  for (const Explained& one : p.view.explained) {
    if (!one.node.empty()) continue;
    explained = true;
    for (const auto& [node, deciders] : one.elsewhere) {
      gave_up = gave_up || Has(deciders, kGaveUp);
      if (deciders.size() == 1 && deciders.front() == kGaveUp)
        return {kName, Pass(Cat(one.index, "[", one.shard, "] would go to ", node), p.at)};
    }
  }
  if (!explained) return {kName, CannotTell("the cluster was not asked yet", p.at)};
  return {kName, Hold(gave_up ? "every node has another reason besides" : "the cluster still tries", p.at)};
}

// A retry brings no data back, and whoever lost a disk must decide by himself.
Guard NoPrimaryIsLost(const Picture& p) {
  constexpr std::string_view kName = "no shard has lost its data (H20)";
  for (uint32_t s = 0; s < p.view.shards.size(); ++s)
    for (const Copy& copy : p.view.CopiesOf(p.view.shards[s])) {
      if (!copy.primary || copy.state != CopyState::kUnassigned) continue;
      const Shard& shard = p.view.shards[s];
      const std::string& index = p.view.indices[shard.index].name;
      const auto told =
          std::find_if(p.view.explained.begin(), p.view.explained.end(), [&](const Explained& one) {
            return one.index == index && one.shard == shard.number && one.primary && one.node.empty();
          });
      if (copy.reason != kFailed || (told != p.view.explained.end() && told->can_allocate == kLost))
        return {kName, Hold(Cat(ShardText(p.view, s), " has no primary"), p.at)};
      if (told == p.view.explained.end())
        return {kName,
                CannotTell(Cat(ShardText(p.view, s), " has no primary and was not explained yet"), p.at)};
    }
  return {kName, Pass("", p.at)};
}

Guard ItsCauseHasEnded(const Picture& p, absl::Time last_failed) {
  constexpr std::string_view kName = "what made them fail may have ended";
  for (const Node& node : p.view.nodes)
    if (node.started != absl::InfinitePast() && node.started - node.clock_skew > last_failed)
      return {kName, Pass(Cat(node.name, " has started since"), p.at)};
  const absl::Duration since = p.now - last_failed;
  if (since >= kCools) return {kName, Pass(Cat("they last failed ", Brief(since), " ago"), p.at)};
  return {kName, Hold(Cat("they last failed ", Brief(since), " ago"), p.at)};
}

Guard ShardsMayBeAllocated(const Picture& p) {
  constexpr std::string_view kName = "shards may be allocated";
  if (p.enable != "all") return {kName, Hold(Cat("allocation is ", p.enable), p.at)};
  if (const Obligation* node = p.FindKind(kNodeObject))
    return {kName, Hold(Cat(node->object, " is put aside"), p.at)};
  return {kName, Pass("", p.at)};
}

// Held here and not by a meter alone, so that other steps need not wait behind it.
Guard NotTriedLately(const Picture& p) {
  constexpr std::string_view kName = "they were not tried again lately";
  int tried = 0;
  absl::Time last = absl::InfinitePast();
  for (const Attempt& attempt : p.frame.past.attempts)
    if (attempt.key.starts_with(kVerb)) ++tried, last = attempt.sent;
  if (tried >= kMostTries)
    return {kName, Hold(Cat("tried ", tried, " times in a day: find out why they fail"), p.at)};
  if (p.now - last < kBetween) return {kName, Hold(Cat("tried ", Brief(p.now - last), " ago"), p.at)};
  return {kName, Pass("", p.at)};
}

}  // namespace

void RetryGivenUp(const Picture& p, const Roll& roll, Draft& draft) {
  const bool ours = p.want.allocation || roll.operation != nullptr || p.FindKind(kExcludeObject) != nullptr;
  if (!ours || !BehavesSince(p.view, kRetries)) return;
  const GivenUp given_up = FailedCopies(p, draft);
  if (given_up.copies == 0) return;
  draft.Due(given_up.last_failed + kCools);
  Step step;
  step.key = Cat(kVerb, "#", Rfc3339(given_up.last_failed));
  step.verb = kVerb;
  step.target = ShardText(p.view, given_up.first);
  step.action =
      CallTo(p.want, p.view, "POST", "/_cluster/reroute?retry_failed=true&filter_path=acknowledged");
  step.danger = Danger::kReversible;
  step.guards = {NobodyElseWorksOnIt(p), NobodyHoldsIt(p),        OnlyThatTheyFailed(p),
                 NoPrimaryIsLost(p),     ShardsMayBeAllocated(p), ItsCauseHasEnded(p, given_up.last_failed),
                 NotTriedLately(p)};
  step.touches = {Cat("cluster:", p.view.cluster_name)};
  step.why =
      Cat(Count(given_up.copies, "copy", "copies"), " failed too often, and the cluster tries no more");
  step.takes = absl::Seconds(35);
  step.meter = Meter{std::string(kVerb), kMostTries, absl::Hours(24), kBetween};
  draft.Add(std::move(step), std::string(kVerb));
}

}  // namespace holdfast::elasticsearch
