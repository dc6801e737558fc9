// Topics, alarms and launch configurations on moto, by a user who may do what their policy says and no more.
#include <gmock/gmock.h>

#include <set>
#include <string>

#include "controller/base/text.h"
#include "controller/cli/policy.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/xml.h"
#include "reconcilers/cloudwatch_alarm/kind.h"
#include "reconcilers/cloudwatch_alarm/put.h"
#include "reconcilers/launch_configuration/kind.h"
#include "reconcilers/sns_topic/kind.h"
#include "tests/integration/moto_lab.h"
#include "tests/unit/aws/decided.h"

namespace holdfast::aws {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kMostRounds = 12;

struct RealAlarms : OnMoto {
  // From here on the policy of these specs is enforced, as moto writes it.
  void Allow(const std::vector<Permission>& permissions) {
    std::string policy = Compact(cli::PolicyOf(permissions));
    json::value document = *ParseJson(policy);
    for (json::value& statement : document.get_object()["Statement"].get_array()) {
      statement.get_object()["Resource"] = "*";
      for (json::value& action : statement.get_object()["Action"].get_array())
        if (const std::string_view text = Chars(action.get_string()); text.starts_with("cloudwatch:"))
          action = JsonView(Cat("monitoring", text.substr(text.find(':'))));
    }
    // AWS lets everybody ask who he is.
    document.get_object()["Statement"].get_array().emplace_back(
        json::object{{"Effect", "Allow"}, {"Action", "sts:GetCallerIdentity"}, {"Resource", "*"}});
    CheckEveryCall(Compact(document));
  }
  std::string At(const std::string& yaml) {
    return Cat("region: us-east-1\naccount: \"123456789012\"\nendpoint: ", moto->url(), "\n", yaml);
  }

  std::map<std::string, std::string> refs;
};

// One resource as the engine holds it.
template <class K>
struct Played {
  Played(RealAlarms& test, std::string name, const std::string& yaml) : test(test), self{"", name} {
    self.kind = K::kName;
    Spec(yaml);
  }
  void Spec(const std::string& yaml) {
    auto spec = std::make_shared<typename K::Spec>();
    const Written written = Read<K>(test.At(yaml), *spec);
    EXPECT_TRUE(written.problems.empty()) << written.text();
    want = spec;
  }
  std::vector<Permission> permissions() const { return K::Permissions(*want); }

  // Looks, decides and acts until nothing goes any more; the verbs of what was done.
  std::vector<std::string> Settle(By by = By::kDoor) {
    std::vector<std::string> verbs;
    for (int round = 0; round < kMostRounds; ++round) {
      const std::vector<std::string> asked = ask;
      Decide();
      ask = plan.ask;
      const bool acted = Perform(by, verbs);
      if ((!acted && ask == asked) || testing::Test::HasFailure()) return verbs;
    }
    ADD_FAILURE() << self.Text() << " does not settle: " << Join(verbs, ", ");
    return verbs;
  }
  void Decide() {
    const absl::Time now = test.rig.world.clock.Now();
    const Look look{
        .self = self, .not_older_than = now, .touched_not_older_than = now, .touched = touched, .ask = ask};
    touched.clear();
    const Observed<typename K::State> seen = test.rig.Wait(K::Observe(test.systems, want, look));
    std::optional<Fact<typename K::State>> fact;
    seen.Match([&](const Known<typename K::State>& known) { fact = known; },
               [&](const Absent& absent) { fact = absent; },
               [&](const Unknown& unknown) { ADD_FAILURE() << self.Text() << ": " << unknown.reason; });
    if (!fact) return;
    const Frame frame{.now = now + later, .purpose = purpose, .past = past, .refs = test.refs};
    plan = K::Decide({*want, {}, *fact, typename K::Trail{}, frame});
    for (const auto& [name, value] : plan.outputs) test.refs[Cat(self.Text(), ".", name)] = value;
    for (const auto& [name, value] : plan.pins) past.pins.emplace(name, value);
    for (const auto& restored : plan.restored)
      std::erase_if(past.open, [&](const Lease& lease) { return lease.object == restored.first; });
  }
  bool Perform(By by, std::vector<std::string>& verbs) {
    bool acted = false;
    if (plan.stages.empty()) return acted;
    for (const Step& step : plan.stages[0].steps) {
      if (!AllPass(step.guards)) continue;
      acted = true;
      verbs.push_back(step.verb);
      touched.push_back(step.target);
      if (step.puts_aside) past.open.push_back(*step.puts_aside);
      test.Perform(step.action, by);
    }
    return acted;
  }

  RealAlarms& test;
  ResourceKey self;
  std::shared_ptr<const typename K::Spec> want;
  Past past;
  Plan plan;
  std::vector<std::string> ask, touched;
  Purpose purpose = Purpose::kConverge;
  absl::Duration later;  // as if so much time had passed
};

constexpr const char* kTopic =
    "name: ops\nsubscriptions: [{protocol: email, endpoint: ops@example.com}, {protocol: sqs, endpoint: "
    "\"arn:aws:sqs:us-east-1:123456789012:alarms\"}]\n";
std::string LatencyAlarm(const std::string& more = "metric: Latency\nthreshold: 0.5\n") {
  return "name: slow & bad\nnamespace: AWS/ELB\ndimensions: {LoadBalancerName: web}\nstatistic: Average\n"
         "period: 5m\nevaluationPeriods: 2\ncomparison: GreaterThanOrEqualToThreshold\n"
         "actions: {alarm: [{topic: {ref: SnsTopic/ops}}], ok: [{topic: {ref: SnsTopic/ops}}]}\n" +
         more;
}
template <class A, class B>
std::vector<Permission> Both(const A& a, const B& b) {
  std::vector<Permission> all = a.permissions();
  for (const Permission& one : b.permissions()) all.push_back(one);
  return all;
}

TEST_F(RealAlarms, AnAlarmAndItsTopicAreKeptByTheDoor) {
  Played<SnsTopic> topic(*this, "ops", kTopic);
  Played<CloudWatchAlarm> alarm(*this, "slow", LatencyAlarm());
  Allow(Both(topic, alarm));

  EXPECT_THAT(alarm.Settle(), IsEmpty());  // its topic is not known yet
  EXPECT_NE(WaitNamed(alarm.plan, "SnsTopic/ops"), nullptr);
  EXPECT_EQ(topic.Settle(), (std::vector<std::string>{"create", "subscribe", "subscribe"}));
  EXPECT_EQ(topic.plan.readiness.is, Readiness::Is::kYes) << topic.plan.readiness.message;
  EXPECT_EQ(refs["SnsTopic/ops.arn"], "arn:aws:sns:us-east-1:123456789012:ops");
  EXPECT_EQ(alarm.Settle(), std::vector<std::string>{"create"});
  EXPECT_EQ(alarm.plan.readiness.is, Readiness::Is::kYes);
  EXPECT_THAT(alarm.plan.diffs, IsEmpty());
  EXPECT_THAT(alarm.Settle(), IsEmpty());
  EXPECT_THAT(topic.Settle(), IsEmpty());

  // A hand changes the threshold.
  alarm.Spec(LatencyAlarm("metric: Latency\nthreshold: 0.75\n"));
  EXPECT_EQ(alarm.Settle(), std::vector<std::string>{"put"});
  alarm.Spec(LatencyAlarm("threshold: 1\nmetric: Latency\ndescription: \"it's ü\"\n"));
  EXPECT_EQ(alarm.Settle(), std::vector<std::string>{"put"});

  // W2: another metric, with the actions off until it has been evaluated.
  alarm.Spec(LatencyAlarm("threshold: 9\nmetric: SurgeQueueLength\n"));
  EXPECT_EQ(alarm.Settle(), std::vector<std::string>{"put"});
  EXPECT_EQ(alarm.past.open.size(), 1U);
  EXPECT_NE(WaitNamed(alarm.plan, "restore"), nullptr);
  alarm.later = absl::Minutes(20);
  alarm.Decide();
  ASSERT_NE(StepCalled(alarm.plan, "enable"), nullptr);
  // moto does not have EnableAlarmActions: a hand does it.
  const holdfast::alarm::Notified notified = holdfast::alarm::Resolved(*alarm.want->actions, refs);
  const Outcome by_hand = Perform(holdfast::alarm::PutCall(
      *alarm.want, holdfast::alarm::Wished(*alarm.want, notified, holdfast::alarm::Alarm()),
      holdfast::alarm::Is::kThere));
  EXPECT_EQ(by_hand.kind, Outcome::Kind::kDone) << by_hand.detail;
  EXPECT_THAT(alarm.Settle(), IsEmpty());
  EXPECT_THAT(alarm.past.open, IsEmpty());
  EXPECT_THAT(alarm.plan.diffs, IsEmpty());

  alarm.purpose = topic.purpose = Purpose::kPrune;
  EXPECT_EQ(alarm.Settle(), std::vector<std::string>{"delete"});
  EXPECT_EQ(topic.Settle(), std::vector<std::string>{"delete"});
}

TEST_F(RealAlarms, EveryLineIsWhatTheAwsProgramTakes) {
  if (Moto::Program("aws").empty()) GTEST_SKIP() << Moto::kNoAws;
  Played<SnsTopic> topic(*this, "ops", kTopic);
  Played<CloudWatchAlarm> alarm(*this, "slow", LatencyAlarm());
  Played<LaunchConfiguration> launch(*this, "web",
                                     "name: web 7\nimage: ami-12345678\ninstanceType: t3.micro\n");
  std::vector<Permission> all = Both(topic, alarm);
  for (const Permission& one : launch.permissions()) all.push_back(one);
  Allow(all);
  EXPECT_EQ(topic.Settle(By::kLine).size(), 3U);
  EXPECT_EQ(alarm.Settle(By::kLine), std::vector<std::string>{"create"});
  alarm.Spec(LatencyAlarm("threshold: 1\nmetric: Latency\ndescription: \"it's ü\"\n"));
  EXPECT_EQ(alarm.Settle(By::kLine), std::vector<std::string>{"put"});
  EXPECT_THAT(alarm.plan.diffs, IsEmpty());
  EXPECT_EQ(launch.Settle(By::kLine), std::vector<std::string>{"create"});
  EXPECT_THAT(launch.plan.diffs, IsEmpty());
  alarm.purpose = topic.purpose = launch.purpose = Purpose::kPrune;
  EXPECT_EQ(alarm.Settle(By::kLine), std::vector<std::string>{"delete"});
  EXPECT_EQ(topic.Settle(By::kLine), std::vector<std::string>{"delete"});
  EXPECT_EQ(launch.Settle(By::kLine), std::vector<std::string>{"delete"});
}

TEST_F(RealAlarms, A10_ALaunchConfigurationIsMadeOfAnInstanceOnce) {
  const HttpResponse run =
      moto->Unchecked("POST", "/", "ec2",
                      "Action=RunInstances&Version=2016-11-15&ImageId=ami-12345678&MinCount=1&MaxCount=1");
  const size_t at = run.body.find("<instanceId>");
  ASSERT_NE(at, std::string::npos) << run.body;
  const std::string id = run.body.substr(at + 12, run.body.find('<', at + 12) - at - 12);
  const std::string secret = "#!/bin/sh\necho canary-0123456789";
  const std::string rest =
      Cat("instanceType: t3.micro\nimage: {fromInstance: {id: ", id, "}}\nkeyName: ops\n",
          "userData: {valueFrom: {file: ", lab.Write("user-data", secret, 0600), "}}\n",
          "blockDevices: [{device: /dev/xvda, sizeGiB: 40, type: gp3}]\n");
  Played<LaunchConfiguration> launch(*this, "web", "name: web-7\n" + rest);
  Allow(launch.permissions());
  EXPECT_EQ(launch.Settle(), (std::vector<std::string>{"image", "create"}));
  EXPECT_THAT(launch.plan.diffs, IsEmpty());
  EXPECT_EQ(launch.plan.readiness.is, Readiness::Is::kYes) << launch.plan.readiness.message;
  EXPECT_EQ(refs["LaunchConfiguration/web.name"], "web-7");
  EXPECT_THAT(launch.Settle(), IsEmpty());

  // It is gone, and the image is found again: no second one is made.
  launch.purpose = Purpose::kPrune;
  EXPECT_EQ(launch.Settle(), std::vector<std::string>{"delete"});
  launch.purpose = Purpose::kConverge;
  EXPECT_EQ(launch.Settle(), std::vector<std::string>{"create"});

  // The secret is another one now, and so is the type: blocked, with the way out.
  lab.Write("user-data", "another one, long enough", 0600);
  launch.Spec("name: web-7\n" + rest + "ebsOptimized: true\n");
  EXPECT_THAT(launch.Settle(), IsEmpty());
  ASSERT_EQ(launch.plan.diffs.size(), 2U);
  EXPECT_EQ(launch.plan.diffs[1].path, "userData");
  ASSERT_NE(WaitNamed(launch.plan, "A10"), nullptr);
  EXPECT_THAT(WaitNamed(launch.plan, "A10")->detail, Not(HasSubstr("canary")));
}

TEST_F(RealAlarms, ACallOutsideOfThePolicyIsRefused) {
  Played<CloudWatchAlarm> alarm(*this, "slow", LatencyAlarm());
  std::vector<Permission> less = alarm.permissions();
  std::erase_if(less, [](const Permission& one) { return one.action == "cloudwatch:PutMetricAlarm"; });
  Allow(less);
  refs["SnsTopic/ops.arn"] = "arn:aws:sns:us-east-1:123456789012:ops";
  alarm.Decide();
  ASSERT_NE(StepCalled(alarm.plan, "create"), nullptr);
  const Outcome outcome = Perform(StepCalled(alarm.plan, "create")->action);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kRefused);
  EXPECT_THAT(outcome.detail, HasSubstr("PutMetricAlarm"));
}

}  // namespace
}  // namespace holdfast::aws
