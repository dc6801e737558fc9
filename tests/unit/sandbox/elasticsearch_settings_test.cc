// Settings of the simulated cluster behave as real ones did, version by version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sandbox/elasticsearch_lab.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Version k717{7, 17, 29}, k819{8, 19, 5}, k219{2, 19, 4};

struct Server {
  Flavor flavor;
  Version version;
};
void PrintTo(const Server& server, std::ostream* out) {
  *out << (server.flavor == kOpenSearch ? "OpenSearch " : "Elasticsearch ") << VersionText(server.version);
}

class DeltaBug : public testing::TestWithParam<Server> {};
TEST_P(DeltaBug, OfTwoKeysInTwoPutsOnlyTheLastIsInForce) {
  ClusterLab lab(GetParam().flavor, GetParam().version);
  EXPECT_EQ(lab.Put(kExclude + "zone", R"("b")"), 200);
  EXPECT_EQ(lab.Put(kExclude + "_ip", R"("10.0.0.11")"), 200);
  EXPECT_THAT(lab.InForce(), ElementsAre("_ip"));
  // Both are shown all the same.
  const json::value settings = lab.Get("/_cluster/settings?flat_settings");
  EXPECT_EQ(Text(settings, "/persistent/cluster.routing.allocation.exclude.zone"), "b");
  EXPECT_EQ(Text(settings, "/persistent/cluster.routing.allocation.exclude._ip"), "10.0.0.11");
}
TEST_P(DeltaBug, TakingOneKeyAwayDropsTheOther) {
  ClusterLab lab(GetParam().flavor, GetParam().version);
  EXPECT_EQ(
      lab.PutAll(Cat(R"({"persistent":{")", kExclude, R"(zone":"b",")", kExclude, R"(_ip":"10.0.0.11"}})")),
      200);
  EXPECT_THAT(lab.InForce(), ElementsAre("_ip", "zone"));
  EXPECT_EQ(lab.Put(kExclude + "_ip", "null"), 200);
  EXPECT_THAT(lab.InForce(), IsEmpty());
}
TEST_P(DeltaBug, DuplicateTokensInOnePutKeepAllKeysInForce) {
  ClusterLab lab(GetParam().flavor, GetParam().version);
  lab.Put(kExclude + "zone", R"("b")");
  lab.PutAll(Cat(R"({"persistent":{")", kExclude, R"(zone":"b,b",")", kExclude, R"(_ip":"10.0.0.11"}})"));
  EXPECT_THAT(lab.InForce(), ElementsAre("_ip", "zone"));
}
TEST_P(DeltaBug, PuttingTheSameAgainRepairsNothing) {
  ClusterLab lab(GetParam().flavor, GetParam().version);
  lab.Put(kExclude + "zone", R"("b")");
  lab.Put(kExclude + "_ip", R"("10.0.0.11")");
  const uint64_t version = lab.cluster.ground().version;
  lab.PutAll(Cat(R"({"persistent":{")", kExclude, R"(zone":"b",")", kExclude, R"(_ip":"10.0.0.11"}})"));
  EXPECT_THAT(lab.InForce(), ElementsAre("_ip"));
  EXPECT_EQ(lab.cluster.ground().version, version);
}
TEST_P(DeltaBug, AFreshlyStartedMasterHasAllKeysInForce) {
  ClusterLab lab(GetParam().flavor, GetParam().version);
  lab.Put(kExclude + "zone", R"("b")");
  lab.Put(kExclude + "_ip", R"("10.0.0.19")");
  ASSERT_EQ(lab.MasterName(), "n1");
  (void)lab.cluster.Stop("n2", By::kPerson);
  lab.Pass(absl::Seconds(3));
  (void)lab.cluster.Start("n2", By::kPerson);
  lab.Pass(absl::Minutes(1));
  EXPECT_THAT(lab.InForce(), ElementsAre("_ip"));
  (void)lab.cluster.Stop("n1", By::kPerson);
  EXPECT_EQ(lab.MasterName(), "n2");
  EXPECT_THAT(lab.InForce(), ElementsAre("_ip", "zone"));
}
TEST_P(DeltaBug, TheToggleMustBeAgainstTheEffectiveValue) {
  ClusterLab lab(GetParam().flavor, GetParam().version);
  lab.PutAll(
      Cat(R"({"persistent":{")", kExclude, R"(zone":"b,b"},"transient":{")", kExclude, R"(zone":"b"}})"));
  EXPECT_THAT(lab.InForce(), ElementsAre("zone"));
  lab.PutAll(Cat(R"({"persistent":{")", kExclude, R"(zone":"b",")", kExclude,
                 R"(_ip":"10.0.0.11"},"transient":{")", kExclude, R"(zone":null}})"));
  EXPECT_THAT(lab.InForce(), ElementsAre("_ip"));
}
TEST_P(DeltaBug, OtherSettingsDoNotDisturbTheFilters) {
  ClusterLab lab(GetParam().flavor, GetParam().version);
  lab.Put(kExclude + "zone", R"("b")");
  lab.Put(kEnable, R"("none")");
  EXPECT_THAT(lab.InForce(), ElementsAre("zone"));
}
INSTANTIATE_TEST_SUITE_P(Servers, DeltaBug,
                         testing::Values(Server{kElasticsearch, {6, 8, 23}}, Server{kElasticsearch, k717},
                                         Server{kElasticsearch, k819}, Server{kOpenSearch, {1, 2, 4}}));

TEST(DeltaBugMended, OpenSearchFrom13KeepsBothKeys) {
  ClusterLab lab(kOpenSearch, k219);
  lab.Put(kExclude + "zone", R"("b")");
  lab.Put(kExclude + "_ip", R"("10.0.0.11")");
  EXPECT_THAT(lab.InForce(), ElementsAre("_ip", "zone"));
  lab.Put(kExclude + "_ip", "null");
  EXPECT_THAT(lab.InForce(), ElementsAre("zone"));
}

TEST(ParsedLists, OnEight_AChangeOfTheTextAloneTurnsTheExclusionOff) {
  ClusterLab lab(kElasticsearch, k819);
  lab.Put(kExclude + "zone", R"("b")");
  lab.Put(kExclude + "zone", R"(" b")");
  EXPECT_THAT(lab.InForce(), IsEmpty());
  lab.Put(kExclude + "zone", R"("b")");
  EXPECT_THAT(lab.InForce(), IsEmpty()) << "putting it back does not repair it";
  lab.Put(kExclude + "zone", R"("b,b")");
  EXPECT_THAT(lab.InForce(), ElementsAre("zone"));
}
TEST(ParsedLists, OnSeven_AChangeOfTheTextIsAChange) {
  ClusterLab lab(kElasticsearch, k717);
  lab.Put(kExclude + "zone", R"("b")");
  lab.Put(kExclude + "zone", R"(" b")");
  EXPECT_THAT(lab.InForce(), ElementsAre("zone"));
}

TEST(Arrays, MatchNothingBeforeEightAndAreListsThere) {
  for (const auto& [flavor, version, leaves] :
       {std::tuple(kElasticsearch, k717, false), std::tuple(kOpenSearch, k219, false),
        std::tuple(kElasticsearch, k819, true)}) {
    ClusterLab lab(flavor, version);
    EXPECT_EQ(lab.Put(kExclude + "zone", R"(["b"])"), 200);
    ASSERT_TRUE(lab.Calm());
    // With one replica both zones hold a copy of each shard: on the way out, those of zone b go to zone a.
    EXPECT_EQ(lab.CopiesOn("n2") + lab.CopiesOn("n4") == 0, leaves) << VersionText(version);
    EXPECT_EQ(lab.Put(kExclude + "_ip", R"(["10.0.0.11"])"), leaves ? 200 : 400);
  }
}

TEST(Transients, AnEmptyOneShadowsThePersistentValue) {
  ClusterLab lab;
  lab.PutAll(Cat(R"({"persistent":{")", kExclude, R"(zone":"b"},"transient":{")", kExclude, R"(zone":""}})"));
  EXPECT_THAT(lab.InForce(), IsEmpty());
  lab.PutAll(Cat(R"({"transient":{")", kExclude, R"(zone":null}})"));
  EXPECT_THAT(lab.InForce(), ElementsAre("zone"));
}
TEST(Transients, AWildcardOfNullTakesManyAway) {
  ClusterLab lab;
  lab.PutAll(Cat(R"({"persistent":{")", kExclude, R"(zone":"b"},"transient":{")", kExclude, R"(zone":""}})"));
  lab.PutAll(R"({"transient":{"cluster.routing.*":null}})");
  EXPECT_THAT(lab.InForce(), ElementsAre("zone"));
  EXPECT_TRUE(lab.cluster.ground().transient.empty());
}
TEST(Transients, AreLostWhenEveryMasterEligibleNodeWasDown) {
  ClusterLab lab;
  lab.PutAll(
      Cat(R"({"persistent":{")", kEnable, R"(":"primaries"},"transient":{")", kEnable, R"(":"none"}})"));
  for (const char* node : {"n1", "n2", "n3"}) lab.cluster.Crash(node);
  lab.Pass(absl::Seconds(5));
  for (const char* node : {"n1", "n2", "n3"}) (void)lab.cluster.Start(node, By::kPerson);
  lab.Pass(absl::Minutes(1));
  EXPECT_NE(lab.MasterName(), "");
  EXPECT_EQ(lab.cluster.ground().Effective(kEnable), "primaries");
}

TEST(Defaults, NullBringsBackWhatTheFileOfTheMasterSays) {
  ClusterLab lab;
  lab.cluster.scene().nodes[0].yml[kEnable] = "none";
  lab.Put(kEnable, R"("all")");
  lab.Put(kEnable, "null");
  EXPECT_EQ(lab.cluster.ground().Effective(kEnable), "none");
  const json::value all = lab.Get("/_cluster/settings?flat_settings&include_defaults");
  EXPECT_EQ(Text(all, "/defaults/cluster.routing.allocation.enable"), "none");
  EXPECT_EQ(Text(all, "/defaults/cluster.routing.allocation.disk.watermark.low"), "85%");
}
TEST(Defaults, AreNotToldBeforeFive) {
  ClusterLab lab(kElasticsearch, {2, 4, 6});
  EXPECT_EQ(Text(lab.Get("/_cluster/settings?include_defaults"), "/defaults"), "(nothing)");
}

TEST(Refused, AnUnknownKeyHasTheWholePutRefused) {
  ClusterLab lab;
  const Answer answer =
      lab.Ask("PUT", "/_cluster/settings",
              R"({"persistent":{"cluster.routing.allocation.enable":"none","foo.bar":null}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("persistent setting [foo.bar], not recognized"));
  EXPECT_TRUE(lab.cluster.ground().persistent.empty());
}
TEST(Refused, AnUnknownKeyIsTakenBeforeFive) {
  ClusterLab lab(kElasticsearch, {1, 7, 3});
  EXPECT_EQ(lab.Put("foo.bar", R"("x")"), 200);
}
TEST(Refused, NullBeforeFive) {
  ClusterLab lab(kElasticsearch, {2, 4, 6});
  EXPECT_EQ(lab.Put(kEnable, R"("none")"), 200);
  EXPECT_EQ(lab.Put(kEnable, "null"), 400);
  EXPECT_EQ(lab.Put(kEnable, R"("all")"), 200);
}
TEST(Refused, ABadIpAndABadModeButNotAnAttributeThatNobodyHas) {
  ClusterLab lab;
  EXPECT_EQ(lab.Put(kExclude + "_ip", R"("10.0.0")"), 400);
  EXPECT_EQ(lab.Put(kExclude + "_ip", R"("10.0.0.*")"), 200);
  EXPECT_EQ(lab.Put(kExclude + "rack", R"("r1")"), 200);
  EXPECT_EQ(lab.Put(kEnable, R"("some")"), 400);
}
TEST(Refused, ModesAreTakenInAnyCaseAndKeptAsSent) {
  ClusterLab lab;
  EXPECT_EQ(lab.Put(kEnable, R"("NONE")"), 200);
  EXPECT_EQ(
      Text(lab.Get("/_cluster/settings?flat_settings"), "/persistent/cluster.routing.allocation.enable"),
      "NONE");
  lab.Put(kExclude + "zone", R"("b")");
  EXPECT_TRUE(lab.cluster.ground().moving.empty());
}
TEST(Refused, ArchivedSettingsBlockEveryOtherPutUntilTheyAreTakenAway) {
  ClusterLab lab(kElasticsearch, k819);
  lab.cluster.scene().persistent["archived.cluster.old"] = "x";
  EXPECT_EQ(lab.Put(kEnable, R"("none")"), 400);
  EXPECT_EQ(lab.Put("archived.*", "null"), 200);
  EXPECT_EQ(lab.Put(kEnable, R"("none")"), 200);
}
TEST(Refused, ABodyWithoutContentTypeIs406WithAStringForAnError) {
  for (const auto& [flavor, version, status] :
       {std::tuple(kElasticsearch, Version{5, 6, 16}, 200), std::tuple(kElasticsearch, k717, 406),
        std::tuple(kOpenSearch, k219, 406)}) {
    ClusterLab lab(flavor, version);
    const Answer answer = AnswerRequest(
        lab.cluster, 0,
        {"PUT", "/_cluster/settings", "", R"({"persistent":{"cluster.routing.allocation.enable":"none"}})"});
    EXPECT_EQ(answer.status, status);
    if (status == 406)
      EXPECT_EQ(Text(*ParseJson(answer.body), "/error"), "Content-Type header [] is not supported");
  }
}
TEST(Refused, ClusterManagerTimeoutOnElasticsearch) {
  ClusterLab elastic(kElasticsearch, k717), open(kOpenSearch, k219);
  EXPECT_EQ(elastic.Ask("GET", "/_cluster/settings?cluster_manager_timeout=1s").status, 400);
  EXPECT_EQ(open.Ask("GET", "/_cluster/settings?cluster_manager_timeout=1s").status, 200);
  EXPECT_EQ(open.Ask("GET", "/_cluster/settings?master_timeout=1s").status, 200);
}

TEST(Metadata, OfPeopleIsKeptAsTextFromSevenOnAndRefusedBefore) {
  ClusterLab lab(kElasticsearch, k717), old(kElasticsearch, {6, 8, 23});
  EXPECT_EQ(lab.Put("cluster.metadata.holdfast.step", "7"), 200);
  EXPECT_EQ(Text(lab.Get("/_cluster/settings?flat_settings"), "/persistent/cluster.metadata.holdfast.step"),
            "7");
  EXPECT_EQ(lab.Put("cluster.metadata.holdfast.*", "null"), 200);
  EXPECT_TRUE(lab.cluster.ground().persistent.empty());
  EXPECT_EQ(old.Put("cluster.metadata.holdfast.step", "7"), 400);
}

TEST(UnknownOutcomes, AnErrorMayHaveBeenAppliedAndATimeOutNot) {
  ClusterLab lab;
  lab.cluster.AnswerNextWrite(WriteAnswer::kErrorButApplied);
  EXPECT_EQ(lab.Put(kEnable, R"("none")"), 500);
  EXPECT_EQ(lab.cluster.ground().Effective(kEnable), "none");
  lab.cluster.AnswerNextWrite(WriteAnswer::kTimedOutNotApplied);
  EXPECT_EQ(lab.Put(kEnable, R"("all")"), 503);
  EXPECT_EQ(lab.cluster.ground().Effective(kEnable), "none");
}
TEST(UnknownOutcomes, NotAcknowledgedIsApplied) {
  ClusterLab lab;
  const Answer answer = lab.Ask("PUT", "/_cluster/settings?timeout=0s",
                                R"({"persistent":{"cluster.routing.allocation.enable":"none"}})");
  EXPECT_EQ(Text(*ParseJson(answer.body), "/acknowledged"), "false");
  EXPECT_EQ(lab.cluster.ground().Effective(kEnable), "none");
}

TEST(Shape, SettingsAreNestedUnlessFlatIsAskedFor) {
  ClusterLab lab;
  lab.Put(kExclude + "zone", R"("b")");
  EXPECT_EQ(Text(lab.Get("/_cluster/settings"), "/persistent/cluster/routing/allocation/exclude/zone"), "b");
  const json::value none = lab.Get("/_cluster/settings?filter_path=transient");
  EXPECT_EQ(Compact(none), R"({"transient":{}})");
}

}  // namespace
}  // namespace holdfast::sandbox::elasticsearch
