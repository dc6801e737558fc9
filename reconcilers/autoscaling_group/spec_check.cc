#include "reconcilers/autoscaling_group/spec_check.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <string_view>

#include "controller/base/text.h"

namespace holdfast::autoscaling_group {
namespace {

using specs::ProblemCode;
using specs::Problems;

// Names of entries that are told apart by their name.
template <class T, class NameOf>
void CheckTwice(const std::vector<T>& entries, std::string_view field, NameOf name, const specs::Node& node,
                Problems& problems) {
  std::set<std::string> seen;
  for (const T& entry : entries)
    if (const std::string text(name(entry)); !seen.insert(text).second)
      problems.Error(ProblemCode::kRule, node.SpanAt(field), Cat("`", text, "` is in `", field, "` twice"))
          .Help("write one entry for each");
}

bool IsSuspended(const Spec& spec, Process process) {
  return std::ranges::any_of(spec.suspended, [&](const Suspension& s) { return s.process == process; });
}

}  // namespace

void CheckSize(const Size& size, const specs::Node& node, Problems& problems) {
  if (size.min && size.max && *size.min > *size.max)
    problems
        .Error(ProblemCode::kRule, node.SpanAt("min"), Cat("min ", *size.min, " is above max ", *size.max))
        .Help("min ≤ desired ≤ max");
  if (size.desired && ((size.min && *size.desired < *size.min) || (size.max && *size.desired > *size.max)))
    problems
        .Error(ProblemCode::kRule, node.SpanAt("desired"),
               Cat("desired ", *size.desired, " is not between min and max"))
        .Help("min ≤ desired ≤ max");
}

void CheckLaunchConfiguration(const LaunchConfigurationChoice& choice, const specs::Node& node,
                              Problems& problems) {
  if (choice.ref && choice.ref->kind != "LaunchConfiguration")
    problems
        .Error(ProblemCode::kRule, node.SpanAt("ref"),
               Cat("`", specs::RefText(*choice.ref), "` is no LaunchConfiguration"))
        .Help("LaunchConfiguration/NAME");
}

void CheckTracking(const TrackingPolicy& policy, const specs::Node& node, Problems& problems) {
  const bool wants = policy.metric == TrackingPolicy::Metric::kRequestsPerTarget;
  if (wants == !policy.resource_label.empty()) return;
  problems
      .Error(ProblemCode::kRule, node.SpanAt(wants ? "metric" : "resourceLabel"),
             wants ? "ALBRequestCountPerTarget needs `resourceLabel`"
                   : "`resourceLabel` goes with ALBRequestCountPerTarget alone")
      .Help("app/NAME/ID/targetgroup/NAME/ID, from the two ARNs");
}

void CheckRollout(const Rollout& rollout, const specs::Node& node, Problems& problems) {
  const bool full = rollout.strategy == Rollout::Strategy::kFull;
  const bool refresh = rollout.strategy == Rollout::Strategy::kInstanceRefresh;
  if (!full && !rollout.compatible)
    problems
        .Error(ProblemCode::kRule, node.SpanAt("strategy"),
               refresh ? "during an instance refresh, old and new serve together"
                       : "one by one, old and new serve together for a while")
        .Help("write `compatible: true` when they may, else `strategy: full`");
  if (!full && rollout.page)
    problems
        .Error(
            ProblemCode::kRule, node.SpanAt("downtimePage"),
            refresh ? "during an instance refresh there is no downtime" : "one by one there is no downtime")
        .Help("take it out, or write `strategy: full`");
  const auto only = [&](std::string_view field, std::string_view says) {
    if (node.Find(field))
      problems.Error(ProblemCode::kRule, node.SpanAt(field), Cat(says)).Help("take it out");
  };
  if (refresh)
    only("within", "how long an instance may take is AWS' to judge during an instance refresh");
  else
    for (const std::string_view field : {"minHealthy", "warmup", "protected", "standby"})
      only(field, Cat("`", field, "` goes with `strategy: instanceRefresh` alone"));
  if (rollout.min_healthy && std::floor(rollout.min_healthy->percent) != rollout.min_healthy->percent)
    problems.Error(ProblemCode::kRule, node.SpanAt("minHealthy"), "AWS takes whole percentages").Help("90%");
}

void CheckSpec(const Spec& spec, const specs::Node& node, Problems& problems) {
  CheckTwice(spec.policies, "policies", [](const Policy& p) { return p.name; }, node, problems);
  CheckTwice(
      spec.scheduled_actions, "scheduledActions", [](const ScheduledAction& a) { return a.name; }, node,
      problems);
  CheckTwice(spec.lifecycle_hooks, "lifecycleHooks", [](const Hook& h) { return h.name; }, node, problems);
  CheckTwice(spec.tags, "tags", [](const Tag& t) { return t.key; }, node, problems);
  CheckTwice(
      spec.suspended, "suspended", [](const Suspension& s) { return ProcessText(s.process); }, node,
      problems);
  if (spec.size && spec.size->desired && !(spec.policies.empty() && spec.scheduled_actions.empty()))
    problems
        .Warning(ProblemCode::kRule, node.Find("size").SpanAt("desired"),
                 "`desired` makes the size exact, and policies and schedules would change it")
        .Help("leave `desired` out: then it is theirs");
  if (spec.rollout && !spec.launch_configuration && !spec.launch_template)
    problems.Error(ProblemCode::kRule, node.SpanAt("rollout"), "nothing says what instances are to run")
        .Help("write `launchConfiguration` or `launchTemplate`");
  if (IsSuspended(spec, Process::kLaunch) && !IsSuspended(spec, Process::kReplaceUnhealthy))
    problems
        .Warning(ProblemCode::kRule, node.SpanAt("suspended"),
                 "while Launch rests, ReplaceUnhealthy still terminates and nothing replaces")
        .Help("suspend ReplaceUnhealthy too");
}

}  // namespace holdfast::autoscaling_group
