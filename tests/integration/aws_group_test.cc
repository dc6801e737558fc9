// A group on moto: made, changed by hand, brought back, put to rest and resumed; every line pasted into
// `aws`.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/kind.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/clients/aws/document.h"
#include "tests/integration/moto_lab.h"

namespace holdfast::autoscaling_group {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;

constexpr int kMostRounds = 12;

struct RealGroup : aws::OnMoto, testing::WithParamInterface<aws::By> {
  void SetUp() override {
    OnMoto::SetUp();
    if (IsSkipped()) return;
    if (GetParam() == aws::By::kLine && aws::Moto::Program("aws").empty()) GTEST_SKIP() << aws::Moto::kNoAws;
    CheckEveryCall();
    want->location = {.region = "us-east-1", .account = "123456789012", .endpoint = moto->url()};
    want->group = "opendebates web";
  }
  void Write(std::string operation, std::string_view parameters) {
    const aws::Reply reply = SendWrite(
        {aws::TargetOf(want->location), "autoscaling", std::move(operation), *ParseJson(parameters)});
    EXPECT_TRUE(reply.ok()) << reply.status().message();
  }
  void Decide() {
    const absl::Time now = rig.world.clock.Now();
    Look look{.self = {"AutoScalingGroup", "web"},
              .not_older_than = now,
              .touched_not_older_than = now,
              .touched = touched,
              .ask = plan.ask};
    touched.clear();
    const Observed<State> seen = rig.Wait(AutoScalingGroup::Observe(systems, want, std::move(look)));
    std::optional<Fact<State>> fact;
    seen.Match([&](const Known<State>& known) { fact = known; }, [&](const Absent& absent) { fact = absent; },
               [&](const Unknown& unknown) { ADD_FAILURE() << unknown.reason; });
    if (!fact) return;
    const std::map<std::string, std::string> refs;
    trail = Fold(std::move(trail), *fact);
    plan = AutoScalingGroup::Decide(
        {*want, {}, *fact, trail, {.now = now + later, .purpose = purpose, .past = past, .refs = refs}});
    for (const auto& restored : plan.restored)
      std::erase_if(past.open, [&](const Lease& lease) { return lease.object == restored.first; });
  }
  void Perform(const Step& step) {
    if (step.puts_aside) past.open.push_back(*step.puts_aside);
    touched.push_back(step.target);
    OnMoto::Perform(step.action, GetParam());
  }
  // Looks, decides and acts until nothing goes any more; what was done, each once.
  std::vector<std::string> Settle() {
    std::vector<std::string> done;
    for (int round = 0; round < kMostRounds; ++round) {
      const std::vector<std::string> asked = plan.ask;
      Decide();
      if (plan.stages.empty() && plan.ask == asked) return done;
      if (plan.stages.empty()) continue;
      for (const Step& step : plan.stages[0].steps) {
        if (!AllPass(step.guards)) continue;
        done.push_back(Cat(step.verb, " ", step.target));
        Perform(step);
      }
    }
    ADD_FAILURE() << "it does not settle: " << Join(done, ", ");
    return done;
  }

  std::shared_ptr<Spec> want = std::make_shared<Spec>();
  Trail trail;
  Past past;
  Plan plan;
  Purpose purpose = Purpose::kConverge;
  absl::Duration later;  // as if so much time had passed
  std::vector<std::string> touched;
};

TEST_P(RealGroup, IsMadeKeptAndPutToRest) {
  Write("CreateLaunchConfiguration",
        R"({"LaunchConfigurationName":"v1","ImageId":"ami-12345678","InstanceType":"t3.micro"})");
  want->size = Size{2, 8, std::nullopt};
  EXPECT_THAT(Settle(), IsEmpty());
  ASSERT_FALSE(plan.waits.empty());
  EXPECT_THAT(plan.waits[0].name,
              HasSubstr("missing: launchConfiguration or launchTemplate, zones or subnets"));

  want->launch_configuration = LaunchConfigurationChoice{.name = "v1"};
  want->zones = {"us-east-1a", "us-east-1b"};
  want->tags = {{"role", "a+b=ü & c", true}};
  want->policies = {
      {.name = "Increase Group Size", .simple = SimplePolicy{.adjustment = 2, .cooldown = absl::Minutes(5)}},
      {.name = "cpu-50", .tracking = TrackingPolicy{.target = 50}},
      {.name = "far beyond",
       .step = StepPolicy{.steps = {{.from = 0, .to = 20, .adjustment = 1}, {.from = 20, .adjustment = 3}}}}};
  want->scheduled_actions = {{.name = "evening", .recurrence = "0 18 * * 1-5", .size = {4, {}, {}}}};
  want->lifecycle_hooks = {{.transition = Hook::Transition::kTerminating,
                            .name = "drain",
                            .heartbeat = absl::Minutes(5),
                            .otherwise = Hook::Result::kContinue}};
  const absl::Time until = rig.world.clock.Now() + absl::Hours(1);
  want->suspended = {{.process = Process::kAzRebalance, .reason = "debate night", .until = until}};
  const std::vector<std::string> made = Settle();
  EXPECT_EQ(made.front(), "create group");
  EXPECT_THAT(made, Contains("suspend process AZRebalance"));
  EXPECT_THAT(made, Contains("put policy far beyond"));
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes) << plan.readiness.message;
  EXPECT_THAT(plan.diffs, IsEmpty());
  EXPECT_THAT(plan.outputs, Contains(Key("policy:Increase Group Size")));
  EXPECT_THAT(past.open, testing::SizeIs(1));

  // By hand: the size, a policy, and a process.
  Write("UpdateAutoScalingGroup", R"({"AutoScalingGroupName":"opendebates web","MinSize":1,"MaxSize":3})");
  Write("PutScalingPolicy", R"({"AutoScalingGroupName":"opendebates web","PolicyName":"Increase Group Size",)"
                            R"("PolicyType":"SimpleScaling","AdjustmentType":"ChangeInCapacity",)"
                            R"("ScalingAdjustment":7,"Cooldown":300})");
  Write("SuspendProcesses",
        R"({"AutoScalingGroupName":"opendebates web","ScalingProcesses":["HealthCheck"]})");
  touched = {"size"};
  EXPECT_THAT(Settle(), testing::UnorderedElementsAre("set size", "put policy Increase Group Size"));
  EXPECT_THAT(plan.waits, Contains(testing::Field(&Wait::name, "HealthCheck is suspended")));

  // Its time has come: ours runs again, theirs rests.
  later = absl::Hours(2);
  EXPECT_THAT(Settle(), ElementsAre("resume process AZRebalance"));
  EXPECT_THAT(past.open, IsEmpty());
  purpose = Purpose::kRelease;
  EXPECT_THAT(Settle(), IsEmpty());
  const aws::Reply reply =
      SendRead({aws::TargetOf(want->location), "autoscaling", "DescribeAutoScalingGroups", json::object()});
  const std::string told = Compact(reply.body);
  EXPECT_THAT(told, HasSubstr("HealthCheck"));
  EXPECT_THAT(told, Not(HasSubstr("AZRebalance")));
}

INSTANTIATE_TEST_SUITE_P(Steps, RealGroup, testing::Values(aws::By::kDoor, aws::By::kLine),
                         [](const auto& info) { return info.param == aws::By::kDoor ? "ByDoor" : "ByLine"; });

}  // namespace
}  // namespace holdfast::autoscaling_group
