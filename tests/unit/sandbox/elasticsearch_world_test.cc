// The simulated cluster behind the doors that clients and control use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/world.h"
#include "tests/sim/loop.h"
#include "tests/sim/virtual_clock.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

using ::testing::HasSubstr;

class ClusterWorld : public testing::Test {
 protected:
  ClusterWorld() {
    for (int i = 0; i < 3; ++i) cluster.AddNode({});
    cluster.AddIndex({.name = "i", .shards = 3, .replicas = 1});
    cluster.Form();
  }
  Result<HttpResponse> Get(const std::string& url, absl::Duration deadline = absl::Seconds(10)) {
    return loop.Await(http.Send({.url = url}, {.deadline = deadline}, nullptr));
  }
  Result<Exit> Run(std::vector<std::string> argv, absl::Duration deadline = absl::Minutes(1)) {
    return loop.Await(commands.Run({.argv = std::move(argv)}, {.deadline = deadline}));
  }
  const Node& At(const char* node) { return cluster.ground().nodes[cluster.ground().NodeByName(node)]; }

  sim::VirtualClock clock;
  sim::Loop loop{clock};
  Cluster cluster{clock.Now(), {}};
  ClusterHttp http{cluster, clock};
  ClusterCommands commands{cluster, clock};
};

TEST_F(ClusterWorld, AnswersAtEveryNode) {
  EXPECT_THAT(AuthoritiesOf(cluster),
              testing::ElementsAre("10.0.0.11:9200", "10.0.0.12:9200", "10.0.0.13:9200"));
  for (const std::string& authority : AuthoritiesOf(cluster))
    EXPECT_EQ(Get(Cat("http://", authority, "/"))->status, 200);
}
TEST_F(ClusterWorld, ANodeThatIsDownRefusesAndOneThatIsFrozenSaysNothing) {
  cluster.Crash("n2");
  EXPECT_EQ(Get("http://10.0.0.12:9200/").status().code(), Code::kUnavailable);
  cluster.Freeze("n3");
  const absl::Time before = clock.Now();
  EXPECT_EQ(Get("http://10.0.0.13:9200/", absl::Seconds(3)).status().code(), Code::kDeadlineExceeded);
  EXPECT_GE(clock.Now() - before, absl::Seconds(3));
}
TEST_F(ClusterWorld, SomebodyElseAnswersAt) {
  http.html_answers = 1;
  EXPECT_THAT(Get("http://10.0.0.11:9200/_cluster/state")->body, HasSubstr("<html>"));
  EXPECT_EQ(Get("http://10.0.0.11:9200/_cluster/state")->status, 200);
}
TEST_F(ClusterWorld, WithoutTheRightLoginIs401) {
  http.wants_authorization = "Basic eDp5";
  EXPECT_EQ(Get("http://10.0.0.11:9200/")->status, 401);
}
TEST_F(ClusterWorld, ABodyThatIsTooLongIsNotGiven) {
  EXPECT_EQ(
      loop.Await(http.Send({.url = "http://10.0.0.11:9200/_cluster/state"}, {.max_bytes = 100}, nullptr))
          .status()
          .code(),
      Code::kResourceExhausted);
}
TEST_F(ClusterWorld, CtlStopsANodeAndReturnsWhenItsProcessIsGone) {
  EXPECT_EQ(Run({"ctl", "stop-node", "n2"})->code, 0);
  EXPECT_EQ(At("n2").is, Node::Is::kDown);
  EXPECT_EQ(Run({"ctl", "start-node", "n2"})->code, 0);
  EXPECT_EQ(At("n2").is, Node::Is::kStarting);
  EXPECT_EQ(Run({"ctl", "start-node", "n2"})->code, 1);
  loop.RunFor(absl::Minutes(1));
  cluster.Advance(clock.Now());
  EXPECT_TRUE(At("n2").IsMember());
  EXPECT_EQ(Run({"ctl", "stop-node", "nobody"})->code, 1);
  EXPECT_EQ(Run({"ctl", "burn"})->code, 2);
}
TEST_F(ClusterWorld, CtlKillsAFrozenNodeAfterAWhile) {
  cluster.Freeze("n2");
  const absl::Time before = clock.Now();
  EXPECT_EQ(Run({"ctl", "stop-node", "n2"})->code, 0);
  EXPECT_EQ(At("n2").is, Node::Is::kDown);
  EXPECT_GE(clock.Now() - before, absl::Seconds(29));
}
TEST_F(ClusterWorld, SystemctlOverSsh) {
  const auto over = [&](const std::string& line) {
    return Run({"ssh", "-o", "BatchMode=yes", "--", "10.0.0.12", line});
  };
  EXPECT_THAT(
      over("env TZ=UTC LC_ALL=C systemctl show --no-pager --property=Id -- elasticsearch.service")->output,
      HasSubstr("ActiveState=active"));
  EXPECT_EQ(over("sudo -n -- systemctl stop -- elasticsearch.service")->code, 0);
  EXPECT_EQ(At("n2").is, Node::Is::kDown);
  EXPECT_THAT(over("systemctl show -- elasticsearch.service")->output, HasSubstr("ActiveState=inactive"));
  EXPECT_EQ(over("sudo -n -- systemctl start -- elasticsearch.service")->code, 0);
  EXPECT_EQ(At("n2").is, Node::Is::kStarting);
  EXPECT_EQ(Run({"ssh", "--", "10.9.9.9", "true"})->code, 255);
}
TEST_F(ClusterWorld, EveryEffectIsToldWithWhoDidIt) {
  std::vector<std::string> told;
  cluster.on_effect = [&](const ClusterEffect& effect) {
    told.push_back(Cat(EffectName(effect.what), " ", effect.whom,
                       effect.by == By::kController ? "" : " (not the controller)"));
  };
  (void)Run({"ctl", "stop-node", "n2"});
  (void)cluster.Start("n2", By::kPerson);
  (void)cluster.Change({.persistent = {{"cluster.routing.allocation.enable", "none"}}}, By::kController);
  EXPECT_THAT(told, testing::ElementsAre("stop n2", "start n2 (not the controller)",
                                         "settings cluster.routing.allocation.enable=none"));
}

}  // namespace
}  // namespace holdfast::sandbox::elasticsearch
