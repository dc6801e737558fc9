// Many commits under way at once, readers in between, and the files as others find them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "controller/journal/journal_reader.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/journal/verify_journal.h"
#include "tests/unit/journal/records.h"

namespace holdfast {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class GroupCommitTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteJournal> Open(Files* files = nullptr) {
    auto journal = SqliteJournal::Open(
        {.store = {.directory = directory_.path(), .writer = "test"}, .clock = &clock_, .files = files});
    EXPECT_TRUE(journal.ok()) << journal.status().message();
    return journal.ok() ? *std::move(journal) : nullptr;
  }

  TemporaryDirectory directory_;
  FixedClock clock_;
};

using Answers = std::vector<Result<std::vector<int64_t>>>;

// All commits are under way before the first is answered; the answers come on this thread.
Answers CommitAtOnce(SqliteJournal& journal, std::vector<std::vector<Record>> commits) {
  boost::asio::io_context context;
  Answers answers(commits.size());
  for (size_t i = 0; i < commits.size(); ++i)
    boost::asio::co_spawn(context, journal.Commit(std::move(commits[i])),
                          [&answers, i](std::exception_ptr failed, Result<std::vector<int64_t>> answer) {
                            if (!failed) answers[i] = std::move(answer);
                          });
  context.run();
  return answers;
}

TEST_F(GroupCommitTest, CommitsThatWaitTogetherShareTransactions) {
  auto journal = Open();
  std::vector<std::vector<Record>> commits;
  for (int i = 0; i < 500; ++i)
    commits.push_back({FullIntent(clock_.now, Cat("step ", i)), ANote(clock_.now, "n")});
  const Answers answers = CommitAtOnce(*journal, std::move(commits));
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status().message();
    ASSERT_THAT(*answers[i], SizeIs(2));
    EXPECT_EQ((*answers[i])[0], static_cast<int64_t>(2 * i + 1)) << "in the order in which they came";
  }
  const JournalStats stats = journal->stats();
  EXPECT_EQ(stats.commits, 500);
  EXPECT_EQ(stats.records, 1000);
  EXPECT_LT(stats.transactions, 100);
  EXPECT_EQ(stats.errors, 0);
  EXPECT_EQ(stats.last_commit, clock_.now);
  EXPECT_GT(stats.bytes, 0);
  EXPECT_EQ(VerifyJournal(directory_.path())->problem, "");
}

TEST_F(GroupCommitTest, ARefusedRecordFailsItsOwnCommitOnly) {
  auto journal = Open();
  Intent latin = FullIntent(clock_.now);
  latin.action = Command{.argv = {"touch", "caf\xe9"}};
  std::vector<std::vector<Record>> commits;
  for (int i = 0; i < 50; ++i) {
    if (i % 10 == 7)
      commits.push_back({ANote(clock_.now, "goes with it"), latin});
    else
      commits.push_back({ANote(clock_.now, Cat("note ", i))});
  }
  const Answers answers = CommitAtOnce(*journal, std::move(commits));
  for (size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].ok(), i % 10 != 7) << i;
  EXPECT_THAT(*journal->History({}), SizeIs(45));
  EXPECT_EQ(VerifyJournal(directory_.path())->problem, "");
  EXPECT_EQ(journal->stats().errors, 5);
}

TEST_F(GroupCommitTest, WhatStillWaitsAtTheEndIsWritten) {
  boost::asio::io_context context;
  int answered = 0;
  {
    auto journal = Open();
    for (int i = 0; i < 20; ++i)
      boost::asio::co_spawn(
          context, journal->Commit({ANote(clock_.now, "late")}),
          [&](std::exception_ptr, Result<std::vector<int64_t>> answer) { answered += answer.ok() ? 1 : 0; });
    context.poll();
  }
  context.run();
  EXPECT_EQ(answered, 20);
  EXPECT_THAT(*Open()->History({}), SizeIs(20));
}

TEST_F(GroupCommitTest, AReaderInTheMiddleOfItsReadingDelaysNoCommit) {
  auto journal = Open();
  ASSERT_TRUE(CommitNow(*journal, {ANote(clock_.now, "first")}).ok());
  auto reader = OpenJournalFileForReading(directory_.path(), "");
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(reader->Execute("BEGIN; SELECT * FROM history").ok());
  for (int i = 0; i < 200; ++i)  // enough to want the log moved while the reader holds it
    ASSERT_TRUE(
        CommitNow(*journal, {SpecInForce{.resource = {"K", Cat(i)}, .text = std::string(20'000, 'x')}}).ok());
  EXPECT_EQ(journal->stats().errors, 0);
  EXPECT_EQ(journal->stats().checkpoint_errors, 0);
  EXPECT_EQ(*reader->Number("SELECT count(*) FROM spec"), 0) << "its snapshot stands";
  ASSERT_TRUE(reader->Execute("COMMIT").ok());
  EXPECT_EQ(*reader->Number("SELECT count(*) FROM spec"), 200);
}

// As the real one makes it: empty, and with the mode that is asked for.
class TouchingFiles : public Files {
 public:
  Result<std::string> Read(const std::string&, size_t) override { return NotFound(""); }
  Result<std::vector<FileInfo>> List(const std::string&) override { return NotFound(""); }
  Result<FileInfo> Stat(const std::string& path) override {
    if (!std::filesystem::exists(path)) return NotFound(path);
    return FileInfo{.path = path};
  }
  Status Replace(const std::string& path, const std::string& content, int mode) override {
    std::ofstream(path) << content;
    ::chmod(path.c_str(), static_cast<mode_t>(mode));
    return {};
  }
  Status Remove(const std::string&) override { return {}; }
  Result<std::unique_ptr<Watch>> WatchTree(const std::string&) override { return NotFound(""); }
};

TEST_F(GroupCommitTest, TheFilesAreForTheirOwnerAlone) {
  TouchingFiles files;
  auto journal = Open(&files);
  ASSERT_TRUE(CommitNow(*journal, {ANote(clock_.now, "secret")}).ok());
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    struct ::stat is{};
    ASSERT_EQ(::stat(entry.path().c_str(), &is), 0);
    EXPECT_EQ(is.st_mode & 0777, 0600u) << entry.path();
    ++found;
  }
  EXPECT_EQ(found, 3) << "the database, its log, its shared memory";
  journal.reset();
  EXPECT_THAT(*Open(&files)->History({}), SizeIs(1)) << "a file that is there is not made anew";
}

TEST_F(GroupCommitTest, ADirectoryThatIsNotThereIsSaid) {
  const auto journal = SqliteJournal::Open({.store = {.directory = "/nonexistent/state"}, .clock = &clock_});
  EXPECT_EQ(journal.status().code(), Code::kNotFound);
  EXPECT_THAT(journal.status().message(), HasSubstr("/nonexistent/state"));
}

TEST_F(GroupCommitTest, APathWithOddBytesIsTakenAsItIs) {
  const std::string odd = directory_.path() + "/a b?mode=memory#%41\xc3\xa9";
  std::filesystem::create_directory(odd);
  auto journal = SqliteJournal::Open({.store = {.directory = odd}, .clock = &clock_});
  ASSERT_TRUE(journal.ok()) << journal.status().message();
  ASSERT_TRUE(CommitNow(**journal, {ANote(clock_.now, "x")}).ok());
  EXPECT_TRUE(std::filesystem::exists(odd + "/journal.db"));
}

}  // namespace
}  // namespace holdfast
