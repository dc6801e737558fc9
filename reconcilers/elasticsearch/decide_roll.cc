// Restarts, one node at a time: protect, freeze, stop, thaw the primaries, start, thaw, recover, only then
// the next.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/actions.h"
#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/read_words.h"
#include "reconcilers/elasticsearch/recovered.h"
#include "reconcilers/elasticsearch/roll_order.h"
#include "reconcilers/elasticsearch/safety.h"

namespace holdfast::elasticsearch {
namespace {

constexpr absl::Duration kCadence = absl::Seconds(1);
constexpr absl::Duration kMostFrozen = absl::Minutes(2);
constexpr absl::Duration kFlushedWithin = absl::Minutes(10);
// A process may outlive its node's place in the cluster by seconds; who cannot tell waits this long.
constexpr absl::Duration kGoneFor = absl::Seconds(30);
constexpr size_t kMostForecastNodes = 32;

std::string StopKey(const NodeIdentity& node) { return Cat("stop ", node.name, "#", node.incarnation); }
std::string StartKey(const NodeIdentity& node) { return Cat("start ", node.name, "#", node.incarnation); }
std::string FlushKey(const NodeIdentity& node) { return Cat("flush ", node.name, "#", node.incarnation); }
std::string NodeObject(const NodeIdentity& node) { return Cat(kNodeObject, node.name); }

bool IsDone(const Node& node, absl::Time before) {
  return node.started != absl::InfinitePast() && node.started >= before;
}

// The node as it is in the cluster now; ids are kept over restarts since 5.0, names always.
const Node* Returned(const Picture& p, const NodeIdentity& node) {
  if (const Node* same = p.view.FindNode(node.id)) return same;
  for (const Node& other : p.view.nodes)
    if (other.name == node.name) return &other;
  return nullptr;
}

Identity AsIdentity(const NodeIdentity& node) {
  return {.id = node.id,
          .name = node.name,
          .ip = node.ip,
          .attributes = node.attributes,
          .version = ReadVersion(node.version)};
}

// Copies that were missing before the Operation began are none of ours.
Verdict AllCopiesAreBack(const Picture& p, absl::Time since) {
  Baseline baseline{.since = since};
  for (const Node& node : p.view.nodes) baseline.expected.push_back(IdentityOf(node));
  return Recovered(p.view, baseline, p.now);
}

bool HasUnassignedPrimary(const View& view) {
  return std::any_of(view.copies.begin(), view.copies.end(),
                     [](const Copy& copy) { return copy.primary && copy.state == CopyState::kUnassigned; });
}

Step NodeStep(const Picture& p, const NodeIdentity& node, std::string verb, std::string key, Action action,
              std::string why) {
  Step step;
  step.key = std::move(key);
  step.verb = std::move(verb);
  step.target = node.name;
  step.action = std::move(action);
  step.guards = {NobodyElseWorksOnIt(p)};
  step.touches = {Cat("cluster:", p.view.cluster_name), Cat("host:", node.ip.empty() ? node.host : node.ip)};
  step.why = std::move(why);
  return step;
}

Step FlushStep(const Picture& p, const NodeIdentity& node) {
  Step step = NodeStep(p, node, "flush", FlushKey(node), CallTo(p.want, p.view, "POST", "/_flush"),
                       "what is in the translogs need not be replayed when the node returns");
  step.danger = Danger::kReversible;
  step.takes = absl::Minutes(1);
  return step;
}

Lease FreezeLease(const Picture& p, const NodeIdentity& node, const std::string& why) {
  const auto own = p.view.settings.persistent.find(std::string(kEnableKey));
  Lease lease{
      .object = std::string(kEnableObject),
      .before = EnableBeforeText({.effective = p.enable,
                                  .persistent = own == p.view.settings.persistent.end() ? "" : own->second,
                                  .node_id = node.id,
                                  .node_name = node.name,
                                  .incarnation = node.incarnation}),
      .wrote = "none",
      .why = why};
  SettingsPut undo(p.view);
  undo.Set(std::string(kEnableKey), p.enable);
  if (KeepsMirror(p.view)) undo.Clear(MirrorKeyOf(lease.object), "");
  lease.restore = undo.Build(p.want);
  return lease;
}

Lease NodeLease(const Picture& p, const NodeIdentity& node, const std::string& why) {
  return {.object = NodeObject(node),
          .before = IdentityText(node),
          .wrote = "stopped",
          .restore = StartNode(*p.want.disruption.control, node),
          .why = why};
}

// The stopped node is mirrored before it is stopped: by the same request that switches allocation off.
Step FreezeStep(const Picture& p, const NodeIdentity& node, const std::string& why) {
  Lease lease = FreezeLease(p, node, why);
  SettingsPut put(p.view);
  put.Set(std::string(kEnableKey), "none");
  if (KeepsMirror(p.view)) {
    put.Set(MirrorKeyOf(lease.object), MirrorText(lease));
    put.Set(MirrorKeyOf(NodeObject(node)), MirrorText(NodeLease(p, node, why)));
  }
  Step step = PutStep(p, std::move(put), ClaimBy::kTakes, "freeze for", node.name, node.incarnation, why);
  step.danger = Danger::kDisruptive;
  step.guards.push_back(NobodyHoldsIt(p));
  step.guards.push_back(ReadTogether(p));
  step.puts_aside = std::move(lease);
  return step;
}

Step StopStep(const Picture& p, const NodeIdentity& node, const std::string& why) {
  Step step = NodeStep(p, node, "stop", StopKey(node), StopNode(*p.want.disruption.control, node), why);
  step.danger = Danger::kDisruptive;
  step.guards.push_back(NobodyHoldsIt(p));
  step.guards.push_back(ReadTogether(p));
  step.guards.push_back(OurClaimStands(p));
  step.takes = p.want.disruption.stop_timeout;
  step.show_within = p.want.disruption.stop_timeout;
  step.max_age = kAnsweredWithin;
  step.puts_aside = NodeLease(p, node, why);
  step.meter = Meter{Cat("stop ", node.name), 2, absl::Hours(1), absl::ZeroDuration()};
  return step;
}

Step StartStep(const Picture& p, const NodeIdentity& node, const Obligation& obligation) {
  Step step = NodeStep(p, node, "start", StartKey(node), StartNode(*p.want.disruption.control, node),
                       Cat("it was stopped for: ", obligation.why));
  step.danger = Danger::kReversible;
  step.duty = Step::Duty::kMustFinish;
  if (obligation.known == Obligation::Known::kJournal) step.puts_back = obligation.object;
  step.takes = absl::Minutes(5);
  step.show_within = p.want.disruption.return_timeout;
  step.meter = Meter{Cat("start ", node.name), 3, absl::Hours(1), absl::Seconds(30)};
  return step;
}

Step ThawPrimariesStep(const Picture& p, const NodeIdentity& node) {
  SettingsPut put(p.view);
  put.Set(std::string(kEnableKey), "primaries");
  Step step = PutStep(p, std::move(put), ClaimBy::kTakes, "allow primaries without", node.name,
                      node.incarnation, "an index that is created now must not stay without its primary");
  step.duty = Step::Duty::kMustFinish;
  return step;
}

// ── the return of a node ──

enum class Away : uint8_t { kNotStopped, kLeaving, kDidNotLeave, kGone, kBack };

Away AwayOf(const Picture& p, const NodeIdentity& node) {
  const Node* now = Returned(p, node);
  if (now == nullptr) return Away::kGone;
  if (now->id != node.id || now->Incarnation() != node.incarnation) return Away::kBack;
  const Attempt* stop = p.LastAttempt(StopKey(node));
  if (stop == nullptr || stop->outcome.kind == Outcome::Kind::kRefused) return Away::kNotStopped;
  return p.now - stop->sent < p.want.disruption.stop_timeout ? Away::kLeaving : Away::kDidNotLeave;
}

void WaitForReturn(const Obligation& obligation, std::string detail, Wait::On on, std::string remedy,
                   absl::Time look, Draft& draft) {
  draft.Wait({.on = on,
              .name = RestoreName(obligation.object),
              .detail = std::move(detail),
              .remedy = std::move(remedy)});
  draft.Due(look);
}

Guard ProcessIsGone(const Picture& p, const NodeIdentity& node) {
  constexpr std::string_view kName = "its process is gone";
  const Attempt* stop = p.LastAttempt(StopKey(node));
  if (stop != nullptr && stop->outcome.kind == Outcome::Kind::kDone)
    return {kName, Pass("who stopped it said so", p.at)};
  const absl::Duration since = stop == nullptr ? kGoneFor : p.now - stop->sent;
  if (since >= kGoneFor) return {kName, Pass(Cat("it has been out of the cluster for ", Brief(since)), p.at)};
  return {kName, CannotTell("it left the cluster just now", p.at)};
}

void StartIt(const Picture& p, const NodeIdentity& node, const Obligation& obligation, Draft& draft) {
  draft.Due(p.now + kCadence);
  const Attempt* start = p.LastAttempt(StartKey(node));
  const bool under_way = start != nullptr && start->outcome.kind == Outcome::Kind::kDone &&
                         p.now - start->sent < p.want.disruption.return_timeout;
  if (under_way)
    return WaitForReturn(obligation, Cat("started ", Brief(p.now - start->sent), " ago, not back yet"),
                         Wait::On::kProgress, "", p.now + kCadence, draft);
  Step step = StartStep(p, node, obligation);
  step.guards.push_back(ProcessIsGone(p, node));
  if (start != nullptr) Append(step.why, "; an earlier start did not bring it back");
  draft.Add(std::move(step), "start again");
}

void BringGoneBack(const Picture& p, const NodeIdentity& node, const Obligation& obligation, Draft& draft) {
  const bool frozen = p.enable == "none" && p.Find(kEnableObject) != nullptr;
  if (frozen && !HasUnassignedPrimary(p.view)) {
    draft.Add(ThawPrimariesStep(p, node), "allow primaries");
    Step start = StartStep(p, node, obligation);
    start.guards.push_back({"primaries may be allocated", Hold("allocation is none", p.at)});
    draft.Forecast(std::move(start), "start again");
    draft.Due(p.now + kCadence);
    return;
  }
  StartIt(p, node, obligation, draft);
}

// A note about a node that needs nothing any more, when no other request is due that would take it away.
void Forget(const Picture& p, const Obligation& obligation, const NodeIdentity& node, Draft& draft) {
  if (obligation.mirror_key.empty() || p.Find(kEnableObject) != nullptr) return;
  SettingsPut put(p.view);
  put.Clear(obligation.mirror_key, "");
  Step step = PutStep(p, std::move(put), ClaimAfter(p, {obligation.object}), "forget", node.name,
                      node.incarnation, "it is in the cluster");
  step.duty = Step::Duty::kMustFinish;
  draft.Add(std::move(step), "forget");
}

void Welcome(const Picture& p, const NodeIdentity& node, const Obligation& obligation, Draft& draft) {
  const Node& now = *Returned(p, node);
  draft.Due(p.now + kCadence);
  if (!AnswersNow(p.view, p.view.NodeIndex(now.id), p.now))
    return WaitForReturn(obligation, "it is in the cluster and does not answer yet", Wait::On::kProgress, "",
                         p.now + kCadence, draft);
  const Verdict same = SameNode(p.view, AsIdentity(node), now);
  if (same.is != Verdict::Is::kPass)
    return WaitForReturn(obligation, Cat("it came back as another: ", same.evidence), Wait::On::kHuman,
                         "mend its configuration and start it again; no other node is touched until then",
                         p.now + kCadence, draft);
  if (obligation.known == Obligation::Known::kJournal)
    draft.plan().restored.emplace_back(obligation.object, Cat("is back as ", now.Incarnation()));
  Forget(p, obligation, node, draft);
}

}  // namespace

bool IsNodeAway(const Picture& p) {
  const Obligation* obligation = p.FindKind(kNodeObject);
  if (obligation == nullptr) return false;
  const Away away = AwayOf(p, ParseIdentity(obligation->before));
  return away == Away::kGone || away == Away::kLeaving;
}

std::string SettledNodeMirror(const Picture& p) {
  const Obligation* obligation = p.FindKind(kNodeObject);
  if (obligation == nullptr || IsNodeAway(p)) return {};
  const NodeIdentity node = ParseIdentity(obligation->before);
  const Node* now = Returned(p, node);
  const bool same = now != nullptr && (now->Incarnation() == node.incarnation ||
                                       SameNode(p.view, AsIdentity(node), *now).is == Verdict::Is::kPass);
  return same ? obligation->mirror_key : std::string();
}

void BringNodeBack(const Picture& p, const Obligation& obligation, Draft& draft) {
  const NodeIdentity node = ParseIdentity(obligation.before);
  if (node.name.empty() || !p.want.disruption.control)
    return WaitForReturn(obligation,
                         node.name.empty() ? "what was noted about it cannot be read"
                                           : "the spec no longer says how it is started",
                         Wait::On::kHuman, "start it by hand", p.now + kCadence, draft);
  switch (AwayOf(p, node)) {
    case Away::kNotStopped:
      if (obligation.known == Obligation::Known::kJournal)
        draft.plan().restored.emplace_back(obligation.object, "was not stopped");
      return Forget(p, obligation, node, draft);
    case Away::kLeaving:
      return WaitForReturn(obligation, "it was told to stop", Wait::On::kProgress, "", p.now + kCadence,
                           draft);
    case Away::kDidNotLeave:
      draft.plan().restored.emplace_back(obligation.object, "still runs: the stop had no effect");
      return;
    case Away::kGone:
      return BringGoneBack(p, node, obligation, draft);
    case Away::kBack:
      return Welcome(p, node, obligation, draft);
  }
}

// ── what an Operation has come to ──

namespace {

std::vector<WantedToken> RiskyTokens(const Picture& p, const std::string& operation) {
  const Selector& risky = p.want.risky_nodes;
  std::vector<WantedToken> out;
  const auto add = [&](std::string key, const std::string& token) {
    if (!token.empty())
      out.push_back({.key = std::move(key),
                     .token = token,
                     .why = Cat("Operation/", operation, " must not leave a shard to risky nodes"),
                     .allow_empty = true,
                     .operation = operation});
  };
  // The filters exclude what fits any of them; only a selector of one key means the same.
  const size_t keys = risky.attributes.size() + (risky.ip.empty() ? 0 : 1) + (risky.name.empty() ? 0 : 1) +
                      (risky.host.empty() ? 0 : 1) + (risky.id.empty() ? 0 : 1);
  if (keys != 1) return out;
  add("_ip", risky.ip);
  add("_name", risky.name);
  add("_host", risky.host);
  add("_id", risky.id);
  for (const auto& [key, value] : risky.attributes) add(key, value);
  return out;
}

bool NeedsProtection(const Picture& p, const Roll& roll) {
  switch (p.want.disruption.protect_from) {
    case Disruption::Protect::kNever:
      return false;
    case Disruption::Protect::kAlways:
      return true;
    case Disruption::Protect::kRisky:
      break;
  }
  for (const WantedToken& token : RiskyTokens(p, roll.operation->name))
    if (const Obligation* ours = p.Find(token.Object()); ours && ours->why == token.why) return true;
  for (const uint32_t node : roll.coming)
    for (const InTheWay& one : JudgeStop(p.view, {node}, p.want, p.now).in_the_way)
      if (one.rule == StopRule::kOtherCopyRisky) return true;
  return false;
}

absl::Time BegunAt(const Picture& p, const OperationIn<Operation>& operation) {
  const auto found = p.frame.past.operations.find(operation.name);
  return found == p.frame.past.operations.end() ? p.now : found->second.since;
}
absl::Time BeforeOf(const Picture& p, const OperationIn<Operation>& operation) {
  return operation.want.started_before != absl::InfinitePast() ? operation.want.started_before
                                                               : BegunAt(p, operation);
}

}  // namespace

Roll PlanRoll(const Picture& p, Draft& draft) {
  Roll roll;
  for (const OperationIn<Operation>& operation : p.operations) {
    OperationProgress report{.name = operation.name};
    const std::vector<uint32_t> matched = MatchedNodes(p.view, operation.want.nodes);
    const absl::Time before = BeforeOf(p, operation);
    const absl::Time begun_at = std::min(BegunAt(p, operation), before);
    const Obligation* away = p.FindKind(kNodeObject);
    std::vector<uint32_t> coming;
    for (const uint32_t n : RollOrder(p.view, matched, p.want))
      if (!IsDone(p.view.nodes[n], before)) coming.push_back(n);
    if (before > p.now) {
      report.message = "startedBefore lies in the future";
      draft.Due(before);
    } else if (matched.empty() && away == nullptr) {
      report.phase = OperationProgress::Phase::kFailed;
      report.message = Cat("no node fits ", SelectorText(operation.want.nodes));
    } else if (!p.want.disruption.control) {
      report.message = "the spec does not say how nodes are stopped and started: `disruption.control`";
    } else if (roll.operation != nullptr) {
      report.message = Cat("waits for Operation/", roll.operation->name);
    } else {
      const bool busy = away != nullptr || p.Find(kEnableObject) != nullptr;
      report.message =
          Cat(matched.size() - coming.size(), " of ", Count(matched.size(), "node"), " restarted");
      if (!coming.empty()) Append(report.message, "; next is ", p.view.nodes[coming.front()].name);
      const Verdict whole = AllCopiesAreBack(p, begun_at);
      const bool over = coming.empty() && !busy && whole.is == Verdict::Is::kPass;
      if (coming.empty() && !over) Append(report.message, "; waits until all copies are back");
      const bool begun = busy || operation.phase != OperationPhase::kPending;
      report.phase = over    ? OperationProgress::Phase::kSucceeded
                     : begun ? OperationProgress::Phase::kRunning
                             : OperationProgress::Phase::kPending;
      if (!over) {
        roll = {.operation = &operation,
                .before = before,
                .begun = begun_at,
                .nodes = matched,
                .coming = std::move(coming)};
        if (NeedsProtection(p, roll)) roll.protect = RiskyTokens(p, operation.name);
        draft.Due(p.now + kCadence);
      }
    }
    draft.plan().operations.push_back(std::move(report));
  }
  return roll;
}

bool IsFrozenForNext(const Picture& p, const Roll& roll) {
  const Obligation* enable = p.Find(kEnableObject);
  if (enable == nullptr || roll.operation == nullptr || roll.coming.empty() || p.enable != "none")
    return false;
  // Its mirror is written before it is stopped; the journal knows it only once the stop is sent.
  const Obligation* away = p.FindKind(kNodeObject);
  if (away != nullptr && away->known == Obligation::Known::kJournal) return false;
  const EnableBefore before = ParseEnableBefore(enable->before);
  const Node& next = p.view.nodes[roll.coming.front()];
  return before.node_id == next.id && before.incarnation == next.Incarnation();
}

namespace {

std::vector<Guard> StopGuards(const Picture& p, const Roll& roll, uint32_t node) {
  std::vector<Guard> guards = JudgeStop(p.view, {node}, p.want, p.now).guards;
  guards.push_back({"all copies are back", AllCopiesAreBack(p, roll.begun)});
  for (const WantedToken& token : roll.protect)
    guards.push_back(
        {"risky nodes are excluded", p.InForce(token.key, token.token)
                                         ? Pass(token.Text(), p.at)
                                         : Hold(Cat(token.Text(), " is not excluded yet"), p.at)});
  return guards;
}

void AddGuards(Step& step, const std::vector<Guard>& guards) {
  step.guards.insert(step.guards.end(), guards.begin(), guards.end());
}

void ForecastNode(const Picture& p, uint32_t n, const std::string& operation, const std::string& why,
                  Draft& draft) {
  const NodeIdentity node = Remember(p.view.nodes[n]);
  const Guard turn{"it is its turn", Hold("another node is before it", p.at)};
  const std::string stage = Cat("restart ", node.name);
  for (Step step : {FreezeStep(p, node, why), StopStep(p, node, why)}) {
    step.guards.insert(step.guards.begin(), turn);
    step.operation = operation;
    step.puts_aside.reset();
    draft.Forecast(std::move(step), stage);
  }
}

void ForecastReturn(const Picture& p, const NodeIdentity& node, const std::string& why, Draft& draft) {
  const Obligation stopped{.object = NodeObject(node), .why = why, .known = Obligation::Known::kMirrorOnly};
  Step start = StartStep(p, node, stopped);
  start.guards.push_back({"it is stopped", Hold("it still runs", p.at)});
  draft.Forecast(std::move(start), "start again");
  SettingsPut put(p.view);
  put.Set(std::string(kEnableKey), p.enable == "none" ? "all" : p.enable);
  Step thaw = PutStep(p, std::move(put), ClaimBy::kGivesUp, "restore allocation after", node.name,
                      node.incarnation, why);
  thaw.guards.push_back({"the node that was stopped is back", Hold("it still runs", p.at)});
  draft.Forecast(std::move(thaw), "restore allocation");
}

bool WasFlushed(const Picture& p, const NodeIdentity& node) {
  const Attempt* flush = p.LastAttempt(FlushKey(node));
  return flush != nullptr && p.now - flush->sent < kFlushedWithin;
}

}  // namespace

void WantNextNode(const Picture& p, const Roll& roll, Draft& draft) {
  if (roll.operation == nullptr || roll.coming.empty()) return;
  const bool frozen = IsFrozenForNext(p, roll);
  if (!frozen && (p.FindKind(kNodeObject) != nullptr || p.Find(kEnableObject) != nullptr)) return;
  const uint32_t next = roll.coming.front();
  const NodeIdentity node = Remember(p.view.nodes[next]);
  const std::string& operation = roll.operation->name;
  const std::string why = Cat("Operation/", operation, " restarts it",
                              roll.operation->reason.empty() ? "" : Cat(": ", roll.operation->reason));
  const std::vector<Guard> guards = StopGuards(p, roll, next);
  draft.Ask(kAskConfirm);
  Step stop = StopStep(p, node, why);
  stop.operation = operation;
  if (frozen) {
    AddGuards(stop, guards);
    const Attempt* freeze = p.LastAttempt(Cat("freeze for ", node.name, "#", node.incarnation));
    const bool too_long = freeze == nullptr || p.now - freeze->sent > kMostFrozen;
    if (AnyHolds(stop.guards) || too_long)
      BringAllocationBack(p, *p.Find(kEnableObject), draft);
    else
      draft.Wait({.on = Wait::On::kProgress,
                  .name = RestoreName(kEnableObject),
                  .detail = Cat("off for the restart of ", node.name)});
    draft.Add(std::move(stop), Cat("restart ", node.name));
    ForecastReturn(p, node, why, draft);
  } else {
    Step freeze = FreezeStep(p, node, why);
    freeze.operation = operation;
    AddGuards(freeze, guards);
    if (!WasFlushed(p, node)) {
      Step flush = FlushStep(p, node);
      flush.operation = operation;
      AddGuards(flush, guards);
      flush.guards.push_back(NobodyHoldsIt(p));
      draft.Add(std::move(flush), Cat("restart ", node.name));
      freeze.guards.push_back({"it was flushed", Hold("not yet", p.at)});
    }
    draft.Add(std::move(freeze), Cat("restart ", node.name));
    stop.guards.insert(stop.guards.begin(), {"allocation is off", Hold(Cat("it is ", p.enable), p.at)});
    stop.puts_aside.reset();
    draft.Forecast(std::move(stop), Cat("restart ", node.name));
    ForecastReturn(p, node, why, draft);
  }
  for (size_t i = 1; i < roll.coming.size() && i <= kMostForecastNodes; ++i)
    ForecastNode(p, roll.coming[i], operation, why, draft);
}

}  // namespace holdfast::elasticsearch
