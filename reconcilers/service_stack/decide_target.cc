#include <algorithm>
#include <csignal>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/service_stack/actions.h"
#include "reconcilers/service_stack/classes.h"
#include "reconcilers/service_stack/decide.h"

namespace holdfast::stack {
namespace {

std::string StartLine(const Picture& p, uint32_t t) { return Line(StartAction(p.layout, t)); }
std::string StopLine(const Picture& p, uint32_t t) { return Line(StopAction(p.layout, t, "")); }

std::string EvidenceOf(const Picture& p, uint32_t t) {
  std::string evidence = ProcessOf(p.seen.targets[t]).trouble;
  const Finding* finding = p.finding(t);
  if (finding == nullptr) return evidence;
  if (!finding->diagnosis.empty()) Append(evidence, evidence.empty() ? "" : "; ", finding->diagnosis);
  return evidence;
}

bool HasOrphans(const Picture& p, uint32_t t) {
  const Finding* finding = p.finding(t);
  return finding != nullptr && !finding->orphans.empty();
}

std::string EndLines(const Picture& p, const Finding& finding) {
  constexpr size_t kMostLines = 3;
  std::string lines;
  for (size_t i = 0; i < std::min(kMostLines, finding.orphans.size()); ++i) {
    const Finding::Orphan& orphan = finding.orphans[i];
    Signal signal{.where = ReachOf(p.layout, finding.target), .pid = orphan.pid};
    signal.incarnation = orphan.incarnation;
    signal.number = SIGTERM;
    Append(lines, lines.empty() ? "" : " ; ", Line(signal));
  }
  return lines;
}

// Of a reason that is kept in the history for good.
constexpr size_t kMostEvidence = 400;

std::string WhyStart(const Picture& p, uint32_t t) {
  const Process& process = ProcessOf(p.seen.targets[t]);
  const std::string_view name = p.target(t).name;
  if (p.deeds[t].lease != nullptr) return Cat(name, " was stopped by us: ", p.deeds[t].lease->why);
  switch (p.cause[t]) {
    case Cause::kNeverRan:
      return Cat(name, " should run and has not been started");
    case Cause::kByHand:
      return Cat(name, " was stopped by hand, and should run");
    case Cause::kByUs:
      return Cat(name, " should run and was stopped by us");
    default:
      break;
  }
  const std::string evidence = EvidenceOf(p, t);
  return Cat(name, " should run and ended by itself (", process.word, evidence.empty() ? "" : ": ",
             Excerpt(evidence, kMostEvidence), ")");
}

// The other members take over before it comes back; a restart that was asked for does not wait for them.
absl::Time RestsUntil(const Picture& p, uint32_t t) {
  const Deeds& deeds = p.deeds[t];
  const Resolved& service = p.service(t);
  if (deeds.lease != nullptr) {
    const bool ended_a_zombie = deeds.stop != nullptr && VerbOfKey(deeds.stop->key) != kRestartStopVerb;
    return ended_a_zombie && service.members > 1 ? StoppedAt(p, t) + service.recovery_time()
                                                 : absl::InfinitePast();
  }
  if (p.cause[t] == Cause::kByItself && RecoversAlone(p, t)) return StoppedAt(p, t) + service.recovery_time();
  return absl::InfinitePast();
}

bool BudgetIsSpent(const Picture& p, uint32_t t) {
  return p.deeds[t].starts_in_budget >= p.service(t).spec->restart_budget->limit;
}

void WaitForHand(const Picture& p, uint32_t t, Draft& draft) {
  const absl::Time at = StoppedAt(p, t);
  const Process& process = ProcessOf(p.seen.targets[t]);
  draft.Wait({.on = Wait::On::kHold,
              .name = p.target(t).name,
              .detail = Cat("stopped by hand ", Brief(p.frame.now - at),
                            " ago by an unknown person (its supervisor says ", process.word, " since ",
                            Rfc3339(at), ")"),
              .remedy = Cat("start it to end the hold: ", StartLine(p, t)),
              .until = at + *p.service(t).hold()});
}

void WaitForBudget(const Picture& p, uint32_t t, Draft& draft) {
  const RestartBudget& budget = *p.service(t).spec->restart_budget;
  draft.Wait({.on = Wait::On::kHuman,
              .name = p.target(t).name,
              .detail = Cat("started ", p.deeds[t].starts_in_budget, " times in ", DurationText(budget.per),
                            " and did not stay up"),
              .evidence = EvidenceOf(p, t),
              .remedy = Cat("find out why it ends, then: ", StartLine(p, t)),
              .until = p.deeds[t].oldest_start_in_budget + budget.per});
}

}  // namespace

std::string LayerStage(const Picture& p, std::string_view verb, uint32_t t) {
  return Cat(verb, " ", p.layout.layers[p.service(t).layer].name());
}

void ConsiderStart(const Picture& p, uint32_t t, Draft& draft) {
  const bool ours = p.deeds[t].lease != nullptr;
  const bool in_hand = ours || p.frame.purpose == Purpose::kConverge;
  if (!in_hand) return;
  if (!ours && IsHeldByHand(p, t)) return WaitForHand(p, t, draft);
  if (const absl::Time until = RestsUntil(p, t); p.frame.now < until)
    return draft.Wait({.on = Wait::On::kProgress,
                       .name = ours ? RestoreName(p.target(t).name) : p.target(t).name,
                       .detail = Cat("ended ", Brief(p.frame.now - StoppedAt(p, t)),
                                     " ago; the others take over its work first"),
                       .evidence = EvidenceOf(p, t),
                       .until = until});
  if (!ours && BudgetIsSpent(p, t)) return WaitForBudget(p, t, draft);
  draft.Add(StartStep(p, t, WhyStart(p, t)), LayerStage(p, "start", t));
  draft.DueSoon();
}

void ConsiderZombie(const Picture& p, uint32_t t, Draft& draft) {
  const Resolved& service = p.service(t);
  const std::string& name = p.target(t).name;
  if (service.zombie == ZombiePolicy::kNever) {
    draft.Wait({.on = Wait::On::kHuman,
                .name = name,
                .detail = Cat("runs and does not answer: ", AnswerOf(p.seen.targets[t]).detail),
                .evidence = EvidenceOf(p, t),
                .remedy = Cat("the spec says `zombie: never`; by hand: ", StopLine(p, t))});
    return draft.DueSoon();
  }
  std::vector<Guard> guards = Ask(ZombieRules(), p, t);
  for (Guard& guard : Ask(RestartRules(), p, t)) guards.push_back(std::move(guard));
  std::string why =
      Cat(name, " is a zombie: it runs and does not answer: ", AnswerOf(p.seen.targets[t]).detail);
  if (service.zombie == ZombiePolicy::kPropose)
    draft.Wait(
        {.on = Wait::On::kHuman,
         .name = name,
         .detail = why,
         .evidence = EvidenceOf(p, t),
         .remedy =
             Cat("let it go with `holdfast apply` (`holdfast why` shows the line), or set `zombie: act`, or "
                 "by hand: ",
                 StopLine(p, t), " and then ", StartLine(p, t))});
  draft.Add(StopStep(p, t, kZombieStopVerb, std::move(guards), std::move(why)),
            LayerStage(p, "end zombies of", t));
  Step again = StartStep(p, t, Cat(name, " was a zombie"));
  again.guards.insert(again.guards.begin(), {"it is proven stopped", Hold("it still runs", p.at)});
  again.meter.reset();
  again.puts_back = name;
  again.duty = Step::Duty::kMustFinish;
  draft.Forecast(std::move(again), LayerStage(p, "start again in", t));
  draft.DueSoon();
}

void ConsiderStopping(const Picture& p, uint32_t t, Draft& draft) {
  const Deeds& deeds = p.deeds[t];
  const std::string& name = p.target(t).name;
  draft.DueSoon();
  const std::string wait_name = deeds.lease != nullptr ? RestoreName(name) : name;
  if (!StopIsOverdue(p, t)) {
    const std::string since =
        deeds.stop != nullptr ? Cat(", told ", Brief(p.frame.now - deeds.stop->sent), " ago") : ", not by us";
    return draft.Wait({.on = Wait::On::kProgress,
                       .name = wait_name,
                       .detail = Cat("stopping", since),
                       .until = deeds.stop != nullptr ? StopDeadline(p, t) : absl::InfiniteFuture()});
  }
  const bool killed = VerbOfKey(deeds.stop->key) == kKillVerb;
  std::optional<Step> kill = KillStep(
      p, t, Cat(name, " was told to stop and still runs after ", DurationText(p.service(t).stop_timeout())));
  draft.Wait({.on = Wait::On::kHuman,
              .name = wait_name,
              .detail = killed ? Cat("was killed ", Brief(p.frame.now - deeds.stop->sent),
                                     " ago and still exists: the kernel does not let go of it")
                               : Cat("was told to stop ", Brief(p.frame.now - deeds.stop->sent),
                                     " ago and still runs"),
              .evidence = EvidenceOf(p, t),
              .remedy = kill ? Cat("look at what it hangs on; then: ", Line(kill->action))
                             : "look at what it hangs on; end it by hand"});
  if (kill && !killed) draft.Add(*std::move(kill), LayerStage(p, "kill in", t));
}

void ExplainOrphans(const Picture& p, Draft& draft) {
  for (const Finding& finding : p.seen.findings) {
    const uint32_t t = finding.target;
    if (finding.orphans.empty()) continue;
    const bool alone = p.standing[t] == Standing::kForeign;
    const bool ours = p.deeds[t].lease != nullptr;
    draft.Wait(
        {.on = Wait::On::kHuman,
         .name = alone && ours ? RestoreName(p.target(t).name) : p.target(t).name,
         .detail = Cat("its supervisor says ", ProcessOf(p.seen.targets[t]).word, ", and ",
                       alone ? "it runs all the same: " : "it runs a second time: ", OrphansText(finding)),
         .evidence = finding.diagnosis,
         .remedy = Cat("a supervisord that was killed has left it behind; end it: ", EndLines(p, finding))});
    draft.DueSoon();
  }
}

void Explain(const Picture& p, uint32_t t, Draft& draft) {
  const Seen& seen = p.seen.targets[t];
  const std::string& name = p.target(t).name;
  // As long as nobody knows that it runs again, what we put aside is not put back.
  const std::string held = p.deeds[t].lease != nullptr ? RestoreName(name) : name;
  const auto progress = [&](std::string detail) {
    draft.Wait(
        {.on = Wait::On::kProgress, .name = name, .detail = std::move(detail), .evidence = EvidenceOf(p, t)});
    draft.DueSoon();
  };
  switch (p.standing[t]) {
    case Standing::kUnknown:
      draft.Wait({.on = Wait::On::kObservation, .name = held, .detail = UnknownReason(seen)});
      return draft.DueSoon();
    case Standing::kMissing:
      return draft.Wait({.on = Wait::On::kHuman,
                         .name = held,
                         .detail = "its supervisor does not know it",
                         .remedy = "correct its name in `control`, or configure it there"});
    case Standing::kForeign:
      if (HasOrphans(p, t)) return;  // told by ExplainOrphans
      return draft.Wait(
          {.on = Wait::On::kHuman,
           .name = held,
           .detail = Cat("its supervisor says ", ProcessOf(seen).word,
                         ", and yet something answers in its place: ", AnswerOf(seen).detail),
           .evidence = EvidenceOf(p, t),
           .remedy = "find the process that answers and end it, or let its supervisor have it"});
    case Standing::kStarting:
      return progress(Cat("starting", AnswerOf(seen).detail.empty() ? "" : ": ", AnswerOf(seen).detail));
    case Standing::kSilent:
      return progress(Cat("runs and does not answer yet: ", AnswerOf(seen).detail));
    case Standing::kWrong:
      return progress(Cat("answers, but not as demanded: ", AnswerOf(seen).detail));
    case Standing::kUp:
      if (!IsSettled(p, t)) draft.Due(p.trail.streaks[t].up_since + p.service(t).settle());
      return;
    default:
      return;
  }
}

}  // namespace holdfast::stack
