// _cluster/allocation/explain: why a copy is where it is, decider by decider.
#include <algorithm>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "examples/sandbox/elasticsearch/call.h"
#include "examples/sandbox/elasticsearch/deciders.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

struct Subject {
  CopyRef ref;
  enum class Is { kMissing, kNoIndex, kFound } is = Is::kMissing;
};

std::string_view Word(Says says) {
  return says == Says::kNo ? "NO" : says == Says::kThrottle ? "THROTTLE" : "YES";
}
std::string_view Verdict(Says says) {
  return says == Says::kNo ? "no" : says == Says::kThrottle ? "throttled" : "yes";
}

// With an empty body servers take any unassigned copy.
Subject AnyUnassigned(const Ground& ground) {
  for (uint32_t i = 0; i < ground.indices.size(); ++i)
    for (uint32_t s = 0; s < ground.indices[i].shards.size(); ++s)
      for (uint32_t c = 0; c < ground.indices[i].shards[s].copies.size(); ++c)
        if (ground.At({i, s, c}).is == Copy::Is::kUnassigned) return {{i, s, c}, Subject::Is::kFound};
  return {};
}

Subject Named(const Ground& ground, const json::object& body) {
  const auto text = [&](const char* key) {
    const json::value* value = body.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(Chars(value->get_string())) : std::string();
  };
  const json::value* shard = body.if_contains("shard");
  const json::value* primary = body.if_contains("primary");
  const std::string number = shard == nullptr     ? "-1"
                             : shard->is_string() ? std::string(Chars(shard->get_string()))
                                                  : Compact(*shard);
  const auto wanted = static_cast<uint32_t>(NumberOf(number, -1));
  const bool of_primary = primary != nullptr && primary->is_bool() && primary->get_bool();
  const std::string at = text("current_node");
  for (uint32_t i = 0; i < ground.indices.size(); ++i) {
    if (ground.indices[i].name != text("index")) continue;
    if (wanted >= ground.indices[i].shards.size()) return {};
    const std::vector<Copy>& copies = ground.indices[i].shards[wanted].copies;
    Subject found;
    for (uint32_t c = 0; c < copies.size(); ++c) {
      if (copies[c].primary != of_primary) continue;
      const bool here =
          at.empty() || (copies[c].node != kNowhere &&
                         (ground.nodes[copies[c].node].id == at || ground.nodes[copies[c].node].name == at));
      // Of several replicas the unassigned one is told first.
      if (here && (found.is == Subject::Is::kMissing || copies[c].is == Copy::Is::kUnassigned))
        found = {{i, wanted, c}, Subject::Is::kFound};
    }
    return found;
  }
  return {.is = Subject::Is::kNoIndex};
}

void TellDeciders(FilteredJson& out, std::string_view key, const std::vector<Decision>& told) {
  out.BeginArray(key);
  for (const Decision& decision : told) {
    out.Begin("");
    out.Put("decider", decision.decider);
    out.Put("decision", Word(decision.says));
    out.Put("explanation", decision.words);
    out.End();
  }
  out.End();
}

void TellNode(FilteredJson& out, const Node& node, std::string_view prefix) {
  out.Put(prefix == "node_" ? "node_id" : "id", node.id);
  out.Put(prefix == "node_" ? "node_name" : "name", node.name);
  out.Put("transport_address", TransportAddress(node));
  out.Begin(prefix == "node_" ? "node_attributes" : "attributes");
  for (const auto& [key, value] : node.attributes) out.Put(key, value);
  out.End();
}

// What every other node says. The best of it.
struct Elsewhere {
  uint32_t node;
  Says says;
  std::vector<Decision> told;
};
std::vector<Elsewhere> AskOthers(const Rules& rules, const CopyRef& ref, Goal goal) {
  const Copy& copy = rules.ground.At(ref);
  std::vector<Elsewhere> all;
  for (uint32_t i = 0; i < rules.ground.nodes.size(); ++i) {
    const Node& node = rules.ground.nodes[i];
    if (!node.IsMember() || !node.HasRole("data") || i == copy.node) continue;
    Elsewhere one{i, Says::kYes, {}};
    one.says = CanAllocate(rules, ref, i, goal, &one.told);
    all.push_back(std::move(one));
  }
  std::sort(all.begin(), all.end(), [](const Elsewhere& a, const Elsewhere& b) {
    return std::pair(a.says, a.node) < std::pair(b.says, b.node);
  });
  return all;
}

void TellElsewhere(FilteredJson& out, const Rules& rules, const std::vector<Elsewhere>& all,
                   std::string_view of_yes) {
  out.BeginArray("node_allocation_decisions");
  int rank = 0;
  for (const Elsewhere& one : all) {
    out.Begin("");
    TellNode(out, rules.ground.nodes[one.node], "node_");
    out.Put("node_decision", one.says == Says::kYes ? of_yes : Verdict(one.says));
    out.Put("weight_ranking", ++rank);
    if (!one.told.empty()) TellDeciders(out, "deciders", one.told);
    out.End();
  }
  out.End();
}

void TellAssigned(FilteredJson& out, const Rules& rules, const CopyRef& ref) {
  std::vector<Decision> told;
  const Says stays = CanRemain(rules, ref, &told);
  const std::vector<Elsewhere> all = AskOthers(rules, ref, Goal::kMove);
  const Says best = all.empty() ? Says::kNo : all[0].says;
  out.Put("can_remain_on_current_node", stays == Says::kNo ? "no" : "yes");
  if (stays == Says::kNo) {
    TellDeciders(out, "can_remain_decisions", told);
    out.Put("can_move_to_other_node", Verdict(best));
    out.Put("move_explanation",
            best == Says::kYes ? "shard cannot remain on this node and is force-moved to another node"
            : best == Says::kThrottle
                ? "shard cannot remain on this node but is throttled on moving to another node"
                : "cannot move shard to another node, even though it is not allowed to remain on its current "
                  "node");
    TellElsewhere(out, rules, all, "yes");
    return;
  }
  out.Put("can_rebalance_cluster", "yes");
  out.Put("can_rebalance_to_other_node", "no");
  out.Put(
      "rebalance_explanation",
      "cannot rebalance as no target node exists that can both allocate this shard and improve the cluster "
      "balance");
  TellElsewhere(out, rules, all, "worse_balance");
}

void TellUnassignedCopy(FilteredJson& out, const Rules& rules, const CopyRef& ref) {
  const Ground& ground = rules.ground;
  const Copy& copy = ground.At(ref);
  const Unassigned& info = copy.unassigned;
  out.Begin("unassigned_info");
  out.Put("reason", info.reason);
  out.Put("at", Rfc3339(info.at));
  if (info.failures > 0) out.Put("failed_allocation_attempts", info.failures);
  if (!info.details.empty()) out.Put("details", info.details);
  out.Put("last_allocation_status", info.status == "deciders_no" ? "no" : info.status);
  out.End();
  const bool existing = copy.primary && ground.ShardOf(ref).was == Shard::Was::kStarted;
  if (existing) {
    out.Put("can_allocate", "no_valid_shard_copy");
    out.Put("allocate_explanation",
            "cannot allocate because a previous copy of the primary shard existed but can no "
            "longer be found on the nodes in the cluster");
    return;
  }
  const std::vector<Elsewhere> all = AskOthers(rules, ref, copy.primary ? Goal::kNew : Goal::kReplica);
  const Says best = all.empty() ? Says::kNo : all[0].says;
  const absl::Duration delay =
      TimeOf(ground.indices[ref.index].Setting("index.unassigned.node_left.delayed_timeout", "1m"),
             absl::Minutes(1));
  const absl::Duration left = info.at + delay - ground.now;
  if (info.reason == "NODE_LEFT" && left > absl::ZeroDuration() && best != Says::kNo) {
    out.Put("can_allocate", "allocation_delayed");
    out.Put("allocate_explanation",
            "cannot allocate because the cluster is waiting for the departed node to return");
    out.Put("configured_delay_in_millis", absl::ToInt64Milliseconds(delay));
    out.Put("remaining_delay_in_millis", absl::ToInt64Milliseconds(left));
  } else {
    out.Put("can_allocate", Verdict(best));
    out.Put("allocate_explanation",
            best == Says::kYes ? "can allocate the shard"
            : best == Says::kThrottle
                ? "allocation temporarily throttled"
                : "cannot allocate because allocation is not permitted to any of the nodes");
  }
  TellElsewhere(out, rules, all, "yes");
}

}  // namespace

Answer Explain(Call& call) {
  const Ground& ground = call.ground;
  if (!ground.quirks.explains)
    return Refuse(400, "illegal_argument_exception", "No feature for name [allocation]");
  Subject subject;
  if (call.request.body.empty()) {
    subject = AnyUnassigned(ground);
  } else {
    const Result<json::value> body = ParseJson(call.request.body);
    if (!body.ok() || !body->is_object())
      return Refuse(400, "parsing_exception", "the body of an explanation is no object");
    subject = Named(ground, body->get_object());
  }
  if (subject.is == Subject::Is::kNoIndex) return Refuse(404, "index_not_found_exception", "no such index");
  if (subject.is == Subject::Is::kMissing)
    return Refuse(400, "illegal_argument_exception",
                  call.request.body.empty()
                      ? "unable to find any unassigned shards to explain"
                      : "unable to find a shard assigned to the node that was asked for");
  const Copy& copy = ground.At(subject.ref);
  FilteredJson out = call.Document();
  out.Put("index", ground.indices[subject.ref.index].name);
  out.Put("shard", int64_t{subject.ref.shard});
  out.PutTruth("primary", copy.primary ? "true" : "false");
  constexpr std::string_view kStates[] = {"unassigned", "initializing", "started", "relocating"};
  out.Put("current_state", kStates[static_cast<size_t>(copy.is)]);
  if (copy.node != kNowhere) {
    out.Begin("current_node");
    TellNode(out, ground.nodes[copy.node], "");
    out.End();
  }
  const Rules rules(ground);
  if (copy.is == Copy::Is::kStarted)
    TellAssigned(out, rules, subject.ref);
  else if (copy.is == Copy::Is::kUnassigned)
    TellUnassignedCopy(out, rules, subject.ref);
  else  // no decisions while it moves
    out.Put("explanation", Cat("the shard is in the process of ",
                               copy.is == Copy::Is::kRelocating ? "relocating" : "initializing", " on node [",
                               ground.nodes[copy.node].name, "], wait until that has completed"));
  return Answered(out);
}

}  // namespace holdfast::sandbox::elasticsearch
