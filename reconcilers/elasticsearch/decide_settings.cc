// Allocation and cluster settings: the effective value against the spec, and nothing that the spec does not
// name.
#include <map>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/decide.h"
#include "specs/values.h"

namespace holdfast::elasticsearch {
namespace {

const std::string* In(const std::map<std::string, std::string>& scope, const std::string& key) {
  const auto found = scope.find(key);
  return found == scope.end() ? nullptr : &found->second;
}

// A transient value that someone wrote shadows whatever is persistent. An empty one is nobody's wish.
const std::string* Shadow(const Picture& p, const std::string& key, std::string_view want) {
  const std::string* transient = In(p.view.settings.transient, key);
  return transient == nullptr || transient->empty() || Lower(*transient) == Lower(want) ? nullptr : transient;
}

void ExplainShadow(const std::string& key, const std::string& transient, std::string_view want,
                   Draft& draft) {
  draft.Wait({.on = Wait::On::kHuman,
              .name = Cat("transient ", key),
              .detail = Cat("someone set it to `", Excerpt(transient, 60),
                            "` until the next full restart, and the spec says `", Excerpt(want, 60), "`"),
              .remedy = Cat("take it away: PUT _cluster/settings {\"transient\": {\"", key,
                            "\": null}}, or change the spec")});
}

// "1gb" and "1024mb" say the same, "30s" and "0.5m" too.
bool SameValue(std::string_view a, std::string_view b) {
  if (Lower(a) == Lower(b)) return true;
  const auto size_a = specs::ParseSize(a), size_b = specs::ParseSize(b);
  if (size_a.ok() && size_b.ok()) return size_a->bytes == size_b->bytes;
  const auto time_a = ParseDuration(a), time_b = ParseDuration(b);
  return time_a && time_b && *time_a == *time_b;
}

EnableMode WantedMode(const Picture& p) {
  const specs::Temporary* temporary = TemporaryOf(*p.want.allocation);
  return temporary != nullptr && !temporary->InForce(p.now) ? EnableMode::kAll : ModeOf(*p.want.allocation);
}

// Without a value of ours the node's own file speaks: only when that says the same may the key be taken away.
void SetEnable(const Picture& p, std::string_view value, bool was_set, SettingsPut& put) {
  if (!was_set && p.enable_own == value)
    put.Clear(std::string(kEnableKey), std::string(value));
  else
    put.Set(std::string(kEnableKey), std::string(value));
}

// Settings that go with one request, because servers take each only if it fits the others: three watermarks
// in bytes are never taken one by one where they were fractions.
std::string GroupOf(const std::string& key) {
  constexpr std::string_view kWatermarks = "cluster.routing.allocation.disk.watermark.";
  return key.starts_with(kWatermarks) ? std::string(kWatermarks) : key;
}

}  // namespace

void WantSettings(const Picture& p, Draft& draft) {
  struct Change {
    std::string target, from, want;
    SettingsPut put;
  };
  std::map<std::string, Change> changes;
  for (const auto& [key, want] : p.want.settings) {
    const std::string* effective = p.view.settings.Effective(key);
    if (effective != nullptr && SameValue(*effective, want)) continue;
    const std::string seen = effective == nullptr ? "not set" : *effective;
    draft.plan().diffs.push_back({Cat("settings.", key), want, seen});
    if (const std::string* transient = Shadow(p, key, want)) {
      ExplainShadow(key, *transient, want, draft);
      continue;
    }
    const std::string group = GroupOf(key);
    const auto [at, is_first] = changes.try_emplace(group, Change{key, seen, want, SettingsPut(p.view)});
    at->second.put.Set(key, want);
    if (is_first) continue;
    at->second.target = Cat(group, "*");
    Append(at->second.from, ", ", seen);
    Append(at->second.want, ", ", want);
  }
  for (auto& [group, change] : changes) {
    Step step = PutStep(p, std::move(change.put), ClaimBy::kNobody, "set", change.target, change.from,
                        Cat("the spec says ", change.want));
    step.guards.push_back(NobodyHoldsIt(p));
    draft.Add(std::move(step), "settings");
  }
}

void WantAllocation(const Picture& p, Draft& draft) {
  if (!p.want.allocation || p.Find(kEnableObject) != nullptr) return;
  const EnableMode mode = WantedMode(p);
  const std::string want(EnableText(mode));
  const specs::Temporary* temporary = TemporaryOf(*p.want.allocation);
  if (temporary != nullptr && temporary->until) {
    if (temporary->InForce(p.now))
      draft.Due(*temporary->until);
    else
      draft.Wait({.on = Wait::On::kSpec,
                  .name = "allocation expired",
                  .detail = Cat("it ended ", Rfc3339(*temporary->until), "; `all` holds again"),
                  .remedy = "write `allocation: all`"});
  }
  if (p.enable == want) return;
  const std::string key(kEnableKey);
  draft.plan().diffs.push_back({"allocation", want, p.enable});
  if (const std::string* transient = Shadow(p, key, want)) return ExplainShadow(key, *transient, want, draft);
  SettingsPut put(p.view);
  put.Set(key, want);
  Step step = PutStep(
      p, std::move(put), ClaimBy::kNobody, "allocate", want, p.enable,
      temporary == nullptr || temporary->reason.empty() ? Cat("the spec says ", want) : temporary->reason);
  step.guards.push_back(NobodyHoldsIt(p));
  if (mode != EnableMode::kAll) {
    step.danger = Danger::kDisruptive;
    const std::string* persistent = In(p.view.settings.persistent, key);
    Lease lease{
        .object = std::string(kEnableObject),
        .before = EnableBeforeText({.effective = "all", .persistent = persistent == nullptr ? "" : "all"}),
        .wrote = want,
        .why = step.why};
    SettingsPut undo(p.view);
    SetEnable(p, "all", persistent != nullptr, undo);
    lease.restore = undo.Build(p.want);
    step.puts_aside = std::move(lease);
  }
  draft.Add(std::move(step), "allocation");
}

void BringAllocationBack(const Picture& p, const Obligation& enable, Draft& draft) {
  const EnableBefore before = ParseEnableBefore(enable.before);
  // While a node is away, its return decides how much may move.
  if (before.node_id.empty() && p.frame.purpose == Purpose::kConverge && p.want.allocation &&
      WantedMode(p) != EnableMode::kAll) {
    draft.Wait({.on = Wait::On::kProgress,
                .name = RestoreName(kEnableObject),
                .detail = Cat("allocation is ", p.enable, ": ", enable.why),
                .until = TemporaryOf(*p.want.allocation)->until.value_or(absl::InfiniteFuture())});
    return;
  }
  const bool ours = p.enable == enable.wrote || p.enable == "none" || p.enable == "primaries";
  if (p.enable == before.effective) {
    if (enable.known == Obligation::Known::kJournal)
      draft.plan().restored.emplace_back(kEnableObject, Cat("allocation is ", p.enable, " again"));
    if (enable.mirror_key.empty()) return;
  } else if (!ours) {
    draft.Wait(
        {.on = Wait::On::kHuman,
         .name = RestoreName(kEnableObject),
         .detail = Cat("allocation is ", p.enable, ", which we did not write; it was ", before.effective),
         .remedy = Cat("set ", kEnableKey, " to what it should be")});
    return;
  }
  SettingsPut put(p.view);
  if (p.enable != before.effective) SetEnable(p, before.effective, !before.persistent.empty(), put);
  if (!enable.mirror_key.empty()) put.Clear(enable.mirror_key, "");
  std::vector<std::string_view> over = {kEnableObject};
  for (const Obligation* settled : SettledNotes(p)) {
    over.push_back(settled->object);
    if (!settled->mirror_key.empty()) put.Clear(settled->mirror_key, "");
  }
  const ClaimBy claim = ClaimAfter(p, draft, over);
  Step step = PutStep(
      p, std::move(put), claim, before.node_name.empty() ? "restore" : "restore allocation after",
      before.node_name.empty() ? "allocation" : before.node_name,
      before.incarnation.empty() ? p.enable : before.incarnation, Cat("was limited for: ", enable.why));
  step.duty = Step::Duty::kMustFinish;
  if (enable.known == Obligation::Known::kJournal) step.puts_back = std::string(kEnableObject);
  if (IsNodeAway(p)) step.guards.push_back(NodeIsBackOrLost(p));
  draft.Add(std::move(step), "restore allocation");
}

}  // namespace holdfast::elasticsearch
