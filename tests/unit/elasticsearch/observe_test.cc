#include "reconcilers/elasticsearch/observe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "reconcilers/elasticsearch/read_paths.h"
#include "tests/unit/elasticsearch/served.h"

namespace holdfast::elasticsearch {
namespace {

using clients::Says;
using clients::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Recorded(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream("tests/unit/elasticsearch/recorded/opensearch-2.19.4/" + name + ".json").rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

struct NoWaker : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

// Replaces once.
std::string With(std::string text, std::string_view what, std::string_view by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  if (at != std::string::npos) text.replace(at, what.size(), by);
  return text;
}

// Answers as the recorded cluster did; a test replaces what it is about.
struct LookTest : testing::Test {
  ServedRig rig;
  NoWaker waker;
  Systems systems{rig.world, waker};
  std::shared_ptr<Spec> spec = std::make_shared<Spec>();
  std::vector<std::string> ask;
  // By the beginning of a path, the longest first.
  std::map<std::string, Result<HttpResponse>, std::greater<>> says;
  std::map<std::string, Result<HttpResponse>> dead;  // endpoints that answer everything with this
  std::vector<std::string> paths;

  LookTest() {
    spec->endpoints = {"http://a:9200", "http://b:9200"};
    says = {{"/_cluster/settings", Json(200, Recorded("settings"))},
            {SettingsWithDefaultsPath({}), Json(200, Recorded("settings-defaults"))},
            {"/_cluster/state", Json(200, Recorded("state"))},
            {ClusterUuidPath(), Json(200, Recorded("uuid"))},
            {"/_nodes/_all/stats", Json(200, Recorded("stats"))},
            {"/_nodes/", Json(200, Recorded("info"))},
            {FilesPath(), Json(200, Recorded("files"))},
            {"/_stats/store", Json(200, Recorded("sizes"))},
            {"/_recovery", Json(200, Recorded("recoveries"))},
            {"/_cluster/pending_tasks", Json(200, R"({"tasks":[{"priority":"HIGH"},{"priority":"LOW"}]})")},
            {"/_cluster/allocation/explain", Json(200, Recorded("explain-unassigned"))}};
    rig.http.answer = [this](const std::string& endpoint, const std::string& path) -> Result<HttpResponse> {
      paths.push_back(path);
      if (const auto found = dead.find(endpoint); found != dead.end()) return found->second;
      for (const auto& [beginning, response] : says)
        if (path.starts_with(beginning)) return response;
      return Json(400, R"({"error":"unknown path"})");
    };
  }
  Observed<View> Look1() {
    paths.clear();
    Look look;
    look.self = {"ElasticsearchCluster", "c"};
    look.ask = ask;
    return rig.Wait(LookAtCluster(systems, spec, look));
  }
  std::string Reason() { return Says(Look1()); }
  View Seen() {
    const Observed<View> seen = Look1();
    EXPECT_EQ(Says(seen), "known");
    return ValueOf(seen);
  }
  void Then(const std::string& beginning, const std::string& body) { says[beginning] = Json(200, body); }
};

TEST_F(LookTest, AQuietLookTakesThreeCalls) {
  Seen();
  EXPECT_EQ(paths.size(), 6U);  // the first one learns who the nodes are, and looks at the other endpoint
  Seen();
  EXPECT_THAT(paths, ElementsAre(SettingsPath(), StatePath(), StatsPath()));
  rig.clock.Pass(kDefaultsKept);
  Seen();
  EXPECT_EQ(paths.size(), 5U);
}

TEST_F(LookTest, TellsEverythingAtOnce) {
  const absl::Time before = rig.clock.Now();
  const View view = Seen();
  EXPECT_EQ(view.endpoint, "http://a:9200");
  EXPECT_EQ(view.at, before);
  EXPECT_EQ(view.flavor, Flavor::kOpenSearch);
  EXPECT_EQ(VersionText(view.lowest), "2.19.4");
  EXPECT_EQ(view.lowest, view.highest);
  EXPECT_TRUE(view.has_in_sync_sets);
  EXPECT_FALSE(view.has_sizes);
  EXPECT_FALSE(view.confirmed);
  ASSERT_EQ(view.nodes.size(), 4U);
  for (const Node& node : view.nodes) {
    EXPECT_GT(node.answered_at, before);
    EXPECT_TRUE(node.data);
    EXPECT_GT(node.disk_available, 0);
    EXPECT_EQ(node.version, view.lowest);
    EXPECT_EQ(node.master_eligible, node.name != "n4");
  }
  EXPECT_EQ(*view.settings.Effective("cluster.routing.allocation.exclude._name"), "n2");
  EXPECT_EQ(*view.settings.Effective("cluster.routing.allocation.enable"), "all");
  EXPECT_EQ(*view.settings.Effective("cluster.routing.rebalance.enable"), "all");
  // The elected master's file says so.
  EXPECT_EQ(*view.settings.Effective("cluster.routing.allocation.disk.threshold_enabled"), "false");
  EXPECT_EQ(view.settings.Effective("cluster.name"), nullptr) << "nobody asked for it";
}

TEST_F(LookTest, ANodeThatDoesNotAnswerStaysWithoutAMoment) {
  Seen();
  ask = {std::string(kAskSizes), std::string(kAskRecoveries)};
  Then("/_nodes/_all/stats", Recorded("stats-frozen"));
  const View view = Seen();
  size_t silent = 0;
  for (const Node& node : view.nodes) {
    const bool answers = node.name == "n1" || node.name == "n3";  // n2 is frozen, n4 is gone
    EXPECT_EQ(node.answered_at != absl::InfinitePast(), answers) << node.name;
    if (answers) continue;
    ++silent;
    EXPECT_EQ(node.disk_available, -1);
    EXPECT_NE(node.version, Version()) << "what it was stays known";
    EXPECT_NE(node.started, absl::InfinitePast());
  }
  EXPECT_EQ(silent, 2U);
  EXPECT_FALSE(view.has_sizes) << "that call would wait for the silent one";
  EXPECT_EQ(paths.size(), 3U);
}

TEST_F(LookTest, EveryReadMustSucceed) {
  Seen();
  ask = {std::string(kAskConfirm), std::string(kAskSizes), std::string(kAskRecoveries)};
  Seen();
  for (const char* path : {"/_cluster/settings", "/_cluster/state", "/_nodes/_all/stats", "/_stats/store",
                           "/_recovery", "/_cluster/pending_tasks"}) {
    for (const Result<HttpResponse>& bad :
         {Result<HttpResponse>(Json(500, R"({"error":{"type":"boom","reason":"bang"}})")),
          Result<HttpResponse>(Json(200, "{\"half\":")),
          Result<HttpResponse>(Unavailable("connection reset")),
          Result<HttpResponse>(Json(429, R"({"error":"too many requests"})"))}) {
      const auto good = says[path];
      says[path] = bad;
      EXPECT_THAT(Reason(), testing::AllOf(HasSubstr("unknown: "), HasSubstr(Cat("9200", path)))) << path;
      says[path] = good;
      rig.clock.Pass(absl::Seconds(1));
    }
  }
}

TEST_F(LookTest, NoElectedMasterIsUnknown) {
  Then("/_cluster/state", R"({"cluster_name":"c","cluster_uuid":"u","master_node":null,"nodes":{}})");
  EXPECT_THAT(Reason(), HasSubstr("no elected master"));
  says["/_cluster/settings"] = says[SettingsWithDefaultsPath({})] = Json(
      503, R"({"error":{"type":"cluster_manager_not_discovered_exception","reason":null},"status":503})");
  EXPECT_THAT(Reason(), HasSubstr("_cluster/settings: no elected master"));
}

TEST_F(LookTest, AnotherClusterUnderTheSameNameIsUnknown) {
  const View view = Seen();
  Then("/_cluster/state", With(With(Recorded("state"), view.cluster_uuid, "SomebodyElsesCluster22"),
                               view.cluster_uuid, "SomebodyElsesCluster22"));
  EXPECT_THAT(Reason(), testing::AllOf(HasSubstr("another cluster answers at http://a:9200"),
                                       HasSubstr("SomebodyElsesCluster22"), HasSubstr(view.cluster_uuid)));
  EXPECT_THAT(Reason(), HasSubstr("another cluster"));
  spec->endpoints = {"http://c:9200"};  // other endpoints are written: another cluster is meant
  EXPECT_EQ(Reason(), "known");
}

TEST_F(LookTest, TwoClustersBehindTheEndpointsAreUnknownAtTheFirstLook) {
  Then(ClusterUuidPath(), R"({"cluster_uuid":"Another"})");
  EXPECT_THAT(Reason(), HasSubstr("another cluster answers at http://b:9200"));
  dead = {{"http://b:9200", Unavailable("connection refused")}};
  EXPECT_EQ(Reason(), "known") << "a dead endpoint says nothing";
}

TEST_F(LookTest, AnEndpointThatDiesInTheMiddleIsReplacedForTheWholeLook) {
  Seen();
  const auto answer = rig.http.answer;
  rig.http.answer = [&, answer](const std::string& endpoint,
                                const std::string& path) -> Result<HttpResponse> {
    if (endpoint == "http://a:9200" && path.starts_with("/_cluster/state/")) {
      dead = {{"http://a:9200", Unavailable("connection refused")}};
    }
    return answer(endpoint, path);
  };
  const View view = Seen();
  EXPECT_EQ(view.endpoint, "http://b:9200");
  EXPECT_THAT(
      paths, ElementsAre(SettingsPath(), StatePath(), StatePath(), SettingsPath(), StatePath(), StatsPath()));
}

TEST_F(LookTest, SettingsThatChangeWhileWeLookAreUnknown) {
  Seen();
  ask = {std::string(kAskConfirm)};
  EXPECT_TRUE(Seen().confirmed);
  EXPECT_EQ(Seen().pending_tasks, 2);
  int reads = 0;
  const auto answer = rig.http.answer;
  rig.http.answer = [&, answer](const std::string& endpoint,
                                const std::string& path) -> Result<HttpResponse> {
    if (path == SettingsPath() && ++reads == 2)
      return Json(200, With(Recorded("settings"), "\"n2\"", "\"n3\""));
    return answer(endpoint, path);
  };
  EXPECT_THAT(Reason(), HasSubstr("settings changed while we looked"));
}

TEST_F(LookTest, WhatIsAskedForIsRead) {
  ask = {std::string(kAskSizes), std::string(kAskRecoveries), AskExplain("wide", 0, false, ""),
         AskExplain("pinned", 0, true, "nobody")};
  const View view = Seen();
  EXPECT_TRUE(view.has_sizes);
  EXPECT_GT(view.shards[0].bytes, 0);
  EXPECT_EQ(view.recoveries.size(), 1U);
  ASSERT_EQ(view.explained.size(), 1U) << "of a copy that is not there any more nothing is said";
  EXPECT_EQ(view.explained[0].can_allocate, "no");
  EXPECT_GT(view.explained[0].at, view.at);
  says["/_cluster/allocation/explain"] = Json(400, R"({"error":{"type":"illegal_argument_exception"}})");
  EXPECT_TRUE(Seen().explained.empty());
  says["/_cluster/allocation/explain"] = Unavailable("connection reset");
  EXPECT_THAT(Reason(), HasSubstr("connection reset"));
}

TEST_F(LookTest, AtMostTwentyExplanationsALook) {
  for (uint32_t i = 0; i < 50; ++i) ask.push_back(AskExplain("wide", i, false, ""));
  Seen();
  EXPECT_EQ(std::ranges::count_if(paths, [](const std::string& path) { return path == ExplainPath(); }), 20);
}

// The defaults that an endpoint tells are those of its own file; the elected master's decides.
TEST_F(LookTest, TheElectedMastersFileDecidesOverTheEndpoints) {
  const View view = Seen();
  const std::string master = view.nodes[view.master].id;
  const std::string local = view.nodes[view.master == 0 ? 1 : 0].id;
  const std::string enable = "cluster.routing.allocation.enable";
  Then(SettingsWithDefaultsPath({}), With(Recorded("settings-defaults"), Cat("\"", enable, "\":\"all\""),
                                          Cat("\"", enable, "\":\"none\"")));
  Then(FilesPath(), Cat(R"({"nodes":{")", local, R"(":{"settings":{")", enable, R"(":"none"}},")", master,
                        R"(":{"settings":{"cluster.name":"c"}}}})"));
  rig.clock.Pass(kDefaultsKept);
  EXPECT_EQ(Seen().settings.Effective(enable), nullptr) << "what the version itself has by default";
  Then(FilesPath(), Cat(R"({"nodes":{")", master, R"(":{"settings":{")", enable, R"(":"primaries"}}}})"));
  rig.clock.Pass(kDefaultsKept);
  EXPECT_EQ(*Seen().settings.Effective(enable), "primaries");
}

TEST_F(LookTest, AnotherMasterIsAskedForItsDefaultsAtOnce) {
  const View view = Seen();
  Seen();
  const std::string other = view.nodes[view.master == 0 ? 1 : 0].id;
  Then("/_cluster/state", With(Recorded("state"), Cat("\"master_node\":\"", view.nodes[view.master].id, "\""),
                               Cat("\"master_node\":\"", other, "\"")));
  Then(FilesPath(),
       Cat(R"({"nodes":{")", other, R"(":{"settings":{"cluster.routing.allocation.enable":"none"}}}})"));
  EXPECT_EQ(*Seen().settings.Effective("cluster.routing.allocation.enable"), "none");
  EXPECT_EQ(paths.size(), 6U);
}

TEST_F(LookTest, ANodeThatStartedAnewIsAskedWhoItIs) {
  const View view = Seen();
  Seen();
  Then("/_cluster/state", With(Recorded("state"), view.nodes[2].ephemeral_id, "ANewIncarnation"));
  const View after = Seen();
  EXPECT_EQ(after.nodes[2].Incarnation(), "ANewIncarnation");
  EXPECT_THAT(paths, testing::Contains(InfoPath({&after.nodes[2].id, 1})));
}

TEST_F(LookTest, AFilterListIsAListFromVersionEight) {
  const std::string list =
      With(Recorded("settings-defaults"), "\"cluster.routing.allocation.exclude._name\":\"n2\"",
           "\"cluster.routing.allocation.exclude._name\":[\"n2\",\"n3\"]");
  Then(SettingsWithDefaultsPath({}), list);
  EXPECT_EQ(*Seen().settings.Effective("cluster.routing.allocation.exclude._name"), "[n2, n3]");
}

TEST_F(LookTest, ALoginThatIsRefusedIsToldWithItsRemedy) {
  says["/_cluster/settings"] = says[SettingsWithDefaultsPath({})] = Json(401, R"({"error":"missing token"})");
  EXPECT_THAT(Reason(),
              testing::AllOf(HasSubstr("HTTP 401"), HasSubstr("missing token"), HasSubstr("check auth")));
}

}  // namespace
}  // namespace holdfast::elasticsearch
