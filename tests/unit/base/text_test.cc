#include "controller/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace holdfast {
namespace {

using testing::ElementsAre;
using Words = std::vector<std::string>;

TEST(Cat, JoinsTextsAndNumbers) {
  const std::string text = "b";
  EXPECT_EQ(Cat("a", text, 'c', 1, -2, size_t{3}, true, 0.5, std::string_view("z")), "abc1-23true0.5z");
  EXPECT_EQ(Cat(std::numeric_limits<int64_t>::min(), " ", std::numeric_limits<uint64_t>::max()),
            "-9223372036854775808 18446744073709551615");
  EXPECT_EQ(Cat(), "");
}

TEST(Enumerate, ReadsLikeASentence) {
  EXPECT_EQ(Enumerate(Words{}), "");
  EXPECT_EQ(Enumerate(Words{"a"}), "a");
  EXPECT_EQ(Enumerate(Words{"a", "b"}), "a and b");
  EXPECT_EQ(Enumerate(Words{"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(Enumerate(Words{"a", "b", "c", "d", "e", "f", "g"}), "a, b, c, d and 3 more");
  EXPECT_EQ(Enumerate(Words{"a", "b", "c"}, 2), "a and 2 more");
}

TEST(Count, KnowsThePlural) {
  EXPECT_EQ(Count(1, "service"), "1 service");
  EXPECT_EQ(Count(0, "service"), "0 services");
  EXPECT_EQ(Count(2, "entry", "entries"), "2 entries");
}

TEST(Split, KeepsEmptyPieces) {
  EXPECT_THAT(Split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(Split("", ','), ElementsAre(""));
  EXPECT_EQ(Join(Split("x:y:z", ':'), "--"), "x--y--z");
}

TEST(Trim, CutsBlanksAtBothEnds) {
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim(" \n"), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(Excerpt, IsOneShortPrintableLine) {
  EXPECT_EQ(Excerpt("plain"), "plain");
  EXPECT_EQ(Excerpt("two\nlines\r\n"), "two lines");
  EXPECT_EQ(Excerpt(std::string_view("\x1b[31m\0x\x7f", 8)), "?[31m?x?");
  EXPECT_EQ(Excerpt("ä\xff"), "ä?");
  EXPECT_EQ(Excerpt("0123456789", 4), "0123… (+6 bytes)");
  EXPECT_TRUE(IsValidUtf8(Excerpt("ääääääää", 3))) << "not cut inside a character";
}

TEST(ShellQuoted, ArrivesAsOneWord) {
  EXPECT_EQ(ShellQuoted("plain-1.0/x"), "plain-1.0/x");
  EXPECT_EQ(ShellQuoted(""), "''");
  EXPECT_EQ(ShellQuoted("a b"), "'a b'");
  EXPECT_EQ(ShellQuoted("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuoted("$(rm)"), "'$(rm)'");
  EXPECT_EQ(ShellQuoted("~"), "'~'");
  EXPECT_EQ(ShellQuoted("*"), "'*'");
  EXPECT_EQ(ShellLine(Words{"echo", "a b", ""}), "echo 'a b' ''");
}

TEST(DidYouMean, FindsWhatIsClose) {
  constexpr std::array<std::string_view, 3> kKinds = {"ServiceStack", "Operation", "DynamoDBTable"};
  EXPECT_EQ(DidYouMean("ServiceStak", kKinds), "ServiceStack");
  EXPECT_EQ(DidYouMean("servicestack", kKinds), "ServiceStack");
  EXPECT_EQ(DidYouMean("Opreation", kKinds), "Operation");
  EXPECT_EQ(DidYouMean("Banana", kKinds), "");
  EXPECT_EQ(DidYouMean("", kKinds), "");
  EXPECT_EQ(DidYouMean(std::string(10'000, 'x'), kKinds), "");
}

TEST(Utf8, CountsAndRefuses) {
  EXPECT_EQ(CodePoints("aä€😀"), 4u);
  EXPECT_EQ(CodePoints("\xff\xfe"), 2u);
  EXPECT_TRUE(IsValidUtf8("aä€😀"));
  for (const char* bad : {"\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                          "\x80", "\xc3", "\xe2\x82"})
    EXPECT_FALSE(IsValidUtf8(bad));
}

}  // namespace
}  // namespace holdfast
