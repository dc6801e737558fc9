#include "controller/engine/board.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "controller/base/text.h"

namespace holdfast {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'795'000'000);
absl::Time At(int seconds) { return kStart + absl::Seconds(seconds); }

Declared Named(const std::string& name) {
  Declared declared;
  declared.key = {"ServiceStack", name};
  return declared;
}
RoundReport Good(absl::Time now) {
  return {.now = now,
          .sight = Sight::kKnown,
          .observed_at = now,
          .generation = 1,
          .readiness = {Readiness::Is::kYes, "AllUp", "3 of 3"}};
}

TEST(Board, BeginsUnknown) {
  Board board;
  board.Put(0, Named("site"), 1, At(0));
  const Row& row = *board.Find(ResourceKey{"ServiceStack", "site"});
  EXPECT_EQ(row[ConditionType::kReady].status, Truth::kUnknown);
  EXPECT_EQ(row[ConditionType::kReady].reason, "NotObserved");
}

TEST(Board, GrowsItsVersionOnlyWhenAReaderSeesSomethingNew) {
  Board board;
  board.Put(0, Named("site"), 1, At(0));
  board.Report(0, Good(At(1)));
  const uint64_t version = board.version();
  board.Report(0, Good(At(31)));
  EXPECT_EQ(board.version(), version) << "the same again, only later";
  EXPECT_EQ(board.Find(SlotId{0})->last_observed_at, At(31));
  RoundReport bad = Good(At(61));
  bad.readiness = {Readiness::Is::kNo, "Down", "2 of 3"};
  board.Report(0, bad);
  EXPECT_GT(board.version(), version);
  EXPECT_EQ((*board.Find(SlotId{0}))[ConditionType::kReady].since, At(61));
  EXPECT_EQ(board.ChangedSince(version)->size(), 1u);
}

TEST(Board, SinceIsWhenTheStatusChangedNotTheMessage) {
  Board board;
  board.Put(0, Named("site"), 1, At(0));
  RoundReport bad = Good(At(10));
  bad.readiness = {Readiness::Is::kNo, "Down", "2 of 3"};
  board.Report(0, bad);
  bad.now = At(20);
  bad.readiness.message = "1 of 3";
  board.Report(0, bad);
  const Condition& ready = (*board.Find(SlotId{0}))[ConditionType::kReady];
  EXPECT_EQ(ready.since, At(10));
  EXPECT_EQ(ready.message, "1 of 3");
}

TEST(Board, AWaitKeepsItsSinceWhileItsDetailChanges) {
  Board board;
  board.Put(0, Named("site"), 1, At(0));
  RoundReport report = Good(At(10));
  report.waits.push_back({.on = Wait::On::kGuard, .name = "redundancy", .detail = "1 of 3"});
  board.Report(0, report);
  report.now = At(20);
  report.waits[0].detail = "2 of 3";
  report.waits.push_back({.on = Wait::On::kHold, .name = "worker", .detail = "stopped by hand"});
  board.Report(0, report);
  const Row& row = *board.Find(SlotId{0});
  ASSERT_EQ(row.waits.size(), 2u);
  EXPECT_EQ(row.waits[0].since, At(10));
  EXPECT_EQ(row.waits[1].since, At(20));
  EXPECT_EQ(row[ConditionType::kBlocked].status, Truth::kTrue);
}

TEST(Board, AnUnknownLookMakesReadyUnknownAndKeepsTheLastLook) {
  Board board;
  board.Put(0, Named("site"), 1, At(0));
  board.Report(0, Good(At(1)));
  board.Report(
      0,
      {.now = At(31), .sight = Sight::kUnknown, .unknown_reason = "connection timed out", .generation = 1});
  const Row& row = *board.Find(SlotId{0});
  EXPECT_EQ(row[ConditionType::kReady].status, Truth::kUnknown);
  EXPECT_EQ(row[ConditionType::kObserved].status, Truth::kFalse);
  EXPECT_EQ(row[ConditionType::kObserved].message, "connection timed out");
  EXPECT_EQ(row.last_observed_at, At(1));
}

TEST(Board, TellsReadersWhenTheyMustTakeEverything) {
  Board board;
  board.Put(0, Named("site"), 1, At(0));
  const uint64_t old = board.version();
  for (size_t i = 0; i <= Board::kMostChanges; ++i) {
    RoundReport report = Good(At(static_cast<int>(i)));
    report.readiness.message = Cat(i);
    board.Report(0, report);
  }
  EXPECT_EQ(board.ChangedSince(old), std::nullopt);
  EXPECT_EQ(board.ChangedSince(board.version())->size(), 0u);
  EXPECT_EQ(board.ChangedSince(board.version() - 5)->size(), 1u) << "one key changed five times is told once";
}

TEST(Board, SortsRowsAndForgetsDroppedOnes) {
  Board board;
  board.Put(0, Named("web"), 1, At(0));
  board.Put(1, Named("db"), 1, At(0));
  EXPECT_EQ(board.Rows()[0]->key.name, "db");
  board.Drop(1);
  EXPECT_EQ(board.size(), 1u);
  EXPECT_EQ(board.Find(ResourceKey{"ServiceStack", "db"}), nullptr);
}

}  // namespace
}  // namespace holdfast
