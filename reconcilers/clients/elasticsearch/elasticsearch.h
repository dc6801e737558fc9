// Asking a cluster of Elasticsearch or OpenSearch through the first of its endpoints that answers.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/plan/action.h"
#include "controller/world/world.h"
#include "reconcilers/clients/secrets.h"

namespace holdfast::clients {

struct ElasticsearchApiKey {
  SecretRef key;  // base64 of id:key
  bool operator==(const ElasticsearchApiKey&) const = default;
};

struct ElasticsearchWhere {
  std::vector<std::string> endpoints;  // "http://10.0.0.11:9200", the preferred one first
  std::variant<std::monostate, BasicAuth, ElasticsearchApiKey> login;
  std::string ca_file;
};

// Takes the JSON of a 2xx while it arrives; several endpoints may be tried for one.
class ElasticsearchSink : public HttpSink {
 public:
  // Another endpoint is asked: what was taken so far does not count.
  virtual void Restart() = 0;
  // The body is over. An error when it ended early.
  virtual Status Finish() = 0;
};

struct ElasticsearchAnswer {
  std::string endpoint;  // as it stands in `endpoints`
  HttpResponse response;
  absl::Time sent, received;  // of the exchange that gave it, not of those before
};

// Reads only: writes go through Doors as HttpCall. No retries beyond the other endpoints.
class Elasticsearch {
 public:
  // `secrets` outlives this.
  Elasticsearch(World world, Secrets& secrets) : world_(world), secrets_(secrets) {}
  Elasticsearch(const Elasticsearch&) = delete;
  Elasticsearch& operator=(const Elasticsearch&) = delete;

  // What an endpoint said, in JSON, whatever its status, except for these. Each endpoint has
  // `limits.deadline`; those that did not answer within the last minute come last, and at most kMostTries are
  // tried. The next one is tried for: no connection, no answer in time, 502, 503, 504, an answer that is not
  // JSON or is cut short; the last reason is the error, or the one that says that there is no elected master.
  // PermissionDenied: 401 and 403. `sink` outlives the call; with it the response of a 2xx has no body.
  Task<Result<ElasticsearchAnswer>> Get(ElasticsearchWhere where, std::string path_and_query, Limits limits,
                                        ElasticsearchSink* sink = nullptr);
  // For the questions that need a body.
  Task<Result<ElasticsearchAnswer>> Post(ElasticsearchWhere where, std::string path_and_query,
                                         std::string body, Limits limits, ElasticsearchSink* sink = nullptr);

  static constexpr absl::Duration kRemembered = absl::Minutes(1);  // who answered, and who did not
  static constexpr size_t kMostTries = 5;
  static constexpr int kMostDeadlines = 2;         // no other endpoint is tried after so many
  static constexpr size_t kMostRemembered = 4096;  // endpoints

 private:
  struct Question {
    std::string method, path, body;
    Limits limits;
    ElasticsearchSink* sink = nullptr;
  };
  Task<Result<ElasticsearchAnswer>> Ask(ElasticsearchWhere where, Question question);
  Task<Result<ElasticsearchAnswer>> AskOne(const ElasticsearchWhere* where, std::string endpoint,
                                           const Question* question);
  Result<HttpRequest> Request(const ElasticsearchWhere& where, const std::string& endpoint,
                              const Question& question);
  // The one that answered last, then in order, then those that were silent.
  std::vector<std::string> Order(const ElasticsearchWhere& where);
  void Remember(const std::string& endpoint, const ElasticsearchWhere& where, const Status& status);

  World world_;
  Secrets& secrets_;
  struct Answered {
    std::string endpoint;
    absl::Duration since;  // on the steady clock
  };
  std::map<std::string, Answered> answered_;      // by all endpoints of a cluster, joined
  std::map<std::string, absl::Duration> silent_;  // since when, on the steady clock
};

// "GET http://10.0.0.11:9200/_cluster/state": without user, password and query.
std::string ElasticsearchShown(std::string_view method, std::string_view endpoint, std::string_view path);
// What the body of a refusal says: `error` is an object with `type` and `reason`, or a text. "" when neither.
std::string ElasticsearchError(const HttpResponse& response);
// The cluster has no elected master, or the node that was asked knows none.
bool SaysNoMaster(const Status& status);

}  // namespace holdfast::clients
