#include "reconcilers/elasticsearch/observe.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/together.h"
#include "reconcilers/clients/clients.h"
#include "reconcilers/elasticsearch/observe_files.h"
#include "reconcilers/elasticsearch/read_nodes.h"
#include "reconcilers/elasticsearch/read_paths.h"
#include "reconcilers/elasticsearch/read_progress.h"
#include "reconcilers/elasticsearch/read_settings.h"
#include "reconcilers/elasticsearch/read_state.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {

namespace {

using clients::ElasticsearchAnswer;
using clients::ElasticsearchWhere;

constexpr Limits kSmall = {absl::Seconds(5), 8 << 20};
constexpr Limits kBig = {absl::Seconds(10), 256 << 20};
constexpr Limits kGlance = {absl::Seconds(2), 64 << 10};  // at the other endpoints
constexpr size_t kMostOthers = 8;
constexpr size_t kMostClusters = 1000;
constexpr size_t kMostExplainBytes = 4 << 20;
constexpr int kMostLooks = 2;  // when the endpoint that answered falls away in the middle

// What one resource's looks keep of earlier ones. Lost at a restart, which costs a few calls.
struct Remembered {
  std::vector<std::string> endpoints;
  std::string cluster_uuid;
  std::map<std::string, NodeTold> told;  // by id and ephemeral id
  std::map<std::string, std::string> defaults;
  std::string defaults_of;                                 // the elected master's incarnation
  absl::Duration defaults_at = -absl::InfiniteDuration();  // on the steady clock
};

struct Memory {
  Memory(World&, Waker&) {}
  std::map<ResourceKey, std::shared_ptr<Remembered>> of;

  // Shared, because a look may outlive its entry.
  std::shared_ptr<Remembered> Of(const ResourceKey& key, const std::vector<std::string>& endpoints) {
    if (of.size() >= kMostClusters && !of.contains(key)) of.clear();
    std::shared_ptr<Remembered>& one = of[key];
    // Who writes other endpoints means another cluster, or the same by other ways.
    if (!one || one->endpoints != endpoints) {
      one = std::make_shared<Remembered>();
      one->endpoints = endpoints;
    }
    return one;
  }
};

ElasticsearchWhere WhereOf(const Spec& spec) {
  ElasticsearchWhere where{spec.endpoints, {}, spec.ca_file};
  if (!spec.auth) return where;
  if (const auto* basic = std::get_if<BasicLogin>(&*spec.auth))
    where.login = BasicAuth{basic->user, {basic->password.given() ? specs::SecretName(basic->password) : ""}};
  if (const auto* api = std::get_if<ApiKeyLogin>(&*spec.auth))
    where.login = clients::ElasticsearchApiKey{{specs::SecretName(api->key)}};
  return where;
}

std::string NodeKey(const Node& node) { return Cat(node.id, " ", node.ephemeral_id); }

std::string AsSeenAt(std::string_view endpoint) {
  return clients::ElasticsearchShown("", endpoint, "").substr(1);
}

// ── pieces that run at the same time; they own what they write to ──

Task<void> AskUuid(clients::Elasticsearch* client, ElasticsearchWhere where,
                   std::shared_ptr<std::vector<std::string>> uuids, size_t at) {
  const auto answer = co_await client->Get(std::move(where), ClusterUuidPath(), kGlance);
  if (!answer.ok() || answer->response.status / 100 != 2) co_return;
  StateReader reader;
  JsonStream stream(reader);
  if (stream.ReadAll(answer->response.body).ok()) (*uuids)[at] = reader.cluster_uuid();
}

Task<void> AskOneExplain(clients::Elasticsearch* client, ElasticsearchWhere where, ExplainAsk ask,
                         std::shared_ptr<std::vector<Result<std::optional<Explained>>>> out, size_t at) {
  const auto answer = co_await client->Post(std::move(where), ExplainPath(), ExplainBody(ask),
                                            {kSmall.deadline, kMostExplainBytes});
  if (!answer.ok()) {
    (*out)[at] = answer.status();
    co_return;
  }
  std::optional<Explained> read;
  if (answer->response.status / 100 == 2) read = ReadExplain(answer->response.body, ask);
  if (read) read->at = answer->sent;
  (*out)[at] = std::move(read);
}

// One attempt at a look. Lives in LookAtCluster's frame.
class ClusterLook {
 public:
  ClusterLook(World& world, clients::Elasticsearch& client, Remembered& remembered, const Spec& spec,
              const Look& look)
      : world_(world),
        client_(client),
        remembered_(remembered),
        spec_(spec),
        look_(look),
        where_(WhereOf(spec)) {
    for (const auto& [key, value] : spec.settings) more_keys_.push_back(key);
  }

  Task<Result<View>> Run() {
    SettingsReader settings;
    const bool with_defaults = world_.clock.Steady() - remembered_.defaults_at >= kDefaultsKept;
    const ElasticsearchAnswer first = HF_CO_TRY(co_await Read(
        with_defaults ? SettingsWithDefaultsPath(more_keys_) : SettingsPath(), kSmall, &settings));
    StateReader state;
    HF_CO_TRY(co_await Read(StatePath(), kBig, &state));
    Result<View> taken = state.Take();
    if (!taken.ok()) co_return Annotate(taken.status(), Shown(StatePath()));
    View view = *std::move(taken);
    view.endpoint = AsSeenAt(endpoint_);
    view.at = first.sent;
    HF_CO_TRY(CheckUuid(view.cluster_uuid, endpoint_));
    HF_CO_TRY(co_await AddNodes(&view));
    HF_CO_TRY(Judge(view));
    HF_CO_TRY(co_await AddSettings(&view, &settings, first.sent));
    HF_CO_TRY(co_await AddAsked(&view));
    if (look_.Asks(kAskConfirm)) HF_CO_TRY(co_await Confirm(&view));
    co_return view;
  }

 private:
  std::string Shown(std::string_view path) const {
    return clients::ElasticsearchShown("GET", endpoint_, path);
  }

  Task<Result<ElasticsearchAnswer>> Read(std::string path, Limits limits, JsonReader* reader) {
    JsonStream stream(*reader);
    ElasticsearchAnswer answer = HF_CO_TRY(co_await client_.Get(where_, path, limits, &stream));
    if (answer.response.status / 100 != 2)
      co_return Unavailable(Cat(clients::ElasticsearchShown("GET", answer.endpoint, path), ": HTTP ",
                                answer.response.status, ": ", clients::ElasticsearchError(answer.response)));
    if (endpoint_.empty()) endpoint_ = answer.endpoint;
    // Two endpoints may be two nodes with different views, or two clusters.
    if (endpoint_ != answer.endpoint)
      co_return Aborted(Cat(AsSeenAt(endpoint_), " stopped answering during the look"));
    co_return answer;
  }

  Status CheckUuid(const std::string& uuid, std::string_view endpoint) {
    if (uuid.empty()) return {};
    std::string& known = remembered_.cluster_uuid;
    if (known.empty()) known = uuid;
    if (known == uuid) return {};
    return FailedPrecondition(Cat("another cluster answers at ", AsSeenAt(endpoint), ": its uuid is ", uuid,
                                  ", the one that was seen before is ", known));
  }

  // Who they are, of those that are new; who answers, of all.
  Task<Status> AddNodes(View* view) {
    std::map<std::string, NodeTold> told;
    std::vector<std::string> unknown;
    for (const Node& node : view->nodes) {
      const auto known = remembered_.told.find(NodeKey(node));
      if (known == remembered_.told.end())
        unknown.push_back(node.id);
      else
        told.insert(*known);
    }
    if (!unknown.empty()) {
      NodesReader info;
      HF_CO_TRY(co_await Read(InfoPath(unknown), kSmall, &info));
      for (NodeTold& one : info.nodes)
        if (const Node* node = view->FindNode(one.id)) told.insert_or_assign(NodeKey(*node), std::move(one));
    }
    remembered_.told = std::move(told);
    NodesReader stats;
    const ElasticsearchAnswer answer = HF_CO_TRY(co_await Read(StatsPath(), kSmall, &stats));
    for (Node& node : view->nodes)
      if (const auto known = remembered_.told.find(NodeKey(node)); known != remembered_.told.end())
        AddInfo(known->second, node);
    for (const NodeTold& one : stats.nodes)
      if (const uint32_t at = view->NodeIndex(one.id); at != kNoNode)
        AddStats(one, answer.sent, answer.received, view->nodes[at]);
    is_somebody_silent_ = stats.failed > 0 || std::ranges::any_of(view->nodes, [](const Node& node) {
                            return node.answered_at == absl::InfinitePast();
                          });
    for (const auto& [key, one] : remembered_.told) says_cluster_manager_ |= one.says_cluster_manager;
    co_return Status();
  }

  // Flavor, versions, and the roles of those who never told any.
  Status Judge(View& view) const {
    const Node& master = view.nodes[view.master];
    if (master.version == Version())
      return Unavailable(
          Cat(Shown(InfoPath({})), ": the elected master ", master.name, " did not tell its version"));
    // Elasticsearch never had versions 3 and 4, and no ephemeral ids before 5.
    const bool is_opensearch =
        says_cluster_manager_ || (master.version.major < 5 && !master.ephemeral_id.empty());
    view.flavor = is_opensearch ? Flavor::kOpenSearch : Flavor::kElasticsearch;
    view.lowest = view.highest = master.version;
    for (Node& node : view.nodes) {
      if (node.version != Version()) {
        view.lowest = std::min(view.lowest, node.version);
        view.highest = std::max(view.highest, node.version);
      } else if (node.roles.empty()) {
        const auto at = static_cast<uint32_t>(&node - view.nodes.data());
        node.data = std::ranges::any_of(
            view.copies, [&](const Copy& copy) { return copy.node == at || copy.relocating_to == at; });
        node.master_eligible = std::ranges::count(view.voting_config, node.id) > 0;
      }
    }
    view.has_in_sync_sets = is_opensearch || view.lowest.major >= 5;
    return {};
  }

  Task<Status> AddSettings(View* view, SettingsReader* settings, absl::Time sent) {
    const Node& master = view->nodes[view->master];
    const std::string master_incarnation = Cat(master.id, " ", master.Incarnation());
    const bool is_due = world_.clock.Steady() - remembered_.defaults_at >= kDefaultsKept;
    if (is_due || remembered_.defaults_of != master_incarnation) {
      if (!is_due) {  // the master changed, so the first read was without
        SettingsReader again;
        const ElasticsearchAnswer answer =
            HF_CO_TRY(co_await Read(SettingsWithDefaultsPath(more_keys_), kSmall, &again));
        sent = answer.sent;
        *settings = std::move(again);
      }
      remembered_.defaults = HF_CO_TRY(co_await DefaultsOf(master.id, std::move(settings->defaults)));
      HF_CO_TRY(co_await CheckOthers());
      remembered_.defaults_of = master_incarnation;
      remembered_.defaults_at = world_.clock.Steady();
    }
    view->settings.persistent = std::move(settings->persistent);
    view->settings.transient = std::move(settings->transient);
    view->settings.defaults = remembered_.defaults;
    view->settings.at = sent;
    ReadFilterLists(view);
    co_return Status();
  }

  // The settings' defaults are those of the node that answers, its own file included; the elected master's
  // file decides.
  Task<Result<std::map<std::string, std::string>>> DefaultsOf(std::string master,
                                                              std::map<std::string, std::string> defaults) {
    NodesReader files;
    HF_CO_TRY(co_await Read(FilesPath(), kSmall, &files));
    const auto found = std::ranges::find(files.nodes, master, &NodeTold::id);
    if (found == files.nodes.end())
      co_return Aborted(Cat(Shown(FilesPath()), ": the elected master ", master, " is not in the answer"));
    std::erase_if(defaults, [&](const auto& entry) { return !IsAskedFor(entry.first, more_keys_); });
    for (const NodeTold& node : files.nodes)
      for (const auto& [key, value] : node.settings)
        if (!found->settings.contains(key)) defaults.erase(key);  // of the answering node's file alone
    for (const auto& [key, value] : found->settings)
      if (IsAskedFor(key, more_keys_)) defaults[key] = value;
    co_return defaults;
  }

  // From 8.0 on a filter's list is a list; before, it is one word that matches nothing.
  static void ReadFilterLists(View* view) {
    if (view->flavor != Flavor::kElasticsearch || view->lowest.major < 8) return;
    for (auto* scope : {&view->settings.persistent, &view->settings.transient, &view->settings.defaults})
      for (auto& [key, value] : *scope) {
        if (!IsAllocationFilter(key) || !value.starts_with('[') || !value.ends_with(']')) continue;
        value = Join(Split(value.substr(1, value.size() - 2), ' '), "");
      }
  }

  // That a dead endpoint is another cluster's must not come out when the living one fails.
  Task<Status> CheckOthers() {
    std::vector<std::string> others;
    for (const std::string& endpoint : spec_.endpoints)
      if (endpoint != endpoint_ && others.size() < kMostOthers) others.push_back(endpoint);
    auto uuids = std::make_shared<std::vector<std::string>>(others.size());
    std::vector<Task<void>> pieces;
    for (size_t i = 0; i < others.size(); ++i) {
      ElasticsearchWhere there = where_;
      there.endpoints = {others[i]};
      pieces.push_back(AskUuid(&client_, std::move(there), uuids, i));
    }
    co_await Together(std::move(pieces));
    for (size_t i = 0; i < others.size(); ++i) HF_CO_TRY(CheckUuid((*uuids)[i], others[i]));
    co_return Status();
  }

  Task<Status> AddAsked(View* view) {
    if (look_.Asks(kAskSizes) && !is_somebody_silent_) {
      SizesReader sizes(*view);
      const auto closed =
          BehavesSince(*view, kReplicatesClosed) ? ClosedIndices::kHaveCopies : ClosedIndices::kHaveNone;
      HF_CO_TRY(co_await Read(SizesPath(closed), kBig, &sizes));
      view->has_sizes = true;
    }
    if (look_.Asks(kAskRecoveries) && !is_somebody_silent_) {
      RecoveriesReader recoveries;
      HF_CO_TRY(co_await Read(RecoveriesPath(), kBig, &recoveries));
      view->recoveries = std::move(recoveries.recoveries);
    }
    std::vector<ExplainAsk> asks;
    for (const std::string& ask : look_.ask)
      if (auto explain = ParseExplain(ask); explain && asks.size() < kMostExplained)
        asks.push_back(*std::move(explain));
    if (asks.empty()) co_return Status();
    auto answers = std::make_shared<std::vector<Result<std::optional<Explained>>>>(asks.size());
    std::vector<Task<void>> pieces;
    ElasticsearchWhere here = where_;
    here.endpoints = {endpoint_};
    for (size_t i = 0; i < asks.size(); ++i)
      pieces.push_back(AskOneExplain(&client_, here, std::move(asks[i]), answers, i));
    co_await Together(std::move(pieces));
    for (Result<std::optional<Explained>>& answer : *answers) {
      std::optional<Explained> one = HF_CO_TRY(std::move(answer));
      if (one) view->explained.push_back(*std::move(one));
    }
    co_return Status();
  }

  // Settings and routing table are never one snapshot: equal before and after is as good.
  Task<Status> Confirm(View* view) {
    SettingsReader after;
    HF_CO_TRY(co_await Read(SettingsPath(), kSmall, &after));
    View with;
    with.flavor = view->flavor;
    with.lowest = view->lowest;
    with.settings.persistent = std::move(after.persistent);
    with.settings.transient = std::move(after.transient);
    ReadFilterLists(&with);
    if (with.settings.persistent != view->settings.persistent ||
        with.settings.transient != view->settings.transient)
      co_return Unavailable(Cat(Shown(SettingsPath()), ": settings changed while we looked"));
    view->confirmed = true;
    PendingReader pending;
    HF_CO_TRY(co_await Read(PendingPath(), kSmall, &pending));
    view->pending_tasks = pending.tasks;
    co_return Status();
  }

  World& world_;
  clients::Elasticsearch& client_;
  Remembered& remembered_;
  const Spec& spec_;
  const Look& look_;
  const ElasticsearchWhere where_;
  std::vector<std::string> more_keys_;
  std::string endpoint_;  // that answers this look
  bool is_somebody_silent_ = false, says_cluster_manager_ = false;
};

}  // namespace

Task<Observed<View>> LookAtCluster(Systems& systems, std::shared_ptr<const Spec> spec, Look look) {
  auto& client = systems.Use<clients::Clients>().elasticsearch;
  const std::shared_ptr<Remembered> remembered = systems.Use<Memory>().Of(look.self, spec->endpoints);
  // Before the cluster is asked, so that what it tells is fresh.
  FilesSeen files = co_await LookAtFiles(systems, spec, look);
  Status failed;
  for (int i = 0; i < kMostLooks; ++i) {
    ClusterLook attempt(systems.world(), client, *remembered, *spec, look);
    Result<View> view = co_await attempt.Run();
    if (view.ok()) {
      view->files = std::move(files.files);
      view->templates = std::move(files.templates);
      const absl::Time at = view->at;
      co_return Observed<View>(*std::move(view), at);
    }
    failed = view.status();
    if (failed.code() != Code::kAborted) break;
  }
  co_return Unknown{failed.message()};
}

}  // namespace holdfast::elasticsearch
