// Processes that rest for a while, and come back exactly once.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/autoscaling_group/decide.h"

namespace holdfast::autoscaling_group {
namespace {

std::string TargetOf(std::string_view process) { return Cat("process ", process); }

json::object Named(std::string_view process) {
  return {{"ScalingProcesses", json::array{json::value(JsonView(process))}}};
}

// The lease is written before the call: when AWS refused that, whoever suspended the process was not us.
bool WasRefused(const Frame& frame, std::string_view process) {
  const std::string effect = Cat("suspend ", TargetOf(process));
  const auto& attempts = frame.past.attempts;
  const auto last = std::find_if(attempts.rbegin(), attempts.rend(), [&](const Attempt& attempt) {
    return attempt.key == effect || attempt.key.starts_with(Cat(effect, "#"));
  });
  return last != attempts.rend() && last->outcome.kind == Outcome::Kind::kRefused;
}

// Why a process is to rest now, and until when at the latest.
struct Rest {
  std::string why, wrote;
  absl::Time until = absl::InfiniteFuture();
};

Step SuspendStep(const Picture& p, std::string_view process, const Rest& rest) {
  Step step = WriteStep(p.want, "SuspendProcesses", Named(process), "suspend", TargetOf(process), rest.wrote,
                        Cat(rest.why, ", ", rest.wrote));
  step.puts_aside =
      Lease{.object = ProcessObject(process),
            .before = "running",
            .wrote = rest.wrote,
            .restore = WriteStep(p.want, "ResumeProcesses", Named(process), "", "", "", "").action,
            .why = rest.why};
  return step;
}

Step ResumeStep(const Picture& p, std::string_view process, const Lease& lease) {
  Step step = WriteStep(p.want, "ResumeProcesses", Named(process), "resume", TargetOf(process), lease.wrote,
                        Cat("it was to rest ", lease.wrote, ": ", lease.why));
  step.duty = Step::Duty::kMustFinish;
  step.puts_back = lease.object;
  return step;
}

void ExplainForeign(std::string_view process, const std::string& reason, Draft& draft) {
  draft.Wait({.on = Wait::On::kHold,
              .name = Cat(process, " is suspended"),
              .detail = Cat("by someone else: ", reason.empty() ? "no reason told" : Excerpt(reason)),
              .remedy = "whoever suspended it resumes it: aws autoscaling resume-processes"});
}

// What is declared to rest now; nothing also when its time has passed.
std::optional<Rest> Declared(const Picture& p, Process process, Draft& draft) {
  if (p.frame.purpose != Purpose::kConverge) return std::nullopt;
  const auto found =
      std::ranges::find_if(p.want.suspended, [&](const Suspension& s) { return s.process == process; });
  if (found == p.want.suspended.end()) return std::nullopt;
  if (found->InForce(p.frame.now)) {
    draft.Due(found->until);
    return Rest{found->reason, Cat("until ", Rfc3339(found->until)), found->until};
  }
  draft.Wait({.on = Wait::On::kSpec,
              .name = Cat("suspension of ", ProcessText(process), " expired"),
              .detail = Cat("it ended ", Rfc3339(found->until)),
              .remedy = "take it out of the spec"});
  return std::nullopt;
}

void WantProcess(const Picture& p, Process process, const std::string& rollout, Draft& draft) {
  const std::string_view name = ProcessText(process);
  const std::string object = ProcessObject(name);
  std::optional<Rest> rest = Declared(p, process, draft);
  if (!rest && !rollout.empty()) rest = Rest{rollout, "until it is through"};
  const Lease* lease = OpenLease(p.frame, object);
  const auto rests = p.group().suspended.find(std::string(name));
  const bool resting = rests != p.group().suspended.end();
  const bool ours = lease != nullptr && !WasRefused(p.frame, name);

  if (rest && !resting) {
    draft.plan().diffs.push_back({Cat("suspended.", name), "suspended", "running"});
    // What is in the ledger and not shown yet is put aside all the same.
    if (lease != nullptr)
      draft.Wait({.on = Wait::On::kProgress,
                  .name = RestoreName(object),
                  .detail = Cat(name, " is to rest: ", rest->why),
                  .until = rest->until});
    return draft.Add(Turn::kSuspend, SuspendStep(p, name, *rest), "suspend");
  }
  if (resting && !ours) {
    if (lease != nullptr)
      draft.plan().restored.emplace_back(object, "ours was refused; someone else's stands");
    return ExplainForeign(name, rests->second, draft);
  }
  if (rest)
    return draft.Wait({.on = Wait::On::kProgress,
                       .name = RestoreName(object),
                       .detail = Cat(name, " rests: ", rest->why),
                       .until = rest->until});
  if (lease == nullptr) return;
  if (!resting) return draft.plan().restored.emplace_back(object, Cat(name, " runs")), void();
  draft.plan().diffs.push_back({Cat("suspended.", name), "running", "suspended"});
  draft.Add(Turn::kPutBack, ResumeStep(p, name, *lease), "resume");
}

}  // namespace

void WantSuspended(const Picture& p, const std::optional<RolloutNow>& rollout, Draft& draft) {
  for (int i = 0; i < kProcesses; ++i) {
    const auto process = static_cast<Process>(i);
    WantProcess(p, process, RestsForRollout(p, rollout, process), draft);
  }
}

}  // namespace holdfast::autoscaling_group
