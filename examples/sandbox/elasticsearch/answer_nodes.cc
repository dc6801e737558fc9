// _nodes and _nodes/stats: what nodes tell of themselves.
#include <algorithm>
#include <functional>
#include <set>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/call.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

constexpr absl::Duration kNodePatience = absl::Seconds(30);

// Of "_nodes/FILTER/METRICS" and "_nodes/FILTER/stats/METRICS", where FILTER or METRICS may be missing.
struct Asked {
  std::string filter = "_all";
  std::set<std::string> metrics;
  enum class Form { kInfo, kStats } form = Form::kInfo;
  bool Wants(const char* metric) const {
    return metrics.empty() || metrics.contains("_all") || metrics.contains(metric);
  }
};

bool IsMetric(std::string_view word) {
  constexpr std::string_view kMetrics[] = {"settings",  "os",   "process",   "jvm",    "thread_pool",
                                           "transport", "http", "plugins",   "ingest", "fs",
                                           "indices",   "_all", "no-metrics"};
  return std::find(std::begin(kMetrics), std::end(kMetrics), word) != std::end(kMetrics);
}

Asked ReadAsked(const Call& call) {
  Asked asked;
  std::vector<std::string> words(call.path.begin() + 1, call.path.end());
  if (!words.empty() && words[0] != "stats" &&
      (words.size() > 1 || !IsMetric(Split(words[0], ',')[0]) || words[0] == "_all")) {
    asked.filter = words[0];
    words.erase(words.begin());
  }
  if (!words.empty() && words[0] == "stats") {
    asked.form = Asked::Form::kStats;
    words.erase(words.begin());
  }
  if (!words.empty())
    for (std::string& metric : Split(words[0], ',')) asked.metrics.insert(std::move(metric));
  return asked;
}

// By id, name, ip, and the server's own words.
std::vector<uint32_t> Chosen(const Call& call, const std::string& filter) {
  std::vector<uint32_t> chosen;
  const std::vector<std::string> words = Split(filter, ',');
  for (uint32_t i = 0; i < call.ground.nodes.size(); ++i) {
    const Node& node = call.ground.nodes[i];
    const bool itself = i == call.node;
    if (!node.IsMember() && !itself) continue;
    const bool fits = std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      if (word == "_master" || word == "_cluster_manager") return i == call.ground.master;
      if (word == "_local") return itself;
      return word == "_all" || word == node.id || word == node.name || word == node.ip;
    });
    if (fits) chosen.push_back(i);
  }
  return chosen;
}

void TellCounts(FilteredJson& out, const Call& call, const std::vector<uint32_t>& chosen) {
  size_t failed = 0;
  for (const uint32_t i : chosen) failed += call.ground.nodes[i].is != Node::Is::kUp ? 1 : 0;
  out.Begin("_nodes");
  out.Put("total", chosen.size());
  out.Put("successful", chosen.size() - failed);
  out.Put("failed", failed);
  if (failed > 0) {
    out.BeginArray("failures");
    for (const uint32_t i : chosen) {
      if (call.ground.nodes[i].is == Node::Is::kUp) continue;
      const std::string& id = call.ground.nodes[i].id;
      out.Begin("");
      out.Put("type", "failed_node_exception");
      out.Put("reason", Cat("Failed node [", id, "]"));
      out.Put("node_id", id);
      out.Begin("caused_by");
      out.Put("type", "receive_timeout_transport_exception");
      out.Put("reason", Cat("[", call.ground.nodes[i].name, "][", TransportAddress(call.ground.nodes[i]),
                            "][cluster:monitor/nodes/stats[n]] request_id [7] timed out after [2001ms]"));
      out.End();
      out.End();
    }
    out.End();
  }
  out.End();
}

void TellRoles(FilteredJson& out, const Quirks& quirks, const Node& node) {
  std::set<std::string> roles;
  for (const std::string& role : node.roles)
    roles.insert(role == "master" && quirks.says_cluster_manager ? "cluster_manager" : role);
  out.BeginArray("roles");
  for (const std::string& role : roles) out.Put("", role);
  out.End();
}

void TellAttributes(FilteredJson& out, const Node& node) {
  out.Begin("attributes");
  for (const auto& [key, value] : node.attributes) out.Put(key, value);
  out.End();
}

Texts OwnSettings(const Call& call, const Node& node) {
  Texts settings = node.yml;
  settings["cluster.name"] = call.ground.name;
  settings["node.name"] = node.name;
  settings["network.host"] = node.ip;
  const bool prefixed = call.ground.quirks.ephemeral_ids;
  for (const auto& [key, value] : node.attributes)
    settings[Cat(prefixed ? "node.attr." : "node.", key)] = value;
  if (!prefixed) {
    settings["node.master"] = node.HasRole("master") ? "true" : "false";
    settings["node.data"] = node.HasRole("data") ? "true" : "false";
  }
  return settings;
}

void TellInfo(FilteredJson& out, const Call& call, const Asked& asked, uint32_t number) {
  const Node& node = call.ground.nodes[number];
  out.Put("name", node.name);
  out.Put("transport_address", TransportAddress(node));
  out.Put("host", node.host);
  out.Put("ip", node.ip);
  out.Put("version", VersionText(call.ground.VersionOf(number)));
  out.Put("build_type", "zip");
  if (call.ground.quirks.ephemeral_ids) TellRoles(out, call.ground.quirks, node);
  TellAttributes(out, node);
  if (asked.Wants("settings")) PutSettings(out, call, "settings", OwnSettings(call, node));
  if (asked.Wants("jvm")) {
    out.Begin("jvm");
    out.Put("pid", 1000 + static_cast<int64_t>(number));
    out.Put("start_time_in_millis", absl::ToUnixMillis(node.started + node.clock_skew));
    out.End();
  }
  if (asked.Wants("transport")) {
    out.Begin("transport");
    out.BeginArray("bound_address");
    out.Put("", TransportAddress(node));
    out.End();
    out.Put("publish_address", TransportAddress(node));
    out.Begin("profiles");
    out.End();
    out.End();
  }
  if (asked.Wants("http")) {
    out.Begin("http");
    out.BeginArray("bound_address");
    out.Put("", Cat(node.ip, ":", node.port));
    out.End();
    out.Put("publish_address", Cat(node.ip, ":", node.port));
    out.Put("max_content_length_in_bytes", 104857600);
    out.End();
  }
}

void TellOwnStats(FilteredJson& out, const Call& call, const Asked& asked, uint32_t number) {
  const Node& node = call.ground.nodes[number];
  const int64_t now = absl::ToUnixMillis(call.ground.now + node.clock_skew);
  out.Put("timestamp", now);
  out.Put("name", node.name);
  out.Put("transport_address", TransportAddress(node));
  out.Put("host", node.host);
  out.Put("ip", TransportAddress(node));
  if (call.ground.quirks.ephemeral_ids) TellRoles(out, call.ground.quirks, node);
  TellAttributes(out, node);
  if (asked.Wants("os")) {
    out.Begin("os");
    out.Put("timestamp", now);
    out.Begin("cpu");
    out.Put("percent", 3);
    out.End();
    out.End();
  }
  if (asked.Wants("jvm")) {
    out.Begin("jvm");
    out.Put("timestamp", now);
    out.Put("uptime_in_millis", absl::ToInt64Milliseconds(call.ground.now - node.started));
    out.End();
  }
  if (asked.Wants("fs")) {
    const int64_t available = std::max<int64_t>(0, node.disk_total - node.DiskUsed());
    out.Begin("fs");
    out.Put("timestamp", now);
    out.Begin("total");
    out.Put("total_in_bytes", node.disk_total);
    out.Put("free_in_bytes", std::min(node.disk_total, available + node.disk_total / 20));
    out.Put("available_in_bytes", available);
    out.End();
    out.End();
  }
}

}  // namespace

// Whoever is asked asks all others; those that do not answer in time are counted as failed and left out.
Answer TellNodes(Call& call) {
  const Asked asked = ReadAsked(call);
  const std::vector<uint32_t> chosen = Chosen(call, asked.filter);
  FilteredJson out = call.Document();
  TellCounts(out, call, chosen);
  out.Put("cluster_name", call.ground.name);
  out.Begin("nodes");
  enum { kNobody, kSomebody } silent = kNobody;
  for (const uint32_t i : chosen) {
    const Node& node = call.ground.nodes[i];
    if (node.is != Node::Is::kUp) {
      if (node.is == Node::Is::kFrozen) silent = kSomebody;
      continue;
    }
    out.Begin(node.id);
    if (asked.form == Asked::Form::kStats)
      TellOwnStats(out, call, asked, i);
    else
      TellInfo(out, call, asked, i);
    out.End();
  }
  out.End();
  Answer answer = Answered(out);
  if (silent == kSomebody) answer.took = TimeOf(call.Parameter("timeout"), kNodePatience);
  return answer;
}

}  // namespace holdfast::sandbox::elasticsearch
