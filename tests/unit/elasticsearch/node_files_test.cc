// Files of nodes: how they are written in a spec, asked for, read and told.
#include "reconcilers/elasticsearch/node_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/sha256.h"
#include "reconcilers/elasticsearch/observe_files.h"
#include "specs/node.h"
#include "specs/problem.h"
#include "tests/unit/elasticsearch/served.h"

namespace holdfast::elasticsearch {
namespace {

using testing::HasSubstr;

const std::string kPath = "/etc/es.yml";

TEST(NodeFiles, AListingTellsTheFileWithItsCopies) {
  NodeFile file{.node = "n1", .path = "/etc/es.yml"};
  const std::string a = Sha256Hex("a"), b = Sha256Hex("b");
  const std::string output =
      Cat("1790000000.5000000000 /etc/es.yml\n1790000001.0 /etc/es.yml.holdfast-12345678\n", b,
          "  /etc/es.yml.holdfast-12345678\n", a, "  /etc/es.yml\n");
  ASSERT_TRUE(ReadListing(output, &file).ok());
  EXPECT_EQ(file.is, NodeFile::Is::kThere);
  EXPECT_EQ(file.sha256, a);
  EXPECT_EQ(file.changed, absl::FromUnixSeconds(1790000000) + absl::Milliseconds(500));
  EXPECT_EQ(file.beside["12345678"].sha256, b);
}

TEST(NodeFiles, NothingFoundIsMissingAndHalfAnAnswerIsNotKnown) {
  NodeFile file{.node = "n1", .path = "/etc/es.yml"};
  ASSERT_TRUE(ReadListing("", &file).ok());
  EXPECT_EQ(file.is, NodeFile::Is::kMissing);
  EXPECT_FALSE(ReadListing("1790000000.5 /etc/es.yml\n", &file).ok());
  NodeFile other{.node = "n1", .path = "/etc/es.yml"};
  EXPECT_FALSE(ReadListing("find: permission denied\n", &other).ok());
}

TEST(NodeFiles, AnAskIsReadAsItWasWritten) {
  FileAsk ask{.path = kPath, .beside = {Sha256Hex("a")}};
  ask.node.name = "n \"1\"", ask.node.ip = "127.0.0.1", ask.node.host = "es1", ask.node.id = "id";
  const auto read = ParseFileAsk(AskFile(ask));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->node.name, ask.node.name);
  EXPECT_EQ(read->node.host, "es1");
  EXPECT_EQ(read->path, kPath);
  EXPECT_EQ(read->beside, ask.beside);
  EXPECT_FALSE(ParseFileAsk("sizes").has_value());
}

// ── as it is written ──

struct Read {
  ConfigChange change;
  std::string problems;
};
Read Decoded(std::string files) {
  const auto source = std::make_shared<const specs::Source>(
      specs::Source{"/site/specs/heap.yaml", Cat("nodes: {name: n1}\nfiles: ", files, "\n")});
  specs::Problems problems;
  Read out;
  const auto tree = specs::Tree::Parse(source, problems);
  if (tree) ConfigChangeFields().Decode(tree->documents()[0], out.change, problems);
  out.problems = specs::ProblemsText(problems.Take());
  return out;
}

TEST(ConfigChange, ATextLiesWhereTheSpecLies) {
  const Read read = Decoded("[{path: /etc/es.yml, from: \"templates/{name}.txt\"}]");
  EXPECT_EQ(read.problems, "");
  ASSERT_EQ(read.change.files.size(), 1U);
  EXPECT_EQ(read.change.files[0].from.path, "/site/specs/templates/{name}.txt");
  EXPECT_EQ(read.change.verb, Operation::Verb::kConfigChange);
  EXPECT_EQ(read.change.strategy, Operation::Strategy::kInPlace);
  EXPECT_EQ(read.change.canary, 1);
  EXPECT_EQ(Decoded("[{path: /etc/es.yml, from: /srv/es.txt}]").change.files[0].from.path, "/srv/es.txt");
}

TEST(ConfigChange, RefusesWhatIsNoFileOfANode) {
  EXPECT_THAT(Decoded("[{path: /etc/../es.yml, from: a.txt}]").problems, HasSubstr("no file of a node"));
  EXPECT_THAT(Decoded("[{path: /etc/es.yml.holdfast-12, from: a.txt}]").problems,
              HasSubstr("no file of a node"));
  EXPECT_THAT(Decoded("[{path: \"/etc/es*.yml\", from: a.txt}]").problems, HasSubstr("plain characters"));
  EXPECT_THAT(Decoded("[{path: /etc/es.yml, from: \"{rack}.txt\"}]").problems, HasSubstr("{rack}"));
  EXPECT_THAT(Decoded("[{path: /a, from: b}, {path: /a, from: c}]").problems, HasSubstr("written twice"));
  EXPECT_THAT(Decoded("[]").problems, testing::Not(""));
}

// ── as it is read ──

struct FilesTest : testing::Test {
  ServedRig rig;
  struct : Waker {
    void LookNow(const ResourceKey&, std::string) override {}
  } waker;
  Systems systems{rig.world, waker};
  std::shared_ptr<Spec> spec = std::make_shared<Spec>();
  holdfast::Look look;

  FilesTest() {
    look.self = {"ElasticsearchCluster", "c"};
    spec->disruption.control = NodeControl{.systemd = control::SystemdControl{.unit = "elasticsearch"}};
    FileAsk ask{.path = kPath};
    ask.node.name = "n1", ask.node.ip = "10.0.0.1";
    look.ask = {AskFile(ask), AskTemplate("/site/es.txt"), "sizes"};
    rig.files.content["/site/es.txt"] = "a: b\n";
  }
  FilesSeen Seen() { return rig.Wait(LookAtFiles(systems, spec, look)); }
};

TEST_F(FilesTest, OneCommandTellsAFileAndItIsKeptForAWhile) {
  rig.commands.answer = [](const CommandLine&) {
    return Exit{0, 0, Cat("1790000000.5 /etc/es.yml\n", Sha256Hex("x"), "  /etc/es.yml\n")};
  };
  FilesSeen seen = Seen();
  ASSERT_EQ(seen.files.size(), 1U);
  EXPECT_EQ(seen.files[0].is, NodeFile::Is::kThere);
  EXPECT_EQ(seen.files[0].sha256, Sha256Hex("x"));
  ASSERT_EQ(rig.commands.lines.size(), 1U);
  EXPECT_EQ(rig.commands.lines[0].argv[0], "find");
  EXPECT_EQ(seen.templates[0].sha256, Sha256Hex("a: b\n"));
  Seen();
  EXPECT_EQ(rig.commands.lines.size(), 1U);
  look.touched = {"n1"};
  Seen();
  EXPECT_EQ(rig.commands.lines.size(), 2U) << "something was done to the node";
  look.touched.clear();
  rig.clock.Pass(kFilesKept);
  Seen();
  EXPECT_EQ(rig.commands.lines.size(), 3U);
}

TEST_F(FilesTest, WhatCannotBeReadIsNotKnown) {
  rig.commands.answer = [](const CommandLine&) { return Exit{1, 0, "", "find: '/etc': No such file"}; };
  EXPECT_EQ(Seen().files[0].is, NodeFile::Is::kUnknown);
  EXPECT_THAT(Seen().files[0].why, HasSubstr("No such file"));
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, "", "", true}; };
  look.touched = {"n1"};
  EXPECT_THAT(Seen().files[0].why, HasSubstr("too many copies"));
  rig.files.content["/site/es.txt"] = "";
  EXPECT_EQ(Seen().templates[0].why, "it is empty");
  rig.files.content["/site/es.txt"] = std::string("a\0b", 3);
  EXPECT_EQ(Seen().templates[0].why, "it is not a text");
  rig.files.content.clear();
  EXPECT_THAT(Seen().templates[0].why, HasSubstr("no such file"));
}

TEST_F(FilesTest, OwnProgramsPrintTheFileAndTheCopyThatIsKeptOfIt) {
  spec->disruption.control =
      NodeControl{.command = NodeCommands{.stop = {{"ctl", "stop"}},
                                          .start = {{"ctl", "start"}},
                                          .put = {{"ctl", "put", "{name}", "{path}"}},
                                          .get = {{"ctl", "get", "{name}", "{path}"}}}};
  rig.commands.answer = [](const CommandLine& line) {
    return line.argv == std::vector<std::string>{"ctl", "get", "n1", kPath} ? Exit{0, 0, "x"} : Exit{1, 0};
  };
  FilesSeen seen = Seen();
  EXPECT_EQ(seen.files[0].text, "x");
  EXPECT_EQ(seen.files[0].sha256, Sha256Hex("x"));
  EXPECT_TRUE(seen.files[0].beside.empty());
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, "x"}; };
  look.touched = {"n1"};
  EXPECT_EQ(Seen().files[0].beside[std::string(ShortDigest(Sha256Hex("x")))].sha256, Sha256Hex("x"));
}

}  // namespace
}  // namespace holdfast::elasticsearch
