// The controller on real nodes: asked the impossible, emptying a node, restarting all of them while it is
// killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "controller/base/text.h"
#include "tests/integration/on_real_nodes.h"

namespace holdfast::elasticsearch {
namespace {

using clients::WaitUntil;
using ::testing::HasSubstr;

TEST_P(OnRealNodes, TheImpossibleIsRefusedANodeIsEmptiedAndReleased) {
  MakeIndex("wide", 1, 2);
  ASSERT_TRUE(cluster->WaitGreen());
  const std::string before = Settings();
  Declare("  exclude: [{name: n3, reason: disk}]\n");
  StartHoldfast();
  ASSERT_TRUE(WaitUntil([&] { return Why().find("wide") != std::string::npos; }, absl::Seconds(60))) << Why();
  EXPECT_THAT(Why(), HasSubstr("H5"));
  EXPECT_EQ(Settings(), before) << "nothing is written before the drain is known to end";

  ASSERT_EQ(cluster->Put("/wide/_settings", R"({"index":{"number_of_replicas":1}})").status, 200);
  ASSERT_TRUE(WaitUntil([&] { return CopiesOn("n3") == 0; }, absl::Seconds(120))) << Why();
  EXPECT_THAT(Settings(), HasSubstr(R"("cluster.routing.allocation.exclude._name":"n3")"));
  EXPECT_EQ(Documents(), kDocuments);

  Declare("");
  ASSERT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Seconds(60))) << Settings() << Why();
}

TEST_P(OnRealNodes, H7_AnIndexThatTakesNoWritesIsToldAndBefore74LetGo) {
  const auto block = [&] {
    return Get("/web/_settings/index.blocks.read_only_allow_delete?flat_settings=true");
  };
  ASSERT_EQ(cluster->Put("/web/_settings", R"({"index.blocks.read_only_allow_delete":true})").status, 200);
  ASSERT_THAT(block(), HasSubstr("true"));
  Declare("");
  StartHoldfast();
  EXPECT_TRUE(WaitUntil([&] { return Why().find("take no writes") != std::string::npos; }, absl::Seconds(60)))
      << Why();
  EXPECT_THAT(block(), HasSubstr("true")) << "only told";
  // The disks that count are this machine's own, of which nobody knows how full they are.
  Declare(
      "  floodBlocks: remove\n"
      "  settings: {cluster.routing.allocation.disk.watermark.low: 3mb, "
      "cluster.routing.allocation.disk.watermark.high: 2mb, "
      "cluster.routing.allocation.disk.watermark.flood_stage: 1mb}\n");
  const bool is_ours = GetParam().version.starts_with("6.");
  const auto is_gone = [&] { return block().find("true") == std::string::npos; };
  EXPECT_EQ(WaitUntil(is_gone, absl::Seconds(is_ours ? 60 : 20)), is_ours) << Why();
  EXPECT_EQ(Documents(), kDocuments);
}

TEST_P(OnRealNodes, EveryNodeIsRestartedOnceWhileTheControllerIsKilledAndForgets) {
  const std::string before = Settings();
  Declare("  allocation: all\n");
  StartHoldfast();
  ASSERT_TRUE(WaitUntil([&] { return Why().find("in order") != std::string::npos; }, absl::Seconds(60)))
      << Why();
  Look();
  Bounce();
  // In the middle of the first node's way: killed, and everything it had written down is gone.
  ASSERT_TRUE(WaitUntil(
      [&] { return Look(), Settings().find("allocation.enable\":\"primaries") != std::string::npos; },
      absl::Seconds(180)))
      << Why();
  KillHoldfast();
  // Only from 7.0 on the cluster itself keeps our notes.
  if (!HasTypes()) std::filesystem::remove_all(cluster->lab.Path("state"));
  StartHoldfast();
  ASSERT_TRUE(WaitUntil([&] { return Look(), OperationIs("Succeeded", "bounce"); }, absl::Minutes(8)))
      << Why();
  Look();
  for (const auto& [node, pids] : lives) EXPECT_EQ(pids.size(), 2u) << "n" << node;
  EXPECT_TRUE(cluster->WaitGreen());
  EXPECT_EQ(Documents(), kDocuments);
  EXPECT_TRUE(WaitUntil([&] { return Settings() == before; }, absl::Seconds(30))) << Settings();
}

INSTANTIATE_TEST_SUITE_P(Versions, OnRealNodes, testing::ValuesIn(Distributions()), NameOf);

}  // namespace
}  // namespace holdfast::elasticsearch
