#include "controller/cli/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/api/why.h"
#include "controller/cli/help.h"
#include "tests/unit/api/population.h"
#include "tests/unit/specs/golden.h"

namespace holdfast::cli {
namespace {

using specs::ExpectGolden;

json::object Populated(json::object (*make)(const Board&, const DocumentFrame&)) {
  Board board;
  Populate(board);
  return make(board, FrameOfTests());
}

TEST(Render, StatusIsWorstFirst) {
  ExpectGolden("tests/golden/cli/status.txt", StatusText(Populated(StatusDocument), {}));
}

TEST(Render, StatusSaysWhenEverythingIsStopped) {
  Board board;
  DocumentFrame frame = FrameOfTests();
  frame.stop_all = {StopAllSet::Reach::kFreeze, "user lena (uid 1000)", "network work",
                    kNow - absl::Minutes(3)};
  frame.journal_trouble = "the journal cannot be written: disk full";
  frame.spec_errors = 2;
  ExpectGolden("tests/golden/cli/status_stopped.txt", StatusText(StatusDocument(board, frame), {}));
}

TEST(Render, PlanShowsGuardsAndTheLineToPaste) {
  ExpectGolden("tests/golden/cli/plan.txt", PlanText(Populated(PlanDocument), {}));
  ExpectGolden("tests/golden/cli/diff.txt", DiffText(Populated(PlanDocument), {}));
}

TEST(Render, WhyIsAChain) {
  Board board;
  Populate(board);
  ExpectGolden("tests/golden/cli/why.txt",
               WhyText(*WhyDocument(board, FrameOfTests(), {"ServiceStack", "app"}), {}));
  ExpectGolden("tests/golden/cli/why_root.txt",
               WhyText(*WhyDocument(board, FrameOfTests(), {"ServiceStack", "db"}), {}));
}

TEST(Render, HistoryIsATable) {
  json::object document = HistoryDocument(SomeHistory());
  document["now"] = TimeJson(kNow);
  ExpectGolden("tests/golden/cli/history.txt", HistoryText(document, {}));
}

TEST(Render, AForeignDocumentIsNoCrash) {
  const json::object odd{{"resources", json::array{1, "x", json::object()}},
                         {"plans", json::array{nullptr, json::object{{"stages", 3}}}},
                         {"entries", json::array{json::object{{"id", "x"}}}},
                         {"node", json::object{{"waits", json::array{json::object()}}}}};
  EXPECT_FALSE(StatusText(odd, {}).empty());
  EXPECT_FALSE(PlanText(odd, {}).empty());
  EXPECT_FALSE(WhyText(odd, {}).empty());
  EXPECT_FALSE(HistoryText(odd, {}).empty());
}

TEST(Render, ColoursDoNotMoveColumns) {
  const std::string plain = StatusText(Populated(StatusDocument), {});
  std::string colored = StatusText(Populated(StatusDocument), {.colors = Colors::kYes});
  EXPECT_NE(plain, colored);
  for (size_t at = colored.find('\033'); at != std::string::npos; at = colored.find('\033'))
    colored.erase(at, colored.find('m', at) - at + 1);
  EXPECT_EQ(plain, colored);
}

TEST(Render, TheDocsSayWhatHelpSays) {
  ExpectGolden("docs/cli.md", CommandsMarkdown());
  ExpectGolden("docs/exit-codes.md", ExitCodesMarkdown());
}

}  // namespace
}  // namespace holdfast::cli
