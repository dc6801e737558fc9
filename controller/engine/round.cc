#include "controller/engine/round.h"

#include <algorithm>
#include <string>

#include "controller/base/text.h"

namespace holdfast {
namespace {

void AddOnce(std::vector<Wait>& waits, Wait wait) {
  for (const Wait& have : waits)
    if (have.on == wait.on && have.name == wait.name) return;
  waits.push_back(std::move(wait));
}

// Whether every guard passes; tells those that do not.
enum class Go { kYes, kNo };

Go AskGuards(const Step& step, Choice& choice) {
  Go go = Go::kYes;
  for (const Guard& guard : step.guards) {
    if (guard.verdict.is == Verdict::Is::kPass) continue;
    go = Go::kNo;
    AddOnce(choice.waits, {.on = Wait::On::kGuard,
                           .name = std::string(guard.name),
                           .detail = guard.verdict.is == Verdict::Is::kHold
                                         ? guard.verdict.evidence
                                         : Cat("cannot tell: ", guard.verdict.evidence)});
  }
  return go;
}

// `wants_fresh` becomes true when nothing but the age of the facts is in the way.
Go AskGates(const Step& step, const GateFacts& facts, Go guards, Choice& choice,
            std::vector<ShownGate>& shown, bool& wants_fresh) {
  Go go = Go::kYes;
  size_t other_than_freshness = 0;
  for (const Gate& gate : Gates()) {
    if (step.duty == Step::Duty::kMustFinish && gate.obligations == Gate::Obligations::kPass) continue;
    if (gate.asked == Gate::Asked::kLast && (go == Go::kNo || guards == Go::kNo)) continue;
    GateAnswer answer = gate.rule(step, facts);
    if (answer.verdict.is == Verdict::Is::kPass) continue;
    go = Go::kNo;
    const bool only_wants_a_fresh_look = answer.until <= facts.now;
    if (!only_wants_a_fresh_look) {
      ++other_than_freshness;
      if (gate.asked == Gate::Asked::kLast) choice.waits_for = Choice::WaitsFor::kItsTurn;
      choice.look_again = std::min(choice.look_again, answer.until);
      const bool dependency = answer.on == Wait::On::kDependency && !facts.unmet.empty();
      AddOnce(choice.waits, {.on = answer.on,
                             .name = dependency ? facts.unmet[0].key.Text() : std::string(gate.name),
                             .detail = answer.verdict.evidence,
                             .remedy = answer.remedy,
                             .until = answer.until});
    }
    shown.push_back(
        {gate.name, gate.sentence, std::move(answer.verdict), std::move(answer.remedy), answer.until});
  }
  if (go == Go::kNo && other_than_freshness == 0) wants_fresh = true;
  return go;
}

}  // namespace

Choice Choose(const Plan& plan, const GateFacts& facts) {
  Choice choice;
  choice.waits = plan.waits;
  choice.look_again = plan.look_again;
  if (plan.stages.empty()) return choice;
  const Stage& stage = plan.stages[0];
  choice.gates.resize(stage.steps.size());
  bool disruptive_taken = false;
  for (size_t i = 0; i < stage.steps.size(); ++i) {
    const Step& step = stage.steps[i];
    const Go guards = AskGuards(step, choice);
    bool wants_fresh = false;
    const Go gates = AskGates(step, facts, guards, choice, choice.gates[i], wants_fresh);
    if (guards == Go::kYes && wants_fresh) choice.look = Choice::Look::kFreshNow;
    if (guards == Go::kNo || gates == Go::kNo || choice.go.size() >= facts.settings.most_steps_at_once)
      continue;
    const bool one_at_a_time =
        step.danger != Danger::kReversible && stage.pace == Stage::Pace::kOneDisruptive;
    if (one_at_a_time && disruptive_taken) continue;
    disruptive_taken |= one_at_a_time;
    choice.go.push_back(i);
  }
  return choice;
}

}  // namespace holdfast
