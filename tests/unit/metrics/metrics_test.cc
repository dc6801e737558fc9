#include "metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "metrics/families.h"
#include "metrics/text_format.h"
#include "tests/unit/metrics/line_checker.h"
#include "tests/unit/specs/golden.h"

namespace holdfast {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, ShowsZerosForWhatIsKnownToBePossible) {
  const Metrics metrics;
  const std::string text = metrics.Exposition();
  EXPECT_THAT(text, HasSubstr("holdfast_journal_write_errors_total 0\n"));
  for (const char* result : {"good", "broken", "unreadable"})
    EXPECT_THAT(text, HasSubstr(Cat("holdfast_spec_loads_total{result=\"", result, "\"} 0\n")));
}

TEST(Metrics, CountsWhatIsTold) {
  Metrics metrics;
  metrics.Round("ServiceStack", "acted", absl::Milliseconds(3));
  metrics.Round("ServiceStack", "acted", absl::Seconds(700));
  metrics.Action("ServiceStack", "start", "refused", absl::Seconds(2));
  metrics.Gate("mode", "hold");
  metrics.Guard("ServiceStack", "redundancy left", "cannotTell");
  metrics.QueueWait(absl::Milliseconds(4));
  metrics.JournalError();
  metrics.SpecLoad("broken");
  const std::string text = metrics.Exposition();
  EXPECT_EQ(FirstBadLine(text), "") << text;
  for (const char* line :
       {"holdfast_reconcile_total{kind=\"ServiceStack\",result=\"acted\"} 2\n",
        "holdfast_reconcile_total{kind=\"ServiceStack\",result=\"error\"} 0\n",
        "holdfast_reconcile_duration_seconds_bucket{kind=\"ServiceStack\",le=\"0.005\"} 1\n",
        "holdfast_reconcile_duration_seconds_count{kind=\"ServiceStack\"} 2\n",
        "holdfast_actions_total{action=\"start\",kind=\"ServiceStack\",result=\"refused\"} 1\n",
        "holdfast_gate_holds_total{gate=\"mode\",result=\"hold\"} 1\n",
        "holdfast_guard_evaluations_total{guard=\"redundancy "
        "left\",kind=\"ServiceStack\",result=\"cannotTell\"} 1\n",
        "holdfast_journal_write_errors_total 1\n", "holdfast_spec_loads_total{result=\"broken\"} 1\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(Metrics, AWordThatIsNotInTheListIsNotASeries) {
  Metrics metrics;
  metrics.Round("ServiceStack", "nonsense", absl::Milliseconds(3));
  EXPECT_THAT(metrics.Exposition(), Not(HasSubstr("nonsense")));
}

TEST(Families, HaveNamesThatPrometheusKeepsAndHelpInPlainAscii) {
  std::set<std::string_view> names;
  for (const Family* family : AllFamilies()) {
    EXPECT_TRUE(names.insert(family->name).second) << family->name;
    EXPECT_EQ(family->name.ends_with("_total"), family->type == FamilyType::kCounter) << family->name;
    EXPECT_FALSE(family->help.empty());
    for (char c : family->help) EXPECT_TRUE(c >= ' ' && c <= '~' && c != '\\') << family->name;
  }
}

TEST(Families, AreWrittenDownInTheDocs) {
  specs::ExpectGolden(
      "docs/metrics.md",
      Cat("# Metrics\n\n`GET /metrics` shows all of them, in text format 0.0.4. State (conditions, waits, "
          "ages) is written from the "
          "board at scrape time,\nso no series is stale; a resource that is gone has none.\n\n",
          FamiliesMarkdown()));
}

TEST(TextFormat, EscapesLabelValuesAndMendsBrokenUtf8) {
  std::string out;
  AppendLabelValue(out, "a\\b\"c\nd");
  EXPECT_EQ(out, "a\\\\b\\\"c\\nd");
  out.clear();
  AppendLabelValue(out, "x\xFFy");
  EXPECT_EQ(out, "x?y");
}

TEST(TextFormat, WritesWholeNumbersWithoutAPointAndOthersShortest) {
  TextFormat text;
  text.Begin(families::kQueueDepth);
  text.Series({}, 1763632800);
  EXPECT_THAT(text.Take(), HasSubstr("holdfast_workqueue_depth 1763632800\n"));
  text.Begin(families::kQueueDepth);
  text.Series({}, 0.25);
  EXPECT_THAT(text.Take(), HasSubstr("holdfast_workqueue_depth 0.25\n"));
}

}  // namespace
}  // namespace holdfast
