#include "specs/codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "controller/base/text.h"
#include "specs/catalog.h"
#include "tests/unit/specs/example_kind.h"

namespace holdfast::specs {
namespace {

// Text that has the problem: the table's example, or what its example describes in words.
std::string BadText(const CodeInfo& info) {
  switch (info.code) {
    case ProblemCode::kFileTooLarge:
      return std::string(2 << 20, '#');
    case ProblemCode::kBinary:
      return std::string("name: web\0\n", 11);
    case ProblemCode::kNotUtf8:
      return "name: caf\xE9\n";
    case ProblemCode::kByteOrderMark:
      return "\xEF\xBB\xBF"
             "kind: Example\n";
    case ProblemCode::kNothingThere:
      return "";
    case ProblemCode::kTooDeep:
      return std::string(info.example);
    default:
      break;
  }
  const std::string text(info.example);
  return text.find("kind: ") != std::string::npos || text.find('\t') != std::string::npos
             ? text
             : ExampleDocument("web", text);
}

std::set<ProblemCode> CodesOf(const CodeInfo& info) {
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  Catalog catalog;
  std::vector<Parsed> files;
  if (info.code == ProblemCode::kUnreadable) {
    files.push_back(UnreadableFile("a.yaml", "permission denied"));
  } else if (const std::string text = BadText(info);
             text.find("\n---\n") != std::string::npos && info.code == ProblemCode::kSameClaim) {
    files.push_back(ParseFile("a.yaml", text, ExampleKinds(), now));
  } else if (!text.empty()) {
    files.push_back(ParseFile("a.yaml", text, ExampleKinds(), now));
  }
  catalog.Apply(std::move(files));
  std::set<ProblemCode> out;
  for (const Diagnostic& d : catalog.AllProblems()) {
    out.insert(d.code);
    EXPECT_NE(FindCode(CodeText(d.code)), nullptr) << CodeText(d.code);
  }
  return out;
}

TEST(Codes, EachHasAnExampleThatProducesIt) {
  for (const CodeInfo& info : AllCodes())
    EXPECT_TRUE(CodesOf(info).contains(info.code)) << CodeText(info.code) << "\n"
                                                   << BadText(info).substr(0, 400);
}

TEST(Codes, StandInOrderAndSayEverything) {
  const CodeInfo* last = nullptr;
  for (const CodeInfo& info : AllCodes()) {
    if (last != nullptr) EXPECT_LT(last->code, info.code);
    last = &info;
    for (std::string_view text : {info.title, info.explanation, info.example, info.remedy})
      EXPECT_FALSE(text.empty()) << CodeText(info.code);
  }
}

TEST(Codes, AreFoundByNumber) {
  ASSERT_NE(FindCode("HF0107"), nullptr);
  EXPECT_EQ(FindCode("HF0107")->code, ProblemCode::kDuplicateKey);
  EXPECT_EQ(FindCode("107"), FindCode("HF0107"));
  EXPECT_EQ(FindCode("HF9999"), nullptr);
  EXPECT_EQ(FindCode("x"), nullptr);
  EXPECT_THAT(ExplainCode(*FindCode("HF0107")),
              ::testing::HasSubstr("HF0107: a key is given twice\n\nSome tools take"));
}

}  // namespace
}  // namespace holdfast::specs
