// AWS replaces the instances: it is told once, and then watched.
#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/agree.h"
#include "reconcilers/autoscaling_group/rollout.h"
#include "reconcilers/autoscaling_group/serving.h"
#include "reconcilers/autoscaling_group/wanted.h"

namespace holdfast::autoscaling_group {
namespace {

// One that was begun is told by then, also when another part of AWS answers.
constexpr absl::Duration kToldWithin = absl::Minutes(2);
// A refresh was begun by a request when it starts so long before or after: clocks differ, and it may be
// Pending at first.
constexpr absl::Duration kClocksDiffer = absl::Minutes(1), kStartsWithin = absl::Minutes(5);
// For the same launch in a day; more than one is needed when instances come back from standby.
constexpr int kMostRefreshes = 3;
// Of AWS, when neither the spec nor the group says otherwise.
constexpr double kUsualMinHealthy = 90;

std::string PinName(const Refresh& refresh) { return Cat("refresh:", refresh.id); }

const std::vector<Refresh>& Told(const Picture& p) {
  static const std::vector<Refresh> none;
  const std::vector<Refresh>* told = &none;
  p.state.goings.refreshes.Match([&](const Known<std::vector<Refresh>>& known) { told = &known.value; },
                                 [](const Absent&) {}, [](const Unknown&) {});
  return *told;
}

// The refresh that a request began: AWS takes no mark, so it is the first one that started about then. We
// never say what it is to want, so one that does is none of ours.
const Refresh* BegunBy(const Picture& p, const Attempt& attempt, const std::set<std::string>& taken) {
  const Refresh* first = nullptr;
  for (const Refresh& one : Told(p)) {
    const absl::Time start = std::min(one.start, p.frame.now);
    if (start < attempt.sent - kClocksDiffer || start > attempt.sent + kStartsWithin) continue;
    if (one.desired.empty() && !taken.contains(one.id)) first = &one;  // newest first
  }
  return first;
}

std::string_view ApartText(Rollout::Apart apart) {
  return apart == Rollout::Apart::kWait ? "Wait" : "Ignore";
}

json::object Preferences(const Spec& want) {
  const Rollout& rollout = *want.rollout;
  json::object out{{"ScaleInProtectedInstances", JsonView(ApartText(rollout.protected_ones))},
                   {"StandbyInstances", JsonView(ApartText(rollout.standby))}};
  // AWS cannot tell which launch configuration an instance runs: there it replaces all of them.
  if (want.launch_template) out["SkipMatching"] = true;
  if (rollout.min_healthy) out["MinHealthyPercentage"] = static_cast<int64_t>(rollout.min_healthy->percent);
  if (rollout.warmup) out["InstanceWarmup"] = absl::ToInt64Seconds(*rollout.warmup);
  return out;
}

bool WantsTheSame(const Picture& p, const Refresh& one) {
  if (FirstDisagreement(Preferences(p.want), one.preferences)) return false;
  if (one.desired.empty()) return LaunchesWhatIsWanted(p).verdict.is == Verdict::Is::kPass;
  return p.want.launch_template && one.desired.size() == 1 &&
         !FirstDisagreement(json::object{{"LaunchTemplate", WantedTemplate(*p.want.launch_template)}},
                            one.desired);
}

Guard EnoughServe(const Picture& p) {
  Guard guard{"AS1: enough serve", {}};
  const Rollout& rollout = *p.want.rollout;
  const double least = rollout.min_healthy ? rollout.min_healthy->percent : kUsualMinHealthy;
  int64_t serving = 0;
  std::string not_serving;
  for (const Instance& one : p.group().instances) {
    const Serving found = ServingOf(p.state, one);
    if (found.is == Serving::Is::kCannotTell) return guard.verdict = CannotTell(found.why, p.at), guard;
    if (found.is == Serving::Is::kYes) ++serving;
    if (found.is == Serving::Is::kNo && !one.IsStandby()) not_serving = found.why;
  }
  const bool enough = static_cast<double>(serving) * 100 >= least * static_cast<double>(p.group().desired);
  const std::string count = Cat(serving, " of ", p.group().desired, " serve");
  guard.verdict = enough ? Pass(count, p.at) : Hold(Cat(count, ", ", not_serving), p.at);
  return guard;
}

Step StartStep(const Picture& p, const RolloutNow& now) {
  Step step =
      WriteStep(p.want, "StartInstanceRefresh",
                {{"Strategy", "Rolling"}, {"Preferences", Preferences(p.want)}}, "refresh", "instances",
                now.wanted, Cat(Count(now.old.size(), "instance"), " run something else than ", now.wanted));
  step.danger = Danger::kDisruptive;
  step.show_within = kToldWithin;
  step.meter = Meter{Cat(kRefreshKey, now.wanted), kMostRefreshes, absl::Hours(24), kToldWithin};
  return step;
}

void ExplainRefresh(const Picture& p, const Refresh& one, Draft& draft) {
  const std::string begun_for = RefreshFor(p, one);
  const std::string progress = Cat(one.id, begun_for.empty() ? "" : Cat(", for ", begun_for, ","), " is ",
                                   one.status, ": ", one.percent, "% done, ", one.left, " to go",
                                   one.reason.empty() ? "" : Cat("; ", Excerpt(one.reason)));
  const std::string line =
      Cat("aws autoscaling cancel-instance-refresh --auto-scaling-group-name ", p.want.group);
  draft.Due(p.frame.now + absl::Seconds(10));
  if (WantsTheSame(p, one))
    return draft.Wait({.on = Wait::On::kProgress, .name = "instance refresh", .detail = progress});
  if (!begun_for.empty())
    return draft.Wait({.on = Wait::On::kProgress,
                       .name = "instance refresh",
                       .detail = Cat(progress, "; another one follows it"),
                       .remedy = Cat("it ends by itself; to end it now: ", line)});
  draft.Wait({.on = Wait::On::kHold,
              .name = "instance refresh of someone else",
              .detail = progress,
              .remedy = Cat("whoever began it lets it end, or ends it: ", line)});
}

// What is ours stays known to be, also when the request is forgotten: one that failed is not begun again.
void PinOurs(const Picture& p, const RolloutNow& now, Draft& draft) {
  for (const Refresh& one : Told(p)) {
    if (p.frame.past.pins.contains(PinName(one))) continue;
    std::string begun_for = RefreshFor(p, one);
    if (begun_for.empty() && one.IsUnderWay() && WantsTheSame(p, one)) begun_for = now.wanted;
    if (!begun_for.empty()) draft.plan().pins.emplace_back(PinName(one), begun_for);
  }
}

}  // namespace

std::string RefreshFor(const Picture& p, const Refresh& refresh) {
  const auto pin = p.frame.past.pins.find(PinName(refresh));
  if (pin != p.frame.past.pins.end()) return pin->second;
  std::set<std::string> taken;
  for (const Attempt& attempt : p.frame.past.attempts) {
    if (!attempt.key.starts_with(kRefreshKey) || attempt.outcome.kind == Outcome::Kind::kRefused) continue;
    const Refresh* begun = BegunBy(p, attempt, taken);
    if (begun == nullptr) continue;
    if (begun->id == refresh.id) return attempt.key.substr(kRefreshKey.size());
    taken.insert(begun->id);
  }
  return {};
}

const Refresh* RefreshUnderWay(const Picture& p) {
  const std::vector<Refresh>& told = Told(p);
  const auto found = std::ranges::find_if(told, &Refresh::IsUnderWay);
  return found == told.end() ? nullptr : &*found;
}

std::string RefreshEndedBadly(const Picture& p, const std::string& wanted) {
  for (const Refresh& one : Told(p)) {
    const std::string begun_for = RefreshFor(p, one);
    if (begun_for.empty()) continue;
    if (begun_for != wanted || !one.EndedBadly()) return {};
    return Cat("the instance refresh ", one.id, " is ", one.status,
               one.reason.empty() ? "" : Cat(": ", Excerpt(one.reason)));
  }
  return {};
}

Guard NoRefreshIsUnderWay(const Picture& p) {
  Guard guard{"A7: no instance refresh is under way", {}};
  guard.verdict = p.state.goings.refreshes.Match(
      [&](const Known<std::vector<Refresh>>& known) {
        const Refresh* one = RefreshUnderWay(p);
        return one == nullptr ? Pass("none is", known.at)
                              : Hold(Cat("the instance refresh ", one->id, " is ", one->status), known.at);
      },
      [&](const Absent& absent) { return CannotTell(absent.proof, absent.at); },
      [&](const Unknown& unknown) { return CannotTell(unknown.reason, p.at); });
  return guard;
}

void WantRefresh(const Picture& p, const RolloutNow& now, Draft& draft) {
  PinOurs(p, now, draft);
  const Refresh* under_way = RefreshUnderWay(p);
  if (under_way != nullptr) ExplainRefresh(p, *under_way, draft);
  if (now.old.empty() || !now.refused.empty()) return;
  if (under_way != nullptr && WantsTheSame(p, *under_way)) return;
  Step step = StartStep(p, now);
  step.guards = {LaunchesWhatIsWanted(p), NobodyComesOrGoes(p), NobodyElseIsAtWork(p), EnoughServe(p)};
  if (now.surprise.empty())
    step.guards.push_back(ProcessesRest(p, now));
  else
    step.consent = Step::Consent::kPerson;
  draft.Add(Turn::kRoll, std::move(step), Cat("instance refresh: ", now.wanted));
}

}  // namespace holdfast::autoscaling_group
