// What is done once: Operations from Pending to their end.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/engine/slot.h"

namespace holdfast {
namespace {

OperationPhase FromPlan(OperationProgress::Phase phase) {
  switch (phase) {
    case OperationProgress::Phase::kPending:
      return OperationPhase::kPending;
    case OperationProgress::Phase::kRunning:
      return OperationPhase::kRunning;
    case OperationProgress::Phase::kSucceeded:
      return OperationPhase::kSucceeded;
    case OperationProgress::Phase::kFailed:
      return OperationPhase::kFailed;
  }
  return OperationPhase::kPending;
}

// Its life so far; another digest under the same name is another operation.
Past::Operation LifeOf(const Past& past, const ErasedOperation& operation) {
  const auto found = past.operations.find(operation.name);
  if (found != past.operations.end() && found->second.digest == operation.digest) return found->second;
  return {.phase = OperationPhase::kPending,
          .digest = operation.digest,
          .since = absl::InfinitePast(),
          .message = "not begun"};
}

}  // namespace

void Engine::DeclareOperation(DeclaredOperation declared) {
  const std::string name = declared.operation.name;
  HeldOperation& held = operations_[name];
  const bool is_new = held.declared.operation.name.empty();
  const ResourceKey old_target = held.declared.target;
  held.declared = std::move(declared);
  if (is_new) held.row = TakeId();
  Declared row;
  row.key = {"Operation", name};
  row.source = held.declared.source;
  row.depends_on = {held.declared.target};
  board_.Put(held.row, row, 1, world_.clock.Now());
  if (Slot* slot = Find(held.declared.target)) RefreshOperations(*slot), Queued(*slot, absl::ZeroDuration());
  if (!is_new && old_target != held.declared.target)
    if (Slot* slot = Find(old_target)) RefreshOperations(*slot);
  ShowOperation(name);
}

void Engine::UndeclareOperation(const std::string& name) {
  const auto held = operations_.find(name);
  if (held == operations_.end()) return;
  const ResourceKey target = held->second.declared.target;
  board_.Drop(held->second.row);
  free_slots_.push_back(held->second.row);
  operations_.erase(held);
  if (Slot* slot = Find(target)) RefreshOperations(*slot), Queued(*slot, absl::ZeroDuration());
}

void Engine::RefreshOperations(Slot& slot) {
  std::vector<ErasedOperation> handed;
  for (const auto& [name, held] : operations_) {
    if (held.declared.target != slot.declared.key) continue;
    ErasedOperation operation = held.declared.operation;
    operation.phase = LifeOf(*slot.past, operation).phase;
    if (!IsSpent(operation.phase)) handed.push_back(std::move(operation));
    ShowOperation(name);
  }
  if (slot.resource) slot.resource->SetOperations(std::move(handed));
}

void Engine::ShowOperation(const std::string& name) {
  const HeldOperation& held = operations_.at(name);
  const absl::Time now = world_.clock.Now();
  const Slot* slot = Find(held.declared.target);
  if (slot == nullptr) {
    board_.Set(held.row, ConditionType::kReady, Truth::kFalse, "NoTarget",
               Cat(held.declared.target.Text(), " is not declared"), now);
    return;
  }
  const Past::Operation life = LifeOf(*slot->past, held.declared.operation);
  const bool succeeded = life.phase == OperationPhase::kSucceeded;
  const auto truth = [](bool is) { return is ? Truth::kTrue : Truth::kFalse; };
  board_.Set(held.row, ConditionType::kReady, truth(succeeded), PhaseText(life.phase), life.message, now);
  board_.Set(held.row, ConditionType::kObserved, Truth::kTrue, "Seen", "", now);
  board_.Set(held.row, ConditionType::kReconciling, truth(life.phase == OperationPhase::kRunning),
             PhaseText(life.phase), life.message, now);
  board_.Set(held.row, ConditionType::kStalled, truth(life.phase == OperationPhase::kFailed),
             PhaseText(life.phase), life.message, now);
  for (ConditionType type : {ConditionType::kDrifted, ConditionType::kBlocked, ConditionType::kSuspended})
    board_.Set(held.row, type, Truth::kFalse, "No", "", now);
}

absl::Time Engine::NextExpiry(const Slot& slot) const {
  const absl::Time now = world_.clock.Now();
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [name, held] : operations_) {
    const absl::Time not_after = held.declared.operation.not_after;
    if (held.declared.target == slot.declared.key && not_after > now && not_after < next &&
        LifeOf(*slot.past, held.declared.operation).phase == OperationPhase::kPending)
      next = not_after;
  }
  return next;
}

void Engine::TakeOperationProgress(Slot& slot, const Plan& plan, std::vector<Record>& records) {
  const absl::Time now = world_.clock.Now();
  const auto move = [&](const std::string& name, const std::string& digest, OperationPhase phase,
                        std::string message) {
    // Whose text was changed in the middle goes on with the new one: it has been running all the while.
    const auto before = slot.past->operations.find(name);
    const bool goes_on = phase == OperationPhase::kRunning && before != slot.past->operations.end() &&
                         before->second.phase == OperationPhase::kRunning;
    records.push_back(OperationMoved{slot.declared.key,
                                     name,
                                     {.phase = phase,
                                      .digest = digest,
                                      .since = goes_on ? before->second.since : now,
                                      .message = std::move(message)}});
  };
  for (const auto& [name, held] : operations_) {
    if (held.declared.target != slot.declared.key) continue;
    const Past::Operation life = LifeOf(*slot.past, held.declared.operation);
    if (IsSpent(life.phase)) continue;
    if (life.phase == OperationPhase::kPending && held.declared.operation.not_after <= now) {
      move(name, life.digest, OperationPhase::kExpired,
           Cat("not begun before ", Rfc3339(held.declared.operation.not_after)));
      continue;
    }
    const auto told = std::find_if(plan.operations.begin(), plan.operations.end(),
                                   [&](const OperationProgress& p) { return p.name == name; });
    if (told == plan.operations.end()) continue;
    const OperationPhase phase = FromPlan(told->phase);
    // A member done is not worth a write of its own: only the phase is kept.
    if (phase != life.phase && !(phase == OperationPhase::kPending && life.phase == OperationPhase::kRunning))
      move(name, life.digest, phase, told->message);
  }
  for (const auto& [name, life] : slot.past->operations)
    if (life.phase == OperationPhase::kRunning && !operations_.contains(name))
      move(name, life.digest, OperationPhase::kWithdrawn,
           "its document was deleted; the member in hand is finished, no next one is begun");
}

}  // namespace holdfast
