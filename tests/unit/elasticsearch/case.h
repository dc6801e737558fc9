// A decision about a cluster in a few words: what is wanted, what is seen, what is remembered.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/kind.h"
#include "reconcilers/elasticsearch/obligations.h"
#include "tests/unit/elasticsearch/scene.h"

namespace holdfast::elasticsearch {

inline constexpr std::string_view kUs = "us";

struct Case {
  Spec want;
  View view;
  Trail trail;
  Past past;
  std::vector<OperationIn<Operation>> operations;
  Purpose purpose = Purpose::kConverge;

  explicit Case(const Scene& scene) : view(scene.view()) {
    want.endpoints = {"http://127.0.0.99:9200"};
    want.disruption.control =
        NodeControl{.command = NodeCommands{.stop = {{"ctl", "stop-node", "{name}"}},
                                            .start = {{"ctl", "start-node", "{name}"}}}};
    view.endpoint = "http://127.0.0.99:9200";
    view.cluster_uuid = "uuid-1";
    view.confirmed = true;
    view.has_sizes = true;
    past.pins = {{"holder", std::string(kUs)}, {"cluster_uuid", "uuid-1"}};
  }
  Exclusion& Exclude(std::string zone) {
    Exclusion exclusion;
    exclusion.attributes = {{"zone", std::move(zone)}};
    want.exclude.push_back(exclusion);
    return want.exclude.back();
  }
  Plan Decide() {
    trail = Fold(trail, Fact<View>(Known<View>{view, view.at}));
    trail.claim_since = std::min(trail.claim_since, view.at - absl::Seconds(10));
    const std::map<std::string, std::string> refs;
    const Frame frame{.now = Scene::Now(), .purpose = purpose, .past = past, .refs = refs};
    const Fact<View> seen(Known<View>{view, view.at});
    return ElasticsearchCluster::Decide({want, operations, seen, trail, frame});
  }
};

// Three zones of which each could take all: n1, n2 in a, n3, n4 in spot.
inline Scene FourNodes() {
  return Scene()
      .Node("n1")
      .Zone("a")
      .Disk(1000, 900)
      .Master()
      .Node("n2")
      .Zone("a")
      .Disk(1000, 900)
      .Node("n3")
      .Zone("spot")
      .Disk(1000, 900)
      .Node("n4")
      .Zone("spot")
      .Disk(1000, 900)
      .Index("i3", 1)
      .Shards(2, "n1 n3", 10);
}

inline const Step* FirstStep(const Plan& plan) {
  return plan.stages.empty() || plan.stages[0].steps.empty() ? nullptr : &plan.stages[0].steps[0];
}
inline const Step* StepCalled(const Plan& plan, std::string_view verb) {
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps)
      if (step.verb == verb) return &step;
  return nullptr;
}
inline std::string LineOf(const Step* step) { return step == nullptr ? "no step" : Line(step->action); }
inline std::string HeldBy(const Step& step) {
  for (const Guard& guard : step.guards)
    if (guard.verdict.is != Verdict::Is::kPass) return Cat(guard.name, ": ", guard.verdict.evidence);
  return "";
}
inline bool Goes(const Step* step) { return step != nullptr && HeldBy(*step).empty(); }
inline std::string WaitCalled(const Plan& plan, std::string_view name) {
  for (const Wait& wait : plan.waits)
    if (wait.name.starts_with(name)) return wait.detail;
  return "none";
}
inline std::string Key(std::string_view attribute) { return Cat(kExcludePrefix, attribute); }

}  // namespace holdfast::elasticsearch
