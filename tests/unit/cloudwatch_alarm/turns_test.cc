#include "reconcilers/cloudwatch_alarm/turns.h"

#include <gtest/gtest.h>

#include "tests/unit/clients/fakes.h"

namespace holdfast::alarm {
namespace {

const ResourceKey kPage{"CloudWatchAlarm", "page"}, kNote{"CloudWatchAlarm", "note"};

struct NobodyWakes : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

struct Turns : testing::Test {
  clients::Rig rig;
  NobodyWakes waker;
  WriteTurns turns{rig.world, waker};
};

TEST_F(Turns, W3_TheMoreSevereGoFirst) {
  EXPECT_EQ(turns.Want("a", Severity::kLow, kNote), 0U);
  EXPECT_EQ(turns.Want("a", Severity::kCritical, kPage), 0U);
  EXPECT_EQ(turns.Want("a", Severity::kLow, kNote), 1U);
  turns.Done(kPage);
  EXPECT_EQ(turns.Want("a", Severity::kLow, kNote), 0U);
}

TEST_F(Turns, OtherAccountsAndEqualsDoNotCount) {
  turns.Want("b", Severity::kCritical, kPage);
  EXPECT_EQ(turns.Want("a", Severity::kLow, kNote), 0U);
  turns.Want("a", Severity::kLow, kPage);
  EXPECT_EQ(turns.Want("a", Severity::kLow, kNote), 0U);
}

TEST_F(Turns, OneThatIsHeldBySomethingElseDoesNotHoldTheRest) {
  turns.Want("a", Severity::kCritical, kPage);
  for (int i = 0; i < 6; ++i) {
    rig.clock.Pass(absl::Seconds(25));
    turns.Want("a", Severity::kCritical, kPage);
  }
  EXPECT_EQ(turns.Want("a", Severity::kLow, kNote), 0U);
}

TEST_F(Turns, OneThatDoesNotComeAgainIsForgotten) {
  turns.Want("a", Severity::kCritical, kPage);
  rig.clock.Pass(WriteTurns::kForgotten + absl::Seconds(1));
  EXPECT_EQ(turns.Want("a", Severity::kLow, kNote), 0U);
}

}  // namespace
}  // namespace holdfast::alarm
