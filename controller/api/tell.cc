// What the API's routes tell.
#include <algorithm>
#include <charconv>

#include "controller/api/reply.h"
#include "controller/api/route.h"
#include "controller/api/why.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "metrics/text_format.h"

namespace holdfast {
namespace {

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

}  // namespace

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
  if (key) return ReplyOf(StatusDocument(board, api.Frame(), *key));
  json::object document = StatusDocument(board, api.Frame());
  document["epoch"] = api.context_.engine.memory().epoch;
  return JsonReply(document);
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
  json::object document = ChangesDocument(api.context_.engine.board(), api.Frame(), *since);
  document["epoch"] = api.context_.engine.memory().epoch;
  return JsonReply(document);
}

HttpReply Api::Route::Leases(Api& api, const HttpQuery&, const std::optional<ResourceKey>&) {
  json::array leases;
  api.context_.engine.ForEachLease([&](const ResourceKey& key, const Lease& lease) {
    leases.emplace_back(json::object{{"kind", key.kind},
                                     {"name", key.name},
                                     {"object", lease.object},
                                     {"before", lease.before},
                                     {"wrote", lease.wrote},
                                     {"why", lease.why},
                                     {"line", Line(lease.restore)}});
  });
  return JsonReply({{"formatVersion", kFormatVersion},
                    {"now", TimeJson(api.context_.clock.Now())},
                    {"leases", std::move(leases)}});
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

}  // namespace holdfast
