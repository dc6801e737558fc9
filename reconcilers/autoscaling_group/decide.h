// The parts of the decision about one group, in the order in which they are asked.
#pragma once

#include <vector>

#include "reconcilers/autoscaling_group/draft.h"
#include "reconcilers/autoscaling_group/picture.h"
#include "reconcilers/autoscaling_group/rollout.h"

namespace holdfast::autoscaling_group {

// Makes the group when the spec says enough, else names what is missing.
void WantGroup(const Spec& want, const Frame& frame, const Absent& absent, Draft& draft);

// Suspends what is declared to rest and resumes, once, what rests by our doing and need not any more.
void WantSuspended(const Picture& p, const std::optional<RolloutNow>& rollout, Draft& draft);
// min, max and desired in one request, so that min ≤ desired ≤ max at every moment.
void WantSize(const Picture& p, Draft& draft);
// What new instances are made from, health check, cooldown, zones.
void WantSettings(const Picture& p, const std::optional<RolloutNow>& rollout, Draft& draft);
// Replaces instances that run something else than what is declared.
void WantRollout(const Picture& p, const RolloutNow& rollout, Draft& draft);
// Load balancers, target groups and tags that are missing; others are left alone.
void WantAttached(const Picture& p, Draft& draft);
// Policies, with their ARNs as outputs `policy:NAME`.
void WantPolicies(const Picture& p, Draft& draft);
void WantSchedule(const Picture& p, Draft& draft);
void WantHooks(const Picture& p, Draft& draft);

}  // namespace holdfast::autoscaling_group
