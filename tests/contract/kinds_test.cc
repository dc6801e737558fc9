// What every kind in the list must bring along.
#include "reconcilers/kinds.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/text.h"
#include "controller/source/site.h"
#include "specs/document.h"
#include "tests/contract/scenario.h"

namespace holdfast::contract {
namespace {

const KindScenarios* RowOf(std::string_view kind) {
  for (const KindScenarios& row : ScenariosByKind())
    if (row.kind == kind) return &row;
  return nullptr;
}

TEST(EveryKind, HasAScenario) {
  for (const AnyKind& kind : Kinds()) {
    const KindScenarios* row = RowOf(kind.entry.name);
    EXPECT_TRUE(row != nullptr && !row->make().empty())
        << kind.entry.name << " has no scenario in tests/contract/scenarios.cc";
  }
}

TEST(EveryKind, OfTheTableOfScenariosIsInTheList) {
  for (const KindScenarios& row : ScenariosByKind())
    EXPECT_TRUE(std::any_of(Kinds().begin(), Kinds().end(), [&](const AnyKind& kind) {
      return kind.entry.name == row.kind;
    })) << row.kind;
}

TEST(EveryKind, HasAnExampleThatReadsBackAsTheSame) {
  const std::unique_ptr<specs::KindTable> table = TableOf(Kinds());
  for (const AnyKind& kind : Kinds()) {
    const specs::Parsed first = specs::ParseFile("example.yaml", std::string(kind.entry.example), *table,
                                                 absl::FromUnixSeconds(1'900'000'000));
    ASSERT_FALSE(first.broken) << kind.entry.name << ": " << specs::ProblemsText(first.problems);
    size_t own = 0;
    for (const specs::Document& document : first.documents) {
      if (document.kind_name() != kind.entry.name) continue;
      ++own;
      const std::string canonical = document.Canonical();
      const std::string again = Cat(R"({"apiVersion":"holdfast/v1","kind":")", kind.entry.name,
                                    R"(","metadata":{"name":"again"},"spec":)", canonical, "}");
      const specs::Parsed second =
          specs::ParseFile("again.yaml", again, *table, absl::FromUnixSeconds(1'900'000'000));
      ASSERT_FALSE(second.broken) << kind.entry.name << ": " << specs::ProblemsText(second.problems);
      ASSERT_EQ(second.documents.size(), 1u);
      EXPECT_EQ(second.documents[0].Canonical(), canonical) << kind.entry.name;
      EXPECT_EQ(second.documents[0].spec_digest, document.spec_digest) << kind.entry.name;
      EXPECT_EQ(second.documents[0].claims, document.claims) << kind.entry.name;
    }
    EXPECT_GE(own, 1u) << "the example of " << kind.entry.name << " declares none";
  }
}

}  // namespace
}  // namespace holdfast::contract
