#include "controller/kind/held.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/sim/loop.h"
#include "tests/unit/kind/toy_kind.h"
#include "tests/unit/kind/toy_rig.h"

namespace holdfast {
namespace {

const Past kNoPast;
const std::map<std::string, std::string> kNoRefs;
Frame Now() { return {absl::FromUnixSeconds(100), Purpose::kConverge, kNoPast, kNoRefs}; }

class HeldTest : public testing::Test {
 protected:
  std::unique_ptr<Sighting> Look() { return rig_.loop.Await(resource_->Observe({})); }

  ToyRig rig_;
  std::unique_ptr<Resource> resource_ =
      Erase<Toy>("").make(std::make_shared<const ToySpec>(ToySpec{.value = "red"}), rig_.systems);
  ToyWorld& world_ = rig_.systems.Use<ToyWorld>();
};

TEST_F(HeldTest, AnUnknownSightingNeverReachesDecide) {
  world_.seen = Unknown{"connection refused"};
  const auto sighting = Look();
  EXPECT_EQ(sighting->sight(), Sight::kUnknown);
  const Plan plan = sighting->Decide(Now());
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_TRUE(plan.outputs.empty());  // the toy's Decide would have left one
  ASSERT_EQ(plan.waits.size(), 1u);
  EXPECT_EQ(plan.waits[0].on, Wait::On::kObservation);
  EXPECT_EQ(plan.waits[0].detail, "connection refused");
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kUnknown);
}

TEST_F(HeldTest, AnUnknownSightingIsNoSightingForTheStreaks) {
  world_.seen = Observed<std::string>("red", absl::FromUnixSeconds(1));
  (void)Look();
  world_.seen = Unknown{"time-out"};
  (void)Look();
  world_.seen = Observed<std::string>("red", absl::FromUnixSeconds(2));
  EXPECT_EQ(Look()->Decide(Now()).outputs[0].second, "2");
  resource_->Forget();
  EXPECT_EQ(Look()->Decide(Now()).outputs[0].second, "1");
}

TEST_F(HeldTest, AbsenceIsAFactWithItsTime) {
  world_.seen = Absent{"listed whole", absl::FromUnixSeconds(5)};
  const auto sighting = Look();
  EXPECT_EQ(sighting->sight(), Sight::kAbsent);
  EXPECT_EQ(sighting->at(), absl::FromUnixSeconds(5));
  EXPECT_EQ(sighting->Decide(Now()).diffs[0].seen, "nothing");
}

TEST_F(HeldTest, OperationsAreHandedToDecide) {
  resource_->SetOperations({{.name = "p1", .want = std::make_shared<const Toy::Paint>(Toy::Paint{"blue"})}});
  world_.seen = Observed<std::string>("red", absl::FromUnixSeconds(1));
  EXPECT_EQ(Look()->Decide(Now()).outputs[1], (std::pair<std::string, std::string>("p1", "blue")));
}

}  // namespace
}  // namespace holdfast
