#include "reconcilers/cloudwatch_alarm/spec_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/cloudwatch_alarm/known_metrics.h"

namespace holdfast::alarm {
namespace {

using specs::Node;
using specs::ProblemCode;
using specs::Problems;

void CheckPeriod(const Spec& spec, const Node& node, Problems& problems) {
  if (!spec.period) return;
  const int64_t seconds = absl::ToInt64Seconds(*spec.period);
  const bool is_whole = *spec.period == absl::Seconds(seconds);
  const bool is_short = seconds == 10 || seconds == 20 || seconds == 30;
  if (!is_whole || (!is_short && seconds % 60 != 0)) {
    problems
        .Error(ProblemCode::kRule, node.SpanAt("period"), "a period is 10s, 20s, 30s or some whole minutes")
        .Help("such as 60s or 5m");
    return;
  }
  if (is_short && spec.name_space && spec.name_space->starts_with("AWS/"))
    problems
        .Warning(ProblemCode::kRule, node.SpanAt("period"),
                 "AWS's own metrics have no more than one value a minute")
        .Help("write at least 60s");
  const absl::Duration looked_at = *spec.period * spec.evaluation_periods.value_or(1);
  const absl::Duration longest = *spec.period >= absl::Hours(1) ? kLongestWeek : kLongestDay;
  if (looked_at > longest)
    problems
        .Error(ProblemCode::kRule, node.SpanAt("evaluationPeriods"),
               Cat("it would look at ", Brief(looked_at), " of data, and the service takes ", Brief(longest)))
        .Help("fewer or shorter periods");
}

void CheckCounts(const Spec& spec, const Node& node, Problems& problems) {
  if (spec.datapoints_to_alarm && spec.evaluation_periods &&
      *spec.datapoints_to_alarm > *spec.evaluation_periods)
    problems
        .Error(ProblemCode::kRule, node.SpanAt("datapointsToAlarm"),
               Cat(*spec.datapoints_to_alarm, " of ", *spec.evaluation_periods, " periods cannot breach"))
        .Help(Cat("at most ", *spec.evaluation_periods));
  if (spec.missing_data && *spec.missing_data != MissingData::kIgnore && spec.name_space == "AWS/DynamoDB")
    problems
        .Warning(ProblemCode::kRule, node.SpanAt("missingData"),
                 "alarms on AWS/DynamoDB ignore missing data, whatever is written here")
        .Help("write `ignore`: an alarm whose table is not used keeps its state for ever");
}

std::string OtherHome(std::string_view metric) {
  for (const KnownNamespace& known : KnownNamespaces())
    if (std::ranges::find(known.metrics, metric) != known.metrics.end()) return std::string(known.name);
  return {};
}

// An alarm on a metric that is not there stays INSUFFICIENT_DATA and never says a word.
void WarnOfDeafness(const Spec& spec, const Node& node, Problems& problems) {
  if (!spec.name_space || !spec.metric) return;
  const KnownNamespace* known = FindNamespace(*spec.name_space);
  if (known == nullptr) return;
  if (std::ranges::find(known->metrics, *spec.metric) == known->metrics.end()) {
    specs::Diagnostic& warning =
        problems
            .Warning(ProblemCode::kRule, node.SpanAt("metric"),
                     Cat(*spec.name_space, " has no metric ", Excerpt(*spec.metric, 80)))
            .Labelled("never gets data");
    const std::string_view meant = DidYouMean(*spec.metric, known->metrics);
    const std::string home = OtherHome(*spec.metric);
    if (!home.empty())
      warning.Help(Cat("it is in ", home, ": write `namespace: ", home, "`"));
    else if (!meant.empty())
      warning.Help(Cat("did you mean ", meant, "?"));
    else
      warning.Help("compare with what `aws cloudwatch list-metrics` shows");
  }
  for (const auto& [name, value] : spec.dimensions) {
    if (std::ranges::find(known->dimensions, name) != known->dimensions.end()) continue;
    const std::string_view meant = DidYouMean(name, known->dimensions);
    problems
        .Warning(ProblemCode::kRule, node.Find("dimensions").Find(name).key_span(),
                 Cat("no metric of ", *spec.name_space, " has the dimension ", Excerpt(name, 80)))
        .Labelled("never gets data")
        .Help(meant.empty() ? std::string("compare with what `aws cloudwatch list-metrics` shows")
                            : Cat("did you mean ", meant, "?"));
  }
}

template <class List>
void CheckTwice(const List& list, const Node& node, Problems& problems) {
  size_t at = 0;
  for (const Node& item : node) {
    const bool is_twice = std::count(list.begin(), list.begin() + static_cast<ptrdiff_t>(at), list[at]) > 0;
    if (is_twice)
      problems.Error(ProblemCode::kRule, item.span(), "the same action stands twice in this list")
          .Help("the service takes each once: keep one of them");
    if (++at >= list.size()) break;
  }
}

}  // namespace

void CheckSpec(const Spec& spec, const Node& node, Problems& problems) {
  CheckPeriod(spec, node, problems);
  CheckCounts(spec, node, problems);
  WarnOfDeafness(spec, node, problems);
  if (!spec.actions) return;
  const Node actions = node.Find("actions");
  if (!spec.actions->alarm.empty()) CheckTwice(spec.actions->alarm, actions.Find("alarm"), problems);
  if (!spec.actions->ok.empty()) CheckTwice(spec.actions->ok, actions.Find("ok"), problems);
  if (!spec.actions->insufficient_data.empty())
    CheckTwice(spec.actions->insufficient_data, actions.Find("insufficientData"), problems);
}

}  // namespace holdfast::alarm
