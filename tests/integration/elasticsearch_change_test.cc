// What else is done to real nodes: a configuration changed and put back, votes given away, a cluster that a
// dead controller left in the middle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "controller/base/json.h"
#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "tests/integration/on_real_nodes.h"

namespace holdfast::elasticsearch {
namespace {

using clients::ReadWhole;
using clients::WaitUntil;
using ::testing::HasSubstr;

struct ChangeOnRealNodes : OnRealNodes {
  std::string Configuration(int node) {
    return cluster->lab.Path(Cat("cluster/n", node, "/conf/", GetParam().flavor, ".yml"));
  }
  void Ask(const std::string& name, int node, const std::string& strategy, const std::string& text) {
    Write(Cat(name, ".txt"), text);
    Write(name, Cat(R"(apiVersion: holdfast/v1
kind: Operation
metadata: {name: )",
                    name, R"(, annotations: {reason: larger requests}}
spec:
  target: ElasticsearchCluster/real
  configChange:
    nodes: {name: n)",
                    node, "}\n    strategy: ", strategy, "\n    files: [{path: ", Configuration(node),
                    ", from: ", name, ".txt, sha256: ", Sha256Hex(text), "}]\n"));
  }
  // The same about whatever the text is.
  void AskForText(const std::string& name, int node, const std::string& text) {
    Ask(name, node, "inPlace", text);
    std::string document = ReadWhole(cluster->lab.Path(Cat("specs/", name, ".yaml")));
    const size_t digest = document.find(", sha256: ");
    document.erase(digest, document.find('}', digest) - digest);
    Write(name, document);
  }
  std::string SettingsOf(int node) { return Get(Cat("/_nodes/n", node, "/settings?flat_settings=true")); }
};

TEST_P(ChangeOnRealNodes, AConfigurationComesWithARestartAndABrokenOneIsPutBack) {
  const std::string before = Settings(), text = ReadWhole(Configuration(3));
  ASSERT_THAT(text, HasSubstr("node.name: n3"));
  Declare("  allocation: all\n");
  Look();
  const std::string larger = text + "http.max_content_length: 93mb\n";
  Ask("larger", 3, "drainFirst", larger);
  StartHoldfast();
  int most = 0;
  ASSERT_TRUE(WaitUntil(
      [&] {
        Look();
        if (cluster->PidOf(3) <= 1 && ReadWhole(Configuration(3)) == text)
          most = std::max(most, CopiesOn("n3"));
        return OperationIs("Succeeded", "larger");
      },
      absl::Minutes(6)))
      << Why();
  EXPECT_EQ(most, 0) << "emptied before it stopped";
  EXPECT_EQ(ReadWhole(Configuration(3)), larger);
  EXPECT_EQ(ReadWhole(Cat(Configuration(3), ".holdfast-", Sha256Hex(text).substr(0, 8))), text);
  EXPECT_THAT(SettingsOf(3), HasSubstr(R"("http.max_content_length":"93mb")"));
  EXPECT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Seconds(60))) << Settings() << Why();

  Ask("broken", 3, "inPlace", larger + "no.such.setting: 1\n");
  ASSERT_TRUE(WaitUntil([&] { return Look(), OperationIs("Failed", "broken"); }, absl::Minutes(10))) << Why();
  EXPECT_EQ(ReadWhole(Configuration(3)), larger);
  ASSERT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Minutes(3))) << Settings() << Why();
  EXPECT_TRUE(cluster->WaitGreen());
  Look();
  EXPECT_EQ(lives[1].size(), 1U);
  EXPECT_EQ(lives[2].size(), 1U);
  EXPECT_EQ(Documents(), kDocuments);
}

TEST_P(ChangeOnRealNodes, AnotherTextBesideAFinishedOperationIsRolledOutToo) {
  const std::string text = ReadWhole(Configuration(3));
  Declare("  allocation: all\n");
  AskForText("larger", 3, text + "http.max_content_length: 93mb\n");
  StartHoldfast();
  const auto has = [&](const std::string& size) {
    return OperationIs("Succeeded", "larger") && SettingsOf(3).find(size) != std::string::npos;
  };
  ASSERT_TRUE(WaitUntil([&] { return Look(), has(R"("93mb")"); }, absl::Minutes(6))) << Why();
  EXPECT_EQ(lives[3].size(), 2U);
  const std::string larger = text + "http.max_content_length: 94mb\n";
  Write("larger.txt", larger);
  ASSERT_TRUE(WaitUntil([&] { return Look(), has(R"("94mb")"); }, absl::Minutes(6))) << Why();
  EXPECT_EQ(ReadWhole(Configuration(3)), larger);
  EXPECT_EQ(lives[3].size(), 3U);
  EXPECT_EQ(lives[1].size(), 1U);
  EXPECT_EQ(lives[2].size(), 1U);
  EXPECT_EQ(Documents(), kDocuments);
}

TEST_P(ChangeOnRealNodes, WhatADeadControllerLeftIsRecoveredWithoutSpecsAndJournal) {
  if (HasTypes()) GTEST_SKIP() << "skipped: before 7.0 a cluster keeps no notes of ours";
  const std::string before = Settings();
  Declare("  allocation: all\n");
  Look();
  Bounce();
  StartHoldfast();
  int stopped = 0;
  ASSERT_TRUE(WaitUntil(
      [&] {
        Look();
        for (int node = 1; node <= nodes; ++node)
          if (cluster->PidOf(node) <= 1) stopped = node;
        return stopped != 0;
      },
      absl::Minutes(4)))
      << Why();
  KillHoldfast();
  holdfast = 0;
  std::filesystem::remove_all(cluster->lab.Path("state"));
  std::filesystem::remove_all(cluster->lab.Path("specs"));
  EXPECT_NE(Settings(), before);

  const std::string script = std::filesystem::absolute("tests/integration/elasticsearch_lab.sh");
  const std::string folder = cluster->lab.Path("cluster");
  const std::string told =
      Run({"recover", "--from", cluster->Endpoint(stopped == 1 ? 2 : 1), "--state",
           cluster->lab.Path("state"), "--control",
           Cat("{command: {stop: [", script, ", stop-node, ", folder, R"(, "{name}"], start: [)", script,
               ", start-node, ", folder, R"(, "{name}"]}})")});
  EXPECT_EQ(code, 0) << told;
  EXPECT_GT(cluster->PidOf(stopped), 1) << told;
  EXPECT_TRUE(cluster->WaitGreen());
  EXPECT_EQ(Settings(), before) << told;
  Look();
  for (const auto& [node, pids] : lives) EXPECT_LE(pids.size(), node == stopped ? 2U : 1U) << "n" << node;
  EXPECT_EQ(Documents(), kDocuments);
}

INSTANTIATE_TEST_SUITE_P(Versions, ChangeOnRealNodes, testing::ValuesIn(Distributions()), NameOf);

// Quorums of two, and of one: what a cluster with two masters can lose is decided by its votes.
struct TwoMasters : OnRealNodes {
  ElasticsearchLab::Make Nodes() override { return {.zones = "a,b,c", .masters = "n1,n2"}; }
};

TEST_P(TwoMasters, H27_EachGivesItsVoteAwayBeforeItStopsAndGetsItBack) {
  const std::string before = Settings();
  Declare("  allocation: all\n");
  Look();
  Bounce();
  StartHoldfast();
  bool gave_away = false, had_master = true;
  ASSERT_TRUE(WaitUntil(
      [&] {
        Look();
        const std::string votes = Get(
            "/_cluster/state/metadata?filter_path=metadata.cluster_coordination.voting_config_exclusions");
        gave_away = gave_away || votes.find("node_name") != votes.npos;
        had_master = had_master && !votes.empty();
        return OperationIs("Succeeded", "bounce");
      },
      absl::Minutes(8)))
      << Why();
  EXPECT_TRUE(gave_away);
  EXPECT_TRUE(had_master) << "it was without a master for as long as a request waits for one";
  for (const auto& [node, pids] : lives) EXPECT_EQ(pids.size(), 2U) << "n" << node;
  EXPECT_TRUE(cluster->WaitGreen());
  EXPECT_EQ(Documents(), kDocuments);
  EXPECT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Seconds(30))) << Settings();
  EXPECT_THAT(
      Get("/_cluster/state/metadata?filter_path=metadata.cluster_coordination.voting_config_exclusions"),
      testing::Not(HasSubstr("node_name")));
}

// Before 7.0 the quorum is a setting that people keep.
std::vector<Distribution> WithVotes() {
  std::vector<Distribution> all = Distributions();
  std::erase_if(all, [](const Distribution& one) { return one.version.starts_with("6."); });
  return all;
}
INSTANTIATE_TEST_SUITE_P(Versions, TwoMasters, testing::ValuesIn(WithVotes()), NameOf);

}  // namespace
}  // namespace holdfast::elasticsearch
