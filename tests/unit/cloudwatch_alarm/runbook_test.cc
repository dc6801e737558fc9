// The alarms of examples/opendebates are those of its runbook, number for number.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "controller/kind/any_kind.h"
#include "reconcilers/cloudwatch_alarm/kind.h"
#include "reconcilers/launch_configuration/kind.h"
#include "reconcilers/sns_topic/kind.h"
#include "specs/document.h"

namespace holdfast::alarm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Site : testing::Test {
  Site() {
    table.Add(Erase<CloudWatchAlarm>("").entry);
    table.Add(Erase<LaunchConfiguration>("").entry);
    table.Add(Erase<SnsTopic>("").entry);
    for (const char* name : {"topics.yaml", "alarms.yaml", "scaling.yaml"}) {
      std::ifstream file(std::string(HOLDFAST_EXAMPLES "/opendebates/") + name);
      std::stringstream text;
      text << file.rdbuf();
      specs::Parsed parsed = specs::ParseFile(name, text.str(), table, absl::FromUnixSeconds(1'795'000'000));
      EXPECT_THAT(parsed.problems, IsEmpty()) << specs::ProblemsText(parsed.problems);
      for (specs::Document& document : parsed.documents) documents.push_back(std::move(document));
    }
  }
  const Spec& Alarm(const std::string& name) {
    for (const specs::Document& document : documents)
      if (document.kind_name() == "CloudWatchAlarm") {
        const auto& spec = *static_cast<const Spec*>(document.spec.get());
        if (spec.name == name) return spec;
      }
    ADD_FAILURE() << "no alarm " << name;
    static const Spec none;
    return none;
  }
  specs::KindTable table;
  std::vector<specs::Document> documents;
};

std::vector<std::string> Names(const std::vector<AlarmAction>& actions) {
  std::vector<std::string> names;
  for (const AlarmAction& action : actions) {
    if (const auto* topic = std::get_if<TopicAction>(&action)) names.push_back(topic->ref.name);
    if (const auto* policy = std::get_if<PolicyAction>(&action)) names.push_back(policy->name);
  }
  return names;
}

void ExpectWatches(const Spec& spec, const std::string& metric, Statistic statistic, absl::Duration period,
                   absl::Duration whole, Comparison comparison, double threshold) {
  EXPECT_EQ(spec.metric, metric);
  EXPECT_EQ(spec.statistic, statistic);
  EXPECT_EQ(spec.period, period);
  EXPECT_EQ(*spec.period * *spec.evaluation_periods, whole);
  EXPECT_EQ(spec.comparison, comparison);
  EXPECT_EQ(spec.threshold, threshold);
}

TEST_F(Site, BackendConnectionErrors) {
  const Spec& spec = Alarm("Backend Connection Errors");
  ExpectWatches(spec, "BackendConnectionErrors", Statistic::kSum, absl::Minutes(5), absl::Minutes(5),
                Comparison::kGreaterThanOrEqualToThreshold, 1);
  EXPECT_THAT(Names(spec.actions->alarm), ElementsAre("caktus"));
  EXPECT_THAT(Names(spec.actions->ok), IsEmpty());
  EXPECT_THAT(Names(spec.actions->insufficient_data), IsEmpty());
}

TEST_F(Site, HealthyHosts) {
  const Spec& spec = Alarm("Healthy Hosts");
  ExpectWatches(spec, "HealthyHostCount", Statistic::kAverage, absl::Minutes(1), absl::Minutes(5),
                Comparison::kLessThanThreshold, 0.95);
  EXPECT_THAT(Names(spec.actions->alarm), UnorderedElementsAre("client", "caktus"));
  EXPECT_THAT(Names(spec.actions->ok), UnorderedElementsAre("client", "caktus"));
  EXPECT_THAT(Names(spec.actions->insufficient_data), ElementsAre("caktus"));
}

TEST_F(Site, Latency) {
  const Spec& spec = Alarm("Project Production Latency");
  ExpectWatches(spec, "Latency", Statistic::kAverage, absl::Minutes(5), absl::Minutes(10),
                Comparison::kGreaterThanOrEqualToThreshold, 0.5);
  for (const auto* list : {&spec.actions->alarm, &spec.actions->ok, &spec.actions->insufficient_data})
    EXPECT_THAT(Names(*list), UnorderedElementsAre("client", "caktus"));
}

TEST_F(Site, RequestCount) {
  const Spec& spec = Alarm("Prod RequestCount");
  ExpectWatches(spec, "RequestCount", Statistic::kSum, absl::Minutes(5), absl::Minutes(5),
                Comparison::kGreaterThanThreshold, 25000);
  for (const auto* list : {&spec.actions->alarm, &spec.actions->ok, &spec.actions->insufficient_data})
    EXPECT_THAT(Names(*list), UnorderedElementsAre("client", "caktus"));
}

TEST_F(Site, ScaleUpAndDown) {
  const Spec& up = Alarm("Scale up");
  ExpectWatches(up, "CPUUtilization", Statistic::kAverage, absl::Minutes(5), absl::Minutes(5),
                Comparison::kGreaterThanOrEqualToThreshold, 40);
  EXPECT_THAT(Names(up.actions->alarm), UnorderedElementsAre("Increase Group Size", "scaling"));
  EXPECT_THAT(Names(up.actions->insufficient_data), ElementsAre("scaling"));
  const Spec& down = Alarm("Scale down");
  ExpectWatches(down, "CPUUtilization", Statistic::kAverage, absl::Minutes(5), absl::Minutes(30),
                Comparison::kLessThanOrEqualToThreshold, 5);
  EXPECT_THAT(Names(down.actions->alarm), ElementsAre("Decrease Group Size"));
}

}  // namespace
}  // namespace holdfast::alarm
