// What a round wants of each target, by what is wanted of the stack.
#pragma once

#include <vector>

#include "controller/kind/kind.h"
#include "reconcilers/service_stack/draft.h"
#include "reconcilers/service_stack/picture.h"

namespace holdfast::stack {

using Operations = std::vector<OperationIn<Restart>>;

// Everything from the bottom up, what broke included.
void WantUp(const Picture& picture, Draft& draft);
// Everything from the top down, after healing what a stop writes to.
void WantDown(const Picture& picture, Draft& draft);
// Only what ends our own exposures.
void WantRelease(const Picture& picture, Draft& draft);
// Members of Operations, one at a time.
void WantRestarts(const Picture& picture, const Operations& operations, Draft& draft);

// ── one target ──
void ConsiderStart(const Picture& picture, uint32_t target, Draft& draft);
void ConsiderZombie(const Picture& picture, uint32_t target, Draft& draft);
// It is on its way down, by whomever.
void ConsiderStopping(const Picture& picture, uint32_t target, Draft& draft);
// States in which nothing is done, and why.
void Explain(const Picture& picture, uint32_t target, Draft& draft);
// What runs outside of its supervisor is a person's to end: nobody knows which of the two is in use.
void ExplainOrphans(const Picture& picture, Draft& draft);
// Tells which leases have nothing left to restore.
void CloseLeases(const Picture& picture, Draft& draft);

Readiness ReadinessOf(const Picture& picture);
std::string LayerStage(const Picture& picture, std::string_view verb, uint32_t target);

}  // namespace holdfast::stack
