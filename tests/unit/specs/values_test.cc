#include "specs/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"

namespace holdfast::specs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Expanded(std::string_view range) {
  std::vector<std::string> names;
  const Status status = ExpandHosts(range, names);
  return status.ok() ? names : std::vector<std::string>{Cat("refused: ", status.message())};
}

TEST(Hosts, ExpandsRangesAsWritten) {
  EXPECT_THAT(Expanded("dn[08-11]"), ElementsAre("dn08", "dn09", "dn10", "dn11"));
  EXPECT_THAT(Expanded("dn[8-11].site"), ElementsAre("dn8.site", "dn9.site", "dn10.site", "dn11.site"));
  EXPECT_THAT(Expanded("r[1-2]n[1,7]"), ElementsAre("r1n1", "r1n7", "r2n1", "r2n7"));
  EXPECT_THAT(Expanded("10.0.0.3"), ElementsAre("10.0.0.3"));
  EXPECT_EQ(Expanded("h[1-10000]").size(), kMaxHosts);
}

TEST(Hosts, RefusesWhatGivesNoNames) {
  for (const char* range : {"", "dn[20-01]", "dn[1-", "dn[a-b]", "dn[]", "dn[1-010]", "two words", "a/b",
                            "h[1-10001]", "h[1-200][1-200]", "h[0-4294967296]", "h[1-2"})
    EXPECT_THAT(Expanded(range)[0], HasSubstr("refused: ")) << range;
}

TEST(Hosts, SaysWhatAChangeOfRangeMeans) {
  const Hosts before{Expanded("dn[01-05]"), {}}, after{Expanded("dn[03-06]"), {}};
  EXPECT_EQ(HostsChange(before, after), "adds dn06, removes dn01 and dn02");
  EXPECT_EQ(HostsChange(before, before), "");
}

TEST(Size, MeansPowersOf1024InBothSpellings) {
  EXPECT_EQ(ParseSize("1GiB")->bytes, 1 << 30);
  EXPECT_EQ(ParseSize("100mb")->bytes, 100 << 20);
  EXPECT_EQ(ParseSize("0b")->bytes, 0);
  for (const char* text : {"", "1", "1GB", "1.5GiB", "-1kb", "GiB", "9999999PiB", "1 GiB"})
    EXPECT_FALSE(ParseSize(text).ok()) << text;
  for (int64_t bytes :
       {int64_t{0}, int64_t{1}, int64_t{1023}, int64_t{1024}, int64_t{3} << 30, int64_t{1} << 50})
    EXPECT_EQ(ParseSize(SizeText({bytes}))->bytes, bytes);
}

TEST(Percentage, IsANumberWithItsSign) {
  EXPECT_EQ(ParsePercentage("12.5%")->percent, 12.5);
  EXPECT_EQ(PercentageText({12.5}), "12.5%");
  for (const char* text : {"", "%", "50", "-5%", ".5%", "5.%", "1.2.3%", "1e2%", "50 %"})
    EXPECT_FALSE(ParsePercentage(text).ok()) << text;
}

TEST(CountOrPercentage, RoundsTheWayThatIsAskedFor) {
  const CountOrPercentage half{Percentage{50}}, tenth{Percentage{10}}, three{int64_t{3}};
  EXPECT_EQ(half.RoundedDown(5), 2);
  EXPECT_EQ(half.RoundedUp(5), 3);
  EXPECT_EQ(tenth.RoundedUp(30), 3) << "0.1 is not exact in binary";
  EXPECT_EQ(tenth.RoundedDown(30), 3);
  EXPECT_EQ(three.RoundedUp(100), 3);
}

TEST(Ref, IsKindAndName) {
  EXPECT_EQ(RefText(*ParseRef("ServiceStack/site-1.a")), "ServiceStack/site-1.a");
  for (const char* text :
       {"", "site", "ServiceStack/", "/site", "servicestack/site", "A/B", "A/-b", "A/b-", "A/b/c", "A B/c"})
    EXPECT_FALSE(ParseRef(text).ok()) << text;
}

}  // namespace
}  // namespace holdfast::specs
