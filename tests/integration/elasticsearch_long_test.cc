// On real nodes, at length: killed at every write, with logins, and with clients that keep on asking.
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

// Too long for every check.
struct AtLength : OnRealNodes {
  void SetUp() override {
    if (std::getenv("HOLDFAST_FULL") == nullptr)
      GTEST_SKIP() << "skipped: some ten minutes, only with HOLDFAST_FULL (./check full)";
    OnRealNodes::SetUp();
  }
  // Intents and outcomes that the journal holds.
  int Written() {
    CommandLine line{.argv = {"sqlite3", "-readonly", cluster->lab.Path("state/journal.db"),
                              "select count(*) from history"}};
    const Result<Exit> ran =
        cluster->rig.Wait(cluster->rig.world.commands.Run(std::move(line), {absl::Seconds(10)}));
    return ran.ok() ? std::atoi(ran->output.c_str()) : 0;
  }
};

TEST_P(AtLength, KilledAtEachWriteOfItsJournalItRestartsEachNodeOnce) {
  if (!clients::HasProgram("sqlite3")) GTEST_SKIP() << "skipped: sqlite3 is not installed";
  const std::string before = Settings();
  Declare("  allocation: all\n");
  Look();
  Bounce();
  StartHoldfast();
  int written = 0, kills = 0;
  const absl::Time end = absl::Now() + absl::Minutes(20);
  absl::Time asked = absl::Now();
  bool is_done = false;
  while (!is_done && absl::Now() < end) {
    Look();
    if (const int now = Written(); now > written) {
      KillHoldfast();
      ++kills;
      written = Written();
      StartHoldfast();
    }
    if (absl::Now() - asked < absl::Seconds(2)) continue;
    asked = absl::Now();
    is_done = OperationIs("Succeeded", "bounce");
  }
  ASSERT_TRUE(is_done) << Why();
  RecordProperty("kills", kills);
  EXPECT_GT(kills, 3 * nodes);
  for (const auto& [node, pids] : lives) EXPECT_EQ(pids.size(), 2U) << "n" << node;
  EXPECT_TRUE(cluster->WaitGreen());
  EXPECT_EQ(Documents(), kDocuments);
  EXPECT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Seconds(60))) << Settings() << Why();
}
INSTANTIATE_TEST_SUITE_P(Versions, AtLength, testing::ValuesIn(Distributions()), NameOf);

// A cluster that asks who one is.
struct Guarded : AtLength {
  static constexpr const char* kPassword = "correct-horse-battery";
  void SetUp() override {
    ElasticsearchLab::Make make{.flavor = GetParam().flavor, .version = GetParam().version};
    // What Maven Central has of OpenSearch, and of Elasticsearch before 7.11, comes without any.
    if (std::getenv("HOLDFAST_FULL") != nullptr && ElasticsearchLab::WhyNot(make).empty() &&
        !ElasticsearchLab::HasSecurity(make))
      GTEST_SKIP() << "skipped: no security in the distribution of " << make.flavor << " " << make.version;
    AtLength::SetUp();
  }
  ElasticsearchLab::Make Nodes() override { return {.zones = "a,b,c", .password = kPassword}; }
  void DeclareAs(const std::string& user, const std::string& password, const std::string& authority,
                 const std::string& more) {
    const std::string file = cluster->lab.Write("password", password, 0600);
    Declare(Cat("  auth: {basic: {user: ", user, ", password: {valueFrom: {file: ", file,
                "}}}}\n  ca: ", authority, "\n", more));
  }
  bool Says(const std::string& text) {
    return WaitUntil([&] { return Why().find(text) != std::string::npos; }, absl::Seconds(60));
  }
};

TEST_P(Guarded, TellsWhoIsRefusedAndWhyAndIsDrainedByWhoMay) {
  const std::string before = Settings(), authority = cluster->Authority();
  ASSERT_NE(before, "");
  const std::string drain = "  exclude: [{name: n3, reason: disk}]\n";
  DeclareAs("operator", "wrong-donkey", authority, drain);
  StartHoldfast();
  EXPECT_TRUE(Says("401")) << Why();
  EXPECT_THAT(Why(), testing::Not(HasSubstr("wrong-donkey")));

  DeclareAs("operator", kPassword, "/etc/ssl/certs/ca-certificates.crt", drain);
  EXPECT_TRUE(Says("certificate")) << Why();

  DeclareAs("looker", kPassword, authority, drain);
  EXPECT_TRUE(Says("403")) << Why();
  EXPECT_EQ(Settings(), before);

  DeclareAs("operator", kPassword, authority, drain);
  ASSERT_TRUE(WaitUntil([&] { return CopiesOn("n3") == 0; }, absl::Minutes(3))) << Why();
  EXPECT_THAT(Run({"plan", "--specs", cluster->lab.Path("specs")}), testing::Not(HasSubstr(kPassword)));
  DeclareAs("operator", kPassword, authority, "");
  EXPECT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Minutes(1))) << Settings() << Why();
  EXPECT_EQ(Documents(), kDocuments);
  EXPECT_THAT(cluster->lab.Log("holdfast"), testing::Not(HasSubstr(kPassword)));
}
INSTANTIATE_TEST_SUITE_P(Versions, Guarded, testing::ValuesIn(Distributions()), NameOf);

// What the users of the cluster notice of a restart of all of it.
struct FiveNodes : AtLength {
  ElasticsearchLab::Make Nodes() override {
    return {.nodes = 5, .first_ip = "127.0.82.11", .zones = "a,b,c,d,e"};
  }
};

TEST_P(FiveNodes, AreRestartedWhileClientsThatTryTwiceNoticeNothing) {
  const std::string before = Settings(), report = cluster->lab.Path("clients.json");
  Declare("  allocation: all\n");
  Look();
  std::vector<std::string> clients = {
      "python3", std::filesystem::absolute("tests/integration/steady_clients.py"), report};
  for (const std::string& endpoint : cluster->Endpoints()) clients.push_back(endpoint);
  const pid_t clients_pid = cluster->lab.Start("clients", clients);
  Bounce();
  StartHoldfast();
  ASSERT_TRUE(WaitUntil([&] { return Look(), OperationIs("Succeeded", "bounce"); }, absl::Minutes(20)))
      << Why();
  ASSERT_EQ(kill(clients_pid, SIGTERM), 0);
  ASSERT_TRUE(WaitUntil([&] { return std::filesystem::exists(report); }, absl::Minutes(2)))
      << cluster->lab.Log("clients");
  const std::string told = ReadWhole(report);
  RecordProperty("clients", told);
  const Result<json::value> counts = ParseJson(told);
  ASSERT_TRUE(counts.ok()) << told;
  EXPECT_TRUE(counts->at("failed").get_array().empty()) << told;
  EXPECT_GT(counts->at("searched").to_number<int>(), 100) << told;
  for (const auto& [node, pids] : lives) EXPECT_EQ(pids.size(), 2U) << "n" << node;
  EXPECT_TRUE(cluster->WaitGreen());
  ASSERT_EQ(cluster->Call("POST", "/web/_refresh", "").status, 200);
  EXPECT_EQ(Documents(), kDocuments + counts->at("indexed").to_number<int>());
  EXPECT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Seconds(30))) << Settings();
}
INSTANTIATE_TEST_SUITE_P(Versions, FiveNodes, testing::ValuesIn(Distributions()), NameOf);

}  // namespace
}  // namespace holdfast::elasticsearch
