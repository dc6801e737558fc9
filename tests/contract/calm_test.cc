// Every scenario without trouble: it comes to rest, keeps the rules, and fifty silent rounds write nothing.
#include "tests/contract/sweep.h"

namespace holdfast::contract {
namespace {

TEST_P(EveryScenario, KeepsTheRulesAndComesToRest) {
  SetLeastSeverity(Severity::kError);
  EXPECT_EQ(Play(GetParam(), [](sim::Faults&) {}, Rest::kFiftyRounds).trouble, "");
}
INSTANTIATE_TEST_SUITE_P(Kinds, EveryScenario, testing::ValuesIn(Scenarios()), NameOf);

}  // namespace
}  // namespace holdfast::contract
