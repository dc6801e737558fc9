#include "reconcilers/elasticsearch/decide.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/change.h"
#include "reconcilers/elasticsearch/flood.h"
#include "reconcilers/elasticsearch/kind.h"
#include "reconcilers/elasticsearch/retry_failed.h"
#include "reconcilers/elasticsearch/voting.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kPinnedCluster = "cluster_uuid";
constexpr absl::Duration kMostSkew = absl::Seconds(5);

// True when this is not the cluster that the spec has been about.
bool IsAnotherCluster(const Picture& p, Draft& draft) {
  const auto pinned = p.frame.past.pins.find(std::string(kPinnedCluster));
  if (pinned == p.frame.past.pins.end()) {
    draft.plan().pins.emplace_back(kPinnedCluster, p.view.cluster_uuid);
    return false;
  }
  if (pinned->second == p.view.cluster_uuid) return false;
  draft.Wait({.on = Wait::On::kHuman,
              .name = "another cluster",
              .detail = Cat(p.view.endpoint, " answers for the cluster ", p.view.cluster_uuid,
                            ", and this spec has been about ", pinned->second),
              .remedy = "mend `endpoints`; for a new cluster use a new name"});
  // What is put aside belongs to the other one, and stays open until that answers again.
  for (const Lease& lease : p.frame.past.open)
    draft.Wait({.on = Wait::On::kHuman,
                .name = RestoreName(lease.object),
                .detail = "the cluster that it belongs to does not answer here"});
  return true;
}

void ReadinessOf(const Picture& p, Draft& draft) {
  size_t red = 0, yellow = 0;
  for (const Shard& shard : p.view.shards) {
    bool primary = false, missing = false;
    for (const Copy& copy : p.view.CopiesOf(shard)) {
      const bool active = copy.IsActive();
      if (copy.primary && active) primary = true;
      if (!active) missing = true;
    }
    red += primary ? 0 : 1;
    yellow += primary && missing ? 1 : 0;
  }
  Readiness& readiness = draft.plan().readiness;
  const std::string size =
      Cat(Count(p.view.nodes.size(), "node"), ", ", ShardsText(static_cast<int64_t>(p.view.shards.size())));
  if (red > 0) {
    readiness = {Readiness::Is::kNo, "Red",
                 Cat(ShardsText(static_cast<int64_t>(red)), " without a primary; ", size)};
  } else if (yellow > 0) {
    readiness = {Readiness::Is::kYes, "Yellow",
                 Cat(ShardsText(static_cast<int64_t>(yellow)), " with a copy missing; ", size)};
  } else {
    readiness = {Readiness::Is::kYes, "Green", size};
  }
}

void ExplainClocks(const Picture& p, Draft& draft) {
  for (const Node& node : p.view.nodes)
    if (node.answered_at != absl::InfinitePast() && absl::AbsDuration(node.clock_skew) > kMostSkew)
      draft.Wait({.on = Wait::On::kObservation,
                  .name = Cat("clock of ", node.name),
                  .detail = Cat("it is ", Brief(absl::AbsDuration(node.clock_skew)),
                                node.clock_skew > absl::ZeroDuration() ? " ahead" : " behind"),
                  .remedy = "set its clock: when it was started is judged by it"});
}

void ExplainMirrors(const Picture& p, Draft& draft) {
  for (const std::string& key : p.broken_mirrors)
    draft.Wait({.on = Wait::On::kHuman,
                .name = "a note that cannot be read",
                .detail = key,
                .remedy = Cat("look at it, then take it away: {\"", key, "\": null}")});
}

void SamplesOf(const Picture& p, Draft& draft) {
  const auto add = [&](std::string_view family, double value) {
    draft.plan().samples.push_back({family, {}, value});
  };
  int64_t active = 0, primaries = 0, relocating = 0, initializing = 0, unassigned = 0, delayed = 0;
  for (const Copy& copy : p.view.copies) {
    const bool on = copy.IsActive();
    active += on ? 1 : 0;
    primaries += on && copy.primary ? 1 : 0;
    relocating += copy.state == CopyState::kRelocating ? 1 : 0;
    initializing += copy.state == CopyState::kInitializing ? 1 : 0;
    unassigned += copy.state == CopyState::kUnassigned ? 1 : 0;
    delayed += copy.delayed ? 1 : 0;
  }
  add("elasticsearch_cluster_health_active_shards", static_cast<double>(active));
  add("elasticsearch_cluster_health_active_primary_shards", static_cast<double>(primaries));
  add("elasticsearch_cluster_health_relocating_shards", static_cast<double>(relocating));
  add("elasticsearch_cluster_health_initializing_shards", static_cast<double>(initializing));
  add("elasticsearch_cluster_health_unassigned_shards", static_cast<double>(unassigned));
  add("elasticsearch_cluster_health_delayed_unassigned_shards", static_cast<double>(delayed));
  add("elasticsearch_cluster_health_number_of_nodes", static_cast<double>(p.view.nodes.size()));
  add("elasticsearch_cluster_health_number_of_data_nodes",
      static_cast<double>(
          std::count_if(p.view.nodes.begin(), p.view.nodes.end(), [](const Node& n) { return n.data; })));
  constexpr std::string_view kModes[] = {"all", "primaries", "new_primaries", "none"};
  const auto mode = std::find(std::begin(kModes), std::end(kModes), p.enable);
  if (mode != std::end(kModes))
    add("elasticsearch_clustersettings_stats_shard_allocation_enabled",
        static_cast<double>(mode - std::begin(kModes)));
  add("holdfast_es_excluded_nodes", static_cast<double>(ExcludedNodes(p.view).size()));
  add("holdfast_es_restore_pending", static_cast<double>(p.obligations.size()));
}

void PutBack(const Picture& p, const Roll& roll, const std::vector<WantedToken>& wanted, Draft& draft) {
  const bool frozen = IsFrozenForNext(p, roll);
  const Obligation* enable = frozen ? nullptr : p.Find(kEnableObject);
  // Copies of a node that is taken for lost do not wait until it is started once more.
  if (enable && IsNodeAway(p) && AllPass({NodeIsBackOrLost(p)}))
    BringAllocationBack(p, *std::exchange(enable, nullptr), draft);
  if (const Obligation* node = p.FindKind(kNodeObject)) BringNodeBack(p, roll, *node, draft);
  SettleFiles(p, draft);
  if (enable) BringAllocationBack(p, *enable, draft);
  if (frozen)
    KeepVotesAway(p, draft);
  else
    BringVotesBack(p, draft);
  ForgetNotes(p, draft);
  ReleaseExclusions(p, wanted, draft);
}

// What is held by the claim of a dead one goes by itself when that has not moved for long enough.
Plan Finished(const Picture& p, Draft& draft) {
  Plan plan = draft.Finish();
  if (plan.stages.empty() || AllPass({NobodyElseWorksOnIt(p)})) return plan;
  if (p.trail.claim_renewed == Trail::Renewed::kSeen) return plan;
  const absl::Time until = p.trail.claim_since + kClaimLives;
  plan.waits.push_back({.on = Wait::On::kProgress,
                        .name = "the claim on this cluster",
                        .detail = "it counts as dead when it is not renewed until then",
                        .until = until});
  plan.look_again = std::min(plan.look_again, std::max(until, p.now));
  return plan;
}

}  // namespace

ClaimBy ClaimAfter(const Picture& p, Draft& draft, const std::vector<std::string_view>& objects) {
  const auto& restored = draft.plan().restored;
  for (const Obligation& obligation : p.obligations) {
    const bool over = std::find(objects.begin(), objects.end(), obligation.object) != objects.end() ||
                      std::any_of(restored.begin(), restored.end(),
                                  [&](const auto& one) { return one.first == obligation.object; });
    if (!over) return ClaimBy::kTakes;
  }
  return ClaimBy::kGivesUp;
}

Step PutStep(const Picture& p, SettingsPut put, ClaimBy claim, std::string verb, std::string target,
             std::string incarnation, std::string why) {
  if (claim == ClaimBy::kTakes) AddClaim(p, put);
  if (claim == ClaimBy::kGivesUp) DropClaim(p, put);
  Step step;
  step.key = Cat(verb, " ", target, "#", incarnation);
  step.verb = std::move(verb);
  step.target = std::move(target);
  step.action = put.Build(p.want);
  step.danger = Danger::kReversible;
  step.guards = {NobodyElseWorksOnIt(p), SettingsCanBeWritten(p)};
  step.touches = {Cat("cluster:", p.view.cluster_name)};
  step.why = std::move(why);
  step.show_within = absl::Seconds(30);
  step.takes = absl::Seconds(35);  // the master's own time-out is 30 s
  return step;
}

}  // namespace holdfast::elasticsearch

namespace holdfast {

Plan ElasticsearchCluster::Decide(const holdfast::View<ElasticsearchCluster>& view) {
  using namespace elasticsearch;
  Draft draft;
  const auto* known = std::get_if<Known<State>>(&view.seen);
  if (known == nullptr) {
    draft.plan().readiness = {Readiness::Is::kNo, "Absent", std::get<Absent>(view.seen).proof};
    return draft.Finish();
  }
  const Picture p =
      elasticsearch::Look(view.want, known->value, view.trail, view.frame, view.operations, known->at);
  ReadinessOf(p, draft);
  SamplesOf(p, draft);
  if (IsAnotherCluster(p, draft)) return draft.Finish();
  if (!p.frame.past.pins.contains(std::string(kPinnedHolder)))
    draft.plan().pins.emplace_back(kPinnedHolder, p.holder);
  ExplainClocks(p, draft);
  ExplainMirrors(p, draft);
  ExplainRejections(p, draft);

  if (p.frame.purpose != Purpose::kConverge) {
    PutBack(p, {}, DeclaredTokens(p), draft);
    return Finished(p, draft);
  }
  const Roll roll = PlanRoll(p, draft);
  std::vector<WantedToken> wanted = DeclaredTokens(p);
  for (const std::vector<WantedToken>* tokens : {&roll.protect, &roll.drain})
    for (const WantedToken& token : *tokens)
      if (std::none_of(wanted.begin(), wanted.end(),
                       [&](const WantedToken& have) { return have.Object() == token.Object(); }))
        wanted.push_back(token);
  PutBack(p, roll, wanted, draft);
  WantSettings(p, draft);
  WantAllocation(p, draft);
  RetryGivenUp(p, roll, draft);
  FloodBlocks(p, draft);
  WantExclusions(p, wanted, draft);
  ExplainDrains(p, wanted, draft);
  WantNextNode(p, roll, draft);
  if (draft.HasStepNow() || !p.obligations.empty()) draft.Ask(kAskConfirm);
  return Finished(p, draft);
}

}  // namespace holdfast
