#include "reconcilers/autoscaling_group/rollout.h"

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/autoscaling_group/agree.h"
#include "reconcilers/autoscaling_group/serving.h"

namespace holdfast::autoscaling_group {
namespace {

using Strategy = Rollout::Strategy;

constexpr std::string_view kReason = "the rollout of ";
// What takes instances away, or moves them, while one of them is missed already.
constexpr std::array kDisturbing = {Process::kAlarmNotification, Process::kAzRebalance,
                                    Process::kScheduledActions};

// By our doing, and for a rollout: a process that the spec suspends has another reason.
bool RestsByRollout(const Picture& p, Process process) {
  const Lease* lease = OpenLease(p.frame, ProcessObject(ProcessText(process)));
  return lease != nullptr && lease->why.starts_with(kReason);
}

bool Runs(const Instance& one, const Spec& want, const std::optional<std::string>& launch) {
  if (launch) return one.launch_configuration == *launch;
  const LaunchTemplateChoice& choice = *want.launch_template;
  return one.template_version == Cat(choice.version) &&
         (choice.id.empty() ? one.template_name == choice.name : one.template_id == choice.id);
}

// Processes without which nobody would be replaced, or the replacement would not serve.
std::string RestingThatIsNeeded(const Picture& p) {
  std::vector<Process> needed = {Process::kLaunch, Process::kTerminate, Process::kHealthCheck};
  if (p.want.rollout->strategy == Strategy::kInstanceRefresh) needed.push_back(Process::kInstanceRefresh);
  if (!ClassicBalancers(p.group()).empty() || !TargetGroups(p.group()).empty())
    needed.push_back(Process::kAddToLoadBalancer);
  for (const Process process : needed) {
    const std::string name(ProcessText(process));
    const auto rests = p.group().suspended.find(name);
    if (rests == p.group().suspended.end()) continue;
    const bool declared = std::ranges::any_of(p.want.suspended, [&](const Suspension& s) {
      return s.process == process && s.InForce(p.frame.now);
    });
    if (declared) return Cat("the spec itself suspends ", name);
    if (OpenLease(p.frame, ProcessObject(name)) == nullptr)
      return Cat(name, " is suspended by someone else: ", rests->second);
  }
  return {};
}

std::string Refusal(const Picture& p, const RolloutNow& now) {
  if (std::string resting = RestingThatIsNeeded(p); !resting.empty()) return resting;
  if (p.want.rollout->strategy == Strategy::kSerial) {
    // What serves at the moment is asked before each victim: while one is replaced there may be one less.
    if (p.group().desired < 2) return Cat("desired is ", p.group().desired, "; one by one takes two");
    return {};
  }
  if (p.want.rollout->strategy == Strategy::kInstanceRefresh) {
    const bool may_be_none = p.want.rollout->min_healthy && p.want.rollout->min_healthy->percent == 0;
    if (p.group().desired == 1 && !may_be_none)
      return "desired is 1, and while it is replaced nobody serves: write `minHealthy: 0%` if that may be";
    return {};
  }
  for (const Instance* one : now.spared)
    if (!one->IsStandby())
      return Cat(one->id, " is protected from scale-in and would serve what is old beside what is new");
  return {};
}

std::optional<absl::Time> FirstVictim(const Picture& p, const std::string& wanted) {
  for (const Attempt& attempt : p.frame.past.attempts)
    if (attempt.key.starts_with("terminate ") && attempt.key.ends_with(Cat("#", wanted))) return attempt.sent;
  return std::nullopt;
}

std::string FailedActivity(const Picture& p, absl::Time since) {
  const auto failed = [&](const Activity& one) {
    // AWS itself tries again until the profile is there.
    const bool passing = one.message.find("Invalid IAM Instance Profile") != std::string::npos;
    return one.start >= since &&
           ((one.status == "Failed" && !passing) || one.cause.find("health check") != std::string::npos);
  };
  return p.state.goings.activities.Match(
      [&](const Known<std::vector<Activity>>& known) -> std::string {
        const auto found = std::ranges::find_if(known.value, failed);
        if (found == known.value.end()) return {};
        return Cat(found->status, ": ", Excerpt(found->description), " ",
                   Excerpt(found->message.empty() ? found->cause : found->message));
      },
      [](const Absent&) -> std::string { return {}; }, [](const Unknown&) -> std::string { return {}; });
}

std::string Surprise(const Picture& p, const RolloutNow& now) {
  // What befalls its instances is AWS' to judge.
  if (p.want.rollout->strategy == Strategy::kInstanceRefresh) return RefreshEndedBadly(p, now.wanted);
  const auto since = FirstVictim(p, now.wanted);
  if (!since) return {};
  if (std::string failed = FailedActivity(p, *since); !failed.empty()) return failed;
  for (const Instance* one : now.fresh) {
    if (!one->IsHealthy() && !one->IsLeaving()) return Cat(one->id, ", which is new, is ", one->health);
    const auto known = p.trail.known_since.find(one->id);
    const bool late = known != p.trail.known_since.end() && p.at - known->second > p.want.rollout->within;
    if (const Serving serving = ServingOf(p.state, *one); late && serving.is == Serving::Is::kNo)
      return Cat(serving.why, " for more than ", Brief(p.want.rollout->within));
  }
  return {};
}

}  // namespace

std::optional<RolloutNow> LookAtRollout(const Picture& p) {
  if (!p.want.rollout || p.frame.purpose != Purpose::kConverge) return std::nullopt;
  const LaunchName launch = WantedLaunchConfiguration(p.want, p.frame);
  RolloutNow now;
  if (!launch.name && !p.want.launch_template) return now.unresolved = true, now;
  now.wanted = launch.name ? *launch.name
                           : Cat(p.want.launch_template->name, p.want.launch_template->id, " version ",
                                 p.want.launch_template->version);
  for (const Instance& one : p.group().instances) {
    const bool spared = one.IsStandby() || one.protection == Instance::Protection::kFromScaleIn;
    if (Runs(one, p.want, launch.name))
      now.fresh.push_back(&one);
    else if (one.IsLeaving())
      ++now.leaving;
    else
      (spared ? now.spared : now.old).push_back(&one);
  }
  now.refused = Refusal(p, now);
  now.surprise = Surprise(p, now);
  const bool paged = OpenLease(p.frame, kPageObject) != nullptr;
  const bool begun =
      paged || (p.want.rollout->strategy == Strategy::kFull && RestsByRollout(p, Process::kLaunch));
  const bool frozen_before =
      std::ranges::any_of(kDisturbing, [&](Process one) { return RestsByRollout(p, one); });
  const bool may = now.refused.empty() && now.surprise.empty() &&
                   (frozen_before || begun || NobodyElseIsAtWork(p).verdict.is == Verdict::Is::kPass);
  now.holds_launch =
      p.want.rollout->strategy == Strategy::kFull && (may || begun) &&
      (!now.old.empty() ||
       (begun && (now.leaving > 0 || LaunchesWhatIsWanted(p).verdict.is != Verdict::Is::kPass)));
  const bool unsettled = FreshHaveSettled(p, now).verdict.is != Verdict::Is::kPass;
  const bool refreshing =
      p.want.rollout->strategy == Strategy::kInstanceRefresh && RefreshUnderWay(p) != nullptr;
  now.frozen = now.holds_launch || paged || (frozen_before && refreshing) ||
               (may && (!now.old.empty() || (frozen_before && (now.leaving > 0 || unsettled))));
  return now;
}

std::string RestsForRollout(const Picture& p, const std::optional<RolloutNow>& now, Process process) {
  if (!now) return {};
  if (now->unresolved) return RestsByRollout(p, process) ? Cat(kReason, "what is not known yet") : "";
  const bool disturbs = std::ranges::count(kDisturbing, process) > 0;
  if ((disturbs && now->frozen) || (process == Process::kLaunch && now->holds_launch))
    return Cat(kReason, now->wanted);
  return {};
}

Guard LaunchesWhatIsWanted(const Picture& p) {
  const auto differs = FirstDisagreement(LaunchParameters(p), *p.group().item);
  return {"new instances run what is wanted",
          differs ? Hold(Cat(differs->path, " is ", differs->seen), p.at) : Pass("they do", p.at)};
}

Guard ProcessesRest(const Picture& p, const RolloutNow& now) {
  Guard guard{"A3: what would disturb rests", Pass("it rests", p.at)};
  for (int i = 0; i < kProcesses; ++i) {
    const auto process = static_cast<Process>(i);
    const std::string name(ProcessText(process));
    if (!RestsForRollout(p, now, process).empty() && !p.group().suspended.contains(name))
      guard.verdict = Hold(Cat(name, " runs"), p.at);
  }
  return guard;
}

Guard NobodyElseIsAtWork(const Picture& p) {
  Guard guard{"AS2: nobody else is at work", NoRefreshIsUnderWay(p).verdict};
  if (guard.verdict.is != Verdict::Is::kPass) return guard;
  const auto judge = [&](const Activity& one, absl::Time at) -> std::optional<Verdict> {
    if (one.IsUnderWay()) return Hold(Cat(Excerpt(one.description), ": ", one.status), at);
    if (p.frame.now - one.start > kForeignFor) return std::nullopt;
    for (const std::string_view sign :
         {"monitor alarm", "scheduled action", "user request update", "to balance"})
      if (one.cause.find(sign) != std::string::npos)
        return Hold(Cat(Brief(p.frame.now - one.start), " ago: ", Excerpt(one.cause)), at);
    return std::nullopt;
  };
  guard.verdict = p.state.goings.activities.Match(
      [&](const Known<std::vector<Activity>>& known) {
        for (const Activity& one : known.value)
          if (auto held = judge(one, known.at)) return *held;
        return Pass("no activity", known.at);
      },
      [&](const Absent& absent) { return CannotTell(absent.proof, absent.at); },
      [&](const Unknown& unknown) { return CannotTell(unknown.reason, p.at); });
  return guard;
}

Guard OthersServe(const Picture& p, const Instance& victim) {
  Guard guard{"AS1: all others serve", {}};
  size_t serving = 0;
  for (const Instance& one : p.group().instances) {
    if (one.id == victim.id || one.IsStandby()) continue;
    const Serving found = ServingOf(p.state, one);
    if (found.is == Serving::Is::kYes) ++serving;
    if (found.is == Serving::Is::kNo) return guard.verdict = Hold(found.why, p.at), guard;
    if (found.is == Serving::Is::kCannotTell) return guard.verdict = CannotTell(found.why, p.at), guard;
  }
  guard.verdict = serving > 0 ? Pass(Cat(serving, " others serve"), p.at) : Hold("nobody else serves", p.at);
  return guard;
}

Guard FreshHaveSettled(const Picture& p, const RolloutNow& now) {
  Guard guard{"A5: the new ones have settled", Pass(Cat(now.fresh.size(), " have"), p.at)};
  for (const Instance* one : now.fresh) {
    if (one->IsStandby() || one->IsLeaving()) continue;
    const auto since = p.trail.serving_since.find(one->id);
    const absl::Duration served =
        since == p.trail.serving_since.end() ? absl::ZeroDuration() : p.at - since->second;
    if (since == p.trail.serving_since.end())
      guard.verdict = Hold(Cat(one->id, " does not serve yet"), p.at);
    else if (served < p.want.rollout->settle)
      guard.verdict =
          Hold(Cat(one->id, " serves for ", Brief(served), " of ", Brief(p.want.rollout->settle)), p.at);
  }
  return guard;
}

}  // namespace holdfast::autoscaling_group
