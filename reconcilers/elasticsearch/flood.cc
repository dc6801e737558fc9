#include "reconcilers/elasticsearch/flood.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/percent.h"
#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/disk.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kBlock = "index.blocks.read_only_allow_delete";
constexpr Version kEndsByItself{7, 4, 0};
constexpr std::string_view kVerb = "allow writes to";
constexpr int kMostTimes = 2;  // in a day
constexpr absl::Duration kBetween = absl::Hours(1), kOneGo = absl::Minutes(2);
constexpr int kMostRequests = 50;        // in one go
constexpr size_t kMostPathBytes = 3000;  // a server takes lines of 4096
constexpr size_t kMostNamed = 3;

struct Blocked {
  uint32_t index = 0;
  Verdict space;  // under all of its copies
};

Verdict SpaceUnder(const Picture& p, const DiskRule& rule, const Index& index) {
  Verdict worst = Pass("", p.at);
  for (uint32_t s = index.first_shard; s < index.first_shard + index.shard_count; ++s)
    for (const Copy& copy : p.view.CopiesOf(p.view.shards[s]))
      for (const uint32_t n : {copy.node, copy.relocating_to}) {
        if (n == kNoNode) continue;
        const Node& node = p.view.nodes[n];
        const auto over = OverHigh(rule, node);
        if (over && *over > 0)
          return Hold(Cat(node.name, " is over its high watermark of ", WatermarkText(rule.high), " by ",
                          BytesText(*over)),
                      p.at);
        if (!over) worst = CannotTell(Cat(node.name, " did not tell its disk"), p.at);
      }
  return worst;
}

std::vector<Blocked> BlockedIndices(const Picture& p, const DiskRule& rule) {
  std::vector<Blocked> out;
  for (uint32_t i = 0; i < p.view.indices.size(); ++i)
    if (p.view.indices[i].Setting(kBlock) == "true")
      out.push_back({i, SpaceUnder(p, rule, p.view.indices[i])});
  return out;
}

bool HasSpace(const Blocked& one) { return one.space.is == Verdict::Is::kPass; }

std::string NamesText(const Picture& p, const std::vector<Blocked>& blocked) {
  std::vector<std::string> names;
  for (const Blocked& one : blocked)
    if (names.size() < kMostNamed) names.push_back(p.view.indices[one.index].name);
  std::string text = Join(names, ", ");
  if (blocked.size() > names.size()) Append(text, " and ", Cat(blocked.size() - names.size()), " more");
  return text;
}

HttpCall Removal(const Picture& p, const std::string& names) {
  HttpCall call = CallTo(p.want, p.view, "PUT", Cat("/", names, "/_settings"));
  call.headers.emplace_back("Content-Type", Text("application/json"));
  call.body = Cat("{\"", kBlock, "\":null}");
  return call;
}

// Names as they stand in a path, as many as fit into one; of those with space, or of the others.
std::vector<std::string> PathsOf(const Picture& p, const std::vector<Blocked>& blocked, Verdict::Is space) {
  std::vector<std::string> paths;
  for (const Blocked& one : blocked) {
    if ((one.space.is == Verdict::Is::kPass) != (space == Verdict::Is::kPass)) continue;
    const std::string name = PercentEncoded(p.view.indices[one.index].name);
    if (paths.empty() || paths.back().size() + name.size() > kMostPathBytes)
      paths.push_back(name);
    else
      Append(paths.back(), ",", name);
  }
  return paths;
}

std::string KeyOf(const std::string& names) { return Cat(kVerb, " #", Sha256Hex(names).substr(0, 8)); }

// One flood may take several requests, one after the other. One that comes again and again needs a person.
Guard NotRemovedLately(const Picture& p, const std::string& key) {
  constexpr std::string_view kName = "no block was taken away lately (H7)";
  int times = 0, requests = 0;
  bool sent = false;
  absl::Time begun = absl::InfinitePast();
  for (const Attempt& attempt : p.frame.past.attempts) {
    if (!attempt.key.starts_with(kVerb)) continue;
    if (attempt.sent - begun > kOneGo) ++times, begun = attempt.sent, requests = 0, sent = false;
    ++requests;
    sent = sent || attempt.key == key;
  }
  if (p.now - begun <= kOneGo && !sent && requests < kMostRequests)
    return {kName, Pass("the same flood", p.at)};
  if (times >= kMostTimes)
    return {kName, Hold(Cat("taken away ", times, " times in a day: find out what fills the disks"), p.at)};
  if (p.now - begun < kBetween) return {kName, Hold(Cat("taken away ", Brief(p.now - begun), " ago"), p.at)};
  return {kName, Pass("", p.at)};
}

Step Removing(const Picture& p, const std::string& names, Verdict space) {
  const size_t count = static_cast<size_t>(std::count(names.begin(), names.end(), ',')) + 1;
  Step step;
  step.key = KeyOf(names);
  step.verb = kVerb;
  step.target = Cat(names.substr(0, names.find(',')), count > 1 ? Cat(" and ", count - 1, " more") : "");
  step.action = Removal(p, names);
  step.danger = Danger::kReversible;
  step.guards = {NobodyElseWorksOnIt(p),
                 NobodyHoldsIt(p),
                 NotRemovedLately(p, step.key),
                 {"no disk under its copies is over the high watermark (H7)", std::move(space)}};
  step.touches = {Cat("cluster:", p.view.cluster_name)};
  step.why = Cat(Count(count, "index", "indices"),
                 " took no writes since a disk was over its flood stage, and before 7.4 that never ends by "
                 "itself");
  step.show_within = absl::Seconds(30);
  step.takes = absl::Seconds(35);
  return step;
}

// Nothing stands in the way of the next request but space; else why.
std::string Remove(const Picture& p, const std::vector<Blocked>& blocked, Draft& draft) {
  constexpr std::string_view kStage = "end the flood blocks";
  std::string held;
  for (const std::string& names : PathsOf(p, blocked, Verdict::Is::kPass)) {
    if (const Guard guard = NotRemovedLately(p, KeyOf(names)); guard.verdict.is != Verdict::Is::kPass)
      held = guard.verdict.evidence;
    draft.Add(Removing(p, names, Pass("none of them is", p.at)), std::string(kStage));
  }
  const auto full = std::find_if_not(blocked.begin(), blocked.end(), HasSpace);
  if (full != blocked.end())
    draft.Add(Removing(p, PathsOf(p, blocked, Verdict::Is::kHold).front(), full->space), std::string(kStage));
  return held;
}

// As people paste it, when there are few.
std::string RemovalLine(const Picture& p, const std::vector<Blocked>& blocked) {
  std::vector<std::string> names;
  for (const Blocked& one : blocked) names.push_back(PercentEncoded(p.view.indices[one.index].name));
  return Line(Removal(p, names.size() <= kMostNamed ? Join(names, ",") : "INDEX"));
}

}  // namespace

void FloodBlocks(const Picture& p, Draft& draft) {
  const DiskRule rule = DiskRuleOf(p.view);
  const std::vector<Blocked> blocked = BlockedIndices(p, rule);
  draft.plan().samples.push_back(
      {"holdfast_es_flood_blocked_indices", {}, static_cast<double>(blocked.size())});
  if (blocked.empty()) return;
  // Since then the cluster ends it, as long as it minds its disks at all.
  const bool by_itself = BehavesSince(p.view, kEndsByItself) && rule.decider == DiskRule::Decider::kOn;
  const bool never = !BehavesSince(p.view, kEndsByItself);
  const bool removes = never && p.want.flood_blocks == Spec::FloodBlocks::kRemove;
  const std::string held = removes ? Remove(p, blocked, draft) : "";
  const auto full = std::find_if_not(blocked.begin(), blocked.end(), HasSpace);

  Wait wait{.on = Wait::On::kHuman, .name = "indices that take no writes"};
  wait.detail = Cat(NamesText(p, blocked), " since a disk was over its flood stage (H7)");
  if (full != blocked.end()) {
    wait.evidence = full->space.evidence;
    wait.remedy = "make room: delete indices, add a node or a larger disk";
    if (!by_itself && !removes) Append(wait.remedy, "; then ", RemovalLine(p, blocked));
  } else if (!by_itself && !removes) {
    wait.evidence = "there is room again, and the cluster does not end it by itself";
    wait.remedy = Cat(RemovalLine(p, blocked), never ? ", or `floodBlocks: remove`" : "");
  } else if (!held.empty()) {
    wait.evidence = held;
    wait.remedy = RemovalLine(p, blocked);
  } else {
    wait.on = Wait::On::kProgress;
    wait.evidence = by_itself ? "there is room again: the cluster ends it by itself within a minute"
                              : "there is room again";
  }
  draft.Wait(std::move(wait));
}

}  // namespace holdfast::elasticsearch
