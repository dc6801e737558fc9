// From the spec and the alarm as it is to a plan.
#include <algorithm>
#include <utility>

#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/plan/draft.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/cloudwatch_alarm/kind.h"
#include "reconcilers/cloudwatch_alarm/put.h"

namespace holdfast {
namespace {

using namespace alarm;

constexpr size_t kMostForecast = 8;
constexpr std::string_view kPin = "alarm";  // by its ARN: we have been at one with it
// How soon to look again whether it is our turn.
constexpr absl::Duration kTurnCadence = absl::Seconds(2);
// After its last period, until the service has surely evaluated an alarm.
constexpr absl::Duration kEvaluationLag = absl::Minutes(1);
// Waiting for the rate to allow it, with some hundred before us.
constexpr absl::Duration kTakes = absl::Minutes(3);

struct Draft : PlanDraft {
  Draft() : PlanDraft(kMostForecast) {}
};

struct Picture {
  const Spec& want;
  const State& state;
  const Frame& frame;
  const Alarm* seen;  // null when there is none
  absl::Time at;
  std::string object;  // the lease on its actions
};

const Lease* OpenLease(const Picture& p) {
  const auto found = std::ranges::find(p.frame.past.open, p.object, &Lease::object);
  return found == p.frame.past.open.end() ? nullptr : &*found;
}

enum class Owner { kUs, kSomeoneElse, kUnknown };

// Ours is what we have been at one with before, or what carries our tag.
Owner OwnerOf(const Picture& p) {
  const auto pin = p.frame.past.pins.find(std::string(kPin));
  if (pin != p.frame.past.pins.end() && pin->second == p.seen->arn) return Owner::kUs;
  return p.state.tags.Match(
      [](const Known<aws::Tags>& known) {
        return aws::AreOurs(known.value, CloudWatchAlarm::kName) ? Owner::kUs : Owner::kSomeoneElse;
      },
      [](const Absent&) { return Owner::kSomeoneElse; }, [](const Unknown&) { return Owner::kUnknown; });
}

Guard OursToChange(const Picture& p, std::string_view what) {
  constexpr std::string_view kRow = "W1: what we did not make is not made into something else";
  switch (OwnerOf(p)) {
    case Owner::kUs:
      return {kRow, Pass("we made it, or it was as declared before", p.at)};
    case Owner::kSomeoneElse:
      return {kRow, Hold(Cat("it watches ", MetricText(*p.seen), " and ", what), p.at)};
    case Owner::kUnknown:
      break;
  }
  return {kRow, CannotTell("its tags are not known", p.at)};
}

Guard ReadByItself(const Picture& p) {
  constexpr std::string_view kRow = "C2: it was read by itself and just now";
  if (p.state.read == State::Read::kTargeted) return {kRow, Pass("just read", p.at)};
  return {kRow, Hold("it is out of a listing", p.at)};
}

Guard OurTurn(const Picture& p) {
  constexpr std::string_view kRow = "W3: the most severe are written first";
  if (p.state.more_severe == 0) return {kRow, Pass("nothing more severe waits", p.at)};
  return {kRow, Hold(Cat(Count(p.state.more_severe, "more severe alarm"), " to be written before"), p.at)};
}

// Tells the same effect from another one, and survives every look.
std::string KeyOf(const Picture& p, std::string_view verb, const AwsCall& call) {
  constexpr size_t kDigits = 12;
  return Cat(verb, " ", p.want.name, "#", Digest(Action(call)).substr(0, kDigits));
}

Step StepOf(const Picture& p, std::string_view verb, AwsCall call, std::string why) {
  return {.key = KeyOf(p, verb, call),
          .verb = std::string(verb),
          .target = p.want.name,
          .action = std::move(call),
          .danger = Danger::kReversible,
          .why = std::move(why),
          .takes = kTakes};
}

// What every write needs is asked for as long as there is something to write.
void AskToWrite(const Picture& p, Draft& draft) {
  draft.Ask(kAskTurn);
  if (p.state.more_severe > 0)
    draft.Due(p.frame.now + kTurnCadence);
  else
    draft.Ask(aws::Inventory::kFresh);
}

void WaitForRefs(std::vector<Wait> missing, Draft& draft) {
  for (Wait& wait : missing) draft.Wait(std::move(wait));
}

void Create(const Picture& p, Notified notified, Draft& draft) {
  draft.plan().readiness = {Readiness::Is::kNo, "Missing", "there is no such alarm"};
  draft.plan().diffs.push_back({"alarm", p.want.name, "none"});
  if (const std::vector<std::string> missing = MissingToCreate(p.want); !missing.empty()) {
    draft.Wait({.on = Wait::On::kGuard,
                .name = "enough to make it",
                .detail = Cat("there is no such alarm, and the spec does not say ", Enumerate(missing, 8)),
                .remedy = Cat("add ", Enumerate(missing, 8), ", or correct the name or region")});
    return;
  }
  if (!notified.missing.empty()) return WaitForRefs(std::move(notified.missing), draft);
  AskToWrite(p, draft);
  const Alarm wished = Wished(p.want, notified, Alarm{});
  Step step = StepOf(p, "create", PutCall(p.want, wished, Is::kNew), Cat("to watch ", MetricText(wished)));
  step.guards = {ReadByItself(p), OurTurn(p)};
  draft.Add(std::move(step), "alarm");
}

// Until then what its state says is of the metric that it watched before.
absl::Time EvaluatedAt(const Alarm& seen) {
  return seen.configured_at + seen.period * seen.evaluation_periods + kEvaluationLag;
}

// Its actions were disabled by us, for the swap of its metric.
void BringActionsBack(const Picture& p, const Lease& lease, Draft& draft) {
  if (p.seen->actions_enabled) {
    draft.plan().restored.emplace_back(p.object, "its actions are enabled again");
    return;
  }
  const bool converges = p.frame.purpose == Purpose::kConverge;
  if (converges && p.want.actions_enabled == false) {
    draft.plan().restored.emplace_back(p.object, "they stay disabled: the spec says so");
    return;
  }
  if (const absl::Time then = EvaluatedAt(*p.seen); converges && p.frame.now < then) {
    draft.Wait(
        {.on = Wait::On::kProgress,
         .name = RestoreName(p.object),
         .detail = Cat("W2: its actions are disabled until it has been evaluated on ", MetricText(*p.seen)),
         .until = then});
    return;
  }
  draft.Ask(aws::Inventory::kFresh);
  Step step = StepOf(p, "enable", NamesCall(p.want, "EnableAlarmActions"), Cat("were disabled: ", lease.why));
  Append(step.key, "@", absl::ToUnixMillis(p.seen->configured_at));
  step.guards = {ReadByItself(p)};
  step.duty = Step::Duty::kMustFinish;
  step.puts_back = p.object;
  draft.Add(std::move(step), "actions back");
}

// Another metric is another signal: what the state says, and what it set off, was of the old one.
void ChangeMetric(const Picture& p, Alarm wished, Draft& draft) {
  const std::string why = Cat("the spec watches ", MetricText(wished), " instead of ", MetricText(*p.seen));
  const Guard ours = OursToChange(p, Cat("the spec ", MetricText(wished)));
  if (ours.verdict.is == Verdict::Is::kCannotTell) draft.Ask(kAskTags);
  if (ours.verdict.is == Verdict::Is::kHold)
    draft.Wait({.on = Wait::On::kGuard,
                .name = std::string(ours.name),
                .detail = ours.verdict.evidence,
                .remedy = "give this one another name, or delete the alarm by hand when nobody needs it"});
  if (p.want.on_metric_change == OnMetricChange::kRecreate) {
    Step step = StepOf(p, "delete", NamesCall(p.want, "DeleteAlarms"), why);
    Append(step.key, "@", MetricText(*p.seen));
    step.danger = Danger::kDestructive;
    step.guards = {ours, ReadByItself(p), OurTurn(p)};
    draft.Add(std::move(step), "make anew");
    return;
  }
  const bool swaps = p.seen->actions_enabled && wished.actions_enabled;
  if (swaps) wished.actions_enabled = false;
  Step step = StepOf(p, "put", PutCall(p.want, wished, Is::kThere), why);
  step.guards = {ours, ReadByItself(p), OurTurn(p)};
  if (swaps && OpenLease(p) == nullptr)
    step.puts_aside = Lease{.object = p.object,
                            .before = "enabled",
                            .wrote = "disabled",
                            .restore = NamesCall(p.want, "EnableAlarmActions"),
                            .why = why};
  draft.Add(std::move(step), "alarm");
}

void Change(const Picture& p, Alarm wished, Draft& draft) {
  std::vector<std::string> paths;
  for (const Diff& diff : draft.plan().diffs)
    paths.push_back(Cat(diff.path, " ", diff.seen, " → ", diff.want));
  Step step = StepOf(p, "put", PutCall(p.want, wished, Is::kThere), Enumerate(paths, 4));
  step.guards = {ReadByItself(p), OurTurn(p)};
  if (wished.is_computed) {
    const Guard whole{"W1: all of it can be written",
                      Hold("it watches an expression, which one metric cannot say", p.at)};
    draft.Wait({.on = Wait::On::kGuard,
                .name = std::string(whole.name),
                .detail = whole.verdict.evidence,
                .remedy = "give the spec a `metric`, or another name"});
    step.guards.push_back(whole);
  }
  draft.Add(std::move(step), "alarm");
}

void Converge(const Picture& p, Draft& draft) {
  Notified notified;
  if (p.want.actions) notified = Resolved(*p.want.actions, p.frame.refs);
  if (p.seen == nullptr) {
    if (OpenLease(p) != nullptr) draft.plan().restored.emplace_back(p.object, "the alarm is gone");
    return Create(p, std::move(notified), draft);
  }
  Plan& plan = draft.plan();
  plan.readiness = {Readiness::Is::kYes, "Watching", Cat(p.seen->state, ": ", Excerpt(p.seen->state_reason))};
  const Lease* lease = OpenLease(p);
  if (lease != nullptr) BringActionsBack(p, *lease, draft);
  if (!notified.missing.empty()) return WaitForRefs(std::move(notified.missing), draft);
  Alarm wished = Wished(p.want, notified, *p.seen);
  if (lease != nullptr && !p.seen->actions_enabled) wished.actions_enabled = false;
  plan.diffs = Differences(wished, *p.seen);
  if (plan.diffs.empty()) {
    plan.pins.emplace_back(kPin, p.seen->arn);
    return;
  }
  AskToWrite(p, draft);
  if (WatchesTheSame(wished, *p.seen))
    Change(p, std::move(wished), draft);
  else
    ChangeMetric(p, std::move(wished), draft);
}

void Prune(const Picture& p, Draft& draft) {
  draft.Ask(aws::Inventory::kFresh);
  const Guard ours = OursToChange(p, "is not known to be ours");
  if (ours.verdict.is == Verdict::Is::kCannotTell) draft.Ask(kAskTags);
  Step step = StepOf(p, "delete", NamesCall(p.want, "DeleteAlarms"), "its spec is gone and said `prune`");
  step.danger = Danger::kDestructive;
  step.guards = {ours, ReadByItself(p)};
  draft.Add(std::move(step), "delete");
}

}  // namespace

Plan CloudWatchAlarm::Decide(const View<CloudWatchAlarm>& view) {
  Draft draft;
  const auto* known = std::get_if<Known<State>>(&view.seen);
  if (known == nullptr) return draft.Finish();
  const auto* seen = std::get_if<Known<Boxed<Alarm>>>(&known->value.alarm);
  const Picture p{.want = view.want,
                  .state = known->value,
                  .frame = view.frame,
                  .seen = seen == nullptr ? nullptr : &*seen->value,
                  .at = known->at,
                  .object = Cat("actions of alarm ", view.want.name)};
  if (view.frame.purpose == Purpose::kConverge) {
    Converge(p, draft);
  } else if (p.seen == nullptr) {
    if (OpenLease(p) != nullptr) draft.plan().restored.emplace_back(p.object, "the alarm is gone");
  } else if (view.frame.purpose == Purpose::kPrune) {
    Prune(p, draft);
  } else if (const Lease* lease = OpenLease(p)) {
    BringActionsBack(p, *lease, draft);
  }
  return draft.Finish();
}

}  // namespace holdfast
