// The whole of an alarm as it is to be: PutMetricAlarm replaces everything that it does not say.
#pragma once

#include <string>
#include <vector>

#include "controller/plan/action.h"
#include "controller/plan/plan.h"
#include "reconcilers/cloudwatch_alarm/spec.h"
#include "reconcilers/cloudwatch_alarm/state.h"

namespace holdfast::alarm {

// The spec's actions by their whole names, each list ordered.
struct Notified {
  std::vector<std::string> alarm, ok, insufficient_data;
  std::vector<Wait> missing;  // what is not known yet
};
Notified Resolved(const Actions& actions, const std::map<std::string, std::string>& refs);

// What the spec must say before an alarm can be made: the names of those fields that it leaves out.
std::vector<std::string> MissingToCreate(const Spec& spec);

// The alarm with the spec laid over it: what the spec leaves out stays as it is. `seen` is a default for an
// alarm that is to be made.
Alarm Wished(const Spec& spec, const Notified& notified, const Alarm& seen);
std::vector<Diff> Differences(const Alarm& wished, const Alarm& seen);
// Whether the two watch the same: another metric is another signal, whatever the alarm's name.
bool WatchesTheSame(const Alarm& a, const Alarm& b);
std::string MetricText(const Alarm& alarm);

enum class Is { kNew, kThere };
AwsCall PutCall(const Spec& spec, const Alarm& wished, Is is);
AwsCall NamesCall(const Spec& spec, std::string_view operation);  // DeleteAlarms, EnableAlarmActions

}  // namespace holdfast::alarm
