// One call to the world fails, for every call: the rules hold and it comes to rest all the same.
#include "tests/contract/sweep.h"

namespace holdfast::contract {
namespace {

TEST_P(EveryScenario, SurvivesABrokenConnectionAtEveryCall) { SweepCalls(GetParam(), sim::Fault::kFail); }
TEST_P(EveryScenario, SurvivesATimeOutAtEveryCall) { SweepCalls(GetParam(), sim::Fault::kTimeOut); }
TEST_P(EveryScenario, SurvivesALostAnswerAtEveryCall) { SweepCalls(GetParam(), sim::Fault::kLoseAnswer); }
INSTANTIATE_TEST_SUITE_P(Kinds, EveryScenario, testing::ValuesIn(Scenarios()), NameOf);

}  // namespace
}  // namespace holdfast::contract
