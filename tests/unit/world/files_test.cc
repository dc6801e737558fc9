#include "controller/world/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "controller/world/real/real_files.h"
#include "tests/unit/world/scratch.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

class RealFilesTest : public testing::Test {
 protected:
  boost::asio::io_context io;
  RealFiles files{io.get_executor()};
  Scratch dir;
};

TEST_F(RealFilesTest, ReadsAWholeFileUpToTheLimit) {
  Put(dir / "a", "0123456789");
  EXPECT_EQ(*files.Read(dir / "a", 10), "0123456789");
  EXPECT_EQ(files.Read(dir / "a", 9).status().code(), Code::kResourceExhausted);
  Put(dir / "empty", "");
  EXPECT_EQ(*files.Read(dir / "empty", 0), "");
}

TEST_F(RealFilesTest, ReadsFilesThatDoNotTellTheirSize) {
  EXPECT_GT(files.Read("/proc/self/status", 1 << 20)->size(), 100u);
  EXPECT_EQ(files.Read("/proc/self/status", 10).status().code(), Code::kResourceExhausted);
}

TEST_F(RealFilesTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(files.Read(dir / "nosuch", 10).status().code(), Code::kNotFound);
  EXPECT_EQ(files.Read(dir.path(), 10).status().code(), Code::kFailedPrecondition);
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(files.Read(dir / "fifo", 10).status().code(),
            Code::kFailedPrecondition);  // and does not wait for a writer
  fs::create_symlink("loop", dir / "loop");
  EXPECT_EQ(files.Read(dir / "loop", 10).status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(files.Read("/dev/zero", 10).status().code(), Code::kFailedPrecondition);
}

TEST_F(RealFilesTest, ListsByNameWithWhatEachIs) {
  Put(dir / "b.yaml", "bb");
  Put(dir / "a.yaml", "a");
  fs::create_directory(dir / "sub");
  fs::create_symlink("a.yaml", dir / "link");
  fs::create_symlink("/nosuch", dir / "nowhere");
  const auto found = files.List(dir.path());
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_EQ(found->size(), 5u);
  EXPECT_EQ((*found)[0].path, dir / "a.yaml");
  EXPECT_EQ((*found)[0].kind, FileInfo::Kind::kFile);
  EXPECT_EQ((*found)[1].size, 2u);
  EXPECT_EQ((*found)[2].path, dir / "link");
  EXPECT_EQ((*found)[2].kind, FileInfo::Kind::kSymlink);
  EXPECT_EQ((*found)[2].target, fs::canonical(dir / "a.yaml").string());
  EXPECT_EQ((*found)[3].target, "");
  EXPECT_EQ((*found)[4].kind, FileInfo::Kind::kDirectory);
  EXPECT_EQ(files.List(dir / "nosuch").status().code(), Code::kNotFound);
  EXPECT_EQ(files.List(dir / "a.yaml").status().code(), Code::kFailedPrecondition);
}

TEST_F(RealFilesTest, ChangedShowsThroughASymlinkAndASetBackMtime) {
  Put(dir / "a", "1");
  fs::create_symlink("a", dir / "link");
  const int64_t file = files.Stat(dir / "a")->changed_ns;
  const int64_t link = files.Stat(dir / "link")->changed_ns;
  EXPECT_EQ(files.Stat(dir / "a")->changed_ns, file);
  const auto stamp = fs::last_write_time(dir / "a");
  ::usleep(20'000);
  Put(dir / "a", "2");
  fs::last_write_time(dir / "a", stamp);
  EXPECT_NE(files.Stat(dir / "a")->changed_ns, file);
  EXPECT_NE(files.Stat(dir / "link")->changed_ns, link);
}

TEST_F(RealFilesTest, ReplacesWholeAndLeavesNoTemporary) {
  ASSERT_TRUE(files.Replace(dir / "x", "one", 0640).ok());
  ASSERT_TRUE(files.Replace(dir / "x", "two", 0600).ok());
  EXPECT_EQ(*files.Read(dir / "x", 100), "two");
  struct stat facts{};
  ASSERT_EQ(::stat((dir / "x").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(files.List(dir.path())->size(), 1u);
  EXPECT_EQ(files.Replace(dir / "nosuch/x", "y", 0600).code(), Code::kNotFound);
  fs::create_directory(dir / "full");
  Put(dir / "full/inside", "");
  EXPECT_EQ(files.Replace(dir / "full", "y", 0600).code(), Code::kFailedPrecondition);
  EXPECT_EQ(files.List(dir.path())->size(), 2u);
}

TEST_F(RealFilesTest, ReplaceDoesNotWriteThroughASymlink) {
  Put(dir / "victim", "untouched");
  fs::create_symlink("victim", dir / "x");
  ASSERT_TRUE(files.Replace(dir / "x", "mine", 0600).ok());
  EXPECT_EQ(*files.Read(dir / "victim", 100), "untouched");
  EXPECT_EQ(files.Stat(dir / "x")->kind, FileInfo::Kind::kFile);
}

TEST_F(RealFilesTest, ADiskThatCannotBeReadIsOurOwnFault) {
  EXPECT_EQ(files.Read("/proc/self/mem", 1 << 20).status().code(), Code::kLocal);  // EIO
}

TEST_F(RealFilesTest, RemovingTwiceIsOk) {
  Put(dir / "a", "1");
  EXPECT_TRUE(files.Remove(dir / "a").ok());
  EXPECT_TRUE(files.Remove(dir / "a").ok());
  EXPECT_EQ(files.Stat(dir / "a").status().code(), Code::kNotFound);
  EXPECT_FALSE(files.Remove(dir.path()).ok());
}

}  // namespace
}  // namespace holdfast
