// Our own sickness is not the world's: a failing disk, a jumping clock, a blind network, stale reads, lost
// answers.
#include <gtest/gtest.h>

#include <string>

#include "controller/base/text.h"
#include "tests/unit/engine/rig.h"

namespace holdfast::sim {
namespace {

auto Wants(const std::string& key, const std::string& value, Danger danger = Danger::kReversible) {
  return [=](const auto& seen, const Frame&, absl::Time) { return Want(seen, key, value, danger); };
}

TEST(Trouble, NoActionWithoutAJournalAndItRecoversByItself) {
  Rig rig;
  rig.journal->failure = ResourceExhausted("No space left on device");
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Minutes(3));
  EXPECT_EQ(rig.Done(), "");
  ASSERT_NE(rig.WaitOf("lamp", "journal"), nullptr);
  EXPECT_NE(rig.WaitOf("lamp", "journal")->detail.find("No space left"), std::string::npos);
  EXPECT_LT(rig.journal->failed_commits, 60) << "a full disk is not hammered";
  rig.journal->failure = {};
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }, absl::Seconds(30)));
  EXPECT_EQ(rig.engine->journal_trouble(), "");
}

TEST(Trouble, ADiskThatFailsAfterTheSpecWasKeptIsNoticedAtTheIntent) {
  Rig rig;
  std::string wanted = "1";
  rig.Declare("lamp", [&](const auto& seen, const Frame&, absl::Time) { return Want(seen, "a", wanted); });
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  ASSERT_EQ(rig.Done(), "a=1");
  rig.journal->failure = Unavailable("Input/output error");
  wanted = "2";
  rig.RunFor(absl::Minutes(5));
  EXPECT_EQ(rig.Done(), "a=1");
  ASSERT_NE(rig.WaitOf("lamp", "journal"), nullptr);
  rig.journal->failure = {};
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "2"; }, absl::Seconds(30)));
}

TEST(Trouble, AnOutcomeThatCouldNotBeWrittenIsWrittenLater) {
  Rig rig;
  rig.doors->takes = absl::Seconds(2);
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.doors->under_way > 0; }));
  rig.journal->failure = ResourceExhausted("No space left on device");
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }));
  rig.RunFor(absl::Minutes(1));
  ASSERT_EQ(rig.disk.Load().open_intents.size(), 1u);
  rig.journal->failure = {};
  rig.RunFor(absl::Minutes(1));
  EXPECT_TRUE(rig.disk.Load().open_intents.empty());
  EXPECT_EQ(rig.Done(), "a=1");
}

TEST(Trouble, LocalErrorsOfOurOwnHoldEverythingForAWhile) {
  Rig rig;
  rig.vitals->Report("10.0.0.3:6379", Vitals::Answer::kLocal, rig.clock.Now());
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Seconds(10));
  EXPECT_EQ(rig.Done(), "");
  ASSERT_NE(rig.WaitOf("lamp", "own-health"), nullptr);
  EXPECT_NE(rig.WaitOf("lamp", "own-health")->detail.find("this machine could not ask"), std::string::npos);
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }, absl::Minutes(1)));
}

TEST(Trouble, WhenMoreThanFortyPercentAreSilentNothingIsDone) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  for (int i = 0; i < 20; ++i)
    rig.vitals->Report(Cat("10.0.0.", i), i < 9 ? Vitals::Answer::kSilent : Vitals::Answer::kAnswered,
                       rig.clock.Now());
  rig.Start();
  rig.RunFor(absl::Seconds(40));
  EXPECT_EQ(rig.Done(), "");
  for (int i = 0; i < 9; ++i)
    rig.vitals->Report(Cat("10.0.0.", i), Vitals::Answer::kAnswered, rig.clock.Now());
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }, absl::Minutes(1)));
}

TEST(Trouble, AfterAJumpOfTheClockStreaksAreLostAndNothingGoesForAMoment) {
  Rig rig;
  std::string wanted = "1";
  const auto script = rig.Declare("lamp", [&](const auto& seen, const Frame&, absl::Time) {
    return Want(seen, "a", wanted, Danger::kDisruptive);
  });
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  const int before = script->observed;
  rig.clock.JumpWall(absl::Hours(3));
  rig.engine->Disturbed("the wall clock jumped by 3h");
  wanted = "2";
  rig.RunFor(absl::Seconds(4));
  EXPECT_GE(script->forgotten, 1);
  EXPECT_GT(script->observed, before) << "everything is looked at anew at once";
  EXPECT_EQ(rig.Done(), "a=1");
  ASSERT_NE(rig.WaitOf("lamp", "own-health"), nullptr);
  EXPECT_EQ(rig.WaitOf("lamp", "own-health")->detail, "the wall clock jumped by 3h");
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "2"; }, absl::Seconds(10)))
      << "and goes on soon, not at the next interval";
}

TEST(Trouble, AStaleReadAfterAWriteRepeatsNothing_Kubernetes59848) {
  Rig rig;
  const auto script = rig.Declare("lamp", Wants("a", "1", Danger::kDisruptive));
  rig.Start();
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }));
  script->looks = Script::Looks::kStaleOnce;
  rig.RunFor(absl::Minutes(5));
  EXPECT_EQ(rig.Done(), "a=1");
  rig.engine->LookNow(Key("lamp"), "again");
  script->looks = Script::Looks::kStaleOnce;
  rig.RunFor(absl::Seconds(1));
  EXPECT_EQ(rig.Done(), "a=1 a=1") << "long after its time it is no stale read but someone's doing";
}

TEST(Trouble, ALostAnswerIsResolvedByLookingNotBySendingAgain) {
  Rig rig;
  rig.doors->answers = SetDoors::Answers::kLostAfterEffect;
  rig.Declare("lamp", Wants("a", "1", Danger::kDisruptive));
  rig.Start();
  rig.RunFor(absl::Minutes(5));
  EXPECT_EQ(rig.Done(), "a=1");
  EXPECT_EQ(rig.RowOf("lamp")[ConditionType::kReady].status, Truth::kTrue);
}

TEST(Trouble, WhatWasLostBeforeTheEffectIsSentAgainAfterItShouldHaveShown) {
  Rig rig;
  rig.doors->answers = SetDoors::Answers::kLostBeforeEffect;
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Seconds(30));
  rig.doors->answers = SetDoors::Answers::kDone;
  EXPECT_EQ(rig.values["a"], "");
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }, absl::Minutes(2)));
  EXPECT_GE(rig.clock.Steady(), absl::Minutes(1)) << "not before show_within";
}

TEST(Trouble, FactsThatStayOldHoldADisruptiveStepWithoutSpinning) {
  Rig rig;
  const auto script = rig.Declare("lamp", Wants("a", "1", Danger::kDisruptive));
  script->looks = Script::Looks::kOldFacts;
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(rig.Done(), "");
  EXPECT_LT(script->observed, 100);
  script->looks = Script::Looks::kSeen;
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }, absl::Seconds(5)));
}

TEST(Trouble, ASpecChangedWhileTheIntentWentToDiskIsNotActedUpon) {
  Rig rig;
  rig.journal->takes = absl::Seconds(1);
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  ASSERT_TRUE(
      rig.RunUntil([&] { return rig.RowOf("lamp")[ConditionType::kReconciling].status == Truth::kTrue; }));
  auto other = std::make_shared<Script>();
  other->decide = Wants("a", "2");
  rig.engine->Declare(rig.Make("lamp", other, Mode::kAct, "2"));
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(rig.Done(), "a=2");
}

TEST(Trouble, TheRedSwitchIsHeardWhileTheIntentGoesToDisk) {
  Rig rig;
  rig.journal->takes = absl::Seconds(1);
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  ASSERT_TRUE(
      rig.RunUntil([&] { return rig.RowOf("lamp")[ConditionType::kReconciling].status == Truth::kTrue; }));
  ASSERT_TRUE(rig.loop.Await(rig.engine->StopAll(StopAllSet::Reach::kNewSteps, "lena", "fire")).ok());
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(rig.Done(), "");
  EXPECT_TRUE(rig.disk.Load().open_intents.empty()) << "the intent is told as not sent";
}

TEST(Trouble, ADisputedSpecHoldsStepsAndSaysWhy) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  rig.engine->SetTrouble(Key("lamp"), {.waits = {{.on = Wait::On::kSpec,
                                                  .name = "claimed",
                                                  .detail = "two specs claim unit x",
                                                  .remedy = "delete one"}},
                                       .effect = SpecTrouble::Effect::kHoldsSteps});
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(rig.Done(), "");
  ASSERT_NE(rig.WaitOf("lamp", "claimed"), nullptr);
  rig.engine->SetTrouble(Key("lamp"), {});
  ASSERT_TRUE(rig.RunUntil([&] { return rig.values["a"] == "1"; }, absl::Seconds(5)));
}

TEST(Trouble, ARemovedSpecWithNothingPutAsideGoesAtOnceAndDoesNothing) {
  Rig rig;
  rig.Declare("lamp", Wants("a", "1"));
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  rig.engine->Undeclare(Key("lamp"));
  rig.RunFor(absl::Minutes(1));
  EXPECT_TRUE(rig.engine->Keys().empty());
  EXPECT_EQ(rig.values["a"], "1");
  EXPECT_FALSE(rig.disk.Load().resources.contains(Key("lamp")));
  rig.values.Set("a", "0");
  rig.Declare("lamp", Wants("a", "1"));
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(rig.Done(), "a=1 a=1") << "declared again it is kept again";
}

}  // namespace
}  // namespace holdfast::sim
