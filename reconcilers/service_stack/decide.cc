#include "reconcilers/service_stack/decide.h"

#include <algorithm>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/service_stack/kind.h"

namespace holdfast::stack {
namespace {

// The round in which nothing differs, which is nearly every round: no lists are made.
bool IsAllUp(const View<ServiceStack>& view, const Known<State>& seen, const Layout& layout) {
  if (!view.operations.empty() || !view.frame.past.open.empty() || view.want.state != Wanted::kUp)
    return false;
  if (!seen.value.findings.empty()) return false;
  for (size_t t = 0; t < layout.targets.size(); ++t) {
    const Target& target = layout.targets[t];
    const Resolved& service = layout.services[target.service];
    if (target.member == Target::Member::kRetired || !service.retirement_refused.empty()) return false;
    const Streak& streak = view.trail.streaks[t];
    if (Judge(seen.value.targets[t], streak, service.start_timeout(), view.frame.now) != Standing::kUp)
      return false;
    if (streak.up_since + service.settle() > view.frame.now) return false;
    // What a NameNode or a DataNode tells of losses.
    const Answer& answer = AnswerOf(seen.value.targets[t]);
    if (answer.missing_blocks > 0 || answer.failed_drives > 0) return false;
  }
  return true;
}

bool Fits(const State& state, const Trail& trail, const Layout& layout) {
  return state.shape == layout.shape && state.targets.size() == layout.targets.size() &&
         trail.streaks.size() == state.targets.size();
}

// Nothing is known, so nothing that was put aside is known to be back.
Plan Blind(const Frame& frame, std::string why) {
  Plan plan;
  for (const Lease& lease : frame.past.open)
    plan.waits.push_back({.on = Wait::On::kObservation, .name = RestoreName(lease.object), .detail = why});
  plan.readiness = {Readiness::Is::kUnknown, "NotObserved", why};
  plan.waits.push_back({.on = Wait::On::kObservation, .name = "look", .detail = std::move(why)});
  plan.look_again = frame.now + kCadence;
  return plan;
}

// Only what stands in the spec, not in the world.
void ExplainSpec(const Picture& p, Draft& draft) {
  if (p.want.state == Wanted::kDown && p.wanted == Wanted::kUp)
    draft.Wait({.on = Wait::On::kSpec,
                .name = "downtime",
                .detail = Cat("Expired: the downtime ended at ", Rfc3339(*p.want.downtime->until),
                              ", so the stack is up"),
                .remedy = "delete `state: down` and `downtime`"});
  for (const Resolved& service : p.layout.services)
    if (!service.retirement_refused.empty())
      draft.Wait({.on = Wait::On::kSpec,
                  .name = Cat(service.spec->name, " retired"),
                  .detail = Cat("its retired hosts are not left out: ", service.retirement_refused),
                  .remedy = "add hosts, or take the retired ones back"});
  if (p.wanted == Wanted::kDown && p.want.downtime->given()) draft.Due(*p.want.downtime->until);
}

void ExplainLoss(const Picture& p, Draft& draft) {
  if (p.loss.is == LossClass::kNone) return;
  const bool loss = p.loss.is == LossClass::kPossibleLoss;
  draft.Wait(
      {.on = Wait::On::kHuman,
       .name = loss ? "possible loss of data" : "needs a person",
       .detail = p.loss.detail,
       .remedy = loss ? "look before you start anything; nothing is stopped, and starts are proposed: "
                        "`holdfast why` "
                        "shows the line that lets them go"
                      : "nothing is stopped or restarted; what is down is started, lower layers first"});
}

}  // namespace

Readiness ReadinessOf(const Picture& p) {
  using Is = Readiness::Is;
  if (p.wanted == Wanted::kDown && p.frame.purpose == Purpose::kConverge) {
    const bool off = p.stopped.empty() || p.stopped[0].is == Verdict::Is::kPass;
    const std::string why = WhyDown(p.want);
    return off ? Readiness{Is::kNo, "DeclaredDown", why}
               : Readiness{Is::kNo, "Stopping", Cat(p.stopped[0].evidence, "; ", why)};
  }
  if (p.loss.is == LossClass::kPossibleLoss) return {Is::kNo, "PossibleLoss", p.loss.detail};
  const Verdict* hold = nullptr;
  const Verdict* cannot_tell = nullptr;
  for (const Verdict& verdict : p.ready) {
    if (verdict.is == Verdict::Is::kHold && hold == nullptr) hold = &verdict;
    if (verdict.is == Verdict::Is::kCannotTell && cannot_tell == nullptr) cannot_tell = &verdict;
  }
  if (hold != nullptr) {
    if (p.loss.is == LossClass::kNeedsHuman) return {Is::kNo, "NeedsHuman", p.loss.detail};
    const bool busy =
        std::any_of(p.tally.begin(), p.tally.end(), [](const Tally& tally) { return tally.busy > 0; });
    return {Is::kNo, busy ? "InTransition" : "NotServing", hold->evidence};
  }
  if (cannot_tell != nullptr) return {Is::kUnknown, "NotObserved", cannot_tell->evidence};
  for (uint32_t s = 0; s < p.tally.size(); ++s)
    if (p.tally[s].up < p.layout.services[s].members) return {Is::kYes, "Degraded", p.ready[s].evidence};
  return {Is::kYes, "AllUp", ""};
}

}  // namespace holdfast::stack

namespace holdfast {

Plan ServiceStack::Decide(const View<ServiceStack>& view) {
  using namespace stack;
  const auto* seen = std::get_if<Known<State>>(&view.seen);
  if (seen == nullptr) return Blind(view.frame, "the stack as a whole was not looked at");
  const Layout& layout = LayoutOf(view.want);
  if (!Fits(seen->value, view.trail, layout))
    return Blind(view.frame, "the spec has changed since the last look");
  if (IsAllUp(view, *seen, layout)) {
    Plan plan;
    plan.readiness = {Readiness::Is::kYes, "AllUp", {}};
    return plan;
  }
  const Picture picture = stack::Look(view.want, *seen, view.trail, view.frame);
  Draft draft(picture);
  const bool release = view.frame.purpose != Purpose::kConverge;
  draft.plan().readiness = ReadinessOf(picture);
  if (!release) {
    ExplainLoss(picture, draft);
    ExplainSpec(picture, draft);
  }
  ExplainOrphans(picture, draft);
  CloseLeases(picture, draft);
  if (release)
    WantRelease(picture, draft);
  else if (picture.wanted == Wanted::kDown)
    WantDown(picture, draft);
  else
    WantUp(picture, draft);
  if (!release) WantRestarts(picture, view.operations, draft);
  return draft.Finish(picture.wanted == Wanted::kDown && !release ? Stage::Pace::kDeclaredOutage
                                                                  : Stage::Pace::kOneDisruptive);
}

}  // namespace holdfast
