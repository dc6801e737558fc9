#include "reconcilers/autoscaling_group/wanted.h"

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::autoscaling_group {
namespace {

json::value Text(std::string_view text) { return json::value(JsonView(text)); }

std::string_view TypeText(AdjustmentType type) {
  constexpr std::string_view kTexts[] = {"ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"};
  return kTexts[static_cast<size_t>(type)];
}

std::string_view MetricText(TrackingPolicy::Metric metric) {
  constexpr std::string_view kTexts[] = {"ASGAverageCPUUtilization", "ASGAverageNetworkIn",
                                         "ASGAverageNetworkOut", "ALBRequestCountPerTarget"};
  return kTexts[static_cast<size_t>(metric)];
}

void PutSeconds(json::object& into, std::string_view name, const std::optional<absl::Duration>& duration) {
  if (duration) into[JsonView(name)] = absl::ToInt64Seconds(*duration);
}
template <class T>
void PutNumber(json::object& into, std::string_view name, const std::optional<T>& number) {
  if (number) into[JsonView(name)] = *number;
}

void PutSimple(const SimplePolicy& simple, json::object& into) {
  into["PolicyType"] = "SimpleScaling";
  into["AdjustmentType"] = Text(TypeText(simple.type));
  into["ScalingAdjustment"] = simple.adjustment;
  PutSeconds(into, "Cooldown", simple.cooldown);
  PutNumber(into, "MinAdjustmentMagnitude", simple.min_magnitude);
}

void PutStep(const StepPolicy& step, json::object& into) {
  constexpr std::string_view kAggregations[] = {"Average", "Minimum", "Maximum"};
  into["PolicyType"] = "StepScaling";
  into["AdjustmentType"] = Text(TypeText(step.type));
  json::array ranges;
  for (const StepAdjustment& one : step.steps) {
    json::object range;
    PutNumber(range, "MetricIntervalLowerBound", one.from);
    PutNumber(range, "MetricIntervalUpperBound", one.to);
    range["ScalingAdjustment"] = one.adjustment;
    ranges.push_back(std::move(range));
  }
  into["StepAdjustments"] = std::move(ranges);
  if (step.aggregation)
    into["MetricAggregationType"] = Text(kAggregations[static_cast<size_t>(*step.aggregation)]);
  PutSeconds(into, "EstimatedInstanceWarmup", step.warmup);
  PutNumber(into, "MinAdjustmentMagnitude", step.min_magnitude);
}

void PutTracking(const TrackingPolicy& tracking, json::object& into) {
  into["PolicyType"] = "TargetTrackingScaling";
  json::object metric{{"PredefinedMetricType", Text(MetricText(tracking.metric))}};
  if (!tracking.resource_label.empty()) metric["ResourceLabel"] = tracking.resource_label;
  into["TargetTrackingConfiguration"] = json::object{{"PredefinedMetricSpecification", std::move(metric)},
                                                     {"TargetValue", tracking.target},
                                                     {"DisableScaleIn", !tracking.scale_in}};
  PutSeconds(into, "EstimatedInstanceWarmup", tracking.warmup);
}

}  // namespace

WantedPart Wanted(const Policy& policy) {
  WantedPart part{policy.name, {{"PolicyName", policy.name}}};
  if (policy.simple) PutSimple(*policy.simple, part.parameters);
  if (policy.step) PutStep(*policy.step, part.parameters);
  if (policy.tracking) PutTracking(*policy.tracking, part.parameters);
  return part;
}

std::optional<WantedPart> Wanted(const ScheduledAction& action, absl::Time now) {
  const bool started = action.start && *action.start <= now;
  if (action.recurrence.empty() && started) return std::nullopt;
  if (action.end && *action.end <= now) return std::nullopt;
  WantedPart part{action.name, {{"ScheduledActionName", action.name}}};
  if (action.start && !started) part.parameters["StartTime"] = Rfc3339(*action.start);
  if (action.end) part.parameters["EndTime"] = Rfc3339(*action.end);
  if (!action.recurrence.empty()) part.parameters["Recurrence"] = action.recurrence;
  if (!action.time_zone.empty()) part.parameters["TimeZone"] = action.time_zone;
  PutNumber(part.parameters, "MinSize", action.size.min);
  PutNumber(part.parameters, "MaxSize", action.size.max);
  PutNumber(part.parameters, "DesiredCapacity", action.size.desired);
  return part;
}

WantedPart Wanted(const Hook& hook) {
  WantedPart part{hook.name,
                  {{"LifecycleHookName", hook.name},
                   {"LifecycleTransition", hook.transition == Hook::Transition::kLaunching
                                               ? "autoscaling:EC2_INSTANCE_LAUNCHING"
                                               : "autoscaling:EC2_INSTANCE_TERMINATING"}}};
  PutSeconds(part.parameters, "HeartbeatTimeout", hook.heartbeat);
  if (hook.otherwise)
    part.parameters["DefaultResult"] = *hook.otherwise == Hook::Result::kAbandon ? "ABANDON" : "CONTINUE";
  if (!hook.target.empty()) part.parameters["NotificationTargetARN"] = hook.target;
  if (!hook.role.empty()) part.parameters["RoleARN"] = hook.role;
  if (!hook.metadata.empty()) part.parameters["NotificationMetadata"] = hook.metadata;
  return part;
}

json::object WantedTag(const Tag& tag, const std::string& group) {
  return {{"ResourceId", group},
          {"ResourceType", "auto-scaling-group"},
          {"Key", tag.key},
          {"Value", tag.value},
          {"PropagateAtLaunch", tag.propagate}};
}

json::object WantedTemplate(const LaunchTemplateChoice& choice) {
  json::object out;
  if (choice.id.empty())
    out["LaunchTemplateName"] = choice.name;
  else
    out["LaunchTemplateId"] = choice.id;
  out["Version"] = Cat(choice.version);
  return out;
}

json::object WantedSettings(const Spec& spec) {
  json::object out;
  if (spec.health_check && spec.health_check->type)
    out["HealthCheckType"] = *spec.health_check->type == HealthCheck::Type::kElb ? "ELB" : "EC2";
  if (spec.health_check) PutSeconds(out, "HealthCheckGracePeriod", spec.health_check->grace);
  PutSeconds(out, "DefaultCooldown", spec.cooldown);
  return out;
}

}  // namespace holdfast::autoscaling_group
