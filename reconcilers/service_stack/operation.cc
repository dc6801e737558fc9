#include <algorithm>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/service_stack/decide.h"

namespace holdfast::stack {
namespace {

enum class Member : uint8_t { kDone, kInHand, kComing, kCannotTell };

// A new incarnation is the proof; a start time alone may be rounded, or come from another clock.
bool WasEndedSince(const Picture& p, uint32_t t, absl::Time since) {
  const Deeds& deeds = p.deeds[t];
  if (deeds.stop == nullptr || deeds.stop->sent < since) return false;
  const std::string& living = ProcessOf(p.seen.targets[t]).incarnation;
  const std::string_view ended = IncarnationOfKey(deeds.stop->key);
  return !living.empty() && !ended.empty() && !SameRun(living, ended);
}

Member MemberOf(const Picture& p, uint32_t t, absl::Time before) {
  if (p.deeds[t].lease != nullptr) return Member::kInHand;
  const Standing standing = p.standing[t];
  if (standing == Standing::kUnknown || standing == Standing::kForeign || standing == Standing::kMissing)
    return Member::kCannotTell;
  if (IsProvenDead(standing)) return Member::kDone;  // whatever starts it starts it anew
  if (standing == Standing::kStopping) return Member::kInHand;
  if (WasEndedSince(p, t, before)) return standing == Standing::kUp ? Member::kDone : Member::kInHand;
  const absl::Time started = ProcessOf(p.seen.targets[t]).started;
  if (started == absl::InfinitePast()) {
    // Its supervisor does not tell since when it runs; our own restart is then the only mark.
    return p.deeds[t].stop != nullptr && p.deeds[t].stop->sent >= before ? Member::kDone : Member::kComing;
  }
  if (started < before) return Member::kComing;
  return standing == Standing::kUp ? Member::kDone : Member::kInHand;
}

std::vector<uint32_t> MembersInOrder(const Picture& p, const Restart& restart,
                                     std::vector<std::string>& unknown) {
  std::vector<uint32_t> services;
  for (const std::string& name : restart.services) {
    const auto s = p.layout.FindService(name);
    if (!s)
      unknown.push_back(name);
    else if (std::find(services.begin(), services.end(), *s) == services.end())
      services.push_back(*s);
  }
  if (restart.order == Restart::Order::kBottomUp) std::sort(services.begin(), services.end());
  std::vector<uint32_t> members;
  for (uint32_t s : services) {
    const Resolved& service = p.layout.services[s];
    for (uint32_t t = service.first; t < service.first + service.count; ++t)
      if (p.Counts(t)) members.push_back(t);
  }
  return members;
}

struct Progress {
  size_t done = 0, in_hand = 0, cannot_tell = 0, total = 0;
  std::vector<uint32_t> coming;
};

Progress Measure(const Picture& p, const std::vector<uint32_t>& members, absl::Time before) {
  Progress progress;
  progress.total = members.size();
  for (uint32_t t : members) {
    switch (MemberOf(p, t, before)) {
      case Member::kDone:
        ++progress.done;
        break;
      case Member::kInHand:
        ++progress.in_hand;
        break;
      case Member::kCannotTell:
        ++progress.cannot_tell;
        break;
      case Member::kComing:
        progress.coming.push_back(t);
        break;
    }
  }
  return progress;
}

void AddRestart(const Picture& p, uint32_t t, const std::string& operation, const std::string& reason,
                size_t place, Draft& draft) {
  const std::string& name = p.target(t).name;
  std::vector<Guard> guards = Ask(RestartRules(), p, t);
  if (place > 0)
    guards.push_back({"it is its turn", Hold("another member is before it", p.at)});
  else if (draft.HasDisruption())
    guards.push_back(
        {"nothing else is disturbed in this round", Hold("another step disturbs already", p.at)});
  const std::string why = Cat("Operation/", operation, " restarts it", reason.empty() ? "" : ": ", reason);
  Step stop = StopStep(p, t, kRestartStopVerb, std::move(guards), why);
  stop.operation = operation;
  draft.Add(std::move(stop), LayerStage(p, "restart in", t));
  Step again = StartStep(p, t, Cat(name, " is restarted by Operation/", operation));
  again.guards.insert(again.guards.begin(), {"it is proven stopped", Hold("it still runs", p.at)});
  again.meter.reset();
  again.puts_back = name;
  again.duty = Step::Duty::kMustFinish;
  again.operation = operation;
  draft.Forecast(std::move(again), LayerStage(p, "start again in", t));
}

OperationProgress Report(const OperationIn<Restart>& operation, const Progress& progress) {
  OperationProgress report{.name = operation.name};
  report.message = Cat(progress.done, " of ", Count(progress.total, "member"), " restarted");
  if (progress.cannot_tell > 0) Append(report.message, ", ", progress.cannot_tell, " not known");
  if (progress.done == progress.total)
    report.phase = OperationProgress::Phase::kSucceeded;
  else if (operation.phase != OperationPhase::kPending || progress.in_hand > 0)
    report.phase = OperationProgress::Phase::kRunning;
  return report;
}

}  // namespace

void WantRestarts(const Picture& p, const Operations& operations, Draft& draft) {
  size_t place = 0;
  for (const OperationIn<Restart>& operation : operations) {
    const Restart& restart = operation.want;
    std::vector<std::string> unknown;
    const std::vector<uint32_t> members = MembersInOrder(p, restart, unknown);
    if (!unknown.empty()) {
      draft.plan().operations.push_back({operation.name, OperationProgress::Phase::kFailed,
                                         Cat("the stack has no service ", Enumerate(unknown))});
      continue;
    }
    if (restart.started_before > p.frame.now) {
      // Whatever is started before that moment would have to be started again.
      draft.plan().operations.push_back(
          {operation.name, OperationProgress::Phase::kPending, "startedBefore lies in the future"});
      draft.Due(restart.started_before);
      continue;
    }
    const Progress progress = Measure(p, members, restart.started_before);
    OperationProgress report = Report(operation, progress);
    if (p.wanted == Wanted::kDown && report.phase != OperationProgress::Phase::kSucceeded)
      report.message = Cat(report.message, "; waits until the stack is up");
    draft.plan().operations.push_back(std::move(report));
    if (p.wanted == Wanted::kDown) continue;
    for (uint32_t t : progress.coming) AddRestart(p, t, operation.name, operation.reason, place++, draft);
    if (progress.done < progress.total) draft.DueSoon();
  }
}

}  // namespace holdfast::stack
