// Capacity: increases first and at any time, decreases within the day's budget.
#include <absl/time/time.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/dynamodb_table/actions.h"
#include "reconcilers/dynamodb_table/budget.h"
#include "reconcilers/dynamodb_table/decide.h"
#include "reconcilers/dynamodb_table/planned.h"
#include "reconcilers/dynamodb_table/ruling.h"

namespace holdfast::dynamodb {
namespace {

std::string ChangesText(const std::vector<Ruling>& changes) {
  std::vector<std::string> texts;
  for (const Ruling& change : changes)
    texts.push_back(Cat(CapacityText(change.index, change.dimension), " ", change.seen, " to ", change.want));
  return Join(texts, ", ");
}

std::string WhyText(const std::vector<Ruling>& changes) {
  std::vector<std::string> whys;
  for (const Ruling& change : changes)
    if (std::ranges::find(whys, change.why) == whys.end()) whys.push_back(change.why);
  return Join(whys, "; ");
}

void ShowDiffs(const std::vector<Ruling>& changes, Draft& draft) {
  for (const Ruling& change : changes) {
    const std::string path = change.index.empty() ? "capacity." : Cat("indexes.", change.index, ".");
    draft.plan().diffs.push_back(
        {Cat(path, DimensionText(change.dimension)), Cat(change.want), Cat(change.seen)});
  }
}

// What of the changes the table takes now; an index that takes none is told.
std::vector<Ruling> Taken(const Picture& p, const std::vector<Ruling>& changes, Draft& draft) {
  std::vector<Ruling> taken;
  for (const Ruling& change : changes) {
    const Unit& unit = *p.table.Find(change.index);
    if (TakesChanges(unit))
      taken.push_back(change);
    else
      draft.Wait({.on = Wait::On::kProgress,
                  .name = Cat(CapacityText(change.index, change.dimension), ": busy"),
                  .detail = Cat(UnitText(change.index), " is ",
                                unit.is_backfilling ? "being filled" : unit.status)});
  }
  return taken;
}

// What all tables would have beyond what the account allows, or "".
std::string BeyondTheAccount(const Picture& p, const Limits& limits, const std::vector<Ruling>& changes) {
  for (const Dimension dimension : kDimensions) {
    const bool reads = dimension == Dimension::kRead;
    const int64_t most = reads ? limits.account_read : limits.account_write;
    const int64_t have = reads ? p.state.together.read : p.state.together.write;
    int64_t more = 0;
    for (const Ruling& change : changes)
      if (change.dimension == dimension) more += change.want - change.seen;
    if (more > 0 && have + more > most)
      return Cat(more, " more ", DimensionText(dimension), " units are wanted; the account allows ", most,
                 ", and ", Count(p.state.together.tables, "table"), " known here have ", have);
  }
  return {};
}

// D5: what the account allows one table, and all of them.
Guard WithinLimits(const Picture& p, const std::vector<Ruling>& changes) {
  Guard guard{.name = "within the account's limits"};
  p.state.limits.Match(
      [&](const Known<Limits>& known) {
        guard.verdict = Pass(Cat("a table may have ", known.value.table_read, " reads and ",
                                 known.value.table_write, " writes"),
                             known.at);
        for (const Ruling& change : changes) {
          const bool reads = change.dimension == Dimension::kRead;
          const int64_t most = reads ? known.value.table_read : known.value.table_write;
          if (change.want > most)
            guard.verdict = Hold(Cat(change.want, " ", DimensionText(change.dimension),
                                     " units are wanted, and the account allows a table ", most),
                                 known.at);
        }
        if (std::string beyond = BeyondTheAccount(p, known.value, changes); !beyond.empty())
          guard.verdict = Hold(std::move(beyond), known.at);
      },
      [&](const Absent& absent) { guard.verdict = CannotTell(absent.proof, absent.at); },
      // The service itself refuses what is too much; a raise does not wait for its answer to another
      // question.
      [&](const Unknown& unknown) { guard.verdict = Pass(Cat("not known: ", unknown.reason), p.at); });
  return guard;
}

Guard BudgetLeft(const Picture& p, const DecreaseBudget& budget) {
  const bool passes = budget.next <= p.frame.now;
  return {.name = "a decrease is left",
          .verdict = passes ? Pass(budget.why, p.at)
                            : Hold(Cat(budget.why, "; the next at ", Rfc3339(budget.next)), p.at)};
}

Guard UseFits(const Picture& p, const std::vector<Ruling>& changes) {
  std::vector<std::string> fits;
  for (const Ruling& change : changes) {
    const std::string name = CapacityText(change.index, change.dimension);
    if (change.used > static_cast<double>(change.want))
      return {.name = "use fits into less",
              .verdict = Hold(Cat(name, ": ", static_cast<int64_t>(std::ceil(change.used)),
                                  " units a second were used lately, ", change.want, " are wanted"),
                              p.at)};
    fits.push_back(change.used < 0 ? Cat(name, ": no datapoint speaks against it")
                                   : Cat(name, ": at most ", static_cast<int64_t>(std::ceil(change.used))));
  }
  return {.name = "use fits into less", .verdict = Pass(Join(fits, ", "), p.at)};
}

Step CapacityStep(const Picture& p, std::string verb, const std::vector<Ruling>& changes, std::string why) {
  const std::string effect = Cat(p.table.name, ": ", ChangesText(changes));
  return UpdateStep(p, std::move(verb), effect, p.table.incarnation, SetCapacity(p, changes), std::move(why));
}

std::vector<Ruling> Only(const std::vector<Ruling>& changes, bool (Ruling::*is)() const) {
  std::vector<Ruling> some;
  for (const Ruling& change : changes)
    if ((change.*is)()) some.push_back(change);
  return some;
}

}  // namespace

void WantRaises(const Picture& p, Draft& draft) {
  Rulings rulings = RuleOn(p);
  for (Wait& wait : rulings.waits) draft.Wait(std::move(wait));
  ShowDiffs(rulings.changes, draft);
  const std::vector<Ruling> raises = Taken(p, Only(rulings.changes, &Ruling::is_raise), draft);
  if (raises.empty()) return;
  Step step = CapacityStep(p, "raise", raises, WhyText(raises));
  step.guards = {NobodyElseOwnsIt(p), WithinLimits(p, raises)};
  std::string meter;
  for (const Ruling& raise : raises)
    if (raise.cause == Ruling::Cause::kHotKey) meter += HotKeyMeter(raise.index, raise.dimension);
  constexpr int kMostTries = 3;
  // What is raised while a plan is in force goes with it when it is over.
  const bool is_planned = std::ranges::any_of(kDimensions, [&](Dimension dimension) {
    return PlannedNow(p.want, dimension, p.frame.now) != nullptr;
  });
  if (is_planned) {
    Provisioned wanted = p.table.unit.provisioned;
    for (const Ruling& raise : raises)
      if (raise.index.empty()) wanted.Of(raise.dimension) = raise.want;
    if (wanted != p.table.unit.provisioned) step.puts_aside = PlannedLease(p, wanted, step.why);
  }
  if (!meter.empty()) step.meter = Meter{meter, kMostTries, absl::Hours(24), absl::ZeroDuration()};
  draft.Add(std::move(step), "raise capacity");
}

void WantDecreases(const Picture& p, Draft& draft) {
  const std::vector<Ruling> changes = RuleOn(p).changes;
  const std::vector<Ruling> raises = Only(changes, &Ruling::is_raise);
  std::vector<Ruling> together;
  absl::Time next = absl::InfiniteFuture();
  // The table and each index have a budget of their own, and one that has none left refuses the whole call.
  std::vector<Ruling> held;
  for (const Ruling& change : Taken(p, Only(changes, &Ruling::is_decrease), draft)) {
    const DecreaseBudget budget = NextDecrease(p.table.Find(change.index)->provisioned, p.frame.now);
    if (budget.next <= p.frame.now) {
      together.push_back(change);
    } else {
      held.push_back(change);
      next = std::min(next, budget.next);
    }
  }
  const auto add = [&](const std::vector<Ruling>& some) {
    if (some.empty()) return;
    Step step = CapacityStep(p, "lower", some, WhyText(some));
    step.danger = Danger::kDisruptive;
    const Provisioned& first = p.table.Find(some[0].index)->provisioned;
    step.guards = {NobodyElseOwnsIt(p), BudgetLeft(p, NextDecrease(first, p.frame.now)), UseFits(p, some)};
    const bool gives_back = std::ranges::any_of(
        some, [&](const Ruling& change) { return change.index.empty() && GivenBack(p, change.dimension); });
    if (gives_back) step.puts_back = kPlannedObject;
    // D2: increases first, in a call of their own.
    if (!raises.empty())
      step.guards.push_back({.name = "increases go first",
                             .verdict = Hold(Cat("wanted besides: ", ChangesText(raises)), p.at)});
    draft.Add(std::move(step), "lower capacity");
  };
  add(together);
  add(held);
  if (!held.empty())
    draft.Wait({.on = Wait::On::kGuard,
                .name = "decrease budget",
                .detail = NextDecrease(p.table.Find(held[0].index)->provisioned, p.frame.now).why,
                .until = next});
}

void WantBounds(const Picture& p, Draft& draft) {
  if (p.want.auto_scaling != Scaling::kAdjust) return;
  p.state.targets.Match(
      [&](const Known<std::vector<ScalableTarget>>& known) {
        for (const ScalableTarget& target : known.value) {
          const std::optional<Units> units = UnitsNow(p, target.index, target.dimension);
          if (!units || (target.min == units->least() && target.max == units->most())) continue;
          const std::string name = CapacityText(target.index, target.dimension);
          const std::string want = Cat(units->least(), " to ", units->most());
          const std::string seen = Cat(target.min, " to ", target.max);
          draft.plan().diffs.push_back({Cat("autoScaling.", name), want, seen});
          Step step = UpdateStep(p, "bound", Cat(target.resource, ": ", name, " between ", want),
                                 Cat(p.table.incarnation, "@", seen),
                                 SetBounds(p, target, units->least(), units->most()),
                                 Cat("Application Auto Scaling decides of it, between ", seen));
          draft.Add(std::move(step), "bounds");
        }
      },
      [](const Absent&) {}, [](const Unknown&) {});
}

}  // namespace holdfast::dynamodb
