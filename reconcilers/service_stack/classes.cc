#include "reconcilers/service_stack/classes.h"

#include <algorithm>
#include <string>

#include "controller/base/text.h"

namespace holdfast::stack {
namespace {

bool AnythingAliveIn(const Picture& picture, uint32_t first, uint32_t count) {
  for (uint32_t t = first; t < first + count; ++t)
    if (IsAlive(picture.standing[t])) return true;
  return false;
}

// Whether something that depends on the service runs: a layer above, or whoever needs it.
bool IsDependedUpon(const Picture& picture, uint32_t s, uint32_t first_alive_above) {
  if (first_alive_above > picture.layout.services[s].layer) return true;
  for (uint32_t user : picture.layout.services[s].edges().needed_by) {
    const Resolved& service = picture.layout.services[user];
    if (AnythingAliveIn(picture, service.first, service.count)) return true;
  }
  return false;
}

int LostOf(const Picture& picture, uint32_t s, UnknownCounts unknown) {
  const Tally& tally = picture.tally[s];
  return tally.lost + (unknown == UnknownCounts::kAsLost ? tally.unknown : 0);
}

bool NoneServes(const Picture& picture, ComponentName name) {
  bool any = false;
  for (uint32_t s = 0; s < picture.layout.services.size(); ++s) {
    if (picture.layout.services[s].spec->component != name) continue;
    any = true;
    if (picture.tally[s].up > 0) return false;
  }
  return any;
}

int64_t MissingBlocks(const Picture& picture, const Resolved& service) {
  int64_t missing = 0;
  if (service.spec->component != ComponentName::kHdfsNamenode) return 0;
  for (uint32_t t = service.first; t < service.first + service.count; ++t)
    missing += AnswerOf(picture.seen.targets[t]).missing_blocks;
  return missing;
}

Loss ClassOf(const Picture& picture, uint32_t s, UnknownCounts unknown) {
  const Resolved& service = picture.layout.services[s];
  const std::string& name = service.spec->name;
  const int lost = LostOf(picture, s, unknown);
  const int64_t missing = MissingBlocks(picture, service);
  const uint32_t drives = FailedDrives(picture, s);
  if (lost == 0 && missing == 0 && drives == 0) return {};
  const std::string how_many = Cat(lost, " of ", service.members, " ", name,
                                   unknown == UnknownCounts::kAsLost ? " lost or unknown" : " lost");
  if (lost > 0 && lost >= service.members && service.component->loss_of_all == LossOfAll::kPossibleDataLoss)
    return {LossClass::kPossibleLoss, Cat(how_many, " while what depends on it runs: data may be lost"), s};
  if (drives > kDrivesThatMayBeLost)
    return {LossClass::kPossibleLoss,
            Cat(name, " reports ", drives, " lost drives while what depends on it runs: data may be lost"),
            s};
  if (service.needs_human > 0 && lost >= service.needs_human)
    return {LossClass::kNeedsHuman, Cat(how_many, ", ", service.needs_human, " need a person"), s};
  if (lost > 0 && service.spec->component == ComponentName::kAccumuloTserver &&
      NoneServes(picture, ComponentName::kAccumuloMaster))
    return {LossClass::kNeedsHuman, Cat(how_many, " while no master serves: its tablets stay unassigned"), s};
  if (missing > 0) return {LossClass::kNeedsHuman, Cat(name, " reports ", missing, " missing blocks"), s};
  return {};
}

}  // namespace

Loss Classify(const Picture& picture, UnknownCounts unknown) {
  Loss worst;
  uint32_t highest_alive = 0;
  for (uint32_t l = 0; l < picture.layout.layers.size(); ++l)
    if (AnythingAliveIn(picture, picture.layout.layers[l].first, picture.layout.layers[l].count))
      highest_alive = l;
  for (uint32_t s = 0; s < picture.layout.services.size(); ++s) {
    // The cheap question first: nearly always nothing is lost.
    Loss loss = ClassOf(picture, s, unknown);
    if (loss.is > worst.is && IsDependedUpon(picture, s, highest_alive)) worst = std::move(loss);
  }
  return worst;
}

uint32_t FailedDrives(const Picture& picture, uint32_t s) {
  const Resolved& service = picture.layout.services[s];
  const bool is_namenode = service.spec->component == ComponentName::kHdfsNamenode;
  if (!is_namenode && service.spec->component != ComponentName::kHdfsDatanode) return 0;
  uint32_t drives = 0;
  for (uint32_t t = service.first; t < service.first + service.count; ++t) {
    const uint32_t told = AnswerOf(picture.seen.targets[t]).failed_drives;
    drives = is_namenode ? std::max(drives, told) : drives + told;
  }
  return drives;
}

bool RecoversAlone(const Picture& picture, uint32_t target) {
  const Resolved& service = picture.service(target);
  const Tally& tally = picture.tally[picture.target(target).service];
  if (service.component->loss_of_one != LossOfOne::kRecoversAlone || tally.lost != 1) return false;
  return tally.up >= service.required;
}

}  // namespace holdfast::stack
