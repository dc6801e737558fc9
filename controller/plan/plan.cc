#include "controller/plan/plan.h"

#include <algorithm>
#include <string>

#include "controller/base/sha256.h"
#include "controller/base/text.h"

namespace holdfast {

std::string_view OnText(Wait::On on) {
  switch (on) {
    case Wait::On::kObservation:
      return "observation";
    case Wait::On::kGuard:
      return "guard";
    case Wait::On::kGate:
      return "gate";
    case Wait::On::kDependency:
      return "dependency";
    case Wait::On::kProgress:
      return "progress";
    case Wait::On::kHold:
      return "hold";
    case Wait::On::kHuman:
      return "human";
    case Wait::On::kSpec:
      return "spec";
  }
  return "guard";
}

std::string_view DangerText(Danger danger) {
  switch (danger) {
    case Danger::kReversible:
      return "reversible";
    case Danger::kDisruptive:
      return "disruptive";
    case Danger::kDestructive:
      return "destructive";
  }
  return "destructive";
}

std::string_view VerdictText(Verdict::Is is) {
  switch (is) {
    case Verdict::Is::kCannotTell:
      return "cannotTell";
    case Verdict::Is::kPass:
      return "pass";
    case Verdict::Is::kHold:
      return "hold";
  }
  return "cannotTell";
}

std::string RestoreName(std::string_view object) { return Cat("restore ", object); }

bool AllPass(const std::vector<Guard>& guards) {
  return std::all_of(guards.begin(), guards.end(),
                     [](const Guard& guard) { return guard.verdict.is == Verdict::Is::kPass; });
}

std::string EffectDigest(const Plan& plan) {
  Canonical bytes;
  for (const Stage& stage : plan.stages) {
    bytes.Add("stage").Add(stage.name).Add(static_cast<int64_t>(stage.pace));
    for (const Step& step : stage.steps) {
      bytes.Add("step").Add(step.key).Add(DangerText(step.danger)).Add(Digest(step.action));
      for (const Guard& guard : step.guards) bytes.Add(guard.name);
    }
  }
  return Sha256Hex(bytes.bytes());
}

}  // namespace holdfast
