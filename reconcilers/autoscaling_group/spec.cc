#include "reconcilers/autoscaling_group/spec.h"

#include "reconcilers/autoscaling_group/spec_check.h"

namespace holdfast::autoscaling_group {
namespace {

using specs::FieldTable;

constexpr specs::FieldOptions kAmount = {.min = 0, .max = kMostInstances, .example = "2"};

const FieldTable<Size>& SizeFields() {
  static const FieldTable<Size> table =
      FieldTable<Size>("How many instances; what is left out is the group's own.")
          .Named("GroupSize")
          .Field("min", &Size::min, "At least so many.", kAmount)
          .Field("max", &Size::max, "At most so many.", kAmount)
          .Field("desired", &Size::desired,
                 "Exactly so many. Left out, it is up to policies, schedules and people.", kAmount)
          .AtLeastOneOf({"min", "max", "desired"})
          .Check(CheckSize);
  return table;
}

const FieldTable<LaunchConfigurationChoice>& LaunchConfigurationFields() {
  static const FieldTable<LaunchConfigurationChoice> table =
      FieldTable<LaunchConfigurationChoice>("What new instances are made from.")
          .Field("ref", &LaunchConfigurationChoice::ref, "A LaunchConfiguration that is declared.",
                 {.example = "LaunchConfiguration/web"})
          .Field("name", &LaunchConfigurationChoice::name, "The name of one that is there.",
                 {.max_length = 255, .example = "web-2026-11-20"})
          .ExactlyOneOf({"ref", "name"})
          .Check(CheckLaunchConfiguration);
  return table;
}

const FieldTable<LaunchTemplateChoice>& LaunchTemplateFields() {
  static const FieldTable<LaunchTemplateChoice> table =
      FieldTable<LaunchTemplateChoice>("What new instances are made from.")
          .Field("name", &LaunchTemplateChoice::name, "The template's name.",
                 {.max_length = 128, .example = "web"})
          .Field("id", &LaunchTemplateChoice::id, "Its id.",
                 {.pattern = "lt-[0-9a-f]+", .pattern_says = "lt- and hexadecimal digits"})
          .Field("version", &LaunchTemplateChoice::version,
                 "The version's number; `$Latest` would change behind one's back.",
                 {.required = true, .min = 1, .example = "7"})
          .ExactlyOneOf({"name", "id"});
  return table;
}

const FieldTable<HealthCheck>& HealthCheckFields() {
  static const FieldTable<HealthCheck> table =
      FieldTable<HealthCheck>("Who tells that an instance is not well.")
          .Enum("type", &HealthCheck::type,
                {{"EC2", HealthCheck::Type::kEc2}, {"ELB", HealthCheck::Type::kElb}},
                "EC2: the machine alone; ELB: its load balancers too.")
          .Field("gracePeriod", &HealthCheck::grace, "How long a new instance is left alone.",
                 {.min = absl::ZeroDuration(), .max = absl::Hours(2), .example = "5m"})
          .AtLeastOneOf({"type", "gracePeriod"});
  return table;
}

const FieldTable<Tag>& TagFields() {
  static const FieldTable<Tag> table =
      FieldTable<Tag>("A tag of the group.")
          .Named("GroupTag")
          .Field("key", &Tag::key, "Its key.", {.required = true, .max_length = 128, .example = "role"})
          .Field("value", &Tag::value, "Its value.",
                 {.required = true, .min_length = 0, .max_length = 256, .example = "web"})
          .Field("propagate", &Tag::propagate, "New instances get it too.");
  return table;
}

template <class T>
void AddAdjustmentType(FieldTable<T>& table, AdjustmentType T::* member) {
  table.Enum("type", member,
             {{"ChangeInCapacity", AdjustmentType::kChangeInCapacity},
              {"ExactCapacity", AdjustmentType::kExactCapacity},
              {"PercentChangeInCapacity", AdjustmentType::kPercentChangeInCapacity}},
             "What the adjustment is: so many more or fewer, exactly so many, or so many percent.");
}

const specs::FieldOptions kWarmup = {.min = absl::ZeroDuration(), .max = absl::Hours(24), .example = "5m"};
constexpr std::string_view kMagnitudeSays = "Of PercentChangeInCapacity: by so many instances at least.";

const FieldTable<SimplePolicy>& SimpleFields() {
  static const FieldTable<SimplePolicy> table = [] {
    FieldTable<SimplePolicy> t("One adjustment each time an alarm asks for it.");
    t.Field("adjustment", &SimplePolicy::adjustment, "By how much, negative for fewer.",
            {.required = true, .min = -kMostInstances, .max = kMostInstances, .example = "2"});
    AddAdjustmentType(t, &SimplePolicy::type);
    t.Field("cooldown", &SimplePolicy::cooldown, "How long nothing follows; left out: the group's own.",
            kWarmup)
        .Field("minMagnitude", &SimplePolicy::min_magnitude, kMagnitudeSays,
               {.min = 1, .max = kMostInstances});
    return t;
  }();
  return table;
}

const FieldTable<StepAdjustment>& StepAdjustmentFields() {
  static const FieldTable<StepAdjustment> table =
      FieldTable<StepAdjustment>("An adjustment for metrics in a range beyond the alarm's threshold.")
          .Field("from", &StepAdjustment::from, "From so far beyond it on; left out: no bound.",
                 {.example = "0"})
          .Field("to", &StepAdjustment::to, "Up to so far beyond it; left out: no bound.", {.example = "20"})
          .Field("adjustment", &StepAdjustment::adjustment, "By how much, negative for fewer.",
                 {.required = true, .min = -kMostInstances, .max = kMostInstances, .example = "1"})
          .AtLeastOneOf({"from", "to"});
  return table;
}

const FieldTable<StepPolicy>& StepFields() {
  static const FieldTable<StepPolicy> table = [] {
    FieldTable<StepPolicy> t("Adjustments that grow with how far an alarm's threshold is exceeded.");
    AddAdjustmentType(t, &StepPolicy::type);
    t.List("steps", &StepPolicy::steps, StepAdjustmentFields, "The ranges, without gaps.",
           {.required = true, .min_items = 1, .max_items = kMostStepAdjustments})
        .Enum("aggregation", &StepPolicy::aggregation,
              {{"Average", StepPolicy::Aggregation::kAverage},
               {"Minimum", StepPolicy::Aggregation::kMinimum},
               {"Maximum", StepPolicy::Aggregation::kMaximum}},
              "Which value of the metric counts.")
        .Field("warmup", &StepPolicy::warmup, "How long a new instance does not count yet.", kWarmup)
        .Field("minMagnitude", &StepPolicy::min_magnitude, kMagnitudeSays, {.min = 1, .max = kMostInstances});
    return t;
  }();
  return table;
}

const FieldTable<TrackingPolicy>& TrackingFields() {
  static const FieldTable<TrackingPolicy> table =
      FieldTable<TrackingPolicy>(
          "Keeps a metric near a value; AWS makes the alarms for it, and they are its own.")
          .Enum("metric", &TrackingPolicy::metric,
                {{"ASGAverageCPUUtilization", TrackingPolicy::Metric::kCpu},
                 {"ASGAverageNetworkIn", TrackingPolicy::Metric::kNetworkIn},
                 {"ASGAverageNetworkOut", TrackingPolicy::Metric::kNetworkOut},
                 {"ALBRequestCountPerTarget", TrackingPolicy::Metric::kRequestsPerTarget}},
                "Which metric.", {.required = true, .example = "ASGAverageCPUUtilization"})
          .Field("resourceLabel", &TrackingPolicy::resource_label,
                 "Of ALBRequestCountPerTarget: app/NAME/ID/targetgroup/NAME/ID.", {.max_length = 1023})
          .Field("target", &TrackingPolicy::target, "The value.", {.required = true, .example = "50"})
          .Field("scaleIn", &TrackingPolicy::scale_in, "It may also take instances away.")
          .Field("warmup", &TrackingPolicy::warmup, "How long a new instance does not count yet.", kWarmup)
          .Check(CheckTracking);
  return table;
}

const FieldTable<Policy>& PolicyFields() {
  static const FieldTable<Policy> table =
      FieldTable<Policy>("A scaling policy, wholly as it is written.")
          .Named("ScalingPolicy")
          .Field("name", &Policy::name, "Its name.",
                 {.required = true, .max_length = 255, .example = "Increase Group Size"})
          .Table("simple", &Policy::simple, SimpleFields, "One adjustment.")
          .Table("step", &Policy::step, StepFields, "Adjustments by ranges.")
          .Table("targetTracking", &Policy::tracking, TrackingFields, "A metric that is kept near a value.")
          .ExactlyOneOf({"simple", "step", "targetTracking"});
  return table;
}

const FieldTable<ScheduledAction>& ScheduledFields() {
  static const FieldTable<ScheduledAction> table = [] {
    FieldTable<ScheduledAction> t("A change of size at a time.");
    t.Field("name", &ScheduledAction::name, "Its name.",
            {.required = true, .max_length = 255, .example = "evening"})
        .Field("recurrence", &ScheduledAction::recurrence, "When, as five fields of cron.",
               {.pattern = "\\S+ +\\S+ +\\S+ +\\S+ +\\S+",
                .pattern_says = "five fields of cron",
                .example = "\"0 18 * * 1-5\""})
        .Field("timeZone", &ScheduledAction::time_zone, "Whose clock `recurrence` is about; left out: UTC.",
               {.max_length = 64, .example = "Europe/Berlin"})
        .Field("startAt", &ScheduledAction::start, "Once, or from when on it recurs.",
               {.example = "2026-12-01T18:00:00Z"})
        .Field("endAt", &ScheduledAction::end, "Until when it recurs.")
        .Inline(&ScheduledAction::size, SizeFields)
        .AtLeastOneOf({"recurrence", "startAt"})
        .Needs("endAt", "recurrence")
        .Needs("timeZone", "recurrence");
    return t;
  }();
  return table;
}

const FieldTable<Hook>& HookFields() {
  static const FieldTable<Hook> table =
      FieldTable<Hook>("Something that an instance waits for while it comes or goes.")
          .Named("LifecycleHook")
          .Field("name", &Hook::name, "Its name.",
                 {.required = true,
                  .pattern = "[A-Za-z0-9\\-_/]+",
                  .pattern_says = "letters, digits, - _ and /",
                  .max_length = 255,
                  .example = "drain"})
          .Enum(
              "on", &Hook::transition,
              {{"launching", Hook::Transition::kLaunching}, {"terminating", Hook::Transition::kTerminating}},
              "When.", {.required = true, .example = "terminating"})
          .Field("heartbeat", &Hook::heartbeat, "How long it waits at most.",
                 {.min = absl::Seconds(30), .max = absl::Hours(2), .example = "5m"})
          .Enum("otherwise", &Hook::otherwise,
                {{"abandon", Hook::Result::kAbandon}, {"continue", Hook::Result::kContinue}},
                "What happens when nobody answers in time.")
          .Field("target", &Hook::target, "The ARN of the topic or queue that is told.", {.max_length = 512})
          .Field("role", &Hook::role, "The ARN of the role that may tell it.", {.max_length = 512})
          .Field("metadata", &Hook::metadata, "What it is told besides.", {.max_length = 1023})
          .Needs("role", "target");
  return table;
}

const FieldTable<Suspension>& SuspensionFields() {
  static const FieldTable<Suspension> table =
      FieldTable<Suspension>("A process of the group that rests for a while.")
          .Enum("process", &Suspension::process,
                {{"Launch", Process::kLaunch},
                 {"Terminate", Process::kTerminate},
                 {"AddToLoadBalancer", Process::kAddToLoadBalancer},
                 {"AlarmNotification", Process::kAlarmNotification},
                 {"AZRebalance", Process::kAzRebalance},
                 {"HealthCheck", Process::kHealthCheck},
                 {"InstanceRefresh", Process::kInstanceRefresh},
                 {"ReplaceUnhealthy", Process::kReplaceUnhealthy},
                 {"ScheduledActions", Process::kScheduledActions}},
                "Which one.", {.required = true, .example = "AZRebalance"})
          .Field("reason", &Suspension::reason, "Why, for those who find it.",
                 {.required = true, .max_length = 500, .example = "debate night"})
          .Field("until", &Suspension::until,
                 "When it is resumed at the latest; the text may stay in the file.",
                 {.required = true, .example = "2026-12-01T06:00:00Z"});
  return table;
}

const FieldTable<PageCommand>& PageCommandFields() {
  static const FieldTable<PageCommand> table =
      FieldTable<PageCommand>("How the page is switched; running it twice must do no harm.")
          .Field("command", &PageCommand::command, "A program of this machine with its arguments.",
                 {.required = true, .example = "[ctl, page, \"on\"]"});
  return table;
}

const FieldTable<DowntimePage>& PageFields() {
  static const FieldTable<DowntimePage> table =
      FieldTable<DowntimePage>("What visitors see while nobody serves.")
          .Table("on", &DowntimePage::on, PageCommandFields, "Puts it up, before any old instance leaves.",
                 {.required = true})
          .Table("off", &DowntimePage::off, PageCommandFields, "Takes it down, when all new ones serve.",
                 {.required = true});
  return table;
}

const std::initializer_list<std::pair<std::string_view, Rollout::Apart>> kApart = {
    {"ignore", Rollout::Apart::kIgnore}, {"wait", Rollout::Apart::kWait}};

const FieldTable<Rollout>& RolloutFields() {
  static const FieldTable<Rollout> table =
      FieldTable<Rollout>("How instances that run something else come to run what is declared.")
          .Enum("strategy", &Rollout::strategy,
                {{"serial", Rollout::Strategy::kSerial},
                 {"full", Rollout::Strategy::kFull},
                 {"instanceRefresh", Rollout::Strategy::kInstanceRefresh}},
                "serial: one by one, without an outage; full: all at once, with one; instanceRefresh: AWS "
                "replaces them.",
                {.required = true, .example = "serial"})
          .Field("compatible", &Rollout::compatible,
                 "Old and new may serve together; serial and instanceRefresh need that.")
          .Field("settle", &Rollout::settle, "How long a new instance must serve without a break.",
                 {.min = absl::Seconds(10), .max = absl::Hours(2)})
          .Field("within", &Rollout::within, "A new instance that does not serve by then stops the rollout.",
                 {.min = absl::Minutes(1), .max = absl::Hours(6)})
          .Table("downtimePage", &Rollout::page, PageFields, "Of full: what visitors see meanwhile.")
          .Field("minHealthy", &Rollout::min_healthy,
                 "Of instanceRefresh: so much of the desired size serves all the while; left out: AWS' own.",
                 {.min = 0, .max = 100, .example = "90%"})
          .Field("warmup", &Rollout::warmup,
                 "Of instanceRefresh: how long a new instance does not count yet; left out: the group's own.",
                 kWarmup)
          .Enum("protected", &Rollout::protected_ones, kApart,
                "Of instanceRefresh: instances that are protected from scale-in are passed over, or waited "
                "for.")
          .Enum("standby", &Rollout::standby, kApart,
                "Of instanceRefresh: instances in standby are passed over, or waited for.")
          .Check(CheckRollout);
  return table;
}

void AddParts(FieldTable<Spec>& table) {
  table
      .Field("loadBalancers", &Spec::load_balancers,
             "Classic load balancers that it is attached to, by name.", {.max_items = 50, .example = "[web]"})
      .Field("targetGroups", &Spec::target_groups, "Target groups that it is attached to, by ARN.",
             {.pattern = "arn:.*", .pattern_says = "an ARN", .max_items = 50})
      .List("tags", &Spec::tags, TagFields, "Tags that it has besides any others.", {.max_items = 50})
      .List("policies", &Spec::policies, PolicyFields,
            "Its scaling policies. One that is not written is left alone.", {.max_items = kMostPolicies})
      .List("scheduledActions", &Spec::scheduled_actions, ScheduledFields,
            "Changes of size at a time. One that is not written is left alone.", {.max_items = 125})
      .List("lifecycleHooks", &Spec::lifecycle_hooks, HookFields,
            "Hooks. One that is not written is left alone.", {.max_items = kMostHooks})
      .List("suspended", &Spec::suspended, SuspensionFields,
            "Processes that rest for a while. What others suspended is never resumed.",
            {.max_items = kProcesses})
      .Table("rollout", &Spec::rollout, RolloutFields,
             "Replaces instances that run something else; left out: they stay until they go by themselves.");
}

}  // namespace

const specs::FieldTable<Spec>& SpecFields() {
  static const FieldTable<Spec> table = [] {
    FieldTable<Spec> t("A group of instances that grows and shrinks.");
    t.Named("AutoScalingGroup")
        .Inline(&Spec::location, aws::LocationFields)
        .Field("group", &Spec::group, "The group's name.",
               {.required = true, .max_length = 255, .example = "opendebates-web"})
        .Table("size", &Spec::size, SizeFields, "How many instances.")
        .Table("launchConfiguration", &Spec::launch_configuration, LaunchConfigurationFields,
               "What new instances are made from.")
        .Table("launchTemplate", &Spec::launch_template, LaunchTemplateFields,
               "What new instances are made from.")
        .Field("zones", &Spec::zones, "Availability zones, all of them.",
               {.max_items = 20, .example = "[us-east-1a, us-east-1b]"})
        .Field("subnets", &Spec::subnets, "Subnets, all of them, by id.",
               {.pattern = "subnet-[0-9a-f]+",
                .pattern_says = "subnet- and hexadecimal digits",
                .max_items = 50})
        .Table("healthCheck", &Spec::health_check, HealthCheckFields,
               "Who tells that an instance is not well.")
        .Field("cooldown", &Spec::cooldown, "How long nothing follows an adjustment of a simple policy.",
               {.min = absl::ZeroDuration(), .max = absl::Hours(24), .example = "5m"});
    AddParts(t);
    t.AtMostOneOf({"launchConfiguration", "launchTemplate"})
        .AtMostOneOf({"zones", "subnets"})
        .Check(CheckSpec);
    return t;
  }();
  return table;
}

std::string_view ProcessText(Process process) {
  constexpr std::string_view kTexts[kProcesses] = {
      "Launch",      "Terminate",       "AddToLoadBalancer", "AlarmNotification", "AZRebalance",
      "HealthCheck", "InstanceRefresh", "ReplaceUnhealthy",  "ScheduledActions"};
  return kTexts[static_cast<size_t>(process)];
}

}  // namespace holdfast::autoscaling_group
