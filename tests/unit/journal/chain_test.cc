// What `journal verify` finds in a file that someone touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "controller/base/sha256.h"
#include "controller/journal/history_chain.h"
#include "controller/journal/journal_reader.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/sqlite.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/journal/verify_journal.h"
#include "tests/sim/lossy_vfs.h"
#include "tests/unit/journal/records.h"

namespace holdfast {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kDirectory = "/state";

class ChainTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteJournal> Open(Retention retention = {}) {
    auto journal = SqliteJournal::Open({.store = {.directory = kDirectory,
                                                  .writer = "holdfast 9.9",
                                                  .retention = retention,
                                                  .vfs = disk_.vfs()},
                                        .clock = &clock_,
                                        .threads = SqliteJournal::Threads::kInline});
    EXPECT_TRUE(journal.ok()) << journal.status().message();
    return journal.ok() ? *std::move(journal) : nullptr;
  }
  // Ten rows: intents 1, 4, 7, 10, of which 10 is open; outcomes 2, 5, 8; notes 3, 6, 9.
  void WriteTenRows() {
    auto journal = Open();
    for (int64_t id = 1; id <= 9; id += 3) {
      ASSERT_TRUE(CommitNow(*journal, {FullIntent(clock_.now)}).ok());
      ASSERT_TRUE(CommitNow(*journal, {IntentOutcome{id, {Outcome::Kind::kDone, "", ""}, clock_.now},
                                       ANote(clock_.now, "n")})
                      .ok());
    }
    ASSERT_TRUE(CommitNow(*journal, {FullIntent(clock_.now)}).ok());
  }
  // As a person with the sqlite3 program would.
  void Tamper(const std::string& sql) {
    auto file =
        SqliteDatabase::Open(JournalPath(kDirectory), SqliteDatabase::Access::kReadWrite, disk_.vfs());
    ASSERT_TRUE(file.ok()) << file.status().message();
    const Status done = file->Execute(sql);
    ASSERT_TRUE(done.ok()) << done.message();
  }
  VerifyReport Verify() {
    auto report = VerifyJournal(kDirectory, disk_.vfs());
    EXPECT_TRUE(report.ok()) << report.status().message();
    return report.ok() ? *report : VerifyReport{};
  }

  LossyDisk disk_;
  FixedClock clock_;
};

TEST_F(ChainTest, AnUntouchedJournalIsSound) {
  WriteTenRows();
  const VerifyReport report = Verify();
  EXPECT_EQ(report.problem, "");
  EXPECT_EQ(report.rows, 10);
  EXPECT_EQ(report.first_id, 1);
  EXPECT_EQ(report.last_id, 10);
  EXPECT_EQ(report.format, kJournalFormat);
  EXPECT_THAT(report.head, SizeIs(64));
}

TEST_F(ChainTest, ANewJournalIsSound) {
  Open();
  EXPECT_EQ(Verify().problem, "");
}

struct Touch {
  const char* name;
  const char* sql;
  int64_t broken_at;
  const char* problem;
};

class TouchedChainTest : public ChainTest, public ::testing::WithParamInterface<Touch> {};

INSTANTIATE_TEST_SUITE_P(
    All, TouchedChainTest,
    ::testing::Values(
        Touch{"EditedText", "UPDATE history SET actor = 'someone else' WHERE id = 4", 4,
              "row 4 is not as it was written"},
        Touch{"EditedOutcome", "UPDATE history SET outcome = 'refused' WHERE id = 5", 5,
              "row 5 is not as it was written"},
        Touch{"EditedTime", "UPDATE history SET at = at + 1 WHERE id = 1", 1,
              "row 1 is not as it was written"},
        Touch{"EditedHash", "UPDATE history SET hash = zeroblob(32) WHERE id = 6", 6,
              "row 6 is not as it was written"},
        Touch{"ShortHash", "UPDATE history SET hash = x'00' WHERE id = 6", 6, "a hash is not 32 bytes"},
        Touch{"DeletedFirst", "DELETE FROM history WHERE id = 1", 1, "row 1 is gone"},
        Touch{"DeletedInTheMiddle", "DELETE FROM history WHERE id IN (5, 6)", 5, "rows 5 to 6 are gone"},
        Touch{"DeletedLast", "DELETE FROM open_intent; DELETE FROM history WHERE id = 10", 10,
              "ends with row 9, but was written up to row 10"},
        Touch{"DeletedAll", "DELETE FROM open_intent; DELETE FROM history", 1, "ends with row 0"},
        Touch{"Added",
              "INSERT INTO history SELECT 11, what, epoch, at, kind, name, verb, target, step_key, action, "
              "danger, "
              "why, revision, actor, plan_digest, meter, lease, puts_back, line, intent, outcome, detail, "
              "receipt, "
              "hash FROM history WHERE id = 3",
              11, "row 11 is not as it was written"},
        Touch{"Reordered",
              "UPDATE history SET id = 99 WHERE id = 3; UPDATE history SET id = 3 WHERE id = 6; "
              "UPDATE history SET id = 6 WHERE id = 99",
              3, "row 3 is not as it was written"},
        Touch{"MovedBelowTheBase", "UPDATE chain SET base_id = 5", 1,
              "row 1 stands below the first one kept"},
        Touch{"ForgedHead", "UPDATE chain SET head_hash = zeroblob(32)", 11, "rows were added after row 10"},
        Touch{"NoEnds", "DELETE FROM chain", 0, "chain's ends is gone"},
        Touch{"HiddenIntent", "DELETE FROM open_intent", 10,
              "an intent without outcome that is not listed as open"},
        Touch{"InventedIntent", "INSERT INTO open_intent VALUES (4)", 4,
              "listed as an open intent and is none"}),
    [](const auto& info) { return info.param.name; });

TEST_P(TouchedChainTest, IsFound) {
  WriteTenRows();
  Tamper(GetParam().sql);
  const VerifyReport report = Verify();
  EXPECT_THAT(report.problem, HasSubstr(GetParam().problem));
  EXPECT_EQ(report.broken_at, GetParam().broken_at);
}

TEST_F(ChainTest, ARowThatIsAddedWithItsRightHashStillBetraysItself) {
  WriteTenRows();
  const std::string head = Verify().head;
  Sha256Bytes before;
  for (size_t i = 0; i < before.size(); ++i)
    before[i] = static_cast<uint8_t>(std::stoi(head.substr(2 * i, 2), nullptr, 16));
  const HistoryRow forged{.id = 11, .what = "noted", .epoch = 1, .at = 5, .kind = "K", .name = "n"};
  Tamper(
      Cat("INSERT INTO history VALUES (11, 'noted', 1, 5, 'K', 'n', '', '', '', '', '', '', '', '', '', '', "
          "'', '', '', 0, "
          "'', '', '', x'",
          Hex(HashOf(before, forged)), "')"));
  EXPECT_THAT(Verify().problem, HasSubstr("rows were added after row 10"));
}

TEST_F(ChainTest, DamagedPagesAreFound) {
  WriteTenRows();
  const std::string name = JournalPath(kDirectory);
  std::string bytes = disk_.Content(name);
  ASSERT_GT(bytes.size(), 20'000u);
  for (size_t at = 8192; at < bytes.size(); at += 512) bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
  disk_.SetContent(name, bytes);
  const auto report = VerifyJournal(kDirectory, disk_.vfs());
  if (report.ok())
    EXPECT_THAT(report->problem, ::testing::Not(::testing::IsEmpty()));
  else
    EXPECT_EQ(report.status().code(), Code::kUnavailable) << report.status().message();
}

TEST_F(ChainTest, ANewerFormatIsRefusedAndLeftAsItIs) {
  WriteTenRows();
  Tamper("PRAGMA user_version = 7; INSERT INTO migration VALUES (7, 'holdfast 3.1 on host-9', 0)");
  const std::string before = disk_.Content(JournalPath(kDirectory));
  const auto journal = SqliteJournal::Open({.store = {.directory = kDirectory, .vfs = disk_.vfs()},
                                            .clock = &clock_,
                                            .threads = SqliteJournal::Threads::kInline});
  EXPECT_EQ(journal.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(journal.status().message(), HasSubstr("has format 7, written by holdfast 3.1 on host-9"));
  EXPECT_EQ(OpenForReading(kDirectory, clock_, disk_.vfs()).status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(disk_.Content(JournalPath(kDirectory)), before);
}

TEST_F(ChainTest, AnotherProgramsDatabaseIsRefused) {
  Tamper("CREATE TABLE songs (title TEXT)");
  const auto journal =
      SqliteJournal::Open({.store = {.directory = kDirectory, .vfs = disk_.vfs()}, .clock = &clock_});
  EXPECT_EQ(journal.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(journal.status().message(), HasSubstr("another program's database"));
}

TEST_F(ChainTest, AFileThatIsNoDatabaseIsRefused) {
  disk_.SetContent(JournalPath(kDirectory), std::string(5000, 'x'));
  const auto journal =
      SqliteJournal::Open({.store = {.directory = kDirectory, .vfs = disk_.vfs()}, .clock = &clock_});
  EXPECT_EQ(journal.status().code(), Code::kUnavailable);
}

struct Damage {
  const char* name;
  const char* sql;
  const char* message;
};

class DamagedRowTest : public ChainTest, public ::testing::WithParamInterface<Damage> {};

INSTANTIATE_TEST_SUITE_P(
    All, DamagedRowTest,
    ::testing::Values(
        Damage{"ActionNoJson", "UPDATE history SET action = '{' WHERE id = 10",
               "journal: history row 10: not JSON"},
        Damage{"ActionUnknown", "UPDATE history SET action = '{\"teleport\":1}' WHERE id = 10",
               "journal: history row 10: "},
        Damage{"ActionTooDeep", "UPDATE history SET action = printf('%.*c', 4000, '[') WHERE id = 10",
               "journal: history row 10: "},
        Damage{"Danger", "UPDATE history SET danger = 'mild' WHERE id = 10", "row 10: \"mild\" is no word"},
        Damage{"Lease", "UPDATE lease SET restore = '[]'",
               "journal: lease ServiceStack/site redis@10.0.0.3: "},
        Damage{"Reach", "UPDATE stop_all SET reach = 'x'", "journal: stop_all 1: \"x\" is no word"},
        Damage{"Phase", "UPDATE operation SET phase = 'x'",
               "journal: operation ServiceStack/site bounce: \"x\""},
        Damage{"Steps", "UPDATE approval SET steps = '[1]'",
               "journal: approval ServiceStack/site: a step is no pair"},
        Damage{"Outcome", "UPDATE history SET outcome = 'fine' WHERE id = 8", "row 8: \"fine\" is no word"}),
    [](const auto& info) { return info.param.name; });

TEST_P(DamagedRowTest, LoadNamesTheRow) {
  WriteTenRows();
  auto journal = Open();
  Intent leased = FullIntent(clock_.now);
  leased.puts_aside = RedisLease();
  ASSERT_TRUE(CommitNow(*journal, {leased, StopAllSet{}, OperationMoved{kSite, "bounce", {}},
                                   ApprovalGiven{.resource = kSite}})
                  .ok());
  ASSERT_TRUE(journal->Load().ok());
  Tamper(GetParam().sql);
  const Result<Memory> memory = journal->Load();
  EXPECT_EQ(memory.status().code(), Code::kUnavailable);
  EXPECT_THAT(memory.status().message(), HasSubstr(GetParam().message));
}

TEST_F(ChainTest, WhatIsTooOldOrTooMuchGoesAndTheRestStaysSound) {
  {
    auto journal = Open();
    std::vector<Record> notes(500, ANote(clock_.now - absl::Hours(48), "old"));
    ASSERT_TRUE(CommitNow(*journal, notes).ok());
  }
  const Retention retention{.longest = absl::Hours(24), .most_rows = 1000, .least_rows = 50};
  auto journal = Open(retention);
  for (int i = 0; i < 2 * JournalStore::kTransactionsBetweenPrunes; ++i)
    ASSERT_TRUE(CommitNow(*journal, {ANote(clock_.now, "young")}).ok());
  const VerifyReport report = Verify();
  EXPECT_EQ(report.problem, "");
  EXPECT_EQ(report.first_id, 501);
  EXPECT_EQ(journal->stats().pruned_rows, 500);

  ASSERT_TRUE(CommitNow(*journal, std::vector<Record>(2000, ANote(clock_.now, "many"))).ok());
  for (int i = 0; i < 2 * JournalStore::kTransactionsBetweenPrunes; ++i)
    ASSERT_TRUE(CommitNow(*journal, {ANote(clock_.now, "young")}).ok());
  const VerifyReport fewer = Verify();
  EXPECT_EQ(fewer.problem, "");
  EXPECT_LE(fewer.rows, 1000 + JournalStore::kTransactionsBetweenPrunes);
  EXPECT_GE(fewer.rows, 1000 - JournalStore::kTransactionsBetweenPrunes);
}

TEST_F(ChainTest, OpenIntentsAttemptsOfTheDayAndTheLeastStayHoweverOldOrMany) {
  const Retention retention{.longest = absl::Hours(1), .most_rows = 10, .least_rows = 20};
  auto journal = Open(retention);
  const auto churn = [&](int transactions) {
    for (int i = 0; i < transactions; ++i) ASSERT_TRUE(CommitNow(*journal, {ANote(clock_.now, "x")}).ok());
  };
  churn(100);
  const int64_t open = (*CommitNow(*journal, {FullIntent(clock_.now)}))[0];
  clock_.now += absl::Hours(30);
  churn(300);
  EXPECT_EQ(Verify().first_id, open) << "an intent that may or may not have happened is never forgotten";
  ASSERT_TRUE(CommitNow(*journal, {IntentOutcome{open, {Outcome::Kind::kDone, "", ""}, clock_.now}}).ok());
  const int64_t attempt = (*CommitNow(*journal, {FullIntent(clock_.now)}))[0];
  ASSERT_TRUE(CommitNow(*journal, {IntentOutcome{attempt, {Outcome::Kind::kDone, "", ""}, clock_.now}}).ok());
  churn(200);
  EXPECT_EQ(Verify().first_id, attempt) << "an attempt of the last day is memory";
  clock_.now += absl::Hours(30);
  churn(200);
  const VerifyReport report = Verify();
  EXPECT_EQ(report.problem, "");
  EXPECT_GT(report.first_id, attempt);
  EXPECT_GE(report.rows, 20);
  EXPECT_THAT(journal->Load()->open_intents, SizeIs(0));
}

TEST_F(ChainTest, AClockThatJumpsAheadDoesNotEmptyTheHistory) {
  const Retention retention{.longest = absl::Hours(1), .most_rows = 1000, .least_rows = 90};
  auto journal = Open(retention);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(CommitNow(*journal, {ANote(clock_.now, "x")}).ok());
  clock_.now += absl::Hours(24 * 365 * 50);
  ASSERT_TRUE(CommitNow(*journal, std::vector<Record>(90, ANote(absl::UnixEpoch(), "x"))).ok());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(CommitNow(*journal, {ANote(absl::UnixEpoch(), "x")}).ok());
  EXPECT_GE(Verify().rows, 90);
}

}  // namespace
}  // namespace holdfast
