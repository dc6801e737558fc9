#include "controller/source/directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "controller/world/real/real_files.h"
#include "tests/unit/source/tree.h"

namespace holdfast {
namespace {

class DirectoryTest : public testing::Test {
 protected:
  std::string Names(const std::vector<FileRead>& read) const {
    std::string names;
    for (const FileRead& file : read)
      names += file.path.substr(tree_.root().size()) + (file.error.ok() ? " " : "! ");
    return names;
  }

  Tree tree_;
  boost::asio::io_context io_;
  RealFiles files_{io_.get_executor()};
};

TEST_F(DirectoryTest, ReadsSpecsBelowTheRootAndNothingElse) {
  tree_.Write("b.yaml", "b");
  tree_.Write("sub/a.yml", "a");
  tree_.Write("notes.txt", "n");
  tree_.Write(".hidden.yaml", "h");
  tree_.Write(".git/c.yaml", "c");
  Directory directory(files_, tree_.root() + "/");
  const auto reading = directory.Look();
  ASSERT_TRUE(reading.ok()) << reading.status().message();
  EXPECT_EQ(Names(reading->read), "/b.yaml /sub/a.yml ");
  EXPECT_EQ(reading->read[0].bytes, "b");
}

TEST_F(DirectoryTest, WhatLiesInADirectoryOfTemplatesIsNoSpec) {
  tree_.Write("a.yaml", "1");
  tree_.Write("templates/elasticsearch.yml", "cluster.name: x");
  tree_.Write("es/templates/more/b.yaml", "2");
  tree_.Write("es/templates.yaml", "3");
  Directory directory(files_, tree_.root());
  EXPECT_EQ(Names(directory.Look()->read), "/a.yaml /es/templates.yaml ");
  tree_.Write("es/templates/more/b.yaml", "4");
  for (const char* path : {"templates", "es/templates/more", "es/templates/more/b.yaml"})
    EXPECT_EQ(Names(directory.LookAt({tree_.Path(path)})->read), "") << path;
  tree_.Write("es/c.yaml", "5");
  EXPECT_EQ(Names(directory.LookAt({tree_.Path("es")})->read), "/es/c.yaml ");
}

TEST_F(DirectoryTest, ReadsOnlyWhatWasTouched) {
  tree_.Write("a.yaml", "1");
  tree_.Write("b.yaml", "1");
  Directory directory(files_, tree_.root());
  (void)directory.Look();
  const std::string before = directory.revision();
  EXPECT_TRUE(directory.Look()->read.empty());
  tree_.Write("b.yaml", "2");
  EXPECT_EQ(Names(directory.Look()->read), "/b.yaml ");
  EXPECT_NE(directory.revision(), before);
  tree_.Write("b.yaml", "1");
  (void)directory.LookAt({tree_.Path("b.yaml")});
  EXPECT_EQ(directory.revision(), before) << "the same files in the same places have one name";
}

TEST_F(DirectoryTest, WhatIsGoneIsToldOnce) {
  tree_.Write("sub/a.yaml", "1");
  tree_.Write("b.yaml", "1");
  Directory directory(files_, tree_.root());
  (void)directory.Look();
  tree_.Remove("sub");
  EXPECT_EQ(directory.LookAt({tree_.Path("sub")})->gone, std::vector<std::string>{tree_.Path("sub/a.yaml")});
  EXPECT_TRUE(directory.Look()->gone.empty());
}

TEST_F(DirectoryTest, ARootThatIsNotThereSaysNothingAboutItsFiles) {
  tree_.Write("specs/a.yaml", "1");
  Directory directory(files_, tree_.Path("specs"));
  (void)directory.Look();
  std::filesystem::rename(tree_.Path("specs"), tree_.Path("elsewhere"));
  EXPECT_FALSE(directory.Look().ok());
  EXPECT_EQ(directory.size(), 1u);
  std::filesystem::rename(tree_.Path("elsewhere"), tree_.Path("specs"));
  EXPECT_TRUE(directory.Look()->gone.empty());
}

TEST_F(DirectoryTest, ADirectoryThatCannotBeListedHidesItsFilesAndDoesNotDeleteThem) {
  if (::geteuid() == 0) {
    // Root reads everything: a directory deeper than the limit stands for one that cannot be listed.
    std::string deep;
    for (size_t i = 0; i <= Directory::kMostDepth + 1; ++i) deep += "d/";
    tree_.Write(deep + "a.yaml", "1");
    Directory directory(files_, tree_.root());
    const auto reading = directory.Look();
    EXPECT_TRUE(reading->read.empty());
    EXPECT_EQ(reading->unlisted.size(), 1u);
    return;
  }
  tree_.Write("secret/a.yaml", "1");
  tree_.Write("b.yaml", "1");
  Directory directory(files_, tree_.root());
  (void)directory.Look();
  ::chmod(tree_.Path("secret").c_str(), 0);
  const auto reading = directory.Look();
  ::chmod(tree_.Path("secret").c_str(), 0700);
  EXPECT_TRUE(reading->gone.empty());
  EXPECT_EQ(reading->unlisted.size(), 1u);
}

TEST_F(DirectoryTest, SymbolicLinksOutOfTheTreeAreRefused) {
  Tree outside;
  outside.Write("a.yaml", "secret");
  tree_.Write(".data/b.yaml", "b");
  tree_.Link("out.yaml", outside.Path("a.yaml"));
  tree_.Link("nowhere.yaml", tree_.Path("nothing"));
  tree_.Link("in.yaml", tree_.Path(".data/b.yaml"));
  Directory directory(files_, tree_.root());
  const auto reading = directory.Look();
  EXPECT_EQ(Names(reading->read), "/in.yaml /nowhere.yaml! /out.yaml! ");
  for (const FileRead& file : reading->read) EXPECT_EQ(file.bytes.find("secret"), std::string::npos);
}

TEST_F(DirectoryTest, AFileThatIsTooLongIsReadAsFarAsItTakesToSaySo) {
  tree_.Write("long.yaml", std::string((1 << 20) + 2, '#'));
  Directory directory(files_, tree_.root());
  EXPECT_EQ(Names(directory.Look()->read), "/long.yaml! ");
}

TEST_F(DirectoryTest, OneFileIsADirectoryOfOne) {
  tree_.Write("a.yaml", "1");
  Directory directory(files_, tree_.Path("a.yaml"));
  EXPECT_EQ(Names(directory.Look()->read), "/a.yaml ");
  tree_.Remove("a.yaml");
  EXPECT_FALSE(directory.Look().ok());
}

}  // namespace
}  // namespace holdfast
