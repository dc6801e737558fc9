#include <algorithm>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/service_stack/decide.h"

namespace holdfast::stack {
namespace {

// Services below something that runs and that will write through them when it stops.
std::vector<bool> MustBeHealed(const Picture& p) {
  std::vector<bool> heal(p.layout.services.size(), false);
  for (uint32_t t = 0; t < p.layout.targets.size(); ++t) {
    if (!IsAlive(p.standing[t])) continue;
    for (uint32_t s : WritesThrough(p, t)) heal[s] = heal[s] || p.ready[s].is != Verdict::Is::kPass;
  }
  return heal;
}

void StopOne(const Picture& p, uint32_t t, Draft& draft) {
  const std::string until = WhyDown(p.want);
  draft.Add(StopStep(p, t, kStopVerb, Ask(StopRules(), p, t), Cat("declared down: ", until)),
            LayerStage(p, "stop", t));
  draft.DueSoon();
}

void DownOne(const Picture& p, uint32_t t, Draft& draft) {
  switch (p.standing[t]) {
    case Standing::kNever:
    case Standing::kDown:
    case Standing::kMissing:
      return;
    case Standing::kUnknown:
    case Standing::kForeign:
      return Explain(p, t, draft);
    case Standing::kStopping:
      return ConsiderStopping(p, t, draft);
    default:
      return StopOne(p, t, draft);
  }
}

}  // namespace

void CloseLeases(const Picture& p, Draft& draft) {
  if (p.frame.past.open.empty()) return;
  for (uint32_t t = 0; t < p.layout.targets.size(); ++t) {
    if (p.deeds[t].lease == nullptr) continue;
    const std::string& name = p.target(t).name;
    if (IsAlive(p.standing[t]) && p.standing[t] != Standing::kStopping)
      draft.plan().restored.emplace_back(name, Cat("runs again: ", ProcessOf(p.seen.targets[t]).word));
    else if (IsProvenDead(p.standing[t]) && p.wanted == Wanted::kDown)
      draft.plan().restored.emplace_back(name, "is down, as the spec wants it by now");
  }
}

void WantUp(const Picture& p, Draft& draft) {
  for (uint32_t t = 0; t < p.layout.targets.size(); ++t) {
    if (!p.Counts(t) && p.deeds[t].lease == nullptr) continue;
    switch (p.standing[t]) {
      case Standing::kNever:
      case Standing::kDown:
        ConsiderStart(p, t, draft);
        break;
      case Standing::kZombie:
        ConsiderZombie(p, t, draft);
        break;
      case Standing::kStopping:
        ConsiderStopping(p, t, draft);
        break;
      default:
        Explain(p, t, draft);
        break;
    }
  }
}

void WantDown(const Picture& p, Draft& draft) {
  const std::vector<bool> heal = MustBeHealed(p);
  for (uint32_t t = 0; t < p.layout.targets.size(); ++t) {
    if (!heal[p.target(t).service] || !p.Counts(t)) continue;
    if (IsProvenDead(p.standing[t]))
      ConsiderStart(p, t, draft);
    else if (p.standing[t] == Standing::kZombie)
      ConsiderZombie(p, t, draft);
  }
  for (size_t l = p.layout.layers.size(); l-- > 0;) {
    const Layout::Span& layer = p.layout.layers[l];
    for (uint32_t t = layer.first; t < layer.first + layer.count; ++t) DownOne(p, t, draft);
  }
}

void WantRelease(const Picture& p, Draft& draft) {
  if (p.wanted == Wanted::kDown) return;  // what was stopped is as the last spec wanted it
  for (uint32_t t = 0; t < p.layout.targets.size(); ++t) {
    if (p.deeds[t].lease == nullptr) continue;
    if (IsProvenDead(p.standing[t])) {
      ConsiderStart(p, t, draft);
    } else if (p.standing[t] == Standing::kStopping) {
      draft.Wait({.on = Wait::On::kProgress,
                  .name = RestoreName(p.target(t).name),
                  .detail = "stopping; it is started again once it has stopped"});
      draft.DueSoon();
    } else if (p.standing[t] == Standing::kUnknown || p.standing[t] == Standing::kForeign ||
               p.standing[t] == Standing::kMissing) {
      Explain(p, t, draft);
    }
  }
}

}  // namespace holdfast::stack
