#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/read_nodes.h"
#include "reconcilers/elasticsearch/read_paths.h"
#include "reconcilers/elasticsearch/read_progress.h"
#include "reconcilers/elasticsearch/read_settings.h"
#include "reconcilers/elasticsearch/read_state.h"
#include "reconcilers/elasticsearch/read_words.h"

namespace holdfast::elasticsearch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::string Recorded(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream("tests/unit/elasticsearch/recorded/" + name).rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

Result<View> ReadState(std::string_view text, size_t piece = SIZE_MAX) {
  StateReader reader;
  JsonStream stream(reader);
  stream.Restart();
  for (size_t at = 0; at < text.size(); at += std::min(piece, text.size()))
    HF_TRY(stream.Take({}, text.substr(at, piece)));
  HF_TRY(stream.Finish());
  return reader.Take();
}

View StateOf(const std::string& text) {
  Result<View> view = ReadState(text);
  EXPECT_TRUE(view.ok()) << view.status().message();
  return view.ok() ? *std::move(view) : View();
}

NodesReader NodesOf(std::string_view text) {
  NodesReader reader;
  JsonStream stream(reader);
  EXPECT_TRUE(stream.ReadAll(text).ok());
  return reader;
}

SettingsReader SettingsOf(std::string_view text) {
  SettingsReader reader;
  JsonStream stream(reader);
  EXPECT_TRUE(stream.ReadAll(text).ok());
  return reader;
}

const Node* Named(const View& view, std::string_view name) {
  for (const Node& node : view.nodes)
    if (node.name == name) return &node;
  return nullptr;
}

// All that is in the view, so that two can be compared.
std::string Printed(const View& view) {
  std::string out =
      Cat(view.cluster_name, view.cluster_uuid, view.state_version, view.state_uuid, view.master);
  for (const Node& node : view.nodes)
    Append(out, "\n", node.id, node.name, node.publish_ip, node.ephemeral_id, node.Attribute("zone"),
           node.roles.size());
  for (const Index& index : view.indices)
    Append(out, "\n", index.name, index.uuid, index.open, index.replicas, index.auto_expand,
           index.settings.size());
  for (const Copy& copy : view.copies)
    Append(out, "\n", copy.node, copy.relocating_to, static_cast<int>(copy.state), copy.primary, copy.in_sync,
           copy.reason, copy.last_node);
  return Cat(out, view.snapshots_running.size(), view.snapshot_shards.size(), Join(view.voting_config, ","));
}

// ── recorded from real nodes ──

class Real : public testing::TestWithParam<std::string> {
 protected:
  static std::string Of(const std::string& name) { return Recorded(Cat(GetParam(), "/", name, ".json")); }
};
INSTANTIATE_TEST_SUITE_P(Versions, Real,
                         testing::Values("opensearch-2.19.4", "elasticsearch-7.17.29",
                                         "elasticsearch-8.19.5"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

TEST_P(Real, StateTellsNodesZonesMasterAndVoters) {
  const View view = StateOf(Of("state"));
  ASSERT_EQ(view.nodes.size(), 4U);
  EXPECT_TRUE(std::ranges::is_sorted(view.nodes, {}, &Node::id));
  const Node* first = Named(view, "n1");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->Attribute("zone"), "primary");
  EXPECT_EQ(Named(view, "n2")->Attribute("zone"), "spot");
  EXPECT_TRUE(first->publish_ip.ends_with(".11")) << first->publish_ip;
  EXPECT_FALSE(first->ephemeral_id.empty());
  EXPECT_EQ(first->Incarnation(), first->ephemeral_id);
  ASSERT_LT(view.master, view.nodes.size());
  EXPECT_EQ(view.voting_config.size(), 3U);
  EXPECT_THAT(view.voting_exclusions, IsEmpty());
  EXPECT_EQ(view.cluster_uuid.size(), 22U);
  EXPECT_GT(view.state_version, 1U);
}

TEST_P(Real, StateTellsIndicesWithTheirOwnRules) {
  const View view = StateOf(Of("state"));
  ASSERT_EQ(view.indices.size(), 5U);
  const Index* archive = view.FindIndex("archive");
  ASSERT_NE(archive, nullptr);
  EXPECT_FALSE(archive->open);
  EXPECT_EQ(archive->shard_count, 1U);  // closed ones are in the routing table from 7.2 on
  const Index* pinned = view.FindIndex("pinned");
  ASSERT_NE(pinned, nullptr);
  EXPECT_TRUE(pinned->open);
  EXPECT_EQ(pinned->auto_expand, "0-1");
  EXPECT_EQ(pinned->Setting("index.routing.allocation.include.zone"), "primary");
  EXPECT_EQ(pinned->Setting("index.routing.allocation.total_shards_per_node"), "2");
  EXPECT_EQ(pinned->Setting("index.blocks.write"), "true");
  EXPECT_EQ(pinned->Setting("index.number_of_shards"), "1");
  EXPECT_EQ(pinned->uuid.size(), 22U);
  EXPECT_EQ(view.FindIndex("nosuch"), nullptr);
}

TEST_P(Real, StateTellsCopiesThatMoveAndThoseWithoutANode) {
  const View view = StateOf(Of("state"));
  const Index* wide = view.FindIndex("wide");
  ASSERT_NE(wide, nullptr);
  EXPECT_EQ(wide->replicas, 4);
  ASSERT_EQ(wide->shard_count, 2U);
  const Shard& shard = view.shards[wide->first_shard + 1];
  EXPECT_EQ(shard.number, 1U);
  ASSERT_EQ(shard.count, 5U);
  EXPECT_TRUE(view.copies[shard.first].primary);
  size_t unassigned = 0;
  for (uint32_t i = shard.first; i < shard.first + shard.count; ++i) {
    const Copy& copy = view.copies[i];
    if (copy.state != CopyState::kUnassigned) continue;
    ++unassigned;
    EXPECT_EQ(copy.node, kNoNode);
    EXPECT_FALSE(copy.in_sync);
    EXPECT_EQ(copy.reason, "INDEX_CREATED");
    EXPECT_GT(copy.unassigned_at, absl::UnixEpoch());
  }
  EXPECT_GE(unassigned, 1U);
  const Index* moving = view.FindIndex("moving");
  ASSERT_NE(moving, nullptr);
  const Copy& copy = view.copies[view.shards[moving->first_shard].first];
  EXPECT_EQ(copy.state, CopyState::kRelocating);
  EXPECT_TRUE(copy.in_sync);
  ASSERT_NE(copy.relocating_to, kNoNode);
  EXPECT_EQ(view.nodes[copy.node].name, "n2");
  EXPECT_NE(copy.relocating_to, copy.node);
}

TEST_P(Real, StateTellsTheSnapshotThatRunsAndTheShardsItReads) {
  const View view = StateOf(Of("state"));
  EXPECT_THAT(view.snapshots_running, ElementsAre("keep/nightly"));
  ASSERT_EQ(view.snapshot_shards.size(), 1U);
  EXPECT_EQ(view.indices[view.shards[view.snapshot_shards[0]].index].name, "kept");
}

TEST_P(Real, StateAfterANodeLeftTellsWhoHadTheCopy) {
  const std::string before = Of("state");
  const View was = StateOf(before), view = StateOf(Of("state-left"));
  EXPECT_EQ(view.nodes.size(), 3U);
  const Node* gone = Named(was, "n4");
  size_t lost = 0;
  for (const Copy& copy : view.copies) {
    if (copy.reason != "NODE_LEFT") continue;
    ++lost;
    EXPECT_TRUE(copy.delayed);
    EXPECT_EQ(copy.last_node, gone->id);
  }
  EXPECT_GE(lost, 1U);
}

TEST_P(Real, PiecesOfAnySizeGiveTheSame) {
  const std::string text = Of("state");
  const std::string whole = Printed(StateOf(text));
  for (const size_t piece : {1, 2, 3, 7, 64, 1000}) {
    const Result<View> view = ReadState(text, piece);
    ASSERT_TRUE(view.ok()) << piece << ": " << view.status().message();
    EXPECT_EQ(Printed(*view), whole) << piece;
  }
}

TEST_P(Real, WhatEndsEarlyIsNeverAView) {
  const std::string text = Of("state");
  for (size_t length = 0; length < text.size() - 1; length += 97) {
    const Result<View> view = ReadState(std::string_view(text).substr(0, length));
    ASSERT_FALSE(view.ok()) << length;
    EXPECT_EQ(view.status().code(), Code::kUnavailable);
  }
}

TEST_P(Real, StatsTellWhoAnswersAndWhatItsDisksHold) {
  const NodesReader stats = NodesOf(Of("stats"));
  EXPECT_EQ(stats.failed, 0);
  ASSERT_EQ(stats.nodes.size(), 4U);
  View view = StateOf(Of("state"));
  const absl::Time sent = absl::FromUnixMillis(stats.nodes[0].at_ms) - absl::Milliseconds(30);
  for (const NodeTold& told : stats.nodes)
    AddStats(told, sent, sent + absl::Milliseconds(40), view.nodes[view.NodeIndex(told.id)]);
  for (const Node& node : view.nodes) {
    EXPECT_EQ(node.answered_at, sent);
    EXPECT_LT(absl::AbsDuration(node.clock_skew), absl::Seconds(1));
    EXPECT_GT(node.disk_total, node.disk_available);
    EXPECT_GT(node.disk_available, 0);
    EXPECT_TRUE(node.data);
    EXPECT_EQ(node.master_eligible, node.name != "n4");
    EXPECT_EQ(node.ip, node.publish_ip);
    EXPECT_LT(node.started, sent);
  }
}

TEST_P(Real, AFrozenNodeFailsAndIsNotAmongThoseWhoAnswered) {
  const NodesReader stats = NodesOf(Of("stats-frozen"));
  EXPECT_EQ(stats.failed, 1);
  EXPECT_EQ(stats.nodes.size(), 2U);
  EXPECT_THAT(stats.failure, HasSubstr("Failed node"));
}

TEST_P(Real, InfoTellsVersionsAndTheMomentOfTheStart) {
  const NodesReader info = NodesOf(Of("info"));
  ASSERT_EQ(info.nodes.size(), 4U);
  const std::string version = std::string(GetParam()).substr(GetParam().find('-') + 1);
  for (const NodeTold& told : info.nodes) {
    Node node;
    AddInfo(told, node);
    EXPECT_EQ(VersionText(node.version), version);
    EXPECT_TRUE(node.data);
    EXPECT_GT(node.started, absl::FromUnixSeconds(1'700'000'000));
    EXPECT_EQ(node.ip, node.publish_ip);
  }
  const bool says = std::ranges::any_of(info.nodes, &NodeTold::says_cluster_manager);
  EXPECT_EQ(says, GetParam().starts_with("opensearch"));
}

TEST_P(Real, SettingsAreFlatAndFilesAreTold) {
  const SettingsReader plain = SettingsOf(Of("settings")), all = SettingsOf(Of("settings-defaults"));
  EXPECT_EQ(plain.persistent, all.persistent);
  EXPECT_EQ(plain.transient, all.transient);
  EXPECT_THAT(plain.transient, ElementsAre(Pair("cluster.routing.rebalance.enable", "all")));
  EXPECT_EQ(plain.persistent.at("cluster.routing.allocation.exclude._name"), "n2");
  EXPECT_EQ(plain.persistent.at("cluster.metadata.holdfast.owner"), "somebody");
  EXPECT_EQ(all.defaults.at("cluster.routing.allocation.enable"), "all");
  EXPECT_EQ(all.defaults.at("cluster.routing.allocation.awareness.attributes"), "");
  EXPECT_EQ(all.defaults.at("cluster.routing.allocation.disk.watermark.low"), "85%");
  const NodesReader files = NodesOf(Of("files"));
  const View view = StateOf(Of("state"));
  const auto master = std::ranges::find(files.nodes, view.nodes[view.master].id, &NodeTold::id);
  ASSERT_NE(master, files.nodes.end());
  EXPECT_EQ(master->settings.at("cluster.routing.allocation.disk.threshold_enabled"), "false");
}

TEST_P(Real, SizesAndRecoveriesAreOfTheShardsMeant) {
  View view = StateOf(Of("state"));
  SizesReader sizes(view);
  JsonStream stream(sizes);
  ASSERT_TRUE(stream.ReadAll(Of("sizes")).ok());
  const Index* moving = view.FindIndex("moving");
  EXPECT_GT(view.shards[moving->first_shard].bytes, 1'000'000);
  for (const Shard& shard : view.shards) EXPECT_GT(shard.bytes, 0);  // the closed one too
  RecoveriesReader recoveries;
  JsonStream second(recoveries);
  ASSERT_TRUE(second.ReadAll(Of("recoveries")).ok());
  ASSERT_EQ(recoveries.recoveries.size(), 1U);
  const Recovery& one = recoveries.recoveries[0];
  EXPECT_EQ(one.index, "moving");
  EXPECT_EQ(one.from, Named(view, "n2")->id);
  EXPECT_NE(view.FindNode(one.to), nullptr);
  EXPECT_GT(one.bytes_total, one.bytes_done);
}

TEST_P(Real, ExplanationsGiveTheDecidersByTheirNames) {
  const View view = StateOf(Of("state"));
  const auto unassigned = ReadExplain(Of("explain-unassigned"), {"wide", "", 0, false});
  ASSERT_TRUE(unassigned);
  EXPECT_EQ(unassigned->can_allocate, "no");
  EXPECT_EQ(unassigned->node, "");
  EXPECT_FALSE(unassigned->words.empty());
  EXPECT_THAT(unassigned->elsewhere.at(Named(view, "n2")->id), testing::Contains("filter"));
  EXPECT_THAT(unassigned->elsewhere.at(Named(view, "n1")->id), testing::Contains("same_shard"));
  const auto assigned = ReadExplain(Of("explain-assigned"), {"pinned", "", 0, true});
  ASSERT_TRUE(assigned);
  EXPECT_EQ(assigned->can_remain, "yes");
  EXPECT_NE(view.FindNode(assigned->node), nullptr);
  EXPECT_FALSE(ReadExplain(Of("explain-missing"), {"nosuch", "", 0, true}));
  EXPECT_FALSE(ReadExplain(Of("explain-assigned"), {"pinned", "another-node", 0, true}));
}

TEST(Recorded, WithTheRequestsThatLooksSend) {
  const std::vector<std::string> many(1000, "x");
  const std::string requests =
      Cat("state\t", StatePath(), "\nsettings\t", SettingsPath(), "\nsettings-defaults\t",
          SettingsWithDefaultsPath({}), "\nstats\t", StatsPath(), "\ninfo\t", InfoPath(many), "\nfiles\t",
          FilesPath(), "\nsizes\t", SizesPath(ClosedIndices::kHaveCopies), "\nrecoveries\t", RecoveriesPath(),
          "\npending\t", PendingPath(), "\nuuid\t", ClusterUuidPath(), "\n");
  EXPECT_EQ(Recorded("requests.tsv"), requests);
}

// ── old versions, by the table of what they write ──

TEST(Old, Version1HasNoSetsNoEphemeralIdsAndNumbersAsText) {
  const View view = StateOf(Recorded("by-table/elasticsearch-1.7/state.json"));
  ASSERT_EQ(view.nodes.size(), 2U);
  EXPECT_EQ(view.cluster_uuid, "");
  EXPECT_EQ(view.nodes[0].publish_ip, "10.0.0.11");
  EXPECT_EQ(view.nodes[0].ephemeral_id, "");
  EXPECT_EQ(view.state_version, 42U);
  EXPECT_FALSE(view.has_in_sync_sets);
  ASSERT_EQ(view.indices.size(), 2U);
  EXPECT_EQ(view.indices[0].name, "closed");
  EXPECT_FALSE(view.indices[0].open);
  EXPECT_EQ(view.indices[0].shard_count, 0U);  // not in the routing table, so nothing is known of its copies
  EXPECT_EQ(view.indices[1].replicas, 1);
  const NodesReader info = NodesOf(Recorded("by-table/elasticsearch-1.7/info.json"));
  Node first = view.nodes[0], second = view.nodes[1];
  AddInfo(info.nodes[0], first);
  AddInfo(info.nodes[1], second);
  EXPECT_THAT(first.roles, ElementsAre("data", "master"));
  EXPECT_THAT(second.roles, ElementsAre("data"));
  EXPECT_FALSE(second.master_eligible);
  EXPECT_EQ(VersionText(first.version), "1.7.3");
  EXPECT_NE(first.Incarnation(), "");
  EXPECT_NE(first.Incarnation(), second.Incarnation());
}

TEST(Old, Version2TellsTheSnapshotShardsIndexAsText) {
  const View view = StateOf(Recorded("by-table/elasticsearch-2.4/state.json"));
  EXPECT_EQ(view.cluster_uuid, "c2-uuid");
  EXPECT_THAT(view.snapshots_running, ElementsAre("keep/one"));
  ASSERT_EQ(view.snapshot_shards.size(), 1U);
  EXPECT_EQ(view.copies[1].last_node, "node-b");
  EXPECT_EQ(view.copies[1].reason, "NODE_LEFT");
}

TEST(Old, Version5TellsShutdownsExclusionsAndBlocks) {
  const View view = StateOf(Recorded("by-table/extras/state.json"));
  EXPECT_THAT(view.shutdown_records, ElementsAre("a"));
  EXPECT_THAT(view.voting_exclusions, ElementsAre("n9", "some-id"));
  EXPECT_THAT(view.global_blocks, ElementsAre("cluster read-only (api)"));
}

// ── documents that no server should write ──

constexpr std::string_view kHead =
    R"({"cluster_name":"c","cluster_uuid":"u","version":1,"master_node":"a","nodes":{"a":{"name":"n1"}},)";

TEST(StateReader, NoMasterIsNoView) {
  for (const char* text : {R"({"cluster_name":"c","master_node":null,"nodes":{}})", "{}"}) {
    const Result<View> view = ReadState(text);
    ASSERT_FALSE(view.ok());
    EXPECT_EQ(view.status().message(), "no elected master");
  }
}

TEST(StateReader, ContradictionsAreNoView) {
  struct Case {
    std::string_view rest, says;
  };
  const Case cases[] = {
      {R"("metadata":{"indices":{"i":{"state":"open","settings":{"index":{"number_of_shards":"1"}}}}}})",
       "0 of 1"},
      {R"("metadata":{"indices":{"i":{"state":"open","settings":{"index":{"number_of_shards":"2"}}}}},
          "routing_table":{"indices":{"i":{"shards":{"0":[{"state":"STARTED","primary":true,"node":"a"}]}}}}})",
       "1 of 2"},
      {R"("metadata":{"indices":{"i":{"state":"open"}}},
          "routing_table":{"indices":{"i":{"shards":{"0":[{"state":"STARTED","primary":true,"node":"b"}]}}}}})",
       "is on no node"},
      {R"("metadata":{"indices":{"i":{"state":"open"}}},
          "routing_table":{"indices":{"i":{"shards":{"0":[{"state":"STARTED","primary":false,"node":"a"}]}}}}})",
       "0 primaries"},
      {R"("metadata":{"indices":{"i":{"state":"open"}}},
          "routing_table":{"indices":{"i":{"shards":{"1":[{"state":"STARTED","primary":true,"node":"a"}]}}}}})",
       "not one shard"},
      {R"("metadata":{"indices":{"i":{"state":"open"}}},
          "routing_table":{"indices":{"i":{"shards":{"0":[{"state":"DREAMING","primary":true,"node":"a"}]}}}}})",
       "no known version"},
      {R"("routing_table":{"indices":{"i":{"shards":{"0":[{"state":"STARTED","primary":true,"node":"a"}]}}}}})",
       "no metadata"},
      {R"("routing_table":{"indices":{"i":{"shards":{"99999999999":[{}]}}}}})", "no known version"},
  };
  for (const Case& one : cases) {
    const Result<View> view = ReadState(Cat(kHead, one.rest));
    ASSERT_FALSE(view.ok()) << one.rest;
    EXPECT_THAT(view.status().message(), HasSubstr(std::string(one.says)));
    EXPECT_EQ(view.status().code(), Code::kUnavailable);
  }
}

TEST(StateReader, TheMasterMustBeAmongTheNodes) {
  const Result<View> view = ReadState(R"({"master_node":"z","nodes":{"a":{"name":"n1"}}})");
  ASSERT_FALSE(view.ok());
  EXPECT_THAT(view.status().message(), HasSubstr("elected master z"));
}

TEST(JsonStream, RefusesWhatGoesOnAndWhatIsTooDeep) {
  SettingsReader reader;
  JsonStream stream(reader);
  EXPECT_TRUE(stream.ReadAll(" {\"persistent\":{}} \n").ok());
  EXPECT_THAT(stream.ReadAll("{} {}").message(), HasSubstr("goes on after its end"));
  EXPECT_THAT(stream.ReadAll("{\"persistent\":").message(), HasSubstr("ends early"));
  EXPECT_THAT(stream.ReadAll("").message(), HasSubstr("ends early"));
  EXPECT_THAT(stream.ReadAll("<html>").message(), HasSubstr("not JSON"));
  EXPECT_FALSE(stream.ReadAll(std::string(1000, '[')).ok());
}

TEST(Settings, NestedFlatAndListsAreTheSame) {
  const SettingsReader nested = SettingsOf(
      R"({"persistent":{"cluster":{"routing":{"allocation":{"enable":"none","awareness":{"attributes":["zone","rack"]}}}}},
          "transient":{"a":{"b":1,"c":true,"d":null},"e.f":"\u00fc\n"}})");
  EXPECT_THAT(nested.persistent,
              ElementsAre(Pair("cluster.routing.allocation.awareness.attributes", "zone,rack"),
                          Pair("cluster.routing.allocation.enable", "none")));
  EXPECT_THAT(nested.transient, ElementsAre(Pair("a.b", "1"), Pair("a.c", "true"), Pair("e.f", "\u00fc\n")));
}

// A list in a filter is one word that matches nothing, on most versions: it must not look like an exclusion.
TEST(Settings, AListInAFilterIsNotItsItems) {
  const SettingsReader read =
      SettingsOf(R"({"persistent":{"cluster.routing.allocation.exclude.zone":["spot","b"]}})");
  EXPECT_EQ(read.persistent.at("cluster.routing.allocation.exclude.zone"), "[spot, b]");
}

TEST(Words, AddressesOfAllVersions) {
  EXPECT_EQ(AddressIp("127.0.0.11:9300"), "127.0.0.11");
  EXPECT_EQ(AddressIp("127.0.0.11"), "127.0.0.11");
  EXPECT_EQ(AddressIp("inet[/10.0.0.1:9300]"), "10.0.0.1");
  EXPECT_EQ(AddressIp("inet[es1.example/10.0.0.1:9300]"), "10.0.0.1");
  EXPECT_EQ(AddressIp("[::1]:9300"), "::1");
  EXPECT_EQ(AddressIp("[0:0:0:0:0:0:0:1]:9300"), "::1");
  EXPECT_EQ(AddressIp("fe80::1"), "fe80::1");
}

TEST(Words, Versions) {
  EXPECT_EQ(VersionText(ReadVersion("7.17.29")), "7.17.29");
  EXPECT_EQ(ReadVersion("9.0.0-beta1"), (Version{9, 0, 0}));
  EXPECT_EQ(ReadVersion("2.4"), (Version{2, 4, 0}));
  EXPECT_EQ(ReadVersion("x.y"), Version());
  EXPECT_EQ(ReadVersion(""), Version());
}

TEST(Explain, AsksAreReadBack) {
  const auto ask = ParseExplain(AskExplain("logs-1", 3, true, ""));
  ASSERT_TRUE(ask);
  EXPECT_EQ(ExplainBody(*ask), R"({"index":"logs-1","shard":3,"primary":true})");
  EXPECT_EQ(ExplainBody(*ParseExplain(AskExplain("i", 0, false, "N"))),
            R"({"index":"i","shard":0,"primary":false,"current_node":"N"})");
  EXPECT_FALSE(ParseExplain("sizes"));
  EXPECT_FALSE(ParseExplain("explain a b p -"));
}

}  // namespace
}  // namespace holdfast::elasticsearch
