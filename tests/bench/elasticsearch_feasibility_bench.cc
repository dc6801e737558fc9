// How long it takes to say whether a zone of 100 of 500 nodes can be emptied, with 50,000 shards on them.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "reconcilers/elasticsearch/feasibility.h"
#include "reconcilers/elasticsearch/filters.h"
#include "reconcilers/elasticsearch/recovered.h"
#include "reconcilers/elasticsearch/safety.h"
#include "tests/bench/measure.h"

namespace holdfast::elasticsearch {
namespace {

constexpr uint32_t kNodes = 500, kIndices = 5000, kShardsEach = 10, kZones = 5;
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

View Big() {
  View view;
  view.at = kNow;
  view.lowest = view.highest = {7, 17, 29};
  view.has_sizes = true;
  view.settings.persistent["cluster.routing.allocation.awareness.attributes"] = "zone";
  for (uint32_t n = 0; n < kNodes; ++n) {
    Node node;
    node.id = node.name = "node-" + std::to_string(1000 + n);
    node.ip = node.publish_ip = "10.0." + std::to_string(n / 250) + "." + std::to_string(n % 250);
    node.version = {7, 17, 29};
    node.attributes = {{"zone", "zone-" + std::to_string(n % kZones)}};
    node.roles = {"data"};
    node.data = true;
    node.answered_at = kNow;
    node.disk_total = int64_t{4} << 40;
    node.disk_available = int64_t{2} << 40;
    view.nodes.push_back(std::move(node));
  }
  for (uint32_t n = 0; n < 3; ++n) {
    view.nodes[n].master_eligible = true;
    view.voting_config.push_back(view.nodes[n].id);
  }
  view.master = 0;
  for (uint32_t i = 0; i < kIndices; ++i) {
    Index index;
    index.name = "index-" + std::to_string(10000 + i);
    index.replicas = 1;
    index.first_shard = i * kShardsEach;
    index.shard_count = kShardsEach;
    index.settings["index.routing.allocation.include._tier_preference"] = "data_content";
    view.indices.push_back(std::move(index));
    for (uint32_t s = 0; s < kShardsEach; ++s) {
      const auto number = static_cast<uint32_t>(view.shards.size());
      view.shards.push_back({i, s, static_cast<uint32_t>(view.copies.size()), 2, int64_t{5} << 30});
      for (uint32_t c = 0; c < 2; ++c) {
        Copy copy;
        copy.node = (number * 7 + c) % kNodes;
        copy.state = CopyState::kStarted;
        copy.primary = c == 0;
        copy.in_sync = true;
        view.copies.push_back(std::move(copy));
      }
    }
  }
  return view;
}

void Measure(const char* what, const std::function<size_t()>& work) {
  std::vector<double> times;
  size_t result = 0;
  for (int run = 0; run < 21; ++run) {
    const double before = CpuSeconds() * 1e3;
    result += work();
    times.push_back(CpuSeconds() * 1e3 - before);
  }
  std::sort(times.begin(), times.end());
  std::printf("%-44s %7.2f ms CPU (median of %zu; worst %.2f) %zu\n", what, times[times.size() / 2],
              times.size(), times.back(), result);
}

int Run() {
  const View view = Big();
  Spec spec;
  spec.risky_nodes.attributes["zone"] = "zone-4";
  Exclusion zone;
  zone.attributes["zone"] = "zone-4";
  const std::vector<uint32_t> hundred = MatchedNodes(view, zone);
  std::printf("%zu nodes, %zu shards, %zu copies; zone of %zu nodes\n", view.nodes.size(), view.shards.size(),
              view.copies.size(), hundred.size());
  const Feasibility answer = CanExclude(view, spec, std::span(&zone, 1));
  for (const Obstacle& o : answer.obstacles)
    std::printf("  %s: %s\n", std::string(RowOf(o.hazard).code).c_str(), o.fact.c_str());
  std::printf("  %s\n", EstimateText(answer).c_str());
  Measure("feasibility of excluding the zone",
          [&] { return CanExclude(view, spec, std::span(&zone, 1)).obstacles.size(); });
  View mixed = view;
  mixed.highest = {7, 17, 30};
  Measure("the same in a cluster of mixed versions",
          [&] { return CanExclude(mixed, spec, std::span(&zone, 1)).obstacles.size(); });
  Measure("safe to stop one node", [&] { return JudgeStop(view, {7}, spec, kNow).in_the_way.size(); });
  Measure("is the zone empty", [&] { return EmptyOf(view, hundred).evidence.size(); });
  Baseline baseline;
  for (const Node& node : view.nodes) baseline.expected.push_back(IdentityOf(node));
  Measure("recovered", [&] { return Recovered(view, baseline, kNow).evidence.size(); });
  return 0;
}

}  // namespace
}  // namespace holdfast::elasticsearch

int main() { return holdfast::elasticsearch::Run(); }
