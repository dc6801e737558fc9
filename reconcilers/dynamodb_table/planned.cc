#include "reconcilers/dynamodb_table/planned.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/dynamodb_table/actions.h"
#include "reconcilers/dynamodb_table/ruling.h"

namespace holdfast::dynamodb {
namespace {

std::string PairText(const Provisioned& units) { return Cat("read ", units.read, ", write ", units.write); }

// The other way round; nothing when it is no such text.
std::optional<Provisioned> PairOf(std::string_view text) {
  const std::vector<std::string> parts = Split(text, ',');
  Provisioned units;
  const auto take = [](std::string_view part, std::string_view name, int64_t& number) {
    part = Trim(part);
    if (!part.starts_with(name)) return false;
    part.remove_prefix(name.size());
    return absl::SimpleAtoi(absl::string_view(part.data(), part.size()), &number);
  };
  if (parts.size() != 2 || !take(parts[0], "read ", units.read) || !take(parts[1], "write ", units.write))
    return std::nullopt;
  return units;
}

bool IsAhead(const Planned& plan, absl::Time now) {
  return now >= plan.from - plan.ahead && now < plan.until;
}

std::string PlanText(const Planned& plan, Dimension dimension) {
  return Cat(*plan.Of(dimension), " from ", Rfc3339(plan.from), " until ", Rfc3339(plan.until), ": ",
             plan.reason);
}

// Whether anything that the ledger says was written still stands.
bool StillStands(const Picture& p) {
  return std::ranges::any_of(kDimensions,
                             [&](Dimension dimension) { return GivenBack(p, dimension).has_value(); });
}

void TellLate(const Picture& p, Draft& draft) {
  for (const Dimension dimension : kDimensions) {
    const Planned* plan = PlannedNow(p.want, dimension, p.frame.now);
    const int64_t seen = p.table.unit.provisioned.Of(dimension);
    if (plan == nullptr || p.frame.now < plan->from || seen >= *plan->Of(dimension)) continue;
    if (draft.plan().readiness.is != Readiness::Is::kYes) continue;
    draft.plan().readiness = {Readiness::Is::kNo, "PlannedCapacityMissing",
                              Cat(DimensionText(dimension), " is planned to be ", PlanText(*plan, dimension),
                                  "; the table has ", seen)};
  }
}

}  // namespace

const Planned* PlannedNow(const Spec& spec, Dimension dimension, absl::Time now) {
  const Planned* most = nullptr;
  if (!spec.capacity) return most;
  for (const Planned& plan : spec.capacity->planned)
    if (IsAhead(plan, now) && plan.Of(dimension) &&
        (most == nullptr || *plan.Of(dimension) > *most->Of(dimension)))
      most = &plan;
  return most;
}

std::optional<Units> UnitsNow(const Picture& p, std::string_view index, Dimension dimension) {
  const Units* declared = DeclaredUnits(p.want, index, dimension);
  if (declared == nullptr) return std::nullopt;
  Units units = *declared;
  const Planned* plan = index.empty() ? PlannedNow(p.want, dimension, p.frame.now) : nullptr;
  if (plan == nullptr) return units;
  const int64_t least = *plan->Of(dimension);
  if (auto* range = std::get_if<Range>(&units.value)) {
    range->min = std::max(range->min, least);
    range->max = std::max(range->max, least);
  } else {
    units.value = std::max(std::get<int64_t>(units.value), least);
  }
  return units;
}

Lease PlannedLease(const Picture& p, const Provisioned& wanted, std::string why) {
  const Provisioned& has = p.table.unit.provisioned;
  std::vector<Ruling> back;
  for (const Dimension dimension : kDimensions)
    back.push_back({"", dimension, wanted.Of(dimension), has.Of(dimension), ""});
  return {.object = std::string(kPlannedObject),
          .before = PairText(has),
          .wrote = PairText(wanted),
          .restore = SetCapacity(p, back),
          .why = std::move(why)};
}

const Lease* OpenPlan(const Frame& frame) {
  const auto& open = frame.past.open;
  const auto found =
      std::ranges::find_if(open, [](const Lease& lease) { return lease.object == kPlannedObject; });
  return found == open.end() ? nullptr : &*found;
}

std::optional<int64_t> GivenBack(const Picture& p, Dimension dimension) {
  const Lease* lease = OpenPlan(p.frame);
  if (lease == nullptr) return std::nullopt;
  const bool is_wanted = p.frame.purpose == Purpose::kConverge;
  if (is_wanted && PlannedNow(p.want, dimension, p.frame.now) != nullptr) return std::nullopt;
  const std::optional<Provisioned> before = PairOf(lease->before), wrote = PairOf(lease->wrote);
  const int64_t seen = p.table.unit.provisioned.Of(dimension);
  if (!before || !wrote || seen != wrote->Of(dimension)) return std::nullopt;
  int64_t back = before->Of(dimension);
  if (is_wanted) {
    // What the spec asks for by now is the spec's, and what it does not name is nobody's here.
    const Units* units = DeclaredUnits(p.want, "", dimension);
    if (units == nullptr) return std::nullopt;
    back = std::clamp(back, units->least(), units->most());
  }
  return back < seen ? std::optional(back) : std::nullopt;
}

void TellPlanned(const Picture& p, Draft& draft) {
  if (p.want.capacity)
    for (const Planned& plan : p.want.capacity->planned) {
      for (const absl::Time at : {plan.from - plan.ahead, plan.from, plan.until})
        if (at > p.frame.now) draft.Due(at);
      if (plan.until <= p.frame.now)
        draft.Wait({.on = Wait::On::kSpec,
                    .name = Cat("capacity planned from ", Rfc3339(plan.from), " expired"),
                    .detail = Cat("it ended ", Rfc3339(plan.until), ": ", plan.reason),
                    .remedy = "take it out of the spec"});
    }
  TellLate(p, draft);
  const Lease* lease = OpenPlan(p.frame);
  if (lease == nullptr) return;
  for (const Dimension dimension : kDimensions)
    if (const Planned* plan = PlannedNow(p.want, dimension, p.frame.now))
      return draft.Wait({.on = Wait::On::kProgress,
                         .name = RestoreName(kPlannedObject),
                         .detail = Cat(DimensionText(dimension), " is planned to be ",
                                       PlanText(*plan, dimension), "; before it: ", lease->before),
                         .until = plan->until});
  if (!StillStands(p)) return ReleasePlanned(p, draft);
  draft.Wait({.on = Wait::On::kProgress,
              .name = RestoreName(kPlannedObject),
              .detail = Cat("its time is over: back to ", lease->before)});
}

void ReleasePlanned(const Picture& p, Draft& draft) {
  if (OpenPlan(p.frame) == nullptr) return;
  if (StillStands(p)) {
    if (p.table.unit.status != "ACTIVE")
      draft.Wait({.on = Wait::On::kProgress,
                  .name = RestoreName(kPlannedObject),
                  .detail = Cat("the table is ", p.table.unit.status)});
    return;
  }
  draft.plan().restored.emplace_back(std::string(kPlannedObject),
                                     Cat("the table has ", PairText(p.table.unit.provisioned)));
}

}  // namespace holdfast::dynamodb
