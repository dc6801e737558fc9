// One read is answered as it was answered before, for every read; one call is slow, for every call.
#include "tests/contract/sweep.h"

namespace holdfast::contract {
namespace {

TEST_P(EveryScenario, SurvivesThePreviousStateAtEveryRead) { SweepCalls(GetParam(), sim::Fault::kStale); }
TEST_P(EveryScenario, SurvivesADelayAtEveryCall) { SweepCalls(GetParam(), sim::Fault::kDelay); }
INSTANTIATE_TEST_SUITE_P(Kinds, EveryScenario, testing::ValuesIn(Scenarios()), NameOf);

}  // namespace
}  // namespace holdfast::contract
