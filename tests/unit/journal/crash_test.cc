// What the journal holds after the power went, or a call failed, at every point of its work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/journal/journal_reader.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/journal/verify_journal.h"
#include "tests/sim/lossy_vfs.h"
#include "tests/unit/journal/records.h"

namespace holdfast {
namespace {

constexpr const char* kDirectory = "/state";

Result<std::unique_ptr<SqliteJournal>> OpenOn(const LossyDisk& disk, FixedClock& clock) {
  // Few pages, so that the log is moved into the database many times within one story.
  return SqliteJournal::Open(
      {.store = {.directory = kDirectory, .writer = "test", .checkpoint_pages = 20, .vfs = disk.vfs()},
       .clock = &clock,
       .threads = SqliteJournal::Threads::kInline});
}

// A story that uses every record; each commit holds several, so that half of one would show.
std::vector<std::vector<Record>> Story(absl::Time now) {
  const Past::Operation running{OperationPhase::kRunning, "d", now, "1 of 3"};
  Intent leased = FullIntent(now, "stop 1");
  leased.puts_aside = RedisLease();
  std::vector<std::vector<Record>> story = {
      {SpecInForce{kSite, std::string(3000, 'x'), "d1", "h", "site.yaml", "r1", 1, 1, now},
       ANote(now, "a spec came")},
      {leased, PinSet{kSite, "uuid", "u"}},
      {IntentOutcome{3 - 1, {Outcome::Kind::kDone, "stopped", ""}, now}, FullIntent(now, "start 1")},
      {OperationMoved{kSite, "bounce", running},
       SuspensionSet{kSite, "anna", "disk", now, absl::InfiniteFuture()}},
      {LeaseClosed{kSite, "redis@10.0.0.3", "restored", now},
       StopAllSet{StopAllSet::Reach::kNewSteps, "ben", "fire", now}},
      {SpecInForce{kSite, std::string(6000, 'y'), "d2", "h", "site.yaml", "r2", 1, 2, now},
       ANote(now, "another spec"), ApprovalGiven{kSite, "p", "anna", {{"k", "a"}}, now, now}},
  };
  for (int i = 0; i < 3; ++i)
    story.push_back(
        {ANote(now, std::string(2000, static_cast<char>('a' + i))), PinSet{kSite, Cat("pin ", i), "v"},
         SpecInForce{{"ServiceStack", Cat("s", i)}, std::string(5000, 'z'), "d", "h", "f", "r", 1, 1, now}});
  return story;
}

// Everything that the file says, but for the epoch.
std::string Told(Journal& journal) {
  const Result<Memory> memory = journal.Load();
  if (!memory.ok()) return Cat("load: ", memory.status().message());
  std::string out;
  for (const auto& [key, is] : memory->resources) {
    Append(out, key.Text(), " spec ", is.spec ? Cat(is.spec->digest, " ", is.spec->text.size()) : "-",
           " leases ", is.past.open.size());
    for (const Attempt& attempt : is.past.attempts)
      Append(out, " ", attempt.key, "=", attempt.outcome.detail);
    for (const auto& [pin, value] : is.past.pins) Append(out, " ", pin, "=", value);
    for (const auto& [name, operation] : is.past.operations) Append(out, " ", name, "=", operation.message);
    Append(out, is.suspension ? " suspended" : "", is.approval ? " approved" : "", "\n");
  }
  for (const OpenIntent& open : memory->open_intents)
    Append(out, "open ", open.id, " ", open.intent.step_key, "\n");
  Append(out, "stop-all ", static_cast<int>(memory->stop_all.reach), "\n");
  const Result<std::vector<HistoryEntry>> history = journal.History({});
  if (!history.ok()) return Cat("history: ", history.status().message());
  for (const HistoryEntry& entry : *history)
    Append(out, entry.id, " ", entry.action, " ", entry.line.substr(0, 3), "\n");
  return out;
}

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() : story_(Story(clock_.now)) {
    LossyDisk disk;
    auto journal = OpenOn(disk, clock_);
    told_.push_back(Told(**journal));
    for (const std::vector<Record>& records : story_) {
      EXPECT_TRUE(CommitNow(**journal, records).ok());
      told_.push_back(Told(**journal));
    }
    EXPECT_GE((*journal)->stats().checkpoints, 2) << "the story must reach the database";
    journal = Internal("closed");
    calls_ = disk.calls();
  }

  // How many commits of the story were acknowledged.
  size_t TellUntilItFails(const LossyDisk& disk) {
    auto journal = OpenOn(disk, clock_);
    if (!journal.ok()) return 0;
    for (size_t i = 0; i < story_.size(); ++i)
      if (!CommitNow(**journal, story_[i]).ok()) return i;
    return story_.size();
  }

  // All that was acknowledged, and of the commit under way everything or nothing; then life goes on.
  void ExpectWhole(LossyDisk& disk, size_t acknowledged) {
    auto journal = OpenOn(disk, clock_);
    ASSERT_TRUE(journal.ok()) << journal.status().message();
    const std::string told = Told(**journal);
    const bool with_the_one_under_way = acknowledged < story_.size() && told == told_[acknowledged + 1];
    if (!with_the_one_under_way) EXPECT_EQ(told, told_[acknowledged]);
    EXPECT_TRUE(CommitNow(**journal, {ANote(clock_.now, "after")}).ok());
    ExpectSound(disk);
  }

  void ExpectSound(LossyDisk& disk) {
    const Result<VerifyReport> report = VerifyJournal(kDirectory, disk.vfs());
    ASSERT_TRUE(report.ok()) << report.status().message();
    EXPECT_EQ(report->problem, "");
  }

  FixedClock clock_;
  std::vector<std::vector<Record>> story_;
  std::vector<std::string> told_;  // after so many commits
  int64_t calls_ = 0;              // that the story makes
};

TEST_F(CrashTest, AfterAPowerCutAtEveryCallTheJournalHoldsWhatWasAcknowledged) {
  ASSERT_GT(calls_, 50);
  for (int64_t call = 1; call <= calls_; ++call) {
    for (const uint32_t seed : {0u, 1u, static_cast<uint32_t>(call) + 1}) {
      SCOPED_TRACE(Cat("power cut at call ", call, " of ", calls_, ", seed ", seed));
      LossyDisk disk;
      disk.CutPowerAt(call);
      const size_t acknowledged = TellUntilItFails(disk);
      disk.Crash(seed);
      ExpectWhole(disk, acknowledged);
      if (HasFailure()) return;
    }
  }
}

TEST_F(CrashTest, ASecondPowerCutDuringRecoveryLosesNoMore) {
  for (int64_t call = 2; call <= calls_; call += 7) {
    for (int64_t again = 1; again <= 12; ++again) {
      SCOPED_TRACE(Cat("power cut at call ", call, " and at call ", again, " of the recovery"));
      LossyDisk disk;
      disk.CutPowerAt(call);
      const size_t acknowledged = TellUntilItFails(disk);
      disk.Crash(static_cast<uint32_t>(call));
      disk.CutPowerAt(again);
      (void)OpenOn(disk, clock_).ok();
      disk.Crash(static_cast<uint32_t>(again));
      ExpectWhole(disk, acknowledged);
      if (HasFailure()) return;
    }
  }
}

struct Failing {
  const char* name;
  LossyDisk::Fault fault;
  int64_t times;
  int64_t step;  // every call, or every nth
};

class FailingDiskTest : public CrashTest, public ::testing::WithParamInterface<Failing> {};

INSTANTIATE_TEST_SUITE_P(All, FailingDiskTest,
                         ::testing::Values(Failing{"FullOnce", LossyDisk::Fault::kFull, 1, 1},
                                           Failing{"FullForAWhile", LossyDisk::Fault::kFull, 30, 5},
                                           Failing{"BrokenOnce", LossyDisk::Fault::kBroken, 1, 1},
                                           Failing{"BrokenForAWhile", LossyDisk::Fault::kBroken, 30, 5}),
                         [](const auto& info) { return info.param.name; });

// Tells the story on, again and again where it was refused, as the engine does.
class Stubborn {
 public:
  Stubborn(LossyDisk& disk, FixedClock& clock) : disk_(disk), clock_(clock) {}

  Status Commit(const std::vector<Record>& records) {
    if (journal_ == nullptr) {
      Result<std::unique_ptr<SqliteJournal>> journal = OpenOn(disk_, clock_);
      if (!journal.ok()) return journal.status();
      journal_ = *std::move(journal);
    }
    return CommitNow(*journal_, records).status();
  }
  SqliteJournal& journal() { return *journal_; }
  bool is_open() const { return journal_ != nullptr; }

 private:
  LossyDisk& disk_;
  FixedClock& clock_;
  std::unique_ptr<SqliteJournal> journal_;
};

TEST_P(FailingDiskTest, AFailureIsToldLeavesTheJournalAsItWasAndPasses) {
  constexpr int kMostTries = 50;
  for (int64_t call = 1; call <= calls_; call += GetParam().step) {
    SCOPED_TRACE(Cat("call ", call, " of ", calls_));
    LossyDisk disk;
    disk.FailCalls(call, GetParam().times, GetParam().fault);
    Stubborn teller(disk, clock_);
    for (size_t told = 0, tries = 0; told < story_.size() && tries < kMostTries; ++tries) {
      const Status status = teller.Commit(story_[told]);
      if (status.ok()) {
        ++told;
        continue;
      }
      EXPECT_THAT(status.code(), ::testing::AnyOf(Code::kResourceExhausted, Code::kUnavailable))
          << status.message();
      if (!teller.is_open()) continue;
      EXPECT_THAT(teller.journal().stats().last_error, ::testing::Not(::testing::IsEmpty()));
      if (status.code() == Code::kUnavailable)
        EXPECT_FALSE(teller.Commit(story_[told]).ok())
            << "after a failure of the disk nothing goes before Load";
      const std::string now = Told(teller.journal());
      if (!now.starts_with("load: ")) EXPECT_EQ(now, told_[told]);
      if (HasFailure()) return;
    }
    disk.Heal();
    ASSERT_TRUE(teller.is_open());
    ASSERT_EQ(Told(teller.journal()), told_.back());
    // Only what was synced: whatever was acknowledged after the failure must be among it.
    disk.Crash(0);
    ExpectWhole(disk, story_.size());
    if (HasFailure()) return;
  }
}

TEST_F(CrashTest, WithoutCommitsNothingIsWrittenOrSynced) {
  LossyDisk disk;
  auto journal = OpenOn(disk, clock_);
  ASSERT_TRUE(CommitNow(**journal, story_[0]).ok());
  const int64_t calls = disk.calls();
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(CommitNow(**journal, {}).ok());
    EXPECT_TRUE((*journal)->History({}).ok());
    EXPECT_TRUE((*journal)->Load().ok());
  }
  EXPECT_EQ(disk.calls(), calls);
}

TEST_F(CrashTest, ACommitIsOneSync) {
  LossyDisk disk;
  auto journal = OpenOn(disk, clock_);
  // The first ones move the log into the database and begin a new log.
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(CommitNow(**journal, story_[0]).ok());
  const int64_t syncs = disk.syncs();
  ASSERT_TRUE(CommitNow(**journal, {ANote(clock_.now, "one"), ANote(clock_.now, "two")}).ok());
  EXPECT_EQ(disk.syncs() - syncs, 1);
}

TEST_F(CrashTest, OnAReadOnlyMediumWhatWasClosedCleanlyIsReadAsItIs) {
  LossyDisk disk;
  ASSERT_EQ(TellUntilItFails(disk), story_.size());
  disk.Protect();
  auto reader = OpenForReading(kDirectory, clock_, disk.vfs());
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_EQ(Told(**reader), told_.back());
  ExpectSound(disk);
}

TEST_F(CrashTest, OnAReadOnlyMediumALogThatWasLeftIsNotPassedOver) {
  LossyDisk disk;
  auto journal = OpenOn(disk, clock_);
  ASSERT_TRUE(CommitNow(**journal, story_[0]).ok());
  disk.Crash(0);
  disk.Protect();
  auto reader = OpenForReading(kDirectory, clock_, disk.vfs());
  EXPECT_EQ(reader.status().code(), Code::kUnavailable) << "better no answer than an old one";
}

}  // namespace
}  // namespace holdfast
