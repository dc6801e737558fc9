#include "controller/engine/gates.h"

#include <algorithm>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast {
namespace {

GateAnswer Passes(const GateFacts& facts, std::string evidence = {}) {
  return {.verdict = Pass(std::move(evidence), facts.now)};
}
GateAnswer Holds(const GateFacts& facts, std::string evidence, std::string remedy,
                 absl::Time until = absl::InfiniteFuture()) {
  return {.verdict = Hold(std::move(evidence), facts.now), .remedy = std::move(remedy), .until = until};
}

GateAnswer JournalWritable(const Step&, const GateFacts& facts) {
  if (facts.journal_trouble.empty()) return Passes(facts);
  return Holds(
      facts, facts.journal_trouble,
      "make room on, or mend, the disk of the state directory; nothing is done that cannot be written down");
}

GateAnswer NotStopped(const Step& step, const GateFacts& facts) {
  const StopAllSet& red = facts.stop_all;
  if (red.reach == StopAllSet::Reach::kNone) return Passes(facts);
  if (red.reach == StopAllSet::Reach::kNewSteps && step.duty == Step::Duty::kMustFinish) return Passes(facts);
  GateAnswer answer =
      Holds(facts, Cat("stop-all by ", red.owner, red.reason.empty() ? "" : Cat(": ", red.reason)),
            "holdfast start-all");
  if (step.duty == Step::Duty::kMustFinish)
    Append(answer.remedy, "; this one ends an exposure, by hand: ", Line(step.action));
  return answer;
}

GateAnswer NotSuspended(const Step&, const GateFacts& facts) {
  if (!facts.suspension || facts.suspension->until <= facts.now) return Passes(facts);
  return Holds(facts, Cat("suspended by ", facts.suspension->owner, ": ", facts.suspension->reason),
               "holdfast resume", facts.suspension->until);
}

GateAnswer SpecUndisputed(const Step&, const GateFacts& facts) {
  if (facts.trouble.effect == SpecTrouble::Effect::kNone) return Passes(facts);
  return Holds(
      facts,
      facts.trouble.waits.empty() ? "the declaration contradicts another" : facts.trouble.waits[0].detail,
      facts.trouble.waits.empty() ? "holdfast validate" : facts.trouble.waits[0].remedy);
}

// Each step of an approval goes once: one that was tried since counts as gone, unless it was refused.
bool IsApproved(const Step& step, const GateFacts& facts) {
  if (!facts.approval || facts.approval->until <= facts.now) return false;
  for (const Attempt& attempt : facts.past.attempts)
    if (attempt.key == step.key && attempt.sent >= facts.approval->at &&
        attempt.outcome.kind != Outcome::Kind::kRefused)
      return false;
  for (const auto& [key, digest] : facts.approval->steps)
    if (key == step.key) return digest == Digest(step.action);
  return false;
}

GateAnswer ModeAllows(const Step& step, const GateFacts& facts) {
  const Mode mode = facts.modes.Of(step.danger);
  if (mode == Mode::kObserve)
    return Holds(facts, Cat("mode for ", DangerText(step.danger), " steps is observe"),
                 "policy: {mode: act} or {mode: propose} in the spec");
  if (!WantsApproval(step, facts.modes)) return Passes(facts);
  if (IsApproved(step, facts)) return Passes(facts, Cat("let go by ", facts.approval->by));
  return Holds(facts,
               mode == Mode::kPropose ? Cat("mode for ", DangerText(step.danger), " steps is propose")
                                      : Cat("only a person lets this go: ", step.why),
               facts.apply_line);
}

GateAnswer DependenciesReady(const Step&, const GateFacts& facts) {
  if (facts.unmet.empty()) return Passes(facts);
  return {.verdict = Hold(Cat(facts.unmet[0].key.Text(), " ", facts.unmet[0].why), facts.now),
          .on = Wait::On::kDependency};
}

GateAnswer OwnHealth(const Step&, const GateFacts& facts) {
  if (!facts.sick) return Passes(facts);
  return Holds(facts, *facts.sick,
               "look at this machine's network, clock and limits; it goes on by itself when they are well",
               facts.sick_until);
}

GateAnswer BackedOff(const Step&, const GateFacts& facts) {
  if (facts.backoff_until <= facts.now) return Passes(facts);
  return Holds(facts, facts.backoff_why, "", facts.backoff_until);
}

GateAnswer Fresh(const Step& step, const GateFacts& facts) {
  if (step.danger == Danger::kReversible) return Passes(facts);
  absl::Time oldest = facts.observed_at;
  std::string_view fact = "the observation";
  for (const Guard& guard : step.guards)
    if (guard.verdict.at < oldest) oldest = guard.verdict.at, fact = guard.name;
  const absl::Duration age = facts.now - oldest;
  if (age <= step.max_age) return Passes(facts, Cat("oldest fact is ", Brief(age), " old"));
  // Ends at once: the round asks for a look that is not older than now.
  return Holds(facts, Cat(fact, " is ", Brief(age), " old, at most ", Brief(step.max_age), " is allowed"), "",
               facts.now);
}

GateAnswer Expected(const Step& step, const GateFacts& facts) {
  const auto held = facts.expectations.Holds(step, facts.now);
  if (!held) return Passes(facts);
  return Holds(facts, held->detail, "", held->until);
}

// The latest attempts of one effect, newest last.
template <class Same>
std::vector<const Attempt*> AttemptsSince(const Past& past, absl::Time since, Same same) {
  std::vector<const Attempt*> out;
  for (const Attempt& attempt : past.attempts)
    if (attempt.sent >= since && same(attempt)) out.push_back(&attempt);
  return out;
}

GateAnswer Metered(const Step& step, const GateFacts& facts) {
  if (!step.meter) return Passes(facts);
  const Meter& meter = *step.meter;
  const auto used = AttemptsSince(facts.past, facts.now - meter.per,
                                  [&](const Attempt& a) { return a.meter == meter.key; });
  const std::string count = Cat(used.size(), " of ", meter.limit, " used in ", Brief(meter.per));
  if (used.size() >= static_cast<size_t>(meter.limit)) {
    GateAnswer answer =
        Holds(facts, Cat(meter.key, ": ", count, ", the last ", Brief(facts.now - used.back()->sent), " ago"),
              "find out why it does not last; the oldest leaves the count by itself",
              used.front()->sent + meter.per);
    answer.on = Wait::On::kHuman;
    return answer;
  }
  if (!used.empty() && facts.now < used.back()->sent + meter.gap)
    return Holds(facts,
                 Cat(count, "; tried ", Brief(facts.now - used.back()->sent), " ago, at least ",
                     Brief(meter.gap), " lie between"),
                 "", used.back()->sent + meter.gap);
  return Passes(facts, count);
}

GateAnswer NoFight(const Step& step, const GateFacts& facts) {
  if (step.meter) return Passes(facts);  // the kind has said how many repeats are right
  const std::string_view effect = EffectOf(step.key);
  std::vector<const Attempt*> done;
  for (const Attempt& attempt : facts.past.attempts) {
    if (attempt.sent < facts.now - facts.settings.fight_window ||
        attempt.outcome.kind == Outcome::Kind::kRefused)
      continue;
    if (EffectOf(attempt.key) != effect) {
      if (attempt.target == step.target)
        done.clear();  // whoever undid it: we did something else to it ourselves
    } else if (attempt.outcome.kind == Outcome::Kind::kDone) {
      done.push_back(&attempt);
    }
  }
  if (done.size() < static_cast<size_t>(facts.settings.fight_limit)) return Passes(facts);
  GateAnswer answer = Holds(
      facts,
      Cat("\"", effect, "\" was done ", done.size(), " times in ", Brief(facts.settings.fight_window),
          ", the last at ", Rfc3339(done.back()->sent), ", and undone by someone or something else each time",
          step.why.empty() ? "" : Cat(": ", step.why)),
      "find who undoes it (holdfast history shows the times), then change the spec or stop them",
      done.front()->sent + facts.settings.fight_window);
  answer.on = Wait::On::kHuman;
  return answer;
}

// What the other side would not take yet is not written down as begun. A few are let go early and wait at the
// door, so that no room is left unused.
GateAnswer HasRoom(const Step& step, const GateFacts& facts) {
  constexpr absl::Duration kWaitsAtTheDoor = absl::Seconds(20);
  const absl::Duration room = facts.doors.RoomIn(step.action),
                       waits = std::min(kWaitsAtTheDoor, step.takes / 2);
  if (room <= waits) return Passes(facts);
  GateAnswer answer = Holds(facts, Cat("its turn at the other side's rate comes in ", Brief(room)), "",
                            facts.now + room - waits);
  answer.on = Wait::On::kProgress;
  return answer;
}

constexpr Gate kGates[] = {
    {"journal", "what is done can be written down first", Gate::Obligations::kHeld, JournalWritable},
    {"stop-all", "nobody has pulled the red switch", Gate::Obligations::kHeld, NotStopped},
    {"suspend", "nobody has suspended this resource", Gate::Obligations::kPass, NotSuspended},
    {"spec", "the declaration is undisputed", Gate::Obligations::kPass, SpecUndisputed},
    {"mode", "the spec, or a person where it takes one, lets this step go", Gate::Obligations::kPass,
     ModeAllows},
    {"dependsOn", "what it depends on is ready", Gate::Obligations::kPass, DependenciesReady},
    {"own-health", "this machine is well enough to trust its eyes", Gate::Obligations::kHeld, OwnHealth},
    {"backoff", "the last failure is long enough ago", Gate::Obligations::kHeld, BackedOff},
    {"freshness", "a disruptive step rests on fresh facts", Gate::Obligations::kHeld, Fresh},
    {"expectation", "the world has shown what was written last", Gate::Obligations::kHeld, Expected},
    {"meter", "the same effect is not repeated too often", Gate::Obligations::kHeld, Metered},
    {"fight", "nobody else undoes what is done", Gate::Obligations::kHeld, NoFight},
    {"rate", "the other side's rate has room", Gate::Obligations::kPass, HasRoom, Gate::Asked::kLast},
};

}  // namespace

bool WantsApproval(const Step& step, const Modes& modes) {
  if (step.duty == Step::Duty::kMustFinish) return false;
  const Mode mode = modes.Of(step.danger);
  return mode == Mode::kPropose || (mode == Mode::kAct && step.consent == Step::Consent::kPerson);
}

std::string ApplyLine(const ResourceKey& key, std::string_view digest) {
  constexpr size_t kShownDigest = 12;
  return Cat("holdfast apply ", key.Text(), " --digest ", digest.substr(0, kShownDigest));
}

std::span<const Gate> Gates() { return kGates; }

}  // namespace holdfast
