// _stats and _recovery: bytes of shards, and how far they have come.
#include <algorithm>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/call.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

void TellStore(FilteredJson& out, int64_t bytes) {
  out.Begin("store");
  out.Put("size_in_bytes", bytes);
  out.Put("reserved_in_bytes", 0);
  out.End();
}

// A frozen node does not tell what it holds.
bool Tells(const Ground& ground, const Copy& copy) {
  return copy.Serves() && ground.nodes[copy.node].is == Node::Is::kUp;
}

void TellStatsOf(FilteredJson& out, const Call& call, const Index& index) {
  out.Begin(index.name);
  out.Put("uuid", index.uuid);
  int64_t primaries = 0, total = 0;
  for (const Shard& shard : index.shards)
    for (const Copy& copy : shard.copies) {
      if (!Tells(call.ground, copy)) continue;
      primaries += copy.primary ? shard.bytes : 0;
      total += shard.bytes;
    }
  out.Begin("primaries");
  TellStore(out, primaries);
  out.End();
  out.Begin("total");
  TellStore(out, total);
  out.End();
  if (call.Parameter("level") == "shards") {
    out.Begin("shards");
    for (size_t s = 0; s < index.shards.size(); ++s) {
      out.BeginArray(Cat(s));
      for (const Copy& copy : index.shards[s].copies) {
        if (!Tells(call.ground, copy)) continue;
        out.Begin("");
        out.Begin("routing");
        out.Put("state", copy.is == Copy::Is::kRelocating ? "RELOCATING" : "STARTED");
        out.PutTruth("primary", copy.primary ? "true" : "false");
        out.Put("node", call.ground.nodes[copy.node].id);
        if (copy.target == kNowhere)
          out.PutNull("relocating_node");
        else
          out.Put("relocating_node", call.ground.nodes[copy.target].id);
        out.End();
        TellStore(out, index.shards[s].bytes);
        out.End();
      }
      out.End();
    }
    out.End();
  }
  out.End();
}

void TellPlace(FilteredJson& out, std::string_view key, const Node& node) {
  out.Begin(key);
  out.Put("id", node.id);
  out.Put("host", node.host);
  out.Put("transport_address", TransportAddress(node));
  out.Put("ip", node.ip);
  out.Put("name", node.name);
  out.End();
}

void TellRecoveryOf(FilteredJson& out, const Call& call, const CopyRef& ref) {
  const Copy& copy = call.ground.At(ref);
  const Copy* primary = call.ground.ShardOf(ref).Primary();
  const uint32_t target = copy.is == Copy::Is::kRelocating ? copy.target : copy.node;
  out.Begin("");
  out.Put("id", int64_t{ref.shard});
  out.Put("type", copy.from == Copy::From::kPeer   ? "PEER"
                  : copy.from == Copy::From::kDisk ? "EXISTING_STORE"
                                                   : "EMPTY_STORE");
  out.Put("stage", "INDEX");
  out.PutTruth("primary", copy.primary ? "true" : "false");
  out.Put("start_time_in_millis", absl::ToUnixMillis(copy.began));
  out.Put("total_time_in_millis", absl::ToInt64Milliseconds(call.ground.now - copy.began));
  if (copy.from == Copy::From::kPeer)
    TellPlace(out, "source",
              call.ground.nodes[copy.primary || primary == nullptr ? copy.node : primary->node]);
  TellPlace(out, "target", call.ground.nodes[target]);
  const int64_t reused = call.ground.ShardOf(ref).bytes - copy.todo;
  out.Begin("index");
  out.Begin("size");
  out.Put("total_in_bytes", call.ground.ShardOf(ref).bytes);
  out.Put("reused_in_bytes", reused);
  out.Put("recovered_in_bytes", static_cast<int64_t>(copy.done));
  out.End();
  out.End();
  out.End();
}

}  // namespace

Answer TellStats(Call& call) {
  if (!call.ground.quirks.closed_are_replicated && !call.Parameter("forbid_closed_indices").empty())
    return Refuse(400, "illegal_argument_exception",
                  "request [/_stats/store] contains unrecognized parameter: [forbid_closed_indices]");
  const bool closed_too = call.Parameter("expand_wildcards") == "all" &&
                          call.Parameter("forbid_closed_indices") == "false" &&
                          call.ground.quirks.closed_are_replicated;
  size_t total = 0, told = 0;
  for (const Index& index : call.ground.indices)
    for (const Shard& shard : index.shards)
      for (const Copy& copy : shard.copies) total += 1, told += Tells(call.ground, copy) ? 1 : 0;
  FilteredJson out = call.Document();
  out.Begin("_shards");
  out.Put("total", total);
  out.Put("successful", told);
  out.Put("failed", 0);
  out.End();
  out.Begin("indices");
  for (const Index& index : call.ground.indices)
    if (index.is == Index::Is::kOpen || closed_too) TellStatsOf(out, call, index);
  out.End();
  return Answered(out);
}

Answer TellRecovery(Call& call) {
  FilteredJson out = call.Document();
  uint32_t open = kNowhere;
  for (const CopyRef& ref : call.ground.moving) {
    if (open != ref.index) {
      if (open != kNowhere) out.End(), out.End();
      out.Begin(call.ground.indices[ref.index].name);
      out.BeginArray("shards");
      open = ref.index;
    }
    TellRecoveryOf(out, call, ref);
  }
  if (open != kNowhere) out.End(), out.End();
  return Answered(out);
}

Answer TellPending(Call& call) {
  FilteredJson out = call.Document();
  out.BeginArray("tasks");
  out.End();
  return Answered(out);
}

}  // namespace holdfast::sandbox::elasticsearch
