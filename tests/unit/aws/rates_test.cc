#include "reconcilers/clients/aws/rates.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "controller/base/text.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::aws {
namespace {

struct RatesTest : testing::Test, clients::Rig {
  Task<Status> TakeAndNote(Bucket& bucket, Effect effect, std::string name, absl::Duration longest) {
    const Status taken = co_await bucket.Take(clock, effect, longest);
    order.push_back(taken.ok() ? name : name + " refused");
    taken_at.push_back(clock.Steady());
    co_return taken;
  }
  std::vector<std::string> order;
  std::vector<absl::Duration> taken_at;
};

TEST_F(RatesTest, PublishedRatesAreSharedByReadsAndUsedWholeByWrites) {
  EXPECT_EQ(RateOf(*FindOperation("cloudwatch", "DescribeAlarms")), (Rate{4.5, 1}));
  EXPECT_EQ(RateOf(*FindOperation("cloudwatch", "PutMetricAlarm")), (Rate{3, 1}));
  EXPECT_EQ(RateOf(*FindOperation("ec2", "DescribeInstances")), (Rate{10, 50}));
  EXPECT_EQ(RateOf(*FindOperation("ec2", "CreateImage")), (Rate{5, 50}));
}

TEST_F(RatesTest, AThousandAlarmsTakeHardlyLongerThanTheQuotaAllows) {
  Bucket bucket(RateOf(*FindOperation("cloudwatch", "PutMetricAlarm")));
  const absl::Duration begun = clock.Steady();
  for (int i = 0; i < 1000; ++i) Spawn(TakeAndNote(bucket, Effect::kWrite, Cat(i), absl::Hours(1)));
  clients::Rig::Run();
  ASSERT_EQ(taken_at.size(), 1000U);
  EXPECT_LE(taken_at.back() - begun, absl::Seconds(1000.0 / 3 * 1.05));
  for (size_t i = 3; i < taken_at.size(); ++i)
    ASSERT_GE(taken_at[i] - taken_at[i - 3], absl::Seconds(1) - absl::Milliseconds(1)) << i;
}

// What waits for the rate is told its turn, instead of being sent and refused.
TEST_F(RatesTest, EverybodyHasATurnInTheOrderOfAsking) {
  Bucket bucket({3, 1});
  const auto room = [&](const std::string& place) { return bucket.RoomIn(place, clock.Steady()); };
  EXPECT_EQ(room("a"), absl::ZeroDuration());
  EXPECT_EQ(room("b"), absl::Seconds(1.0 / 3));
  for (int i = 2; i < 300; ++i) room(Cat(i));
  EXPECT_NEAR(absl::ToDoubleSeconds(room("late")), 100, 0.01);
  EXPECT_EQ(room("b"), absl::Seconds(1.0 / 3)) << "the place is kept";
  clock.Pass(absl::Seconds(99));
  EXPECT_NEAR(absl::ToDoubleSeconds(room("late")), 1, 0.01);
  EXPECT_NEAR(absl::ToDoubleSeconds(room("b")), 1 + 1.0 / 3, 0.01) << "who did not come goes to the end";
}

TEST_F(RatesTest, ABurstHasItsTurnAtOnce) {
  Bucket bucket({1, 3});
  std::vector<double> rooms;
  for (int i = 0; i < 5; ++i) rooms.push_back(absl::ToDoubleSeconds(bucket.RoomIn(Cat(i), clock.Steady())));
  EXPECT_THAT(rooms,
              testing::ElementsAre(0, 0, 0, testing::DoubleNear(1, 1e-6), testing::DoubleNear(2, 1e-6)));
}

TEST_F(RatesTest, WritesGoBeforeReadsAndElseInOrder) {
  Bucket bucket({1, 1});
  for (const auto& [name, effect] : {std::pair("r1", Effect::kRead), std::pair("r2", Effect::kRead),
                                     std::pair("w1", Effect::kWrite), std::pair("w2", Effect::kWrite)})
    Spawn(TakeAndNote(bucket, effect, name, absl::Minutes(1)));
  clients::Rig::Run();
  EXPECT_THAT(order, testing::ElementsAre("r1", "w1", "w2", "r2"));
}

TEST_F(RatesTest, WhoCannotGetATokenInTimeTakesNone) {
  Bucket bucket({1.0 / 60, 1});
  EXPECT_TRUE(Wait(bucket.Take(clock, Effect::kRead, absl::Seconds(10))).ok());
  const absl::Duration before = clock.Steady();
  const Status refused = Wait(bucket.Take(clock, Effect::kRead, absl::Seconds(10)));
  EXPECT_EQ(refused.code(), Code::kResourceExhausted);
  EXPECT_EQ(clock.Steady(), before) << "known at once";
  EXPECT_EQ(bucket.waiting(), 0U);
}

TEST_F(RatesTest, WhoGivesUpLetsTheNextOneGo) {
  Bucket bucket({1, 1});
  Spawn(TakeAndNote(bucket, Effect::kRead, "first", absl::Minutes(1)));
  for (int i = 0; i < 5; ++i) Spawn(TakeAndNote(bucket, Effect::kWrite, Cat("w", i), absl::Minutes(1)));
  Spawn(TakeAndNote(bucket, Effect::kRead, "hasty", absl::Seconds(2.5)));
  Spawn(TakeAndNote(bucket, Effect::kRead, "patient", absl::Minutes(1)));
  clients::Rig::Run();
  EXPECT_THAT(order, testing::ElementsAre("first", "w0", "w1", "hasty refused", "w2", "w3", "w4", "patient"));
}

TEST_F(RatesTest, SlowsDownWhenThrottledAndFindsBackToItsSeed) {
  Bucket bucket({10, 1});
  bucket.Throttled(clock.Steady(), absl::ZeroDuration());
  EXPECT_DOUBLE_EQ(bucket.per_second(), 7);
  bucket.Throttled(clock.Steady(), absl::ZeroDuration());
  EXPECT_DOUBLE_EQ(bucket.per_second(), 7) << "what was under way together is one lesson";
  double last = 7;
  for (int i = 0; i < 5; ++i) {
    clock.Pass(absl::Seconds(1));
    bucket.Succeeded(clock.Steady());
    EXPECT_GE(bucket.per_second(), last - 1e-9);
    last = bucket.per_second();
  }
  EXPECT_DOUBLE_EQ(bucket.per_second(), 10);
  for (int i = 0; i < 1000; ++i) {
    clock.Pass(absl::Seconds(2));
    bucket.Throttled(clock.Steady(), absl::ZeroDuration());
  }
  EXPECT_GE(bucket.per_second(), Bucket::kLeastPerSecond);
}

TEST_F(RatesTest, WaitsAsLongAsTheServiceAsksWithinReason) {
  Bucket bucket({1000, 10});
  bucket.Throttled(clock.Steady(), absl::Seconds(5));
  const absl::Duration before = clock.Steady();
  EXPECT_TRUE(Wait(bucket.Take(clock, Effect::kWrite, absl::Minutes(1))).ok());
  EXPECT_GE(clock.Steady() - before, absl::Seconds(5));
  bucket.Throttled(clock.Steady(), absl::Hours(24));
  EXPECT_TRUE(Wait(bucket.Take(clock, Effect::kWrite, absl::Minutes(1))).ok());
}

TEST_F(RatesTest, EachAccountRegionServiceAndClassHasItsOwn) {
  Buckets buckets;
  const Operation& describe = *FindOperation("dynamodb", "DescribeTable");
  EXPECT_EQ(&buckets.Of("1", "us-east-1", describe), &buckets.Of("1", "us-east-1", describe));
  EXPECT_NE(&buckets.Of("1", "us-east-1", describe), &buckets.Of("2", "us-east-1", describe));
  EXPECT_NE(&buckets.Of("1", "us-east-1", describe), &buckets.Of("1", "us-east-2", describe));
  EXPECT_NE(&buckets.Of("1", "us-east-1", describe),
            &buckets.Of("1", "us-east-1", *FindOperation("dynamodb", "UpdateTable")));
}

}  // namespace
}  // namespace holdfast::aws
