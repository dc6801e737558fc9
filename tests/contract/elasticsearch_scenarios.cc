// Stories of a cluster: nodes are emptied, settings kept, nodes restarted one by one.
#include <memory>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "tests/contract/cluster_story.h"
#include "tests/contract/cluster_watchman.h"
#include "tests/contract/scenario.h"

namespace holdfast::contract {
namespace {

using sandbox::Cluster;
using sim::ClusterSeat;
using sim::Harness;

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
    ClusterSeat& seat = AddCluster(h);
    h.clock.AdvanceTo(h.clock.Steady() + absl::Minutes(10));
    Cluster& cluster = seat.Now();
    h.SetSpec("logs", ClusterText(cluster, story.spec));
    auto watchman = std::make_shared<ClusterWatchman>(cluster);
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
             h.SetSpec("logs", ClusterText(cluster, "  exclude: [{name: n4, reason: disk}]\n"));
           },
       .then = [](Harness& h, Cluster& cluster) { return IsGreen(h, cluster) && IsEmpty(cluster, "n4"); },
       .stays_aside = {"exclude:_name:n4"}});
  all.push_back({.name = "ExclusionEndsAtItsTime",
                 .when =
                     [](Harness& h, Cluster& cluster, ClusterWatchman&) {
                       const std::string until = Rfc3339(h.clock.Now() + absl::Minutes(2));
                       h.SetSpec("logs",
                                 ClusterText(cluster, Cat("  exclude: [{attributes: {zone: spot}, until: ",
                                                          until, ", reason: test}]\n  maxExcluded: 60%\n")));
                     },
                 .then =
                     [](Harness& h, Cluster& cluster) {
                       return IsGreen(h, cluster) && NothingIsOpen(h) && cluster.InForce().exclude.empty() &&
                              h.PastOf(kCluster).attempts.size() >= 2;
                     }});
  all.push_back(
      {.name = "RollingRestart",
       .when = [](Harness& h, Cluster&, ClusterWatchman&) { h.SetSpec("bounce", BounceText(h, "n*")); },
       .then = [](Harness& h,
                  Cluster& cluster) { return IsGreen(h, cluster) && NothingIsOpen(h) && IsBounced(h); }});
  all.push_back({.name = "ConfigChange",
                 .when =
                     [](Harness& h, Cluster&, ClusterWatchman&) {
                       h.texts.contents[std::string(kConfigFrom)] = "# as it is to be\n";
                       h.SetSpec("bounce", ConfigText(h, "n*"));
                     },
                 .then =
                     [](Harness& h, Cluster& cluster) {
                       bool changed = true;
                       for (const sandbox::elasticsearch::Node& node : cluster.ground().nodes)
                         if (node.name.starts_with("n"))
                           changed =
                               changed && node.files.at(std::string(kConfigPath)) == "# as it is to be\n";
                       return changed && IsGreen(h, cluster) && NothingIsOpen(h) && IsBounced(h);
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
