// One by one: the next victim goes when everybody else serves and the new ones have settled.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/decide.h"
#include "reconcilers/autoscaling_group/serving.h"

namespace holdfast::autoscaling_group {
namespace {

// Who does not serve goes first; then from the zone that has most, so that no zone is emptied.
const Instance* NextVictim(const Picture& p, const RolloutNow& now) {
  std::map<std::string, int> by_zone;
  for (const Instance& one : p.group().instances) by_zone[one.zone] += one.IsInService() ? 1 : 0;
  const auto rank = [&](const Instance* one) {
    return std::tuple(ServingOf(p.state, *one).is == Serving::Is::kNo ? 0 : 1, -by_zone[one->zone], one->id);
  };
  const auto found = std::ranges::min_element(now.old, {}, rank);
  return found == now.old.end() ? nullptr : *found;
}

bool IsAwaited(const Rollout& rollout, const Instance& one) {
  return rollout.strategy == Rollout::Strategy::kInstanceRefresh &&
         (one.IsStandby() ? rollout.standby : rollout.protected_ones) == Rollout::Apart::kWait;
}

}  // namespace

Step TerminateStep(const Picture& p, const RolloutNow& now, const Instance& victim) {
  Step step = WriteStep(p.want, "TerminateInstanceInAutoScalingGroup",
                        {{"InstanceId", victim.id}, {"ShouldDecrementDesiredCapacity", false}}, "terminate",
                        victim.id, now.wanted,
                        Cat("it runs ",
                            victim.launch_configuration.empty()
                                ? Cat(victim.template_name, " version ", victim.template_version)
                                : victim.launch_configuration,
                            ", wanted is ", now.wanted));
  step.danger = Danger::kDisruptive;
  step.show_within = absl::Minutes(2);
  step.touches.push_back(Cat("instance:", victim.id));
  return step;
}

void ExplainRollout(const Picture& p, const RolloutNow& now, Draft& draft) {
  for (const Instance* one : now.spared)
    draft.Wait({.on = Wait::On::kHold,
                .name = Cat(one->id, " is left alone"),
                .detail = Cat(one->IsStandby() ? Cat("it is ", one->lifecycle)
                                               : std::string("it is protected from scale-in"),
                              IsAwaited(*p.want.rollout, *one) ? ", and the refresh waits for it" : ""),
                .remedy = "whoever set it aside brings it back or terminates it"});
  if (!now.surprise.empty())
    draft.Wait({.on = Wait::On::kHuman,
                .name = "the rollout has stopped",
                .detail = now.surprise,
                .remedy = "declare another launch, or let the next one go with `holdfast apply`"});
  if (now.old.empty()) return;
  draft.plan().diffs.push_back({"instances", Cat("all run ", now.wanted), Cat(now.old.size(), " do not")});
  if (!now.refused.empty())
    draft.Wait({.on = Wait::On::kGuard, .name = "the rollout may begin", .detail = now.refused});
  else
    draft.Wait(
        {.on = Wait::On::kProgress,
         .name = "rollout",
         .detail = Cat(now.fresh.size(), " of ", now.fresh.size() + now.old.size(), " run ", now.wanted)});
  draft.Due(p.frame.now + absl::Seconds(10));
}

void WantRollout(const Picture& p, const RolloutNow& rollout, Draft& draft) {
  if (rollout.unresolved) return;
  const Rollout::Strategy strategy = p.want.rollout->strategy;
  const bool switches = strategy == Rollout::Strategy::kInstanceRefresh &&
                        LaunchesWhatIsWanted(p).verdict.is != Verdict::Is::kPass;
  if (!rollout.old.empty() || rollout.frozen || switches) draft.Ask(kAskGoings);
  ExplainRollout(p, rollout, draft);
  switch (strategy) {
    case Rollout::Strategy::kSerial:
      return WantSerial(p, rollout, draft);
    case Rollout::Strategy::kFull:
      return WantFull(p, rollout, draft);
    case Rollout::Strategy::kInstanceRefresh:
      return WantRefresh(p, rollout, draft);
  }
}

void WantSerial(const Picture& p, const RolloutNow& now, Draft& draft) {
  const Instance* victim = NextVictim(p, now);
  if (victim == nullptr || !now.refused.empty()) return;
  Step step = TerminateStep(p, now, *victim);
  step.guards = {LaunchesWhatIsWanted(p), NobodyComesOrGoes(p), NobodyElseIsAtWork(p),
                 OthersServe(p, *victim), FreshHaveSettled(p, now)};
  if (now.surprise.empty())
    step.guards.push_back(ProcessesRest(p, now));
  else
    step.consent = Step::Consent::kPerson;
  draft.Add(Turn::kRoll, std::move(step), Cat("replace one by one: ", now.wanted));
}

}  // namespace holdfast::autoscaling_group
