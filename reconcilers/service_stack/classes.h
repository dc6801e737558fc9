// What a loss means while something stands on what was lost: the failure classes of the runbook.
#pragma once

#include "reconcilers/service_stack/picture.h"

namespace holdfast::stack {

// What is taken for lost: only what is proven, or everything that could be.
enum class UnknownCounts : uint8_t { kAsPresent, kAsLost };

// The worst class over all services. kNeedsHuman (C) freezes stops and lets starts go; kPossibleLoss (D)
// freezes both. Losses with nothing running above are an ordinary start, and what was stopped by us or by
// hand is not lost.
Loss Classify(const Picture& picture, UnknownCounts unknown);

// Each block has copies on three drives; when more than two are gone, some block may have lost all of them.
inline constexpr uint32_t kDrivesThatMayBeLost = 2;
// Drives that HDFS has given up, as the NameNode or the DataNodes together tell.
uint32_t FailedDrives(const Picture& picture, uint32_t service);

// Class A: the others take over its work, and it is started again once they have.
bool RecoversAlone(const Picture& picture, uint32_t target);

}  // namespace holdfast::stack
