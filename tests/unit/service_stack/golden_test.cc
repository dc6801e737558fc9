// The text of the plans that people will read most. HOLDFAST_ACCEPT=1 rewrites the files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/unit/service_stack/scene.h"

namespace holdfast::stack {
namespace {

void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = "tests/golden/service_stack/" + name + ".txt";
  if (std::getenv("HOLDFAST_ACCEPT") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  std::stringstream want;
  want << file.rdbuf();
  EXPECT_EQ(text, want.str()) << "HOLDFAST_ACCEPT=1 accepts it";
}

TEST(GoldenPlan, TotalStart) { ExpectGolden("total_start", PlanText(Scene(Site()).See())); }

TEST(GoldenPlan, DeclaredDown) {
  Scene scene(Site());
  scene.AllUp();
  scene.DeclareDown();
  ExpectGolden("declared_down", PlanText(scene.See()));
}

TEST(GoldenPlan, Zombie) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("redis").health = ModelProcess::Health::kFrozen;
  scene.findings = {{.target = 0, .diagnosis = "pid 101: state T, 12 of 1024 descriptors, load 0.4"}};
  ExpectGolden("zombie", PlanText(scene.See(8)));
}

TEST(GoldenPlan, ZombieProposed) {
  Scene scene(Site());
  scene.AllUp();
  scene.at("nginx").health = ModelProcess::Health::kFrozen;
  ExpectGolden("zombie_proposed", PlanText(scene.See(15)));
}

TEST(GoldenPlan, HeldByHand) {
  Spec spec = Site();
  spec.layers[1].services[0].on_manual_stop = HoldManualStop{absl::Minutes(10)};
  Scene scene(spec);
  scene.AllUp();
  scene.StopByHand("web@127.0.0.1");
  ExpectGolden("held_by_hand", PlanText(scene.See(3)));
}

TEST(GoldenPlan, PossibleLoss) {
  Scene scene(Koverse());
  scene.AllUp();
  scene.Crash("postgresql");
  ExpectGolden("possible_loss", PlanText(scene.See()));
}

TEST(GoldenPlan, NeedsAPerson) {
  Scene scene(Koverse());
  scene.AllUp();
  for (const char* name : {"datanode@127.0.0.1", "datanode@127.0.0.2", "datanode@127.0.0.3"})
    scene.Crash(name);
  ExpectGolden("needs_a_person", PlanText(scene.See()));
}

TEST(GoldenPlan, RestartOperation) {
  Scene scene(Site());
  scene.AllUp();
  OperationIn<Restart> operation;
  operation.name = "bounce-web";
  operation.want = {{"web"}, scene.now, Restart::Order::kBottomUp};
  operation.reason = "a new version";
  scene.operations.push_back(std::move(operation));
  ExpectGolden("restart_operation", PlanText(scene.See()));
}

}  // namespace
}  // namespace holdfast::stack
