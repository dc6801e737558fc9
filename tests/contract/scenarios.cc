#include <utility>

#include "controller/base/text.h"
#include "tests/contract/scenario.h"

namespace holdfast::contract {
namespace {

constexpr KindScenarios kKinds[] = {
    {"AutoScalingGroup", AutoScalingGroupScenarios},
    {"CloudWatchAlarm", CloudWatchAlarmScenarios},
    {"DynamoDBTable", DynamoDBTableScenarios},
    {"ElasticsearchCluster", ElasticsearchScenarios},
    {"LaunchConfiguration", LaunchConfigurationScenarios},
    {"ServiceStack", ServiceStackScenarios},
    {"SnsTopic", SnsTopicScenarios},
};

std::vector<Scenario> All() {
  std::vector<Scenario> all;
  for (const KindScenarios& kind : kKinds)
    for (Scenario& scenario : kind.make()) {
      scenario.name = Cat(kind.kind, "_", scenario.name);
      all.push_back(std::move(scenario));
    }
  return all;
}

}  // namespace

std::span<const KindScenarios> ScenariosByKind() { return kKinds; }

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> all = All();
  return all;
}

}  // namespace holdfast::contract
