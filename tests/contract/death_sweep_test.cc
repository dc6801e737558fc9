// kill -9 around every action, with a disk that forgets what was not synced.
#include "tests/contract/sweep.h"

namespace holdfast::contract {
namespace {

TEST_P(EveryScenario, SurvivesDeathBeforeEveryIntent) { SweepDeaths(GetParam(), sim::Point::kBeforeIntent); }
TEST_P(EveryScenario, SurvivesDeathAfterEveryIntent) { SweepDeaths(GetParam(), sim::Point::kAfterIntent); }
TEST_P(EveryScenario, SurvivesDeathAfterEveryCall) { SweepDeaths(GetParam(), sim::Point::kAfterCall); }
TEST_P(EveryScenario, SurvivesDeathBeforeEveryOutcome) {
  SweepDeaths(GetParam(), sim::Point::kBeforeOutcome);
}
INSTANTIATE_TEST_SUITE_P(Kinds, EveryScenario, testing::ValuesIn(Scenarios()), NameOf);

}  // namespace
}  // namespace holdfast::contract
