// holdfast history
#include <boost/asio/io_context.hpp>
#include <charconv>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/call.h"
#include "controller/cli/remembered.h"
#include "controller/cli/render.h"
#include "controller/cli/select.h"
#include "controller/world/real/real_clock.h"

namespace holdfast::cli {
namespace {

constexpr int kUsualLines = 50;
constexpr int kMostLines = 10'000;

// "24h" ago, or a moment.
Result<absl::Time> SinceIn(Call& call) {
  const std::string text = call.Flag("since");
  if (text.empty()) return absl::InfinitePast();
  boost::asio::io_context loop(1);
  if (const auto ago = ParseDuration(text)) return RealClock(loop.get_executor()).Now() - *ago;
  if (const auto moment = ParseRfc3339(text)) return *moment;
  return InvalidArgument(
      Cat("--since ", text, " is neither a duration such as 24h nor a time such as 2026-11-20T10:00:00Z"));
}

Result<HistoryQuery> QueryIn(Call& call) {
  HistoryQuery query{.limit = kUsualLines};
  query.since = HF_TRY(SinceIn(call));
  if (const std::string limit = call.Flag("limit"); !limit.empty()) {
    const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), query.limit);
    if (error != std::errc() || end != limit.data() + limit.size() || query.limit < 1 ||
        query.limit > kMostLines)
      return InvalidArgument(Cat("--limit ", limit, " is no number from 1 to ", kMostLines));
  }
  return query;
}

Result<json::object> Ask(Call& call, HistoryQuery& query) {
  std::string path = "/api/v1/history";
  if (!call.words().empty()) {
    const std::string& word = call.words()[0];
    const size_t slash = word.find('/');
    const ResourceKey key = slash != std::string::npos
                                ? ResourceKey{word.substr(0, slash), word.substr(slash + 1)}
                                : HF_TRY(SelectOne(call, word));
    query.kind = key.kind, query.name = key.name;
    path = PathTo("history", key);
  }
  Append(path, "?limit=", query.limit);
  if (query.since != absl::InfinitePast()) Append(path, "&since=", Rfc3339(query.since));
  return call.Get(path);
}

}  // namespace

int RunHistory(Call& call) {
  Result<HistoryQuery> query = QueryIn(call);
  if (!query.ok()) return call.Fail(kUsage, query.status().message());
  Result<json::object> document = Ask(call, *query);
  if (!document.ok() && call.IsDown()) document = RememberedHistory(call, document.status(), *query);
  if (!document.ok())
    return call.Fail(document.status(), call.IsDown() ? "start the daemon: holdfast run" : "");
  call.Tell(*document, HistoryText(*document, call.style()));
  return kDone;
}

}  // namespace holdfast::cli
