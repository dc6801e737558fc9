// CPU of a whole look at a big cluster: elasticsearch_look_bench [NODES] [COPIES]. The yardstick is
// Boost.JSON's own parser on the same bytes, which keeps everything and understands nothing.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "reconcilers/elasticsearch/observe.h"
#include "reconcilers/elasticsearch/read_nodes.h"
#include "reconcilers/elasticsearch/read_paths.h"
#include "reconcilers/elasticsearch/read_state.h"
#include "tests/bench/measure.h"
#include "tests/unit/elasticsearch/served.h"

namespace holdfast::elasticsearch {
namespace {

constexpr int kShardsOfAnIndex = 10;
constexpr size_t kPiece = 64 << 10;  // as the HTTP client hands over
constexpr int kTurns = 15;

// 22 characters, as the servers' ids.
std::string Id(char kind, int64_t number) {
  std::string digits = std::to_string(number);
  return Cat(kind, "aB3dE5fG7hI9", std::string(9 - digits.size(), 'x'), digits);
}

std::string StateOf(int nodes, int copies) {
  std::string out = Cat(R"({"cluster_name":"big","cluster_uuid":"0123456789012345678901","version":77,)",
                        R"("state_uuid":"s","master_node":")", Id('N', 0), R"(","nodes":{)");
  for (int n = 0; n < nodes; ++n)
    Append(out, n ? "," : "", '"', Id('N', n), R"(":{"name":"es-)", n, R"(","ephemeral_id":")", Id('E', n),
           R"(","transport_address":"10.0.)", n / 250, ".", n % 250 + 1, R"(:9300","attributes":{"zone":")",
           n % 3 ? "primary" : "spot", R"("},"roles":["data","master"]})");
  const int shards = copies / 2, indices = shards / kShardsOfAnIndex;
  Append(out, R"(},"metadata":{"cluster_uuid":"0123456789012345678901","cluster_coordination":{)",
         R"("last_committed_config":[")", Id('N', 0), R"("],"voting_config_exclusions":[]},"indices":{)");
  for (int i = 0; i < indices; ++i) {
    Append(out, i ? "," : "", R"("logs-2026.11-)", i, R"(":{"state":"open","settings":{"index":{"routing":)",
           R"({"allocation":{"include":{"_tier_preference":"data_content"}}},"number_of_shards":")",
           kShardsOfAnIndex, R"(","number_of_replicas":"1","uuid":")", Id('I', i),
           R"("}},"in_sync_allocations":{)");
    for (int s = 0; s < kShardsOfAnIndex; ++s)
      Append(out, s ? "," : "", '"', s, R"(":[")", Id('P', i * kShardsOfAnIndex + s), R"(",")",
             Id('R', i * kShardsOfAnIndex + s), R"("])");
    Append(out, "}}");
  }
  Append(out, R"(}},"routing_table":{"indices":{)");
  const auto copy = [&](bool primary, int shard) {
    Append(out, R"({"state":"STARTED","primary":)", primary, R"(,"node":")",
           Id('N', (primary ? shard : shard * 7 + 1) % nodes),
           R"(","relocating_node":null,"allocation_id":{"id":")", Id(primary ? 'P' : 'R', shard), R"("}})");
  };
  for (int i = 0; i < indices; ++i) {
    Append(out, i ? "," : "", R"("logs-2026.11-)", i, R"(":{"shards":{)");
    for (int s = 0; s < kShardsOfAnIndex; ++s) {
      Append(out, s ? "," : "", '"', s, R"(":[)");
      copy(false, i * kShardsOfAnIndex + s);
      out += ',';
      copy(true, i * kShardsOfAnIndex + s);
      out += ']';
    }
    Append(out, "}}");
  }
  return Cat(out, "}}}");
}

std::string StatsOf(int nodes) {
  std::string out = R"({"_nodes":{"failed":0},"nodes":{)";
  for (int n = 0; n < nodes; ++n)
    Append(out, n ? "," : "", '"', Id('N', n),
           R"(":{"timestamp":1795277719411,"host":"10.0.0.1","ip":"10.0.)", n / 250, ".", n % 250 + 1,
           R"(:9300","roles":["data","master"],"jvm":{"uptime_in_millis":107436},)",
           R"("fs":{"total":{"total_in_bytes":270553174016,"available_in_bytes":79607930880}}})");
  return Cat(out, "}}");
}

std::string InfoOf(int nodes) {
  std::string out = R"({"_nodes":{"failed":0},"nodes":{)";
  for (int n = 0; n < nodes; ++n)
    Append(out, n ? "," : "", '"', Id('N', n),
           R"(":{"version":"8.19.5","roles":["data","master"],"ip":"10.0.0.1",)",
           R"("jvm":{"start_time_in_millis":1795277612331},"settings":{"cluster.name":"big"}})");
  return Cat(out, "}}");
}

template <class F>
double Median(F work) {
  std::vector<double> took;
  for (int i = 0; i < kTurns; ++i) {
    const double begun = CpuSeconds() * 1e3;
    work();
    took.push_back(CpuSeconds() * 1e3 - begun);
  }
  std::ranges::sort(took);
  return took[took.size() / 2];
}

struct NoWaker : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

// Everything of a look but the sockets.
double WholeLook(const std::string& state, const std::string& stats, const std::string& info, size_t& calls) {
  ServedRig rig;
  NoWaker waker;
  Systems systems{rig.world, waker};
  auto spec = std::make_shared<Spec>();
  spec->endpoints = {"http://a:9200"};
  rig.http.piece = kPiece;
  rig.http.answer = [&](const std::string&, const std::string& path) -> Result<HttpResponse> {
    if (path.starts_with("/_cluster/settings"))
      return Json(200, R"({"persistent":{"a":"b"},"transient":{}})");
    if (path.starts_with("/_cluster/state")) return Json(200, state);
    return Json(200, path.starts_with("/_nodes/_all/stats") ? stats : info);
  };
  const auto look = [&] {
    Look one;
    one.self = {"ElasticsearchCluster", "big"};
    rig.http.requests.clear();
    const Observed<View> seen = rig.Wait(LookAtCluster(systems, spec, one));
    if (clients::Says(seen) != "known") std::printf("%s\n", clients::Says(seen).c_str());
  };
  look();  // learns who the nodes are
  const double took = Median(look);
  calls = rig.http.requests.size();
  return took;
}

int Main(int nodes, int copies) {
  const std::string state = StateOf(nodes, copies), stats = StatsOf(nodes), info = InfoOf(nodes);
  const double megabytes = static_cast<double>(state.size()) / 1e6;
  std::printf("%d nodes, %d copies: a state of %.1f MB, %.0f bytes a copy\n", nodes, copies, megabytes,
              static_cast<double>(state.size()) / copies);
  const auto read = [&](bool take) {
    StateReader reader;
    JsonStream stream(reader);
    stream.Restart();
    for (size_t at = 0; at < state.size(); at += kPiece)
      (void)stream.Take({}, std::string_view(state).substr(at, kPiece));
    if (!stream.Finish().ok()) std::abort();
    if (take && !reader.Take().ok()) std::abort();
  };
  const double parse = Median([&] { read(false); }), both = Median([&] { read(true); });
  const double yardstick = Median([&] { boost::json::parse(state); });
  std::printf("read the state:          %6.1f ms CPU, %4.0f MB/s\n", parse, megabytes / parse * 1e3);
  std::printf("and make a view of it:   %6.1f ms CPU\n", both);
  std::printf("boost::json::parse:      %6.1f ms CPU, %4.0f MB/s (same bytes, keeps all)\n", yardstick,
              megabytes / yardstick * 1e3);
  size_t calls = 0;
  const double look = WholeLook(state, stats, info, calls);
  std::printf("a whole quiet look:      %6.1f ms CPU, %zu calls\n", look, calls);
  return 0;
}

}  // namespace
}  // namespace holdfast::elasticsearch

int main(int argc, char** argv) {
  return holdfast::elasticsearch::Main(argc > 1 ? std::atoi(argv[1]) : 500,
                                       argc > 2 ? std::atoi(argv[2]) : 50'000);
}
