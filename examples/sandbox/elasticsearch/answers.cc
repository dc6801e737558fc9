#include "examples/sandbox/elasticsearch/answers.h"

#include <algorithm>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/call.h"
#include "examples/sandbox/wire_text.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

constexpr absl::Duration kMasterTimeout = absl::Seconds(30);

// `*` stands for any one word.
struct Route {
  std::string_view method, path;
  enum class Needs { kAnyone, kMaster } needs;
  Answer (*answer)(Call&);
};
constexpr auto kAnyone = Route::Needs::kAnyone;
constexpr auto kMaster = Route::Needs::kMaster;
constexpr Route kRoutes[] = {
    {"GET", "", kAnyone, TellRoot},
    {"GET", "_cluster/settings", kMaster, TellSettings},
    {"PUT", "_cluster/settings", kMaster, PutSettingsRoute},
    {"PUT", "*/_settings", kMaster, PutIndexSettings},
    {"GET", "_cluster/state", kMaster, TellState},
    {"GET", "_cluster/state/*", kMaster, TellState},
    {"GET", "_cluster/state/*/*", kMaster, TellState},
    {"GET", "_cluster/health", kMaster, TellHealth},
    {"GET", "_nodes", kAnyone, TellNodes},
    {"GET", "_nodes/*", kAnyone, TellNodes},
    {"GET", "_nodes/*/*", kAnyone, TellNodes},
    {"GET", "_nodes/*/*/*", kAnyone, TellNodes},
    {"GET", "_stats", kMaster, TellStats},
    {"GET", "_stats/*", kMaster, TellStats},
    {"GET", "_recovery", kMaster, TellRecovery},
    {"GET", "_cluster/pending_tasks", kMaster, TellPending},
    {"GET", "_snapshot/_status", kMaster, TellSnapshots},
    {"GET", "_cluster/allocation/explain", kMaster, Explain},
    {"POST", "_cluster/allocation/explain", kMaster, Explain},
    {"POST", "_cluster/reroute", kMaster, RerouteRoute},
    {"POST", "_flush", kMaster, FlushRoute},
    {"POST", "_flush/synced", kMaster, SyncedFlush},
    {"POST", "_cluster/voting_config_exclusions", kMaster, ExcludeVotersRoute},
    {"POST", "_cluster/voting_config_exclusions/*", kMaster, ExcludeVotersRoute},
    {"DELETE", "_cluster/voting_config_exclusions", kMaster, ClearVoters},
};

bool Fits(const Route& route, const Call& call) {
  std::vector<std::string> words;
  for (std::string& word : Split(route.path, '/'))
    if (!word.empty()) words.push_back(std::move(word));
  if (words.size() != call.path.size()) return false;
  for (size_t i = 0; i < words.size(); ++i)
    if (words[i] != "*" && words[i] != call.path[i]) return false;
  return true;
}

Answer NoSuchPath(const Call& call) {
  Answer answer{.status = call.ground.quirks.unknown_path_is_405 ? 405 : 400};
  const std::string uri = call.request.target.substr(0, call.request.target.find('?'));
  answer.body = Compact(json::object{
      {"error",
       call.ground.quirks.unknown_path_is_405
           ? JsonView(Cat("Incorrect HTTP method for uri [", uri, "] and method [", call.request.method,
                          "], allowed: [POST]"))
           : JsonView(Cat("no handler found for uri [", uri, "] and method [", call.request.method, "]"))},
      {"status", answer.status}});
  return answer;
}

// ReadsLocally: what the node itself remembers is enough.
bool ReadsLocally(const Call& call) { return call.request.method == "GET" && call.Is("local"); }

Answer NoMaster(const Call& call) {
  const bool manager = call.ground.quirks.says_cluster_manager;
  return Refuse(503, manager ? "cluster_manager_not_discovered_exception" : "master_not_discovered_exception",
                "null");
}

std::optional<Answer> RefuseParameters(const Call& call) {
  for (const auto& [name, value] : call.query) {
    const bool manager = name == "cluster_manager_timeout" && !call.ground.quirks.says_cluster_manager;
    if (manager || (name == "wait_for_relocating_shards" && call.ground.quirks.explains))
      return Refuse(
          400, "illegal_argument_exception",
          Cat("request [/", Join(call.path, "/"), "] contains unrecognized parameter: [", name, "]"));
  }
  return std::nullopt;
}

}  // namespace

Answer Refuse(int status, std::string_view type, std::string_view reason) {
  const json::object cause = {{"type", JsonView(type)}, {"reason", JsonView(reason)}};
  json::object error = {{"root_cause", json::array{cause}}};
  error["type"] = JsonView(type);
  error["reason"] = JsonView(reason);
  return {.status = status, .body = Compact(json::object{{"error", error}, {"status", status}})};
}

Answer Answered(FilteredJson& document) { return {.body = document.Take()}; }

std::string TransportAddress(const Node& node) { return Cat(node.ip, ":9300"); }

Answer AnswerRequest(Cluster& cluster, uint32_t node, const Request& request, By by) {
  Call call{cluster, cluster.ground(), node, request, by, {}, {}};
  const size_t mark = std::min(request.target.find('?'), request.target.size());
  for (const std::string& word : Split(std::string_view(request.target).substr(0, mark), '/'))
    if (!word.empty()) call.path.push_back(FormDecoded(word));
  if (mark < request.target.size())
    for (const std::string& pair : Split(std::string_view(request.target).substr(mark + 1), '&')) {
      const size_t equals = pair.find('=');
      call.query.emplace_back(
          FormDecoded(std::string_view(pair).substr(0, equals)),
          equals == pair.npos ? "true" : FormDecoded(std::string_view(pair).substr(equals + 1)));
    }
  if (!request.body.empty() && call.ground.quirks.wants_content_type &&
      !Lower(request.content_type).starts_with("application/json"))
    return {.status = 406,
            .body = Compact(json::object{
                {"error", JsonView(Cat("Content-Type header [", request.content_type, "] is not supported"))},
                {"status", 406}})};
  const auto route = std::find_if(std::begin(kRoutes), std::end(kRoutes), [&](const Route& candidate) {
    return candidate.method == request.method && Fits(candidate, call);
  });
  if (route == std::end(kRoutes)) return NoSuchPath(call);
  if (std::optional<Answer> refused = RefuseParameters(call)) return *refused;
  if (route->needs == kMaster && !ReadsLocally(call)) {
    const absl::Duration patience = TimeOf(call.Parameter("master_timeout"), kMasterTimeout);
    const bool frozen =
        call.ground.master != kNowhere && call.ground.nodes[call.ground.master].is != Node::Is::kUp;
    if (call.ground.master == kNowhere || !call.ground.nodes[node].IsMember() || frozen) {
      Answer answer = NoMaster(call);
      if (frozen) answer.took = patience;
      return answer;
    }
  }
  return route->answer(call);
}

Answer TellRoot(Call& call) {
  const Quirks& quirks = call.ground.quirks;
  if (quirks.has_no_root) return NoSuchPath(call);
  FilteredJson out = call.Document();
  const Node& node = call.ground.nodes[call.node];
  out.Put("name", node.name);
  out.Put("cluster_name", call.ground.name);
  out.Put("cluster_uuid", call.ground.uuid);
  out.Begin("version");
  if (quirks.flavor == Flavor::kOpenSearch) out.Put("distribution", "opensearch");
  out.Put("number", VersionText(call.ground.VersionOf(call.node)));
  out.End();
  out.Put("tagline", quirks.flavor == Flavor::kOpenSearch ? "The OpenSearch Project: https://opensearch.org/"
                                                          : "You Know, for Search");
  return Answered(out);
}

Answer RerouteRoute(Call& call) {
  if (call.Is("retry_failed"))
    call.cluster.RetryFailed(call.by);
  else
    call.cluster.Reroute(call.by);
  FilteredJson out = call.Document();
  out.PutTruth("acknowledged", "true");
  return Answered(out);
}

Answer FlushRoute(Call& call) {
  call.cluster.Flush(call.by);
  FilteredJson out = call.Document();
  out.Begin("_shards");
  out.Put("total", 1);
  out.Put("successful", 1);
  out.Put("failed", 0);
  out.End();
  return Answered(out);
}

Answer SyncedFlush(Call& call) {
  return call.ground.quirks.synced_flush ? FlushRoute(call) : NoSuchPath(call);
}

Answer ExcludeVotersRoute(Call& call) {
  const Quirks& quirks = call.ground.quirks;
  if (!quirks.voting_configuration) return NoSuchPath(call);
  std::vector<std::string> names;
  if (call.path.size() > 2) {
    if (!quirks.voting_exclusion_by_path) return NoSuchPath(call);
    names = Split(call.path[2], ',');
  } else {
    for (const std::string& name : Split(call.Parameter("node_names"), ','))
      if (!name.empty()) names.push_back(name);
    for (const std::string& id : Split(call.Parameter("node_ids"), ','))
      if (const uint32_t node = call.ground.NodeById(id); node != kNowhere)
        names.push_back(call.ground.nodes[node].name);
  }
  if (names.empty())
    return Refuse(400, "illegal_argument_exception",
                  "Please set node identifiers correctly. One and only one of [node_name], [node_names] and "
                  "[node_ids] has to be set");
  const Status status = call.cluster.ExcludeVoters(names, call.by);
  if (!status.ok()) return Refuse(400, "illegal_argument_exception", status.message());
  return {.content_type = "text/plain; charset=UTF-8", .body = ""};
}

Answer ClearVoters(Call& call) {
  if (!call.ground.quirks.voting_configuration) return NoSuchPath(call);
  // Without wait_for_removal=false it waits until those that are excluded are gone.
  const bool still =
      std::any_of(call.ground.voting_exclusions.begin(), call.ground.voting_exclusions.end(),
                  [&](const auto& excluded) { return call.ground.NodeById(excluded.first) != kNowhere; });
  if (still && call.Parameter("wait_for_removal", "true") == "true") {
    Answer answer = Refuse(500, "timeout_exception", "timed out waiting for removal of nodes");
    answer.took = kMasterTimeout;
    return answer;
  }
  call.cluster.ClearVotingExclusions(call.by);
  return {.content_type = "text/plain; charset=UTF-8", .body = ""};
}

Answer TellSnapshots(Call& call) {
  FilteredJson out = call.Document();
  out.BeginArray("snapshots");
  for (const Snapshot& snapshot : call.ground.snapshots) {
    out.Begin("");
    out.Put("snapshot", snapshot.name);
    out.Put("repository", snapshot.repository);
    out.Put("uuid", snapshot.uuid);
    out.Put("state", "STARTED");
    out.PutTruth("include_global_state", "true");
    out.End();
  }
  out.End();
  return Answered(out);
}

}  // namespace holdfast::sandbox::elasticsearch
