// Given this state, this plan: what floods of disks leave behind is told, and taken away where nobody else
// does.
#include "reconcilers/elasticsearch/flood.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/elasticsearch/disk.h"
#include "tests/unit/elasticsearch/case.h"

namespace holdfast::elasticsearch {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kBlock = "index.blocks.read_only_allow_delete";
constexpr std::string_view kVerb = "allow writes to", kWait = "indices that take no writes";

// The disk of n1 was full: i1 and i2 have copies there, i3 has none.
Scene Flooded(int64_t free_on_n1) {
  Scene scene;
  scene.Node("n1").Disk(1000, free_on_n1).Master();
  for (const char* name : {"n2", "n3"}) scene.Node(name).Disk(1000, 900);
  scene.Index("i1", 1).Setting(kBlock, "true").Shard("n1 n2", 10);
  scene.Index("i2", 1).Setting(kBlock, "true").Shard("n2 n1", 10);
  return scene.Index("i3", 1).Shard("n2 n3", 10).Cluster(6, 8, 23);
}
Case Asked(const Scene& scene, Spec::FloodBlocks blocks = Spec::FloodBlocks::kRemove) {
  Case c(scene);
  c.want.flood_blocks = blocks;
  return c;
}
const Wait& WaitOf(const Plan& plan) {
  static const Wait none;
  for (const Wait& wait : plan.waits)
    if (wait.name == kWait) return wait;
  return none;
}
std::string BodyOf(const Step* step) {
  return step == nullptr ? "no step" : Printed(std::get<HttpCall>(step->action).body);
}
double Blocked(const Plan& plan) {
  for (const Sample& sample : plan.samples)
    if (sample.family == "holdfast_es_flood_blocked_indices") return sample.value;
  return -1;
}
void Tried(Case& c, const std::string& key, absl::Duration ago) {
  c.past.attempts.push_back(
      {.key = key, .sent = Scene::Now() - ago, .outcome = {Outcome::Kind::kDone, "", ""}, .target = "i1"});
}

TEST(Flood, H7_WhenThereIsRoomAgainTheBlockIsTakenAwayInOneRequestFromThoseThatHaveIt) {
  const Plan plan = Asked(Flooded(500)).Decide();
  const Step* step = FirstStep(plan);
  ASSERT_EQ(step->verb, kVerb);
  EXPECT_TRUE(Goes(step)) << HeldBy(*step);
  EXPECT_THAT(LineOf(step), HasSubstr("curl"));
  EXPECT_THAT(LineOf(step), HasSubstr("PUT"));
  EXPECT_THAT(LineOf(step), HasSubstr("/i1,i2/_settings"));
  EXPECT_EQ(BodyOf(step), R"({"index.blocks.read_only_allow_delete":null})");
  EXPECT_THAT(step->why, HasSubstr("2 indices"));
  EXPECT_EQ(Blocked(plan), 2);
  EXPECT_THAT(WaitOf(plan).detail, HasSubstr("i1, i2"));
  EXPECT_EQ(WaitOf(plan).on, Wait::On::kProgress);
}

TEST(Flood, H7_WithoutTheWordOfTheSpecItIsOnlyTold) {
  Case c = Asked(Flooded(500), Spec::FloodBlocks::kReport);
  EXPECT_EQ(Spec().flood_blocks, Spec::FloodBlocks::kReport);
  const Plan plan = c.Decide();
  EXPECT_EQ(StepCalled(plan, kVerb), nullptr);
  EXPECT_EQ(WaitOf(plan).on, Wait::On::kHuman);
  EXPECT_THAT(WaitOf(plan).remedy, HasSubstr("/i1,i2/_settings"));
  EXPECT_THAT(WaitOf(plan).remedy, HasSubstr("floodBlocks: remove"));
  EXPECT_EQ(Blocked(plan), 2);
}

TEST(Flood, H7_NotWhileADiskUnderACopyIsOverTheHighWatermark) {
  const Plan plan = Asked(Flooded(99)).Decide();
  EXPECT_FALSE(Goes(StepCalled(plan, kVerb)));
  EXPECT_THAT(HeldBy(*StepCalled(plan, kVerb)), HasSubstr("n1 is over its high watermark of 90% by 1b"));
  EXPECT_EQ(WaitOf(plan).on, Wait::On::kHuman);
  EXPECT_THAT(WaitOf(plan).remedy, HasSubstr("make room"));
  EXPECT_TRUE(Goes(FirstStep(Asked(Flooded(100)).Decide())));
}

TEST(Flood, H7_OnlyThoseUnderWhoseCopiesThereIsRoom) {
  Scene scene = Flooded(50);
  scene.Index("i4", 1).Setting(kBlock, "true").Shard("n2 n3", 10);
  const Plan plan = Asked(scene).Decide();
  const Step* step = FirstStep(plan);
  EXPECT_TRUE(Goes(step)) << HeldBy(*step);
  EXPECT_THAT(LineOf(step), HasSubstr("/i4/_settings"));
  EXPECT_THAT(LineOf(step), Not(HasSubstr("i1")));
}

TEST(Flood, H7_NotOntoADiskThatACopyIsMovingTo) {
  Scene scene = Flooded(50);
  scene.Index("i4", 1).Setting(kBlock, "true").Shard("n2>n1 n3", 10);
  EXPECT_FALSE(Goes(StepCalled(Asked(scene).Decide(), kVerb)));
}

TEST(Flood, H7_NotWhenANodeDidNotTellItsDisk) {
  const Plan plan = Asked(Flooded(-1)).Decide();
  EXPECT_FALSE(Goes(StepCalled(plan, kVerb)));
  EXPECT_THAT(HeldBy(*StepCalled(plan, kVerb)), HasSubstr("n1 did not tell its disk"));
}

TEST(Flood, H7_ByTheWatermarkThatIsInForce) {
  const auto goes = [](const char* high, int64_t free) {
    Scene scene = Flooded(free);
    scene.Persistent("cluster.routing.allocation.disk.watermark.high", high);
    return Goes(StepCalled(Asked(scene).Decide(), kVerb));
  };
  EXPECT_FALSE(goes("50%", 499));
  EXPECT_TRUE(goes("50%", 500));
  EXPECT_FALSE(goes("300b", 299));
  EXPECT_TRUE(goes("300b", 300));
  EXPECT_TRUE(goes("0.99", 20));
}

TEST(Flood, TheHighWatermarkAsksForNoMoreThanItsHeadroomSinceEightFive) {
  const int64_t terabyte = int64_t{1} << 40, gigabyte = int64_t{1} << 30;
  const auto over = [&](Version version, const char* written) {
    Scene scene;
    scene.Node("n1").Disk(10 * terabyte, 160 * gigabyte).Cluster(version.major, version.minor);
    if (written != nullptr) scene.Persistent("cluster.routing.allocation.disk.watermark.high", written);
    const View view = scene.view();
    return OverHigh(DiskRuleOf(view), view.nodes[0]);
  };
  EXPECT_EQ(over({8, 5, 0}, nullptr), 0);
  EXPECT_EQ(over({8, 4, 0}, nullptr), 864 * gigabyte);
  EXPECT_EQ(over({8, 5, 0}, "90%"), 864 * gigabyte);
  EXPECT_EQ(over({8, 5, 0}, "200gb"), 40 * gigabyte);
}

TEST(Flood, H7_From74OnTheClusterEndsItByItself) {
  Scene scene = Flooded(500);
  scene.Cluster(7, 4, 0);
  Plan plan = Asked(scene).Decide();
  EXPECT_EQ(StepCalled(plan, kVerb), nullptr);
  EXPECT_EQ(WaitOf(plan).on, Wait::On::kProgress);
  scene.Persistent("cluster.routing.allocation.disk.threshold_enabled", "false");
  plan = Asked(scene).Decide();
  EXPECT_EQ(StepCalled(plan, kVerb), nullptr) << "not ours: it is only told";
  EXPECT_EQ(WaitOf(plan).on, Wait::On::kHuman);
  EXPECT_THAT(WaitOf(plan).remedy, HasSubstr("/i1,i2/_settings"));
  Scene full = Flooded(50);
  full.Cluster(7, 4, 0);
  EXPECT_EQ(WaitOf(Asked(full).Decide()).on, Wait::On::kHuman) << "somebody must make room";
  Scene open = Flooded(500);
  EXPECT_EQ(StepCalled(Asked(open.OpenSearch()).Decide(), kVerb), nullptr);
  Scene before = Flooded(500);
  before.Cluster(7, 3, 2);
  EXPECT_NE(StepCalled(Asked(before).Decide(), kVerb), nullptr);
}

TEST(Flood, H7_OnceForOneFloodAndTwiceADay) {
  Case c = Asked(Flooded(500));
  const std::string key = FirstStep(c.Decide())->key;
  Tried(c, key, absl::Seconds(10));
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), kVerb)), HasSubstr("taken away 10s ago"));
  c.past.attempts.clear();
  Tried(c, key, absl::Minutes(61));
  EXPECT_TRUE(Goes(StepCalled(c.Decide(), kVerb)));
  Tried(c, "another step", absl::Minutes(3));
  EXPECT_TRUE(Goes(StepCalled(c.Decide(), kVerb)));
  c.past.attempts.clear();
  Tried(c, key, absl::Hours(20));
  Tried(c, key, absl::Hours(10));
  const Plan plan = c.Decide();
  EXPECT_THAT(HeldBy(*StepCalled(plan, kVerb)), HasSubstr("2 times in a day"));
  EXPECT_EQ(WaitOf(plan).on, Wait::On::kHuman);
  EXPECT_THAT(WaitOf(plan).evidence, HasSubstr("find out what fills the disks"));
}

TEST(Flood, H7_ManyIndicesTakeSeveralRequestsOfOneGo) {
  Scene scene;
  for (const char* name : {"n1", "n2"}) scene.Node(name).Disk(1000, 900);
  scene.Nodes("m1").Master().Roles("master");
  for (int i = 0; i < 100; ++i)
    scene.Index(Cat("a-name-that-is-rather-long-for-an-index-of-logs-", 1000 + i), 1)
        .Setting(kBlock, "true")
        .Shard("n1 n2", 10);
  Case c = Asked(scene.Cluster(6, 8, 23));
  std::vector<std::string> keys;
  for (const Stage& stage : c.Decide().stages)
    for (const Step& step : stage.steps) {
      keys.push_back(step.key);
      EXPECT_LT(std::get<HttpCall>(step.action).url.size(), 4000u);
    }
  ASSERT_EQ(keys.size(), 2u);
  Tried(c, keys[0], absl::Seconds(5));
  const Plan plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->key, keys[1]);
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
}

TEST(Flood, H7_APersonsHandHoldsIt) {
  Scene scene = Flooded(500);
  scene.Persistent("cluster.metadata.holdfast.hold", "lena looks at it");
  EXPECT_FALSE(Goes(StepCalled(Asked(scene).Decide(), kVerb)));
}

TEST(Flood, WithoutBlocksThereIsNothingToTell) {
  const Plan plan = Asked(FourNodes()).Decide();
  EXPECT_EQ(Blocked(plan), 0);
  EXPECT_EQ(WaitOf(plan).name, "");
}

}  // namespace
}  // namespace holdfast::elasticsearch
