#include "reconcilers/service_stack/draft.h"

#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/service_stack/actions.h"

namespace holdfast::stack {
namespace {

// What a call may take that only asks a supervisor to do something.
constexpr absl::Duration kCallTakes = absl::Seconds(15);
// A script may do its whole work before it returns.
constexpr absl::Duration kScriptTakes = absl::Minutes(5);
constexpr absl::Duration kShowWithin = absl::Seconds(30);

bool IsScript(const Control& control) {
  return std::holds_alternative<SysvControl>(control) || std::holds_alternative<CommandControl>(control);
}

Step Base(const Picture& p, uint32_t t, std::string_view verb, std::string_view incarnation,
          std::string why) {
  const Target& target = p.target(t);
  Step step;
  step.key = Cat(verb, " ", target.name, "#", incarnation);
  step.verb = std::string(verb);
  step.target = target.name;
  step.touches = {Cat("host:", target.host().empty() ? "localhost" : target.host())};
  step.why = std::move(why);
  step.show_within = kShowWithin;
  step.takes = IsScript(p.service(t).spec->control) ? kScriptTakes : kCallTakes;
  return step;
}

// Which run the start follows, in words that stay the same from the forecast until it is sent.
std::string RunOf(const Process& process) {
  if (process.life == Life::kNever) return "never";
  const size_t at = process.incarnation.find('@');
  std::string run = at == std::string::npos ? process.incarnation : process.incarnation.substr(at + 1);
  return run.empty() ? "unnamed" : run;
}

// A start that ends our own stop is no repair, so the budget for repairs does not count it.
bool EndsOurStop(const Picture& p, uint32_t t) {
  const Deeds& deeds = p.deeds[t];
  return p.cause[t] == Cause::kByUs &&
         (deeds.start == nullptr || deeds.stop == nullptr || deeds.start->sent < deeds.stop->sent);
}

Step::Consent ConsentToEnd(const Picture& p, uint32_t t) {
  return p.service(t).zombie == ZombiePolicy::kAct ? Step::Consent::kMode : Step::Consent::kPerson;
}

}  // namespace

Step StartStep(const Picture& p, uint32_t t, std::string why) {
  const Deeds& deeds = p.deeds[t];
  Step step = Base(p, t, kStartVerb, RunOf(ProcessOf(p.seen.targets[t])), std::move(why));
  step.action = StartAction(p.layout, t);
  step.danger = Danger::kReversible;
  step.guards = Ask(StartRules(), p, t);
  if (deeds.lease != nullptr) {
    step.puts_back = deeds.lease->object;
    step.duty = Step::Duty::kMustFinish;
  }
  // What we ourselves put aside is put back in any case.
  if (p.loss.is == LossClass::kPossibleLoss && deeds.lease == nullptr) {
    step.consent = Step::Consent::kPerson;
    Append(step.why, "; ", p.loss.detail);
  }
  if (!EndsOurStop(p, t)) {
    const RestartBudget& budget = *p.service(t).spec->restart_budget;
    step.meter = Meter{Cat("start ", p.target(t).name), budget.limit, budget.per, budget.gap};
  }
  return step;
}

Step StopStep(const Picture& p, uint32_t t, std::string_view verb, std::vector<Guard> guards,
              std::string why) {
  const Process& process = ProcessOf(p.seen.targets[t]);
  Step step = Base(p, t, verb, process.incarnation, std::move(why));
  step.action = StopAction(p.layout, t, process.incarnation);
  step.danger = Danger::kDisruptive;
  step.guards = std::move(guards);
  if (verb == kZombieStopVerb) step.consent = ConsentToEnd(p, t);
  if (verb != kStopVerb)
    step.puts_aside = Lease{.object = p.target(t).name,
                            .before = "running",
                            .wrote = "stopped",
                            .restore = StartAction(p.layout, t),
                            .why = step.why};
  return step;
}

std::optional<Step> KillStep(const Picture& p, uint32_t t, std::string why) {
  const std::string& incarnation = ProcessOf(p.seen.targets[t]).incarnation;
  std::optional<Action> action = KillAction(p.layout, t, incarnation, p.finding(t));
  if (!action) return std::nullopt;
  Step step = Base(p, t, kKillVerb, incarnation, std::move(why));
  step.action = *std::move(action);
  step.danger = p.service(t).keeps == Keeps::kState ? Danger::kDestructive : Danger::kDisruptive;
  step.consent = ConsentToEnd(p, t);
  step.guards = Ask(KillRules(), p, t);
  return step;
}

void Draft::Add(Step step, std::string stage) {
  const bool start = step.danger == Danger::kReversible;
  // A start does no harm where a program far away has ended meanwhile; what disturbs rests on all of them.
  if (!start && AllPass(step.guards)) {
    const absl::Duration before = picture_.at - picture_.seen.oldest;
    if (before > kSeenWithin) {
      Ask(kAskAll);
      step.guards.push_back(
          {"all of the stack was seen just now",
           CannotTell(Cat("the oldest was seen ", Brief(before), " before the rest"), picture_.seen.oldest)});
    }
  }
  if (!AllPass(step.guards) || (start && starts_ >= kMaxStartsAtOnce))
    return Forecast(std::move(step), std::move(stage));
  if (start)
    ++starts_;
  else if (step.consent == Step::Consent::kMode)
    disruptive_ = true;  // what waits for a person holds nobody up
  Now(std::move(step), std::move(stage));
}

void Draft::DueSoon() {
  const auto& attempts = picture_.frame.past.attempts;
  const absl::Time now = picture_.frame.now;
  const bool just_acted = !attempts.empty() && now - attempts.back().sent < kQuickFor;
  Due(now + (just_acted ? kQuickCadence : kCadence));
}

Plan Draft::Finish(Stage::Pace pace) {
  Plan plan = PlanDraft::Finish(pace);
  plan.look_again = std::max(plan.look_again, picture_.frame.now + kQuickCadence);
  return plan;
}

}  // namespace holdfast::stack
