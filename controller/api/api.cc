#include "controller/api/api.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "controller/api/why.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "metrics/text_format.h"

namespace holdfast {
namespace {

constexpr std::string_view kPrefix = "/api/v1/";

HttpReply JsonReply(const json::object& document, int status = 200) {
  return {.status = status, .content_type = "application/json", .body = Cat(Compact(document), "\n")};
}

int HttpStatusOf(Code code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kInvalidArgument:
      return 400;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kFailedPrecondition:
    case Code::kAborted:
      return 409;
    case Code::kUnavailable:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    case Code::kResourceExhausted:
      return 507;
    case Code::kLocal:
    case Code::kInternal:
      return 500;
  }
  return 500;
}

std::string_view RemedyFor(Code code) {
  switch (code) {
    case Code::kNotFound:
      return "holdfast status lists every resource";
    case Code::kInvalidArgument:
      return "holdfast help COMMAND shows what is expected";
    case Code::kFailedPrecondition:
      return "look at it again: holdfast plan, holdfast why";
    case Code::kPermissionDenied:
      return "use the daemon's unix socket; changes are made there only";
    case Code::kResourceExhausted:
    case Code::kUnavailable:
      return "nothing was changed that is not told; see the daemon's log and the disk of its state directory";
    default:
      return "see the daemon's log";
  }
}

HttpReply Refused(const Status& status) {
  return JsonReply(ErrorDocument(status, RemedyFor(status.code())), HttpStatusOf(status.code()));
}

HttpReply ReplyOf(Result<json::object> document) {
  return document.ok() ? JsonReply(*document) : Refused(document.status());
}

std::optional<ResourceKey> KeyOf(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size() ||
      text.find('/', slash + 1) != std::string_view::npos)
    return std::nullopt;
  return ResourceKey{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

Actor ActorOf(const HttpPeer& peer) { return Cat("user ", peer.name, " (uid ", peer.uid, ")"); }

template <class Number>
Result<Number> NumberIn(const HttpQuery& query, const std::string& name, Number otherwise) {
  const std::string_view text = query.Parameter(name);
  if (text.empty()) return otherwise;
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return InvalidArgument(Cat(name, "=", Excerpt(text, 40), " is not a number"));
  return number;
}

// The text member of a request's body, or "".
std::string TextIn(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(JsonView(name));
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

Result<ResourceKey> KeyIn(const json::object& body) {
  ResourceKey key{TextIn(body, "kind"), TextIn(body, "name")};
  if (key.kind.empty() || key.name.empty()) return InvalidArgument("the body needs \"kind\" and \"name\"");
  return key;
}

}  // namespace

// One row per question. `key` is what follows the path: KIND/NAME, or nothing.
struct Api::Route {
  enum class Key { kNone, kOptional, kRequired };
  enum class Verb { kGet, kPost };
  using Tell = HttpReply (*)(Api& api, const HttpQuery& query, const std::optional<ResourceKey>& key);
  using Change = Task<Result<std::string>> (*)(Api* api, json::object body, Actor by);

  Verb verb = Verb::kGet;
  std::string_view path;
  Key key = Key::kNone;
  std::string_view doc;
  Tell tell = nullptr;
  Change change = nullptr;

  // What the route tells.
  static HttpReply Scrape(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply Healthy(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply IsReady(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply TellStatus(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key);
  static HttpReply TellPlan(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key);
  static HttpReply Why(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key);
  static HttpReply History(Api& api, const HttpQuery& query, const std::optional<ResourceKey>& key);
  static HttpReply Changes(Api& api, const HttpQuery& query, const std::optional<ResourceKey>&);
  static HttpReply Problems(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply Version(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  // What the route changes; the answer is a sentence.
  static Task<Result<std::string>> Suspend(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> Resume(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> StopAll(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> StartAll(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> Apply(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> Look(Api* api, json::object body, Actor by);
};

std::span<const Api::Route> Api::Routes() {
  using enum Route::Verb;
  using enum Route::Key;
  static constexpr Route kRoutes[] = {
      {kGet, "/metrics", kNone, "Everything for Prometheus, text format 0.0.4.", Route::Scrape},
      {kGet, "/-/healthy", kNone, "200 while rounds come round, 503 when they are overdue.", Route::Healthy},
      {kGet, "/-/ready", kNone, "200 once every resource has been looked at, 503 before.", Route::IsReady},
      {kGet, "/api/v1/status", kOptional, "What every resource is doing, or one.", Route::TellStatus},
      {kGet, "/api/v1/plan", kOptional, "What would be done, in order, with guards.", Route::TellPlan},
      {kGet, "/api/v1/why", kRequired, "Why it does not move: the chain across dependencies.", Route::Why},
      {kGet, "/api/v1/history", kOptional, "Actions from the journal, newest first; since=, before=, limit=.",
       Route::History},
      {kGet, "/api/v1/changes", kNone, "What changed after version since=N.", Route::Changes},
      {kGet, "/api/v1/problems", kNone, "What is wrong with the specs as they are now.", Route::Problems},
      {kGet, "/api/v1/version", kNone, "Which holdfast answers.", Route::Version},
      {kPost, "/api/v1/suspend", kNone, "{kind, name, reason, until?}: no new step for this resource.",
       nullptr, Route::Suspend},
      {kPost, "/api/v1/resume", kNone, "{kind, name}: the end of that.", nullptr, Route::Resume},
      {kPost, "/api/v1/stop-all", kNone,
       "{reason, freeze?}: no new step at all; freeze holds obligations too.", nullptr, Route::StopAll},
      {kPost, "/api/v1/start-all", kNone, "{}: the end of that.", nullptr, Route::StartAll},
      {kPost, "/api/v1/apply", kNone, "{kind, name, digest}: let go what this plan proposes.", nullptr,
       Route::Apply},
      {kPost, "/api/v1/look", kNone, "{kind?, name?}: look now.", nullptr, Route::Look},
  };
  return kRoutes;
}

Api::Api(ApiContext context) : context_(std::move(context)) {}

DocumentFrame Api::Frame() const {
  DocumentFrame frame{.now = context_.clock.Now(),
                      .revision = context_.site.revision(),
                      .stop_all = context_.engine.stop_all(),
                      .journal_trouble = context_.engine.journal_trouble()};
  for (const specs::Diagnostic& problem : context_.site.problems())
    if (problem.level == specs::Level::kError) ++frame.spec_errors;
  return frame;
}

ProcessPages Api::OwnPages() const {
  constexpr size_t kMostBytes = 1 << 20;
  const auto page = [&](const std::string& path) {
    Result<std::string> read = context_.files.Read(path, kMostBytes);
    return read.ok() ? *std::move(read) : std::string();
  };
  ProcessPages pages{.stat = page("/proc/self/stat"),
                     .limits = page("/proc/self/limits"),
                     .system_stat = page("/proc/stat")};
  if (const auto fds = context_.files.List("/proc/self/fd"); fds.ok()) pages.open_fds = fds->size();
  return pages;
}

bool Api::EverythingSeen() {
  if (ready_ == Ready::kYes) return true;
  for (const Row* row : context_.engine.board().Rows())
    if ((*row)[ConditionType::kObserved].status == Truth::kUnknown) return false;
  ready_ = Ready::kYes;
  return true;
}

HttpReply Api::Route::Scrape(Api& api, const HttpQuery&, const std::optional<ResourceKey>&) {
  const ApiContext& context = api.context_;
  ExpositionFacts facts{.version = context.version, .source_trouble = context.site.trouble()};
  for (const specs::Diagnostic& problem : context.site.problems())
    ++(problem.level == specs::Level::kError ? facts.spec_errors : facts.spec_warnings);
  HttpReply reply{.content_type = std::string(kTextFormatContentType)};
  reply.body = BoardExposition(context.engine.board(), context.engine.stop_all(), facts);
  Append(reply.body, EngineExposition(context.engine), context.metrics.Exposition(),
         ProcessExposition(api.OwnPages()));
  return reply;
}

HttpReply Api::Route::Healthy(Api& api, const HttpQuery&, const std::optional<ResourceKey>&) {
  const auto due = api.context_.engine.queue().NextDue();
  const absl::Duration overdue = due ? api.context_.clock.Steady() - *due : absl::ZeroDuration();
  if (overdue > kOverdue)
    return JsonReply(
        ErrorDocument("unavailable", Cat("rounds are overdue by ", Brief(overdue)), "see the daemon's log"),
        503);
  return {.content_type = "text/plain; charset=utf-8", .body = "healthy\n"};
}

HttpReply Api::Route::IsReady(Api& api, const HttpQuery&, const std::optional<ResourceKey>&) {
  if (!api.EverythingSeen())
    return JsonReply(ErrorDocument("unavailable", "not everything has been looked at yet",
                                   "holdfast status shows what is missing"),
                     503);
  return {.content_type = "text/plain; charset=utf-8", .body = "ready\n"};
}

HttpReply Api::Route::TellStatus(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key) {
  const Board& board = api.context_.engine.board();
  return key ? ReplyOf(StatusDocument(board, api.Frame(), *key))
             : JsonReply(StatusDocument(board, api.Frame()));
}

HttpReply Api::Route::TellPlan(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key) {
  const Board& board = api.context_.engine.board();
  return key ? ReplyOf(PlanDocument(board, api.Frame(), *key)) : JsonReply(PlanDocument(board, api.Frame()));
}

HttpReply Api::Route::Why(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key) {
  return ReplyOf(WhyDocument(api.context_.engine.board(), api.Frame(), *key));
}

HttpReply Api::Route::History(Api& api, const HttpQuery& query, const std::optional<ResourceKey>& key) {
  HistoryQuery asked;
  if (key) asked.kind = key->kind, asked.name = key->name;
  if (!key) asked.kind = query.Parameter("kind"), asked.name = query.Parameter("name");
  if (const std::string_view since = query.Parameter("since"); !since.empty()) {
    const auto time = ParseRfc3339(since);
    if (!time)
      return Refused(
          InvalidArgument(Cat("since=", Excerpt(since, 40), " is not a time such as 2026-11-20T10:00:00Z")));
    asked.since = *time;
  }
  const auto before = NumberIn<int64_t>(query, "before", 0);
  const auto limit = NumberIn<int>(query, "limit", asked.limit);
  if (!before.ok()) return Refused(before.status());
  if (!limit.ok()) return Refused(limit.status());
  asked.before_id = *before;
  asked.limit = std::clamp(*limit, 1, kMostHistory);
  const auto entries = api.context_.engine.journal().History(asked);
  if (!entries.ok()) return Refused(entries.status());
  json::object document = HistoryDocument(*entries);
  document["now"] = TimeJson(api.context_.clock.Now());
  return JsonReply(document);
}

HttpReply Api::Route::Changes(Api& api, const HttpQuery& query, const std::optional<ResourceKey>&) {
  const auto since = NumberIn<uint64_t>(query, "since", 0);
  if (!since.ok()) return Refused(since.status());
  return JsonReply(ChangesDocument(api.context_.engine.board(), api.Frame(), *since));
}

HttpReply Api::Route::Problems(Api& api, const HttpQuery&, const std::optional<ResourceKey>&) {
  const std::vector<specs::Diagnostic> problems = api.context_.site.problems();
  json::object document = specs::ProblemsJson(problems);
  document["revision"] = api.context_.site.revision();
  document["sourceTrouble"] = api.context_.site.trouble();
  return JsonReply(document);
}

HttpReply Api::Route::Version(Api& api, const HttpQuery&, const std::optional<ResourceKey>&) {
  return JsonReply({{"formatVersion", kFormatVersion}, {"version", api.context_.version}});
}

Task<Result<std::string>> Api::Route::Suspend(Api* api, json::object body, Actor by) {
  const ResourceKey key = HF_CO_TRY(KeyIn(body));
  const std::string reason = TextIn(body, "reason"), until_text = TextIn(body, "until");
  if (reason.empty()) co_return InvalidArgument("a suspension needs a \"reason\": others will read it");
  absl::Time until = absl::InfiniteFuture();
  if (!until_text.empty()) {
    const auto time = ParseRfc3339(until_text);
    if (!time)
      co_return InvalidArgument(
          Cat("until ", Excerpt(until_text, 40), " is not a time such as 2026-11-20T10:00:00Z"));
    until = *time;
  }
  HF_CO_TRY(co_await api->context_.engine.Suspend(key, by, reason, until));
  co_return Cat(key.Text(), " suspended",
                until == absl::InfiniteFuture() ? " until it is resumed" : Cat(" until ", Rfc3339(until)));
}

Task<Result<std::string>> Api::Route::Resume(Api* api, json::object body, Actor by) {
  const ResourceKey key = HF_CO_TRY(KeyIn(body));
  HF_CO_TRY(co_await api->context_.engine.Resume(key, by));
  co_return Cat(key.Text(), " resumed");
}

Task<Result<std::string>> Api::Route::StopAll(Api* api, json::object body, Actor by) {
  const std::string reason = TextIn(body, "reason");
  const json::value* freeze = body.if_contains("freeze");
  const bool frozen = freeze != nullptr && freeze->is_bool() && freeze->get_bool();
  const StopAllSet::Reach reach = frozen ? StopAllSet::Reach::kFreeze : StopAllSet::Reach::kNewSteps;
  HF_CO_TRY(co_await api->context_.engine.StopAll(reach, by, reason));
  co_return frozen
      ? "stopped: nothing is begun any more, obligations are held too; observation goes on"
      : "stopped: nothing new is begun any more; what ends an exposure is finished, observation goes on";
}

Task<Result<std::string>> Api::Route::StartAll(Api* api, json::object, Actor by) {
  HF_CO_TRY(co_await api->context_.engine.StartAll(by));
  co_return std::string("started: steps go again");
}

Task<Result<std::string>> Api::Route::Apply(Api* api, json::object body, Actor by) {
  const ResourceKey key = HF_CO_TRY(KeyIn(body));
  const std::string digest = TextIn(body, "digest");
  if (digest.empty()) co_return InvalidArgument("the body needs the \"digest\" of the plan that is let go");
  HF_CO_TRY(co_await api->context_.engine.Apply(key, digest, by));
  co_return Cat(key.Text(), ": the plan ", digest.substr(0, 12), " is let go");
}

Task<Result<std::string>> Api::Route::Look(Api* api, json::object body, Actor by) {
  if (body.if_contains("kind") == nullptr) {
    HF_CO_TRY(co_await api->context_.site.LookNow());
    api->context_.engine.LookAtAll(api->context_.clock.Now());
    co_return std::string("looking at everything now");
  }
  const ResourceKey key = HF_CO_TRY(KeyIn(body));
  if (!api->context_.engine.IsDeclared(key)) co_return NotFound(Cat("no resource ", key.Text()));
  api->context_.engine.LookNow(key, Cat("asked by ", by));
  co_return Cat("looking at ", key.Text(), " now");
}

Task<HttpReply> Api::Answer(HttpQuery query) {
  const Route* route = nullptr;
  std::optional<ResourceKey> key;
  bool path_known = false;
  for (const Route& row : Routes()) {
    const bool whole = query.path == row.path;
    const bool below = row.key != Route::Key::kNone && query.path.size() > row.path.size() + 1 &&
                       query.path.starts_with(row.path) && query.path[row.path.size()] == '/';
    if (!whole && !below) continue;
    path_known = true;
    const std::string_view verb = row.verb == Route::Verb::kPost ? "POST" : "GET";
    if (query.method != verb) continue;
    if (below) key = KeyOf(std::string_view(query.path).substr(row.path.size() + 1));
    if ((below || row.key == Route::Key::kRequired) && !key)
      co_return Refused(InvalidArgument(Cat(row.path, " wants KIND/NAME behind it")));
    route = &row;
    break;
  }
  if (route == nullptr && path_known)
    co_return JsonReply(
        ErrorDocument("method-not-allowed", Cat(query.method, " is not for ", query.path), "see docs/api.md"),
        405);
  if (route == nullptr)
    co_return JsonReply(ErrorDocument("not-found", Cat("there is nothing at ", Excerpt(query.path, 100)),
                                      Cat("the questions stand below ", kPrefix)),
                        404);
  if (route->tell != nullptr) co_return route->tell(*this, query, key);

  if (query.peer.way != HttpPeer::Way::kUnixSocket)
    co_return Refused(
        PermissionDenied("changes are taken by the unix socket only, because it tells who asks"));
  Result<json::value> body = ParseJson(query.body.empty() ? "{}" : query.body);
  if (!body.ok()) co_return Refused(body.status());
  if (!body->is_object()) co_return Refused(InvalidArgument("the body must be a JSON object"));
  const Result<std::string> done = co_await route->change(this, body->get_object(), ActorOf(query.peer));
  if (!done.ok()) co_return Refused(done.status());
  co_return JsonReply({{"formatVersion", kFormatVersion}, {"done", *done}});
}

std::string RoutesMarkdown() {
  std::string out = "| method | path | answer |\n|---|---|---|\n";
  for (const Api::Route& route : Api::Routes()) {
    const std::string_view tail = route.key == Api::Route::Key::kNone       ? ""
                                  : route.key == Api::Route::Key::kOptional ? "[/KIND/NAME]"
                                                                            : "/KIND/NAME";
    Append(out, "| ", route.verb == Api::Route::Verb::kPost ? "POST" : "GET", " | `", route.path, tail,
           "` | ", route.doc, " |\n");
  }
  return out;
}

}  // namespace holdfast
