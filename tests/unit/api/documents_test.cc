#include "controller/api/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "controller/api/api.h"
#include "controller/api/exposition.h"
#include "controller/api/why.h"
#include "controller/base/text.h"
#include "tests/unit/api/population.h"
#include "tests/unit/metrics/line_checker.h"
#include "tests/unit/specs/golden.h"

namespace holdfast {
namespace {

using specs::ExpectGolden;
using ::testing::HasSubstr;

TEST(Documents, StatusHasTheFixedShape) {
  Board board;
  Populate(board);
  ExpectGolden("tests/golden/cli/status.json", Pretty(StatusDocument(board, FrameOfTests())));
}

TEST(Documents, PlanHasTheFixedShape) {
  Board board;
  Populate(board);
  ExpectGolden("tests/golden/cli/plan.json", Pretty(PlanDocument(board, FrameOfTests())));
}

TEST(Documents, HistoryHasTheFixedShape) {
  ExpectGolden("tests/golden/cli/history.json", Pretty(HistoryDocument(SomeHistory())));
}

TEST(Documents, AskingForWhatIsNotThereIsNotFound) {
  Board board;
  Populate(board);
  EXPECT_EQ(StatusDocument(board, FrameOfTests(), {"ServiceStack", "no"}).status().code(), Code::kNotFound);
  EXPECT_EQ(PlanDocument(board, FrameOfTests(), {"ServiceStack", "no"}).status().code(), Code::kNotFound);
  EXPECT_EQ(WhyDocument(board, FrameOfTests(), {"ServiceStack", "no"}).status().code(), Code::kNotFound);
}

TEST(Documents, ChangesHoldOnlyWhatChangedAndWhatIsGone) {
  Board board;
  Populate(board);
  const uint64_t before = board.version();
  board.Drop(3);
  board.Report(0, Report(Sight::kKnown, Readiness::Is::kNo, "Degraded"));
  const json::object document = ChangesDocument(board, FrameOfTests(), before);
  EXPECT_FALSE(document.at("complete").as_bool());
  ASSERT_EQ(document.at("resources").as_array().size(), 1u);
  EXPECT_EQ(document.at("resources").as_array()[0].at("name").as_string(), "order");
  ASSERT_EQ(document.at("gone").as_array().size(), 1u);
  EXPECT_EQ(document.at("gone").as_array()[0].at("name").as_string(), "far");
}

TEST(Why, FollowsTheChainDownToTheRoot) {
  Board board;
  Populate(board);
  const auto document = WhyDocument(board, FrameOfTests(), {"ServiceStack", "app"});
  ASSERT_TRUE(document.ok());
  ExpectGolden("tests/golden/cli/why.json", Pretty(*document));
  EXPECT_EQ(document->at("roots").as_array()[0].as_string(), "ServiceStack/db");
}

TEST(Why, ACycleOfDependenciesEnds) {
  Board board;
  board.Put(0, DeclaredOf("a", {{"ServiceStack", "b"}}, Mode::kAct), 1, kNow);
  board.Put(1, DeclaredOf("b", {{"ServiceStack", "a"}}, Mode::kAct), 1, kNow);
  const auto document = WhyDocument(board, FrameOfTests(), {"ServiceStack", "a"});
  ASSERT_TRUE(document.ok());
  EXPECT_THAT(Compact(*document), HasSubstr("\"repeated\":true"));
}

TEST(Why, ADependencyThatIsNotDeclaredIsTheRoot) {
  Board board;
  board.Put(0, DeclaredOf("a", {{"ServiceStack", "ghost"}}, Mode::kAct), 1, kNow);
  const auto document = WhyDocument(board, FrameOfTests(), {"ServiceStack", "a"});
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->at("roots").as_array()[0].as_string(), "ServiceStack/ghost");
}

TEST(Why, ALongChainIsCutAndSaysSo) {
  Board board;
  for (SlotId i = 0; i < 60; ++i)
    board.Put(i, DeclaredOf(Cat("s", i), {{"ServiceStack", Cat("s", i + 1)}}, Mode::kAct), 1, kNow);
  const auto document = WhyDocument(board, FrameOfTests(), {"ServiceStack", "s0"});
  ASSERT_TRUE(document.ok());
  EXPECT_THAT(Compact(*document), HasSubstr("\"cut\":true"));
}

TEST(Stale, TellsWhatTheJournalRemembersAndThatNobodyLooks) {
  Memory memory;
  Remembered& db = memory.resources[{"ServiceStack", "db"}];
  db.spec = SpecInForce{.resource = {"ServiceStack", "db"},
                        .file = "specs/site.yaml",
                        .revision = "4f1c",
                        .line = 3,
                        .generation = 2,
                        .at = kNow};
  db.suspension = SuspensionSet{
      {"ServiceStack", "db"}, "user lena (uid 1000)", "disk swap", kNow, absl::InfiniteFuture()};
  db.past.open = {Lease{.object = "redis@127.0.0.1",
                        .restore = Command{.argv = {Text("supervisorctl"), Text("start"), Text("redis")}},
                        .why = "restart"}};
  const json::object status = StaleStatusDocument(memory, kNow, kNow + absl::Hours(1));
  EXPECT_TRUE(status.at("stale").as_bool());
  EXPECT_THAT(Compact(status), HasSubstr("NotRunning"));
  EXPECT_THAT(Compact(status), HasSubstr("by user lena (uid 1000): disk swap"));
  const auto why =
      StaleWhyDocument(memory, SomeHistory(), {"ServiceStack", "db"}, kNow, kNow + absl::Hours(1));
  ASSERT_TRUE(why.ok());
  EXPECT_THAT(Compact(*why), HasSubstr("supervisorctl start redis"));
  EXPECT_EQ(StaleWhyDocument(memory, {}, {"ServiceStack", "no"}, kNow, kNow).status().code(),
            Code::kNotFound);
}

TEST(Exposition, IsReadableAndAsItWas) {
  Board board;
  Populate(board);
  const std::string text = BoardExposition(board, {}, {.version = "0.1.0"});
  EXPECT_EQ(FirstBadLine(text), "");
  ExpectGolden("tests/golden/cli/metrics.txt", text);
}

TEST(Exposition, PassesPromtoolWhereItIsInstalled) {
  if (!std::filesystem::exists("/usr/bin/promtool")) GTEST_SKIP() << "skipped: promtool is not installed";
  Board board;
  Populate(board);
  Metrics metrics;
  metrics.Round("ServiceStack", "acted", absl::Milliseconds(3));
  metrics.Action("ServiceStack", "start", "done", absl::Seconds(2));
  metrics.QueueWait(absl::Milliseconds(1));
  FILE* promtool = popen("/usr/bin/promtool check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = BoardExposition(board, {}, {.version = "0.1.0"}) + metrics.Exposition();
  fwrite(text.data(), 1, text.size(), promtool);
  EXPECT_EQ(pclose(promtool), 0);
}

TEST(Exposition, ReadsTheKernelsPagesAboutThisProcess) {
  const std::string text = ProcessExposition(
      {.stat = "42 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 250 150 0 0 20 0 1 0 1000 8192000 100 0",
       .limits = "Limit Soft Hard Units\nMax open files            1024   4096   files\n",
       .system_stat = "cpu 1\nbtime 1700000000\n",
       .open_fds = 7});
  EXPECT_EQ(FirstBadLine(text), "");
  for (const char* line : {"process_cpu_seconds_total 4\n", "process_resident_memory_bytes 409600\n",
                           "process_virtual_memory_bytes 8192000\n", "process_open_fds 7\n",
                           "process_max_fds 1024\n", "process_start_time_seconds 1700000010\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_EQ(ProcessExposition({}), "");
}

TEST(Routes, AreWrittenDownInTheDocs) {
  ExpectGolden("docs/api.md", Cat("# The HTTP API\n\nThe unix socket takes every question; loopback "
                                  "(`--listen`) takes GET only, and only with a Host of its own.\n"
                                  "Documents are JSON with `formatVersion`; new fields may come at any time, "
                                  "readers ignore what they do not know.\n"
                                  "An error is `{formatVersion, error: {code, message, remedy}}`. Times are "
                                  "RFC 3339 in UTC, null when there is none.\n\n",
                                  RoutesMarkdown()));
}

}  // namespace
}  // namespace holdfast
