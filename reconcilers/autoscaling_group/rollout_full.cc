// All at once, for what must not serve side by side: a page goes up, everybody old leaves, then the new ones
// come.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/rollout.h"
#include "reconcilers/autoscaling_group/serving.h"

namespace holdfast::autoscaling_group {
namespace {

constexpr std::string_view kUp = "page up", kDown = "page down";

// The last time that the page was put up or taken down, if that is known to have been done.
std::string_view LastDone(const Frame& frame) {
  for (auto attempt = frame.past.attempts.rbegin(); attempt != frame.past.attempts.rend(); ++attempt) {
    const bool up = attempt->key.starts_with(kUp), down = attempt->key.starts_with(kDown);
    if (!up && !down) continue;
    if (attempt->outcome.kind != Outcome::Kind::kDone) return {};
    return up ? kUp : kDown;
  }
  return {};
}

Action Run(const specs::Argv& argv) {
  Command command;
  for (const std::string& word : argv.words) command.argv.emplace_back(word);
  return command;
}

// Nobody asks a page whether it is up: it is when the command that puts it up is known to have worked.
Guard PageIsUp(const Picture& p) {
  Guard guard{"the downtime page is up", Pass("none is declared", p.at)};
  if (!p.want.rollout->page) return guard;
  const bool up = OpenLease(p.frame, kPageObject) != nullptr && LastDone(p.frame) == kUp;
  guard.verdict = up ? Pass("put up by us", p.at) : Hold("it is not up", p.at);
  return guard;
}

Step PageUp(const Picture& p, const RolloutNow& now) {
  Step step{.key = Cat(kUp, "#", now.wanted),
            .verb = "put up",
            .target = "page",
            .action = Run(p.want.rollout->page->on.command),
            .danger = Danger::kDisruptive,
            .touches = {Cat("group:", p.want.group)},
            .why = Cat("the rollout of ", now.wanted, " takes everybody away")};
  step.show_within = absl::Seconds(10);
  step.puts_aside = Lease{.object = std::string(kPageObject),
                          .before = "down",
                          .wrote = Cat("up for ", now.wanted),
                          .restore = Run(p.want.rollout->page->off.command),
                          .why = step.why};
  return step;
}

}  // namespace

std::optional<Guard> MaySwitch(const Picture& p, const std::optional<RolloutNow>& now) {
  if (!now || now->unresolved) return std::nullopt;
  // It launches what the group launches at that moment.
  if (p.want.rollout->strategy == Rollout::Strategy::kInstanceRefresh) return NoRefreshIsUnderWay(p);
  if (p.want.rollout->strategy != Rollout::Strategy::kFull || now->old.empty()) return std::nullopt;
  Guard guard = PageIsUp(p);
  if (guard.verdict.is != Verdict::Is::kPass) return guard;
  if (!p.group().suspended.contains(std::string(ProcessText(Process::kLaunch))))
    return Guard{"nobody new is launched meanwhile", Hold("Launch runs", p.at)};
  return guard;
}

void WantFull(const Picture& p, const RolloutNow& now, Draft& draft) {
  if (now.old.empty() || !now.holds_launch) return;
  const std::string stage = Cat("replace all: ", now.wanted);
  if (PageIsUp(p).verdict.is != Verdict::Is::kPass) {
    Step step = PageUp(p, now);
    step.guards = {NobodyComesOrGoes(p), NobodyElseIsAtWork(p), ProcessesRest(p, now)};
    return draft.Add(Turn::kRoll, std::move(step), stage);
  }
  draft.DeclareOutage();
  for (const Instance* victim : now.old) {
    Step step = TerminateStep(p, now, *victim);
    step.guards = {LaunchesWhatIsWanted(p), PageIsUp(p), ProcessesRest(p, now)};
    if (!now.surprise.empty()) step.consent = Step::Consent::kPerson;
    draft.Add(Turn::kRoll, std::move(step), stage);
  }
}

void BringPageDown(const Picture& p, Draft& draft) {
  const Lease* lease = OpenLease(p.frame, kPageObject);
  if (lease == nullptr) return;
  if (LastDone(p.frame) == kDown)
    return draft.plan().restored.emplace_back(kPageObject, "the page is down"), void();
  draft.Ask(kAskGoings);
  const auto now = LookAtRollout(p);
  const auto wait = [&](std::string detail) {
    draft.Due(p.frame.now + absl::Seconds(10));
    draft.Wait({.on = Wait::On::kProgress, .name = RestoreName(kPageObject), .detail = std::move(detail)});
  };
  if (now && now->unresolved) return wait("what is to run is not known yet");
  if (now && (!now->old.empty() || now->leaving > 0))
    return wait(Cat("up until everybody runs ", now->wanted));
  Step step{.key = Cat(kDown, "#", lease->wrote),
            .verb = "take down",
            .target = "page",
            .action = lease->restore,
            .danger = Danger::kReversible,
            .touches = {Cat("group:", p.want.group)},
            .why = lease->why};
  step.guards = {NobodyComesOrGoes(p)};
  if (now) step.guards.push_back(FreshHaveSettled(p, *now));
  for (const Instance& one : p.group().instances)
    if (const Serving serving = ServingOf(p.state, one); !one.IsStandby() && serving.is != Serving::Is::kYes)
      return wait(serving.why);
  for (const Guard& guard : step.guards)
    if (guard.verdict.is != Verdict::Is::kPass) return wait(Cat(guard.name, ": ", guard.verdict.evidence));
  step.duty = Step::Duty::kMustFinish;
  step.show_within = absl::Seconds(10);
  step.puts_back = kPageObject;
  draft.Add(Turn::kPutBack, std::move(step), "page down");
}

}  // namespace holdfast::autoscaling_group
