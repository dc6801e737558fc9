#include "specs/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "controller/base/text.h"
#include "tests/unit/specs/example_kind.h"

namespace holdfast::specs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Ref Key(std::string_view name) { return {"Example", std::string(name)}; }

// A document whose name and claim are the same word, unless another claim is given.
std::string Doc(std::string_view name, std::string_view head = "", std::string_view claim = "",
                std::string_view more = "") {
  return ExampleDocument(name, Cat("name: ", claim.empty() ? name : claim, "\n", more), head);
}

class CatalogTest : public ::testing::Test {
 protected:
  static Parsed File(std::string path, std::string text) {
    return ParseFile(std::move(path), std::move(text), ExampleKinds(), absl::FromUnixSeconds(1'790'000'000));
  }
  Changes Put(std::string path, std::string text) {
    return catalog.Apply(One(File(std::move(path), std::move(text))));
  }
  Changes Remove(std::string path) { return catalog.Apply({}, {std::move(path)}); }
  static std::vector<Parsed> One(Parsed parsed) {
    std::vector<Parsed> out;
    out.push_back(std::move(parsed));
    return out;
  }
  std::vector<std::string> Lines() const {
    std::vector<std::string> out;
    for (const Diagnostic& d : catalog.AllProblems()) out.push_back(ProblemLine(d));
    return out;
  }
  bool Has(std::string_view name, Hindrance hindrance) const {
    const Entry* entry = catalog.Find(Key(name));
    return entry != nullptr && entry->Has(hindrance);
  }
  int Port(std::string_view name) const {
    const Entry* entry = catalog.Find(Key(name));
    return entry == nullptr ? -1
                            : static_cast<const ExampleSpec*>(entry->document.spec.get())->port.value_or(0);
  }

  Catalog catalog;
};

TEST_F(CatalogTest, TellsWhatAFileAddsChangesAndRemoves) {
  Changes changes = Put("a.yaml", Doc("a") + "---\n" + Doc("b"));
  EXPECT_THAT(changes.added, ElementsAre(Key("a"), Key("b")));
  changes = Put("a.yaml", "# moved\n" + Doc("b", "", "", "port: 1") + "---\n" + Doc("c"));
  EXPECT_THAT(changes.added, ElementsAre(Key("c")));
  EXPECT_THAT(changes.changed, ElementsAre(Key("b")));
  EXPECT_THAT(changes.removed, ElementsAre(Key("a")));
  changes = Put("a.yaml", Doc("b", "", "", "port: 1") + "---\n# comment\n" + Doc("c"));
  EXPECT_THAT(changes.unchanged, ElementsAre(Key("b"), Key("c")));
  EXPECT_THAT(changes.changed, IsEmpty());
  EXPECT_THAT(catalog.Keys(), ElementsAre(Key("b"), Key("c")));
  EXPECT_EQ(Port("b"), 1);
}

TEST_F(CatalogTest, AChangedPolicyIsAChange) {
  Put("a.yaml", Doc("a"));
  EXPECT_THAT(Put("a.yaml", Doc("a", "policy: {mode: act}\n")).changed, ElementsAre(Key("a")));
}

TEST_F(CatalogTest, ADocumentThatMovesToAnotherFileIsUnchanged) {
  Put("a.yaml", Doc("a") + "---\n" + Doc("b"));
  std::vector<Parsed> batch = One(File("a.yaml", Doc("a")));
  batch.push_back(File("b.yaml", Doc("b")));
  const Changes changes = catalog.Apply(std::move(batch));
  EXPECT_THAT(changes.unchanged, ElementsAre(Key("a"), Key("b")));
  EXPECT_THAT(changes.removed, IsEmpty());
  EXPECT_EQ(catalog.Find(Key("b"))->path(), "b.yaml");
}

TEST_F(CatalogTest, ABrokenFileChangesNothingItOwns) {
  Put("a.yaml", Doc("a", "", "", "port: 1") + "---\n" + Doc("b"));
  Put("z.yaml", Doc("z"));
  const Changes changes = Put(
      "a.yaml", Doc("a", "", "", "port: 2") + "---\n" + Doc("new") + "---\n" + Doc("b", "", "", "port: x"));
  EXPECT_THAT(changes.added, IsEmpty());
  EXPECT_THAT(changes.removed, IsEmpty());
  EXPECT_THAT(changes.changed, IsEmpty());
  EXPECT_THAT(changes.hindered, ElementsAre(Key("a"), Key("b")));
  EXPECT_EQ(Port("a"), 1);
  EXPECT_TRUE(Has("a", Hindrance::kStale));
  EXPECT_FALSE(Has("z", Hindrance::kStale));
  EXPECT_EQ(catalog.ProblemsOf(Key("a"))[0].code, ProblemCode::kNotANumber);
  EXPECT_THAT(catalog.BrokenFiles(), ElementsAre("a.yaml"));
  EXPECT_THAT(Put("z.yaml", Doc("z", "", "", "port: 3")).changed, ElementsAre(Key("z")))
      << "other files go on";

  const Changes repaired = Put("a.yaml", Doc("a", "", "", "port: 2") + "---\n" + Doc("b"));
  EXPECT_THAT(repaired.changed, ElementsAre(Key("a")));
  EXPECT_THAT(repaired.hindered, ElementsAre(Key("a"), Key("b")));
  EXPECT_FALSE(Has("a", Hindrance::kStale));
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(CatalogTest, AnUnreadableFileIsABrokenFile) {
  Put("a.yaml", Doc("a"));
  catalog.Apply(One(UnreadableFile("a.yaml", "permission denied")));
  EXPECT_TRUE(Has("a", Hindrance::kStale));
  EXPECT_THAT(Lines(), ElementsAre("a.yaml: HF0113: cannot be read: permission denied"));
}

TEST_F(CatalogTest, RemovingABrokenFileRemovesWhatItOwned) {
  Put("a.yaml", Doc("a"));
  Put("b.yaml", Doc("b"));
  Put("a.yaml", "{");
  EXPECT_THAT(Remove("a.yaml").removed, ElementsAre(Key("a")));
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(CatalogTest, OfOneNameTheFirstStaysInForce) {
  Put("m.yaml", Doc("a", "", "", "port: 1"));
  Changes changes = Put("b.yaml", Doc("a", "", "other", "port: 2"));
  EXPECT_THAT(changes.added, IsEmpty());
  EXPECT_EQ(Port("a"), 1);
  EXPECT_TRUE(Has("a", Hindrance::kNameTaken));
  EXPECT_THAT(Lines(), ElementsAre("b.yaml:3:18: HF0401: Example/a is described twice"));
  EXPECT_EQ(catalog.AllProblems()[0].also[0].span.path(), "m.yaml");
  EXPECT_THAT(Put("m.yaml", Doc("a", "", "", "port: 3")).changed, ElementsAre(Key("a")))
      << "its own file may still change it";
  changes = Remove("m.yaml");
  EXPECT_THAT(changes.changed, ElementsAre(Key("a")));
  EXPECT_EQ(Port("a"), 2);
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(CatalogTest, OfABrandNewPairNeitherComesIn) {
  std::vector<Parsed> batch = One(File("a.yaml", Doc("x")));
  batch.push_back(File("b.yaml", Doc("x", "", "other")));
  EXPECT_THAT(catalog.Apply(std::move(batch)).added, IsEmpty());
  EXPECT_EQ(catalog.size(), 0u);
  EXPECT_THAT(Lines(), ElementsAre("b.yaml:3:18: HF0401: Example/x is described twice"));
  EXPECT_EQ(catalog.ProblemsOf(Key("x")).size(), 1u);
  EXPECT_THAT(Remove("a.yaml").added, ElementsAre(Key("x")));
}

TEST_F(CatalogTest, WhatRunsStaysWhenTwoOthersTakeItsName) {
  Put("a.yaml", Doc("x", "", "", "port: 1"));
  Put("other.yaml", Doc("other"));
  std::vector<Parsed> batch = One(File("b.yaml", Doc("x", "", "", "port: 2")));
  batch.push_back(File("c.yaml", Doc("x", "", "", "port: 3")));
  Changes changes = catalog.Apply(std::move(batch), {"a.yaml"});
  EXPECT_THAT(changes.removed, IsEmpty());
  EXPECT_EQ(Port("x"), 1);
  EXPECT_TRUE(Has("x", Hindrance::kStale));
  EXPECT_THAT(Remove("b.yaml").changed, ElementsAre(Key("x")));
  EXPECT_EQ(Port("x"), 3);
  EXPECT_FALSE(Has("x", Hindrance::kStale));
  EXPECT_THAT(Remove("c.yaml").removed, ElementsAre(Key("x")));
}

TEST_F(CatalogTest, TwoSpecsAboutOneThingHinderEachOther) {
  Put("a.yaml", Doc("a", "", "nginx"));
  const Changes changes = Put("b.yaml", Doc("b", "", "nginx"));
  EXPECT_THAT(changes.added, ElementsAre(Key("b")));
  EXPECT_THAT(changes.hindered, ElementsAre(Key("a"), Key("b")));
  EXPECT_TRUE(Has("a", Hindrance::kClaimed));
  EXPECT_TRUE(Has("b", Hindrance::kClaimed));
  EXPECT_THAT(Lines(),
              ElementsAre("b.yaml:3:18: HF0402: Example/b and Example/a are both about service nginx"));
  EXPECT_EQ(catalog.ProblemsOf(Key("a")).size(), 1u);
  EXPECT_EQ(catalog.ProblemsOf(Key("b")).size(), 1u);
  EXPECT_THAT(Put("b.yaml", Doc("b")).hindered, ElementsAre(Key("a"), Key("b")));
  EXPECT_FALSE(Has("a", Hindrance::kClaimed));
}

TEST_F(CatalogTest, AMissingDependencyIsToldUntilItComes) {
  Put("a.yaml", Doc("a", "dependsOn: [Example/b]\n"));
  EXPECT_TRUE(Has("a", Hindrance::kDependencyMissing));
  EXPECT_THAT(Lines(),
              ElementsAre("a.yaml:4:13: HF0403: Example/a depends on Example/b, which does not exist"));
  EXPECT_THAT(Put("b.yaml", Doc("b")).hindered, ElementsAre(Key("a")));
  EXPECT_FALSE(Has("a", Hindrance::kDependencyMissing));
  EXPECT_THAT(catalog.DependentsOf(Key("b")), ElementsAre(Key("a")));
  EXPECT_THAT(Remove("b.yaml").hindered, ElementsAre(Key("a")));
}

TEST_F(CatalogTest, AnOperationNeedsItsTarget) {
  Put("o.yaml",
      "apiVersion: holdfast/v1\nkind: Operation\nmetadata: {name: o}\nspec: {target: Example/a, restart: "
      "{}}\n");
  EXPECT_THAT(Lines(),
              ElementsAre("o.yaml:4:16: HF0405: Operation/o is for Example/a, which does not exist"));
  Put("a.yaml", Doc("a"));
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(CatalogTest, ShowsACycleAsAPath) {
  std::vector<Parsed> batch = One(File("a.yaml", Doc("a", "dependsOn: [Example/b]\n")));
  batch.push_back(File("b.yaml", Doc("b", "dependsOn: [Example/c]\n")));
  batch.push_back(File("c.yaml", Doc("c", "dependsOn: [Example/d, Example/a]\n")));
  batch.push_back(File("d.yaml", Doc("d")));
  batch.push_back(File("e.yaml", Doc("e", "dependsOn: [Example/a]\n")));
  catalog.Apply(std::move(batch));
  EXPECT_THAT(
      Lines(),
      ElementsAre(
          "a.yaml:4:13: HF0404: a cycle of dependencies: Example/a → Example/b → Example/c → Example/a"));
  EXPECT_EQ(catalog.AllProblems()[0].also[1].span.column, 24u);
  for (const char* member : {"a", "b", "c"}) EXPECT_TRUE(Has(member, Hindrance::kCycle)) << member;
  EXPECT_FALSE(Has("d", Hindrance::kCycle));
  EXPECT_FALSE(Has("e", Hindrance::kCycle)) << "it waits for a cycle, it is not in one";
  const Changes changes = Put("b.yaml", Doc("b"));
  EXPECT_THAT(changes.hindered, ElementsAre(Key("a"), Key("b"), Key("c")));
  EXPECT_THAT(Lines(), IsEmpty());
  Put("d.yaml", Doc("d", "dependsOn: [Example/d]\n"));
  EXPECT_THAT(Lines(), ElementsAre("d.yaml:4:13: HF0404: a cycle of dependencies: Example/d → Example/d"));
}

TEST_F(CatalogTest, ALongChainThatClosesIsOneCycle) {
  constexpr int kLength = 3'000;
  std::vector<Parsed> batch;
  for (int i = 0; i < kLength; ++i)
    batch.push_back(
        File(Cat("f", i, ".yaml"), Doc(Cat("n", i), Cat("dependsOn: [Example/n", (i + 1) % kLength, "]\n"))));
  catalog.Apply(std::move(batch));
  EXPECT_EQ(Lines().size(), 1u);
  EXPECT_TRUE(Has("n2999", Hindrance::kCycle));
  EXPECT_EQ(Put("f7.yaml", Doc("n7")).hindered.size(), size_t{kLength});
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(CatalogTest, AnEmptySourceChangesNothing) {
  EXPECT_EQ(catalog.Apply({}).state, Changes::State::kEmpty);
  EXPECT_THAT(Lines(),
              ElementsAre("HF0406: there is no document in any file: nothing is changed because of that"));
  Put("a.yaml", Doc("a"));
  Put("b.yaml", Doc("b"));
  const Changes gone = catalog.Apply({}, {"a.yaml", "b.yaml"});
  EXPECT_EQ(gone.state, Changes::State::kEmpty);
  EXPECT_THAT(gone.removed, IsEmpty());
  EXPECT_EQ(catalog.size(), 2u);
  EXPECT_EQ(Put("a.yaml", "# nothing left\n").state, Changes::State::kEmpty);
  EXPECT_EQ(catalog.size(), 2u);
}

TEST_F(CatalogTest, WithheldRemovalsHappenOnceADocumentIsSeen) {
  Put("a.yaml", Doc("a"));
  Put("b.yaml", Doc("b"));
  catalog.Apply({}, {"a.yaml", "b.yaml"});
  const Changes changes = Put("b.yaml", Doc("b"));
  EXPECT_EQ(changes.state, Changes::State::kApplied);
  EXPECT_THAT(changes.removed, ElementsAre(Key("a")));
  EXPECT_THAT(changes.unchanged, ElementsAre(Key("b")));
}

TEST_F(CatalogTest, BrokenFilesAloneAreNotARemoval) {
  Put("a.yaml", Doc("a"));
  const Changes changes = catalog.Apply(One(File("a.yaml", "{")));
  EXPECT_EQ(changes.state, Changes::State::kApplied);
  EXPECT_TRUE(Has("a", Hindrance::kStale));
  EXPECT_EQ(catalog.size(), 1u);
}

TEST_F(CatalogTest, EndsAsIfReadAtOnceWhateverTheOrder) {
  // Whatever is written in which order, the set and its problems are those of the last texts.
  uint64_t state = 42;
  const auto pick = [&](uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  std::map<std::string, std::string> last;
  Put("anchor.yaml", Doc("anchor"));
  for (int round = 0; round < 2000; ++round) {
    const std::string path = Cat("f", pick(6), ".yaml");
    if (pick(5) == 0) {
      Remove(path);
      last.erase(path);
      continue;
    }
    std::string text;
    const uint64_t count = pick(3);
    for (uint64_t i = 0; i <= count; ++i) {
      // Names are distinct between files here: what is in force must not depend on who was first.
      const std::string name = Cat(path.substr(0, 2), "n", i);
      std::string on = Cat("dependsOn: [Example/f", pick(6), "n", pick(3), "]\n");
      Append(text, i > 0 ? "---\n" : "", Doc(name, pick(2) == 0 ? on : "", Cat("claim", pick(12))));
    }
    Put(path, text);
    last[path] = text;
  }
  Catalog fresh;
  std::vector<Parsed> all = One(File("anchor.yaml", Doc("anchor")));
  for (const auto& [path, text] : last) all.push_back(File(path, text));
  fresh.Apply(std::move(all));
  EXPECT_EQ(catalog.Keys(), fresh.Keys());
  EXPECT_EQ(ProblemsText(catalog.AllProblems()), ProblemsText(fresh.AllProblems()));
  for (const Ref& key : fresh.Keys())
    EXPECT_EQ(catalog.Find(key)->hindrances, fresh.Find(key)->hindrances) << RefText(key);
}

}  // namespace
}  // namespace holdfast::specs
