#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "controller/base/text.h"
#include "specs/node.h"
#include "specs/problem.h"
#include "specs/yaml_text.h"

namespace holdfast::specs {
namespace {

struct Read {
  std::unique_ptr<Tree> tree;
  std::vector<Diagnostic> problems;
  Node root() const { return tree->documents()[0]; }
};

Read Parse(std::string text) {
  Problems problems;
  auto tree = Tree::Parse(std::make_shared<Source>(Source{"a.yaml", std::move(text)}), problems);
  return {std::move(tree), problems.Take()};
}

std::string Where(const Span& span) {
  return Cat(span.line, ":", span.column, "-", span.end_line, ":", span.end_column);
}

std::string OnlyProblem(std::string text) {
  const Read read = Parse(std::move(text));
  return read.problems.size() == 1 ? ProblemLine(read.problems[0]) : Cat(read.problems.size(), " problems");
}

TEST(Tree, RemembersWhereKeysAndValuesStand) {
  const Read read = Parse("metadata:\n  name: web\n  é: {ü: \"two words\", list: [1, 22]}\n");
  ASSERT_TRUE(read.tree);
  const Node name = read.root().Find("metadata").Find("name");
  EXPECT_EQ(Where(name.key_span()), "2:3-2:7");
  EXPECT_EQ(Where(name.span()), "2:9-2:12");
  const Node map = read.root().Find("metadata").Find("é");
  EXPECT_EQ(Where(map.key_span()), "3:3-3:4");
  EXPECT_EQ(Where(map.span()), "3:6-3:37") << "columns are code points, not bytes";
  EXPECT_EQ(Where(map.Find("ü").span()), "3:10-3:21");
  EXPECT_EQ(Where((*++map.Find("list").begin()).span()), "3:33-3:35");
}

TEST(Tree, PointsAtTheKeyOfAnEmptyValue) {
  const Read read = Parse("a:\n\n\nb: ~\nc: null\n");
  ASSERT_TRUE(read.tree);
  EXPECT_EQ(Where(read.root().Find("a").span()), "1:1-1:2");
  EXPECT_EQ(read.root().Find("a").type(), NodeType::kNull);
  EXPECT_EQ(Where(read.root().Find("b").span()), "4:4-4:5");
  EXPECT_EQ(read.root().Find("b").text(), "~");
  EXPECT_EQ(Where(read.root().Find("c").span()), "5:4-5:8");
}

TEST(Tree, KeepsCarriageReturnsOutOfPlaces) {
  const Read read = Parse("a: x\r\nb:\r\n  c: yy\r\n");
  ASSERT_TRUE(read.tree);
  EXPECT_EQ(Where(read.root().Find("b").Find("c").span()), "3:6-3:8");
  EXPECT_EQ(read.root().Find("a").text(), "x");
}

TEST(Tree, TellsQuotedFromPlain) {
  const Read read = Parse("a: \"no\"\nb: no\nc: 'it''s'\nd: \"\\x41\"\ne: |\n  two\n  lines\n");
  ASSERT_TRUE(read.tree);
  EXPECT_TRUE(read.root().Find("a").quoted());
  EXPECT_FALSE(read.root().Find("b").quoted());
  EXPECT_EQ(read.root().Find("c").text(), "it's");
  EXPECT_EQ(Where(read.root().Find("c").span()), "3:4-3:11");
  EXPECT_EQ(read.root().Find("d").text(), "A");
  EXPECT_TRUE(read.root().Find("e").quoted());
  EXPECT_EQ(read.root().Find("e").text(), "two\nlines\n");
}

TEST(Tree, AnAliasReadsAsItsAnchorAndPointsAtItsUse) {
  const Read read = Parse("a: &x {k: v}\nb: *x\n");
  ASSERT_TRUE(read.tree);
  const Node use = read.root().Find("b");
  EXPECT_EQ(use.Find("k").text(), "v");
  EXPECT_EQ(Where(use.span()), "2:4-2:6");
  EXPECT_EQ(Where(use.Find("k").span()), "1:11-1:12");
}

TEST(Tree, ReadsSeveralDocumentsAndSkipsEmptyOnes) {
  const Read read = Parse("---\n---\na: 1\n---\n# nothing\n---\nb: 2\n---\n");
  ASSERT_TRUE(read.tree);
  ASSERT_EQ(read.tree->documents().size(), 2u);
  EXPECT_EQ(read.tree->documents()[1].Find("b").text(), "2");
  EXPECT_TRUE(Parse("").tree->documents().empty());
  EXPECT_TRUE(Parse("# only a comment\n").tree->documents().empty());
}

TEST(Tree, MarksBothPlacesOfADuplicateKey) {
  const Read read = Parse("a: 1\nb: 2\na: 3\n");
  ASSERT_EQ(read.problems.size(), 1u);
  EXPECT_EQ(ProblemLine(read.problems[0]), "a.yaml:3:1: HF0107: `a` is given twice");
  ASSERT_EQ(read.problems[0].also.size(), 1u);
  EXPECT_EQ(read.problems[0].also[0].span.line, 1u);
  EXPECT_EQ(read.root().Find("a").text(), "1");
}

TEST(Tree, FindsDuplicatesAmongManyKeys) {
  std::string text;
  for (int i = 0; i < 100; ++i) Append(text, "key", i, ": 1\n");
  EXPECT_EQ(OnlyProblem(text + "key42: 2\n"), "a.yaml:101:1: HF0107: `key42` is given twice");
  EXPECT_EQ(OnlyProblem(text), "0 problems");
}

TEST(Tree, RefusesWhatTheDialectLeavesOut) {
  EXPECT_EQ(OnlyProblem("b: &b {x: 1}\na:\n  <<: *b\n"),
            "a.yaml:3:3: HF0108: `<<` does not merge anything here");
  EXPECT_EQ(OnlyProblem("a: !!int 80\n"),
            "a.yaml:1:4: HF0111: tags such as `tag:yaml.org,2002:int` are not used in specs");
  EXPECT_EQ(OnlyProblem("a: !mine {b: 1}\n"),
            "a.yaml:1:4: HF0111: tags such as `!mine` are not used in specs");
  EXPECT_EQ(OnlyProblem("? [a, b]\n: 1\n"), "a.yaml:1:3: HF0112: a list or mapping cannot be a key");
  EXPECT_EQ(OnlyProblem("{? {a: [b]}: {c: d}, e: f}\n"),
            "a.yaml:1:4: HF0112: a list or mapping cannot be a key");
  EXPECT_EQ(OnlyProblem("a: &x 1\n*x : 2\n"), "a.yaml:2:1: HF0112: an alias cannot be a key");
  EXPECT_EQ(OnlyProblem("~: 1\n"), "a.yaml:1:1: HF0112: a key is missing");
}

TEST(Tree, RefusesFilesThatAreNotText) {
  EXPECT_EQ(OnlyProblem(std::string("a: b\0c\n", 7)),
            "a.yaml:1:5: HF0103: byte 4 is a control character (code 0): this is not a text file");
  EXPECT_EQ(OnlyProblem("a: caf\xE9\n"), "a.yaml:1:7: HF0104: the bytes from 6 on are not UTF-8");
  EXPECT_EQ(OnlyProblem("\xEF\xBB\xBF"
                        "a: b\n"),
            "a.yaml:1:1: HF0105: the file begins with a byte order mark");
  EXPECT_EQ(OnlyProblem("\xFF\xFE"
                        "a\0"),
            "a.yaml:1:1: HF0105: the file begins with a byte order mark");
  EXPECT_EQ(OnlyProblem(std::string(kMaxFileBytes + 1, '#')),
            "a.yaml: HF0102: the file has 1048577 bytes; at most 1048576 are read");
  EXPECT_EQ(OnlyProblem(std::string(kMaxFileBytes, '#')), "0 problems");
}

TEST(Tree, RefusesAliasBombsBeforeAnyoneWalksThem) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 25; ++i) {
    Append(bomb, "a", i, ": &a", i, " [");
    for (int j = 0; j < 10; ++j) Append(bomb, j > 0 ? ", " : "", "*a", i - 1);
    bomb.append("]\n");
  }
  const Read read = Parse(bomb);
  EXPECT_FALSE(read.tree);
  ASSERT_EQ(read.problems.size(), 1u);
  EXPECT_EQ(read.problems[0].code, ProblemCode::kAliasBomb);
  EXPECT_EQ(OnlyProblem("a: &a [1, *a]\n"),
            "a.yaml:1:11: HF0109: this alias stands inside of what it stands for");
}

TEST(Tree, CountsValuesOverAllDocumentsOfAFile) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text.append(
        "---\nb: &b [x, x, x, x, x, x, x, x, x, x]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [");
    for (int j = 0; j < 30; ++j) text.append("*c, ");
    text.append("]\n");
  }
  const Read read = Parse(text);
  EXPECT_FALSE(read.tree);
  ASSERT_EQ(read.problems.size(), 1u);
  EXPECT_EQ(read.problems[0].code, ProblemCode::kAliasBomb);
}

TEST(Tree, RefusesDepthWithAPlace) {
  const std::string at_the_limit = std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']');
  EXPECT_EQ(OnlyProblem(at_the_limit), "0 problems");
  EXPECT_EQ(OnlyProblem(Cat("[", at_the_limit, "]")),
            Cat("a.yaml:1:", kMaxDepth + 1, ": HF0110: nested more than 64 levels deep"));
  const Read deep = Parse(std::string(200'000, '['));
  EXPECT_FALSE(deep.tree);
  EXPECT_EQ(deep.problems.back().code, ProblemCode::kTooDeep);
}

TEST(Tree, SaysInWordsWhatIsNotYaml) {
  EXPECT_EQ(OnlyProblem("a:\n\tb: 1\n"), "a.yaml:2:1: HF0106: a tab in the indentation");
  EXPECT_EQ(OnlyProblem("a: {b: 1\n"), "a.yaml:1:8: HF0101: `{` is not closed");
  EXPECT_EQ(OnlyProblem("a: b: c\n"), "a.yaml:1:5: HF0101: a value is not allowed here");
  EXPECT_EQ(OnlyProblem("a: \"b\n"), "a.yaml:1:4: HF0101: the file ends inside of a quoted text");
  EXPECT_EQ(OnlyProblem("a: &x 'b"), "a.yaml:1:8: HF0101: the file ends inside of a quoted text");
  EXPECT_EQ(OnlyProblem("a: &x 'b\nc: d\n"), "a.yaml:1:4: HF0101: the file ends inside of a quoted text");
  EXPECT_EQ(OnlyProblem("a: \"b \\\" c\"\nb: 'it''s'"), "0 problems");
  EXPECT_EQ(OnlyProblem("a: *nowhere\n"), "a.yaml:1:4: HF0101: this alias has no anchor");
  EXPECT_EQ(OnlyProblem("a: {hosts: dn[01-20]}\n").substr(0, 16), "a.yaml:1:14: HF0");
  EXPECT_EQ(OnlyProblem("a: @b\n"), "a.yaml:1:4: HF0101: this character cannot begin a value");
}

TEST(Tree, LongAndStrangeFilesEndSoon) {
  EXPECT_EQ(Parse(std::string(kMaxFileBytes / 2, '{')).tree, nullptr);
  std::string dashes;
  while (dashes.size() < 200'000) dashes.append("- ");
  EXPECT_EQ(Parse(dashes).tree, nullptr);
  std::string questions;
  while (questions.size() < 200'000) questions.append("? ");
  EXPECT_EQ(Parse(questions).tree, nullptr);
}

TEST(ReadingOf, KnowsWhatReadersDisagreeAbout) {
  for (const char* text : {"web", "10.0.0.3", "1.2.3", "30s", "50%", "1GiB", "dn1", "-", "-x", "2026-11-23",
                           "a:b", "::1", "1:99", "e3", "0x", "...", "--1", "nope", "offline"})
    EXPECT_EQ(ReadingOf(text), Reading::kText) << text;
  for (const char* text : {"0", "12", "-3", "100000000000000000000"})
    EXPECT_EQ(ReadingOf(text), Reading::kWhole) << text;
  for (const char* text : {"1.5", "1.0e+3", "-0.25", "2.5E-3"})
    EXPECT_EQ(ReadingOf(text), Reading::kDecimal) << text;
  for (const char* text : {"1e3", "2E-3", "1.5e3", "012", "0x1F", "0o17", "0b1", "1_000", "+1", ".5", "1.",
                           "12:30", "1:30:00", ".inf", "-.INF", ".nan", "00", "09"})
    EXPECT_EQ(ReadingOf(text), Reading::kOddNumber) << text;
  for (const char* text : {"yes", "No", "ON", "off", "y", "N", "True", "FALSE"})
    EXPECT_EQ(ReadingOf(text), Reading::kOddBool) << text;
  for (const char* text : {"true", "false"}) EXPECT_EQ(ReadingOf(text), Reading::kBool) << text;
}

}  // namespace
}  // namespace holdfast::specs
