// What people tell the engine to do or to leave.
#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/engine/slot.h"
#include "controller/plan/action.h"

namespace holdfast {
namespace {

Status NoSuch(const ResourceKey& key) { return NotFound(Cat("no resource ", key.Text())); }

}  // namespace

Task<Status> Engine::Suspend(ResourceKey key, Actor by, std::string reason, absl::Time until) {
  const absl::Time now = world_.clock.Now();
  if (Find(key) == nullptr) co_return NoSuch(key);
  if (until <= now) co_return InvalidArgument(Cat("the end ", Rfc3339(until), " is in the past"));
  const SuspensionSet set{key, by, reason, now, until};
  const std::string line =
      until == absl::InfiniteFuture() ? "suspend" : Cat("suspend until ", Rfc3339(until));
  // The hand is heard at once; the disk follows, so that no step slips through while it is slow.
  Find(key)->suspension = set;
  std::vector<Record> records{
      set, Noted{.resource = key, .verb = "suspend", .line = line, .why = reason, .by = by, .at = now}};
  HF_CO_TRY(co_await Commit(std::move(records)));
  LookNow(key, "suspended");
  co_return Status();
}

Task<Status> Engine::Resume(ResourceKey key, Actor by) {
  const absl::Time now = world_.clock.Now();
  Slot* slot = Find(key);
  if (slot == nullptr) co_return NoSuch(key);
  if (!slot->suspension) co_return Status();
  std::vector<Record> records{
      SuspensionCleared{key, by, now},
      Noted{.resource = key, .verb = "resume", .line = "resume", .by = by, .at = now}};
  HF_CO_TRY(co_await Commit(std::move(records)));
  if ((slot = Find(key)) != nullptr) slot->suspension.reset();
  LookNow(key, "resumed");
  co_return Status();
}

Task<Status> Engine::StopAll(StopAllSet::Reach reach, Actor by, std::string reason) {
  const absl::Time now = world_.clock.Now();
  stop_all_ = {reach, by, reason, now};
  const std::string line = reach == StopAllSet::Reach::kFreeze ? "stop-all --freeze" : "stop-all";
  Log(Severity::kWarning, "stop-all: no new step begins", {{"by", by}, {"reason", reason}});
  std::vector<Record> records{stop_all_,
                              Noted{.verb = line, .line = line, .why = reason, .by = by, .at = now}};
  const auto committed = co_await Commit(std::move(records));
  LookAtAll(now);
  co_return committed.status();
}

Task<Status> Engine::StartAll(Actor by) {
  const absl::Time now = world_.clock.Now();
  const StopAllSet none{StopAllSet::Reach::kNone, by, "", now};
  std::vector<Record> records{none, Noted{.verb = "start-all", .line = "start-all", .by = by, .at = now}};
  HF_CO_TRY(co_await Commit(std::move(records)));
  stop_all_ = none;
  LookAtAll(now);
  co_return Status();
}

Task<Status> Engine::Apply(ResourceKey key, std::string digest, Actor by) {
  const absl::Time now = world_.clock.Now();
  Slot* slot = Find(key);
  if (slot == nullptr) co_return NoSuch(key);
  const Row* row = board_.Find(slot->id);
  if (row == nullptr || !row->plan || row->plan->plan.stages.empty())
    co_return FailedPrecondition(Cat(key.Text(), " proposes nothing: nothing was let go"));
  if (digest.size() < 8 || row->plan->digest.compare(0, digest.size(), digest) != 0)
    co_return FailedPrecondition(Cat("the plan of ", key.Text(), " is another by now (",
                                     row->plan->digest.substr(0, 12),
                                     "): look at it again with holdfast plan"));
  ApprovalGiven approval{.resource = key,
                         .plan_digest = row->plan->digest,
                         .by = by,
                         .at = now,
                         .until = now + settings_.approval_valid};
  for (const Stage& stage : row->plan->plan.stages)
    for (const Step& step : stage.steps) approval.steps.emplace_back(step.key, Digest(step.action));
  std::vector<Record> records{approval,
                              Noted{.resource = key,
                                    .verb = "apply",
                                    .line = Cat("apply --digest ", approval.plan_digest.substr(0, 12)),
                                    .by = by,
                                    .at = now}};
  HF_CO_TRY(co_await Commit(std::move(records)));
  if ((slot = Find(key)) == nullptr) co_return NoSuch(key);
  slot->approval = std::move(approval);
  LookNow(key, "let go");
  co_return Status();
}

}  // namespace holdfast
