// Restarts, one node at a time: protect, freeze, stop, thaw the primaries, start, thaw, recover, only then
// the next.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/change.h"
#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/masters.h"
#include "reconcilers/elasticsearch/node_steps.h"
#include "reconcilers/elasticsearch/recovered.h"
#include "reconcilers/elasticsearch/roll.h"
#include "reconcilers/elasticsearch/safety.h"
#include "reconcilers/elasticsearch/voting.h"

namespace holdfast::elasticsearch {
namespace {

constexpr absl::Duration kMostFrozen = absl::Minutes(2);
constexpr absl::Duration kFlushedWithin = absl::Minutes(10);
constexpr size_t kMostForecastNodes = 32;

}  // namespace

bool IsFrozenForNext(const Picture& p, const Roll& roll) {
  const Obligation* enable = p.Find(kEnableObject);
  if (enable == nullptr || roll.operation == nullptr || roll.coming.empty() || p.enable != "none")
    return false;
  // Its mirror is written before it is stopped; the journal knows it only once the stop is sent.
  const Obligation* away = p.FindKind(kNodeObject);
  if (away != nullptr && away->known == Obligation::Known::kJournal && !IsToldAgain(p, roll)) return false;
  const EnableBefore before = ParseEnableBefore(enable->before);
  const Node& next = p.view.nodes[roll.coming.front()];
  return before.node_id == next.id && before.incarnation == next.Incarnation();
}

namespace {

Verdict IsEmpty(const Picture& p, uint32_t node) {
  if (!p.view.nodes[node].data) return Pass("it takes no shards", p.at);
  Verdict empty = EmptyOf(p.view, node);
  if (empty.is == Verdict::Is::kPass && !IsProvenEmpty(p.trail, p.view.nodes[node].id))
    return CannotTell("only one look saw it empty", p.at);
  return empty;
}

// Of two masters one gives its vote away before it stops; until then that is what is asked instead.
void AskForVote(const Picture& p, uint32_t node, std::vector<Guard>& guards) {
  if (!NeedsVotingExclusion(p.view, node)) return;
  for (Guard& guard : guards)
    if (guard.name == kEnoughMasters) guard.verdict = TheOtherCanVote(p, node);
}

std::vector<Guard> StopGuards(const Picture& p, const Roll& roll, uint32_t node) {
  std::vector<Guard> guards = JudgeStop(p.view, {node}, p.want, p.now).guards;
  if (IsChange(*roll.operation)) {
    guards.push_back(CanariesHaveSettled(p, roll));
    guards.push_back(FilesAreReady(p, WantedFiles(p, roll.operation->want, Remember(p.view.nodes[node]))));
  }
  if (IsDrainedFirst(*roll.operation)) guards.push_back({"it is empty", IsEmpty(p, node)});
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

// What is done to one node, as far as it can be said before.
struct Turn {
  NodeIdentity node;
  std::string operation, why;
  std::vector<WantedFile> files;
  bool votes = false;  // and must give that away
};
Turn TurnOf(const Picture& p, const Roll& roll, uint32_t n) {
  const OperationIn<Operation>& operation = *roll.operation;
  Turn turn{.node = Remember(p.view.nodes[n]), .operation = operation.name};
  turn.why = Cat("Operation/", operation.name, IsChange(operation) ? " changes it" : " restarts it",
                 operation.reason.empty() ? "" : Cat(": ", operation.reason));
  turn.files = WantedFiles(p, operation.want, turn.node);
  turn.votes = NeedsVotingExclusion(p.view, n);
  return turn;
}
std::string StageOf(const Turn& turn) { return Cat("restart ", turn.node.name); }

std::vector<Lease> Besides(const Picture& p, const Turn& turn) {
  std::vector<Lease> leases = FileLeases(p, turn.node, turn.files, turn.why);
  if (turn.votes) leases.push_back(VoteLease(p, turn.node, turn.why));
  return leases;
}

void ForecastStop(const Picture& p, const Turn& turn, const Guard& until, Draft& draft) {
  std::vector<Step> steps;
  if (turn.votes) steps.push_back(GiveVoteAway(p, turn.node, turn.why));
  steps.push_back(StopStep(p, turn.node, turn.why));
  for (Step& step : steps) {
    step.guards.insert(step.guards.begin(), until);
    step.operation = turn.operation;
    step.puts_aside.reset();
    draft.Forecast(std::move(step), StageOf(turn));
  }
}

void ForecastChange(const Picture& p, const Turn& turn, Draft& draft) {
  for (Step& step : ChangeSteps(p, turn.node, turn.files, turn.why)) {
    step.guards.push_back({"it is stopped", Hold("it still runs", p.at)});
    step.operation = turn.operation;
    step.puts_aside.reset();
    draft.Forecast(std::move(step), StageOf(turn));
  }
}

void ForecastNode(const Picture& p, const Turn& turn, Draft& draft) {
  const Guard wait{"it is its turn", Hold("another node is before it", p.at)};
  Step freeze = FreezeStep(p, turn.node, turn.why, Besides(p, turn));
  freeze.guards.insert(freeze.guards.begin(), wait);
  freeze.operation = turn.operation;
  freeze.puts_aside.reset();
  draft.Forecast(std::move(freeze), StageOf(turn));
  ForecastStop(p, turn, wait, draft);
  ForecastChange(p, turn, draft);
}

void ForecastReturn(const Picture& p, const Turn& turn, Draft& draft) {
  ForecastChange(p, turn, draft);
  const Obligation stopped{
      .object = NodeObject(turn.node), .why = turn.why, .known = Obligation::Known::kMirrorOnly};
  Step start = StartStep(p, turn.node, stopped);
  start.guards.push_back({"it is stopped", Hold("it still runs", p.at)});
  draft.Forecast(std::move(start), "start again");
  SettingsPut put(p.view);
  const Obligation* frozen = p.Find(kEnableObject);
  put.Set(std::string(kEnableKey),
          frozen == nullptr ? p.enable : ParseEnableBefore(frozen->before).effective);
  Step thaw = PutStep(p, std::move(put), ClaimBy::kGivesUp, "restore allocation after", turn.node.name,
                      turn.node.incarnation, turn.why);
  thaw.guards.push_back({"the node that was stopped is back", Hold("it still runs", p.at)});
  draft.Forecast(std::move(thaw), "restore allocation");
}

bool WasFlushed(const Picture& p, const NodeIdentity& node) {
  const Attempt* flush = p.LastAttempt(FlushKey(node));
  return flush != nullptr && p.now - flush->sent < kFlushedWithin;
}

// Allocation is off for it: it is stopped now, or allocation is restored.
void StopNext(const Picture& p, const Turn& turn, const std::vector<Guard>& guards, Draft& draft) {
  Step stop = turn.votes ? GiveVoteAway(p, turn.node, turn.why) : StopStep(p, turn.node, turn.why);
  stop.operation = turn.operation;
  AddGuards(stop, guards);
  const Attempt* freeze = p.LastAttempt(FreezeKey(turn.node));
  const bool too_long = freeze == nullptr || p.now - freeze->sent > kMostFrozen;
  if (AnyHolds(stop.guards) || too_long)
    BringAllocationBack(p, *p.Find(kEnableObject), draft);
  else
    draft.Wait({.on = Wait::On::kProgress,
                .name = RestoreName(kEnableObject),
                .detail = Cat("off for the restart of ", turn.node.name)});
  draft.Add(std::move(stop), StageOf(turn));
  if (turn.votes) {
    Step forecast = StopStep(p, turn.node, turn.why);
    forecast.guards.insert(forecast.guards.begin(), {"its vote is given away", Hold("not yet", p.at)});
    forecast.operation = turn.operation;
    forecast.puts_aside.reset();
    draft.Forecast(std::move(forecast), StageOf(turn));
  }
}

void FreezeForNext(const Picture& p, const Roll& roll, const Turn& turn, const std::vector<Guard>& guards,
                   Draft& draft) {
  std::vector<Guard> before_files;
  for (const WantedToken& token : roll.drain)
    before_files.push_back({"it is excluded", p.InForce(token.key, token.token)
                                                  ? Pass(token.Text(), p.at)
                                                  : Hold(Cat(token.Text(), " is not excluded yet"), p.at)});
  if (IsChange(*roll.operation)) {
    before_files.push_back(CanariesHaveSettled(p, roll));
    LayFiles(p, turn.node, turn.files, turn.operation, turn.why, before_files, draft);
  }
  Step freeze = FreezeStep(p, turn.node, turn.why, Besides(p, turn));
  freeze.operation = turn.operation;
  AddGuards(freeze, guards);
  if (!WasFlushed(p, turn.node)) {
    Step flush = FlushStep(p, turn.node);
    flush.operation = turn.operation;
    AddGuards(flush, guards);
    flush.guards.push_back(NobodyHoldsIt(p));
    draft.Add(std::move(flush), StageOf(turn));
    freeze.guards.push_back({"it was flushed", Hold("not yet", p.at)});
  }
  draft.Add(std::move(freeze), StageOf(turn));
  ForecastStop(p, turn, {"allocation is off", Hold(Cat("it is ", p.enable), p.at)}, draft);
}

}  // namespace

void WantNextNode(const Picture& p, const Roll& roll, Draft& draft) {
  if (roll.operation == nullptr || roll.coming.empty()) return;
  const bool frozen = IsFrozenForNext(p, roll);
  const bool away = p.FindKind(kNodeObject) != nullptr && !IsToldAgain(p, roll);
  if (!frozen && (away || p.Find(kEnableObject) != nullptr)) return;
  const uint32_t next = roll.coming.front();
  const Turn turn = TurnOf(p, roll, next);
  std::vector<Guard> guards = StopGuards(p, roll, next);
  AskForVote(p, next, guards);
  draft.Ask(kAskConfirm);
  if (frozen)
    StopNext(p, turn, guards, draft);
  else
    FreezeForNext(p, roll, turn, guards, draft);
  ForecastReturn(p, turn, draft);
  for (size_t i = 1; i < roll.coming.size() && i <= kMostForecastNodes; ++i)
    ForecastNode(p, TurnOf(p, roll, roll.coming[i]), draft);
}

}  // namespace holdfast::elasticsearch
