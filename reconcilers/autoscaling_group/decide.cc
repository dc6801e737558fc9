#include "reconcilers/autoscaling_group/decide.h"

#include <optional>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/kind.h"

namespace holdfast::autoscaling_group {
namespace {

void ReadinessOf(const Picture& p, Draft& draft) {
  const Group& group = p.group();
  int64_t serving = 0;
  for (const Instance& one : group.instances) serving += one.IsInService() && one.IsHealthy() ? 1 : 0;
  const std::string text =
      Cat(serving, " of ", group.desired, " in service; ", "min ", group.min, ", max ", group.max);
  const bool enough = serving >= group.min && (serving > 0 || group.desired == 0);
  if (enough)
    draft.plan().readiness = {Readiness::Is::kYes, serving < group.desired ? "Growing" : "InService", text};
  else
    draft.plan().readiness = {Readiness::Is::kNo, "TooFew", text};
  draft.plan().outputs.emplace_back("name", group.name);
  if (!group.arn.empty()) draft.plan().outputs.emplace_back("arn", group.arn);
}

// True while AWS takes the group away: nothing can be written to it.
bool IsGoing(const Picture& p, Draft& draft) {
  if (p.group().status.empty()) return false;
  draft.plan().readiness = {Readiness::Is::kNo, "Deleting", p.group().status};
  draft.Wait({.on = Wait::On::kHuman,
              .name = "the group is being deleted",
              .detail = Cat(p.group().name, ": ", p.group().status),
              .remedy = "when it is gone it is made anew; take the spec away if that is not wanted"});
  for (const Lease& lease : p.frame.past.open)
    draft.Wait({.on = Wait::On::kProgress,
                .name = RestoreName(lease.object),
                .detail = "the group that it belongs to is being deleted"});
  return true;
}

void WantAll(const Picture& p, Draft& draft) {
  const std::optional<RolloutNow> rollout = LookAtRollout(p);
  WantSuspended(p, rollout, draft);
  BringPageDown(p, draft);
  if (p.frame.purpose != Purpose::kConverge) return;
  WantSettings(p, rollout, draft);
  WantSize(p, draft);
  WantAttached(p, draft);
  WantPolicies(p, draft);
  WantSchedule(p, draft);
  WantHooks(p, draft);
  if (rollout) WantRollout(p, *rollout, draft);
}

}  // namespace
}  // namespace holdfast::autoscaling_group

namespace holdfast {

Plan AutoScalingGroup::Decide(const View<AutoScalingGroup>& view) {
  using namespace autoscaling_group;
  Draft draft;
  const auto* known = std::get_if<Known<State>>(&view.seen);
  if (known == nullptr) {
    WantGroup(view.want, view.frame, std::get<Absent>(view.seen), draft);
    return draft.Finish();
  }
  const Picture p{view.want, known->value, view.trail, view.frame, known->at};
  ReadinessOf(p, draft);
  if (IsGoing(p, draft)) return draft.Finish();
  WantAll(p, draft);
  if (p.state.read == State::Read::kSwept)
    return draft.FinishForShow("what a sweep told is looked at anew first");
  return draft.Finish();
}

}  // namespace holdfast
