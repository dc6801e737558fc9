#include "specs/problem.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/document.h"
#include "tests/unit/specs/example_kind.h"
#include "tests/unit/specs/golden.h"

namespace holdfast::specs {
namespace {

std::vector<Diagnostic> ProblemsIn(std::string path, std::string text) {
  return ParseFile(std::move(path), std::move(text), ExampleKinds(), absl::FromUnixSeconds(1'790'000'000))
      .problems;
}

constexpr char kWrong[] =
    "name: web\n"
    "port: 80\n"
    "port: 81\n"
    "instnce: \"größe\"\n"
    "labels: {größe: 12}\n"
    "control: {systemd: {unit: a}, sysv: {service: b}}\n"
    "password: hunter2\n"
    "start: rm -rf /\n"
    "until: 2026-11-23T18:00:00Z\n";

TEST(ProblemsText, ShowsLinesWithCarets) {
  ExpectGolden("tests/golden/specs/problems.txt",
               ProblemsText(ProblemsIn("specs/prod/web.yaml", ExampleDocument("web", kWrong))));
}

TEST(ProblemsText, KeepsCaretsInPlaceWithTabsAndLongLines) {
  std::string text =
      "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\nspec: {name: web,\tport: 0}\n---\n";
  Append(text, "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web2}\nspec: {name: web, url: \"",
         std::string(300, 'x'), "\", port: 0, unit: ", std::string(300, 'y'), "}\n");
  ExpectGolden("tests/golden/specs/problems_wide.txt", ProblemsText(ProblemsIn("a.yaml", text)));
}

TEST(ProblemsText, DoesNotShowSecrets) {
  const std::string text =
      ProblemsText(ProblemsIn("a.yaml", ExampleDocument("web", "name: web\npassword: hunter2")));
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
}

TEST(ProblemsJson, HasTheFixedShape) {
  ExpectGolden("tests/golden/specs/problems.json",
               Pretty(ProblemsJson(ProblemsIn("specs/prod/web.yaml", ExampleDocument("web", kWrong)))));
  EXPECT_EQ(Compact(ProblemsJson({})),
            R"({"formatVersion":1,"valid":true,"errorCount":0,"warningCount":0,"diagnostics":[]})");
}

TEST(ProblemsGithub, EscapesWhatAnnotationsCannotHold) {
  std::vector<Diagnostic> list(1);
  list[0].code = ProblemCode::kUnknownField;
  list[0].message = "50% of\nlines";
  list[0].span = {.source = std::make_shared<Source>(Source{"a,b:c.yaml", ""}),
                  .line = 3,
                  .column = 7,
                  .end_line = 3,
                  .end_column = 9};
  list[0].label = "here";
  EXPECT_EQ(ProblemsGithub(list),
            "::error file=a%2Cb%3Ac.yaml,line=3,col=7,title=HF0203::50%25 of%0Alines (here)\n");
}

TEST(Order, IsByPlaceAndDropsRepetitions) {
  const auto source = std::make_shared<Source>(Source{"b.yaml", ""});
  const auto earlier = std::make_shared<Source>(Source{"a.yaml", ""});
  Problems problems;
  problems.Error(ProblemCode::kRule, {source, 10, 1, 10, 1}, "late");
  problems.Error(ProblemCode::kRule, {source, 9, 5, 9, 6}, "second");
  problems.Error(ProblemCode::kRule, {source, 9, 2, 9, 6}, "first");
  problems.Error(ProblemCode::kRule, {earlier, 99, 1, 99, 1}, "other file");
  problems.Error(ProblemCode::kRule, {source, 9, 5, 9, 6}, "second");
  std::vector<Diagnostic> list = problems.Take();
  Order(list);
  std::vector<std::string> messages;
  for (const Diagnostic& d : list) messages.push_back(d.message);
  EXPECT_EQ(messages, (std::vector<std::string>{"other file", "first", "second", "late"}));
}

TEST(Problems, CountsWhatItDoesNotKeep) {
  Problems problems;
  for (size_t i = 0; i < kMaxProblemsPerFile + 7; ++i)
    problems.Error(ProblemCode::kRule, {}, Cat("number ", i)).Help("stop");
  EXPECT_EQ(problems.errors(), kMaxProblemsPerFile + 7);
  const std::vector<Diagnostic> list = problems.Take();
  EXPECT_EQ(list.size(), kMaxProblemsPerFile);
  EXPECT_EQ(list.back().notes, std::vector<std::string>{"and 7 more errors in this file"});
}

}  // namespace
}  // namespace holdfast::specs
