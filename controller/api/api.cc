#include "controller/api/api.h"

#include <utility>

#include "controller/api/reply.h"
#include "controller/api/route.h"
#include "controller/base/text.h"

namespace holdfast {
namespace {

constexpr std::string_view kPrefix = "/api/v1/";

std::optional<ResourceKey> KeyOf(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size() ||
      text.find('/', slash + 1) != std::string_view::npos)
    return std::nullopt;
  return ResourceKey{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

Actor ActorOf(const HttpPeer& peer) { return Cat("user ", peer.name, " (uid ", peer.uid, ")"); }

}  // namespace

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
      {kGet, "/api/v1/leases", kNone, "What is put aside now, and the line that puts it back.",
       Route::Leases},
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
