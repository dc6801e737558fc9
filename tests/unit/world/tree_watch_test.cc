#include "controller/world/real/tree_watch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/world/real/within.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

using Paths = std::vector<std::string>;

class TreeWatchTest : public testing::Test {
 protected:
  void Begin(const std::string& root) {
    auto made = TreeWatch::Make(io.get_executor(), root);
    ASSERT_TRUE(made.ok()) << made.status().message();
    watch = *std::move(made);
  }
  Paths Next() {
    auto next = RunTask(io, watch->Next());
    EXPECT_TRUE(next.ok()) << next.status().message();
    return next.ok() ? *next : Paths{"failed"};
  }
  // Calls Next until `path`, or "look at everything", is told.
  bool Tells(const std::string& path) {
    for (int i = 0; i < 20; ++i) {
      const Paths told = Next();
      if (told.empty() || std::find(told.begin(), told.end(), path) != told.end()) return true;
    }
    return false;
  }
  bool Quiet(absl::Duration patience = absl::Milliseconds(60)) {
    return !RunTask(io, Within(watch->Next(), patience)).has_value();
  }

  Scratch dir;
  boost::asio::io_context io;
  std::unique_ptr<TreeWatch> watch;
};

TEST_F(TreeWatchTest, TellsWrittenRenamedAndRemovedFiles) {
  Begin(dir.path());
  EXPECT_TRUE(Quiet());
  Put(dir / "a.yaml", "1");
  EXPECT_THAT(Next(), ElementsAre(dir / "a.yaml"));
  fs::rename(dir / "a.yaml", dir / "b.yaml");
  EXPECT_THAT(Next(), ElementsAre(dir / "a.yaml", dir / "b.yaml"));
  fs::remove(dir / "b.yaml");
  EXPECT_THAT(Next(), ElementsAre(dir / "b.yaml"));
  EXPECT_TRUE(Quiet());
}

TEST_F(TreeWatchTest, GathersWhatComesTogether) {
  Begin(dir.path());
  for (int i = 0; i < 50; ++i) Put(dir / std::to_string(i), "x");
  EXPECT_EQ(Next().size(), 50u);
  EXPECT_TRUE(Quiet());
}

TEST_F(TreeWatchTest, WaitsForTheWriterToClose) {
  Begin(dir.path());
  const int file = ::open((dir / "slow").c_str(), O_CREAT | O_WRONLY, 0600);
  ASSERT_EQ(::write(file, "half", 4), 4);
  EXPECT_TRUE(Quiet());
  ASSERT_EQ(::write(file, "half", 4), 4);
  ::close(file);
  EXPECT_THAT(Next(), ElementsAre(dir / "slow"));
}

TEST_F(TreeWatchTest, TellsAFileThatItsWriterNeverCloses) {
  Begin(dir.path());
  const int file = ::open((dir / "log").c_str(), O_CREAT | O_WRONLY, 0600);
  EXPECT_THAT(Next(), ElementsAre(dir / "log"));
  ASSERT_EQ(::write(file, "x", 1), 1);
  EXPECT_THAT(Next(), ElementsAre(dir / "log"));
  ::close(file);
}

TEST_F(TreeWatchTest, FollowsTheDancesOfEditors) {
  Put(dir / "spec.yaml", "old");
  Begin(dir.path());
  // vim: the original is moved to the backup, a new file is written, the backup is removed.
  fs::rename(dir / "spec.yaml", dir / "spec.yaml~");
  Put(dir / "spec.yaml", "new");
  fs::remove(dir / "spec.yaml~");
  EXPECT_THAT(Next(), ElementsAre(dir / "spec.yaml", dir / "spec.yaml~"));
  // emacs, sed -i, git: a temporary is renamed over the original.
  Put(dir / ".tmp", "newer");
  fs::rename(dir / ".tmp", dir / "spec.yaml");
  EXPECT_THAT(Next(), Contains(dir / "spec.yaml"));
}

TEST_F(TreeWatchTest, DoesNotTellAFileGoneWhileItsSuccessorIsBeingWritten) {
  Put(dir / "spec.yaml", "old");
  Begin(dir.path());
  fs::rename(dir / "spec.yaml", dir / "spec.yaml~");
  const int file = ::open((dir / "spec.yaml").c_str(), O_CREAT | O_WRONLY, 0600);
  EXPECT_THAT(Next(), ElementsAre(dir / "spec.yaml~"));
  ::close(file);
  EXPECT_THAT(Next(), ElementsAre(dir / "spec.yaml"));
}

TEST_F(TreeWatchTest, FollowsNewSubdirectoriesAndWhatIsAlreadyInThem) {
  Begin(dir.path());
  fs::create_directories(dir / "a/b/c");
  Put(dir / "a/b/c/deep", "1");
  EXPECT_THAT(Next(), Contains(dir / "a/b/c/deep"));
  while (!Quiet()) {
  }
  Put(dir / "a/b/c/later", "1");
  EXPECT_THAT(Next(), ElementsAre(dir / "a/b/c/later"));
}

TEST_F(TreeWatchTest, FollowsADirectoryThatIsMovedInsideInAndOut) {
  Scratch elsewhere;
  fs::create_directories(dir / "a/b");
  Begin(dir.path());
  fs::rename(dir / "a", dir / "z");
  EXPECT_THAT(Next(), testing::AllOf(Contains(dir / "a"), Contains(dir / "z")));
  Put(dir / "z/b/x", "1");
  EXPECT_THAT(Next(), ElementsAre(dir / "z/b/x"));
  fs::rename(dir / "z", elsewhere / "z");
  EXPECT_THAT(Next(), ElementsAre(dir / "z"));
  Put(elsewhere / "z/b/x", "2");
  EXPECT_TRUE(Quiet());
  fs::rename(elsewhere / "z", dir / "back");
  EXPECT_THAT(Next(), Contains(dir / "back/b/x"));
}

TEST_F(TreeWatchTest, GoesOnWhenTheDirectoryIsRemovedAndMadeAgain) {
  fs::create_directory(dir / "specs");
  Begin(dir / "specs");
  fs::remove_all(dir / "specs");
  EXPECT_THAT(Next(), IsEmpty());
  fs::create_directory(dir / "specs");
  EXPECT_THAT(Next(), IsEmpty());
  Put(dir / "specs/a", "1");
  EXPECT_TRUE(Tells(dir / "specs/a"));
}

TEST_F(TreeWatchTest, WaitsForADirectoryThatIsNotThereYet) {
  Begin(dir / "x/y/specs");
  EXPECT_TRUE(Quiet());
  fs::create_directories(dir / "x/y/specs");
  EXPECT_THAT(Next(), IsEmpty());
  while (!Quiet()) {
  }
  Put(dir / "x/y/specs/a", "1");
  EXPECT_TRUE(Tells(dir / "x/y/specs/a"));
}

TEST_F(TreeWatchTest, FollowsASymlinkOnTheWayThatIsSwitched) {
  fs::create_directories(dir / "one/specs");
  fs::create_directories(dir / "two/specs");
  fs::create_symlink("one", dir / "current");
  Begin(dir / "current/specs");
  Put(dir / "one/specs/a", "1");
  EXPECT_THAT(Next(), ElementsAre(dir / "current/specs/a"));
  fs::create_symlink("two", dir / "next");
  fs::rename(dir / "next", dir / "current");
  EXPECT_THAT(Next(), IsEmpty());
  while (!Quiet()) {
  }
  Put(dir / "two/specs/b", "1");
  EXPECT_TRUE(Tells(dir / "current/specs/b"));
  Put(dir / "one/specs/a", "2");
  EXPECT_TRUE(Quiet());
}

TEST_F(TreeWatchTest, ASwitchedSymlinkInsideMeansLookAtEverything) {
  fs::create_directory(dir / "v1");
  fs::create_symlink("v1", dir / "..data");
  Begin(dir.path());
  fs::create_symlink("v2", dir / "..tmp");
  fs::rename(dir / "..tmp", dir / "..data");
  EXPECT_THAT(Next(), IsEmpty());
}

TEST_F(TreeWatchTest, DoesNotLeaveTheTree) {
  Scratch elsewhere;
  fs::create_symlink(elsewhere.path(), dir / "out");
  Begin(dir.path());
  Put(elsewhere / "x", "1");
  EXPECT_TRUE(Quiet());
}

TEST_F(TreeWatchTest, MoreThanTheKernelKeepsMeansLookAtEverything) {
  fs::create_directory(dir / "sub");
  Begin(dir.path());
  for (int i = 0; i < 12'000; ++i) {
    const std::string path = dir / ("sub/" + std::to_string(i));
    ::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600));
  }
  EXPECT_THAT(Next(), IsEmpty());
  while (!Quiet()) {
  }
  Put(dir / "sub/after", "1");
  EXPECT_TRUE(Tells(dir / "sub/after"));
}

TEST_F(TreeWatchTest, TellsAChangeOfMode) {
  Put(dir / "a", "1");
  Begin(dir.path());
  fs::permissions(dir / "a", fs::perms::owner_read);
  EXPECT_THAT(Next(), ElementsAre(dir / "a"));
}

TEST_F(TreeWatchTest, NextIsCancelled) {
  Begin(dir.path());
  boost::asio::cancellation_signal signal;
  std::exception_ptr failure;
  boost::asio::co_spawn(
      io, watch->Next(),
      boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, auto) { failure = e; }));
  io.restart();
  io.run_for(std::chrono::milliseconds(5));
  signal.emit(boost::asio::cancellation_type::terminal);
  io.restart();
  io.run();
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
  Put(dir / "a", "1");
  EXPECT_THAT(Next(), ElementsAre(dir / "a"));
}

}  // namespace
}  // namespace holdfast
