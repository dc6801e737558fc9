#include "reconcilers/clients/elasticsearch/elasticsearch.h"

#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"

namespace holdfast::clients {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kNoMaster = "no elected master";
constexpr size_t kMostSaid = 200;

bool IsJson(std::string_view content_type) {
  const std::string lower = Lower(content_type);
  return lower.starts_with("application/") && lower.find("json") != std::string::npos;
}

Status NotJson(const HttpResponse& response) {
  const std::string_view type = response.Header("content-type");
  return Unavailable(Cat("HTTP ", response.status, " with ",
                         type.empty() ? "no content type" : Cat("content type ", Excerpt(type, 60)),
                         " instead of JSON: something else answers there, such as a proxy"));
}

// Looks at the head before a byte of the body is believed.
class CheckedSink : public HttpSink {
 public:
  explicit CheckedSink(ElasticsearchSink* to) : to_(to) {}
  Status Take(const HttpResponse& head, std::string_view piece) override {
    if (!IsJson(head.Header("content-type"))) return NotJson(head);
    return to_->Take(head, piece);
  }

 private:
  ElasticsearchSink* to_;
};

bool IsNoMaster(std::string_view error) {
  return error.find("master_not_discovered") != error.npos ||
         error.find("cluster_manager_not_discovered") != error.npos ||
         error.find("MasterNotDiscovered") != error.npos || error.find("no master") != error.npos;
}

// What a status means for everybody; ok when the caller is to judge it.
Status Judged(const HttpResponse& response) {
  const std::string error = ElasticsearchError(response);
  const std::string said = Cat("HTTP ", response.status, error.empty() ? "" : ": ", error);
  switch (response.status) {
    case 401:
      return PermissionDenied(Cat(said, "; check auth: user and password, or the API key"));
    case 403:
      return PermissionDenied(Cat(
          said, "; the user needs the cluster privileges monitor and manage, and monitor on all indices"));
    case 502:
    case 504:
      return Unavailable(said);
    case 503:
      return Unavailable(IsNoMaster(error) ? Cat(kNoMaster, ": ", said) : said);
    default:
      break;
  }
  if (!IsJson(response.Header("content-type"))) return NotJson(response);
  return {};
}

bool IsPassing(Code code) { return code == Code::kUnavailable || code == Code::kDeadlineExceeded; }

std::string KeyOf(const ElasticsearchWhere& where) { return Join(where.endpoints, " "); }

}  // namespace

std::string ElasticsearchShown(std::string_view method, std::string_view endpoint, std::string_view path) {
  std::string shown(endpoint);
  const size_t scheme = shown.find("://");
  const size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const size_t at = shown.rfind('@');
  if (at != std::string::npos && at >= begin) shown.erase(begin, at + 1 - begin);
  return Cat(method, " ", shown, path.substr(0, path.find('?')));
}

std::string ElasticsearchError(const HttpResponse& response) {
  const Result<json::value> parsed = ParseJson(response.body);
  const json::object* document = parsed.ok() ? parsed->if_object() : nullptr;
  const json::value* error = document == nullptr ? nullptr : document->if_contains("error");
  if (error == nullptr) return {};
  if (error->is_string()) return Excerpt(Chars(error->get_string()), kMostSaid);
  const json::object* object = error->if_object();
  if (object == nullptr) return {};
  std::string text;
  for (const char* part : {"type", "reason"})
    if (const json::value* value = object->if_contains(part); value != nullptr && value->is_string())
      Append(text, text.empty() ? "" : ": ", Chars(value->get_string()));
  return Excerpt(text, kMostSaid);
}

bool SaysNoMaster(const Status& status) { return status.message().find(kNoMaster) != std::string::npos; }

Task<Result<ElasticsearchAnswer>> Elasticsearch::Get(ElasticsearchWhere where, std::string path_and_query,
                                                     Limits limits, ElasticsearchSink* sink) {
  return Ask(std::move(where), {"GET", std::move(path_and_query), "", limits, sink});
}

Task<Result<ElasticsearchAnswer>> Elasticsearch::Post(ElasticsearchWhere where, std::string path_and_query,
                                                      std::string body, Limits limits,
                                                      ElasticsearchSink* sink) {
  return Ask(std::move(where), {"POST", std::move(path_and_query), std::move(body), limits, sink});
}

Result<HttpRequest> Elasticsearch::Request(const ElasticsearchWhere& where, const std::string& endpoint,
                                           const Question& question) {
  HttpRequest request;
  request.method = question.method;
  request.url =
      Cat(endpoint.ends_with('/') ? endpoint.substr(0, endpoint.size() - 1) : endpoint, question.path);
  request.ca_file = where.ca_file;
  request.headers.emplace_back("Accept", kJson);
  if (const auto* basic = std::get_if<BasicAuth>(&where.login))
    request.headers.emplace_back("Authorization", HF_TRY(BasicAuthorization(secrets_, *basic)));
  if (const auto* api = std::get_if<ElasticsearchApiKey>(&where.login))
    request.headers.emplace_back("Authorization", Cat("ApiKey ", HF_TRY(secrets_.Resolve(api->key))));
  if (!question.body.empty()) {
    // From 6.0 on a body without it is refused with 406.
    request.headers.emplace_back("Content-Type", kJson);
    request.body = question.body;
  }
  return request;
}

Task<Result<ElasticsearchAnswer>> Elasticsearch::AskOne(const ElasticsearchWhere* where, std::string endpoint,
                                                        const Question* question) {
  HttpRequest request = HF_CO_TRY(Request(*where, endpoint, *question));
  ElasticsearchAnswer answer;
  answer.sent = world_.clock.Now();
  CheckedSink checked(question->sink);
  if (question->sink != nullptr) question->sink->Restart();
  Result<HttpResponse> response = co_await world_.http.Send(std::move(request), question->limits,
                                                            question->sink == nullptr ? nullptr : &checked);
  answer.received = world_.clock.Now();
  if (!response.ok()) co_return std::move(response).status();
  answer.endpoint = std::move(endpoint);
  answer.response = *std::move(response);
  HF_CO_TRY(Judged(answer.response));
  if (question->sink != nullptr && answer.response.status / 100 == 2) {
    // Whoever has the whole answer at hand may leave the body where it is.
    if (!answer.response.body.empty()) HF_CO_TRY(checked.Take(answer.response, answer.response.body));
    HF_CO_TRY(question->sink->Finish());
  }
  co_return answer;
}

std::vector<std::string> Elasticsearch::Order(const ElasticsearchWhere& where) {
  const absl::Duration now = world_.clock.Steady();
  const auto answered = answered_.find(KeyOf(where));
  const auto is_silent = [&](const std::string& endpoint) {
    const auto silent = silent_.find(endpoint);
    return silent != silent_.end() && now - silent->second < kRemembered;
  };
  const auto is_sticky = [&](const std::string& endpoint) {
    return answered != answered_.end() && answered->second.endpoint == endpoint &&
           now - answered->second.since < kRemembered;
  };
  std::vector<std::string> order, rest, silent;
  for (const std::string& endpoint : where.endpoints) {
    if (is_silent(endpoint))
      silent.push_back(endpoint);
    else
      (is_sticky(endpoint) ? order : rest).push_back(endpoint);
  }
  order.insert(order.end(), rest.begin(), rest.end());
  order.insert(order.end(), silent.begin(), silent.end());
  if (order.size() > kMostTries) order.resize(kMostTries);
  return order;
}

void Elasticsearch::Remember(const std::string& endpoint, const ElasticsearchWhere& where,
                             const Status& status) {
  if (silent_.size() >= kMostRemembered) silent_.clear();
  if (answered_.size() >= kMostRemembered) answered_.clear();
  const absl::Duration now = world_.clock.Steady();
  const bool is_silent = IsPassing(status.code());
  if (is_silent) {
    silent_[endpoint] = now;
  } else {
    silent_.erase(endpoint);
    // Kept from when it began, so that the preferred one has its turn again after a while.
    Answered& answered = answered_[KeyOf(where)];
    if (answered.endpoint != endpoint || now - answered.since >= kRemembered) answered = {endpoint, now};
  }
  world_.vitals.Report(endpoint,
                       status.code() == Code::kLocal              ? Vitals::Answer::kLocal
                       : status.code() == Code::kDeadlineExceeded ? Vitals::Answer::kSilent
                                                                  : Vitals::Answer::kAnswered,
                       world_.clock.Now());
}

Task<Result<ElasticsearchAnswer>> Elasticsearch::Ask(ElasticsearchWhere where, Question question) {
  Status failed = InvalidArgument("no endpoint to ask");
  const absl::Duration begun = world_.clock.Steady();
  for (const std::string& endpoint : Order(where)) {
    // Where the elected master stands still, every endpoint is silent.
    if (world_.clock.Steady() - begun >= kMostDeadlines * question.limits.deadline) break;
    Result<ElasticsearchAnswer> answer = co_await AskOne(&where, endpoint, &question);
    Remember(endpoint, where, answer.status());
    if (answer.ok()) co_return answer;
    std::string shown = ElasticsearchShown(question.method, endpoint, question.path);
    // The HTTP layer names the URL by itself.
    const bool is_named = answer.status().message().find("://") != std::string::npos;
    Status status = is_named ? answer.status() : Annotate(answer.status(), shown);
    if (!IsPassing(status.code())) co_return Status(status.code(), secrets_.Scrubbed(status.message()));
    if (!SaysNoMaster(failed)) failed = Status(status.code(), secrets_.Scrubbed(status.message()));
  }
  co_return failed;
}

}  // namespace holdfast::clients
