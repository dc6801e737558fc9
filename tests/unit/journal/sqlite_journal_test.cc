#include "controller/journal/sqlite_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/journal/journal_reader.h"
#include "controller/journal/verify_journal.h"
#include "tests/unit/journal/records.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SqliteJournalTest : public ::testing::TestWithParam<SqliteJournal::Threads> {
 protected:
  std::unique_ptr<SqliteJournal> Open() {
    Result<std::unique_ptr<SqliteJournal>> journal =
        SqliteJournal::Open({.store = {.directory = directory_.path(), .writer = "test"},
                             .clock = &clock_,
                             .threads = GetParam()});
    EXPECT_TRUE(journal.ok()) << journal.status().message();
    return journal.ok() ? *std::move(journal) : nullptr;
  }
  std::vector<int64_t> Commit(SqliteJournal& journal, std::vector<Record> records) {
    Result<std::vector<int64_t>> ids = CommitNow(journal, std::move(records));
    EXPECT_TRUE(ids.ok()) << ids.status().message();
    return ids.ok() ? *ids : std::vector<int64_t>{};
  }
  Memory Load(Journal& journal) {
    Result<Memory> memory = journal.Load();
    EXPECT_TRUE(memory.ok()) << memory.status().message();
    return memory.ok() ? *memory : Memory{};
  }
  // As after a restart.
  Memory Reopened() { return Load(*Open()); }

  TemporaryDirectory directory_;
  FixedClock clock_;
};

INSTANTIATE_TEST_SUITE_P(Both, SqliteJournalTest,
                         ::testing::Values(SqliteJournal::Threads::kInline, SqliteJournal::Threads::kOwn),
                         [](const auto& info) {
                           return info.param == SqliteJournal::Threads::kOwn ? "Own" : "Inline";
                         });

TEST_P(SqliteJournalTest, ANewJournalRemembersNothing) {
  const Memory memory = Load(*Open());
  EXPECT_THAT(memory.resources, IsEmpty());
  EXPECT_THAT(memory.open_intents, IsEmpty());
  EXPECT_EQ(memory.stop_all.reach, StopAllSet::Reach::kNone);
  EXPECT_EQ(memory.epoch, "1");
}

TEST_P(SqliteJournalTest, EveryStartHasAnEpochOfItsOwn) {
  EXPECT_EQ(Reopened().epoch, "1");
  EXPECT_EQ(Reopened().epoch, "2");
}

TEST_P(SqliteJournalTest, AnIntentWithoutOutcomeIsOpenWithAllItsFields) {
  Intent intent = FullIntent(clock_.now);
  intent.puts_aside = RedisLease();
  const std::vector<int64_t> ids = Commit(*Open(), {intent});
  const Memory memory = Reopened();
  ASSERT_THAT(memory.open_intents, SizeIs(1));
  const OpenIntent& open = memory.open_intents[0];
  EXPECT_EQ(open.id, ids[0]);
  EXPECT_EQ(open.intent.resource, intent.resource);
  EXPECT_EQ(open.intent.step_key, intent.step_key);
  EXPECT_EQ(open.intent.verb, intent.verb);
  EXPECT_EQ(open.intent.target, intent.target);
  EXPECT_EQ(open.intent.action, intent.action);
  EXPECT_EQ(open.intent.danger, intent.danger);
  EXPECT_EQ(open.intent.why, intent.why);
  EXPECT_EQ(open.intent.revision, intent.revision);
  EXPECT_EQ(open.intent.by, intent.by);
  EXPECT_EQ(open.intent.plan_digest, intent.plan_digest);
  EXPECT_EQ(open.intent.meter, intent.meter);
  EXPECT_EQ(open.intent.puts_aside, intent.puts_aside);
  EXPECT_EQ(open.intent.puts_back, intent.puts_back);
  EXPECT_EQ(open.intent.at, intent.at);
  EXPECT_THAT(memory.resources.at(kSite).past.open, ElementsAre(RedisLease()));
}

TEST_P(SqliteJournalTest, AnOutcomeClosesItsIntentAndBecomesAnAttempt) {
  auto journal = Open();
  const int64_t id = Commit(*journal, {FullIntent(clock_.now)})[0];
  const Outcome done{Outcome::Kind::kDone, "stopped", "receipt-1"};
  EXPECT_THAT(Commit(*journal, {IntentOutcome{id, done, clock_.now + absl::Seconds(2)}}), ElementsAre(0));
  journal.reset();
  const Memory memory = Reopened();
  EXPECT_THAT(memory.open_intents, IsEmpty());
  ASSERT_THAT(memory.resources.at(kSite).past.attempts, SizeIs(1));
  const Attempt& attempt = memory.resources.at(kSite).past.attempts[0];
  EXPECT_EQ(attempt.key, "stop redis@10.0.0.3#4711");
  EXPECT_EQ(attempt.meter, "restart redis@10.0.0.3");
  EXPECT_EQ(attempt.sent, clock_.now);
  EXPECT_EQ(attempt.outcome, done);
}

TEST_P(SqliteJournalTest, ALeaseThatIsOpenKeepsWhatWasFoundFirst) {
  auto journal = Open();
  Intent first = FullIntent(clock_.now, "one"), second = FullIntent(clock_.now, "two");
  first.puts_aside = RedisLease();
  second.puts_aside = RedisLease();
  second.puts_aside->before = "stopped";
  second.puts_aside->wrote = "masked";
  Commit(*journal, {first});
  Commit(*journal, {second});
  journal.reset();
  Lease expected = RedisLease();
  expected.wrote = "masked";
  EXPECT_THAT(Reopened().resources.at(kSite).past.open, ElementsAre(expected));
}

TEST_P(SqliteJournalTest, AClosedLeaseIsGone) {
  auto journal = Open();
  Intent intent = FullIntent(clock_.now);
  intent.puts_aside = RedisLease();
  Commit(*journal, {intent});
  Commit(*journal, {LeaseClosed{kSite, "redis@10.0.0.3", "restored", clock_.now}});
  journal.reset();
  EXPECT_THAT(Reopened().resources.at(kSite).past.open, IsEmpty());
}

TEST_P(SqliteJournalTest, SpecsPinsOperationsSuspensionsAndApprovalsComeBack) {
  auto journal = Open();
  const absl::Time later = clock_.now + absl::Hours(1);
  const Past::Operation running{OperationPhase::kRunning, "od", clock_.now, "1 of 3"};
  Commit(*journal, {SpecInForce{kSite, "{\"a\":1}", "digest", "head", "site.yaml", "rev", 12, 3, clock_.now},
                    PinSet{kSite, "cluster_uuid", "u-1"}, OperationMoved{kSite, "bounce", running},
                    SuspensionSet{kSite, "anna", "disk", clock_.now, absl::InfiniteFuture()},
                    StopAllSet{StopAllSet::Reach::kFreeze, "ben", "fire", clock_.now},
                    ApprovalGiven{kSite, "pd", "anna", {{"k1", "a1"}, {"k2", "a2"}}, clock_.now, later}});
  journal.reset();
  const Memory memory = Reopened();
  const Remembered& site = memory.resources.at(kSite);
  ASSERT_TRUE(site.spec && site.suspension && site.approval);
  EXPECT_EQ(site.spec->text, "{\"a\":1}");
  EXPECT_EQ(site.spec->digest, "digest");
  EXPECT_EQ(site.spec->head, "head");
  EXPECT_EQ(site.spec->file, "site.yaml");
  EXPECT_EQ(site.spec->revision, "rev");
  EXPECT_EQ(site.spec->line, 12);
  EXPECT_EQ(site.spec->generation, 3);
  EXPECT_EQ(site.spec->at, clock_.now);
  EXPECT_EQ(site.past.pins.at("cluster_uuid"), "u-1");
  EXPECT_EQ(site.past.operations.at("bounce").phase, OperationPhase::kRunning);
  EXPECT_EQ(site.past.operations.at("bounce").digest, "od");
  EXPECT_EQ(site.past.operations.at("bounce").since, clock_.now);
  EXPECT_EQ(site.past.operations.at("bounce").message, "1 of 3");
  EXPECT_EQ(site.suspension->owner, "anna");
  EXPECT_EQ(site.suspension->reason, "disk");
  EXPECT_EQ(site.suspension->since, clock_.now);
  EXPECT_EQ(site.suspension->until, absl::InfiniteFuture());
  EXPECT_EQ(site.approval->plan_digest, "pd");
  EXPECT_EQ(site.approval->by, "anna");
  EXPECT_EQ(site.approval->steps, (ApprovalGiven{.steps = {{"k1", "a1"}, {"k2", "a2"}}}.steps));
  EXPECT_EQ(site.approval->until, later);
  EXPECT_EQ(memory.stop_all.reach, StopAllSet::Reach::kFreeze);
  EXPECT_EQ(memory.stop_all.owner, "ben");
  EXPECT_EQ(memory.stop_all.reason, "fire");
}

TEST_P(SqliteJournalTest, WhatIsTakenBackIsGone) {
  auto journal = Open();
  Commit(*journal, {SpecInForce{.resource = kSite, .text = "{}"}, PinSet{kSite, "uuid", "u"},
                    SuspensionSet{.resource = kSite}, ApprovalGiven{.resource = kSite},
                    OperationMoved{kSite, "bounce", {OperationPhase::kSucceeded, "d", clock_.now, ""}}});
  Commit(*journal,
         {SpecForgotten{kSite}, SuspensionCleared{kSite, "anna", clock_.now}, ApprovalSpent{kSite}});
  journal.reset();
  const Memory memory = Reopened();
  const Remembered& site = memory.resources.at(kSite);
  EXPECT_FALSE(site.spec || site.suspension || site.approval);
  EXPECT_THAT(site.past.pins, IsEmpty());
  EXPECT_EQ(site.past.operations.at("bounce").phase, OperationPhase::kSucceeded) << "spent for good";
}

TEST_P(SqliteJournalTest, HistoryTellsIntentsWithTheirLastOutcomeAndNotesNewestFirst) {
  auto journal = Open();
  const int64_t first = Commit(*journal, {FullIntent(clock_.now)})[0];
  const std::vector<int64_t> two =
      Commit(*journal, {ANote(clock_.now, "suspended by hand"), FullIntent(clock_.now)});
  Commit(*journal, {IntentOutcome{first, {Outcome::Kind::kUnknown, "timed out", ""}, clock_.now}});
  Commit(*journal,
         {IntentOutcome{first, {Outcome::Kind::kDone, "seen stopped", ""}, clock_.now + absl::Seconds(9)}});
  const Result<std::vector<HistoryEntry>> history = journal->History({});
  ASSERT_TRUE(history.ok()) << history.status().message();
  ASSERT_THAT(*history, SizeIs(3));
  EXPECT_EQ((*history)[0].id, two[1]);
  EXPECT_EQ((*history)[0].outcome_at, absl::InfiniteFuture());
  EXPECT_EQ((*history)[1].id, two[0]);
  EXPECT_EQ((*history)[1].line, "suspended by hand");
  EXPECT_EQ((*history)[1].by, "anna");
  EXPECT_EQ((*history)[1].outcome, Outcome::Kind::kDone);
  const HistoryEntry& oldest = (*history)[2];
  EXPECT_EQ(oldest.id, first);
  EXPECT_EQ(oldest.resource, kSite);
  EXPECT_EQ(oldest.action, "stop");
  EXPECT_EQ(oldest.target, "redis@10.0.0.3");
  EXPECT_EQ(oldest.line, Line(StopRedis()));
  EXPECT_EQ(oldest.outcome, Outcome::Kind::kDone);
  EXPECT_EQ(oldest.detail, "seen stopped");
  EXPECT_EQ(oldest.outcome_at, clock_.now + absl::Seconds(9));
  EXPECT_EQ(oldest.why, "it answers nobody: \"PING\" timed out");
  EXPECT_EQ(oldest.revision, "abc123");
  EXPECT_EQ(oldest.plan_digest, "d1");
}

TEST_P(SqliteJournalTest, HistoryIsFilteredAndPaged) {
  auto journal = Open();
  for (int i = 0; i < 10; ++i) {
    Noted note = ANote(clock_.now + absl::Minutes(i), Cat("line ", i));
    note.resource = {i % 2 == 0 ? "A" : "B", Cat("n", i % 3)};
    Commit(*journal, {note});
  }
  const auto ids = [&](const HistoryQuery& query) {
    std::vector<int64_t> out;
    const Result<std::vector<HistoryEntry>> history = journal->History(query);
    for (const HistoryEntry& entry : *history) out.push_back(entry.id);
    return out;
  };
  EXPECT_THAT(ids({.kind = "A"}), ElementsAre(9, 7, 5, 3, 1));
  EXPECT_THAT(ids({.kind = "A", .name = "n0"}), ElementsAre(7, 1));
  EXPECT_THAT(ids({.since = clock_.now + absl::Minutes(8)}), ElementsAre(10, 9));
  EXPECT_THAT(ids({.limit = 3}), ElementsAre(10, 9, 8));
  EXPECT_THAT(ids({.before_id = 8, .limit = 3}), ElementsAre(7, 6, 5));
  EXPECT_THAT(ids({.limit = -1}), IsEmpty());
}

TEST_P(SqliteJournalTest, AnEmptyCommitTouchesNothing) {
  auto journal = Open();
  EXPECT_THAT(Commit(*journal, {}), IsEmpty());
  EXPECT_EQ(journal->stats().transactions, 0);
}

TEST_P(SqliteJournalTest, TextsOfAnyBytesComeBackAndActionsThatCouldNotBeReadBackAreRefused) {
  auto journal = Open();
  const std::string odd("\xff\x00'\"\n\xc3", 6);
  Commit(*journal, {ANote(clock_.now, odd)});
  EXPECT_EQ((*journal->History({}))[0].line, odd);
  Intent latin = FullIntent(clock_.now);
  latin.action = Command{.argv = {"touch", "caf\xe9"}};
  const auto refused = CommitNow(*journal, {ANote(clock_.now, "with it"), latin});
  EXPECT_EQ(refused.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(*journal->History({}), SizeIs(1)) << "all or nothing";
  EXPECT_THAT(Commit(*journal, {FullIntent(clock_.now)}), ElementsAre(2)) << "ids stay dense";
}

TEST_P(SqliteJournalTest, TheOutcomeOfAnIntentThatIsNotThereIsRefused) {
  auto journal = Open();
  const auto refused = CommitNow(*journal, {IntentOutcome{.intent = 17}});
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(refused.status().message(), HasSubstr("17"));
}

TEST_P(SqliteJournalTest, OnlyAttemptsOfTheLastDayAreRemembered) {
  auto journal = Open();
  Commit(*journal, {FullIntent(clock_.now - absl::Hours(25), "old"),
                    FullIntent(clock_.now - absl::Hours(23), "young")});
  journal.reset();
  const Memory memory = Reopened();
  ASSERT_THAT(memory.resources.at(kSite).past.attempts, SizeIs(1));
  EXPECT_EQ(memory.resources.at(kSite).past.attempts[0].key, "young");
  EXPECT_THAT(memory.open_intents, SizeIs(2)) << "an open intent is never too old";
}

TEST_P(SqliteJournalTest, ASecondWriterEndsTheFirst) {
  auto first = Open();
  Commit(*first, {ANote(clock_.now, "one")});
  auto second = Open();
  const auto refused = CommitNow(*first, {ANote(clock_.now, "late")});
  EXPECT_EQ(refused.status().code(), Code::kAborted);
  EXPECT_THAT(refused.status().message(), HasSubstr("another holdfast writes"));
  EXPECT_EQ(first->Load().status().code(), Code::kAborted);
  Commit(*second, {ANote(clock_.now, "two")});
  EXPECT_THAT(*second->History({}), SizeIs(2));
}

TEST_P(SqliteJournalTest, ReadersSeeWhatIsCommittedWhileTheWriterRunsAndAfterIt) {
  auto journal = Open();
  Commit(*journal, {FullIntent(clock_.now)});
  auto reader = OpenForReading(directory_.path(), clock_);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_THAT(Load(**reader).open_intents, SizeIs(1));
  Commit(*journal, {ANote(clock_.now, "more")});
  EXPECT_THAT(*(*reader)->History({}), SizeIs(2));
  journal.reset();
  EXPECT_THAT(*(*reader)->History({}), SizeIs(2));
  EXPECT_EQ(CommitNow(**reader, {ANote(clock_.now, "no")}).status().code(), Code::kFailedPrecondition);
  const auto report = VerifyJournal(directory_.path());
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->problem, "");
  EXPECT_EQ(report->rows, 2);
}

TEST_P(SqliteJournalTest, WithoutAJournalReadersSaySo) {
  const auto reader = OpenForReading(directory_.path(), clock_);
  EXPECT_EQ(reader.status().code(), Code::kNotFound);
  EXPECT_THAT(reader.status().message(), HasSubstr("holdfast has not run with this state directory"));
}

}  // namespace
}  // namespace holdfast
