// Policies, scheduled actions and hooks: each is put whole, by its name, and none is taken away.
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/autoscaling_group/agree.h"
#include "reconcilers/autoscaling_group/decide.h"
#include "reconcilers/autoscaling_group/wanted.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::autoscaling_group {
namespace {

struct Sort {
  std::string_view field, word, operation;
};
constexpr Sort kPolicies = {"policies", "policy", "PutScalingPolicy"};
constexpr Sort kSchedule = {"scheduledActions", "schedule", "PutScheduledUpdateGroupAction"};
constexpr Sort kHooks = {"lifecycleHooks", "hook", "PutLifecycleHook"};

// Nothing when it is not known what is there.
const Parts* Seen(const Observed<Parts>& observed, const Sort& sort, Draft& draft) {
  return observed.Match(
      [](const Known<Parts>& known) -> const Parts* { return &known.value; },
      [](const Absent&) -> const Parts* { return nullptr; },
      [&](const Unknown& unknown) -> const Parts* {
        draft.Wait({.on = Wait::On::kObservation, .name = std::string(sort.field), .detail = unknown.reason});
        return nullptr;
      });
}

void WantPart(const Picture& p, const Sort& sort, WantedPart want, const Parts& seen, Draft& draft) {
  const auto there = seen.find(want.name);
  const auto found = there == seen.end() ? Disagreement{"", "present", "absent"}
                                         : FirstDisagreement(want.parameters, *there->second);
  if (!found) return;
  draft.plan().diffs.push_back({Cat(sort.field, ".", want.name, found->path.empty() ? "" : ".", found->path),
                                found->want, found->seen});
  std::string why = found->path.empty()
                        ? std::string("it is not there")
                        : Cat(found->path, " is ", found->seen, ", the spec says ", found->want);
  std::string incarnation = Compact(json::value(want.parameters));
  draft.Add(Turn::kSettings,
            WriteStep(p.want, sort.operation, std::move(want.parameters), "put",
                      Cat(sort.word, " ", want.name), std::move(incarnation), std::move(why)),
            std::string(sort.field));
}

// A put replaces the whole policy: what the spec leaves out of it stays as it is.
void CarryOver(const json::value& seen, json::object& want) {
  if (aws::TextAt(seen, "PolicyType") != aws::TextAt(json::value(want), "PolicyType")) return;
  for (const char* name : {"Cooldown", "MinAdjustmentMagnitude", "EstimatedInstanceWarmup"})
    if (const auto number = aws::WholeAt(seen, name); number && !want.contains(name)) want[name] = *number;
  if (const auto text = aws::TextAt(seen, "MetricAggregationType");
      text && !want.contains("MetricAggregationType"))
    want["MetricAggregationType"] = *text;
  if (const auto flag = aws::FlagAt(seen, "Enabled"); flag && !want.contains("Enabled"))
    want["Enabled"] = *flag;
}

}  // namespace

void WantPolicies(const Picture& p, Draft& draft) {
  if (p.want.policies.empty()) return;
  const Parts* seen = Seen(p.state.policies, kPolicies, draft);
  if (seen == nullptr) return;
  for (const auto& [name, item] : *seen)
    if (auto arn = aws::TextAt(*item, "PolicyARN"); arn && !arn->empty())
      draft.plan().outputs.emplace_back(Cat("policy:", name), *std::move(arn));
  for (const Policy& policy : p.want.policies) {
    WantedPart want = Wanted(policy);
    if (const auto there = seen->find(policy.name); there != seen->end())
      CarryOver(*there->second, want.parameters);
    WantPart(p, kPolicies, std::move(want), *seen, draft);
  }
}

void WantSchedule(const Picture& p, Draft& draft) {
  if (p.want.scheduled_actions.empty()) return;
  const Parts* seen = Seen(p.state.scheduled_actions, kSchedule, draft);
  if (seen == nullptr) return;
  for (const ScheduledAction& action : p.want.scheduled_actions) {
    if (action.start && *action.start > p.frame.now) draft.Due(*action.start);
    if (auto want = Wanted(action, p.frame.now))
      WantPart(p, kSchedule, *std::move(want), *seen, draft);
    else
      draft.Wait({.on = Wait::On::kSpec,
                  .name = Cat("scheduled action ", action.name, " expired"),
                  .detail = Cat("its time was ", Rfc3339(action.end ? *action.end : *action.start)),
                  .remedy = "take it out of the spec"});
  }
}

void WantHooks(const Picture& p, Draft& draft) {
  if (p.want.lifecycle_hooks.empty()) return;
  const Parts* seen = Seen(p.state.hooks, kHooks, draft);
  if (seen == nullptr) return;
  for (const Hook& hook : p.want.lifecycle_hooks) WantPart(p, kHooks, Wanted(hook), *seen, draft);
}

}  // namespace holdfast::autoscaling_group
