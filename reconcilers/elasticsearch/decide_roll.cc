// Restarts, one node at a time: protect, freeze, stop, thaw the primaries, start, thaw, recover, only then
// the next.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/node_steps.h"
#include "reconcilers/elasticsearch/recovered.h"
#include "reconcilers/elasticsearch/roll_order.h"
#include "reconcilers/elasticsearch/safety.h"

namespace holdfast::elasticsearch {
namespace {

constexpr absl::Duration kMostFrozen = absl::Minutes(2);
constexpr absl::Duration kFlushedWithin = absl::Minutes(10);
constexpr size_t kMostForecastNodes = 32;

bool IsDone(const Node& node, absl::Time before) {
  return node.started != absl::InfinitePast() && node.started >= before;
}

// Copies that were missing before the Operation began are none of ours.
Verdict AllCopiesAreBack(const Picture& p, absl::Time since) {
  Baseline baseline{.since = since};
  for (const Node& node : p.view.nodes) baseline.expected.push_back(IdentityOf(node));
  return Recovered(p.view, baseline, p.now);
}

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

// The risky nodes that are to be empty while this goes on. Every coming node is judged, so not without need.
std::vector<WantedToken> Protection(const Picture& p, const Roll& roll) {
  const Disruption::Protect protect = p.want.disruption.protect_from;
  if (protect == Disruption::Protect::kNever) return {};
  std::vector<WantedToken> tokens = RiskyTokens(p, roll.operation->name);
  if (protect == Disruption::Protect::kAlways || tokens.empty()) return tokens;
  const auto begun = [&](const WantedToken& token) {
    const Obligation* ours = p.Find(token.Object());
    return ours != nullptr && ours->why == token.why;
  };
  const auto needs_it = [&](uint32_t node) {
    const StopAnswer answer = JudgeStop(p.view, {node}, p.want, p.now);
    return std::any_of(answer.in_the_way.begin(), answer.in_the_way.end(),
                       [](const InTheWay& one) { return one.rule == StopRule::kOtherCopyRisky; });
  };
  const bool wanted = std::any_of(tokens.begin(), tokens.end(), begun) ||
                      std::any_of(roll.coming.begin(), roll.coming.end(), needs_it);
  return wanted ? tokens : std::vector<WantedToken>();
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
        roll = {.operation = &operation, .begun = begun_at, .coming = std::move(coming)};
        roll.protect = Protection(p, roll);
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
  const Obligation* frozen = p.Find(kEnableObject);
  put.Set(std::string(kEnableKey),
          frozen == nullptr ? p.enable : ParseEnableBefore(frozen->before).effective);
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
    const Attempt* freeze = p.LastAttempt(FreezeKey(node));
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
