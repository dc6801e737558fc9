// Stories of a cluster: nodes are emptied, settings kept, nodes restarted one by one.
#include <memory>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "examples/sandbox/elasticsearch/world.h"
#include "tests/contract/cluster_watchman.h"
#include "tests/contract/scenario.h"

namespace holdfast::contract {
namespace {

using sandbox::Cluster;
using sim::Harness;
namespace es = sandbox::elasticsearch;

const ResourceKey kCluster{"ElasticsearchCluster", "logs"};

struct Place {
  Cluster& cluster;
  es::ClusterHttp& http;
  es::ClusterCommands& commands;
};

// Two zones of two data nodes, three masters of their own, two indices.
Place AddCluster(Harness& h) {
  Cluster& cluster = h.Add<Cluster>(h.clock.Now(), Cluster::Setup{});
  const auto node = [&](std::string name, std::string zone, std::set<std::string> roles) {
    es::Node made;
    made.name = std::move(name);
    made.attributes = {{"zone", std::move(zone)}};
    made.roles = std::move(roles);
    made.takes_to_start = absl::Seconds(12);
    cluster.AddNode(std::move(made));
  };
  for (const char* name : {"m1", "m2", "m3"}) node(name, "steady", {"master"});
  for (const char* name : {"n1", "n2"}) node(name, "steady", {"data"});
  for (const char* name : {"n3", "n4"}) node(name, "spot", {"data"});
  cluster.AddIndex({.name = "i3", .shards = 3, .replicas = 1, .bytes = 40 << 20});
  cluster.AddIndex({.name = "web", .shards = 1, .replicas = 1, .bytes = 10 << 20});
  cluster.Form();
  auto& http = h.Add<es::ClusterHttp>(cluster, h.clock);
  auto& commands = h.Add<es::ClusterCommands>(cluster, h.clock);
  for (const std::string& authority : es::AuthoritiesOf(cluster)) h.AnswersAt(authority, http);
  h.RunsAs("ctl", commands);
  return {cluster, http, commands};
}

std::string SpecText(const Cluster& cluster, std::string_view more) {
  std::string endpoints;
  for (const std::string& authority : es::AuthoritiesOf(cluster))
    if (endpoints.size() < 100)
      Append(endpoints, endpoints.empty() ? "" : ", ", "\"http://", authority, "\"");
  return Cat(R"(apiVersion: holdfast/v1
kind: ElasticsearchCluster
metadata: {name: logs}
policy: {mode: act, interval: 5s}
spec:
  endpoints: [)",
             endpoints, R"(]
  disruption:
    control: {command: {stop: [ctl, stop-node, "{name}"], start: [ctl, start-node, "{name}"]}}
)",
             more);
}

std::string RollText(const Harness& h, std::string_view names) {
  return Cat(R"(apiVersion: holdfast/v1
kind: Operation
metadata: {name: bounce}
spec:
  target: ElasticsearchCluster/logs
  rollingRestart: {nodes: {name: ")",
             names, R"("}, startedBefore: )", Rfc3339(h.clock.Now() - absl::Seconds(1)), "}\n");
}

bool IsGreen(Harness& h, Cluster& cluster) {
  cluster.Advance(h.clock.Now());
  return cluster.health() == Cluster::Health::kGreen && cluster.NodesNotUp().empty();
}
bool IsEmpty(const Cluster& cluster, std::string_view node) {
  const uint32_t n = cluster.ground().NodeByName(node);
  return n != es::kNowhere && cluster.ground().nodes[n].copies == 0;
}
bool NothingIsOpen(Harness& h) { return h.PastOf(kCluster).open.empty(); }

struct ClusterStory {
  std::string name;
  std::string spec;  // besides endpoints and control
  std::function<void(Harness&, Cluster&, ClusterWatchman&)> when;
  std::function<bool(Harness&, Cluster&)> then;
  std::set<std::string> stays_aside;
};

Scenario ScenarioFrom(const ClusterStory& story) {
  const auto tell = [story](Harness& h) {
    const Place place = AddCluster(h);
    h.clock.AdvanceTo(h.clock.Steady() + absl::Minutes(10));
    place.cluster.Advance(h.clock.Now());
    h.SetSpec("logs", SpecText(place.cluster, story.spec));
    auto watchman = std::make_shared<ClusterWatchman>(place.cluster);
    Cluster& cluster = place.cluster;
    return Told{.judge = watchman,
                .when = [&h, &cluster, watchman, when = story.when] { when(h, cluster, *watchman); },
                .then = [&h, &cluster, then = story.then] { return then(h, cluster); },
                .stays_aside = story.stays_aside};
  };
  return {.name = story.name,
          .resource = kCluster,
          .tell = tell,
          .remembers = Scenario::Remembers::kInTheWorldToo};
}

std::vector<ClusterStory> Stories() {
  std::vector<ClusterStory> all;
  all.push_back(
      {.name = "NodeIsEmptied",
       .when =
           [](Harness& h, Cluster& cluster, ClusterWatchman& watchman) {
             watchman.wanted["persistent cluster.routing.allocation.exclude._name"] = "n4";
             h.SetSpec("logs", SpecText(cluster, "  exclude: [{name: n4, reason: disk}]\n"));
           },
       .then = [](Harness& h, Cluster& cluster) { return IsGreen(h, cluster) && IsEmpty(cluster, "n4"); },
       .stays_aside = {"exclude:_name:n4"}});
  all.push_back(
      {.name = "ExclusionEndsAtItsTime",
       .when =
           [](Harness& h, Cluster& cluster, ClusterWatchman&) {
             const std::string until = Rfc3339(h.clock.Now() + absl::Minutes(2));
             h.SetSpec("logs", SpecText(cluster, Cat("  exclude: [{attributes: {zone: spot}, until: ", until,
                                                     ", reason: test}]\n  maxExcluded: 60%\n")));
           },
       .then =
           [](Harness& h, Cluster& cluster) {
             return IsGreen(h, cluster) && NothingIsOpen(h) && cluster.InForce().exclude.empty() &&
                    h.PastOf(kCluster).attempts.size() >= 2;
           }});
  all.push_back(
      {.name = "RollingRestart",
       .when = [](Harness& h, Cluster&, ClusterWatchman&) { h.SetSpec("bounce", RollText(h, "n*")); },
       .then =
           [](Harness& h, Cluster& cluster) {
             const auto& operations = h.PastOf(kCluster).operations;
             const auto bounce = operations.find("bounce");
             return IsGreen(h, cluster) && NothingIsOpen(h) && bounce != operations.end() &&
                    bounce->second.phase == OperationPhase::kSucceeded;
           }});
  return all;
}

}  // namespace

std::vector<Scenario> ElasticsearchScenarios() {
  std::vector<Scenario> scenarios;
  for (const ClusterStory& story : Stories()) scenarios.push_back(ScenarioFrom(story));
  return scenarios;
}

}  // namespace holdfast::contract
