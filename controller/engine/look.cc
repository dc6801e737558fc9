// The round: look, decide, choose, act, tell.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/engine/round.h"
#include "controller/engine/slot.h"

namespace holdfast {
namespace {

// The sentence for the Suspended condition, or "".
std::string SuspendedBy(const Boxed<SuspensionSet>& suspension, absl::Time now) {
  if (!suspension || suspension->until <= now) return {};
  return Cat("by ", suspension->owner, ": ", suspension->reason,
             suspension->until == absl::InfiniteFuture() ? "" : Cat(", until ", Rfc3339(suspension->until)));
}

// What is put aside until a declared time comes back by itself, perhaps tomorrow.
bool IsWaitingForSomethingSoon(const std::vector<Wait>& waits) {
  const std::string put_aside = RestoreName("");
  return std::any_of(waits.begin(), waits.end(), [&](const Wait& wait) {
    const bool has_its_time = wait.until < absl::InfiniteFuture() && wait.name.starts_with(put_aside);
    return wait.on == Wait::On::kProgress && !has_its_time;
  });
}

// A decision that asks for something new is given it at once, and not without end.
template <class Slot>
bool AsksForMore(Slot& slot, const Plan& plan) {
  constexpr int kAsksAtOnce = 3;
  const bool more = std::any_of(plan.ask.begin(), plan.ask.end(), [&](const std::string& what) {
    return std::find(slot.ask->begin(), slot.ask->end(), what) == slot.ask->end();
  });
  if (*slot.ask != plan.ask) slot.ask = plan.ask;
  slot.asks = more ? slot.asks + 1 : 0;
  return more && slot.asks <= kAsksAtOnce;
}

}  // namespace

absl::Duration Engine::Interval(const Slot& slot) {
  return slot.declared.interval * (1 + settings_.jitter * (2 * world_.random.Uniform() - 1));
}

// Doubles from the first failure on, at most `backoff_max`, the last half of it by chance.
absl::Duration Engine::BackOff(Slot& slot, std::string why) {
  const int doublings = std::min(slot.failures + slot.refusals, 20);
  if (slot.failures + slot.refusals < 1000) ++slot.failures;
  const absl::Duration whole =
      std::min(settings_.backoff_max, settings_.backoff_first * (int64_t{1} << doublings));
  const absl::Duration wait = whole * (0.5 + 0.5 * world_.random.Uniform());
  slot.backoff_why = why;
  return wait;
}

GateFacts Engine::FactsFor(Slot& slot, absl::Time observed_at, absl::Time now) {
  GateFacts facts{.now = now,
                  .settings = settings_,
                  .observed_at = observed_at,
                  .modes = slot.declared.modes,
                  .past = *slot.past,
                  .expectations = *slot.expectations,
                  .trouble = *slot.trouble,
                  .suspension = slot.suspension,
                  .approval = slot.approval,
                  .stop_all = stop_all_,
                  .doors = doors_,
                  .sick = world_.vitals.Sick(now),
                  .journal_trouble = journal_trouble_,
                  .backoff_until = slot.backoff_until,
                  .backoff_why = std::string(slot.backoff_why.view())};
  if (!facts.sick && now - disturbed_at_ < settings_.calm_after_disturbance) {
    facts.sick = disturbance_;
    facts.sick_until = disturbed_at_ + settings_.calm_after_disturbance;
  }
  for (const ResourceKey& on : *slot.declared.depends_on) {
    const Row* row = board_.Find(on);
    if (row == nullptr)
      facts.unmet.push_back({on, "is not declared"});
    else if (row->observed_generation < row->generation)
      facts.unmet.push_back({on, "has not been looked at since its spec changed"});
    else if ((*row)[ConditionType::kReady].status != Truth::kTrue)
      facts.unmet.push_back({on, Cat("is not ready: ", (*row)[ConditionType::kReady].reason)});
  }
  return facts;
}

// A lease that the plan names nowhere belongs to something that the spec no longer mentions: the ledger's own
// restore action puts it back.
void Engine::RestoreForgottenLeases(Slot& slot, Plan& plan) const {
  for (const Lease& lease : slot.past->open) {
    // Whoever wants it put aside has not forgotten it: a stale look may not show yet that it is.
    const auto names = [&](const Step& step) {
      return step.puts_back == lease.object || (step.puts_aside && step.puts_aside->object == lease.object);
    };
    const bool in_step = std::any_of(plan.stages.begin(), plan.stages.end(), [&](const Stage& stage) {
      return std::any_of(stage.steps.begin(), stage.steps.end(), names);
    });
    const bool in_wait = std::any_of(plan.waits.begin(), plan.waits.end(), [&](const Wait& wait) {
      return wait.name == RestoreName(lease.object);
    });
    const bool restored = std::any_of(plan.restored.begin(), plan.restored.end(),
                                      [&](const auto& known) { return known.first == lease.object; });
    if (in_step || in_wait || restored) continue;
    constexpr int kTries = 3;
    Step step{.key = Cat(RestoreName(lease.object), "#", lease.wrote),
              .verb = "restore",
              .target = lease.object,
              .action = lease.restore,
              .danger = Danger::kReversible,
              .why = Cat("put aside for: ", lease.why),
              .duty = Step::Duty::kMustFinish,
              .puts_back = lease.object,
              .meter = Meter{RestoreName(lease.object), kTries, absl::Hours(1), absl::Seconds(30)}};
    if (plan.stages.empty() || plan.stages[0].name != "restore what was put aside")
      plan.stages.insert(plan.stages.begin(), Stage{.name = "restore what was put aside"});
    plan.stages[0].steps.push_back(std::move(step));
  }
}

Task<absl::Duration> Engine::Look(Slot& slot, Flight& flight) {
  const SlotId id = slot.id;
  const uint64_t token = slot.token;
  const std::shared_ptr<Resource> resource = slot.resource;
  const absl::Time began = world_.clock.Now();
  holdfast::Look look{.self = slot.declared.key,
                      .not_older_than = std::max(began - settings_.share_within, slot.not_older_than),
                      .demanded = slot.not_older_than};
  look.touched_not_older_than = look.not_older_than;
  if (!slot.expectations->empty()) {
    look.touched = slot.expectations->Touched();
    look.touched_not_older_than = std::max(look.not_older_than, slot.expectations->last_write());
  }
  look.ask = *slot.ask;
  slot.not_older_than = absl::InfinitePast();
  const std::unique_ptr<Sighting> sighting = co_await resource->Observe(std::move(look));
  if (slots_[id] == nullptr || slot.is == Slot::Is::kGone) co_return absl::ZeroDuration();
  if (slot.token != token && slot.resource != resource)
    co_return absl::ZeroDuration();  // another spec by now: look for that

  const absl::Time now = world_.clock.Now();
  RoundReport report{.now = now,
                     .sight = sighting->sight(),
                     .observed_at = sighting->at(),
                     .generation = slot.generation,
                     .suspended_by = SuspendedBy(slot.suspension, now)};
  const Purpose purpose = slot.is == Slot::Is::kDeclared                          ? Purpose::kConverge
                          : slot.declared.when_gone == Declared::WhenGone::kPrune ? Purpose::kPrune
                                                                                  : Purpose::kRelease;
  auto shown = std::make_shared<ShownPlan>();
  shown->plan = sighting->Decide(Frame{now, purpose, *slot.past, outputs_.all()});
  Plan& plan = shown->plan;
  std::string_view result = "settled";
  absl::Duration next = Interval(slot);
  bool tells_anew = false;

  if (sighting->sight() == Sight::kUnknown) {
    report.unknown_reason = sighting->unknown_reason();
    next = std::min(next, BackOff(slot, report.unknown_reason));
    slot.quiet = Slot::Quiet::kYes;  // `--once` does not wait for what cannot be seen
    report.waits = plan.waits;
    result = "unknown";
  } else {
    slot.failures = 0;
    if (!slot.past->open.empty()) RestoreForgottenLeases(slot, plan);
    if (!slot.expectations->empty()) slot.expectations.Edit().See(plan, sighting->at(), now);
    AwaitOutputs(id, plan.waits);
    tells_anew = outputs_.Tell(slot.declared.key, plan.outputs);
    slot.samples = std::move(plan.samples);
  }

  std::vector<size_t> go;
  if (sighting->sight() != Sight::kUnknown && plan.stages.empty()) {
    report.waits = plan.waits;
    if (plan.look_again < absl::InfiniteFuture()) next = std::min(next, plan.look_again - now);
    slot.quiet = IsWaitingForSomethingSoon(plan.waits) ? Slot::Quiet::kNotYet : Slot::Quiet::kYes;
    slot.fresh_looks = 0;
    if (!plan.waits.empty()) result = "waiting";
  } else if (sighting->sight() != Sight::kUnknown) {
    GateFacts facts = FactsFor(slot, sighting->at(), now);
    shown->digest = EffectDigest(plan);
    facts.apply_line = ApplyLine(slot.declared.key, shown->digest);
    Choice choice = Choose(plan, facts);
    for (const auto& gates : choice.gates)
      for (const ShownGate& gate : gates) metrics_.Gate(gate.name, VerdictText(gate.verdict.is));
    for (const Step& step : plan.stages[0].steps)
      for (const Guard& guard : step.guards)
        metrics_.Guard(slot.declared.key.kind, guard.name, VerdictText(guard.verdict.is));
    shown->gates = std::move(choice.gates);
    report.waits = std::move(choice.waits);
    if (hands_ == Hands::kAct) go = std::move(choice.go);
    // Whose turn is to come is looked at when it comes: looking for it meanwhile takes the rate of those
    // before.
    constexpr absl::Duration kLongestUnseen = absl::Minutes(5);
    if (go.empty() && choice.waits_for == Choice::WaitsFor::kItsTurn) next = std::max(next, kLongestUnseen);
    if (choice.look_again < absl::InfiniteFuture())
      next = std::min(next, std::max(choice.look_again - now, settings_.tick));
    if (facts.sick) next = std::min(next, settings_.sick_look_again);
    result = "waiting";
    slot.quiet =
        go.empty() && !IsWaitingForSomethingSoon(report.waits) && choice.look == Choice::Look::kAsPlanned
            ? Slot::Quiet::kYes
            : Slot::Quiet::kNotYet;
    if (go.empty() && choice.look == Choice::Look::kFreshNow) {
      // Facts that stay old although they were asked for anew must not spin the loop.
      constexpr int kFreshLooksAtOnce = 3;
      slot.not_older_than = now;
      next = ++slot.fresh_looks <= kFreshLooksAtOnce ? absl::ZeroDuration() : absl::Seconds(1);
    } else {
      slot.fresh_looks = 0;
    }
  }
  if (sighting->sight() != Sight::kUnknown && AsksForMore(slot, plan)) {
    next = absl::ZeroDuration();
    slot.quiet = Slot::Quiet::kNotYet;
  }
  for (const Wait& wait : slot.trouble->waits) report.waits.push_back(wait);
  // What was to be shown by now and cannot be seen ends with the next sight of it, not by looking every tick.
  const absl::Time shown_by = slot.expectations->NextEnd();
  const bool may_end = sighting->sight() != Sight::kUnknown || shown_by > now;
  if (shown_by < absl::InfiniteFuture() && may_end)
    next = std::min(next, std::max(shown_by - now, settings_.tick));
  next = std::max(next, absl::ZeroDuration());

  const Truth ready_before = (*board_.Find(id))[ConditionType::kReady].status;
  const int64_t seen_before = board_.Find(id)->observed_generation;
  report.readiness = plan.readiness;
  report.performing = go.size();
  report.next_check_at = go.empty() ? now + next : now;
  const bool interesting = !plan.stages.empty() || !plan.diffs.empty();
  if (interesting && shown->digest.empty()) shown->digest = EffectDigest(plan);
  report.plan = interesting ? shown : nullptr;
  board_.Report(id, std::move(report));
  if ((*board_.Find(id))[ConditionType::kReady].status != ready_before ||
      board_.Find(id)->observed_generation != seen_before || tells_anew)
    WakeDependents(slot.declared.key);

  if (sighting->sight() != Sight::kUnknown) co_await Settle(slot, plan, sighting->at());
  if (!go.empty() && slots_[id] != nullptr && slot.token == token && state_ == State::kRunning) {
    flight.is = Flight::Is::kActing;
    next = co_await Act(slot, flight, shown, std::move(go));
    result = "acted";
  }
  metrics_.Round(slot.declared.key.kind, result, world_.clock.Steady() - flight.began);
  if (slot.is == Slot::Is::kReleasing && slot.past->open.empty() && plan.stages.empty() &&
      sighting->sight() != Sight::kUnknown)
    Forget(slot, now);
  co_return next;
}

// What this sighting proves about the past: intents of an earlier life, leases found restored, operations
// that moved, identities to keep. Commits only when there is something.
Task<void> Engine::Settle(Slot& slot, const Plan& plan, absl::Time observed_at) {
  if (hands_ == Hands::kNone) co_return;
  std::vector<Record> records;
  const absl::Time now = world_.clock.Now();
  for (const OpenIntent& open : *slot.unresolved) {
    const bool still_wanted = std::any_of(plan.stages.begin(), plan.stages.end(), [&](const Stage& stage) {
      return std::any_of(stage.steps.begin(), stage.steps.end(),
                         [&](const Step& step) { return step.key == open.intent.step_key; });
    });
    const Outcome outcome =
        still_wanted ? Outcome{Outcome::Kind::kUnknown, "cut off by a crash; not seen done, decided anew", ""}
                     : Outcome{Outcome::Kind::kDone, "cut off by a crash; seen done by looking", ""};
    records.push_back(IntentOutcome{open.id, outcome, now});
  }
  for (const auto& [object, how] : plan.restored) {
    const auto lease = std::find_if(slot.past->open.begin(), slot.past->open.end(),
                                    [&](const Lease& l) { return l.object == object; });
    if (lease != slot.past->open.end() && observed_at > slot.expectations->last_write())
      records.push_back(LeaseClosed{slot.declared.key, object, how, now});
  }
  for (const auto& [name, value] : plan.pins)
    if (const auto have = slot.past->pins.find(name); have == slot.past->pins.end())
      records.push_back(PinSet{slot.declared.key, name, value});
  TakeOperationProgress(slot, plan, records);
  if (slot.approval && (plan.stages.empty() || slot.approval->until <= now))
    records.push_back(ApprovalSpent{slot.declared.key});
  if (records.empty()) co_return;

  const std::vector<Record> done = records;
  const auto committed = co_await Commit(std::move(records));
  if (!committed.ok()) co_return;  // found again in the next round
  for (const Record& record : done) {
    if (const auto* closed = std::get_if<LeaseClosed>(&record))
      std::erase_if(slot.past.Edit().open,
                    [&](const Lease& lease) { return lease.object == closed->object; });
    if (const auto* pin = std::get_if<PinSet>(&record)) slot.past.Edit().pins[pin->name] = pin->value;
    if (const auto* moved = std::get_if<OperationMoved>(&record))
      slot.past.Edit().operations[moved->name] = moved->to;
    if (std::holds_alternative<ApprovalSpent>(record)) slot.approval.reset();
  }
  slot.unresolved = {};
  RefreshOperations(slot);
}

}  // namespace holdfast
