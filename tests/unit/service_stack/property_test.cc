// Random stacks, random worlds, random interleavings: what no plan may do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "controller/base/text.h"
#include "reconcilers/service_stack/component.h"
#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

Spec RandomStack() {
  const int layers = *rc::gen::inRange(1, 5);
  const ComponentName components[] = {ComponentName::kGeneric,     ComponentName::kGeneric,
                                      ComponentName::kRedis,       ComponentName::kZookeeper,
                                      ComponentName::kPostgresql,  ComponentName::kAccumuloTserver,
                                      ComponentName::kHdfsDatanode};
  std::vector<std::vector<Service>> all;
  int number = 0;
  for (int l = 0; l < layers; ++l) {
    std::vector<Service> services;
    const int count = *rc::gen::inRange(1, 4);
    for (int s = 0; s < count; ++s) {
      ServiceOptions options;
      options.component = components[*rc::gen::inRange(0, 7)];
      if (*rc::gen::inRange(0, 2) == 1) options.zombie = ZombiePolicy::kAct;
      if (s > 0 && *rc::gen::inRange(0, 4) == 0) options.needs = {services[0].name};
      services.push_back(ServiceNamed("s" + std::to_string(number++), *rc::gen::inRange(0, 4), options));
    }
    all.push_back(std::move(services));
  }
  return StackOf(std::move(all));
}

void Disturb(Scene& scene) {
  using Is = ModelProcess::Is;
  for (auto& [name, process] : scene.world) {
    switch (*rc::gen::inRange(0, 24)) {
      case 0:
        if (process.Alive()) scene.Crash(name);
        break;
      case 1:
        if (process.Alive()) scene.StopByHand(name);
        break;
      case 2:
        process.health = ModelProcess::Health::kFrozen;
        break;
      case 3:
        process.health = ModelProcess::Health::kSaysStarting;
        break;
      case 4:
        process.health = ModelProcess::Health::kServes;
        break;
      case 5:
        process.reach = ModelProcess::Reach::kUnknown;
        break;
      case 6:
        process.reach = ModelProcess::Reach::kSeen;
        break;
      case 7:
        if (process.is == Is::kNever) process.is = Is::kRunning, process.run = 1, process.started = scene.now;
        break;
      case 8:
        process.stop_takes = absl::Seconds(*rc::gen::inRange(0, 90));
        break;
      default:
        break;
    }
  }
}

RC_GTEST_PROP(Properties, NoStartAboveWhatIsNotReadyNoStopBelowWhatRunsNothingOnUnknownHosts, ()) {
  Scene scene(RandomStack());
  if (*rc::gen::inRange(0, 2) == 1) scene.AllUp();
  for (int round = 0; round < 25; ++round) {
    if (*rc::gen::inRange(0, 3) == 0) Disturb(scene);
    if (*rc::gen::inRange(0, 10) == 0) scene.DeclareDown(absl::Minutes(*rc::gen::inRange(1, 10)));
    if (*rc::gen::inRange(0, 10) == 0) scene.DeclareUp();
    if (*rc::gen::inRange(0, 10) == 0) scene.Forget();
    // What is acted on is what was seen just before: the engine's freshness gate sees to that.
    const Plan plan = scene.See();
    for (const Stage& stage : plan.stages)
      for (const Step& step : stage.steps) {
        RC_ASSERT(!step.guards.empty() || step.danger == Danger::kReversible);
        RC_ASSERT(scene.at(step.target).reach == ModelProcess::Reach::kSeen);
        RC_ASSERT(NeverSays(*scene.layout().ServiceOf(*scene.layout().FindTarget(step.target)).component,
                            step.action)
                      .empty());
        if (step.danger != Danger::kReversible)
          RC_ASSERT(!std::get<XmlRpcCall>(step.action).only_if_incarnation.empty());
      }
    RC_ASSERT(PlanText(plan) == PlanText(scene.Decide()));
    RC_ASSERT(EffectDigest(plan) == EffectDigest(scene.Decide()));
    scene.Act(plan);
    if (!scene.broken.empty()) RC_FAIL(scene.broken.front());
    scene.Pass(absl::Milliseconds(*rc::gen::inRange(1, 20) * 500));
  }
}

// Whatever happened: once the world is good again, everything runs, no lease is open, and nothing is done any
// more.
RC_GTEST_PROP(Properties, AfterTheTroubleItConvergesAndIsSilent, ()) {
  Spec spec = RandomStack();
  for (Layer& layer : spec.layers)
    for (Service& service : layer.services) {
      service.zombie = ZombiePolicy::kAct;
      service.restart_budget =
          RestartBudget{.limit = 1000, .per = absl::Hours(1), .gap = absl::ZeroDuration()};
    }
  Scene scene(spec);
  for (int round = 0; round < 12; ++round) {
    Disturb(scene);
    scene.Act(scene.See());
    scene.Pass(absl::Milliseconds(700));
  }
  for (auto& [name, process] : scene.world) {
    process.reach = ModelProcess::Reach::kSeen;
    process.health = ModelProcess::Health::kServes;
    process.stop_takes = absl::Milliseconds(300);
  }
  scene.Settle(absl::Hours(4));
  // A loss of data is a person's: who looked lets the starts go.
  if (const Plan plan = scene.See(); plan.readiness.reason == "PossibleLoss") scene.LetGo(plan);
  const bool settled = scene.Settle(absl::Hours(4));
  if (!settled) RC_FAIL(PlanText(scene.See()));
  RC_ASSERT(scene.See().readiness.reason == "AllUp");
  RC_ASSERT(scene.past.open.empty());
  const size_t effects = scene.effects.size();
  for (int i = 0; i < 50; ++i) {
    const Plan plan = scene.See();
    RC_ASSERT(plan.stages.empty() && plan.waits.empty() && plan.restored.empty() && plan.pins.empty());
    scene.Pass(absl::Seconds(30));
  }
  RC_ASSERT(scene.effects.size() == effects);
}

}  // namespace
}  // namespace holdfast::stack
