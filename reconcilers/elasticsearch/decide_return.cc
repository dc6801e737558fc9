// A node that was taken out of service comes back: primaries may be allocated, it is started, it is the same.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/change.h"
#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/node_files.h"
#include "reconcilers/elasticsearch/node_steps.h"
#include "reconcilers/elasticsearch/recovered.h"
#include "reconcilers/elasticsearch/safety.h"
#include "reconcilers/elasticsearch/voting.h"

namespace holdfast::elasticsearch {
namespace {

// A process may outlive its node's place in the cluster by seconds; who cannot tell waits this long.
constexpr absl::Duration kGoneFor = absl::Seconds(30);

// nullptr when it is not in the cluster.
const Node* Returned(const Picture& p, const NodeIdentity& node) {
  const uint32_t n = FindAgain(p.view, node);
  return n == kNoNode ? nullptr : &p.view.nodes[n];
}

bool HasUnassignedPrimary(const View& view) {
  return std::any_of(view.copies.begin(), view.copies.end(),
                     [](const Copy& copy) { return copy.primary && copy.state == CopyState::kUnassigned; });
}

enum class Away : uint8_t { kNotStopped, kLeaving, kDidNotLeave, kGone, kBack };

Away AwayOf(const Picture& p, const NodeIdentity& node) {
  const Node* now = Returned(p, node);
  if (now == nullptr) return Away::kGone;
  if (now->id != node.id || now->Incarnation() != node.incarnation) return Away::kBack;
  const Attempt* stop = p.LastAttempt(StopKey(node));
  if (stop == nullptr || stop->outcome.kind == Outcome::Kind::kRefused) return Away::kNotStopped;
  return p.now - stop->sent < p.want.disruption.stop_timeout ? Away::kLeaving : Away::kDidNotLeave;
}

void WaitForReturn(const Picture& p, const Obligation& obligation, std::string detail, Wait::On on,
                   std::string remedy, Draft& draft) {
  draft.Wait({.on = on,
              .name = RestoreName(obligation.object),
              .detail = std::move(detail),
              .remedy = std::move(remedy)});
  draft.Due(p.now + kCadence);
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

void StartIt(const Picture& p, const Roll& roll, const NodeIdentity& node, const Obligation& obligation,
             Draft& draft) {
  draft.Due(p.now + kCadence);
  const Due files = FilesBeforeStart(p, roll, node, obligation, draft);
  const Attempt* start = p.LastAttempt(StartKey(node));
  const bool under_way = start != nullptr && start->outcome.kind == Outcome::Kind::kDone &&
                         p.now - start->sent < p.want.disruption.return_timeout;
  if (under_way)
    return WaitForReturn(p, obligation, Cat("started ", Brief(p.now - start->sent), " ago, not back yet"),
                         Wait::On::kProgress, "", draft);
  Step step = StartStep(p, node, obligation);
  // With other files it is another start.
  if (WasPutBack(p, node)) Append(step.key, "@as before");
  step.guards.push_back(ProcessIsGone(p, node));
  if (files == Due::kSomething)
    step.guards.push_back({"its files are as they are to be", Hold("not yet", p.at)});
  if (start != nullptr) Append(step.why, "; an earlier start did not bring it back");
  draft.Add(std::move(step), "start again");
}

void BringGoneBack(const Picture& p, const Roll& roll, const NodeIdentity& node, const Obligation& obligation,
                   Draft& draft) {
  const bool frozen = p.enable == "none" && p.Find(kEnableObject) != nullptr;
  if (frozen && !HasUnassignedPrimary(p.view)) draft.Add(ThawPrimariesStep(p, node), "allow primaries");
  StartIt(p, roll, node, obligation, draft);
}

void Welcome(const Picture& p, const NodeIdentity& node, const Obligation& obligation, Draft& draft) {
  const Node& now = *Returned(p, node);
  draft.Due(p.now + kCadence);
  if (!AnswersNow(p.view, p.view.NodeIndex(now.id), p.now))
    return WaitForReturn(p, obligation, "it is in the cluster and does not answer yet", Wait::On::kProgress,
                         "", draft);
  const Verdict same = SameNode(p.view, node, now);
  if (same.is != Verdict::Is::kPass)
    return WaitForReturn(p, obligation, Cat("it came back as another: ", same.evidence), Wait::On::kHuman,
                         "mend its configuration and start it again; no other node is touched until then",
                         draft);
  if (obligation.known == Obligation::Known::kJournal)
    draft.plan().restored.emplace_back(obligation.object, Cat("is back as ", now.Incarnation()));
}

}  // namespace

bool IsNodeAway(const Picture& p) {
  const Obligation* obligation = p.FindKind(kNodeObject);
  if (obligation == nullptr) return false;
  const Away away = AwayOf(p, ParseIdentity(obligation->before));
  return away == Away::kGone || away == Away::kLeaving;
}

Guard NodeIsBackOrLost(const Picture& p) {
  constexpr std::string_view kName = "the node that was stopped is back";
  if (!IsNodeAway(p)) return {kName, Pass("", p.at)};
  const Obligation& away = *p.FindKind(kNodeObject);
  const NodeIdentity node = ParseIdentity(away.before);
  absl::Time since = p.now;
  for (const Attempt& attempt : p.frame.past.attempts)
    if (attempt.key == StopKey(node) || attempt.key.starts_with(StartKey(node)))
      since = std::min(since, attempt.sent);
  const Disruption& disruption = p.want.disruption;
  const std::string gone = Cat(away.object, " is not back yet");
  if (p.now - since < disruption.lost_after) return {kName, Hold(gone, p.at)};
  if (disruption.when_lost == Disruption::WhenLost::kHold)
    return {kName, Hold(Cat(gone, "; `whenLost: reallocate` would make its copies anew elsewhere"), p.at)};
  return {kName, Pass(Cat(away.object, " is taken for lost after ", Brief(p.now - since)), p.at)};
}

bool IsToldAgain(const Picture& p, const Roll& roll) {
  const Obligation* obligation = p.FindKind(kNodeObject);
  if (obligation == nullptr || roll.operation == nullptr || roll.coming.empty()) return false;
  const NodeIdentity node = ParseIdentity(obligation->before);
  if (p.view.nodes[roll.coming.front()].id != node.id || AwayOf(p, node) != Away::kDidNotLeave) return false;
  return p.LastAttempt(StopKey(node))->outcome.kind == Outcome::Kind::kUnknown;
}

const Obligation* SettledNode(const Picture& p) {
  const Obligation* obligation = p.FindKind(kNodeObject);
  if (obligation == nullptr) return nullptr;
  const NodeIdentity node = ParseIdentity(obligation->before);
  const Away away = AwayOf(p, node);
  if (away == Away::kNotStopped) return obligation;
  if (away != Away::kBack) return nullptr;
  const Node& now = *Returned(p, node);
  const bool back = AnswersNow(p.view, p.view.NodeIndex(now.id), p.now) &&
                    SameNode(p.view, node, now).is == Verdict::Is::kPass;
  return back ? obligation : nullptr;
}

std::vector<const Obligation*> SettledNotes(const Picture& p) {
  std::vector<const Obligation*> out;
  const Obligation* node = SettledNode(p);
  if (node != nullptr) out.push_back(node);
  if (p.FindKind(kNodeObject) != node) return out;
  for (const Obligation& obligation : p.obligations) {
    const bool vote = obligation.object.starts_with(kVotingObject) && HasItsVote(p, obligation);
    if (vote || obligation.object.starts_with(kFileObject)) out.push_back(&obligation);
  }
  return out;
}

void SettleFiles(const Picture& p, Draft& draft) {
  const bool settled = p.FindKind(kNodeObject) == SettledNode(p);
  for (const Obligation& obligation : p.obligations) {
    if (!obligation.object.starts_with(kFileObject)) continue;
    if (settled && obligation.known == Obligation::Known::kJournal)
      draft.plan().restored.emplace_back(obligation.object, "its node runs with what is there");
    if (!settled)
      draft.Wait({.on = Wait::On::kProgress,
                  .name = RestoreName(obligation.object),
                  .detail = "it stays when its node is back, and goes back when that does not come"});
  }
}

void ForgetNotes(const Picture& p, Draft& draft) {
  if (p.Find(kEnableObject) != nullptr) return;
  SettingsPut put(p.view);
  std::vector<std::string_view> over;
  for (const Obligation* settled : SettledNotes(p)) {
    over.push_back(settled->object);
    if (!settled->mirror_key.empty()) put.Clear(settled->mirror_key, "");
  }
  if (put.empty()) return;
  const ClaimBy claim = ClaimAfter(p, draft, over);
  Step step = PutStep(p, std::move(put), claim, "forget", std::string(over.front()), Cat(over.size()),
                      "it is as it was");
  step.duty = Step::Duty::kMustFinish;
  draft.Add(std::move(step), "forget");
}

void BringNodeBack(const Picture& p, const Roll& roll, const Obligation& obligation, Draft& draft) {
  const NodeIdentity node = ParseIdentity(obligation.before);
  for (const FileAside& aside : FilesAside(p, node.name))
    draft.Ask(AskFile({.node = aside.node, .path = aside.path, .beside = {aside.before}}));
  if (node.name.empty() || !p.want.disruption.control)
    return WaitForReturn(p, obligation,
                         node.name.empty() ? "what was noted about it cannot be read"
                                           : "the spec no longer says how it is started",
                         Wait::On::kHuman, "start it by hand", draft);
  switch (AwayOf(p, node)) {
    case Away::kNotStopped:
      if (obligation.known == Obligation::Known::kJournal)
        draft.plan().restored.emplace_back(obligation.object, "was not stopped");
      return;
    case Away::kLeaving:
      return WaitForReturn(p, obligation, "it was told to stop", Wait::On::kProgress, "", draft);
    case Away::kDidNotLeave: {
      // The stop may take effect at last, and then somebody must start it: so it stays put aside.
      const std::string told = Cat("it was told to stop ", Brief(p.now - p.LastAttempt(StopKey(node))->sent),
                                   " ago and is still in the cluster");
      if (IsToldAgain(p, roll))
        return WaitForReturn(p, obligation,
                             Cat(told, "; nobody knows whether that arrived: it is told again"),
                             Wait::On::kProgress, "", draft);
      return WaitForReturn(
          p, obligation, told, Wait::On::kHuman,
          "find out why it does not stop, and restart it by hand; no other node is touched until then",
          draft);
    }
    case Away::kGone:
      return BringGoneBack(p, roll, node, obligation, draft);
    case Away::kBack:
      return Welcome(p, node, obligation, draft);
  }
}

}  // namespace holdfast::elasticsearch
