// What a table is besides its capacity: how it is paid, protected and tagged, its indexes, and whether it is.
#include <absl/time/time.h>

#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/dynamodb_table/actions.h"
#include "reconcilers/dynamodb_table/decide.h"
#include "reconcilers/dynamodb_table/observe.h"

namespace holdfast::dynamodb {
namespace {

// A billing mode may be left for on demand four times in 24 hours; one is kept.
constexpr int kMostSwitches = 3;
constexpr absl::Duration kSwitchShows = absl::Minutes(5);

std::string_view OnOff(bool is_on) { return is_on ? "on" : "off"; }

// An index that is being filled does not stop its table's capacity, and everything else.
Guard EveryIndexIsActive(const Picture& p) {
  for (const Unit& index : p.table.indexes)
    if (!TakesChanges(index))
      return {.name = "every index is active",
              .verdict = Hold(Cat(UnitText(index.index), " is ", index.status), p.at)};
  return {.name = "every index is active",
          .verdict = Pass(Count(p.table.indexes.size(), "index", "indexes"), p.at)};
}

// What the spec does not say and a provisioned table needs.
std::vector<std::string> MissingCapacity(const Spec& want, const std::vector<std::string>& indexes) {
  std::vector<std::string> missing;
  for (const Dimension dimension : kDimensions) {
    if (DeclaredUnits(want, "", dimension) == nullptr)
      missing.push_back(Cat("capacity.", DimensionText(dimension)));
    for (const std::string& index : indexes)
      if (DeclaredUnits(want, index, dimension) == nullptr)
        missing.push_back(Cat("indexes.", index, ".", DimensionText(dimension)));
  }
  return missing;
}

void Lacks(std::string what, const std::vector<std::string>& fields, Draft& draft) {
  draft.Wait({.on = Wait::On::kGuard,
              .name = std::move(what),
              .detail = Cat("the spec does not say ", Enumerate(fields)),
              .remedy = "write them, or do it by hand"});
}

std::vector<std::string> MissingForCreation(const Spec& want) {
  std::vector<std::string> missing, names;
  if (!want.key) missing.emplace_back("key");
  for (const auto& [name, index] : want.indexes) {
    names.push_back(name);
    if (!index.key) missing.push_back(Cat("indexes.", name, ".key"));
  }
  if (want.billing == Billing::kOnDemand) return missing;
  for (std::string& field : MissingCapacity(want, names)) missing.push_back(std::move(field));
  return missing;
}

bool SameKey(const Key& want, const std::vector<std::pair<std::string, std::string>>& seen) {
  for (const auto& [attribute, type] : seen) {
    if (type == "HASH" && attribute != want.partition.name) return false;
    if (type == "RANGE" && (!want.sort || attribute != want.sort->name)) return false;
  }
  return seen.size() == (want.sort ? 2U : 1U);
}

// D8: another key means another index or table, with other items in it: never by our doing.
void TellOtherKey(const std::string& of, const Key& want,
                  const std::vector<std::pair<std::string, std::string>>& seen, Draft& draft) {
  if (seen.empty() || SameKey(want, seen)) return;
  draft.Wait(
      {.on = Wait::On::kHuman,
       .name = Cat("key of ", of),
       .detail = Cat("it is another one than the spec says: ", seen[0].first,
                     seen.size() > 1 ? Cat(", ", seen[1].first) : ""),
       .remedy = "a key cannot be changed: mend the spec, or make another and move the items by hand"});
}

}  // namespace

void WantProtection(const Picture& p, Draft& draft) {
  if (!p.want.deletion_protection) return;
  const bool want = *p.want.deletion_protection, seen = p.table.deletion_protection.value_or(false);
  if (want == seen) return;
  draft.plan().diffs.push_back({"deletionProtection", std::string(OnOff(want)), std::string(OnOff(seen))});
  Step step = UpdateStep(p, "protect", Cat(p.table.name, ": deletion protection ", OnOff(want)),
                         p.table.incarnation, SetProtection(p), "the spec says so");
  if (!want) step.danger = Danger::kDisruptive;
  draft.Add(std::move(step), "deletion protection");
}

bool WantBilling(const Picture& p, Draft& draft) {
  const bool names_capacity = NamesCapacity(p.want);
  if (!p.want.billing || *p.want.billing == p.table.billing) {
    if (p.table.billing == Billing::kProvisioned) return true;
    if (names_capacity)
      draft.Wait({.on = Wait::On::kSpec,
                  .name = "on demand",
                  .detail = "the table is paid by the request and has no capacity",
                  .remedy = "write `billingMode: provisioned`, or leave the capacity out"});
    return false;
  }
  const Billing want = *p.want.billing;
  draft.plan().diffs.push_back(
      {"billingMode", std::string(BillingText(want)), std::string(BillingText(p.table.billing))});
  if (want == Billing::kProvisioned) {
    std::vector<std::string> indexes;
    for (const Unit& index : p.table.indexes) indexes.push_back(index.index);
    // D7: the table's capacity and that of every index go in the one call.
    if (const auto missing = MissingCapacity(p.want, indexes); !missing.empty())
      return Lacks("billing mode", missing, draft), false;
  }
  Step step = UpdateStep(p, "switch", Cat(p.table.name, ": to ", BillingText(want)), p.table.incarnation,
                         SetBilling(p, want), "the spec says so");
  step.danger = Danger::kDisruptive;
  step.show_within = kSwitchShows;
  step.guards.push_back(EveryIndexIsActive(p));
  if (want == Billing::kOnDemand)
    step.meter = Meter{Cat("to on demand ", p.table.name), kMostSwitches, absl::Hours(24), absl::Minutes(5)};
  draft.Add(std::move(step), "billing mode");
  return false;
}

void WantTags(const Picture& p, Draft& draft) {
  if (p.want.tags.empty()) return;
  p.state.tags.Match(
      [&](const Known<std::map<std::string, std::string>>& known) {
        std::map<std::string, std::string> missing;
        std::string seen_text;
        for (const auto& [key, value] : p.want.tags) {
          const auto seen = known.value.find(key);
          if (seen != known.value.end() && seen->second == value) continue;
          missing[key] = value;
          const std::string was = seen == known.value.end() ? "not set" : seen->second;
          Append(seen_text, key, "=", was, " ");
          draft.plan().diffs.push_back({Cat("tags.", key), value, was});
        }
        if (missing.empty()) return;
        Step step = UpdateStep(p, "tag", p.table.name, Cat(p.table.incarnation, "@", seen_text),
                               SetTags(p, missing), Cat(Count(missing.size(), "tag"), " of the spec"));
        draft.Add(std::move(step), "tags");
      },
      [](const Absent&) {},
      [&](const Unknown& unknown) {
        draft.Wait({.on = Wait::On::kObservation, .name = "tags", .detail = unknown.reason});
      });
}

void WantIndexes(const Picture& p, Draft& draft) {
  if (p.want.key) TellOtherKey("the table", *p.want.key, p.table.unit.key, draft);
  for (const auto& [name, index] : p.want.indexes) {
    if (const Unit* seen = p.table.Find(name)) {
      if (index.key) TellOtherKey(UnitText(name), *index.key, seen->key, draft);
      continue;
    }
    draft.plan().diffs.push_back({Cat("indexes.", name), "there", "not there"});
    std::vector<std::string> missing;
    if (!index.key) missing.push_back(Cat("indexes.", name, ".key"));
    if (p.table.billing == Billing::kProvisioned)
      for (const Dimension dimension : kDimensions)
        if (!index.Of(dimension)) missing.push_back(Cat("indexes.", name, ".", DimensionText(dimension)));
    if (!missing.empty()) {
      Lacks(Cat("index ", name), missing, draft);
      continue;
    }
    Step step = UpdateStep(p, "create", Cat(p.table.name, ": index ", name), p.table.incarnation,
                           CreateIndex(p, name, index), "the spec names it; filling it takes a while");
    step.danger = Danger::kDisruptive;
    step.consent = Step::Consent::kPerson;
    step.guards.push_back(EveryIndexIsActive(p));
    draft.Add(std::move(step), "indexes");
  }
}

void WantTable(const Spec& want, const Frame& frame, const Absent& absent, Draft& draft) {
  const std::string name = TableName(want);
  draft.plan().diffs.push_back({"table", "there", "not there"});
  if (const auto missing = MissingForCreation(want); !missing.empty())
    return Lacks("cannot be created", missing, draft);
  Step step{.key = Cat("create ", name, "#absent"),
            .verb = "create",
            .target = name,
            .action = CreateTable(want),
            .danger = Danger::kReversible,
            .why = Cat("it is not there: ", absent.proof),
            .show_within = absl::Minutes(2)};
  step.touches = {Cat("dynamodb:", name)};
  // An empty table in the place of one that had items would hide what was lost.
  if (frame.past.pins.contains(std::string(kPinnedTable))) {
    step.consent = Step::Consent::kPerson;
    step.why = Cat("it was there, and somebody deleted it with all its items: ", absent.proof);
  }
  draft.Add(std::move(step), "table");
}

void WantGone(const Picture& p, Draft& draft) {
  const auto pinned = p.frame.past.pins.find(std::string(kPinnedTable));
  const bool same = pinned != p.frame.past.pins.end() && pinned->second == p.table.incarnation;
  draft.plan().diffs.push_back({"table", "not there", "there"});
  Step step = UpdateStep(p, "delete", p.table.name, p.table.incarnation, DeleteTable(p.want),
                         "its spec is gone and said `prune`");
  step.danger = Danger::kDestructive;
  step.consent = Step::Consent::kPerson;
  step.guards.push_back(EveryIndexIsActive(p));
  step.guards.push_back({.name = "deletion protection is off",
                         .verdict = p.table.deletion_protection.value_or(false)
                                        ? Hold("it is protected from deletion", p.at)
                                        : Pass("it is not protected", p.at)});
  step.guards.push_back(
      {.name = "it is the table that the spec was about",
       .verdict = same ? Pass(Cat("its id is ", p.table.incarnation), p.at)
                       : Hold(Cat("its id is ", p.table.incarnation, ", and the spec's was ",
                                  pinned == p.frame.past.pins.end() ? "never seen" : pinned->second),
                              p.at)});
  draft.Add(std::move(step), "delete");
}

}  // namespace holdfast::dynamodb
