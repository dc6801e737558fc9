#include "reconcilers/dynamodb_table/decide.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/dynamodb_table/kind.h"
#include "reconcilers/dynamodb_table/observe.h"
#include "reconcilers/dynamodb_table/planned.h"

namespace holdfast::dynamodb {
namespace {

bool IsPassing(std::string_view status) {
  return status == "CREATING" || status == "UPDATING" || status == "DELETING" || status == "ARCHIVING";
}

void ReadinessOf(const Picture& p, Draft& draft) {
  const std::string& status = p.table.unit.status;
  const bool serves = status == "ACTIVE" || status == "UPDATING";
  Readiness& readiness = draft.plan().readiness;
  if (!serves) {
    readiness = {Readiness::Is::kNo, "NotActive", Cat("the table is ", status)};
    return;
  }
  const Provisioned& units = p.table.unit.provisioned;
  readiness = {Readiness::Is::kYes, status == "ACTIVE" ? "Active" : "Updating",
               p.table.billing == Billing::kOnDemand ? "on demand"
                                                     : Cat(units.read, " reads, ", units.write, " writes")};
}

}  // namespace

bool TakesChanges(const Unit& unit) { return unit.status == "ACTIVE"; }

bool IsAtRest(const Picture& p, Draft& draft) {
  const auto busy = [&](std::string detail) {
    draft.Wait({.on = Wait::On::kProgress, .name = "a change is under way", .detail = std::move(detail)});
    draft.Ask(kTableAnew);
    return false;
  };
  const std::string& status = p.table.unit.status;
  if (IsPassing(status)) return busy(Cat("the table is ", status));
  if (status != "ACTIVE") {
    draft.Wait({.on = Wait::On::kHuman,
                .name = "the table takes no changes",
                .detail = Cat("it is ", status),
                .remedy = status == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
                              ? "give it back the key that it is encrypted with"
                              : "look at it in the console"});
    return false;
  }
  if (!p.table.busy.empty()) return busy(p.table.busy);
  for (const Unit& index : p.table.indexes)
    if (index.status != "ACTIVE" && !index.is_backfilling)
      return busy(Cat(UnitText(index.index), " is ", index.status));
  return true;
}

Guard NobodyElseOwnsIt(const Picture& p) {
  Guard guard{.name = "nobody else decides of it"};
  p.state.targets.Match(
      [&](const Known<std::vector<ScalableTarget>>& known) {
        guard.verdict = Pass(known.value.empty() ? "no scalable target of Application Auto Scaling"
                                                 : Cat(Count(known.value.size(), "scalable target"),
                                                       ", none of these capacities"),
                             known.at);
      },
      [&](const Absent& absent) { guard.verdict = CannotTell(absent.proof, absent.at); },
      [&](const Unknown& unknown) { guard.verdict = CannotTell(unknown.reason, p.at); });
  return guard;
}

Step UpdateStep(const Picture& p, std::string verb, std::string effect, std::string incarnation,
                Action action, std::string why) {
  Step step;
  step.key = Cat(verb, " ", effect, "#", incarnation);
  step.verb = std::move(verb);
  step.target = p.table.name;
  step.action = std::move(action);
  step.danger = Danger::kReversible;
  step.touches = {Cat("dynamodb:", p.table.name)};
  step.why = std::move(why);
  step.takes = absl::Seconds(30);
  return step;
}

}  // namespace holdfast::dynamodb

namespace holdfast {

Plan DynamoDBTable::Decide(const holdfast::View<DynamoDBTable>& view) {
  using namespace dynamodb;
  const auto* known = std::get_if<Known<State>>(&view.seen);
  if (known == nullptr) {
    const Absent& absent = std::get<Absent>(view.seen);
    Draft draft(Draft::Facts::kFresh);
    draft.plan().readiness = {Readiness::Is::kNo, "Absent", absent.proof};
    if (OpenPlan(view.frame) != nullptr)
      draft.plan().restored.emplace_back(std::string(kPlannedObject), "the table is gone");
    if (view.frame.purpose == Purpose::kConverge) WantTable(view.want, view.frame, absent, draft);
    return draft.Finish();
  }
  const Picture p{view.want, known->value, view.frame, known->value.table, known->at};
  Draft draft(p.is_fresh() ? Draft::Facts::kFresh : Draft::Facts::kOld);
  ReadinessOf(p, draft);
  if (view.frame.purpose != Purpose::kConverge) ReleasePlanned(p, draft);
  if (view.frame.purpose == Purpose::kRelease) return draft.Finish();
  if (view.frame.purpose == Purpose::kPrune) {
    if (p.table.unit.status != "DELETING" && IsAtRest(p, draft)) WantGone(p, draft);
    return draft.Finish();
  }
  if (!view.frame.past.pins.contains(std::string(kPinnedTable)))
    draft.plan().pins.emplace_back(kPinnedTable, p.table.incarnation);
  TellPlanned(p, draft);
  if (!IsAtRest(p, draft)) return draft.Finish();
  const bool has_capacity = WantBilling(p, draft);
  if (has_capacity) {
    WantRaises(p, draft);
    WantBounds(p, draft);
  }
  WantProtection(p, draft);
  WantTags(p, draft);
  if (has_capacity) WantDecreases(p, draft);
  WantIndexes(p, draft);
  return draft.Finish();
}

}  // namespace holdfast
