#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/log.h"
#include "controller/base/sha256.h"
#include "controller/base/status.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Sha256, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Canonical, NoTwoListsGiveTheSameBytes) {
  const auto bytes = [](std::vector<std::string> fields) {
    Canonical canonical;
    for (const std::string& field : fields) canonical.Add(field);
    return canonical.bytes();
  };
  EXPECT_NE(bytes({"ab", "c"}), bytes({"a", "bc"}));
  EXPECT_NE(bytes({"a", ""}), bytes({"a"}));
  EXPECT_NE(bytes({"1:a"}), bytes({"1", "a"}));
  EXPECT_EQ(Canonical().Add(int64_t{-7}).bytes(), bytes({"-7"}));
}

TEST(Pretty, KeepsTheOrderAndShortLists) {
  const json::value value = {
      {"b", 1},      {"a", {1, 2, "x"}}, {"c", {{"d", nullptr}}}, {"e", json::object()}, {"f", json::array()},
      {"g\"", "ü\n"}};
  EXPECT_EQ(Pretty(value),
            "{\n  \"b\": 1,\n  \"a\": [1,2,\"x\"],\n  \"c\": {\n    \"d\": null\n  },\n  \"e\": {},\n  "
            "\"f\": [],\n  \"g\\\"\": \"ü\\n\"\n}\n");
  EXPECT_EQ(Compact(json::value{{"a", true}}), "{\"a\":true}");
}

TEST(Pretty, ReadsBackAsTheSame) {
  json::array rows;
  for (int i = 0; i < 50; ++i)
    rows.push_back(json::object{{"name", std::string(i, 'x')}, {"n", i}, {"list", json::array{i, i + 1}}});
  const json::value value = rows;
  EXPECT_EQ(*ParseJson(Pretty(value)), value);
  EXPECT_EQ(*ParseJson(Compact(value)), value);
}

TEST(ParseJson, SaysWhereItIsBroken) {
  EXPECT_THAT(ParseJson("{\"a\": x}").status().message(), HasSubstr("not JSON at byte 6"));
  for (const std::string& bad : {std::string(), std::string("1 2"), std::string("{"), std::string("nul"),
                                 std::string(300, '['), std::string("\"\xff\"")})
    EXPECT_EQ(ParseJson(bad).status().code(), Code::kInvalidArgument) << bad;
  EXPECT_TRUE(ParseJson(std::string(200, '[') + std::string(200, ']')).ok());
  EXPECT_EQ(ParseJson("{\"a\":1,\"a\":2}")->at("a"), 2);
}

Result<int> Half(int number) {
  if (number % 2 != 0) return InvalidArgument("odd");
  return number / 2;
}
Result<int> Quarter(int number) {
  const int half = HF_TRY(Half(number));
  return HF_TRY(Half(half));
}
Status Even(int number) {
  HF_TRY(Half(number));
  return {};
}

TEST(Status, PassesUpwardsWithContext) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).status(), InvalidArgument("odd"));
  EXPECT_TRUE(Even(2).ok());
  EXPECT_EQ(Annotate(Annotate(Even(1), "inner"), "outer").message(), "outer: inner: odd");
  EXPECT_TRUE(Annotate(Status(), "x").ok());
  EXPECT_EQ(Annotate(Status(), "x").message(), "");
}

TEST(Status, AResultIsNeverOkWithoutAValue) {
  EXPECT_EQ(Result<int>().status().code(), Code::kInternal);
  EXPECT_EQ(Result<int>(Status()).status().code(), Code::kInternal);
  EXPECT_TRUE(Result<int>(7).ok());
  EXPECT_TRUE(Result<int>(7).status().ok());
}

TEST(Status, TerminalIsWhatTryingAgainCannotHelp) {
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code) {
    const auto known = static_cast<Code>(code);
    EXPECT_FALSE(CodeName(known).empty());
    EXPECT_EQ(IsTerminal(known), known == Code::kInvalidArgument || known == Code::kInternal)
        << CodeName(known);
  }
}

std::vector<std::string>* lines = nullptr;

TEST(Log, IsOneLineWithFields) {
  std::vector<std::string> captured;
  lines = &captured;
  SetLogSink([](Severity, std::string_view line) { lines->emplace_back(line); });
  Log(Severity::kDebug, "not shown");
  Log(Severity::kWarning, "a sentence",
      {{"key", "value"}, {"why", "two\nlines \"quoted\""}, {"empty", ""}, {"bell", "\x07"}, {"url", "a=b"}});
  SetLeastSeverity(Severity::kError);
  Log(Severity::kWarning, "not shown");
  SetLeastSeverity(Severity::kInfo);
  SetLogSink(nullptr);
  EXPECT_THAT(
      captured,
      ElementsAre("level=warning msg=\"a sentence\" key=value why=\"two\\nlines \\\"quoted\\\"\" empty=\"\" "
                  "bell=\"?\" url=\"a=b\""));
}

}  // namespace
}  // namespace holdfast
