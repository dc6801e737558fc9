#include "controller/base/time_text.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Rfc3339, IsUtcWithMillisecondsWhenThereAreAny) {
  EXPECT_EQ(Rfc3339(absl::FromUnixSeconds(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(absl::FromUnixMillis(1'795'004'800'250)), "2026-11-18T12:26:40.250Z");
  EXPECT_EQ(Rfc3339(absl::FromUnixMillis(1'795'004'800'000) + absl::Microseconds(3)), "2026-11-18T12:26:40Z");
  EXPECT_EQ(Rfc3339(absl::FromUnixMillis(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(Rfc3339(absl::InfiniteFuture()), "");
  EXPECT_EQ(Rfc3339(absl::InfinitePast()), "");
}

TEST(ParseRfc3339, TakesAZoneAndNothingElse) {
  EXPECT_EQ(ParseRfc3339("2026-11-18T12:26:40Z"), absl::FromUnixSeconds(1'795'004'800));
  EXPECT_EQ(ParseRfc3339("2026-11-18T14:26:40+02:00"), absl::FromUnixSeconds(1'795'004'800));
  EXPECT_EQ(ParseRfc3339("2026-11-18T12:26:40.25Z"), absl::FromUnixMillis(1'795'004'800'250));
  for (const char* bad :
       {"", "2026-11-18", "2026-11-18 12:26:40Z", "2026-11-18T12:26:40", "2026-13-18T12:26:40Z",
        "2026-02-30T12:26:40Z", "infinite-future", " 2026-11-18T12:26:40Z", "2026-11-18T12:26:40Z ",
        "2026-11-18T12:26:40.Z", "2026-11-18T12:26:40+0200", "2026-11-18T12:26:40z", "2026-11-18T12:26:40 Z",
        "2026-11-18T25:26:40Z", "2026-11-18T12:26:40+2", "x026-11-18T12:26:40Z"})
    EXPECT_EQ(ParseRfc3339(bad), std::nullopt) << bad;
}

TEST(ParseRfc3339, ReadsBackWhatIsWritten) {
  for (const int64_t ms : {int64_t{0}, int64_t{1}, int64_t{1'795'004'800'250}, int64_t{4'102'444'800'000}})
    EXPECT_EQ(ParseRfc3339(Rfc3339(absl::FromUnixMillis(ms))), absl::FromUnixMillis(ms));
}

TEST(Brief, IsForPeople) {
  EXPECT_EQ(Brief(absl::Milliseconds(850)), "850ms");
  EXPECT_EQ(Brief(absl::Milliseconds(9'900)), "9s");
  EXPECT_EQ(Brief(absl::Seconds(250)), "4m 10s");
  EXPECT_EQ(Brief(absl::Minutes(120)), "2h");
  EXPECT_EQ(Brief(absl::Minutes(125)), "2h 5m");
  EXPECT_EQ(Brief(absl::Hours(76)), "3d 4h");
  EXPECT_EQ(Brief(-absl::Seconds(5)), "-5s");
  EXPECT_EQ(Brief(absl::ZeroDuration()), "0ms");
  EXPECT_EQ(Brief(absl::InfiniteDuration()), "for ever");
  EXPECT_EQ(Brief(-absl::InfiniteDuration()), "-for ever");
}

TEST(ParseDuration, TakesUnitsInFallingOrder) {
  EXPECT_EQ(ParseDuration("500ms"), absl::Milliseconds(500));
  EXPECT_EQ(ParseDuration("30s"), absl::Seconds(30));
  EXPECT_EQ(ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(ParseDuration("1w2d"), absl::Hours(9 * 24));
  EXPECT_EQ(ParseDuration("90m"), absl::Minutes(90));
  EXPECT_EQ(ParseDuration("0"), absl::ZeroDuration());
  EXPECT_EQ(ParseDuration("0s"), absl::ZeroDuration());
  for (const char* bad : {"", "5", "s", "-5s", "+5s", "5 s", "5S", "1.5h", "30m1h", "1h1h", "5sec", "1h ",
                          "99999999999999999999s", "9999999w", "1h-5m", "0x5s"})
    EXPECT_EQ(ParseDuration(bad), std::nullopt) << bad;
}

TEST(DurationText, ReadsBackAsTheSame) {
  EXPECT_EQ(DurationText(absl::ZeroDuration()), "0s");
  EXPECT_EQ(DurationText(absl::Minutes(90)), "1h30m");
  EXPECT_EQ(DurationText(absl::Hours(24 * 7)), "1w");
  EXPECT_EQ(DurationText(absl::Hours(24 * 8)), "8d");
  for (const int64_t ms : {1, 999, 1000, 61'001, 3'600'000, 90'061'001, 604'800'000, 691'200'000})
    EXPECT_EQ(ParseDuration(DurationText(absl::Milliseconds(ms))), absl::Milliseconds(ms)) << ms;
}

}  // namespace
}  // namespace holdfast
