// The life of what is done once.
#include <gtest/gtest.h>

#include <string>

#include "controller/base/text.h"
#include "tests/unit/engine/rig.h"

namespace holdfast::sim {
namespace {

// Sets "a" to the name of every operation handed over, and tells how far it is.
auto DoesOperations(Rig& rig, std::shared_ptr<Script>& self) {
  return [&rig, &self](const auto& seen, const Frame&, absl::Time) {
    (void)rig;
    Plan plan;
    plan.readiness = {Readiness::Is::kYes, "AllUp", ""};
    for (const ErasedOperation& operation : self->operations) {
      Plan want = Want(seen, "a", operation.name);
      const bool done = want.stages.empty();
      using Phase = OperationProgress::Phase;
      plan.operations.push_back(
          {operation.name, done ? Phase::kSucceeded : Phase::kRunning, done ? "1 of 1" : "0 of 1"});
      if (!done) plan.stages = want.stages;
      break;
    }
    return plan;
  };
}
DeclaredOperation Bounce(const std::string& name, const std::string& digest = "d1",
                         absl::Time not_after = absl::InfiniteFuture()) {
  return {.operation = {.name = name, .digest = digest, .want = nullptr, .not_after = not_after},
          .target = Key("site")};
}
std::string PhaseOf(const Rig& rig, const std::string& name) {
  const Row* row = rig.engine->board().Find({"Operation", name});
  return row == nullptr ? "gone" : std::string((*row)[ConditionType::kReady].reason);
}

struct OperationsRig : Rig {
  std::shared_ptr<Script> script = std::make_shared<Script>();
  OperationsRig() { DeclareAll(); }
  void DeclareAll() {
    script->decide = DoesOperations(*this, script);
    engine->Declare(Make("site", script));
  }
};

TEST(Operations, ArePendingThenRunningThenSucceededAndInert) {
  OperationsRig rig;
  rig.doors->takes = absl::Seconds(3);
  EXPECT_EQ(PhaseOf(rig, "bounce"), "gone");
  rig.engine->DeclareOperation(Bounce("bounce"));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Pending");
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Running");
  rig.RunFor(absl::Seconds(10));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Succeeded");
  rig.values.Set("a", "other");
  rig.RunFor(absl::Minutes(10));
  EXPECT_EQ(rig.Done(), "a=bounce") << "what is spent is inert";
  EXPECT_TRUE(rig.script->operations.empty());
}

TEST(Operations, StayInertAfterACrash) {
  OperationsRig rig;
  rig.engine->DeclareOperation(Bounce("bounce"));
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  ASSERT_EQ(PhaseOf(rig, "bounce"), "Succeeded");
  rig.Crash();
  rig.values.Set("a", "other");
  rig.engine->DeclareOperation(Bounce("bounce"));
  rig.DeclareAll();
  rig.Start();
  rig.RunFor(absl::Minutes(10));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Succeeded");
  EXPECT_EQ(rig.Done(), "a=bounce");
}

TEST(Operations, WithAnotherTextUnderTheSameNameAreAnotherOperation) {
  OperationsRig rig;
  rig.engine->DeclareOperation(Bounce("bounce"));
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  rig.values.Set("a", "other");
  rig.engine->DeclareOperation(Bounce("bounce", "d2"));
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(rig.Done(), "a=bounce a=bounce");
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Succeeded");
}

TEST(Operations, WhoseTextChangesWhileTheyRunHaveBeenRunningAllTheWhile) {
  OperationsRig rig;
  auto phase = OperationProgress::Phase::kRunning;
  rig.script->decide = [&phase](const auto&, const Frame&, absl::Time) {
    Plan plan;
    plan.operations = {{"bounce", phase, ""}};
    return plan;
  };
  const auto life = [&] { return rig.disk.Load().resources[Key("site")].past.operations["bounce"]; };
  rig.engine->DeclareOperation(Bounce("bounce"));
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  ASSERT_EQ(PhaseOf(rig, "bounce"), "Running");
  const absl::Time since = life().since;
  rig.RunFor(absl::Minutes(2));
  rig.engine->DeclareOperation(Bounce("bounce", "d2"));
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(life().digest, "d2");
  EXPECT_EQ(life().since, since);
  phase = OperationProgress::Phase::kSucceeded;
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Succeeded");
  EXPECT_GT(life().since, since);
}

TEST(Operations, NotBegunInTimeAreExpired) {
  OperationsRig rig;
  ASSERT_TRUE(rig.loop.Await(rig.engine->Suspend(Key("site"), "lena", "", absl::InfiniteFuture())).ok());
  rig.script->decide = [](const auto&, const Frame&, absl::Time) { return Plan(); };  // begins nothing
  rig.engine->DeclareOperation(Bounce("bounce", "d1", rig.clock.Now() + absl::Minutes(5)));
  rig.Start();
  rig.RunFor(absl::Minutes(4));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Pending");
  rig.RunFor(absl::Minutes(2));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Expired");
  EXPECT_EQ(rig.Done(), "");
}

TEST(Operations, NotBegunInTimeAreExpiredAtThatMomentHoweverSeldomTheirTargetIsLookedAt) {
  OperationsRig rig;
  rig.script->decide = [](const auto&, const Frame&, absl::Time) { return Plan(); };  // begins nothing
  Declared seldom = rig.Make("site", rig.script, Mode::kAct, "2");
  seldom.interval = absl::Hours(6);
  rig.engine->Declare(std::move(seldom));
  rig.Start();
  rig.RunFor(absl::Minutes(1));
  rig.engine->DeclareOperation(Bounce("late", "d1", rig.clock.Now() + absl::Minutes(40)));
  rig.engine->DeclareOperation(Bounce("soon", "d2", rig.clock.Now() + absl::Minutes(5)));
  rig.RunFor(absl::Minutes(5) - absl::Seconds(1));
  EXPECT_EQ(PhaseOf(rig, "soon"), "Pending");
  rig.RunFor(absl::Seconds(2));
  EXPECT_EQ(PhaseOf(rig, "soon"), "Expired");
  EXPECT_EQ(PhaseOf(rig, "late"), "Pending");
  const int looks = rig.script->observed;
  rig.RunFor(absl::Minutes(36));
  EXPECT_EQ(PhaseOf(rig, "late"), "Expired");
  EXPECT_LE(rig.script->observed, looks + 1) << "one look at the end, none between";
}

TEST(Operations, WhoseDocumentIsDeletedAreWithdrawnAndBeginNoNextMember) {
  OperationsRig rig;
  rig.doors->takes = absl::Seconds(5);
  rig.engine->DeclareOperation(Bounce("bounce"));
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  ASSERT_EQ(PhaseOf(rig, "bounce"), "Running");
  rig.engine->UndeclareOperation("bounce");
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "gone");
  EXPECT_EQ(rig.Done(), "a=bounce") << "the member in hand is finished";
  const Past past = rig.disk.Load().resources[Key("site")].past;
  ASSERT_TRUE(past.operations.contains("bounce"));
  EXPECT_EQ(past.operations.at("bounce").phase, OperationPhase::kWithdrawn);
  rig.engine->DeclareOperation(Bounce("bounce"));
  rig.values.Set("a", "other");
  rig.RunFor(absl::Minutes(1));
  EXPECT_EQ(rig.Done(), "a=bounce") << "withdrawn is for good, until its text changes";
}

TEST(Operations, WithoutATargetSaySo) {
  Rig rig;
  rig.engine->DeclareOperation(Bounce("bounce"));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "NoTarget");
}

TEST(Operations, DeclaredBeforeTheirTargetAreNotTakenForWithdrawn) {
  OperationsRig rig;
  rig.doors->takes = absl::Seconds(5);
  rig.engine->DeclareOperation(Bounce("bounce"));
  rig.Start();
  rig.RunFor(absl::Seconds(1));
  rig.Crash();
  rig.engine->DeclareOperation(Bounce("bounce"));
  rig.DeclareAll();
  rig.Start();
  rig.RunFor(absl::Minutes(3));
  EXPECT_EQ(PhaseOf(rig, "bounce"), "Succeeded");
}

}  // namespace
}  // namespace holdfast::sim
