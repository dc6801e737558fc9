// Exclusions: written when the drain can end, watched while it goes on, taken away when nobody wants them.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/change.h"
#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/disk.h"
#include "reconcilers/elasticsearch/feasibility.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr absl::Duration kDrainCadence = absl::Seconds(15);
constexpr absl::Duration kStallsAfter = absl::Minutes(15);
constexpr size_t kMostExplained = 20;
constexpr size_t kMostShownObstacles = 6;
constexpr std::string_view kCanEnd = "the drain can end";

Exclusion AsExclusion(const WantedToken& token) {
  Exclusion exclusion;
  if (token.key == "_ip")
    exclusion.ip = token.token;
  else if (token.key == "_name")
    exclusion.name = token.token;
  else if (token.key == "_host")
    exclusion.host = token.token;
  else if (token.key == "_id")
    exclusion.id = token.token;
  else
    exclusion.attributes = {{token.key, token.token}};
  exclusion.allow_empty = token.allow_empty;
  return exclusion;
}

// Tokens in force that neither the spec, nor an Operation, nor an obligation of ours speaks of.
std::vector<std::string> ForeignTokens(const Picture& p, const std::vector<WantedToken>& wanted) {
  std::vector<std::string> foreign;
  for (const auto& [key, tokens] : p.in_force)
    for (const std::string& token : tokens) {
      const bool ours = std::any_of(wanted.begin(), wanted.end(), [&](const WantedToken& want) {
        return want.key == key && want.token == token;
      });
      if (!ours && p.Find(Cat(kExcludeObject, key, ":", token)) == nullptr)
        foreign.push_back(Cat(key, ":", token));
    }
  return foreign;
}

Guard NoForeignFilter(const Picture& p, const std::vector<std::string>& foreign) {
  constexpr std::string_view kName = "nobody else excludes nodes";
  if (foreign.empty()) return {kName, Pass("", p.at)};
  if (p.want.adopt_foreign) return {kName, Pass(Cat("kept in force: ", Enumerate(foreign)), p.at)};
  return {kName, Hold(Cat(Enumerate(foreign), " is not in the spec"), p.at)};
}

Guard NothingIsPutAside(const Picture& p) {
  constexpr std::string_view kName = "no node is being restarted";
  const Obligation* node = p.FindKind(kNodeObject);
  if (node == nullptr) node = p.Find(kEnableObject);
  if (node == nullptr) return {kName, Pass("", p.at)};
  return {kName, Hold(Cat(node->object, " is put aside: ", node->why), p.at)};
}

// One verdict from all obstacles; what it would take to know more is asked for.
Guard CanEnd(const Picture& p, const Feasibility& answer, Draft& draft) {
  std::vector<std::string> blocks, unknown;
  for (const Obstacle& obstacle : answer.obstacles) {
    std::string text = Cat(RowOf(obstacle.hazard).code, " ", obstacle.fact);
    if (!obstacle.remedy.empty()) Append(text, " (", obstacle.remedy, ")");
    if (obstacle.weight == Obstacle::Weight::kBlocks)
      blocks.push_back(std::move(text));
    else if (obstacle.weight == Obstacle::Weight::kUnknown)
      unknown.push_back(std::move(text));
  }
  for (const std::string& ask : answer.ask) draft.Ask(ask);
  if (!blocks.empty()) {
    if (blocks.size() > kMostShownObstacles) blocks.resize(kMostShownObstacles);
    return {kCanEnd, Hold(Join(blocks, "; "), p.at)};
  }
  if (!unknown.empty()) return {kCanEnd, CannotTell(Join(unknown, "; "), p.at)};
  return {kCanEnd, Pass(EstimateText(answer), p.at)};
}

void ExplainObstacles(const WantedToken& token, const Feasibility& answer, Draft& draft) {
  for (const Obstacle& obstacle : answer.obstacles) {
    const bool blocks = obstacle.weight == Obstacle::Weight::kBlocks;
    if (!blocks && obstacle.weight != Obstacle::Weight::kWarns) continue;
    draft.Wait({.on = blocks ? Wait::On::kHuman : Wait::On::kProgress,
                .name = Cat("exclude ", token.Text(), " ", RowOf(obstacle.hazard).code),
                .detail = obstacle.fact,
                .remedy = obstacle.remedy});
  }
}

Lease ExcludeLease(const Picture& p, const WantedToken& token) {
  Lease lease{.object = token.Object(), .before = "not excluded", .wrote = "excluded", .why = token.why};
  SettingsPut undo(p.view);
  undo.Exclude(Without(p.in_force, token.key, token.token));
  if (!p.in_force.contains(token.key)) undo.Clear(Cat(kExcludePrefix, token.key), "");
  if (KeepsMirror(p.view)) undo.Clear(MirrorKeyOf(lease.object), "");
  lease.restore = undo.Build(p.want);
  return lease;
}

// What the raw text of one key is now: a step is another one when that has changed.
std::string RawOf(const Picture& p, const std::string& key) {
  const std::string* raw = p.view.settings.Effective(Cat(kExcludePrefix, key));
  return raw == nullptr || raw->empty() ? "none" : *raw;
}

void AddExclusion(const Picture& p, const WantedToken& token, const std::vector<std::string>& foreign,
                  Draft& draft) {
  const Exclusion exclusion = AsExclusion(token);
  const Feasibility answer = CanExclude(p.view, p.want, std::span(&exclusion, 1));
  SettingsPut put(p.view);
  put.Exclude(With(p.in_force, token));
  Lease lease = ExcludeLease(p, token);
  if (KeepsMirror(p.view)) put.Set(MirrorKeyOf(lease.object), MirrorText(lease));
  Step step =
      PutStep(p, std::move(put), ClaimBy::kTakes, "exclude", token.Text(), RawOf(p, token.key), token.why);
  step.danger = Danger::kDisruptive;
  step.guards.push_back(NobodyHoldsIt(p));
  step.guards.push_back(NothingIsPutAside(p));
  step.guards.push_back(NoForeignFilter(p, foreign));
  step.guards.push_back(ReadTogether(p));
  step.guards.push_back(CanEnd(p, answer, draft));
  step.operation = token.operation;
  step.puts_aside = std::move(lease);
  draft.plan().diffs.push_back({Cat("exclude.", token.Text()), "excluded", "not excluded"});
  ExplainObstacles(token, answer, draft);
  draft.Add(std::move(step), "exclude");
  draft.Ask(kAskConfirm);
}

// ── while shards move ──

struct Left {
  int64_t shards = 0, bytes = 0;
  absl::Time moved_at = absl::InfinitePast(), first_at = absl::InfiniteFuture();
  int64_t first_bytes = 0;
  bool sizes_known = true;
};
Left LeftOn(const Picture& p, const std::vector<uint32_t>& nodes) {
  Left left;
  for (const uint32_t n : nodes) {
    const auto found = p.trail.draining.find(p.view.nodes[n].id);
    if (found == p.trail.draining.end()) continue;
    const Trail::Draining& draining = found->second;
    left.shards += draining.copies;
    left.moved_at = std::max(left.moved_at, draining.moved_at);
    left.first_at = std::min(left.first_at, draining.first_at);
    if (draining.bytes < 0) left.sizes_known = false;
    left.bytes += std::max<int64_t>(0, draining.bytes);
    left.first_bytes += std::max<int64_t>(0, draining.first_bytes);
  }
  return left;
}

std::string ProgressText(const Picture& p, const Left& left) {
  std::string text = Cat(ShardsText(left.shards), " left");
  if (!left.sizes_known || left.bytes <= 0) return text;
  Append(text, ", ", BytesText(left.bytes));
  const double seconds = absl::ToDoubleSeconds(p.at - left.first_at);
  const auto moved = static_cast<double>(left.first_bytes - left.bytes);
  const Rate usual;
  const bool seen = seconds > 60 && moved > 0;
  const double rate = seen ? moved / seconds : usual.bytes_per_second;
  Append(text, ", about ", Brief(absl::Seconds(static_cast<double>(left.bytes) / rate)), " at ",
         BytesText(static_cast<int64_t>(rate)), " a second (", seen ? "as it went so far" : usual.basis, ")");
  return text;
}

// Why shards that stay do stay, grouped by what the cluster names as the reason.
std::string StallsText(const Picture& p) {
  std::map<std::string, int> by_decider;
  for (const Explained& one : p.view.explained) {
    if (one.can_move == "yes") continue;
    std::vector<std::string> names;
    for (const auto& [node, deciders] : one.elsewhere)
      for (const std::string& decider : deciders)
        if (std::find(names.begin(), names.end(), decider) == names.end()) names.push_back(decider);
    std::sort(names.begin(), names.end());
    ++by_decider[Cat(one.can_move.empty() ? "not told" : one.can_move, ": ", Join(names, ", "))];
  }
  std::vector<std::string> lines;
  lines.reserve(by_decider.size());
  for (const auto& [deciders, count] : by_decider) lines.push_back(Cat(ShardsText(count), ": ", deciders));
  return Join(lines, "; ");
}

// About so many started copies on nodes that the token excludes: why they stay, and whether the filter is in
// force.
void AskAboutCopies(const Picture& p, const std::vector<uint32_t>& nodes, size_t most, Draft& draft) {
  for (const Shard& shard : p.view.shards)
    for (const Copy& copy : p.view.CopiesOf(shard)) {
      if (most == 0) return;
      if (copy.state != CopyState::kStarted ||
          std::find(nodes.begin(), nodes.end(), copy.node) == nodes.end())
        continue;
      --most;
      draft.Ask(AskExplain(p.view.indices[shard.index].name, shard.number, copy.primary,
                           p.view.nodes[copy.node].id));
    }
}

// What the cluster said about copies on these nodes: the text of the settings proves nothing.
enum class Probe : uint8_t { kNotAsked, kInForce, kNotInForce };
Probe ProbeOf(const Picture& p, const std::vector<uint32_t>& nodes) {
  for (const Explained& one : p.view.explained) {
    const uint32_t node = p.view.NodeIndex(one.node);
    if (std::find(nodes.begin(), nodes.end(), node) == nodes.end() || one.can_remain.empty()) continue;
    const bool filter = std::find(one.remain_deciders.begin(), one.remain_deciders.end(), "filter") !=
                        one.remain_deciders.end();
    if (!filter) return Probe::kNotInForce;
    return Probe::kInForce;
  }
  return Probe::kNotAsked;
}

void WriteAgain(const Picture& p, const WantedToken& token, Draft& draft) {
  SettingsPut put(p.view);
  put.Exclude(p.in_force);
  Step step = PutStep(p, std::move(put), ClaimBy::kTakes, "write exclusions again", token.Text(),
                      RawOf(p, token.key), "the cluster shows the exclusion and does not follow it");
  step.guards.push_back(NobodyHoldsIt(p));
  step.meter = Meter{"write exclusions again", 3, absl::Hours(1), absl::Seconds(30)};
  draft.Add(std::move(step), "write exclusions again");
  draft.Ask(kAskConfirm);
}

void ExplainDrain(const Picture& p, const WantedToken& token, Draft& draft) {
  const std::vector<uint32_t> nodes = MatchedNodes(p.view, AsExclusion(token));
  const Left left = LeftOn(p, nodes);
  if (left.shards == 0) {
    const bool proven = std::all_of(nodes.begin(), nodes.end(), [&](uint32_t n) {
      return !p.view.nodes[n].data || IsProvenEmpty(p.trail, p.view.nodes[n].id);
    });
    if (!proven) draft.Due(p.now + absl::Seconds(5));
    return;
  }
  if (ProbeOf(p, nodes) == Probe::kNotInForce) WriteAgain(p, token, draft);
  const absl::Duration still = p.now - left.moved_at;
  const bool stalls = still > kStallsAfter;
  holdfast::Wait wait{.on = Wait::On::kProgress,
                      .name = Cat("drain ", token.Text()),
                      .detail = ProgressText(p, left),
                      .evidence = StallsText(p)};
  if (stalls) {
    wait.on = Wait::On::kHuman;
    Append(wait.detail, "; nothing has moved for ", Brief(still));
    wait.remedy = "see which rule keeps the shards: more machines, fewer replicas, or less excluded";
    AskAboutCopies(p, nodes, kMostExplained, draft);
  }
  draft.Wait(std::move(wait));
  draft.Ask(kAskSizes);
  draft.Ask(kAskRecoveries);
  if (BehavesSince(p.view, {5, 0, 0})) AskAboutCopies(p, nodes, 1, draft);
  draft.Due(p.now + kDrainCadence);
}

// An address that meanwhile belongs to another node must not starve that one for ever.
void ExplainEmptyMatches(const Picture& p, const WantedToken& token, Draft& draft) {
  if (token.allow_empty || !MatchedNodes(p.view, AsExclusion(token)).empty()) return;
  draft.Wait({.on = Wait::On::kSpec,
              .name = Cat("exclude ", token.Text(), " matches nothing"),
              .detail = "no node fits it now; whoever comes next under that name gets no shards",
              .remedy = "take it out of the spec once the node is gone for good"});
}

}  // namespace

Filter With(Filter filter, const WantedToken& token) {
  std::vector<std::string>& tokens = filter[token.key];
  if (std::find(tokens.begin(), tokens.end(), token.token) == tokens.end()) tokens.push_back(token.token);
  return filter;
}

Filter Without(Filter filter, std::string_view key, std::string_view token) {
  const auto found = filter.find(std::string(key));
  if (found == filter.end()) return filter;
  std::erase(found->second, token);
  if (found->second.empty()) filter.erase(found);
  return filter;
}

std::vector<WantedToken> DeclaredTokens(const Picture& p) {
  std::vector<WantedToken> out;
  for (const Exclusion& exclusion : p.want.exclude) {
    if (!exclusion.InForce(p.now)) continue;
    auto [key, token] = KeyAndToken(exclusion);
    out.push_back({.key = std::move(key),
                   .token = std::move(token),
                   .why = exclusion.reason.empty() ? "declared in the spec" : exclusion.reason,
                   .until = exclusion.until,
                   .allow_empty = exclusion.allow_empty});
  }
  return out;
}

void WantExclusions(const Picture& p, const std::vector<WantedToken>& wanted, Draft& draft) {
  const std::vector<std::string> foreign = ForeignTokens(p, wanted);
  if (!foreign.empty())
    draft.Wait(
        {.on = Wait::On::kSpec,
         .name = "exclusions of someone else",
         .detail = Cat(Enumerate(foreign), p.want.adopt_foreign ? "; kept in force" : ""),
         .remedy = "write them into `exclude`, take them away, or say `adoptForeignExclusions: true`"});
  for (const WantedToken& token : wanted) {
    if (token.until) draft.Due(*token.until);
    if (p.InForce(token.key, token.token))
      ExplainEmptyMatches(p, token, draft);
    else
      AddExclusion(p, token, foreign, draft);
  }
}

void ExplainDrains(const Picture& p, const std::vector<WantedToken>& wanted, Draft& draft) {
  for (const WantedToken& token : wanted)
    if (p.InForce(token.key, token.token)) ExplainDrain(p, token, draft);
}

namespace {

// What is to become of an exclusion of ours that is in force.
enum class Fate : uint8_t { kStays, kStaysUntil, kIsReleased };

Fate FateOf(const Picture& p, const Obligation& obligation, const std::vector<WantedToken>& wanted,
            absl::Time* until) {
  const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const WantedToken& want) {
    return want.Object() == obligation.object;
  });
  // Declared by a spec that is not here: where those of others are kept, so is this one.
  const bool is_others = p.want.adopt_foreign && obligation.known == Obligation::Known::kMirrorOnly &&
                         OperationOf(obligation.why).empty();
  if (found == wanted.end()) return is_others ? Fate::kStays : Fate::kIsReleased;
  if (p.frame.purpose == Purpose::kConverge || found->until) {
    *until = found->until.value_or(absl::InfiniteFuture());
    return Fate::kStaysUntil;
  }
  return Fate::kStays;
}

void Release(const Picture& p, const Obligation& obligation, Draft& draft) {
  const std::string_view text = std::string_view(obligation.object).substr(kExcludeObject.size());
  const size_t colon = text.find(':');
  const std::string key(text.substr(0, colon)), token(text.substr(std::min(colon + 1, text.size())));
  const bool in_force = p.InForce(key, token);
  if (!in_force && obligation.known == Obligation::Known::kJournal)
    draft.plan().restored.emplace_back(obligation.object, "is no longer excluded");
  if (!in_force && obligation.mirror_key.empty()) return;
  SettingsPut put(p.view);
  if (in_force) put.Exclude(Without(p.in_force, key, token));
  if (!obligation.mirror_key.empty()) put.Clear(obligation.mirror_key, "");
  Step step =
      PutStep(p, std::move(put), ClaimAfter(p, draft, {obligation.object}), in_force ? "release" : "forget",
              std::string(text), RawOf(p, key), Cat("was excluded for: ", obligation.why));
  if (in_force && obligation.known == Obligation::Known::kJournal) step.puts_back = obligation.object;
  step.duty = Step::Duty::kMustFinish;
  draft.Add(std::move(step), "release");
}

}  // namespace

void ReleaseExclusions(const Picture& p, const std::vector<WantedToken>& wanted, Draft& draft) {
  for (const Obligation& obligation : p.obligations) {
    if (!obligation.object.starts_with(kExcludeObject)) continue;
    absl::Time until;
    switch (FateOf(p, obligation, wanted, &until)) {
      case Fate::kStays:
        draft.plan().restored.emplace_back(obligation.object,
                                           "stays excluded, as it was declared without an end");
        break;
      case Fate::kStaysUntil:
        draft.Wait({.on = Wait::On::kProgress,
                    .name = RestoreName(obligation.object),
                    .detail = Cat("excluded: ", obligation.why),
                    .until = until});
        break;
      case Fate::kIsReleased:
        Release(p, obligation, draft);
        break;
    }
  }
}

}  // namespace holdfast::elasticsearch
