// Who watches the cluster's watchman: controllers that break one rule each, and some that break none.
#include "tests/contract/cluster_watchman.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"

namespace holdfast::contract {
namespace {

using namespace sandbox::elasticsearch;
using sandbox::By;
using ::testing::HasSubstr;

const std::string kAllocation = "cluster.routing.allocation.";

// Four nodes in two zones, an index with replicas and one without, on a version with every trap.
struct Place {
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  sandbox::Cluster cluster{now, {"watched", Flavor::kElasticsearch, {7, 17, 29}}};
  Place() {
    for (int i = 0; i < 4; ++i) {
      Node node;
      node.attributes["zone"] = i < 3 ? "primary" : "spot";
      cluster.AddNode(node);
    }
    cluster.AddIndex({.name = "i", .shards = 4, .replicas = 1});
    cluster.Form();
  }
  void Pass(absl::Duration time) { cluster.Advance(now += time); }
  void Set(const std::string& key, std::optional<std::string> value) {
    (void)cluster.Change({.persistent = {{kAllocation + key, std::move(value)}}}, By::kController);
  }
  void Stop(const std::string& node) {
    (void)cluster.Stop(node, By::kController);
    Pass(absl::Seconds(3));
  }
  void Start(const std::string& node) {
    (void)cluster.Start(node, By::kController);
    Pass(absl::Minutes(1));
  }
};

struct Controller {
  const char* name;
  void (*does)(Place& place, ClusterWatchman& watchman);
  const char* complaint;  // "" = it is a good one
};
void PrintTo(const Controller& controller, std::ostream* out) { *out << controller.name; }

const Controller kControllers[] = {
    {"StopsTheOnlyCopy",
     [](Place& p, ClusterWatchman&) {
       p.cluster.SetIndex("i", "index.number_of_replicas", "0");
       p.Stop("n1");
     },
     "has no other started, in-sync copy to rely on"},
    {"ReliesOnACopyInTheRiskyZone",
     [](Place& p, ClusterWatchman& w) {
       w.risky = {"n2", "n3", "n4"};
       p.Stop("n1");
     },
     "has no other started, in-sync copy to rely on"},
    {"ReliesOnAFrozenNode",
     [](Place& p, ClusterWatchman&) {
       for (const char* node : {"n2", "n3", "n4"}) p.cluster.Freeze(node);
       p.Stop("n1");
     },
     "has no other started, in-sync copy to rely on"},
    {"StopsTwoAtOnce",
     [](Place& p, ClusterWatchman&) {
       p.Stop("n4");
       p.Stop("n3");
     },
     "n4 is not back yet"},
    {"BouncesTheNextUnderTheSameNone",
     [](Place& p, ClusterWatchman&) {
       p.Set("enable", "none");
       p.Stop("n4");
       p.Start("n4");
       p.Stop("n3");
     },
     "that an earlier stop took away is not recovered yet"},
    {"TakesTheQuorumAway",
     [](Place& p, ClusterWatchman& w) {
       w.single_copies = ClusterWatchman::SingleCopies::kMayBeAway;
       p.cluster.Crash("n2");
       p.cluster.Crash("n3");
       p.Stop("n1");
     },
     "too few of those that vote are left"},
    {"StopsANodeTwice",
     [](Place& p, ClusterWatchman&) {
       for (int i = 0; i < 2; ++i) {
         p.Stop("n4");
         p.Start("n4");
         p.Pass(absl::Minutes(5));
       }
     },
     "n4 was stopped 2 times"},
    {"NeverStartsItAgain", [](Place& p, ClusterWatchman&) { p.Stop("n4"); }, "n4 was never brought back"},
    {"TouchesWhatMustNotBe",
     [](Place& p, ClusterWatchman& w) {
       w.untouchable = {"n4"};
       p.Stop("n4");
     },
     "nothing may be done to it"},
    {"LosesDocuments",
     [](Place& p, ClusterWatchman&) {
       p.cluster.SetIndex("i", "index.number_of_replicas", "0");
       p.Stop("n4");
       p.cluster.ReturnsWith("n4", {.disk = Returning::Disk::kWiped});
       p.Start("n4");
     },
     "can never be had again"},
    {"LeavesEnableAtNone", [](Place& p, ClusterWatchman&) { p.Set("enable", "none"); },
     "persistent cluster.routing.allocation.enable is left at none"},
    {"TakesAPersonsSettingAway",
     [](Place& p, ClusterWatchman&) { p.Set("node_concurrent_recoveries", std::nullopt); },
     "node_concurrent_recoveries is not set, not 4"},
    {"ForgetsTheExclusion",
     [](Place&, ClusterWatchman& w) {
       w.wanted["persistent cluster.routing.allocation.exclude.zone"] = "spot";
     },
     "exclude.zone is not set, not spot"},
    {"ReadsTheTextAndNotWhatIsInForce",
     [](Place& p, ClusterWatchman& w) {
       w.wanted["persistent cluster.routing.allocation.exclude.zone"] = "spot";
       w.wanted["persistent cluster.routing.allocation.exclude._name"] = "n3";
       p.Set("exclude.zone", "spot");
       p.Set("exclude._name", "n3");
     },
     "exclude.zone=spot is not in force"},
    {"LeavesAVotingExclusion",
     [](Place& p, ClusterWatchman&) { (void)p.cluster.ExcludeVoters({"n4"}, By::kController); },
     "voting exclusions are left"},

    {"GoodOneBouncesOneByOne",
     [](Place& p, ClusterWatchman&) {
       for (const char* node : {"n4", "n3", "n2", "n1"}) {
         p.Set("enable", "none");
         p.Stop(node);
         p.cluster.Index(10);
         p.Start(node);
         p.Set("enable", std::nullopt);
         p.Pass(absl::Minutes(5));
       }
     },
     ""},
    {"GoodOneKeepsBothKeysInForce",
     [](Place& p, ClusterWatchman& w) {
       w.wanted["persistent cluster.routing.allocation.exclude.zone"] = "spot";
       w.wanted["persistent cluster.routing.allocation.exclude._name"] = "n3";
       p.Set("exclude.zone", "spot");
       (void)p.cluster.Change({.persistent = {{kAllocation + "exclude.zone", "spot,spot"},
                                              {kAllocation + "exclude._name", "n3"}}},
                              By::kController);
     },
     ""},
    {"GoodOneMarksWhatItDoes",
     [](Place& p, ClusterWatchman&) {
       (void)p.cluster.Change({.persistent = {{"cluster.metadata.holdfast.owner", "me"}}}, By::kController);
     },
     ""},
    {"GoodOneLeavesPeopleAlone",
     [](Place& p, ClusterWatchman&) {
       (void)p.cluster.Stop("n1", By::kPerson);
       (void)p.cluster.Stop("n2", By::kPerson);
     },
     ""},
};

class WatchedCluster : public testing::TestWithParam<Controller> {};

TEST_P(WatchedCluster, IsCaughtExactlyWhenItBreaksARule) {
  Place place;
  (void)place.cluster.Change({.persistent = {{kAllocation + "node_concurrent_recoveries", "4"}}},
                             By::kPerson);
  ClusterWatchman watchman(place.cluster);
  GetParam().does(place, watchman);
  const std::string said = Cat(Join(watchman.complaints(), "\n"), "\n", watchman.InTheEnd());
  if (*GetParam().complaint == '\0')
    EXPECT_EQ(said, "\n");
  else
    EXPECT_THAT(said, HasSubstr(GetParam().complaint));
}
INSTANTIATE_TEST_SUITE_P(Controllers, WatchedCluster, testing::ValuesIn(kControllers),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace holdfast::contract
